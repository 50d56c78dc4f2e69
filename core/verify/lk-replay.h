/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "image/lk-image.h"

G_BEGIN_DECLS

/*
 * LkReplay: whether frames stand still or come round again, as those of a film do that is
 * played instead of a camera.
 *
 * A camera's frames are never alike: its sensor has noise, and nobody holds still for long.
 * Of each frame the means of 32 x 24 cells are kept.  Two frames are alike when their cells
 * differ by no more than the noise does, which is measured in the frames themselves; none
 * counts as less than LK_REPLAY_LEAST_NOISE.  What is found so: a picture or a loop that is
 * fed in place of the camera's frames, as they are or coded anew, and a screen that stands
 * before a camera on a stand and shows a still.  What is not: a film that does not come
 * round, and what is held by hand.
 *
 * Source: of the noise of one frame, J. Immerkaer, "Fast Noise Variance Estimation", CVIU
 * 64(2), 1996.  The rest is our own.
 */
typedef struct _LkReplay LkReplay;

#define LK_REPLAY_N_FRAMES    600  /* that are remembered: 20 s at 30 frames a second */
#define LK_REPLAY_LEAST_LAG   8    /* frames after which a loop may come round */
#define LK_REPLAY_LEAST_NOISE 0.03 /* of a cell's mean, of 255 */
#define LK_REPLAY_ALIKE       1.6  /* times the noise up to which frames are alike */

typedef struct
{
  double stir; /* root mean square difference of the cells from the frame before, in times the
                  noise; infinite for the first frame */
  int run;     /* so many frames in a row, not counting those that stand still, are alike with
                  those the same number of frames before them */
} LkReplayFrame;

LkReplay *lk_replay_new (void);
void lk_replay_free (LkReplay *self); /* accepts NULL */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkReplay, lk_replay_free)

/* Forgets all frames; so does a frame of another size. */
void lk_replay_reset (LkReplay *self);

/* Takes no memory.  Half a millisecond or so at 640 x 480. */
void lk_replay_add (LkReplay *self, const LkImage *frame, LkReplayFrame *out);

G_END_DECLS
