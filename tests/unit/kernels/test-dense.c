/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel-test.h"
#include "nn/lk-dense-packed.h"
#include "nn/lk-dense.h"

#include <stdlib.h>

typedef struct
{
  int n, in, out;
} Shape;

static const Shape shapes[] = {
  { 1, 1, 1 }, { 1, 300, 517 }, { 2, 7, 129 }, { 5, 131, 64 }, { 17, 65, 300 }, { 1, 5, 3 },
};

static void
test_dense (gconstpointer data)
{
  const Shape *s = data;
  size_t nx = (size_t) s->n * s->in, nk = (size_t) s->in * s->out, ny = (size_t) s->n * s->out;
  g_autofree float *x = random_floats (nx), *kernel = random_floats (nk);
  g_autofree float *bias = random_floats (s->out), *dy = random_floats (ny);
  g_autofree float *want = g_new (float, ny), *dx_want = g_new (float, nx);
  g_autofree float *start = random_floats (nk), *start_bias = random_floats (s->out);
  g_autofree float *dk_want = g_memdup2 (start, nk * sizeof *start);
  g_autofree float *db_want = g_memdup2 (start_bias, s->out * sizeof *start_bias);
  LkPool *pools[] = { NULL, lk_pool_new (3, 0) };

  for (int i = 0; i < s->n; i++)
    for (int k = 0; k < s->in; k++)
      {
        double sum = 0;

        for (int o = 0; o < s->out; o++)
          sum += (double) dy[i * s->out + o] * (double) kernel[k * s->out + o];
        dx_want[i * s->in + k] = (float) sum;
      }
  for (int k = 0; k < s->in; k++)
    for (int o = 0; o < s->out; o++)
      for (int i = 0; i < s->n; i++)
        dk_want[k * s->out + o] += x[i * s->in + k] * dy[i * s->out + o];
  for (int i = 0; i < s->n; i++)
    for (int o = 0; o < s->out; o++)
      db_want[o] += dy[i * s->out + o];

  for (guint p = 0; p < G_N_ELEMENTS (pools); p++)
    for (int with_bias = 0; with_bias < 2; with_bias++)
      {
        g_autofree float *y = g_new (float, ny), *dx = g_new (float, nx);
        g_autofree float *dk = g_memdup2 (start, nk * sizeof *start);
        g_autofree float *db = g_memdup2 (start_bias, s->out * sizeof *start_bias);

        memset (y, 0xff, ny * sizeof *y);
        memset (dx, 0xff, nx * sizeof *dx);
        lk_dense_forward_ref (s->n, s->in, s->out, x, kernel, with_bias ? bias : NULL, want);
        lk_dense_forward (s->n, s->in, s->out, x, kernel, with_bias ? bias : NULL, y, pools[p]);
        assert_close ("y", y, want, ny, s->in);
        lk_dense_backward (s->n, s->in, s->out, x, kernel, dy, with_bias ? dx : NULL, dk, db,
                           pools[p]);
        if (with_bias)
          assert_close ("dx", dx, dx_want, nx, s->out);
        assert_close ("dkernel", dk, dk_want, nk, s->n);
        assert_close ("dbias", db, db_want, s->out, s->n);
      }
  lk_pool_free (pools[1]);
}

/* Weights of 16 bits: each is off by at most 1 / 65534 of its column's largest. */
static void
test_packed (gconstpointer data)
{
  const Shape *s = data;
  size_t nx = (size_t) s->n * s->in, nk = (size_t) s->in * s->out, ny = (size_t) s->n * s->out;
  g_autofree float *x = random_floats (nx), *kernel = random_floats (nk);
  g_autofree float *bias = random_floats (s->out), *want = g_new (float, ny),
                   *y = g_new (float, ny);
  LkPool *pools[] = { NULL, lk_pool_new (3, 0) };
  void *packed = aligned_alloc (64, (lk_dense_packed_size (s->in, s->out) + 63) / 64 * 64);

  for (size_t i = 0; i < nx; i += 3)
    x[i] = 0; /* rows that are left out */
  for (int k = 0; k < s->in; k++)
    {
      kernel[k * s->out] = 0;                     /* a column of zeros */
      kernel[k * s->out + s->out / 2] *= 1e-6f;   /* of small numbers */
      kernel[k * s->out + s->out - 1] *= 1000.0f; /* of large ones */
    }
  lk_dense_pack (s->in, s->out, kernel, packed);
  for (guint p = 0; p < G_N_ELEMENTS (pools); p++)
    for (int kind = 0; kind < 4; kind++)
      {
        const float *b = kind & 1 ? bias : NULL;
        int sigmoid = kind / 2;
        void *scratch = aligned_alloc (64, lk_dense_packed_scratch (s->in, pools[p]));

        memset (y, 0xff, ny * sizeof *y);
        lk_dense_forward_ref (s->n, s->in, s->out, x, kernel, b, want);
        lk_dense_packed_forward (s->n, s->in, s->out, x, packed, b, sigmoid, y, scratch, pools[p]);
        for (size_t i = 0; i < ny; i++)
          {
            double largest = 0, inputs = 0, w = (double) want[i], bound;

            for (int k = 0; k < s->in; k++)
              {
                largest = MAX (largest, fabs ((double) kernel[k * s->out + i % s->out]));
                inputs += fabs ((double) x[i / s->out * s->in + k]);
              }
            bound = inputs * largest * (1 / 65534.0 + 1e-6) + 1e-6 * (1 + fabs (w));
            if (sigmoid)
              w = 1 / (1 + exp (-w));
            g_assert_cmpfloat_with_epsilon ((double) y[i], w, sigmoid ? bound / 4 + 1e-6 : bound);
          }
        free (scratch);
      }
  free (packed);
  lk_pool_free (pools[1]);
}

static void
test_by_hand (void)
{
  const float x[] = { 1, 2 }, kernel[] = { 1, 2, 3, 4, 5, 6 }, bias[] = { 10, 20, 30 };
  float y[3];

  lk_dense_forward_ref (1, 2, 3, x, kernel, bias, y);
  g_assert_cmpfloat (y[0], ==, 10 + 1 + 8);
  g_assert_cmpfloat (y[1], ==, 20 + 2 + 10);
  g_assert_cmpfloat (y[2], ==, 30 + 3 + 12);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dense/by-hand", test_by_hand);
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      g_autofree char *name = g_strdup_printf ("/dense/plain/%u", i);

      g_autofree char *packed = g_strdup_printf ("/dense/packed/%u", i);

      g_test_add_data_func (name, &shapes[i], test_dense);
      g_test_add_data_func (packed, &shapes[i], test_packed);
    }
  return g_test_run ();
}
