/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nn/lk-muon.h"
#include "nn/lk-optimizer.h"
#include "nn/lk-rate.h"

#include <glib.h>
#include <math.h>
#include <string.h>

/* Over 32768 numbers in one array, so that there are several chunks, and running
 * statistics between arrays that are trained. */
#define TEXT                                                                                       \
  "network t\ni input size=20x20x2\nf flatten i\na dense f units=50 l2=0.01\n"                     \
  "b batchnorm a\ne dense b units=7 l2=0.5\ns l1-head e\n"

typedef struct
{
  LkNetwork *network;
  gsize n;
  float *params, *grads;
  double *w, *g, *m, *v; /* the same, by the formula */
} Case;

static void
case_init (Case *self)
{
  LkRandom random;

  self->network = lk_network_parse (TEXT, NULL, 0);
  g_assert_nonnull (self->network);
  self->n = lk_network_get_size (self->network);
  self->params = g_new (float, self->n);
  self->grads = g_new (float, self->n);
  self->w = g_new (double, self->n);
  self->g = g_new (double, self->n);
  self->m = g_new0 (double, self->n);
  self->v = g_new0 (double, self->n);
  lk_random_seed (&random, 8);
  for (gsize i = 0; i < self->n; i++)
    self->w[i] = (double) (self->params[i] = (float) lk_random_range (&random, -1, 1));
}

static void
case_clear (Case *self)
{
  lk_network_free (self->network);
  g_free (self->params);
  g_free (self->grads);
  g_free (self->w);
  g_free (self->g);
  g_free (self->m);
  g_free (self->v);
}

static void
draw_gradients (Case *self, LkRandom *random)
{
  for (gsize i = 0; i < self->n; i++)
    self->g[i] = (double) (self->grads[i] = (float) lk_random_range (random, -2, 2));
}

/* Adds the penalty's gradient to g; returns the penalty. */
static double
add_penalty (Case *self)
{
  double penalty = 0;

  for (int k = 0; k < lk_network_get_n_params (self->network); k++)
    {
      const LkParam *p = lk_network_get_param (self->network, k);

      for (gsize i = p->offset; i < p->offset + p->n; i++)
        {
          penalty += (double) p->l2 * self->w[i] * self->w[i];
          self->g[i] = p->trainable ? self->g[i] + 2 * (double) p->l2 * self->w[i] : 0;
        }
    }
  return penalty;
}

static void
compare (const Case *self)
{
  for (int k = 0; k < lk_network_get_n_params (self->network); k++)
    {
      const LkParam *p = lk_network_get_param (self->network, k);

      for (gsize i = p->offset; i < p->offset + p->n; i++)
        {
          g_assert_cmpfloat_with_epsilon (self->params[i], self->w[i], 2e-6);
          g_assert_true (self->grads[i] == 0 || !p->trainable);
        }
    }
}

static void
test_adam (void)
{
  LkPool *pool = lk_pool_new (3, 0);
  LkOptimizer *optimizer;
  LkRandom random;
  Case c;

  case_init (&c);
  optimizer = lk_optimizer_new (c.network, LK_OPTIMIZER_ADAM);
  lk_random_seed (&random, 1);
  for (int t = 1; t <= 20; t++)
    {
      double penalty, rate = 0.01 / t;

      draw_gradients (&c, &random);
      penalty = add_penalty (&c);
      for (gsize i = 0; i < c.n; i++)
        {
          c.m[i] = 0.9 * c.m[i] + 0.1 * c.g[i];
          c.v[i] = 0.999 * c.v[i] + 0.001 * c.g[i] * c.g[i];
          c.w[i] -= rate * sqrt (1 - pow (0.999, t)) / (1 - pow (0.9, t)) * c.m[i] /
                    (sqrt (c.v[i]) + 1e-7);
        }
      g_assert_cmpfloat_with_epsilon (lk_optimizer_step (optimizer, c.params, c.grads, rate, pool),
                                      penalty, 1e-4 * penalty);
      g_assert_cmpint (lk_optimizer_get_step (optimizer), ==, t);
      compare (&c);
    }
  g_assert_cmpint (lk_optimizer_get_n_moments (optimizer), ==, 2);
  for (gsize i = 0; i < c.n; i++)
    {
      g_assert_cmpfloat_with_epsilon (lk_optimizer_get_moment (optimizer, 0)[i], c.m[i], 1e-5);
      g_assert_cmpfloat_with_epsilon (lk_optimizer_get_moment (optimizer, 1)[i], c.v[i], 1e-5);
    }
  g_assert_null (lk_optimizer_get_moment (optimizer, 2));
  lk_optimizer_free (optimizer);
  lk_pool_free (pool);
  case_clear (&c);
}

/* A gradient far under epsilon: where Keras' place for it can be told from PyTorch's.
 * By hand: m = 1e-9, v = 1e-19, w = 0 - 1e-3 sqrt (0.001) / 0.1 * 1e-9 / (3.1623e-10 + 1e-7) */
static void
test_epsilon (void)
{
  LkOptimizer *optimizer;
  Case c;

  case_init (&c);
  memset (c.params, 0, c.n * sizeof (float));
  memset (c.grads, 0, c.n * sizeof (float));
  c.grads[c.n - 1] = 1e-8f;
  optimizer = lk_optimizer_new (c.network, LK_OPTIMIZER_ADAM);
  lk_optimizer_step (optimizer, c.params, c.grads, 1e-3, NULL);
  g_assert_cmpfloat_with_epsilon (c.params[c.n - 1], -3.15231e-6, 1e-10);
  g_assert_cmpfloat (c.params[c.n - 2], ==, 0);
  lk_optimizer_free (optimizer);
  case_clear (&c);
}

static void
test_sgd (void)
{
  LkOptimizer *optimizer;
  LkRandom random;
  Case c;

  case_init (&c);
  optimizer = lk_optimizer_new (c.network, LK_OPTIMIZER_SGD);
  lk_random_seed (&random, 2);
  for (int t = 1; t <= 10; t++)
    {
      double momentum = 0.05 * t;

      lk_optimizer_set_momentum (optimizer, momentum);
      draw_gradients (&c, &random);
      add_penalty (&c);
      for (gsize i = 0; i < c.n; i++)
        c.w[i] += c.m[i] = momentum * c.m[i] - 0.01 * c.g[i];
      lk_optimizer_step (optimizer, c.params, c.grads, 0.01, NULL);
      compare (&c);
    }
  g_assert_cmpint (lk_optimizer_get_n_moments (optimizer), ==, 1);
  lk_optimizer_free (optimizer);
  case_clear (&c);
}

static void
test_clipping (void)
{
  LkOptimizer *optimizer;
  LkRandom random;
  double squares = 0, norm;
  Case c;

  case_init (&c);
  lk_random_seed (&random, 3);

  optimizer = lk_optimizer_new (c.network, LK_OPTIMIZER_SGD);
  lk_optimizer_set_clip_value (optimizer, 0.75);
  draw_gradients (&c, &random);
  add_penalty (&c);
  for (gsize i = 0; i < c.n; i++)
    c.w[i] -= 0.1 * CLAMP (c.g[i], -0.75, 0.75);
  lk_optimizer_step (optimizer, c.params, c.grads, 0.1, NULL);
  compare (&c);

  /* Both: norm first. */
  lk_optimizer_set_clip_norm (optimizer, 100);
  draw_gradients (&c, &random);
  add_penalty (&c);
  for (gsize i = 0; i < c.n; i++)
    squares += c.g[i] * c.g[i];
  norm = sqrt (squares);
  g_assert_cmpfloat (norm, >, 200);
  for (gsize i = 0; i < c.n; i++)
    c.w[i] -= 0.1 * CLAMP (c.g[i] * 100 / norm, -0.75, 0.75);
  lk_optimizer_step (optimizer, c.params, c.grads, 0.1, NULL);
  compare (&c);

  /* Under the norm: as it is. */
  lk_optimizer_set_clip_norm (optimizer, 1e4);
  lk_optimizer_set_clip_value (optimizer, 0);
  draw_gradients (&c, &random);
  add_penalty (&c);
  for (gsize i = 0; i < c.n; i++)
    c.w[i] -= 0.1 * c.g[i];
  lk_optimizer_step (optimizer, c.params, c.grads, 0.1, NULL);
  compare (&c);

  /* NaN is not clipped to a number. */
  lk_optimizer_set_clip_value (optimizer, 1);
  lk_optimizer_set_clip_norm (optimizer, 0);
  c.grads[0] = NAN;
  lk_optimizer_step (optimizer, c.params, c.grads, 0.1, NULL);
  g_assert_true (isnan (c.params[0]));
  g_assert_true (isfinite (c.params[1]));
  lk_optimizer_free (optimizer);
  case_clear (&c);
}

/* The same bits with any number of threads, and when taken up from stored moments. */
static void
test_resume (void)
{
  LkPool *pool = lk_pool_new (3, 0);
  Case a, b;
  LkOptimizer *first, *second = NULL;
  LkRandom random;

  case_init (&a);
  case_init (&b);
  first = lk_optimizer_new (a.network, LK_OPTIMIZER_ADAM);
  second = lk_optimizer_new (b.network, LK_OPTIMIZER_ADAM);
  lk_optimizer_set_clip_norm (first, 10);
  lk_optimizer_set_clip_norm (second, 10);
  lk_random_seed (&random, 4);
  for (int t = 0; t < 6; t++)
    {
      double penalty;

      if (t == 3)
        {
          LkOptimizer *other = lk_optimizer_new (b.network, LK_OPTIMIZER_ADAM);

          for (int k = 0; k < 2; k++)
            memcpy (lk_optimizer_get_moment (other, k), lk_optimizer_get_moment (second, k),
                    b.n * sizeof (float));
          lk_optimizer_set_step (other, lk_optimizer_get_step (second));
          lk_optimizer_set_clip_norm (other, 10);
          lk_optimizer_free (second);
          second = other;
        }
      draw_gradients (&a, &random);
      memcpy (b.grads, a.grads, a.n * sizeof (float));
      penalty = lk_optimizer_step (first, a.params, a.grads, 0.01, pool);
      g_assert_cmpfloat (penalty, ==, lk_optimizer_step (second, b.params, b.grads, 0.01, NULL));
      g_assert_cmpmem (a.params, a.n * sizeof (float), b.params, b.n * sizeof (float));
    }
  lk_optimizer_free (first);
  lk_optimizer_free (second);
  lk_pool_free (pool);
  case_clear (&a);
  case_clear (&b);
}

static void
test_rates (void)
{
  const LkRate constant = { .kind = LK_RATE_CONSTANT, .rate = 1e-4 };
  const LkRate seeds = { .kind = LK_RATE_EXPONENTIAL, .rate = 5e-5, .factor = 0.97, .period = 200 };
  const LkRate paper = {
    .kind = LK_RATE_EXPONENTIAL, .rate = 1, .factor = 0.99, .period = 50, .staircase = 1
  };
  const LkRate level = { .kind = LK_RATE_LEVEL, .rate = 3, .total = 100, .fall = 20, .warmup = 10 };
  const LkRate cosine = { .kind = LK_RATE_COSINE, .rate = 2, .total = 100, .warmup = 10 };

  g_assert_cmpfloat (lk_rate_get (&constant, 0), ==, 1e-4);
  g_assert_cmpfloat (lk_rate_get (&constant, 1000000), ==, 1e-4);
  g_assert_cmpfloat (lk_rate_get (&seeds, 0), ==, 5e-5);
  g_assert_cmpfloat_with_epsilon (lk_rate_get (&seeds, 200), 4.85e-5, 1e-12);
  g_assert_cmpfloat_with_epsilon (lk_rate_get (&seeds, 100), 5e-5 * sqrt (0.97), 1e-12);
  g_assert_cmpfloat_with_epsilon (lk_rate_get (&seeds, 2000), 3.687120631e-5, 1e-12);
  g_assert_cmpfloat (lk_rate_get (&paper, 49), ==, 1);
  g_assert_cmpfloat_with_epsilon (lk_rate_get (&paper, 50), 0.99, 1e-12);
  g_assert_cmpfloat_with_epsilon (lk_rate_get (&paper, 149), 0.9801, 1e-12);
  g_assert_cmpfloat_with_epsilon (lk_rate_get (&cosine, 0), 0.2, 1e-12);
  g_assert_cmpfloat_with_epsilon (lk_rate_get (&cosine, 9), 2, 1e-12);
  g_assert_cmpfloat_with_epsilon (lk_rate_get (&cosine, 10), 2, 1e-12);
  g_assert_cmpfloat_with_epsilon (lk_rate_get (&cosine, 60), 1, 1e-12);
  g_assert_cmpfloat_with_epsilon (lk_rate_get (&cosine, 85), 1 - sqrt (0.5), 1e-12);
  g_assert_cmpfloat (lk_rate_get (&cosine, 110), ==, 0);
  g_assert_cmpfloat (lk_rate_get (&cosine, 5000), ==, 0);
  g_assert_cmpfloat (lk_rate_get (&level, 10), ==, 3);
  g_assert_cmpfloat (lk_rate_get (&level, 89), ==, 3);
  g_assert_cmpfloat_with_epsilon (lk_rate_get (&level, 90), 3 * 20.0 / 21, 1e-12);
  g_assert_cmpfloat_with_epsilon (lk_rate_get (&level, 109), 3 / 21.0, 1e-12);
  g_assert_cmpfloat (lk_rate_get (&level, 110), ==, 0);
}

/* Numbers that belong to no network are moved as a network's are, and frozen ones are not. */
static void
test_plain (void)
{
  LkOptimizer *plain, *whole;
  const LkParam *last;
  float *copy, *grads;
  LkRandom random;
  Case c;

  case_init (&c);
  last = lk_network_find_param (c.network, "s.kernel");
  whole = lk_optimizer_new (c.network, LK_OPTIMIZER_ADAM);
  plain = lk_optimizer_new_plain (c.n - last->offset, LK_OPTIMIZER_ADAM);
  copy = g_memdup2 (c.params, c.n * sizeof (float));
  lk_random_seed (&random, 2);
  lk_optimizer_freeze (whole, 0, last->offset);
  for (int step = 0; step < 3; step++)
    {
      draw_gradients (&c, &random);
      grads = g_memdup2 (c.grads + last->offset, (c.n - last->offset) * sizeof (float));
      g_assert_cmpfloat (lk_optimizer_step (whole, c.params, c.grads, 0.1, NULL), ==, 0);
      lk_optimizer_step (plain, copy + last->offset, grads, 0.1, NULL);
      g_assert_cmpmem (c.params, c.n * sizeof (float), copy, c.n * sizeof (float));
      g_assert_cmpfloat (grads[0], ==, 0);
      g_free (grads);
    }
  g_assert_cmpfloat (copy[last->offset], !=, (float) c.w[last->offset]);
  lk_optimizer_free (whole);
  lk_optimizer_free (plain);
  g_free (copy);
  case_clear (&c);
}

/* What a matrix moves by has singular values near 0.2 sqrt (longer side): times its own
 * transpose it is near to that times one, on the smaller side.  The update's values are
 * from 0.02 to 1: no momentum of practice is kinder. */
static void
check_move (int rows, int columns)
{
  int tall = rows >= columns, n = MIN (rows, columns), longer = MAX (rows, columns);
  g_autofree float *update = g_new (float, rows *columns);
  g_autofree float *w = g_new (float, rows *columns);
  g_autofree float *scratch = g_new (float, lk_muon_scratch (rows, columns));
  double unit = 0.04 * (double) longer, along = 0;
  LkRandom random;

  lk_random_seed (&random, 3);
  for (int i = 0; i < rows * columns; i++)
    {
      int k = tall ? i % columns : i / columns;

      update[i] = (float) (lk_random_normal (&random) * (k % 2 == 0 ? 50 : 1));
      w[i] = 0;
    }
  lk_muon_move (rows, columns, update, 1, 0.5, w, scratch);
  for (int a = 0; a < n; a++)
    for (int b = 0; b < n; b++)
      {
        double sum = 0;

        for (int k = 0; k < longer; k++)
          sum += tall ? (double) w[k * columns + a] * (double) w[k * columns + b]
                      : (double) w[a * columns + k] * (double) w[b * columns + k];
        sum /= unit;
        /* Values from 0.7 to 1.2: squares from 0.4 to 1.5. */
        g_assert_cmpfloat (sum, <, a == b ? 1.5 : 0.5);
        g_assert_cmpfloat (sum, >, a == b ? 0.4 : -0.5);
      }

  /* Against the gradient; its size does not count: the way back is the same. */
  for (int i = 0; i < rows * columns; i++)
    along += (double) w[i] * (double) update[i];
  g_assert_cmpfloat (along, <, 0);
  for (int i = 0; i < rows * columns; i++)
    {
      update[i] *= 1000;
      w[i] = -w[i];
    }
  lk_muon_move (rows, columns, update, 1, 0, w, scratch);
  for (int i = 0; i < rows * columns; i++)
    g_assert_cmpfloat_with_epsilon (w[i], 0, 1e-4);
  memset (update, 0, sizeof *update * (gsize) (rows * columns));
  memset (w, 0, sizeof *w * (gsize) (rows * columns));
  w[0] = 3;
  lk_muon_move (rows, columns, update, 0.1, 0.5, w, scratch); /* the decay alone */
  g_assert_cmpfloat_with_epsilon (w[0], 2.85, 1e-5);
  g_assert_cmpfloat (w[1], ==, 0);
  update[2] = NAN;
  lk_muon_move (rows, columns, update, 0.1, 0.5, w, scratch);
  g_assert_true (isnan (w[0]) && isnan (w[rows * columns - 1]));
}

static void
test_muon_move (void)
{
  check_move (300, 40);
  check_move (24, 250);
  check_move (200, 2);
  check_move (1, 90);
}

/* The same bits with and without threads; what is frozen stays. */
static void
test_muon (void)
{
  Case c;
  g_autofree float *first = NULL;
  const LkParam *frozen;

  case_init (&c);
  frozen = lk_network_find_param (c.network, "e.kernel");
  for (int threads = 1; threads <= 3; threads += 2)
    {
      LkOptimizer *optimizer = lk_optimizer_new (c.network, LK_OPTIMIZER_MUON);
      LkPool *pool = threads > 1 ? lk_pool_new (threads, 0) : NULL;
      g_autofree float *params = g_memdup2 (c.params, c.n * sizeof (float));
      LkRandom random;

      g_assert_cmpint (lk_optimizer_get_n_moments (optimizer), ==, 2);
      lk_random_seed (&random, 1);
      if (threads == 3)
        lk_optimizer_freeze (optimizer, frozen->offset, frozen->n);
      for (int i = 0; i < 3; i++)
        {
          draw_gradients (&c, &random);
          lk_optimizer_step (optimizer, params, c.grads, 1e-3, pool);
        }
      if (threads == 1)
        first = g_memdup2 (params, c.n * sizeof (float));
      for (gsize i = 0; i < c.n; i++)
        if (threads == 3 && i >= frozen->offset && i < frozen->offset + frozen->n)
          g_assert_cmpfloat (params[i], ==, c.params[i]);
        else
          g_assert_cmpfloat (params[i], ==, first[i]);
      lk_optimizer_free (optimizer);
      lk_pool_free (pool);
    }
  g_assert_cmpfloat (first[frozen->offset], !=, c.params[frozen->offset]);
  case_clear (&c);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/optimizer/adam", test_adam);
  g_test_add_func ("/optimizer/epsilon", test_epsilon);
  g_test_add_func ("/optimizer/sgd", test_sgd);
  g_test_add_func ("/optimizer/clipping", test_clipping);
  g_test_add_func ("/optimizer/resume", test_resume);
  g_test_add_func ("/optimizer/rates", test_rates);
  g_test_add_func ("/optimizer/plain", test_plain);
  g_test_add_func ("/optimizer/muon-move", test_muon_move);
  g_test_add_func ("/optimizer/muon", test_muon);
  return g_test_run ();
}
