/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-verifier.h"

#include "base/lk-error.h"
#include "base/lk-secret.h"
#include "lk-fusion.h"
#include "nn/lk-infer.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

/* Anchors embedded at a time: enough that the weights of a large dense layer, which
 * one picture alone is slow to read through, are read seldom. */
#define BATCH 8

struct _LkVerifier
{
  LkModel *model;
  LkPool *pool;         /* (nullable) */
  LkRecycler *recycler; /* of checks */
  LkInfer *infer;
  LkHead *head;                /* (owned): the model's own */
  GPtrArray *heads;            /* of LkHead (nullable): of the gallery's people */
  int height, width, channels; /* of the network's input */
  int size;                    /* of an embedding */
  float *input;                /* [BATCH, height, width, channels] */
  float *embeddings;           /* [2, size]: of the frame, or of a pair; lk-secret.h */
  float *gallery;              /* [n_anchors, size]; lk-secret.h */
  int n_anchors;
  GPtrArray *names; /* (nullable): of the gallery's people; immutable: checks share it */
  GArray *people;   /* of LkMatch: what a check's begin as */
};

/* A check, its people and their scores are one block. */
static gsize
get_check_size (int n_people, int n_anchors)
{
  return sizeof (LkCheck) + sizeof (LkMatch) * (gsize) n_people +
         sizeof (float) * (gsize) n_anchors;
}

static void
set_arrays (LkCheck *self)
{
  LkMatch *people = (LkMatch *) (self + 1);

  self->people = self->n_people > 0 ? people : NULL;
  self->scores = self->n_anchors > 0 ? (float *) (people + self->n_people) : NULL;
}

static LkCheck *
check_new (LkVerifier *verifier)
{
  int n_people = (int) verifier->people->len;
  LkCheck *self = lk_recycler_take (verifier->recycler,
                                    get_check_size (n_people, verifier->n_anchors));

  *self = (LkCheck){ .n_anchors = verifier->n_anchors, .n_people = n_people };
  set_arrays (self);
  if (n_people > 0)
    {
      memcpy (self->people, verifier->people->data, sizeof (LkMatch) * (gsize) n_people);
      self->names = g_ptr_array_ref (verifier->names);
    }
  return self;
}

LkCheck *
lk_check_copy (const LkCheck *self)
{
  LkCheck *copy = lk_recycler_copy (self, get_check_size (self->n_people, self->n_anchors));

  set_arrays (copy);
  copy->crop = lk_image_ref (self->crop);
  if (copy->names != NULL)
    g_ptr_array_ref (copy->names);
  return copy;
}

void
lk_check_free (LkCheck *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->crop, lk_image_unref);
  g_clear_pointer (&self->names, g_ptr_array_unref);
  lk_recycler_give (self);
}

/* Of @n embeddings. */
static gsize
get_bytes (const LkVerifier *self, int n)
{
  return sizeof (float) * (gsize) n * (gsize) self->size;
}

static void
clear_gallery (LkVerifier *self)
{
  lk_secret_free (self->gallery, get_bytes (self, self->n_anchors));
  self->gallery = NULL;
  self->n_anchors = 0;
  g_clear_pointer (&self->names, g_ptr_array_unref);
  g_array_set_size (self->people, 0);
  g_ptr_array_set_size (self->heads, 0);
}

static gboolean
set_no_memory (GError **error)
{
  g_set_error (error, LK_ERROR, LK_ERROR_TOO_LARGE,
               _ ("There is not enough memory to verify with this model.  Close other programs, or "
                  "choose a smaller model."));
  return FALSE;
}

LkVerifier *
lk_verifier_new (LkModel *model, int n_threads, GError **error)
{
  g_autoptr (LkVerifier) self = g_new0 (LkVerifier, 1);
  const LkNetwork *network = lk_model_get_network (model);

  self->model = lk_model_ref (model);
  self->recycler = lk_recycler_new ();
  self->people = g_array_new (FALSE, FALSE, sizeof (LkMatch));
  self->heads = g_ptr_array_new_with_free_func ((GDestroyNotify) lk_head_free);
  if (lk_network_has_maps (network))
    {
      g_set_error (error, LK_ERROR, LK_ERROR_SHAPE,
                   _ ("The model “%s” finds things in pictures and cannot compare faces.  Choose "
                      "another model."),
                      lk_model_get_name (model));
      return NULL;
    }
  lk_network_get_input (network, &self->height, &self->width, &self->channels);
  self->size = lk_network_get_embedding_size (network);
  self->pool = lk_pool_new (n_threads, 0);
  self->infer = lk_infer_new (network, lk_model_get_params (model), BATCH, self->pool);
  self->input = g_try_new (float, (gsize) BATCH * self->height * self->width * self->channels);
  self->embeddings = lk_secret_alloc (get_bytes (self, 2));
  if (self->infer == NULL || self->input == NULL || self->embeddings == NULL)
    {
      set_no_memory (error);
      return NULL;
    }
  self->head = lk_head_of_model (model);
  return g_steal_pointer (&self);
}

void
lk_verifier_free (LkVerifier *self)
{
  if (self == NULL)
    return;
  lk_infer_free (self->infer);
  lk_head_free (self->head);
  lk_pool_free (self->pool);
  g_free (self->input);
  lk_secret_free (self->embeddings, get_bytes (self, 2));
  clear_gallery (self);
  g_array_unref (self->people);
  g_ptr_array_unref (self->heads);
  lk_model_unref (self->model);
  lk_recycler_free (self->recycler);
  g_free (self);
}

int
lk_verifier_get_size (const LkVerifier *self)
{
  return self->size;
}

LkModel *
lk_verifier_get_model (LkVerifier *self)
{
  return self->model;
}

int
lk_verifier_get_n_anchors (const LkVerifier *self)
{
  return self->n_anchors;
}

/* Puts @crop at place @i of the input. */
static void
prepare (LkVerifier *self, const LkImage *crop, int i)
{
  lk_face_to_input (crop, self->height, self->width, self->channels,
                    self->input + (gsize) i * self->height * self->width * self->channels);
}

static void
prepare_face (LkVerifier *self, const LkImage *face, int i)
{
  g_autoptr (LkImage) crop = lk_face_to_crop (face);

  prepare (self, crop, i);
}

void
lk_verifier_embed (LkVerifier *self, const LkImage *face, float *out)
{
  prepare_face (self, face, 0);
  lk_infer_embed (self->infer, self->input, 1, out);
}

float
lk_verifier_compare (LkVerifier *self, const LkImage *a, const LkImage *b)
{
  float score;

  prepare_face (self, a, 0);
  prepare_face (self, b, 1);
  lk_infer_embed (self->infer, self->input, 2, self->embeddings);
  lk_infer_score (self->infer, self->embeddings, self->embeddings + self->size, 1, &score);
  return score;
}

/* Empty, with room for @n embeddings. */
static gboolean
begin_gallery (LkVerifier *self, int n, GError **error)
{
  clear_gallery (self);
  if (n == 0)
    return TRUE;
  self->gallery = lk_secret_alloc (get_bytes (self, n));
  if (self->gallery == NULL)
    return set_no_memory (error);
  self->n_anchors = n;
  return TRUE;
}

static void
group_by_person (LkVerifier *self, const char *const *people)
{
  LkMatch *last = NULL;

  self->names = g_ptr_array_new_with_free_func (g_free);
  for (int i = 0; i < self->n_anchors; i++)
    {
      if (last == NULL || !g_str_equal (last->name, people[i]))
        {
          LkMatch match = { .name = g_strdup (people[i]), .first = i };

          g_ptr_array_add (self->names, (gpointer) match.name);
          g_array_append_val (self->people, match);
          last = &g_array_index (self->people, LkMatch, self->people->len - 1);
        }
      last->n_anchors++;
    }
}

gboolean
lk_verifier_set_gallery (LkVerifier *self, const float *embeddings, const char *const *people,
                         int n, GError **error)
{
  if (!begin_gallery (self, n, error))
    return FALSE;
  if (n > 0)
    memcpy (self->gallery, embeddings, get_bytes (self, n));
  if (people != NULL)
    group_by_person (self, people);
  return TRUE;
}

gboolean
lk_verifier_set_anchors (LkVerifier *self, GPtrArray *anchors, GError **error)
{
  int n = (int) anchors->len;

  if (!begin_gallery (self, n, error))
    return FALSE;
  for (int begin = 0; begin < n; begin += BATCH)
    {
      int count = MIN (BATCH, n - begin);

      for (int i = 0; i < count; i++)
        prepare_face (self, anchors->pdata[begin + i], i);
      lk_infer_embed (self->infer, self->input, count, self->gallery + (gsize) begin * self->size);
    }
  return TRUE;
}

/* @match: with its place in the gallery */
static void
decide_person (const LkPolicy *policy, const float *scores, LkMatch *match)
{
  double sum = 0;

  match->n_matches = 0;
  match->score = 0;
  match->accepted = FALSE;
  if (match->n_anchors == 0)
    return;
  for (int i = match->first; i < match->first + match->n_anchors; i++)
    {
      sum += (double) scores[i];
      match->n_matches += (double) scores[i] > policy->detection;
    }
  if (policy->way == LK_WAY_FUSED)
    {
      match->score = (float) lk_fuse_anchors (LK_FUSION_DEFAULT, scores + match->first,
                                              match->n_anchors);
      match->accepted = (double) match->score > policy->detection;
    }
  else
    {
      match->score = (float) (sum / match->n_anchors);
      match->accepted = (double) match->n_matches / match->n_anchors > policy->verification;
    }
}

static gboolean
is_better (const LkMatch *a, const LkMatch *b)
{
  return a->accepted != b->accepted ? a->accepted : a->score > b->score;
}

int
lk_verifier_get_n_people (const LkVerifier *self)
{
  return self->names != NULL ? (int) self->people->len : self->n_anchors > 0 ? 1 : 0;
}

void
lk_verifier_set_head (LkVerifier *self, int person, const LkHead *head)
{
  g_return_if_fail (head == NULL || head->size == self->size);
  g_return_if_fail (person >= 0 && person < lk_verifier_get_n_people (self));

  if ((int) self->heads->len <= person)
    g_ptr_array_set_size (self->heads, person + 1);
  lk_head_free (self->heads->pdata[person]);
  self->heads->pdata[person] = head != NULL ? lk_head_copy (head) : NULL;
}

/* The frame's embedding with each person's anchors, by the head that is theirs. */
static void
score_gallery (LkVerifier *self, float *scores)
{
  lk_infer_score (self->infer, self->embeddings, self->gallery, self->n_anchors, scores);
  for (guint p = 0; p < self->heads->len; p++)
    {
      const LkHead *head = self->heads->pdata[p];
      LkMatch whose = { .n_anchors = self->n_anchors };

      if (head == NULL)
        continue;
      if (self->names != NULL)
        whose = g_array_index (self->people, LkMatch, p);
      lk_infer_set_head (self->infer, head->alpha, head->bias);
      lk_infer_score (self->infer, self->embeddings,
                      self->gallery + (gsize) whose.first * (gsize) self->size, whose.n_anchors,
                      scores + whose.first);
      lk_infer_set_head (self->infer, self->head->alpha, self->head->bias);
    }
}

void
lk_policy_decide (const LkPolicy *self, LkCheck *check)
{
  LkMatch whole = { .n_anchors = check->n_anchors };
  const LkMatch *best = &whole, *second = NULL;

  check->policy = *self;
  check->best = check->second = -1;
  check->margin = (double) NAN;
  decide_person (self, check->scores, &whole);
  for (int i = 0; i < check->n_people; i++)
    {
      LkMatch *match = &check->people[i];

      decide_person (self, check->scores, match);
      if (check->best < 0 || is_better (match, best))
        {
          check->second = check->best;
          second = check->best < 0 ? NULL : best;
          check->best = i;
          best = match;
        }
      else if (check->second < 0 || is_better (match, second))
        {
          check->second = i;
          second = match;
        }
    }
  if (second != NULL)
    check->margin = lk_log_odds ((double) best->score) - lk_log_odds ((double) second->score);
  check->score = best->score;
  check->n_matches = best->n_matches;
  check->accepted = best->accepted &&
                    (second == NULL || !second->accepted || check->margin >= LK_POLICY_MARGIN);
}

LkCheck *
lk_verifier_check (LkVerifier *self, const LkSighting *seen, const LkPolicy *policy)
{
  gint64 begun = g_get_monotonic_time (), embedded;
  LkCheck *check = check_new (self);

  check->face = seen->face;
  check->crop = lk_image_ref (seen->crop);
  prepare (self, check->crop, 0);
  lk_infer_embed (self->infer, self->input, 1, self->embeddings);
  embedded = g_get_monotonic_time ();

  if (self->n_anchors > 0)
    score_gallery (self, check->scores);
  lk_policy_decide (policy, check);
  check->match_us = g_get_monotonic_time () - embedded;
  check->embed_us = embedded - begun;
  return check;
}
