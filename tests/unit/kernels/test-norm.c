/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-random.h"
#include "kernel-test.h"
#include "nn/lk-batchnorm.h"

#include <string.h>

/* A batch norm of so many rows and channels, with what its plain loops make of it. */
typedef struct
{
  size_t rows, n;
  int c, relu;
  float *x, *add, *dy, *gamma, *beta, *mean, *variance, *scratch;
  float *y, *dx, *dgamma, *dbeta;               /* by the plain loops */
  float *out, *dx_out, *dgamma_out, *dbeta_out; /* by the functions that are tested */
} Case;

static void
case_init (Case *self, size_t rows, int c, int relu)
{
  LkRandom random;

  *self = (Case){ .rows = rows, .c = c, .relu = relu, .n = rows * (size_t) c };
  lk_random_seed (&random, 9);
  self->x = g_new (float, self->n);
  self->dy = random_floats (self->n);
  self->add = random_floats (self->n);
  self->gamma = random_floats ((size_t) c);
  self->beta = random_floats ((size_t) c);
  self->mean = g_new (float, c);
  self->variance = g_new (float, c);
  self->scratch = g_new (float, lk_batch_norm_scratch (rows, c));
  self->y = g_new (float, self->n);
  self->dx = g_new (float, self->n);
  self->out = g_new (float, self->n);
  self->dx_out = g_new (float, self->n);
  self->dgamma = g_new0 (float, c);
  self->dbeta = g_new0 (float, c);
  self->dgamma_out = g_new0 (float, c);
  self->dbeta_out = g_new0 (float, c);
  /* Means far from 0, beside what the numbers vary by. */
  for (size_t i = 0; i < self->n; i++)
    self->x[i] = (float) ((lk_random_normal (&random) + (double) (i % c % 4 * 8)) *
                          (double) (1 + i % c));
}

static void
case_clear (Case *self)
{
  float *all[] = { self->x,    self->add,    self->dy,         self->gamma,
                   self->beta, self->mean,   self->variance,   self->scratch,
                   self->y,    self->dx,     self->dgamma,     self->dbeta,
                   self->out,  self->dx_out, self->dgamma_out, self->dbeta_out };

  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    g_free (all[i]);
}

static void
run_ref (Case *self)
{
  g_autofree float *d = g_memdup2 (self->dy, self->n * sizeof *d);

  lk_batch_norm_forward_ref (self->rows, self->c, self->x, 1e-3f, self->gamma, self->beta, self->y);
  for (size_t i = 0; self->relu && i < self->n; i++)
    {
      if (!(self->y[i] > 0))
        d[i] = 0;
      self->y[i] = MAX (self->y[i], 0);
    }
  lk_batch_norm_backward_ref (self->rows, self->c, self->x, 1e-3f, self->gamma, d, self->dx,
                              self->dgamma, self->dbeta);
}

static void
run_forward (Case *self, const float *add, float *y, LkPool *pool)
{
  lk_batch_norm_forward (self->rows, self->c, self->x, self->mean, self->variance, 1e-3f,
                         self->gamma, self->beta, add, self->relu, y, self->scratch, pool);
}

static void
run_backward (Case *self, const float *dy, float *dx, LkPool *pool)
{
  memset (self->dgamma_out, 0, (size_t) self->c * sizeof (float));
  memset (self->dbeta_out, 0, (size_t) self->c * sizeof (float));
  lk_batch_norm_backward (self->rows, self->c, self->x, self->mean, self->variance, 1e-3f,
                          self->gamma, self->beta, self->relu, dy, dx, self->dgamma_out,
                          self->dbeta_out, self->scratch, pool);
}

static void
check (size_t rows, int c, int relu, LkPool *pool)
{
  Case self;

  g_test_message ("%zu rows, %d channels%s", rows, c, relu ? ", relu" : "");
  case_init (&self, rows, c, relu);
  run_ref (&self);
  lk_batch_norm_statistics (rows, c, self.x, self.mean, self.variance, self.scratch, pool);
  run_forward (&self, NULL, self.out, pool);
  assert_close ("y", self.out, self.y, self.n, 100);
  run_backward (&self, self.dy, self.dx_out, pool);
  assert_close ("dx", self.dx_out, self.dx, self.n, 100);
  /* A mean in float32 is off by some 1e-6 of the deviation, which that of a few rows may be far
   * below. */
  assert_close ("dgamma", self.dgamma_out, self.dgamma, (size_t) c, 10 * (double) (rows + 50));
  assert_close ("dbeta", self.dbeta_out, self.dbeta, (size_t) c, (double) rows);

  /* With another summand, which may be the output; without threads: the same bits. */
  for (size_t i = 0; !relu && i < self.n; i++)
    self.y[i] += self.add[i];
  run_forward (&self, self.add, self.out, NULL);
  if (!relu)
    assert_close ("y + add", self.out, self.y, self.n, 100);
  run_forward (&self, self.add, self.add, pool);
  g_assert_cmpmem (self.add, self.n * sizeof (float), self.out, self.n * sizeof (float));
  for (size_t i = 0; relu && i < self.n; i++)
    g_assert_cmpfloat (self.out[i], >=, 0);

  /* In place, and without threads: the same bits. */
  run_backward (&self, self.dy, self.dy, NULL);
  g_assert_cmpmem (self.dy, self.n * sizeof (float), self.dx_out, self.n * sizeof (float));
  case_clear (&self);
}

static void
test_ref (void)
{
  /* Whole vectors and rests of each width; chunks and blocks of rows that are not full. */
  static const int channels[] = { 1, 3, 16, 37, 70 };
  static const int rows[] = { 5, 31, 256, 700 };
  LkPool *pool = lk_pool_new (3, 0);

  for (guint i = 0; i < G_N_ELEMENTS (channels); i++)
    for (guint k = 0; k < G_N_ELEMENTS (rows); k++)
      for (int relu = 0; relu < 2; relu++)
        check ((size_t) rows[k], channels[i], relu, pool);
  lk_pool_free (pool);
}

/* A number that is none is not lost on the way. */
static void
test_nan (void)
{
  Case self;

  case_init (&self, 40, 33, 1);
  self.x[5 * 33 + 20] = NAN;
  self.x[5 * 33 + 32] = NAN;
  lk_batch_norm_statistics (40, 33, self.x, self.mean, self.variance, self.scratch, NULL);
  g_assert_true (isnan (self.variance[20]) && isnan (self.variance[32]));
  g_assert_false (isnan (self.variance[19]));
  run_forward (&self, NULL, self.out, NULL);
  g_assert_true (isnan (self.out[20]) && isnan (self.out[32]));
  case_clear (&self);
}

static void
test_update (void)
{
  float mean = 2, variance = 3, running_mean = 10, running_variance = 4;

  lk_batch_norm_update (700, 1, &mean, &variance, 0.99f, &running_mean, &running_variance);
  g_assert_cmpfloat_with_epsilon (running_mean, 9.9 + 0.01 * 2, 1e-5);
  g_assert_cmpfloat_with_epsilon (running_variance, 3.96 + 0.01 * 3 * 700 / 699, 1e-5);
  /* One row has no variance to speak of. */
  lk_batch_norm_update (1, 1, &mean, &variance, 0.5f, &running_mean, &running_variance);
  g_assert_true (isfinite (running_variance));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/norm/ref", test_ref);
  g_test_add_func ("/norm/nan", test_nan);
  g_test_add_func ("/norm/update", test_update);
  return g_test_run ();
}
