/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "camera/lk-camera.h"

#include <pthread.h>

G_BEGIN_DECLS

/* Keeps what a camera says, for a test on another thread to wait for.  The fields are
 * the test's to read once the camera has stopped. */
typedef struct
{
  pthread_mutex_t lock; /* guards all below */
  pthread_cond_t wake;
  guint n_frames;
  LkFrame *last;       /* (owned) (nullable) */
  GPtrArray *names;    /* (owned) of char *: base names of the frames, when they have one */
  GString *states;     /* (owned): a letter each: S starting, P playing, F failed, E ended */
  LkCameraState state; /* the latest */
  char *detail;        /* (owned) (nullable) */
  GError *error;       /* (owned) (nullable) */
  LkCamera *camera;    /* (owned) (nullable) */
} Recorder;

#define RECORDER_WAIT_MS 10000 /* for what must come: only a failing test waits so long */

#define RECORDER_RETRY_MS 100 /* between a failure and the next try */

/* Starts a camera; @options may leave all but the source at 0. */
Recorder *recorder_new (const LkCameraOptions *options);
/* Stops it, which must take less than 100 ms (ten times that where it is
 * instrumented or the machine has more to do than it can).  */
void recorder_stop (Recorder *self);
void recorder_free (Recorder *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Recorder, recorder_free)

/* Wait for so many frames in all, for a state, for an error; fail if it does not come. */
void recorder_wait_frames (Recorder *self, guint n);
void recorder_wait_state (Recorder *self, LkCameraState state);
void recorder_wait_error (Recorder *self, int code);

/* Whether a sanitizer or valgrind makes times and memory say little about the camera. */
gboolean recorder_is_instrumented (void);

LkFrame *recorder_get_last (Recorder *self); /* (transfer full) (nullable) */

/* Red on the left, blue on the right, as all the tests' pictures are. */
void assert_red_and_blue (const LkImage *image, int width, int height);
LkImage *red_and_blue (int width, int height);

G_END_DECLS
