/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-loss-metric.h"

#include "lk-vector.h"

#include <math.h>
#include <string.h>

#define SHORTEST 1e-12 /* an embedding's length (or its square), where that is 0 */

typedef struct
{
  int d, n;
  double margin, scale;
  const float *embeddings, *targets;
  const int *people;
  LkDistillation kind;
  float *d_embeddings;
  float *unit;    /* [n, d]: embeddings of length 1 */
  float *lengths; /* [n] */
  float *cosines; /* [n, n] */
  float *slopes;  /* [n, n]: d loss / d cosine, of anchor row */
  float *values;  /* [n] */
  double *losses; /* [n], -1 where a row is no anchor */
} Job;

static float *
row (const float *x, const Job *job, int i)
{
  return (float *) x + (size_t) i * (size_t) job->d;
}

size_t
lk_loss_circle_scratch (int n, int d)
{
  size_t rows = (size_t) n;

  return 2 * rows + rows * (size_t) d + 2 * rows * rows + rows;
}

static void
normalise (int begin, int end, int thread, void *data)
{
  const Job *job = data;

  for (int i = begin; i < end; i++)
    {
      const float *e = row (job->embeddings, job, i);
      double length = sqrt (lk_dot (e, e, job->d));

      if (length < SHORTEST)
        length = SHORTEST;
      job->lengths[i] = (float) length;
      for (int j = 0; j < job->d; j++)
        row (job->unit, job, i)[j] = (float) ((double) e[j] / length);
    }
}

/* One anchor: its cosines, loss and slopes. */
static void
circle_anchors (int begin, int end, int thread, void *data)
{
  const Job *job = data;
  const double m = job->margin;

  for (int i = begin; i < end; i++)
    {
      float *cosines = job->cosines + (size_t) i * (size_t) job->n;
      float *slopes = job->slopes + (size_t) i * (size_t) job->n;
      double most[2] = { -HUGE_VAL, -HUGE_VAL }, sums[2] = { 0 }, total, outer;

      /* Exponents (into slopes for now) and the largest of each kind, so that exp() of
       * what is left never overflows. */
      for (int k = 0; k < job->n; k++)
        {
          int same = job->people[k] == job->people[i];
          double s, exponent;

          if (k == i)
            continue;
          s = lk_dot (row (job->unit, job, i), row (job->unit, job, k), job->d);
          exponent = same ? -job->scale * fmax (1 + m - s, 0) * (s - 1 + m)
                          : job->scale * fmax (s + m, 0) * (s - m);
          cosines[k] = (float) s;
          slopes[k] = (float) exponent;
          if (!((double) slopes[k] <= most[same])) /* NaN gets through */
            most[same] = (double) slopes[k];
        }
      slopes[i] = 0;
      if (most[0] == -HUGE_VAL || most[1] == -HUGE_VAL)
        {
          memset (slopes, 0, (size_t) job->n * sizeof *slopes);
          job->losses[i] = -1;
          continue;
        }
      for (int k = 0; k < job->n; k++)
        if (k != i)
          {
            int same = job->people[k] == job->people[i];

            sums[same] += exp ((double) slopes[k] - most[same]);
          }
      total = most[0] + log (sums[0]) + most[1] + log (sums[1]);
      job->losses[i] = (total > 0 ? total : 0) + log1p (exp (-fabs (total)));
      outer = total > 0 ? 1 / (1 + exp (-total)) : exp (total) / (1 + exp (total));
      for (int k = 0; k < job->n; k++)
        if (k != i)
          {
            int same = job->people[k] == job->people[i];
            double share = exp ((double) slopes[k] - most[same]) / sums[same];
            double s = (double) cosines[k];
            double weight = same ? -fmax (1 + m - s, 0) : fmax (s + m, 0);

            slopes[k] = (float) (outer * share * job->scale * weight);
          }
    }
}

/* Turns a gradient by the unit vector u (in @g) into one by the embedding itself:
 * (g - (g . u) u) / length. */
static void
unnormalise (float *g, const float *u, double length, int d)
{
  double along = lk_dot (g, u, d);

  for (int j = 0; j < d; j++)
    g[j] = (float) (((double) g[j] - along * (double) u[j]) / length);
}

static void
circle_rows (int begin, int end, int thread, void *data)
{
  const Job *job = data;
  size_t n = (size_t) job->n;

  for (int i = begin; i < end; i++)
    {
      float *g = row (job->d_embeddings, job, i);

      memset (g, 0, (size_t) job->d * sizeof *g);
      for (size_t k = 0; k < n; k++)
        {
          const float *u = row (job->unit, job, (int) k);
          float slope = job->slopes[(size_t) i * n + k] + job->slopes[k * n + (size_t) i];

          for (int j = 0; slope != 0 && j < job->d; j++)
            g[j] += slope * u[j];
        }
      unnormalise (g, row (job->unit, job, i), (double) job->lengths[i], job->d);
    }
}

double
lk_loss_circle (int d, double margin, double scale, const float *embeddings, int n,
                const int *people, float *d_embeddings, float *scratch, LkPool *pool)
{
  Job job = { .d = d,
              .n = n,
              .margin = margin,
              .scale = scale,
              .embeddings = embeddings,
              .people = people,
              .d_embeddings = d_embeddings };
  size_t rows = (size_t) n;
  int n_anchors = 0;
  double loss = 0;

  job.losses = (double *) (void *) scratch;
  job.unit = scratch + 2 * rows;
  job.cosines = job.unit + rows * (size_t) d;
  job.slopes = job.cosines + rows * rows;
  job.lengths = job.slopes + rows * rows;
  lk_pool_run (pool, n, 1, normalise, &job);
  lk_pool_run (pool, n, 1, circle_anchors, &job);
  for (int i = 0; i < n; i++)
    if (job.losses[i] != -1) /* no loss is negative */
      {
        loss += job.losses[i];
        n_anchors++;
      }
  if (n_anchors > 0)
    loss /= n_anchors;
  if (d_embeddings != NULL)
    {
      for (size_t i = 0; i < rows * rows; i++)
        job.slopes[i] /= (float) (n_anchors > 0 ? n_anchors : 1);
      lk_pool_run (pool, n, 1, circle_rows, &job);
    }
  return loss;
}

static void
distil_rows (int begin, int end, int thread, void *data)
{
  const Job *job = data;
  int d = job->d;

  for (int i = begin; i < end; i++)
    {
      const float *e = row (job->embeddings, job, i), *t = row (job->targets, job, i);
      float *g = job->d_embeddings != NULL ? row (job->d_embeddings, job, i) : NULL;
      double squares, lengths, cosine, n = job->n;

      if (job->kind == LK_DISTILLATION_SQUARED)
        {
          double distance = lk_euclidean (e, t, d);

          job->values[i] = (float) (distance * distance);
          for (int j = 0; g != NULL && j < d; j++)
            g[j] = (float) (2 * ((double) e[j] - (double) t[j]) / n);
          continue;
        }
      squares = fmax (lk_dot (e, e, d), SHORTEST);
      lengths = sqrt (squares * fmax (lk_dot (t, t, d), SHORTEST));
      cosine = lk_dot (e, t, d) / lengths;
      job->values[i] = (float) (1 - cosine);
      for (int j = 0; g != NULL && j < d; j++)
        g[j] = (float) ((cosine / squares * (double) e[j] - (double) t[j] / lengths) / n);
    }
}

double
lk_loss_distillation (LkDistillation kind, int d, const float *embeddings, int n,
                      const float *targets, float *d_embeddings, float *values, LkPool *pool)
{
  Job job = { .d = d,
              .n = n,
              .kind = kind,
              .embeddings = embeddings,
              .targets = targets,
              .d_embeddings = d_embeddings,
              .values = values };
  double loss = 0;

  lk_pool_run (pool, n, 1, distil_rows, &job);
  for (int i = 0; i < n; i++)
    loss += (double) values[i];
  return loss / n;
}
