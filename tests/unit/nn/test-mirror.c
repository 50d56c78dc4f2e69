/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Networks that look at a picture and at its mirror image. */
#include "nn/lk-infer.h"
#include "nn/lk-mirror.h"

#include <glib.h>
#include <math.h>
#include <string.h>

#define H 5
#define W 7
#define C 3
#define D 11
#define N 5 /* pictures: two batches of 2 and one of 1 */

#define PICTURE (H * W * C)

static const char text[] = "network t\n"
                           "image image-line\n"
                           "a     conv2d    image filters=4 kernel=3 activation=relu\n"
                           "flat  flatten   a\n"
                           "dense dense     flat units=11\n"
                           "unit  normalize dense\n"
                           "head  l1-head   unit\n";

static LkNetwork *
make_network (const char *input)
{
  g_auto (GStrv) parts = g_strsplit (text, "image-line", 2);
  g_autofree char *whole = g_strjoinv (input, parts);
  char why[256] = "";
  LkNetwork *network = lk_network_parse (whole, why, sizeof why);

  g_assert_cmpstr (why, ==, "");
  return network;
}

static void
embed (const LkNetwork *network, const float *params, const float *pictures, float *out)
{
  LkInfer *infer = lk_infer_new (network, params, 2, NULL);

  g_assert_nonnull (infer);
  lk_infer_embed (infer, pictures, N, out);
  lk_infer_free (infer);
}

static void
test_pictures (void)
{
  const float in[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };
  const float one[] = { 5, 6, 3, 4, 1, 2, 11, 12, 9, 10, 7, 8 };
  const float other[] = { 3, 2, 1, 6, 5, 4, 9, 8, 7, 12, 11, 10 };
  float out[12];

  lk_mirror_pictures (in, 1, 2, 3, 2, out); /* 2x3 of 2 */
  g_assert_cmpmem (out, sizeof out, one, sizeof one);
  lk_mirror_pictures (in, 2, 2, 3, 1, out); /* two of 2x3 of 1 */
  g_assert_cmpmem (out, sizeof out, other, sizeof other);
}

/* The direction of the sum of what the same network makes of both without being told. */
static void
test_embeds (void)
{
  LkNetwork *twice = make_network ("input size=5x7x3 mirrored=yes");
  LkNetwork *once = make_network ("input size=5x7x3 mirrored=no");
  float pictures[N * PICTURE], mirrored[N * PICTURE];
  float both[N * D], a[N * D], b[N * D];
  g_autofree float *params = g_new (float, lk_network_get_size (once));
  LkRandom random;

  g_assert_true (lk_network_is_mirrored (twice));
  g_assert_false (lk_network_is_mirrored (once));
  lk_random_seed (&random, 3);
  lk_network_init (once, params, &random);
  for (int i = 0; i < N * PICTURE; i++)
    pictures[i] = (float) lk_random_double (&random);
  lk_mirror_pictures (pictures, N, H, W, C, mirrored);
  embed (twice, params, pictures, both);
  embed (once, params, pictures, a);
  embed (once, params, mirrored, b);
  for (int i = 0; i < N; i++)
    {
      double length = 0, apart = 0;

      for (int j = i * D; j < (i + 1) * D; j++)
        {
          length += pow ((double) a[j] + (double) b[j], 2);
          apart = MAX (apart, fabs ((double) a[j] - (double) b[j]));
        }
      g_assert_cmpfloat (apart, >, 0.01);
      for (int j = i * D; j < (i + 1) * D; j++)
        g_assert_cmpfloat_with_epsilon ((double) both[j],
                                        ((double) a[j] + (double) b[j]) / sqrt (length), 1e-5);
    }
  /* Which of them is the mirror image is all the same. */
  embed (twice, params, mirrored, a);
  for (int i = 0; i < N * D; i++)
    g_assert_cmpfloat_with_epsilon (a[i], both[i], 1e-6);
  lk_network_free (twice);
  lk_network_free (once);
}

static void
assert_refused (const char *whole, const char *begin)
{
  char why[256] = "";

  g_assert_null (lk_network_parse (whole, why, sizeof why));
  g_assert_true (strstr (why, begin) != NULL);
}

static void
test_refused (void)
{
  assert_refused ("network t\nimage input size=5x7x3 mirrored=maybe\n", "neither yes nor no");
  assert_refused ("network t\nimage input size=5x7x3 mirrored=yes\nflat flatten image\n"
                  "dense dense flat units=3\nhead l1-head dense\n",
                  "unit length");
  assert_refused ("network t\nimage input size=8x8x3 mirrored=yes\n"
                  "a conv2d image filters=4 kernel=3\nhead maps a\n",
                  "unit length");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mirror/pictures", test_pictures);
  g_test_add_func ("/mirror/embeds", test_embeds);
  g_test_add_func ("/mirror/refused", test_refused);
  return g_test_run ();
}
