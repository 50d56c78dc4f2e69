/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nn/lk-loss.h"

#include "gradient.h"

#include <string.h>

#define N 6
#define D 300 /* more than one thread's columns, and no multiple of the lanes */

static const LkPair pairs[] = { { 0, 1, 1 }, { 0, 2, 0 }, { 3, 4, 0 }, { 1, 3, 1 }, { 4, 2, 0 } };
static const LkTriplet triplets[] = { { 0, 1, 2 }, { 3, 4, 1 }, { 2, 0, 4 }, { 1, 0, 3 } };

typedef struct
{
  LkNetwork *network;
  LkPool *pool;
  gsize size;
  float *params, *grads;
  float e[N * D], de[N * D];
  float out[2 * G_N_ELEMENTS (pairs)];
  double margin;
} Case;

static void
case_init (Case *self, double spread)
{
  char why[128] = "";
  LkRandom random;

  self->network = lk_network_parse ("network t\ni input size=10x10x3\nf flatten i\ns l1-head f\n",
                                    why, sizeof why);
  g_assert_cmpstr (why, ==, "");
  self->pool = lk_pool_new (3, 0);
  self->size = lk_network_get_size (self->network);
  self->params = g_new (float, self->size);
  self->grads = g_new0 (float, self->size);
  lk_random_seed (&random, 21);
  for (gsize i = 0; i < self->size; i++)
    self->params[i] = (float) lk_random_range (&random, -0.3, 0.3);
  for (int i = 0; i < N * D; i++)
    self->e[i] = (float) lk_random_range (&random, 0, spread);
  memset (self->de, 0xff, sizeof self->de); /* NaN: every row must be written */
}

static void
case_clear (Case *self)
{
  lk_network_free (self->network);
  lk_pool_free (self->pool);
  g_free (self->params);
  g_free (self->grads);
}

static double
cross_entropy (void *data)
{
  Case *c = data;

  return lk_loss_cross_entropy (c->network, c->params, c->e, N, pairs, G_N_ELEMENTS (pairs), NULL,
                                NULL, c->out, NULL);
}

static void
check_unused_row (const Case *c)
{
  for (int j = 0; j < D; j++)
    g_assert_cmpfloat (c->de[5 * D + j], ==, 0);
}

static void
test_cross_entropy (void)
{
  Case c;
  double loss, expected = 0;

  case_init (&c, 1);
  loss = lk_loss_cross_entropy (c.network, c.params, c.e, N, pairs, G_N_ELEMENTS (pairs), c.de,
                                c.grads, c.out, c.pool);
  for (gsize k = 0; k < G_N_ELEMENTS (pairs); k++)
    {
      double z = (double) c.params[D], p;

      for (int j = 0; j < D; j++)
        z += (double) c.params[j] *
             (fabs ((double) c.e[pairs[k].a * D + j] - (double) c.e[pairs[k].b * D + j]) + 1e-6);
      p = 1 / (1 + exp (-z));
      expected -= log (pairs[k].same ? p : 1 - p) / G_N_ELEMENTS (pairs);
      g_assert_cmpfloat_with_epsilon (c.out[k], p, 1e-6);
    }
  g_assert_cmpfloat_with_epsilon (loss, expected, 1e-6);
  g_assert_cmpfloat (cross_entropy (&c), ==, loss);
  check_gradient ("kernel", c.params, c.grads, D, 1e-3, 0.01, cross_entropy, &c);
  check_gradient ("bias", c.params + D, c.grads + D, 1, 1e-3, 0.01, cross_entropy, &c);
  check_gradient ("embeddings", c.e, c.de, 5 * D, 1e-3, 0.01, cross_entropy, &c);
  check_unused_row (&c);

  /* Accumulates. */
  {
    float before = c.grads[7];

    lk_loss_cross_entropy (c.network, c.params, c.e, N, pairs, G_N_ELEMENTS (pairs), c.de, c.grads,
                           c.out, NULL);
    g_assert_cmpfloat_with_epsilon (c.grads[7], 2 * before, 1e-7);
  }
  case_clear (&c);
}

/* Scores beyond what a float can tell from 0 and 1. */
static void
test_certain (void)
{
  static const LkPair right[] = { { 0, 1, 1 } }, wrong[] = { { 0, 1, 0 } };
  Case c;

  case_init (&c, 1);
  c.params[D] = 500;
  g_assert_cmpfloat (
      lk_loss_cross_entropy (c.network, c.params, c.e, N, right, 1, c.de, c.grads, c.out, NULL), <,
      1e-30);
  g_assert_cmpfloat (c.out[0], ==, 1);
  g_assert_cmpfloat (c.de[0], ==, 0);
  g_assert_cmpfloat (
      lk_loss_cross_entropy (c.network, c.params, c.e, N, wrong, 1, c.de, c.grads, c.out, NULL), >,
      400);
  g_assert_cmpfloat (c.grads[D], ==, 1);

  /* Two equal pictures: no gradient, no direction to choose, and 300 times 1e-6 left over. */
  memcpy (c.e + D, c.e, D * sizeof (float));
  for (int j = 0; j < D; j++)
    c.params[j] = 1000;
  c.params[D] = 0;
  lk_loss_cross_entropy (c.network, c.params, c.e, N, right, 1, c.de, c.grads, c.out, NULL);
  g_assert_cmpfloat (c.de[0], ==, 0);
  g_assert_cmpfloat_with_epsilon (c.out[0], 1 / (1 + exp (-0.3)), 1e-6);

  /* NaN is not hidden. */
  c.e[0] = NAN;
  g_assert_true (isnan (
      lk_loss_cross_entropy (c.network, c.params, c.e, N, right, 1, c.de, c.grads, c.out, NULL)));
  case_clear (&c);
}

static double
contrastive (void *data)
{
  Case *c = data;

  return lk_loss_contrastive (D, c->margin, c->e, N, pairs, G_N_ELEMENTS (pairs), NULL, c->out,
                              NULL);
}

static double
distance (const float *a, const float *b)
{
  double sum = 0;

  for (int j = 0; j < D; j++)
    sum += ((double) a[j] - (double) b[j]) * ((double) a[j] - (double) b[j]);
  return sqrt (sum);
}

static void
test_contrastive (void)
{
  Case c;
  double loss, expected = 0;
  int inside = 0;

  case_init (&c, 0.5);
  c.margin = 3.55; /* some of the pairs are nearer, some are not: about 0.5 * sqrt (300 / 6) */
  loss = lk_loss_contrastive (D, c.margin, c.e, N, pairs, G_N_ELEMENTS (pairs), c.de, c.out,
                              c.pool);
  for (gsize k = 0; k < G_N_ELEMENTS (pairs); k++)
    {
      double far = distance (c.e + pairs[k].a * D, c.e + pairs[k].b * D);

      g_assert_cmpfloat_with_epsilon (c.out[k], far, 1e-6);
      inside += !pairs[k].same && far < c.margin;
      expected += (pairs[k].same ? far * far : pow (MAX (c.margin - far, 0), 2)) /
                  G_N_ELEMENTS (pairs);
    }
  g_assert_cmpint (inside, >, 0);
  g_assert_cmpint (inside, <, 3);
  g_assert_cmpfloat_with_epsilon (loss, expected, 1e-6);
  check_gradient ("embeddings", c.e, c.de, 5 * D, 1e-3, 0.01, contrastive, &c);
  check_unused_row (&c);

  memcpy (c.e + 2 * D, c.e, D * sizeof (float)); /* pair 1: two people, one embedding */
  loss = lk_loss_contrastive (D, c.margin, c.e, N, pairs + 1, 1, c.de, c.out, NULL);
  g_assert_cmpfloat_with_epsilon (loss, c.margin * c.margin, 1e-5);
  g_assert_cmpfloat (c.de[0], ==, 0);
  case_clear (&c);
}

static double
triplet (void *data)
{
  Case *c = data;

  return lk_loss_triplet (D, c->margin, c->e, N, triplets, G_N_ELEMENTS (triplets), NULL, c->out,
                          NULL);
}

static void
test_triplet (void)
{
  Case c;
  double loss, expected = 0;
  int active = 0;

  case_init (&c, 1);
  c.margin = 0.05;
  loss = lk_loss_triplet (D, c.margin, c.e, N, triplets, G_N_ELEMENTS (triplets), c.de, c.out,
                          c.pool);
  for (gsize k = 0; k < G_N_ELEMENTS (triplets); k++)
    {
      const LkTriplet *t = &triplets[k];
      double excess = distance (c.e + t->anchor * D, c.e + t->positive * D) -
                      distance (c.e + t->anchor * D, c.e + t->negative * D) + c.margin;

      active += excess > 0;
      expected += MAX (excess, 0) / G_N_ELEMENTS (triplets);
    }
  g_assert_cmpint (active, >, 0);
  g_assert_cmpint (active, <, (int) G_N_ELEMENTS (triplets));
  g_assert_cmpfloat_with_epsilon (loss, expected, 1e-6);
  check_gradient ("embeddings", c.e, c.de, 5 * D, 1e-3, 0.01, triplet, &c);
  check_unused_row (&c);

  memcpy (c.e + D, c.e, D * sizeof (float)); /* anchor and positive are one */
  triplet (&c);
  lk_loss_triplet (D, 100, c.e, N, triplets, 1, c.de, c.out, NULL);
  g_assert_true (isfinite (c.de[0]));
  g_assert_cmpfloat (c.de[D], ==, 0);
  case_clear (&c);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/loss/cross-entropy", test_cross_entropy);
  g_test_add_func ("/loss/certain", test_certain);
  g_test_add_func ("/loss/contrastive", test_contrastive);
  g_test_add_func ("/loss/triplet", test_triplet);
  return g_test_run ();
}
