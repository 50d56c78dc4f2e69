/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nn/lk-loss-metric.h"

#include "base/lk-random.h"
#include "gradient.h"

#include <string.h>

#define N 7
#define D 45

typedef struct
{
  float e[N * D], de[N * D], targets[N * D], values[N], *scratch;
  double margin, scale;
  double weights[N * N]; /* of the circle loss, where they are held */
  LkDistillation kind;
  LkPool *pool;
} Case;

/* The last person is alone: no anchor, but a negative of the others. */
static const int people[N] = { 3, 3, 1, 1, 3, 1, 8 };

static void
case_init (Case *self)
{
  LkRandom random;

  memset (self, 0xff, sizeof *self); /* NaN: all must be written */
  self->scratch = g_new (float, lk_loss_circle_scratch (N, D));
  self->pool = lk_pool_new (3, 0);
  lk_random_seed (&random, 12);
  for (int i = 0; i < N * D; i++)
    {
      self->e[i] = (float) lk_random_range (&random, -1, 1);
      self->targets[i] = (float) lk_random_range (&random, -1, 1);
    }
}

static void
case_clear (Case *self)
{
  g_free (self->scratch);
  lk_pool_free (self->pool);
}

static double
cosine (const float *a, const float *b)
{
  double ab = 0, aa = 0, bb = 0;

  for (int j = 0; j < D; j++)
    {
      ab += (double) a[j] * (double) b[j];
      aa += (double) a[j] * (double) a[j];
      bb += (double) b[j] * (double) b[j];
    }
  return ab / sqrt (aa * bb);
}

/* The definition, with the weights of the moment or (to differentiate) with held ones. */
static double
circle_by_definition (Case *c, gboolean hold)
{
  double loss = 0;
  int n_anchors = 0;

  for (int i = 0; i < N; i++)
    {
      double sums[2] = { 0 };

      for (int k = 0; k < N; k++)
        {
          int same = people[k] == people[i];
          double s, *weight = &c->weights[i * N + k];

          if (k == i)
            continue;
          s = cosine (c->e + i * D, c->e + k * D);
          if (!hold)
            *weight = MAX (same ? 1 + c->margin - s : s + c->margin, 0);
          sums[same] += exp (same ? -c->scale * *weight * (s - 1 + c->margin)
                                  : c->scale * *weight * (s - c->margin));
        }
      if (sums[0] > 0 && sums[1] > 0)
        {
          loss += log (1 + sums[0] * sums[1]);
          n_anchors++;
        }
    }
  g_assert_cmpint (n_anchors, ==, 6);
  return loss / n_anchors;
}

static double
circle_held (void *data)
{
  return circle_by_definition (data, TRUE);
}

static void
test_circle (void)
{
  for (int round = 0; round < 2; round++)
    {
      Case c;
      double loss;

      case_init (&c);
      for (int j = 0; j < D; j++) /* a negative beyond -margin, which weighs nothing */
        c.e[6 * D + j] -= 3 * c.e[j];
      c.margin = 0.25;
      c.scale = round == 0 ? 2 : 30;
      loss = lk_loss_circle (D, c.margin, c.scale, c.e, N, people, c.de, c.scratch, c.pool);
      g_assert_cmpfloat_with_epsilon (loss, circle_by_definition (&c, FALSE), 1e-5 * loss);
      g_assert_cmpfloat (
          lk_loss_circle (D, c.margin, c.scale, c.e, N, people, NULL, c.scratch, NULL), ==, loss);
      check_gradient ("embeddings", c.e, c.de, N * D, 1e-4, 1e-3, circle_held, &c);
      case_clear (&c);
    }
}

static void
test_circle_edges (void)
{
  static const int alone[N] = { 1, 2, 3, 4, 5, 6, 7 };
  Case c;

  case_init (&c);
  /* No anchors. */
  g_assert_cmpfloat (lk_loss_circle (D, 0.25, 256, c.e, N, alone, c.de, c.scratch, NULL), ==, 0);
  for (int i = 0; i < N * D; i++)
    g_assert_cmpfloat (c.de[i], ==, 0);
  /* As far from good as can be, at the papers' scale: no overflow. */
  for (int i = 0; i < N; i++)
    for (int j = 0; j < D; j++)
      c.e[i * D + j] = i < 4 ? 1e-3f : -1e-3f;
  g_assert_cmpfloat (lk_loss_circle (D, 0.25, 256, c.e, N, people, c.de, c.scratch, NULL), >, 100);
  for (int i = 0; i < N * D; i++)
    g_assert_true (isfinite (c.de[i]));
  /* An embedding of zeros has no direction, and is no disaster. */
  memset (c.e, 0, D * sizeof (float));
  g_assert_true (isfinite (lk_loss_circle (D, 0.25, 30, c.e, N, people, c.de, c.scratch, NULL)));
  /* NaN is not hidden. */
  c.e[0] = NAN;
  g_assert_true (isnan (lk_loss_circle (D, 0.25, 30, c.e, N, people, c.de, c.scratch, NULL)));
  case_clear (&c);
}

static double
distillation (void *data)
{
  Case *c = data;

  return lk_loss_distillation (c->kind, D, c->e, N, c->targets, NULL, c->values, NULL);
}

static void
test_distillation (void)
{
  for (int kind = 0; kind < 2; kind++)
    {
      Case c;
      double loss, expected = 0;

      case_init (&c);
      c.kind = (LkDistillation) kind;
      loss = lk_loss_distillation (c.kind, D, c.e, N, c.targets, c.de, c.values, c.pool);
      for (int i = 0; i < N; i++)
        {
          const float *e = c.e + i * D, *t = c.targets + i * D;
          double value = 0;

          if (kind == LK_DISTILLATION_COSINE)
            value = 1 - cosine (e, t);
          else
            for (int j = 0; j < D; j++)
              value += pow ((double) e[j] - (double) t[j], 2);
          g_assert_cmpfloat_with_epsilon (c.values[i], value, 1e-5);
          expected += value / N;
        }
      g_assert_cmpfloat_with_epsilon (loss, expected, 1e-5);
      check_gradient ("embeddings", c.e, c.de, N * D, 3e-3, 0.01, distillation, &c);
      memset (c.e, 0, sizeof c.e);
      g_assert_true (
          isfinite (lk_loss_distillation (c.kind, D, c.e, N, c.targets, c.de, c.values, NULL)));
      g_assert_true (isfinite (c.de[0]));
      case_clear (&c);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/loss/circle", test_circle);
  g_test_add_func ("/loss/circle-edges", test_circle_edges);
  g_test_add_func ("/loss/distillation", test_distillation);
  return g_test_run ();
}
