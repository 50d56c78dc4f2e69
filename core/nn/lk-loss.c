/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-loss.h"

#include "lk-layer.h"
#include "lk-vector.h"

#include <math.h>
#include <string.h>

#define COLUMNS 256   /* of the embeddings, that a thread takes at a time */
#define TINY    1e-6f /* the documents' L1Dist adds it to each difference */

typedef struct
{
  int d, n, n_items;
  const float *embeddings;
  const LkPair *pairs;       /* or */
  const LkTriplet *triplets; /* this, NULL: pairs */
  double margin;
  float *d_embeddings;
  float *out; /* [n_items] scores, [n_pairs] or [n_triplets, 2] distances */

  const float *kernel; /* the head's */
  float bias;
  float *dkernel;
} Job;

static const float *
row (const Job *job, int i)
{
  return job->embeddings + (size_t) i * (size_t) job->d;
}

static double
weighted_l1 (const float *a, const float *b, const float *weight, int d)
{
  double lanes[LK_LANES] = { 0 };
  int j = 0;

  for (; j + LK_LANES <= d; j += LK_LANES)
    for (int l = 0; l < LK_LANES; l++)
      lanes[l] += (double) weight[j + l] * (double) (fabsf (a[j + l] - b[j + l]) + TINY);
  for (; j < d; j++)
    lanes[0] += (double) weight[j] * (double) (fabsf (a[j] - b[j]) + TINY);
  return lk_add_lanes (lanes);
}

/* Leaves z in out. */
static void
score_pairs (int begin, int end, int thread, void *data)
{
  const Job *job = data;

  for (int k = begin; k < end; k++)
    {
      const LkPair *pair = &job->pairs[k];

      job->out[k] = (float) (weighted_l1 (row (job, pair->a), row (job, pair->b), job->kernel,
                                          job->d) +
                             (double) job->bias);
    }
}

/* d loss / d z; out holds p by now. */
static float
score_slope (const Job *job, int k)
{
  return (job->out[k] - (job->pairs[k].same ? 1.0f : 0.0f)) / (float) job->n_items;
}

static void
clear_columns (const Job *job, size_t from, size_t to)
{
  for (int i = 0; i < job->n; i++)
    memset (job->d_embeddings + (size_t) i * (size_t) job->d + from, 0,
            (to - from) * sizeof (float));
}

static void
slope_columns (int begin, int end, int thread, void *data)
{
  const Job *job = data;
  size_t d = (size_t) job->d, from = (size_t) begin, to = (size_t) end;

  clear_columns (job, from, to);
  for (int k = 0; k < job->n_items; k++)
    {
      const LkPair *pair = &job->pairs[k];
      const float *a = row (job, pair->a), *b = row (job, pair->b);
      float *da = job->d_embeddings + (size_t) pair->a * d;
      float *db = job->d_embeddings + (size_t) pair->b * d, slope = score_slope (job, k);

      for (size_t j = from; j < to; j++)
        {
          float difference = a[j] - b[j];
          float g = difference > 0 ? job->kernel[j] : difference < 0 ? -job->kernel[j] : 0.0f;

          da[j] += slope * g;
          db[j] -= slope * g;
          if (job->dkernel != NULL)
            job->dkernel[j] += slope * (fabsf (difference) + TINY);
        }
    }
}

double
lk_loss_cross_entropy (const LkNetwork *network, const float *params, const float *embeddings,
                       int n, const LkPair *pairs, int n_pairs, float *d_embeddings, float *grads,
                       float *scores, LkPool *pool)
{
  const LkLayer *head = lk_network_get_layer (network, lk_network_get_n_layers (network) - 1);
  Job job = {
    .d = lk_network_get_embedding_size (network),
    .n = n,
    .n_items = n_pairs,
    .embeddings = embeddings,
    .pairs = pairs,
    .d_embeddings = d_embeddings,
    .out = scores,
    .kernel = params + head->kernel,
    .bias = params[head->bias],
    .dkernel = grads != NULL ? grads + head->kernel : NULL,
  };
  double loss = 0;

  lk_pool_run (pool, n_pairs, 4, score_pairs, &job);
  for (int k = 0; k < n_pairs; k++)
    {
      double z = (double) scores[k], tail = exp (-fabs (z));

      loss += (z > 0 ? z : z < 0 ? 0 : z) - (pairs[k].same ? z : 0) + log1p (tail);
      scores[k] = (float) ((z > 0 ? 1 : tail) / (1 + tail));
    }
  if (d_embeddings != NULL)
    lk_pool_run (pool, job.d, COLUMNS, slope_columns, &job);
  if (d_embeddings != NULL && grads != NULL)
    {
      double sum = 0;

      for (int k = 0; k < n_pairs; k++)
        sum += (double) score_slope (&job, k);
      grads[head->bias] += (float) sum;
    }
  return loss / n_pairs;
}

static void
measure_pairs (int begin, int end, int thread, void *data)
{
  const Job *job = data;

  for (int k = begin; k < end; k++)
    job->out[k] = (float) lk_euclidean (row (job, job->pairs[k].a), row (job, job->pairs[k].b),
                                        job->d);
}

static void
measure_triplets (int begin, int end, int thread, void *data)
{
  const Job *job = data;

  for (int k = begin; k < end; k++)
    {
      const LkTriplet *t = &job->triplets[k];
      const float *anchor = row (job, t->anchor);

      job->out[2 * k] = (float) lk_euclidean (anchor, row (job, t->positive), job->d);
      job->out[2 * k + 1] = (float) lk_euclidean (anchor, row (job, t->negative), job->d);
    }
}

/* Adds the gradient that a distance D between rows i and k brings, whose loss has the
 * slope @slope by D, divided by D: slope / D (e_i - e_k) to row i, its negative to k. */
static void
pull (const Job *job, int i, int k, float slope, size_t from, size_t to)
{
  const float *a = row (job, i), *b = row (job, k);
  float *da = job->d_embeddings + (size_t) i * (size_t) job->d;
  float *db = job->d_embeddings + (size_t) k * (size_t) job->d;

  for (size_t j = from; j < to; j++)
    {
      float g = slope * (a[j] - b[j]);

      da[j] += g;
      db[j] -= g;
    }
}

static void
pull_pairs (int begin, int end, int thread, void *data)
{
  const Job *job = data;

  clear_columns (job, (size_t) begin, (size_t) end);
  for (int k = 0; k < job->n_items; k++)
    {
      const LkPair *pair = &job->pairs[k];
      double distance = (double) job->out[k], gap = job->margin - distance, slope = 0;

      if (pair->same)
        slope = 2;
      else if (!(gap <= 0) && distance > 0)
        slope = -2 * gap / distance;
      if (slope != 0)
        pull (job, pair->a, pair->b, (float) (slope / job->n_items), (size_t) begin, (size_t) end);
    }
}

static double
triplet_excess (const Job *job, int k)
{
  return (double) job->out[2 * k] - (double) job->out[2 * k + 1] + job->margin;
}

static void
pull_triplets (int begin, int end, int thread, void *data)
{
  const Job *job = data;

  clear_columns (job, (size_t) begin, (size_t) end);
  for (int k = 0; k < job->n_items; k++)
    {
      const LkTriplet *t = &job->triplets[k];

      if (triplet_excess (job, k) <= 0)
        continue;
      for (int side = 0; side < 2; side++)
        {
          double distance = (double) job->out[2 * k + side];

          if (distance > 0)
            pull (job, t->anchor, side ? t->negative : t->positive,
                  (float) ((side ? -1 : 1) / (distance * job->n_items)), (size_t) begin,
                  (size_t) end);
        }
    }
}

double
lk_loss_contrastive (int d, double margin, const float *embeddings, int n, const LkPair *pairs,
                     int n_pairs, float *d_embeddings, float *distances, LkPool *pool)
{
  Job job = { .d = d,
              .n = n,
              .n_items = n_pairs,
              .embeddings = embeddings,
              .pairs = pairs,
              .margin = margin,
              .d_embeddings = d_embeddings,
              .out = distances };
  double loss = 0;

  lk_pool_run (pool, n_pairs, 4, measure_pairs, &job);
  for (int k = 0; k < n_pairs; k++)
    {
      double distance = (double) distances[k], gap = margin - distance;

      loss += pairs[k].same ? distance * distance : gap <= 0 ? 0 : gap * gap;
    }
  if (d_embeddings != NULL)
    lk_pool_run (pool, d, COLUMNS, pull_pairs, &job);
  return loss / n_pairs;
}

double
lk_loss_triplet (int d, double margin, const float *embeddings, int n, const LkTriplet *triplets,
                 int n_triplets, float *d_embeddings, float *distances, LkPool *pool)
{
  Job job = { .d = d,
              .n = n,
              .n_items = n_triplets,
              .embeddings = embeddings,
              .triplets = triplets,
              .margin = margin,
              .d_embeddings = d_embeddings,
              .out = distances };
  double loss = 0;

  lk_pool_run (pool, n_triplets, 4, measure_triplets, &job);
  for (int k = 0; k < n_triplets; k++)
    {
      double excess = triplet_excess (&job, k);

      loss += excess <= 0 ? 0 : excess; /* NaN counts */
    }
  if (d_embeddings != NULL)
    lk_pool_run (pool, d, COLUMNS, pull_triplets, &job);
  return loss / n_triplets;
}
