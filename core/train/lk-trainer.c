/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-trainer.h"

#include "base/lk-error.h"
#include "eval/lk-metrics.h"

#include "lk-train-meta.h"
#include "lk-train-options.h"
#include "lk-train-report.h"
#include "lk-training.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NICE     10
#define ALIKE    1e-4  /* deviation of scores that tell nothing apart */
#define MOVING   0.002 /* share by which validation loss falls from epoch to epoch, if it learns */
#define GUESSING 0.03  /* share of ln 2 by which a loss may differ and be one of guessing */

struct _LkTrainer
{
  LkTrainOptions options;
  LkDataset *set;
  LkPictures *pictures;
  LkTrainReport *report;
  char *checkpoint; /* path */
  char *settings;   /* what must agree with a checkpoint's: see lk-training.h */
  char *data;
  int steps_per_epoch;
  pthread_t thread;

  /* The trainer's thread: */
  LkTraining *training;
  LkTrainProgress progress;
  double step_s;               /* smoothed time of a step */
  int n_guessing;              /* epochs in a row whose loss was what guessing costs */
  double last_validation_loss; /* of the epoch before; 0: none */
  double validation_s;         /* time of the last validation */
  gint64 busy_us, wait_us;     /* in steps; of that, for pictures */

  pthread_mutex_t lock; /* guards everything below */
  pthread_cond_t changed;
  gboolean pause, stop;
  gboolean testing; /* no more steps are taken */
  gboolean abandon; /* the test as well */
};

static double
seconds_since (gint64 start)
{
  return (double) (g_get_monotonic_time () - start) / 1e6;
}

static void
post (LkTrainer *self, LkTrainState state, GError *error)
{
  self->progress.state = state;
  self->progress.n_unusable = lk_pictures_get_n_bad (self->pictures);
  lk_train_report_post (self->report, &self->progress, error);
}

/* FALSE when it is to stop.  Waits while it is to pause. */
static gboolean
may_go_on (LkTrainer *self)
{
  gboolean stop;

  pthread_mutex_lock (&self->lock);
  while (self->pause && !self->stop)
    {
      pthread_mutex_unlock (&self->lock);
      post (self, LK_TRAIN_PAUSED, NULL);
      pthread_mutex_lock (&self->lock);
      while (self->pause && !self->stop)
        pthread_cond_wait (&self->changed, &self->lock);
    }
  stop = self->stop;
  pthread_mutex_unlock (&self->lock);
  return !stop;
}

static gboolean
is_stopped (gpointer data)
{
  LkTrainer *self = data;
  gboolean stop;

  pthread_mutex_lock (&self->lock);
  stop = self->testing ? self->abandon : self->stop;
  pthread_mutex_unlock (&self->lock);
  return stop;
}

/* Scores of the pairs of a part that is not trained on, always the same pairs. */
static gboolean
score_part (LkTrainer *self, LkPart part, LkScoring scoring, LkScores *scores)
{
  LkDatasetSummary summary;
  int n;

  lk_dataset_get_summary (self->set, &summary);
  n = self->options.evaluation_pairs > 0 ? self->options.evaluation_pairs
                                         : LK_TRAIN_EVALUATION_PAIRS;
  n = MIN (n, 4 * summary.n_pictures[part]) / 2 * 2;
  return lk_training_score (self->training, self->set, self->pictures, part, n,
                            lk_stream_seed (self->options.seed, LK_STREAM_EVALUATION, part),
                            scoring, is_stopped, self, scores);
}

static void
count_scores (const LkScores *scores, double threshold, LkConfusion *confusion)
{
  lk_confusion_count ((const float *) (gpointer) scores->scores->data,
                      (const gboolean *) (gpointer) scores->same->data, (int) scores->scores->len,
                      threshold, confusion);
}

/* Whether all scores are nearly the same, whoever the pictures show. */
static gboolean
are_alike (const LkScores *scores)
{
  double sum = 0, squares = 0, n = scores->scores->len;

  for (guint i = 0; i < scores->scores->len; i++)
    {
      double score = (double) g_array_index (scores->scores, float, i);

      sum += score;
      squares += score * score;
    }
  return n > 1 && sqrt (MAX (0, squares / n - sum / n * sum / n)) < ALIKE;
}

/* After the epoch's mean loss is known. */
static void
look_for_trouble (LkTrainer *self, gboolean alike)
{
  LkTrainProgress *p = &self->progress;
  gboolean moving = p->validation_loss < (1 - MOVING) * self->last_validation_loss;
  gboolean guessing = self->options.loss == LK_TRAIN_CROSS_ENTROPY &&
                      fabs (p->mean_loss - G_LN2) < GUESSING * G_LN2 && !moving;

  self->last_validation_loss = p->validation_loss;
  self->n_guessing = guessing ? self->n_guessing + 1 : 0;
  p->warning = alike                  ? LK_TRAIN_WARNING_ALIKE
               : self->n_guessing > 1 ? LK_TRAIN_WARNING_GUESSING
                                      : LK_TRAIN_WARNING_NONE;
}

/* FALSE when it was told to stop instead. */
static gboolean
validate (LkTrainer *self)
{
  gint64 start = g_get_monotonic_time ();
  g_auto (LkScores) scores = { 0 };
  g_autoptr (GArray) roc = NULL;
  LkConfusion confusion;

  if (!score_part (self, LK_PART_VALIDATION, self->options.scoring, &scores))
    return FALSE;
  count_scores (&scores, 0.5, &confusion);
  roc = lk_roc ((const float *) (gpointer) scores.scores->data,
                (const gboolean *) (gpointer) scores.same->data, (int) scores.scores->len);
  self->progress.validation_loss = scores.loss;
  self->progress.eer = lk_roc_eer (roc);
  self->progress.auc = lk_roc_auc (roc);
  self->progress.tar = lk_roc_tar_at_far (roc, 0.01);
  self->progress.precision = lk_confusion_precision (&confusion);
  self->progress.recall = lk_confusion_recall (&confusion);
  if (self->options.one_shot_ways > 0)
    {
      self->progress.one_shot = lk_training_one_shot (
          self->training, self->pictures, LK_PART_VALIDATION, self->options.one_shot_ways,
          self->options.one_shot_trials > 0 ? self->options.one_shot_trials
                                            : LK_TRAIN_ONE_SHOT_TRIALS,
          lk_stream_seed (self->options.seed, LK_STREAM_TRIALS, 0), self->options.scoring,
          is_stopped, self);
      if (is_stopped (self))
        return FALSE;
    }
  look_for_trouble (self, are_alike (&scores));
  self->validation_s = seconds_since (start);
  return TRUE;
}

static void
estimate (LkTrainer *self, gint64 start, gint64 waited)
{
  LkTrainProgress *p = &self->progress;
  gint64 us = g_get_monotonic_time () - start;
  double s = (double) us / 1e6;
  int epochs_left = p->epochs - p->step / self->steps_per_epoch;

  self->step_s = self->busy_us == 0 ? s : 0.9 * self->step_s + 0.1 * s;
  self->busy_us += us;
  self->wait_us += waited;
  p->pictures_per_s = self->training->batch / MAX (1e-9, self->step_s);
  p->pairs_per_s = p->pictures_per_s / 2;
  p->waited = (double) self->wait_us / (double) MAX (1, self->busy_us);
  p->eta_s = (p->steps - p->step) * self->step_s + epochs_left * self->validation_s;
}

static gboolean
save_checkpoint (LkTrainer *self, GError **error)
{
  return lk_checkpoint_save (self->training, self->checkpoint, self->settings, self->data, error);
}

/* Whether an epoch has ended that has not been validated: it may have been interrupted. */
static gboolean
epoch_is_over (LkTrainer *self)
{
  int step = self->training->step;

  return step % self->steps_per_epoch == 0 &&
         step / self->steps_per_epoch > self->training->n_validated;
}

static gboolean
end_epoch (LkTrainer *self, GError **error)
{
  LkTrainProgress *p = &self->progress;
  int epoch = p->step / self->steps_per_epoch;
  gboolean validated;

  p->mean_loss = self->training->epoch_loss / self->steps_per_epoch;
  lk_training_swap_average (self->training);
  validated = validate (self);
  if (validated)
    {
      lk_training_keep (self->training);
      lk_training_note (self->training, epoch,
                        self->options.judge == LK_JUDGE_ONE_SHOT ? 1 - p->one_shot : p->eer,
                        p->validation_loss);
    }
  lk_training_swap_average (self->training);
  if (!validated)
    return TRUE;
  p->epoch = epoch;
  p->best_epoch = self->training->best_epoch;
  if (epoch % self->options.checkpoint_epochs == 0 && epoch < p->epochs &&
      !save_checkpoint (self, error))
    return FALSE;
  p->epoch_ended = TRUE;
  post (self, LK_TRAIN_RUNNING, NULL);
  p->epoch_ended = FALSE;
  return TRUE;
}

static gboolean
out_of_patience (LkTrainer *self)
{
  const LkTraining *t = self->training;

  return self->options.patience > 0 && t->best_epoch > 0 &&
         t->n_validated - t->best_epoch >= self->options.patience;
}

/* Ends the run at the last epoch's end, or with the error when there was none. */
static gboolean
recover (LkTrainer *self, GError **error)
{
  if (!lk_training_go_back (self->training))
    return FALSE;
  g_clear_error (error);
  self->progress.diverged = TRUE;
  return TRUE;
}

static gboolean
train (LkTrainer *self, LkLoader *loader, GError **error)
{
  LkTrainProgress *p = &self->progress;

  for (;;)
    {
      gint64 start, loaded;
      const LkBatch *batch;
      int in_epoch;

      if (epoch_is_over (self) && !end_epoch (self, error))
        return FALSE;
      if (p->step >= p->steps || out_of_patience (self) || !may_go_on (self))
        return TRUE;

      in_epoch = p->step % self->steps_per_epoch + 1;
      if (in_epoch == 1)
        self->training->epoch_loss = 0;
      start = g_get_monotonic_time ();
      batch = lk_loader_take (loader, error);
      loaded = g_get_monotonic_time ();
      if (batch == NULL)
        return FALSE;
      if (!lk_training_step (self->training, batch, &p->loss, error))
        return recover (self, error);
      p->epoch = p->step / self->steps_per_epoch + 1;
      p->step = self->training->step;
      p->mean_loss = self->training->epoch_loss / in_epoch;
      estimate (self, start, loaded - start);
      if (in_epoch < self->steps_per_epoch)
        post (self, LK_TRAIN_RUNNING, NULL);
    }
}

/* Chooses the threshold on the validation part and counts the test part at it. */
static void
test (LkTrainer *self, double *threshold)
{
  LkTrainEvaluation *out = &self->progress.test;
  g_auto (LkScores) validation = { 0 }, scores = { 0 };
  LkConfusion confusion;

  *threshold = (double) NAN;
  if (score_part (self, LK_PART_VALIDATION, LK_SCORING_HEAD, &validation))
    {
      const float *numbers = (const float *) (gpointer) validation.scores->data;
      int n = (int) validation.scores->len;
      double best = lk_best_f1_threshold (numbers,
                                          (const gboolean *) (gpointer) validation.same->data, n);

      /* The best itself is the score of a genuine pair: the next that is a little lower would
       * be refused. */
      *threshold = lk_threshold_in_gap (numbers, n, best);
    }
  if (!score_part (self, LK_PART_TEST, LK_SCORING_HEAD, &scores))
    return;
  out->n_pairs = (int) scores.scores->len;
  out->loss = scores.loss;
  out->threshold = isnan (*threshold) ? 0.5 : *threshold;
  count_scores (&scores, out->threshold, &confusion);
  lk_histogram ((const float *) (gpointer) scores.scores->data,
                (const gboolean *) (gpointer) scores.same->data, out->n_pairs, 0, 1, LK_TRAIN_BINS,
                out->genuine, out->impostor);
  out->true_positives = confusion.true_positives;
  out->false_positives = confusion.false_positives;
  out->true_negatives = confusion.true_negatives;
  out->false_negatives = confusion.false_negatives;
}

/* Checkpoint first: it is what must not be lost while the test goes on. */
static gboolean
finish (LkTrainer *self, GError **error)
{
  g_autofree char *name = g_path_get_basename (self->options.output);
  g_autoptr (GHashTable) meta = NULL;
  g_autoptr (LkModel) model = NULL;
  double threshold;

  pthread_mutex_lock (&self->lock);
  self->testing = TRUE;
  pthread_mutex_unlock (&self->lock);
  if (self->progress.step == 0)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED,
                           _ ("Training was stopped before its first step. Nothing was written."));
      return FALSE;
    }
  post (self, LK_TRAIN_TESTING, NULL);
  /* What diverged once would do so again: the checkpoint before is what can be gone on from. */
  if (!self->progress.diverged && !save_checkpoint (self, error))
    return FALSE;
  lk_training_use_best (self->training);
  if (!lk_training_trains_head (self->training))
    lk_training_fit_head (self->training, self->pictures, is_stopped, self);
  test (self, &threshold);
  meta = lk_train_describe (&self->options, self->set, self->training, &self->progress, threshold);
  model = lk_model_new (self->training->architecture, name, self->training->params, meta, error);
  return model != NULL && lk_model_save (model, self->options.output, FALSE, error);
}

static gboolean
set_up (LkTrainer *self, LkLoader **loader, GError **error)
{
  const LkTrainOptions *o = &self->options;
  g_autoptr (LkModel) model = lk_model_load_to_train (o->network, error);
  LkTrainProgress *p = &self->progress;
  LkLoaderOptions loading = { .set = self->set,
                              .pictures = self->pictures,
                              .sampler = lk_train_options_get_sampler (o),
                              .steps_per_epoch = self->steps_per_epoch,
                              .seed = o->seed,
                              .augment = o->augment,
                              .alone = o->alone,
                              .relations = o->loss == LK_TRAIN_TRIPLET ||
                                           (o->sampling == LK_SAMPLING_PEOPLE &&
                                            o->loss <= LK_TRAIN_CONTRASTIVE),
                              .end_step = p->steps };

  if (model == NULL)
    return FALSE;
  if (lk_network_has_maps (lk_model_get_network (model)))
    {
      g_set_error (error, LK_ERROR, LK_ERROR_SHAPE,
                   _ ("The network “%s” finds things in pictures and cannot be trained on faces "
                      "here.  Choose another network."),
                      o->network);
      return FALSE;
    }
  self->training = lk_training_new (model, o, self->set, error);
  if (self->training == NULL)
    return FALSE;
  if (o->resume && g_file_test (self->checkpoint, G_FILE_TEST_EXISTS) &&
      !lk_checkpoint_load (self->training, self->checkpoint, self->settings, self->data, error))
    return FALSE;
  /* The head alone begins where Newton's way leaves it: augmentation is what is left to learn. */
  if (o->freeze && self->training->step == 0)
    lk_training_fit_head (self->training, self->pictures, is_stopped, self);
  p->step = self->training->step;
  if (p->step > 0)
    lk_training_keep (self->training);
  p->best_epoch = self->training->best_epoch;
  p->epoch = MIN (p->step / self->steps_per_epoch + 1, p->epochs);
  lk_network_get_input (self->training->network, &loading.height, &loading.width,
                        &loading.channels);
  loading.first_step = p->step;
  *loader = lk_loader_new (&loading, error);
  return *loader != NULL;
}

static void *
run (void *user_data)
{
  LkTrainer *self = user_data;
  g_autoptr (GError) error = NULL;
  LkLoader *loader = NULL;
  gboolean ok;

  if (!self->options.alone)
    setpriority (PRIO_PROCESS, (id_t) syscall (SYS_gettid), NICE);
  post (self, LK_TRAIN_LOADING, NULL);
  ok = set_up (self, &loader, &error);
  if (ok)
    {
      post (self, LK_TRAIN_RUNNING, NULL);
      ok = train (self, loader, &error);
    }
  lk_loader_free (loader);
  ok = ok && finish (self, &error);
  self->progress.eta_s = 0;
  post (self, ok ? LK_TRAIN_DONE : LK_TRAIN_FAILED, g_steal_pointer (&error));
  return NULL;
}

static void
free_parts (LkTrainer *self)
{
  lk_training_free (self->training);
  lk_train_report_free (self->report);
  lk_pictures_free (self->pictures);
  lk_dataset_free (self->set);
  lk_train_options_clear (&self->options);
  g_free (self->checkpoint);
  g_free (self->settings);
  g_free (self->data);
  pthread_cond_destroy (&self->changed);
  pthread_mutex_destroy (&self->lock);
  g_free (self);
}

static gboolean
check_trials (const LkTrainOptions *options, const LkDataset *set, GError **error)
{
  int n = 1;

  if (options->one_shot_ways > 0)
    g_free (lk_dataset_trials (set, LK_PART_VALIDATION, options->one_shot_ways, 1, 0, &n));
  if (n > 0)
    return TRUE;
  g_set_error (error, LK_ERROR, LK_ERROR_NO_DATA,
               _ ("There are too few people to validate on for one-shot trials with %d candidates. "
                  "Choose fewer candidates, or none."),
                  options->one_shot_ways);
  return FALSE;
}

LkTrainer *
lk_trainer_start (const LkTrainOptions *options, LkTrainFunc progress, gpointer data,
                  GError **error)
{
  g_autoptr (LkDataset) set = NULL;
  LkSampler sampler;
  LkTrainer *self;
  int steps;

  if (!lk_train_options_check (options, error))
    return NULL;
  set = lk_dataset_open (options->data, options->seed, error);
  if (set == NULL)
    return NULL;
  sampler = lk_train_options_get_sampler (options);
  if (!lk_sampler_check (&sampler, set, error) || !check_trials (options, set, error))
    return NULL;
  steps = options->steps_per_epoch > 0 ? options->steps_per_epoch
                                       : lk_sampler_get_steps (&sampler, set);
  if (options->epochs > G_MAXINT / steps)
    {
      g_set_error_literal (
          error, LK_ERROR, LK_ERROR_TOO_LARGE,
          _ ("That many epochs of that many steps cannot be counted. Choose fewer."));
      return NULL;
    }

  self = g_new0 (LkTrainer, 1);
  lk_train_options_copy (options, &self->options);
  self->set = g_steal_pointer (&set);
  self->pictures = lk_pictures_new (self->set, lk_pictures_get_default_limit ());
  self->report = lk_train_report_new (progress, data);
  self->steps_per_epoch = steps;
  self->checkpoint = g_strconcat (options->output, ".checkpoint", NULL);
  self->options.steps_per_epoch = steps;
  self->settings = lk_checkpoint_describe_settings (&self->options);
  self->data = lk_dataset_get_digest (self->set);
  self->progress = (LkTrainProgress){ .epochs = options->epochs,
                                      .steps = options->epochs * steps,
                                      .loss = (double) NAN,
                                      .mean_loss = (double) NAN,
                                      .precision = (double) NAN,
                                      .recall = (double) NAN,
                                      .validation_loss = (double) NAN,
                                      .eer = (double) NAN,
                                      .auc = (double) NAN,
                                      .tar = (double) NAN,
                                      .one_shot = (double) NAN,
                                      .eta_s = (double) NAN };
  pthread_mutex_init (&self->lock, NULL);
  pthread_cond_init (&self->changed, NULL);
  if (pthread_create (&self->thread, NULL, run, self) != 0)
    {
      g_set_error_literal (
          error, LK_ERROR, LK_ERROR_TOO_LARGE,
          _ ("The system has no room for another thread, so training cannot start. "
             "Close other programs and try again."));
      free_parts (self);
      return NULL;
    }
  return self;
}

static void
set_flag (LkTrainer *self, gboolean *flag, gboolean value)
{
  pthread_mutex_lock (&self->lock);
  *flag = value;
  pthread_cond_signal (&self->changed);
  pthread_mutex_unlock (&self->lock);
}

void
lk_trainer_pause (LkTrainer *self)
{
  set_flag (self, &self->pause, TRUE);
}

void
lk_trainer_resume (LkTrainer *self)
{
  set_flag (self, &self->pause, FALSE);
}

void
lk_trainer_stop (LkTrainer *self)
{
  pthread_mutex_lock (&self->lock);
  if (self->testing)
    self->abandon = TRUE;
  self->stop = TRUE;
  pthread_cond_signal (&self->changed);
  pthread_mutex_unlock (&self->lock);
}

const LkDataset *
lk_trainer_get_dataset (LkTrainer *self)
{
  return self->set;
}

void
lk_trainer_free (LkTrainer *self)
{
  if (self == NULL)
    return;
  set_flag (self, &self->abandon, TRUE);
  set_flag (self, &self->stop, TRUE);
  pthread_join (self->thread, NULL);
  free_parts (self);
}
