/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-enroller"

#include "lk-enroller.h"

#include "base/lk-error.h"
#include "base/lk-secret.h"
#include "eval/lk-meaning.h"
#include "lk-embedder.h"
#include "lk-models.h"
#include "lk-settings.h"
#include "verify/lk-verifier.h"

#include <glib/gi18n.h>
#include <string.h>

#define LASTS_US  (500 * 1000) /* a frame that cannot be used now and then is no word worth */
#define THUMBNAIL 12 /* side: what pictures are told apart by where no network was trained */

/* What the settings say of the policy, for a thread, which cannot ask them; below 0: the model's
 * own. */
typedef struct
{
  gboolean vote;
  double detection, match, verification;
} Wishes;

struct _LkEnroller
{
  LkEnrollerFunc news;
  gpointer data;
  char *person, *model; /* (nullable) */
  Wishes wishes;
  int n_anchors, n_positives;

  LkEnrolment *enrolment;
  LkImage *faces[LK_ENROL_N_SLOTS], *crops[LK_ENROL_N_SLOTS]; /* (nullable) */
  char *advice;                                               /* (nullable) */
  gint64 usable_us;                                           /* when a frame was, last */
  char *duplicate;                                            /* (nullable) */
  gboolean has_searched, is_waiting, is_chosen;
  GPtrArray *chosen[LK_N_CAPTURE_KINDS]; /* the negatives stay empty */

  GCancellable *cancellable;
  gboolean is_working;
};

/* What a thread works on; its own. */
typedef struct
{
  gboolean is_search; /* for a duplicate; else the choice */
  char *person, *model;
  Wishes wishes;
  LkPolicy policy;
  LkImage *crops[LK_ENROL_N_SLOTS];
  guint faces[LK_ENROL_N_SLOTS];

  char *duplicate;
  float *embeddings; /* [LK_ENROL_N_SLOTS, size] */
  int size;
  gboolean left_out[LK_ENROL_N_SLOTS];
} Work;

static void
work_free (gpointer data)
{
  Work *work = data;

  for (int i = 0; i < LK_ENROL_N_SLOTS; i++)
    g_clear_pointer (&work->crops[i], lk_image_unref);
  lk_secret_free (work->embeddings,
                  sizeof (float) * LK_ENROL_N_SLOTS * (gsize) MAX (work->size, 0));
  g_free (work->person);
  g_free (work->model);
  g_free (work->duplicate);
  g_free (work);
}

/* ---- on the thread ---- */

/* As lk_settings_get_policy(). */
static void
set_policy (Work *work, LkModel *model)
{
  const Wishes *wishes = &work->wishes;
  g_autoptr (LkMeaning) meaning = lk_meaning_new (model);
  gboolean vote = wishes->vote || !lk_meaning_is_measured (meaning);
  double chosen = vote ? wishes->detection : wishes->match;

  work->policy = LK_POLICY_DEFAULT;
  work->policy.way = vote ? LK_WAY_VOTE : LK_WAY_FUSED;
  work->policy.verification = wishes->verification;
  work->policy.detection = chosen >= 0 ? chosen
                           : vote      ? lk_model_get_threshold (model)
                                       : lk_meaning_get_default (meaning);
}

/* (nullable): a network that was not trained cannot tell people apart */
static LkVerifier *
load_verifier (Work *work)
{
  g_autofree char *name = work->model != NULL ? g_strdup (work->model)
                                              : lk_models_get_in_use (NULL);
  g_autoptr (LkModel) model = name != NULL ? lk_model_load (name, NULL) : NULL;

  if (model == NULL || !lk_model_is_trained (model))
    return NULL;
  set_policy (work, model);
  return lk_verifier_new (model, 1, NULL);
}

/* How many of the slots' faces are taken for the gallery's person, and how surely. */
static int
count_accepted (Work *work, LkVerifier *verifier, const int *slots, int n, double *score)
{
  int n_accepted = 0;

  *score = 0;
  for (int i = 0; i < n; i++)
    {
      LkSighting seen = { .has_face = TRUE, .crop = work->crops[slots[i]] };
      g_autoptr (LkCheck) check = lk_verifier_check (verifier, &seen, &work->policy);

      n_accepted += check->n_anchors > 0 && check->accepted;
      *score += (double) check->score / n;
    }
  return n_accepted;
}

/* Of whom nothing straight was seen, what was seen instead. */
static int
list_straight (Work *work, int *slots)
{
  const LkEnrolStage stages[] = { LK_ENROL_STRAIGHT, LK_ENROL_OTHER };
  int n = 0;

  for (int k = 0; n == 0 && k < 2; k++)
    for (int i = 0; i < LK_ENROL_STAGE_SLOTS; i++)
      if (work->crops[(int) stages[k] * LK_ENROL_STAGE_SLOTS + i] != NULL)
        slots[n++] = (int) stages[k] * LK_ENROL_STAGE_SLOTS + i;
  return n;
}

/* Who among the enrolled is accepted in most of the straight looks; of several the best. */
static void
search (Work *work, LkVerifier *verifier, GCancellable *cancellable)
{
  g_autoptr (LkStore) store = lk_store_open (NULL, NULL);
  g_autoptr (GPtrArray) people = store != NULL ? lk_store_list_people (store, NULL) : NULL;
  g_autoptr (LkFinder) finder = lk_finder_new ();
  int slots[LK_ENROL_STAGE_SLOTS], n = list_straight (work, slots);
  double best = -1;

  for (guint i = 0; people != NULL && n > 0 && i < people->len; i++)
    {
      const char *name = ((LkPerson *) people->pdata[i])->name;
      g_autoptr (GPtrArray)
          captures = lk_store_list_captures (store, name, LK_CAPTURE_ANCHOR, NULL);
      g_autoptr (GPtrArray) paths = g_ptr_array_new (), images = NULL;
      double score;

      if (g_strcmp0 (name, work->person) == 0)
        continue;
      for (guint k = 0; captures != NULL && k < captures->len; k++)
        g_ptr_array_add (paths, ((LkCapture *) captures->pdata[k])->path);
      g_ptr_array_add (paths, NULL);
      if (!lk_embedder_fill (verifier, finder, lk_store_get_database (store),
                             (const char *const *) paths->pdata, NULL, cancellable, NULL, NULL,
                             &images, NULL))
        return;
      if (2 * count_accepted (work, verifier, slots, n, &score) > n && score > best)
        {
          best = score;
          g_free (work->duplicate);
          work->duplicate = g_strdup (name);
        }
    }
}

/* Where another face was followed for a while, the model says whether it was the same
 * person's. */
static void
leave_out (Work *work, LkVerifier *verifier)
{
  g_autoptr (GPtrArray) straight = g_ptr_array_new ();
  int slots[LK_ENROL_STAGE_SLOTS], n = list_straight (work, slots);
  guint first;

  if (n == 0)
    return;
  first = work->faces[slots[0]];
  for (int i = 0; i < n; i++)
    if (work->faces[slots[i]] == first)
      g_ptr_array_add (straight, work->crops[slots[i]]);
  if (!lk_verifier_set_anchors (verifier, straight, NULL))
    return;
  for (int i = 0; i < LK_ENROL_N_SLOTS; i++)
    {
      int others[LK_ENROL_N_SLOTS], n_others = 0;
      gboolean is_known = FALSE;
      double score;

      if (work->crops[i] == NULL || work->faces[i] == first)
        continue;
      for (int k = 0; k < LK_ENROL_N_SLOTS; k++)
        if (work->crops[k] != NULL && work->faces[k] == work->faces[i])
          {
            is_known = is_known || k < i;
            others[n_others++] = k;
          }
      if (!is_known && 2 * count_accepted (work, verifier, others, n_others, &score) <= n_others)
        for (int k = 0; k < n_others; k++)
          work->left_out[others[k]] = TRUE;
    }
}

/* A small grey picture around its mean: enough to tell a turned head from a straight one. */
static void
draw_thumbnail (const LkImage *crop, float *out)
{
  g_autoptr (LkImage) small = lk_image_resize (crop, THUMBNAIL, THUMBNAIL, LK_FILTER_AREA);
  const guint8 *p = lk_image_get_pixels (small);
  float mean = 0;

  for (int i = 0; i < THUMBNAIL * THUMBNAIL; i++, p += 3)
    {
      out[i] = (float) (p[0] + p[1] + p[2]);
      mean += out[i] / (THUMBNAIL * THUMBNAIL);
    }
  for (int i = 0; i < THUMBNAIL * THUMBNAIL; i++)
    out[i] -= mean;
}

static void
embed (Work *work, LkVerifier *verifier, GCancellable *cancellable)
{
  work->size = verifier != NULL ? lk_verifier_get_size (verifier) : THUMBNAIL * THUMBNAIL;
  work->embeddings = lk_secret_alloc (sizeof (float) * LK_ENROL_N_SLOTS * (gsize) work->size);
  for (int i = 0; work->embeddings != NULL && i < LK_ENROL_N_SLOTS; i++)
    {
      float *out = work->embeddings + (gsize) i * (gsize) work->size;

      if (work->crops[i] == NULL || g_cancellable_is_cancelled (cancellable))
        continue;
      if (verifier != NULL)
        lk_verifier_embed (verifier, work->crops[i], out);
      else
        draw_thumbnail (work->crops[i], out);
    }
}

static void
work_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Work *work = data;
  g_autoptr (LkVerifier) verifier = load_verifier (work);

  if (work->is_search && verifier != NULL)
    search (work, verifier, cancellable);
  if (!work->is_search)
    {
      if (verifier != NULL)
        leave_out (work, verifier);
      embed (work, verifier, cancellable);
    }
  g_task_return_boolean (task, TRUE);
}

/* ---- on the main thread ---- */

static void begin_work (LkEnroller *self);

static GPtrArray *
copy_faces (LkEnroller *self, const int *slots, int n)
{
  GPtrArray *faces = g_ptr_array_new_with_free_func ((GDestroyNotify) lk_image_unref);

  for (int i = 0; i < n; i++)
    g_ptr_array_add (faces, lk_image_ref (self->faces[slots[i]]));
  return faces;
}

static void
tell (LkEnroller *self)
{
  g_autoptr (GError) error = NULL;

  if (self->duplicate != NULL && self->is_waiting)
    self->news (LK_ENROLLER_DUPLICATE, NULL, self->data);
  else if (!self->is_chosen)
    return;
  else if (self->chosen[LK_CAPTURE_ANCHOR]->len == 0)
    {
      g_set_error (&error, LK_ERROR, LK_ERROR_NO_DATA,
                   _("Too few pictures differ from each other. Begin again, and move as you are "
                        "told."));
      self->news (LK_ENROLLER_FAILED, error, self->data);
    }
  else
    self->news (LK_ENROLLER_READY, NULL, self->data);
}

static void
choose (LkEnroller *self, const Work *work)
{
  int anchors[LK_ENROL_N_SLOTS], positives[LK_ENROL_N_SLOTS];
  int n_anchors = self->n_anchors, n_positives = self->n_positives;

  if (work->embeddings != NULL)
    lk_enrolment_choose (self->enrolment, work->embeddings, work->size, work->left_out, anchors,
                         &n_anchors, positives, &n_positives);
  if (work->embeddings == NULL || n_anchors < MIN (LK_ENROL_LEAST, self->n_anchors))
    n_anchors = n_positives = 0;
  for (int kind = 0; kind < LK_N_CAPTURE_KINDS; kind++)
    g_ptr_array_unref (self->chosen[kind]);
  self->chosen[LK_CAPTURE_ANCHOR] = copy_faces (self, anchors, n_anchors);
  self->chosen[LK_CAPTURE_POSITIVE] = copy_faces (self, positives, n_positives);
  self->chosen[LK_CAPTURE_NEGATIVE] = copy_faces (self, NULL, 0);
  self->is_chosen = TRUE;
}

static void
on_worked (GObject *source, GAsyncResult *result, gpointer data)
{
  LkEnroller *self = data;
  Work *work = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), NULL))
    return; /* cancelled: the enroller is gone */
  self->is_working = FALSE;
  if (work->is_search)
    {
      self->has_searched = TRUE;
      self->duplicate = g_steal_pointer (&work->duplicate);
      self->is_waiting = self->duplicate != NULL;
      if (self->is_waiting)
        lk_enrolment_report_duplicate (self->enrolment);
    }
  else
    choose (self, work);
  begin_work (self);
  tell (self);
}

/* What is to be done next, one after the other. */
static void
begin_work (LkEnroller *self)
{
  gboolean is_search = !self->has_searched &&
                       lk_enrolment_is_passed (self->enrolment, LK_ENROL_STRAIGHT);
  g_autoptr (GTask) task = NULL;
  Work *work;

  if (self->is_working || self->is_waiting || self->is_chosen ||
      (!is_search && lk_enrolment_get_status (self->enrolment) != LK_ENROL_COMPLETED))
    return;
  self->is_working = TRUE;
  work = g_new0 (Work, 1);
  work->is_search = is_search;
  work->person = g_strdup (self->person);
  work->model = g_strdup (self->model);
  work->wishes = self->wishes;
  for (int i = 0; i < LK_ENROL_N_SLOTS; i++)
    if (self->crops[i] != NULL &&
        lk_enrolment_get_slot (self->enrolment, i, NULL, NULL, &work->faces[i]))
      work->crops[i] = lk_image_ref (self->crops[i]);
  task = g_task_new (NULL, self->cancellable, on_worked, self);
  g_task_set_source_tag (task, begin_work);
  g_task_set_task_data (task, work, work_free);
  g_task_run_in_thread (task, work_in_thread);
}

LkEnroller *
lk_enroller_new (const LkEnrollerOptions *options, LkEnrollerFunc news, gpointer data)
{
  LkEnroller *self = g_new0 (LkEnroller, 1);
  GSettings *settings = lk_settings_get ();

  self->news = news;
  self->data = data;
  self->person = g_strdup (options->person);
  self->model = g_strdup (options->model);
  self->wishes = (Wishes){ g_settings_get_boolean (settings, "vote"),
                           g_settings_get_double (settings, "detection-threshold"),
                           g_settings_get_double (settings, "match-threshold"),
                           g_settings_get_double (settings, "verification-threshold") };
  if (options->threshold >= 0)
    self->wishes.detection = self->wishes.match = options->threshold;
  self->n_anchors = CLAMP (options->n_anchors, 1, LK_ENROL_N_SLOTS);
  self->n_positives = CLAMP (options->n_positives, 0, LK_ENROL_N_SLOTS);
  self->enrolment = lk_enrolment_new ();
  self->cancellable = g_cancellable_new ();
  for (int kind = 0; kind < LK_N_CAPTURE_KINDS; kind++)
    self->chosen[kind] = copy_faces (self, NULL, 0);
  return self;
}

void
lk_enroller_free (LkEnroller *self)
{
  if (self == NULL)
    return;
  g_cancellable_cancel (self->cancellable);
  g_object_unref (self->cancellable);
  for (int i = 0; i < LK_ENROL_N_SLOTS; i++)
    {
      g_clear_pointer (&self->faces[i], lk_image_unref);
      g_clear_pointer (&self->crops[i], lk_image_unref);
    }
  for (int kind = 0; kind < LK_N_CAPTURE_KINDS; kind++)
    g_ptr_array_unref (self->chosen[kind]);
  lk_enrolment_free (self->enrolment);
  g_free (self->person);
  g_free (self->model);
  g_free (self->advice);
  g_free (self->duplicate);
  g_free (self);
}

/* Who was told to turn and has turned too far is not told to look straight. */
static const char *
find_advice (LkEnroller *self, const GError *advice)
{
  LkEnrolStage stage = lk_enrolment_get_stage (self->enrolment);

  if (g_error_matches (advice, LK_RETRY, LK_RETRY_TURNED_AWAY) && stage >= LK_ENROL_LEFT &&
      stage <= LK_ENROL_DOWN)
    return _("Not so far. Turn back a little.");
  return advice->message;
}

LkEnrolStatus
lk_enroller_offer (LkEnroller *self, gint64 when_us, const LkSighting *seen, const GError *advice)
{
  LkEnrolFrame frame = { .when_us = when_us,
                         .is_usable = advice == NULL && seen->image != NULL && seen->crop != NULL,
                         .rate = lk_enrolment_rate (&seen->quality, seen->warning),
                         .face = seen->serial };
  LkEnrolStatus status;
  int slot;

  /* The guide frame, and a picture that is all face, have no points. */
  frame.has_pose = seen->has_face && seen->face.score > 0 &&
                   lk_face_pose (&seen->face, &frame.pose);
  status = lk_enrolment_update (self->enrolment, &frame, &slot);
  g_clear_pointer (&self->advice, g_free);
  if (frame.is_usable || self->usable_us == 0)
    self->usable_us = when_us;
  if (status == LK_ENROL_RETRY && (advice == NULL || when_us - self->usable_us < LASTS_US))
    status = LK_ENROL_ASKING;
  else if (status == LK_ENROL_RETRY)
    self->advice = g_strdup (find_advice (self, advice));
  if (slot >= 0)
    {
      g_clear_pointer (&self->faces[slot], lk_image_unref);
      g_clear_pointer (&self->crops[slot], lk_image_unref);
      self->faces[slot] = lk_image_ref (seen->image);
      self->crops[slot] = lk_image_ref (seen->crop);
    }
  begin_work (self);
  return status;
}

LkEnrolment *
lk_enroller_get_enrolment (LkEnroller *self)
{
  return self->enrolment;
}

const char *
lk_enroller_get_sentence (LkEnroller *self)
{
  LkEnrolStage stage = lk_enrolment_get_stage (self->enrolment);

  if (stage == LK_N_ENROL_STAGES)
    return "";
  return self->advice != NULL ? self->advice : _(lk_enrol_stage_get_info (stage)->sentence);
}

const char *
lk_enroller_get_duplicate (LkEnroller *self)
{
  return self->duplicate;
}

void
lk_enroller_go_on (LkEnroller *self)
{
  self->is_waiting = FALSE;
  lk_enrolment_go_on (self->enrolment);
  begin_work (self);
}

GPtrArray *
lk_enroller_get_faces (LkEnroller *self, LkCaptureKind kind)
{
  g_return_val_if_fail (kind < LK_N_CAPTURE_KINDS, NULL);
  return self->chosen[kind];
}

gboolean
lk_enroller_save (LkEnroller *self, LkStore *store, const char *person, char **session,
                  GError **error)
{
  return lk_store_add_session (store, person, self->chosen, session, error);
}
