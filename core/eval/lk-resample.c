/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-random.h"
#include "lk-measures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Pairs from the highest score to the lowest, sorted once for all rounds. */
typedef struct
{
  float score;
  gboolean same;
  int a, b;
  gboolean ends; /* the next pair's score is lower */
} Pair;

typedef struct
{
  const Pair *pairs;
  int n, n_people;
  guint64 seed;
  int *drawn;             /* [threads, n_people]: how often each person was */
  LkCurveNumbers *rounds; /* [n_rounds] */
} Resample;

static int
compare_descending (const void *a, const void *b)
{
  float x = ((const Pair *) a)->score, y = ((const Pair *) b)->score;

  return (x < y) - (x > y);
}

static gint64
weigh (const Pair *pair, const int *drawn)
{
  return pair->same ? drawn[pair->a] : (gint64) drawn[pair->a] * drawn[pair->b];
}

static void
measure (const Resample *self, const int *drawn, LkCurveNumbers *out)
{
  gint64 all[2] = { 0 }, above[2] = { 0 }; /* impostor, genuine */
  double last_fmr = 0, last_fnmr = 1;

  *out = (LkCurveNumbers){ (double) NAN, (double) NAN, { 0 } };
  for (int i = 0; i < self->n; i++)
    all[self->pairs[i].same] += weigh (&self->pairs[i], drawn);
  if (all[0] == 0 || all[1] == 0)
    {
      for (int k = 0; k < LK_N_FMRS; k++)
        out->tar[k] = (double) NAN;
      return;
    }

  out->auc = 0;
  for (int i = 0; i < self->n; i++)
    {
      double fmr, fnmr;

      above[self->pairs[i].same] += weigh (&self->pairs[i], drawn);
      if (!self->pairs[i].ends)
        continue;
      fmr = (double) above[0] / (double) all[0];
      fnmr = (double) (all[1] - above[1]) / (double) all[1];
      out->auc += (fmr - last_fmr) * (2 - fnmr - last_fnmr) / 2;
      if (fmr >= fnmr && isnan (out->eer))
        {
          double before = last_fnmr - last_fmr, after = fmr - fnmr;

          out->eer = last_fmr + before / (before + after) * (fmr - last_fmr);
        }
      for (int k = 0; k < LK_N_FMRS; k++)
        if (fmr <= lk_fmrs[k])
          out->tar[k] = 1 - fnmr;
      last_fmr = fmr;
      last_fnmr = fnmr;
    }
}

static void
run_rounds (int begin, int end, int thread, void *data)
{
  Resample *self = data;
  int *drawn = self->drawn + (gsize) thread * (gsize) self->n_people;

  for (int round = begin; round < end; round++)
    {
      LkRandom random;

      /* A stream a round, so that threads do not matter. */
      lk_random_seed (&random,
                      self->seed + (guint64) round * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15));
      memset (drawn, 0, (gsize) self->n_people * sizeof *drawn);
      for (int i = 0; i < self->n_people; i++)
        drawn[lk_random_below (&random, (guint32) self->n_people)]++;
      measure (self, drawn, &self->rounds[round]);
    }
}

static int
compare_doubles (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

/* The percentiles of the number at @offset of each round. */
static void
take_percentiles (const Resample *self, int n_rounds, gsize offset, double *values,
                  LkCurveNumbers *low, LkCurveNumbers *high)
{
  int n = 0;

  for (int round = 0; round < n_rounds; round++)
    {
      double value = *(const double *) ((const char *) &self->rounds[round] + offset);

      if (!isnan (value))
        values[n++] = value;
    }
  qsort (values, (gsize) n, sizeof *values, compare_doubles);
  *(double *) ((char *) low + offset) = n > 0 ? lk_quantile (values, n, 0.025) : (double) NAN;
  *(double *) ((char *) high + offset) = n > 0 ? lk_quantile (values, n, 0.975) : (double) NAN;
}

void
lk_resample_people (const float *scores, const gboolean *same, const int *person_a,
                    const int *person_b, int n, int n_people, int n_rounds, guint64 seed,
                    LkPool *pool, LkCurveNumbers *low, LkCurveNumbers *high)
{
  g_autofree Pair *pairs = g_new (Pair, MAX (1, n));
  g_autofree int *drawn = NULL, *used = NULL;
  g_autofree LkCurveNumbers *rounds = NULL;
  g_autofree double *values = NULL;
  Resample self = { .pairs = pairs, .n = n, .seed = seed };

  /* Only people of pairs are drawn: others change nothing but the work. */
  used = g_new (int, MAX (1, n_people));
  for (int p = 0; p < n_people; p++)
    used[p] = -1;
  for (int i = 0; i < n; i++)
    {
      int *a = &used[person_a[i]], *b = &used[person_b[i]];

      *a = *a < 0 ? self.n_people++ : *a;
      *b = *b < 0 ? self.n_people++ : *b;
      pairs[i] = (Pair){ scores[i], same[i] != FALSE, *a, *b, FALSE };
    }
  if (self.n_people < 3)
    n_rounds = 0;
  qsort (pairs, (gsize) n, sizeof *pairs, compare_descending);
  for (int i = 0; i < n; i++)
    pairs[i].ends = i + 1 == n || pairs[i + 1].score < pairs[i].score;

  self.drawn = drawn = g_new (int, MAX (1, self.n_people) * lk_pool_get_n_threads (pool));
  self.rounds = rounds = g_new (LkCurveNumbers, MAX (1, n_rounds));
  values = g_new (double, MAX (1, n_rounds));
  lk_pool_run (pool, n_rounds, 1, run_rounds, &self);

  take_percentiles (&self, n_rounds, G_STRUCT_OFFSET (LkCurveNumbers, auc), values, low, high);
  take_percentiles (&self, n_rounds, G_STRUCT_OFFSET (LkCurveNumbers, eer), values, low, high);
  for (gsize k = 0; k < LK_N_FMRS; k++)
    take_percentiles (&self, n_rounds, G_STRUCT_OFFSET (LkCurveNumbers, tar) + k * sizeof (double),
                      values, low, high);
}
