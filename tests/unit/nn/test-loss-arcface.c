/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nn/lk-loss-arcface.h"

#include "base/lk-random.h"
#include "gradient.h"

#include <string.h>

/* More classes than a thread takes at a time, and rows than one block of rows has. */
#define N       21
#define D       13
#define CLASSES 300

typedef struct
{
  float e[N * D], c[CLASSES * D], de[N * D], dc[CLASSES * D], *scratch;
  int classes[N];
  int begin[CLASSES + 1], items[2 * CLASSES];
  LkClassLists left_out;
  gboolean use_lists;
  double margin, scale;
  LkPool *pool;
} Case;

static void
case_init (Case *self)
{
  LkRandom random;
  int n = 0;

  memset (self, 0xff, sizeof *self); /* NaN: all must be written */
  self->scratch = g_new (float, lk_loss_arcface_scratch (D, N, CLASSES));
  self->pool = lk_pool_new (3, 0);
  self->margin = 0.5;
  self->scale = 8;
  self->use_lists = TRUE;
  lk_random_seed (&random, 12);
  for (int i = 0; i < N * D; i++)
    self->e[i] = (float) lk_random_range (&random, -1, 1);
  for (int i = 0; i < CLASSES * D; i++)
    self->c[i] = (float) lk_random_range (&random, -2, 2);
  for (int i = 0; i < N; i++)
    self->classes[i] = i % 5 == 3 ? -1 : (int) lk_random_below (&random, CLASSES);
  self->classes[7] = self->classes[0]; /* two rows of one class */
  /* Row 1 lies on its centre, row 2 opposite to it: beyond the margin's turn. */
  for (int j = 0; j < D; j++)
    {
      self->e[1 * D + j] = 0.7f * self->c[self->classes[1] * D + j] + 0.1f * self->e[1 * D + j];
      self->e[2 * D + j] = -0.7f * self->c[self->classes[2] * D + j] + 0.1f * self->e[2 * D + j];
    }
  /* Neighbours by number are left out of each other's sums. */
  for (int k = 0; k < CLASSES; k++)
    {
      self->begin[k] = n;
      if (k > 0)
        self->items[n++] = k - 1;
      if (k < CLASSES - 1)
        self->items[n++] = k + 1;
    }
  self->begin[CLASSES] = n;
  self->left_out = (LkClassLists){ self->begin, self->items };
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

static double
by_definition (void *data)
{
  const Case *c = data;
  double loss = 0;
  int count = 0;

  for (int i = 0; i < N; i++)
    {
      int y = c->classes[i];
      double own, sum, angle;

      if (y < 0)
        continue;
      own = cosine (c->e + i * D, c->c + y * D);
      angle = acos (own) + c->margin;
      own = angle <= G_PI ? cos (angle) : own - c->margin * sin (c->margin);
      sum = exp (c->scale * own);
      for (int j = 0; j < CLASSES; j++)
        if (j != y && !(c->use_lists && (j == y - 1 || j == y + 1)))
          sum += exp (c->scale * cosine (c->e + i * D, c->c + j * D));
      loss += log (sum) - c->scale * own;
      count++;
    }
  return count > 0 ? loss / count : 0;
}

static double
find (Case *c, LkPool *pool)
{
  return lk_loss_arcface (D, c->margin, c->scale, c->e, N, c->classes, c->c, CLASSES,
                          c->use_lists ? &c->left_out : NULL, c->de, c->dc, c->scratch, pool);
}

static void
test_gradient (void)
{
  Case c;

  case_init (&c);
  for (int round = 0; round < 2; round++)
    {
      float de[N * D], dc[CLASSES * D];
      double loss;

      c.use_lists = round == 0;
      loss = find (&c, c.pool);
      g_assert_cmpfloat_with_epsilon (loss, by_definition (&c), 2e-6 * loss);
      for (int i = 0; i < N; i++)
        for (int j = 0; j < D && c.classes[i] < 0; j++)
          g_assert_cmpfloat (c.de[i * D + j], ==, 0);
      check_gradient ("embeddings", c.e, c.de, N * D, 1e-3, 5e-3, by_definition, &c);
      check_gradient ("centres", c.c, c.dc, CLASSES * D, 1e-3, 5e-3, by_definition, &c);

      /* The same on any number of threads. */
      memcpy (de, c.de, sizeof de);
      memcpy (dc, c.dc, sizeof dc);
      g_assert_cmpfloat (find (&c, NULL), ==, loss);
      g_assert_cmpmem (de, sizeof de, c.de, sizeof de);
      g_assert_cmpmem (dc, sizeof dc, c.dc, sizeof dc);
    }
  case_clear (&c);
}

static void
test_edges (void)
{
  Case c;

  case_init (&c);
  /* A large scale makes large exponents, which must not overflow. */
  c.scale = 5000;
  g_assert_cmpfloat (find (&c, NULL), >, 100);
  for (int i = 0; i < N * D; i++)
    g_assert_true (isfinite (c.de[i]));
  c.scale = 8;
  /* On the centre itself, and of no length at all. */
  memcpy (c.e + D, c.c + c.classes[1] * D, D * sizeof (float));
  memset (c.e, 0, D * sizeof (float));
  g_assert_true (isfinite (find (&c, NULL)));
  for (int i = D; i < N * D; i++)
    g_assert_true (isfinite (c.de[i]));
  c.e[5] = (float) NAN;
  g_assert_true (isnan (find (&c, NULL)));
  for (int i = 0; i < N; i++)
    c.classes[i] = -1;
  g_assert_cmpfloat (find (&c, NULL), ==, 0);
  for (int i = 0; i < N * D; i++)
    g_assert_cmpfloat (c.de[i], ==, 0);
  for (int i = 0; i < CLASSES * D; i++)
    g_assert_cmpfloat (c.dc[i], ==, 0);
  case_clear (&c);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/arcface/gradient", test_gradient);
  g_test_add_func ("/arcface/edges", test_edges);
  return g_test_run ();
}
