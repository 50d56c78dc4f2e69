/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-verifier.h"

#include "base/lk-error.h"
#include "base/lk-secret.h"
#include "lk-fusion.h"
#include "nn/lk-infer.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Anchors embedded at a time: enough that the weights of a large dense layer, which
 * one picture alone is slow to read through, are read seldom. */
#define BATCH 8

struct _LkVerifier
{
  LkModel *model;
  LkPool *pool; /* (nullable) */
  LkInfer *infer;
  LkHead *head;                /* (owned): what infer scores with */
  int height, width, channels; /* of the network's input */
  int size;                    /* of an embedding */
  float *input;                /* [BATCH, height, width, channels] */
  float *embeddings;           /* [2, size]: of the frame, or of a pair; lk-secret.h */
  float *gallery;              /* [n_anchors, size]; lk-secret.h */
  int n_anchors;
};

void
lk_check_free (LkCheck *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->crop, lk_image_unref);
  g_free (self->scores);
  g_free (self);
}

/* Of @n embeddings. */
static gsize
get_bytes (const LkVerifier *self, int n)
{
  return sizeof (float) * (gsize) n * (gsize) self->size;
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
  lk_secret_free (self->gallery, get_bytes (self, self->n_anchors));
  lk_model_unref (self->model);
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

static void
clear_gallery (LkVerifier *self)
{
  lk_secret_free (self->gallery, get_bytes (self, self->n_anchors));
  self->gallery = NULL;
  self->n_anchors = 0;
}

gboolean
lk_verifier_set_anchors (LkVerifier *self, GPtrArray *anchors, GCancellable *cancellable,
                         GError **error)
{
  int n = (int) anchors->len;
  float *gallery;

  clear_gallery (self);
  if (n == 0)
    return TRUE;
  gallery = lk_secret_alloc (get_bytes (self, n));
  if (gallery == NULL)
    return set_no_memory (error);

  for (int begin = 0; begin < n; begin += BATCH)
    {
      int count = MIN (BATCH, n - begin);

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        {
          lk_secret_free (gallery, get_bytes (self, n));
          return FALSE;
        }
      for (int i = 0; i < count; i++)
        prepare_face (self, anchors->pdata[begin + i], i);
      lk_infer_embed (self->infer, self->input, count, gallery + (gsize) begin * self->size);
    }
  self->gallery = gallery;
  self->n_anchors = n;
  return TRUE;
}

gboolean
lk_verifier_set_gallery (LkVerifier *self, const float *embeddings, int n, GError **error)
{
  float *gallery = NULL;

  clear_gallery (self);
  if (n == 0)
    return TRUE;
  gallery = lk_secret_alloc (get_bytes (self, n));
  if (gallery == NULL)
    return set_no_memory (error);
  memcpy (gallery, embeddings, get_bytes (self, n));
  self->gallery = gallery;
  self->n_anchors = n;
  return TRUE;
}

void
lk_verifier_set_head (LkVerifier *self, const LkHead *head)
{
  g_return_if_fail (head == NULL || head->size == self->size);

  lk_head_free (self->head);
  self->head = head != NULL ? lk_head_copy (head) : lk_head_of_model (self->model);
  lk_infer_set_head (self->infer, self->head->alpha, self->head->bias);
}

const float *
lk_verifier_get_gallery (const LkVerifier *self)
{
  return self->gallery;
}

const LkHead *
lk_verifier_get_head (const LkVerifier *self)
{
  return self->head;
}

void
lk_policy_decide (const LkPolicy *self, LkCheck *check)
{
  double sum = 0;

  check->n_matches = 0;
  for (int i = 0; i < check->n_anchors; i++)
    {
      sum += (double) check->scores[i];
      check->n_matches += (double) check->scores[i] > self->detection;
    }
  check->score = 0;
  check->accepted = FALSE;
  if (check->n_anchors == 0)
    return;
  if (self->way == LK_WAY_FUSED)
    {
      check->score = (float) lk_fuse_anchors (LK_FUSION_DEFAULT, check->scores, check->n_anchors);
      check->accepted = (double) check->score > self->detection;
    }
  else
    {
      check->score = (float) (sum / check->n_anchors);
      check->accepted = (double) check->n_matches / check->n_anchors > self->verification;
    }
}

LkCheck *
lk_verifier_check (LkVerifier *self, const LkSighting *seen, const LkPolicy *policy)
{
  gint64 begun = g_get_monotonic_time (), embedded;
  LkCheck *check = g_new0 (LkCheck, 1);

  check->face = seen->face;
  check->crop = lk_image_ref (seen->crop);
  prepare (self, check->crop, 0);
  lk_infer_embed (self->infer, self->input, 1, self->embeddings);
  embedded = g_get_monotonic_time ();

  if (self->n_anchors > 0)
    {
      check->n_anchors = self->n_anchors;
      check->scores = g_new (float, self->n_anchors);
      lk_infer_score (self->infer, self->embeddings, self->gallery, self->n_anchors, check->scores);
    }
  lk_policy_decide (policy, check);
  check->match_us = g_get_monotonic_time () - embedded;
  check->embed_us = embedded - begun;
  return check;
}
