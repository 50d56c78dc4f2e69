/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-random.h"
#include "nn/lk-infer.h"
#include "nn/lk-whiten.h"

#include <glib.h>
#include <math.h>
#include <string.h>

enum
{
  D = 7,
  PEOPLE = 300,
  EACH = 5,
  N = PEOPLE * EACH
};

/* People far apart, each one's pictures straying along one slanting direction above all. */
static void
draw (float *embeddings, int *people)
{
  LkRandom random;

  lk_random_seed (&random, 3);
  for (int p = 0; p < PEOPLE; p++)
    {
      double mean[D];

      for (int j = 0; j < D; j++)
        mean[j] = 3 * lk_random_normal (&random);
      for (int i = 0; i < EACH; i++)
        {
          double along = lk_random_normal (&random);

          people[p * EACH + i] = p;
          for (int j = 0; j < D; j++)
            embeddings[(p * EACH + i) * D + j] = (float) (mean[j] + along * (j + 1) / 4 +
                                                          0.3 * lk_random_normal (&random));
        }
    }
}

/* The covariance within people of [N, D]. */
static void
scatter (const float *x, double out[D][D])
{
  memset (out, 0, sizeof (double[D][D]));
  for (int p = 0; p < PEOPLE; p++)
    {
      const float *own = x + p * EACH * D;
      double mean[D] = { 0 };

      for (int i = 0; i < EACH * D; i++)
        mean[i % D] += (double) own[i] / EACH;
      for (int i = 0; i < EACH; i++)
        for (int j = 0; j < D; j++)
          for (int k = 0; k < D; k++)
            out[j][k] += ((double) own[i * D + j] - mean[j]) * ((double) own[i * D + k] - mean[k]);
    }
}

static double
strongest_against_weakest (double a[D][D])
{
  double most = 0, least = INFINITY;

  for (int j = 0; j < D; j++)
    {
      most = MAX (most, a[j][j]);
      least = MIN (least, a[j][j]);
    }
  return most / least;
}

static void
map_rows (const float *x, const float *map, float *out)
{
  memset (out, 0, sizeof (float) * N * D);
  for (int i = 0; i < N; i++)
    for (int k = 0; k < D; k++)
      for (int j = 0; j < D; j++)
        out[i * D + j] += x[i * D + k] * map[k * D + j];
}

/* At nearly full strength nothing is left of the direction; at none nothing changes. */
static void
test_find (void)
{
  g_autofree float *x = g_new (float, N *D), *mapped = g_new (float, N *D);
  int people[N];
  float map[D * D];
  double before[D][D], after[D][D];

  draw (x, people);
  scatter (x, before);
  g_assert_cmpfloat (strongest_against_weakest (before), >, 10);
  g_assert_true (lk_whiten_find (D, x, people, N, 0.9999, map));
  map_rows (x, map, mapped);
  scatter (mapped, after);
  for (int j = 0; j < D; j++)
    for (int k = 0; k < D; k++)
      {
        g_assert_cmpfloat_with_epsilon (after[j][k] / after[0][0], j == k, 0.02);
        g_assert_cmpfloat_with_epsilon ((double) map[j * D + k], (double) map[k * D + j], 1e-5);
      }

  g_assert_true (lk_whiten_find (D, x, people, N, 0.3, map));
  map_rows (x, map, mapped);
  scatter (mapped, after);
  g_assert_cmpfloat (strongest_against_weakest (after), <,
                     0.7 * strongest_against_weakest (before));
  g_assert_cmpfloat (strongest_against_weakest (after), >, 1.5);

  g_assert_true (lk_whiten_find (D, x, people, N, 0, map));
  for (int j = 0; j < D * D; j++)
    g_assert_cmpfloat_with_epsilon ((double) map[j], j % (D + 1) == 0, 1e-6);
}

static void
test_nothing_to_find (void)
{
  g_autofree float *x = g_new (float, N *D);
  int people[N];
  float map[D * D];

  draw (x, people);
  for (int i = 0; i < N; i++)
    people[i] = i; /* one picture each */
  g_assert_false (lk_whiten_find (D, x, people, N, 0.5, map));
  draw (x, people);
  x[N * D / 2] = NAN;
  g_assert_false (lk_whiten_find (D, x, people, N, 0.5, map));
  g_assert_false (lk_whiten_find (D, x, people, 0, 0.5, map));
}

#define SIDE    4
#define PICTURE (SIDE * SIDE)

static LkNetwork *
make_network (const char *end)
{
  g_autofree char *text = g_strdup_printf ("network t\n"
                                           "image input     size=4x4x1\n"
                                           "flat  flatten   image\n"
                                           "%s"
                                           "score l1-head   embedding\n",
                                           end);
  char why[256] = "";
  LkNetwork *network = lk_network_parse (text, why, sizeof why);

  g_assert_cmpstr (why, ==, "");
  return network;
}

static float *
draw_params (const LkNetwork *network)
{
  gsize n = lk_network_get_size (network);
  float *params = g_new (float, n);
  LkRandom random;

  lk_random_seed (&random, 8);
  for (gsize i = 0; i < n; i++)
    params[i] = 0.2F + 0.8F * (float) lk_random_double (&random); /* variances are above 0 */
  return params;
}

/* The network's embeddings afterwards are its embeddings before, mapped. */
static void
test_fold (void)
{
  LkNetwork *network = make_network ("dense dense     flat units=7 bias=none\n"
                                     "norm  batchnorm dense\n"
                                     "embedding normalize norm\n");
  g_autofree float *params = draw_params (network), *x = g_new (float, N *D);
  float map[D * D], pictures[3 * PICTURE], before[3 * D], after[3 * D];
  int people[N];
  LkRandom random;
  LkInfer *infer;

  lk_random_seed (&random, 4);
  for (int i = 0; i < 3 * PICTURE; i++)
    pictures[i] = (float) lk_random_normal (&random);
  draw (x, people);
  g_assert_true (lk_whiten_find (D, x, people, N, 0.5, map));
  infer = lk_infer_new (network, params, 1, NULL);
  lk_infer_embed (infer, pictures, 3, before);
  lk_infer_free (infer);
  g_assert_true (lk_whiten_apply (D, map, 3, before));
  for (int i = 0; i < 3; i++)
    {
      double length = 0;

      for (int j = 0; j < D; j++)
        length += (double) before[i * D + j] * (double) before[i * D + j];
      g_assert_cmpfloat_with_epsilon (length, 1, 1e-5);
    }

  g_assert_true (lk_whiten_fold (network, params, map));
  infer = lk_infer_new (network, params, 1, NULL);
  lk_infer_embed (infer, pictures, 3, after);
  lk_infer_free (infer);
  for (int i = 0; i < 3 * D; i++)
    g_assert_cmpfloat_with_epsilon ((double) after[i], (double) before[i], 1e-3); /* 16 bits */
  lk_network_free (network);
}

static void
test_other_networks (void)
{
  static const char *const ends[] = {
    "embedding dense flat units=7 activation=sigmoid\n",
    "dense dense flat units=7\nembedding normalize dense\n",
    "dense dense flat units=7\nnorm batchnorm dense\nembedding normalize norm\n",
    ("dense dense flat units=7 bias=none\nnorm batchnorm dense activation=relu\n"
     "embedding normalize norm\n"),
  };
  float map[D * D] = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      LkNetwork *network = make_network (ends[i]);
      g_autofree float *params = draw_params (network), *same = draw_params (network);
      gsize size = lk_network_get_size (network) * sizeof (float);

      g_assert_false (lk_whiten_fold (network, params, map));
      g_assert_cmpmem (params, size, same, size);
      lk_network_free (network);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/whiten/find", test_find);
  g_test_add_func ("/whiten/nothing-to-find", test_nothing_to_find);
  g_test_add_func ("/whiten/fold", test_fold);
  g_test_add_func ("/whiten/other-networks", test_other_networks);
  return g_test_run ();
}
