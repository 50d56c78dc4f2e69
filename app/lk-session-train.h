/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-session-private.h"
#include "lk-settings.h"
#include "store/lk-runs.h"
#include "train/lk-dataset.h"
#include "train/lk-pictures.h"

G_BEGIN_DECLS

/* A dataset that was looked at, with its crops.  Reference counted, for any thread. */
typedef struct
{
  gint n_refs; /* atomic */
  char *folder;
  guint64 seed;
  LkDataset *set;
  LkPictures *pictures;
} LkTrainingData;

LkTrainingData *lk_training_data_ref (LkTrainingData *self);
void lk_training_data_unref (LkTrainingData *self); /* accepts NULL */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkTrainingData, lk_training_data_unref)

/* The Train tab's part of the session.  One file a topic: lk-session-train.c (the training),
 * -train-data.c (what is trained on), -train-runs.c (records of runs). */
struct _LkSessionTrain
{
  LkTrainSetup *setup; /* (not owned), as the next two */
  LkTrainRecipe *recipe;
  LkTrainRun *run;

  LkTrainer *trainer; /* (owned) (nullable) */
  char *shown;        /* (owned) (nullable): the model whose run is shown */
  LkRun *record;      /* (owned) (nullable): of the training that is or was */
  LkRun *interrupted; /* (owned) (nullable): that could go on */

  char *folder;          /* (owned) (nullable): data to train on; NULL: the store's captures */
  LkTrainingData *data;  /* (owned) (nullable): what was found there */
  guint look_serial;     /* counts looks at the data; an older answer is dropped */
  guint preview_serial;  /* and previews */
  guint preview_timeout; /* 0: none is due */
  guint64 preview_seed;  /* which pictures */

  gint64 record_id;        /* of the run that is shown; 0: none */
  gboolean from_list;      /* it was opened from the list of earlier ones */
  gint64 deleted_id;       /* of the run that is being deleted, and can be undone; 0: none */
  LkTrainOptions options;  /* of the training that is or was; data is NULL before */
  GCancellable *comparing; /* (owned) (nullable): of the comparison that goes on */
  GObject *compared;       /* (owned) (nullable): the last one's task, with its report */

  char *replaced; /* (owned) (nullable): the model before "use this model", for undo */
  LkThresholds replaced_thresholds;
};

char *lk_session_train_get_folder (LkSession *self); /* (transfer full) */
void lk_session_train_connect_data (LkSession *self);
/* Pictures as the recipe changes them now; soon, and once for many changes. */
void lk_session_train_queue_preview (LkSession *self);

/* Keeps a record of a training: @preset (nullable). */
void lk_session_train_begin_record (LkSession *self, const LkTrainOptions *options,
                                    const char *preset);
void lk_session_train_record (LkSession *self, const LkTrainProgress *progress);
/* What is recorded of the run's epochs, on the page of runs. */
void lk_session_train_show_curves (LkSession *self, const LkRun *run);
void lk_session_train_connect_runs (LkSession *self);
void lk_session_train_refresh_runs (LkSession *self);
void lk_session_train_finish_delete (LkSession *self);
/* What the record says, with resume set.  FALSE: there is nothing that could go on. */
gboolean lk_session_train_get_interrupted (LkSession *self, LkTrainOptions *options);

/* The report: the new model and the one in use, on the pairs of the training's test. */
void lk_session_train_connect_result (LkSession *self);
/* @split: (nullable): no report unless the pictures are still split as this digest says */
void lk_session_train_compare (LkSession *self, const LkTrainOptions *options, const char *model,
                               const char *split);
void lk_session_train_stop_comparing (LkSession *self);
/* (transfer full): the shown run's, a line an epoch */
char *lk_session_train_curves_to_csv (LkSession *self, GError **error);

G_END_DECLS
