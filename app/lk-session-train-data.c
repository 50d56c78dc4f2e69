/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-session"

#include "face/lk-face.h"
#include "lk-models.h"
#include "lk-session-train.h"
#include "store/lk-paths.h"
#include "train/lk-augment.h"

#include <glib/gi18n.h>

#define N_PREVIEW  8
#define PREVIEW_MS 150      /* a spin button that is held down asks once */
#define MAX_PAIRED 4000     /* pictures whose pairs are counted: as many comparisons squared */
#define MAX_KEPT   16777216 /* bytes of crops */

LkTrainingData *
lk_training_data_ref (LkTrainingData *self)
{
  g_atomic_int_inc (&self->n_refs);
  return self;
}

void
lk_training_data_unref (LkTrainingData *self)
{
  if (self == NULL || !g_atomic_int_dec_and_test (&self->n_refs))
    return;
  lk_pictures_free (self->pictures);
  lk_dataset_free (self->set);
  g_free (self->folder);
  g_free (self);
}

char *
lk_session_train_get_folder (LkSession *self)
{
  return self->training->folder != NULL ? g_strdup (self->training->folder)
                                        : lk_paths_user ("captures", NULL);
}

/* ---- what is there ---- */

typedef struct
{
  LkSession *session;
  guint serial;
  char *folder;
  guint64 seed;
  LkDataInfo info;
  char *sentence; /* (nullable) */
} Look;

static void
look_free (gpointer data)
{
  Look *look = data;

  g_free (look->folder);
  g_free (look->sentence);
  g_free (look);
}

/* Different pairs of the pictures for training. */
static void
count_pairs (const LkDataset *set, LkDataInfo *info)
{
  g_autoptr (GArray) samples = g_array_new (FALSE, FALSE, sizeof (int));

  info->n_genuine = info->n_impostor = -1;
  if (info->summary.n_pictures[LK_PART_TRAIN] > MAX_PAIRED)
    return;
  info->n_genuine = info->n_impostor = 0;
  for (int i = 0; i < lk_dataset_get_n_samples (set); i++)
    if (lk_dataset_get_sample (set, i)->part == LK_PART_TRAIN)
      g_array_append_val (samples, i);
  for (guint i = 0; i < samples->len; i++)
    for (guint j = i + 1; j < samples->len; j++)
      {
        LkRelation relation = lk_dataset_compare (set, g_array_index (samples, int, i),
                                                  g_array_index (samples, int, j));

        info->n_genuine += relation == LK_RELATION_SAME;
        info->n_impostor += relation == LK_RELATION_DIFFERENT;
      }
}

static void
look_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Look *look = data;
  g_autoptr (GError) error = NULL;
  LkDataset *set = lk_dataset_open (look->folder, look->seed, &error);
  LkTrainingData *found;

  if (set == NULL)
    {
      look->sentence = g_strdup (error->message);
      g_task_return_pointer (task, NULL, NULL);
      return;
    }
  look->sentence = lk_dataset_get_report (set);
  lk_dataset_get_summary (set, &look->info.summary);
  count_pairs (set, &look->info);
  found = g_new0 (LkTrainingData, 1);
  *found = (LkTrainingData){ 1, g_strdup (look->folder), look->seed, set,
                             lk_pictures_new (set, MAX_KEPT) };
  g_task_return_pointer (task, found, (GDestroyNotify) lk_training_data_unref);
}

static void
on_looked (GObject *object, GAsyncResult *result, gpointer data)
{
  Look *look = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  g_autoptr (LkTrainingData) found = g_task_propagate_pointer (G_TASK (result), &error);
  LkSessionTrain *train;

  if (error != NULL || g_cancellable_is_cancelled (g_task_get_cancellable (G_TASK (result))))
    return; /* the session is gone */
  train = look->session->training;
  if (look->serial != train->look_serial)
    return; /* a newer look is on its way */
  g_clear_pointer (&train->data, lk_training_data_unref);
  train->data = found != NULL ? lk_training_data_ref (found) : NULL;
  lk_train_setup_set_data (train->setup, train->folder, found != NULL ? &look->info : NULL,
                           look->sentence, found != NULL);
  lk_session_train_queue_preview (look->session);
}

void
lk_session_refresh_data (LkSession *self)
{
  g_autoptr (GTask) task = NULL;
  Look *look;

  if (self->training == NULL)
    return; /* the people come first; the page will ask itself */
  task = g_task_new (NULL, self->cancellable, on_looked, NULL);
  look = g_new0 (Look, 1);
  look->session = self;
  look->serial = ++self->training->look_serial;
  look->folder = lk_session_train_get_folder (self);
  look->seed = lk_train_recipe_get_options (self->training->recipe)->seed;
  g_task_set_source_tag (task, lk_session_refresh_data);
  g_task_set_task_data (task, look, look_free);
  g_task_run_in_thread (task, look_in_thread);
}

static void
on_data_chosen (LkTrainSetup *setup, GFile *folder, LkSession *self)
{
  g_free (self->training->folder);
  self->training->folder = folder != NULL ? g_file_get_path (folder) : NULL;
  lk_session_refresh_data (self);
}

/* ---- what the network will see ---- */

typedef struct
{
  LkSession *session;
  guint serial;
  LkTrainingData *data;
  LkAugment augment;
  int height, width, channels; /* of the network's input */
  guint64 seed;
} Preview;

static void
preview_free (gpointer data)
{
  Preview *preview = data;

  lk_training_data_unref (preview->data);
  g_free (preview);
}

/* The numbers that the network is given, as a picture. */
static LkImage *
to_input (const Preview *self, const LkImage *crop)
{
  gsize n = (gsize) self->height * (gsize) self->width;
  g_autofree float *input = g_new (float, n *(gsize) self->channels);
  guint8 *pixels = g_malloc (3 * n);

  lk_face_to_input (crop, self->height, self->width, self->channels, input);
  for (gsize i = 0; i < n; i++)
    for (gsize c = 0; c < 3; c++)
      {
        float value = self->channels == 3 ? input[3 * i + c] : input[i];

        pixels[3 * i + c] = (guint8) (CLAMP (value, 0, 1) * 255 + 0.5f);
      }
  return lk_image_new_take (self->width, self->height, pixels);
}

static LkImage *
make_crop (const Preview *self, int sample, LkRandom *random)
{
  g_autoptr (LkImage) crop = lk_pictures_get (self->data->pictures, sample, NULL), changed = NULL;

  if (crop == NULL)
    return NULL;
  changed = lk_augment_apply (&self->augment, crop, lk_pictures_get_margin (crop), random);
  return to_input (self, changed);
}

static void
preview_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Preview *preview = data;
  GPtrArray *crops = g_ptr_array_new_with_free_func ((GDestroyNotify) lk_image_unref);
  g_autoptr (GArray) samples = g_array_new (FALSE, FALSE, sizeof (int));
  LkRandom random;

  for (int i = 0; i < lk_dataset_get_n_samples (preview->data->set); i++)
    if (lk_dataset_get_sample (preview->data->set, i)->part == LK_PART_TRAIN)
      g_array_append_val (samples, i);
  lk_random_seed (&random, preview->seed);
  if (samples->len > 0)
    lk_random_shuffle (&random, (int *) (gpointer) samples->data, (int) samples->len);
  for (guint i = 0; i < MIN (samples->len, 4 * N_PREVIEW) && crops->len < N_PREVIEW; i++)
    {
      LkImage *crop = make_crop (preview, g_array_index (samples, int, i), &random);

      if (crop != NULL) /* a picture without a face is left out here as in training */
        g_ptr_array_add (crops, crop);
    }
  g_task_return_pointer (task, crops, (GDestroyNotify) g_ptr_array_unref);
}

static void
on_preview (GObject *object, GAsyncResult *result, gpointer data)
{
  Preview *preview = g_task_get_task_data (G_TASK (result));
  g_autoptr (GPtrArray) crops = g_task_propagate_pointer (G_TASK (result), NULL);

  if (crops == NULL || g_cancellable_is_cancelled (g_task_get_cancellable (G_TASK (result))))
    return;
  if (preview->serial == preview->session->training->preview_serial)
    lk_train_setup_set_preview (preview->session->training->setup, crops);
}

static gboolean
start_preview (gpointer user_data)
{
  LkSession *self = user_data;
  LkSessionTrain *train = self->training;
  const LkTrainOptions *options = lk_train_recipe_get_options (train->recipe);
  g_autoptr (GTask) task = NULL;
  Preview *preview;

  train->preview_timeout = 0;
  train->preview_serial++;
  if (train->data == NULL)
    {
      lk_train_setup_set_preview (train->setup, NULL);
      return G_SOURCE_REMOVE;
    }
  task = g_task_new (NULL, self->cancellable, on_preview, NULL);
  preview = g_new0 (Preview, 1);
  *preview = (Preview){ .session = self,
                        .serial = train->preview_serial,
                        .data = lk_training_data_ref (train->data),
                        .augment = options->augment,
                        .height = LK_FACE_CROP_SIDE,
                        .width = LK_FACE_CROP_SIDE,
                        .channels = 3,
                        .seed = train->preview_seed };
  lk_models_get_input (options->network, &preview->height, &preview->width, &preview->channels);
  g_task_set_source_tag (task, start_preview);
  g_task_set_task_data (task, preview, preview_free);
  g_task_run_in_thread (task, preview_in_thread);
  return G_SOURCE_REMOVE;
}

void
lk_session_train_queue_preview (LkSession *self)
{
  g_clear_handle_id (&self->training->preview_timeout, g_source_remove);
  self->training->preview_timeout = g_timeout_add (PREVIEW_MS, start_preview, self);
}

static void
on_preview_wanted (LkTrainSetup *setup, LkSession *self)
{
  self->training->preview_seed++;
  lk_session_train_queue_preview (self);
}

static void
on_recipe_changed (LkTrainRecipe *recipe, LkSession *self)
{
  const LkTrainingData *data = self->training->data;

  if (data != NULL && data->seed != lk_train_recipe_get_options (recipe)->seed)
    lk_session_refresh_data (self); /* another split */
  else
    lk_session_train_queue_preview (self);
}

void
lk_session_train_connect_data (LkSession *self)
{
  LkSessionTrain *train = self->training;

  g_signal_connect (train->setup, "data-chosen", G_CALLBACK (on_data_chosen), self);
  g_signal_connect (train->setup, "preview-wanted", G_CALLBACK (on_preview_wanted), self);
  g_signal_connect (train->recipe, "changed", G_CALLBACK (on_recipe_changed), self);
}
