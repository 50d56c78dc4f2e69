/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/lk-mailbox.h"
#include "camera/lk-camera.h"
#include "lk-inference.h"
#include "lk-keeper.h"
#include "lk-session.h"
#include "store/lk-store.h"

G_BEGIN_DECLS

typedef enum
{
  LK_WANTS_NOTHING,
  LK_WANTS_FACE,  /* the Enrol page */
  LK_WANTS_CHECK, /* the Verify page */
} LkWants;

typedef struct _LkSessionTrain LkSessionTrain;
typedef struct _LkSessionEnrol LkSessionEnrol;
typedef struct _LkSessionAdapt LkSessionAdapt;
typedef struct _LkSessionAttacks LkSessionAttacks;
typedef struct _LkSessionRefine LkSessionRefine;

/* One file a topic: lk-session.c (life, verification), -unlock.c, -camera.c, -people.c, -keys.c,
 * -train*.c. */
struct _LkSession
{
  LkWindow *window; /* (not owned) */
  LkVerifyPage *verify;
  LkEnrolPage *enrol;
  LkTrainPage *train;
  LkEvaluatePage *evaluate;
  GCancellable *cancellable; /* (owned): cancelled when the session ends */

  /* camera */
  LkCameraMonitor *monitor; /* (owned) */
  LkCamera *camera;         /* (owned) (nullable) */
  char *source;             /* (owned) (nullable): what the camera plays */
  GPtrArray *devices;       /* (owned) (nullable): of LkCameraDevice */
  LkMailbox *frames;        /* (owned): camera thread -> main, of LkFrame */
  LkMailbox *states;        /* (owned): camera thread -> main */
  LkFrame *frame;           /* (owned) (nullable): the newest */
  gint rule;                /* atomic: LkFaceRule */
  gint wants;               /* atomic: LkWants */

  /* verification */
  LkInference *inference;
  gboolean said_preparing; /* that a new model is being made ready */
  LkPolicy policy;
  LkCheck *check; /* (owned) (nullable): a copy of the last, for a slider that moves */
  gint64 rate_since_us;
  int n_shown, n_checked;
  gint64 latency_us;
  LkKeeper *keeper;    /* (owned) */
  gboolean can_unlock; /* a trained model, and somebody's anchors */

  GtkWidget *preferences; /* (nullable): weak */
  GtkWidget *attempts;    /* (nullable): weak */

  /* people */
  LkStore *store; /* (owned) (nullable): NULL when its folder cannot be used */
  int n_asked;    /* captures asked for that no usable frame has answered yet */
  LkCaptureKind asked;
  gboolean has_new_anchors; /* that the inference thread has not been told of */

  LkSessionEnrol *enrolling; /* (owned) (nullable): lk-session-enrol.c; NULL without a store */

  char *renamed[2]; /* (owned) (nullable): from and to, to be undone */
  char *gone;       /* (owned) (nullable): was verified until deleted */

  GtkWidget *key_dialog; /* (nullable): asking for a passphrase */

  LkSessionTrain *training;  /* (owned): lk-session-train.h */
  LkSessionAdapt *adapting;  /* (owned): lk-session-adapt.c */
  LkSessionRefine *refining; /* (owned) (nullable): lk-session-refine.c; NULL without a store */
  char *model;               /* (owned) (nullable): name of the model in use */

  /* evaluation */
  LkSessionAttacks *attacks; /* (owned): lk-session-attacks.c */
  GCancellable *measuring;   /* (owned) (nullable): of the run that goes on */
  GObject *measured;         /* (owned) (nullable): the last run's task, with its report */

  void (*undo) (LkSession *self); /* (nullable): of the newest toast */
};

void lk_session_start_camera (LkSession *self, const char *override);
void lk_session_stop_camera (LkSession *self);
/* Any thread: hands the frame on to the inference thread, if the page wants it. */
void lk_session_look_at (LkSession *self, LkFrame *frame);

/* What the page that is shown wants of frames, from now on. */
void lk_session_choose_wants (LkSession *self);

/* The policy that holds with @model goes to the page and to the inference thread. */
void lk_session_apply_policy (LkSession *self, LkModel *model);

void lk_session_start_preferences (LkSession *self);
/* What was chosen holds from the next frame on. */
void lk_session_apply_preferences (LkSession *self);

/* The page "Your Data" of the preferences. */
void lk_session_add_data (LkSession *self, GtkWidget *preferences);
/* The lock of the Verify page. */
void lk_session_start_unlock (LkSession *self);
/* Whether there is something to open it with, from now on; a try begins, or it locks. */
void lk_session_set_can_unlock (LkSession *self, gboolean can_unlock);
/* Another page, or this one again. */
void lk_session_turn_unlock (LkSession *self);
void lk_session_apply_unlock_preferences (LkSession *self);

void lk_session_start_people (LkSession *self);
/* People or their anchors have changed: lists, galleries and anchors anew. */
void lk_session_refresh_people (LkSession *self);
/* Without the anchors that are compared: those when the page is left. */
void lk_session_show_new_anchors (LkSession *self);
void lk_session_send_anchors (LkSession *self);
/* A frame was looked at for the Enrol page: answers a capture that was asked for. */
void lk_session_offer_face (LkSession *self, const LkSighting *seen, const GError *advice);

/* Renaming people; exporting and importing them as encrypted files; pictures from a folder. */
void lk_session_start_archive (LkSession *self);

void lk_session_start_enrolling (LkSession *self);
void lk_session_stop_enrolling (LkSession *self);
/* A frame for the enrolment that is led, if one is.  Returns: whether one is */
gboolean lk_session_lead (LkSession *self, const LkFrame *frame, const LkSighting *seen,
                          const GError *advice);

/* Takes back a session of @person's that was stored. */
void lk_session_drop_sitting (LkSession *self, const char *person, const char *session);

/* Further pictures of who was verified, where they were asked for. */
void lk_session_start_refining (LkSession *self);
void lk_session_stop_refining (LkSession *self);
/* A frame of the Verify page, after the lock was shown it. */
void lk_session_refine (LkSession *self, const LkSighting *seen, const LkCheck *check);

/* Opens the key of the pictures; asks for a passphrase where it is behind one. */
void lk_session_start_keys (LkSession *self);
void lk_session_stop_keys (LkSession *self);
/* Shows an error: as a toast, or where a key is missing by asking for it. */
void lk_session_report (LkSession *self, const GError *error);

/* Before people are listed. */
void lk_session_start_adapting (LkSession *self);
void lk_session_stop_adapting (LkSession *self);
/* Who could be adapted to.  @people: (element-type LkPerson) */
void lk_session_show_adaptable (LkSession *self, GPtrArray *people);
/* Another model, person or gallery is in use: what thresholds mean is found out anew. */
void lk_session_take_up_model (LkSession *self, LkModel *model);

void lk_session_start_training_page (LkSession *self);
void lk_session_stop_training (LkSession *self);
void lk_session_refresh_data (LkSession *self);
gboolean lk_session_is_training (LkSession *self);
void lk_session_start_evaluate_page (LkSession *self);
/* Models or people may have changed. */
void lk_session_refresh_evaluate_page (LkSession *self);
void lk_session_stop_evaluation (LkSession *self);

/* One's own attacks, on the Evaluate page. */
void lk_session_start_attacks (LkSession *self);
void lk_session_stop_attacks (LkSession *self);
/* Another page, model or gallery, or this one again: tries end, what was counted is shown. */
void lk_session_turn_attacks (LkSession *self);
gboolean lk_session_is_attacked (LkSession *self);
/* A frame, while tries go on. */
void lk_session_show_attack (LkSession *self, const LkFrame *frame, const LkSighting *seen,
                             const LkCheck *check, const GError *advice);
void lk_session_lose_attack (LkSession *self); /* the camera */

void lk_session_show_model (LkSession *self, LkModel *model);
/* A toast with "Undo", which calls @undo. */
void lk_session_toast_undo (LkSession *self, const char *sentence, void (*undo) (LkSession *self));

G_END_DECLS
