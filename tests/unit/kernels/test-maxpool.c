/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel-test.h"
#include "nn/lk-maxpool.h"

/* n, h, w, c, oh, ow, window, stride, pad_top, pad_left */
static const LkMaxPool shapes[] = {
  { 1, 1, 1, 1, 1, 1, 1, 1, 0, 0 },        { 2, 6, 8, 3, 3, 4, 2, 2, 0, 0 },
  { 1, 7, 9, 17, 4, 5, 2, 2, 0, 0 }, /* same: the last window is cut */
  { 2, 7, 9, 16, 3, 4, 2, 2, 0, 0 }, /* valid: the last row is left out */
  { 1, 9, 9, 33, 7, 7, 3, 1, 0, 0 },       { 1, 8, 10, 5, 4, 5, 3, 2, 0, 0 },
  { 1, 20, 19, 6, 10, 10, 64, 2, 31, 31 }, /* the documents' window of 64 */
  { 2, 46, 46, 8, 23, 23, 64, 2, 31, 31 }, { 1, 30, 41, 4, 15, 21, 5, 2, 1, 2 },
  { 1, 13, 12, 2, 5, 4, 4, 3, 1, 1 },
};

static void
test_forward (gconstpointer data)
{
  const LkMaxPool *mp = data;
  size_t in = (size_t) mp->n * mp->h * mp->w * mp->c,
         out = (size_t) mp->n * mp->oh * mp->ow * mp->c;
  g_autofree float *x = random_floats (in), *want = g_new (float, out), *y = g_new (float, out);
  g_autofree int32_t *where_want = g_new (int32_t, out), *where = g_new (int32_t, out);
  LkPool *pools[] = { NULL, lk_pool_new (3, 0) };

  for (size_t i = 0; i < in; i += 3)
    x[i] = roundf (x[i] * 3); /* ties: the first wins; zeros and all-negative windows */
  lk_max_pool_forward_ref (mp, x, want, where_want);
  for (guint p = 0; p < G_N_ELEMENTS (pools); p++)
    {
      g_autofree float *scratch = g_new (float, lk_max_pool_scratch (mp, pools[p]));

      memset (y, 0xff, out * sizeof *y);
      lk_max_pool_forward (mp, x, y, where, scratch, pools[p]);
      g_assert_cmpmem (y, out * sizeof *y, want, out * sizeof *y);
      g_assert_cmpmem (where, out * sizeof *where, where_want, out * sizeof *where);
      memset (y, 0xff, out * sizeof *y);
      lk_max_pool_forward (mp, x, y, NULL, scratch, pools[p]);
      g_assert_cmpmem (y, out * sizeof *y, want, out * sizeof *y);
    }
  lk_pool_free (pools[1]);
}

static void
test_backward (gconstpointer data)
{
  const LkMaxPool *mp = data;
  size_t in = (size_t) mp->n * mp->h * mp->w * mp->c,
         out = (size_t) mp->n * mp->oh * mp->ow * mp->c;
  g_autofree float *x = random_floats (in), *y = g_new (float, out), *dy = random_floats (out);
  g_autofree float *dx = g_new (float, in), *want = g_new0 (float, in);
  g_autofree int32_t *where = g_new (int32_t, out);
  LkPool *pools[] = { NULL, lk_pool_new (3, 0) };

  lk_max_pool_forward_ref (mp, x, y, where);
  for (size_t i = 0; i < out; i++)
    {
      size_t n = i / ((size_t) mp->oh * mp->ow * mp->c);

      want[(n * mp->h * mp->w + where[i]) * mp->c + i % mp->c] += dy[i];
    }
  for (guint p = 0; p < G_N_ELEMENTS (pools); p++)
    {
      memset (dx, 0xff, in * sizeof *dx);
      lk_max_pool_backward (mp, dy, where, dx, pools[p]);
      g_assert_cmpmem (dx, in * sizeof *dx, want, in * sizeof *want);
    }
  lk_pool_free (pools[1]);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      g_autofree char *forward = g_strdup_printf ("/maxpool/forward/%u", i);
      g_autofree char *backward = g_strdup_printf ("/maxpool/backward/%u", i);

      g_test_add_data_func (forward, &shapes[i], test_forward);
      g_test_add_data_func (backward, &shapes[i], test_backward);
    }
  return g_test_run ();
}
