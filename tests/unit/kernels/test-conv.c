/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel-test.h"
#include "nn/lk-conv-private.h"

/* n, h, w, c, oh, ow, o, kh, kw, stride, pad_top, pad_left: odd on purpose. */
static const LkConv shapes[] = {
  { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0 },     { 1, 1, 1, 7, 1, 1, 5, 1, 1, 1, 0, 0 },
  { 2, 5, 7, 3, 3, 4, 5, 3, 4, 1, 0, 0 },     { 1, 14, 33, 3, 5, 24, 64, 10, 10, 1, 0, 0 },
  { 2, 9, 19, 16, 6, 16, 40, 4, 4, 1, 0, 0 }, { 1, 9, 9, 128, 6, 6, 33, 4, 4, 1, 0, 0 },
  { 3, 7, 6, 5, 7, 6, 17, 3, 3, 1, 1, 1 },  /* same */
  { 1, 6, 5, 4, 6, 5, 8, 4, 4, 1, 1, 1 },   /* same, even kernel: more behind */
  { 2, 8, 11, 6, 4, 6, 19, 3, 3, 2, 0, 1 }, /* same, stride 2 */
  { 1, 11, 13, 2, 4, 5, 31, 3, 3, 3, 1, 1 },  { 1, 23, 30, 8, 12, 15, 96, 1, 1, 2, 0, 0 },
  { 1, 3, 4, 2, 3, 4, 3, 7, 7, 1, 3, 3 }, /* kernel over the whole picture */
  { 1, 4, 100, 1, 3, 98, 1, 2, 3, 1, 0, 0 },  { 1, 12, 12, 20, 5, 5, 130, 4, 4, 2, 0, 0 },
  { 5, 4, 4, 31, 2, 2, 65, 3, 3, 1, 0, 0 },
};

/* Stride 1 and output channels in sixteens: by Fourier transforms. */
static const LkConv fft_shapes[] = {
  { 1, 1, 1, 16, 1, 1, 16, 1, 1, 1, 0, 0 },
  { 1, 16, 16, 16, 10, 10, 32, 7, 7, 1, 0, 0 }, /* one tile */
  { 3, 22, 22, 32, 16, 16, 16, 7, 7, 1, 0, 0 }, /* four, cut at the end */
  { 2, 30, 23, 16, 27, 20, 16, 4, 4, 1, 0, 0 },
  { 5, 26, 33, 16, 17, 23, 48, 10, 11, 1, 0, 0 },
  { 1, 14, 29, 16, 14, 29, 16, 5, 5, 1, 2, 2 }, /* padded */
  { 1, 40, 12, 16, 38, 12, 16, 6, 6, 1, 1, 3 },
  { 2, 33, 47, 3, 24, 38, 32, 10, 10, 1, 0, 0 }, /* few channels, several groups */
  { 1, 30, 30, 19, 24, 24, 16, 7, 7, 1, 0, 0 },
  { 2, 100, 20, 33, 98, 18, 16, 3, 3, 1, 0, 0 },
  { 9, 3, 2, 16, 3, 2, 16, 3, 3, 1, 1, 1 }, /* smaller than a tile */
};

/* 3 x 3, stride 1, channels of both sides in sixteens: by Winograd's method. */
static const LkConv winograd_shapes[] = {
  { 1, 1, 1, 16, 1, 1, 16, 3, 3, 1, 1, 1 },
  { 1, 6, 6, 16, 4, 4, 32, 3, 3, 1, 0, 0 }, /* one tile */
  { 2, 7, 13, 32, 7, 13, 48, 3, 3, 1, 1, 1 },
  { 3, 13, 7, 64, 11, 5, 16, 3, 3, 1, 0, 0 },
  { 1, 9, 30, 48, 9, 30, 80, 3, 3, 1, 0, 2 },   /* padded at one end */
  { 5, 25, 25, 16, 25, 25, 16, 3, 3, 1, 1, 1 }, /* several groups */
  { 2, 5, 6, 192, 5, 6, 192, 3, 3, 1, 1, 1 },
};

typedef struct
{
  size_t x, kernel, y;
} Sizes;

static Sizes
sizes_of (const LkConv *cv)
{
  return (Sizes){ .x = (size_t) cv->n * cv->h * cv->w * cv->c,
                  .kernel = (size_t) cv->kh * cv->kw * cv->c * cv->o,
                  .y = (size_t) cv->n * cv->oh * cv->ow * cv->o };
}

static void
test_forward (gconstpointer data)
{
  const LkConv *cv = data;
  Sizes size = sizes_of (cv);
  g_autofree float *x = random_floats (size.x), *kernel = random_floats (size.kernel);
  g_autofree float *bias = random_floats (cv->o), *scale = random_floats (cv->o);
  g_autofree float *shift = random_floats (cv->o), *want = g_new (float, size.y);
  g_autofree float *packed = g_new (float, lk_conv_direct_packed_size (cv));
  const LkEpilogue epilogues[] = {
    { NULL, 0, NULL, NULL },   { bias, 0, NULL, NULL },   { bias, 1, NULL, NULL },
    { NULL, 1, scale, shift }, { bias, 1, scale, shift },
  };
  LkPool *pools[] = { NULL, lk_pool_new (3, 0) };

  lk_conv_direct_pack (cv, kernel, packed, NULL);
  for (guint p = 0; p < G_N_ELEMENTS (pools); p++)
    for (guint e = 0; e < G_N_ELEMENTS (epilogues); e++)
      {
        /* Exactly as large as promised: the sanitizers see any store outside. */
        g_autofree float *y = g_new (float, size.y);

        memset (y, 0xff, size.y * sizeof *y); /* NaN: all must be written */
        lk_conv_forward_ref (cv, x, kernel, &epilogues[e], want);
        lk_conv_direct_forward (cv, x, packed, e == 0 ? NULL : &epilogues[e], y, pools[p]);
        assert_close ("y", y, want, size.y, (double) cv->kh * cv->kw * cv->c);
      }
  lk_pool_free (pools[1]);
}

static void
test_backward (gconstpointer data)
{
  const LkConv *cv = data;
  Sizes size = sizes_of (cv);
  g_autofree float *x = random_floats (size.x), *kernel = random_floats (size.kernel);
  g_autofree float *dy = random_floats (size.y), *dx_want = g_new (float, size.x);
  g_autofree float *start = random_floats (size.kernel), *start_bias = random_floats (cv->o);
  g_autofree float *dk_want = g_memdup2 (start, size.kernel * sizeof (float));
  g_autofree float *db_want = g_memdup2 (start_bias, cv->o * sizeof (float));
  LkPool *pools[] = { NULL, lk_pool_new (3, 0) };

  lk_conv_backward_data_ref (cv, dy, kernel, dx_want);
  lk_conv_backward_kernel_ref (cv, x, dy, dk_want, db_want);
  for (guint p = 0; p < G_N_ELEMENTS (pools); p++)
    {
      g_autofree float *scratch = g_new (float, lk_conv_direct_data_scratch (cv));
      g_autofree float *scratch2 = g_new (float, lk_conv_direct_kernel_scratch (cv, pools[p]));
      g_autofree float *dx = g_new (float, size.x);
      g_autofree float *dk = g_memdup2 (start, size.kernel * sizeof (float));
      g_autofree float *db = g_memdup2 (start_bias, cv->o * sizeof (float));
      double pixels = (double) cv->n * cv->oh * cv->ow;

      memset (dx, 0xff, size.x * sizeof *dx);
      lk_conv_direct_backward_data (cv, dy, kernel, dx, scratch, pools[p]);
      assert_close ("dx", dx, dx_want, size.x, (double) cv->kh * cv->kw * cv->o);
      lk_conv_direct_backward_kernel (cv, x, dy, dk, db, scratch2, pools[p]);
      assert_close ("dkernel", dk, dk_want, size.kernel, pixels);
      assert_close ("dbias", db, db_want, cv->o, pixels);
    }
  lk_pool_free (pools[1]);
}

static void
test_fft (gconstpointer data)
{
  const LkConv *cv = data;
  Sizes size = sizes_of (cv);
  g_autofree float *x = random_floats (size.x), *kernel = random_floats (size.kernel);
  g_autofree float *bias = random_floats (cv->o), *scale = random_floats (cv->o);
  g_autofree float *shift = random_floats (cv->o), *want = g_new (float, size.y);
  g_autofree float *packed = g_new (float, lk_conv_fft_packed_size (cv));
  const LkEpilogue epilogues[] = { { 0 }, { bias, 1, NULL, NULL }, { bias, 0, scale, shift } };
  LkPool *pools[] = { NULL, lk_pool_new (3, 0) };

  for (guint p = 0; p < G_N_ELEMENTS (pools); p++)
    for (guint e = 0; e < G_N_ELEMENTS (epilogues); e++)
      {
        g_autofree float *y = g_new (float, size.y);
        g_autofree float *scratch = g_new (float, lk_conv_fft_scratch (cv, pools[p]));

        memset (y, 0xff, size.y * sizeof *y);
        lk_conv_fft_pack (cv, kernel, packed, pools[p]);
        lk_conv_forward_ref (cv, x, kernel, &epilogues[e], want);
        lk_conv_fft_forward (cv, x, packed, e == 0 ? NULL : &epilogues[e], y, scratch, pools[p]);
        /* A transform's rounding is that of all 256 numbers of a tile in each of them. */
        assert_close ("y", y, want, size.y, 256.0 * cv->c);
      }
  lk_pool_free (pools[1]);
}

static void
test_fft_backward (gconstpointer data)
{
  const LkConv *cv = data;
  Sizes size = sizes_of (cv);
  g_autofree float *x = random_floats (size.x), *kernel = random_floats (size.kernel);
  g_autofree float *dy = random_floats (size.y), *dx_want = g_new (float, size.x);
  g_autofree float *start = random_floats (size.kernel), *start_bias = random_floats (cv->o);
  g_autofree float *dk_want = g_memdup2 (start, size.kernel * sizeof (float));
  g_autofree float *db_want = g_memdup2 (start_bias, cv->o * sizeof (float));
  LkPool *pools[] = { NULL, lk_pool_new (3, 0) };
  double tiles = (double) cv->n * (cv->oh / 6 + 1) * (cv->ow / 6 + 1);

  lk_conv_backward_data_ref (cv, dy, kernel, dx_want);
  lk_conv_backward_kernel_ref (cv, x, dy, dk_want, db_want);
  for (guint p = 0; p < G_N_ELEMENTS (pools); p++)
    {
      g_autofree float *scratch = g_new (float, lk_conv_fft_kernel_scratch (cv, pools[p]));
      g_autofree float *dk = g_memdup2 (start, size.kernel * sizeof (float));
      g_autofree float *db = g_memdup2 (start_bias, cv->o * sizeof (float));

      lk_conv_fft_backward_kernel (cv, x, dy, dk, db, scratch, pools[p]);
      assert_close ("dkernel", dk, dk_want, size.kernel, 256.0 * tiles);
      assert_close ("dbias", db, db_want, cv->o, 256.0 * tiles);
      if (cv->c % 16 == 0)
        {
          g_autofree float *dx = g_new (float, size.x);
          g_autofree float *rest = g_new (float, lk_conv_fft_data_scratch (cv, pools[p]));

          memset (dx, 0xff, size.x * sizeof *dx);
          lk_conv_fft_backward_data (cv, dy, kernel, dx, rest, pools[p]);
          assert_close ("dx", dx, dx_want, size.x, 256.0 * cv->o);
        }
    }
  lk_pool_free (pools[1]);
}

/* A number of a tile is made of up to 36 others, with factors up to 8 x 8. */
#define WINOGRAD_TERMS 1000.0

static void
test_winograd (gconstpointer data)
{
  const LkConv *cv = data;
  Sizes size = sizes_of (cv);
  g_autofree float *x = random_floats (size.x), *kernel = random_floats (size.kernel);
  g_autofree float *bias = random_floats (cv->o), *scale = random_floats (cv->o);
  g_autofree float *shift = random_floats (cv->o), *want = g_new (float, size.y);
  g_autofree float *packed = g_new (float, lk_conv_winograd_packed_size (cv));
  const LkEpilogue epilogues[] = { { 0 }, { bias, 1, NULL, NULL }, { bias, 0, scale, shift } };
  LkPool *pools[] = { NULL, lk_pool_new (3, 0) };

  for (guint p = 0; p < G_N_ELEMENTS (pools); p++)
    for (guint e = 0; e < G_N_ELEMENTS (epilogues); e++)
      {
        g_autofree float *y = g_new (float, size.y);
        g_autofree float *scratch = g_new (float, lk_conv_winograd_scratch (cv, pools[p]));

        memset (y, 0xff, size.y * sizeof *y);
        lk_conv_winograd_pack (cv, kernel, packed, pools[p]);
        lk_conv_forward_ref (cv, x, kernel, &epilogues[e], want);
        lk_conv_winograd_forward (cv, x, packed, e == 0 ? NULL : &epilogues[e], y, scratch,
                                  pools[p]);
        assert_close ("y", y, want, size.y, WINOGRAD_TERMS * cv->c);
      }
  lk_pool_free (pools[1]);
}

static void
test_winograd_backward (gconstpointer data)
{
  const LkConv *cv = data;
  Sizes size = sizes_of (cv);
  g_autofree float *x = random_floats (size.x), *kernel = random_floats (size.kernel);
  g_autofree float *dy = random_floats (size.y), *dx_want = g_new (float, size.x);
  g_autofree float *start = random_floats (size.kernel), *start_bias = random_floats (cv->o);
  g_autofree float *dk_want = g_memdup2 (start, size.kernel * sizeof (float));
  g_autofree float *db_want = g_memdup2 (start_bias, cv->o * sizeof (float));
  LkPool *pools[] = { NULL, lk_pool_new (3, 0) };
  double pixels = (double) cv->n * cv->oh * cv->ow;

  lk_conv_backward_data_ref (cv, dy, kernel, dx_want);
  lk_conv_backward_kernel_ref (cv, x, dy, dk_want, db_want);
  for (guint p = 0; p < G_N_ELEMENTS (pools); p++)
    {
      g_autofree float *scratch = g_new (float, lk_conv_winograd_kernel_scratch (cv));
      g_autofree float *rest = g_new (float, lk_conv_winograd_data_scratch (cv, pools[p]));
      g_autofree float *dk = g_memdup2 (start, size.kernel * sizeof (float));
      g_autofree float *db = g_memdup2 (start_bias, cv->o * sizeof (float));
      g_autofree float *dx = g_new (float, size.x);

      lk_conv_winograd_backward_kernel (cv, x, dy, dk, db, scratch, pools[p]);
      assert_close ("dkernel", dk, dk_want, size.kernel, WINOGRAD_TERMS * pixels);
      assert_close ("dbias", db, db_want, cv->o, pixels);
      memset (dx, 0xff, size.x * sizeof *dx);
      lk_conv_winograd_backward_data (cv, dy, kernel, dx, rest, pools[p]);
      assert_close ("dx", dx, dx_want, size.x, WINOGRAD_TERMS * cv->o);
    }
  lk_pool_free (pools[1]);
}

/* Whichever way is chosen: the one that is expected, and the same answer from any number of
 * threads. */
static void
test_chosen (void)
{
  static const LkConv cvs[] = {
    [LK_CONV_DIRECT] = { 2, 20, 20, 16, 10, 10, 32, 3, 3, 2, 1, 1 },
    [LK_CONV_FFT] = { 2, 40, 40, 32, 34, 34, 32, 7, 7, 1, 0, 0 },
    [LK_CONV_WINOGRAD] = { 2, 25, 25, 64, 25, 25, 64, 3, 3, 1, 1, 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cvs); i++)
    {
      const LkConv *cv = &cvs[i];
      Sizes size = sizes_of (cv);
      g_autofree float *x = random_floats (size.x), *kernel = random_floats (size.kernel);
      g_autofree float *dy = random_floats (size.y), *want = g_new (float, size.y);
      g_autofree float *packed = g_new (float, lk_conv_packed_size (cv));
      g_autofree float *first = NULL;
      int way = (int) i;
      gsize total = size.y + size.x + size.kernel + (gsize) cv->o;

      g_assert_cmpint (lk_conv_choose_forward (cv), ==, way);
      g_assert_cmpint (lk_conv_choose_data (cv), ==, way);
      g_assert_cmpint (lk_conv_choose_kernel (cv), ==, way);
      lk_conv_forward_ref (cv, x, kernel, NULL, want);
      for (int n_threads = 1; n_threads <= 3; n_threads++)
        {
          LkPool *pool = lk_pool_new (n_threads, 0);
          g_autofree float *scratch = g_new (float, lk_conv_scratch (cv, pool));
          g_autofree float *back = g_new (float, lk_conv_backward_scratch (cv, pool));
          g_autofree float *all = g_new0 (float, total);
          float *y = all, *dx = y + size.y, *dk = dx + size.x, *db = dk + size.kernel;

          lk_conv_pack (cv, kernel, packed, pool);
          lk_conv_forward (cv, x, packed, NULL, y, scratch, pool);
          lk_conv_backward_data (cv, dy, kernel, dx, back, pool);
          lk_conv_backward_kernel (cv, x, dy, dk, db, back, pool);
          assert_close ("y", y, want, size.y, 256.0 * cv->c);
          if (first != NULL)
            g_assert_cmpmem (all, total * sizeof *all, first, total * sizeof *first);
          else
            first = g_steal_pointer (&all);
          lk_pool_free (pool);
        }
    }
}

/* The references against each other: <dy, conv (x)> is linear in each argument, so
 * <dy, y> = <dx, x> = <dkernel, kernel>. */
static void
test_adjoint (gconstpointer data)
{
  const LkConv *cv = data;
  Sizes size = sizes_of (cv);
  g_autofree float *x = random_floats (size.x), *kernel = random_floats (size.kernel);
  g_autofree float *dy = random_floats (size.y), *y = g_new (float, size.y);
  g_autofree float *dx = g_new (float, size.x), *dk = g_new0 (float, size.kernel);
  g_autofree float *db = g_new0 (float, cv->o);
  double by_y = 0, by_x = 0, by_kernel = 0, scale = 1;

  lk_conv_forward_ref (cv, x, kernel, NULL, y);
  lk_conv_backward_data_ref (cv, dy, kernel, dx);
  lk_conv_backward_kernel_ref (cv, x, dy, dk, db);
  for (size_t i = 0; i < size.y; i++)
    {
      by_y += (double) y[i] * (double) dy[i];
      scale += fabs ((double) y[i] * (double) dy[i]);
    }
  for (size_t i = 0; i < size.x; i++)
    by_x += (double) x[i] * (double) dx[i];
  for (size_t i = 0; i < size.kernel; i++)
    by_kernel += (double) kernel[i] * (double) dk[i];
  g_assert_cmpfloat_with_epsilon (by_y, by_x, 1e-6 * scale);
  g_assert_cmpfloat_with_epsilon (by_y, by_kernel, 1e-6 * scale);
}

/* 1 2 3      1 0
 * 4 5 6  by  0 1 : 1+5, 2+6, 4+8, 5+9, then bias, relu, scale. */
static void
test_by_hand (void)
{
  const LkConv cv = { 1, 3, 3, 1, 2, 2, 1, 2, 2, 1, 0, 0 };
  const float x[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 }, kernel[] = { 1, 0, 0, 1 };
  const float bias = -8, scale = 2, shift = 1;
  const LkEpilogue epilogue = { &bias, 1, &scale, &shift };
  float y[4];

  lk_conv_forward_ref (&cv, x, kernel, &epilogue, y);
  g_assert_cmpfloat (y[0], ==, 1);
  g_assert_cmpfloat (y[1], ==, 1);
  g_assert_cmpfloat (y[2], ==, 9);
  g_assert_cmpfloat (y[3], ==, 13);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/conv/by-hand", test_by_hand);
  g_test_add_func ("/conv/chosen", test_chosen);
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      g_autofree char *adjoint = g_strdup_printf ("/conv/adjoint/%u", i);
      g_autofree char *forward = g_strdup_printf ("/conv/forward/%u", i);
      g_autofree char *backward = g_strdup_printf ("/conv/backward/%u", i);

      g_test_add_data_func (adjoint, &shapes[i], test_adjoint);
      g_test_add_data_func (forward, &shapes[i], test_forward);
      g_test_add_data_func (backward, &shapes[i], test_backward);
    }
  for (guint i = 0; i < G_N_ELEMENTS (fft_shapes); i++)
    {
      g_autofree char *name = g_strdup_printf ("/conv/fft/%u", i);

      g_autofree char *backward = g_strdup_printf ("/conv/fft-backward/%u", i);

      g_test_add_data_func (name, &fft_shapes[i], test_fft);
      g_test_add_data_func (backward, &fft_shapes[i], test_fft_backward);
    }
  for (guint i = 0; i < G_N_ELEMENTS (winograd_shapes); i++)
    {
      g_autofree char *name = g_strdup_printf ("/conv/winograd/%u", i);
      g_autofree char *backward = g_strdup_printf ("/conv/winograd-backward/%u", i);

      g_test_add_data_func (name, &winograd_shapes[i], test_winograd);
      g_test_add_data_func (backward, &winograd_shapes[i], test_winograd_backward);
    }
  return g_test_run ();
}
