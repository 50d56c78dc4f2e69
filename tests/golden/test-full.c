/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "golden.h"
#include "nn/lk-loss.h"
#include "nn/lk-optimizer.h"
#include "nn/lk-pass.h"
#include "nn/lk-rate.h"

#include <string.h>

/* The documents' networks at full size: twenty steps of Adam on four pairs, against
 * PyTorch (float64).  Parameters and pictures come from hash32() on both sides. */
#define N_PICTURES 8

/* Shares of a root mean square, and of the losses plain differences.  Three times what was
 * measured at most on the three instruction sets: rounding decides near ties, and grows
 * from step to step.  (PyTorch's own float32 is 6e-4 off its float64 by step 5.) */
#define FORWARD_TOLERANCE  1e-5
#define GRADIENT_TOLERANCE 5e-3
#define FIRST_TOLERANCE    3e-4 /* steps 0 to 2 */
#define EARLY_TOLERANCE    5e-3 /* to 9 */
#define LATE_TOLERANCE     3e-2 /* to 19 */
#define AFTER_TOLERANCE    0.1

static uint32_t
hash32 (uint32_t x)
{
  x ^= x >> 16;
  x *= 0x7feb352d;
  x ^= x >> 15;
  x *= 0x846ca68b;
  return x ^ (x >> 16);
}

static float *
make_params (const LkNetwork *network)
{
  float *params = g_new (float, lk_network_get_size (network));

  for (int k = 0; k < lk_network_get_n_params (network); k++)
    {
      const LkParam *p = lk_network_get_param (network, k);
      float scale = 0, add = 0;

      if (g_str_has_suffix (p->name, ".kernel"))
        {
          const size_t *s = p->shape;
          double fans = p->n_dims == 4 ? (double) (s[0] * s[1] * (s[2] + s[3]))
                                       : (double) (s[0] + s[1]);

          scale = (float) sqrt (6 / fans);
        }
      else if (g_str_has_suffix (p->name, ".bias"))
        scale = 0.01f;
      else if (g_str_has_suffix (p->name, ".gamma") || g_str_has_suffix (p->name, ".variance"))
        add = 1;
      for (gsize i = p->offset; i < p->offset + p->n; i++)
        params[i] = ((float) (hash32 ((uint32_t) i) >> 8) / (1 << 23) - 1) * scale + add;
    }
  return params;
}

static float *
make_pictures (int h, int w, int c)
{
  float *pictures = g_new (float, (gsize) N_PICTURES *h *w *c), *out = pictures;

  for (int n = 0; n < N_PICTURES; n++)
    for (int y = 0; y < h; y++)
      for (int x = 0; x < w; x++)
        for (int k = 0; k < c; k++)
          {
            uint32_t fine = hash32 ((uint32_t) (((n * h + y) * w + x) * c + k + 1000000)) & 255;
            uint32_t coarse = hash32 ((uint32_t) (((n * 10 + y / 10) * 10 + x / 10) * c + k)) & 255;

            *out++ = (float) ((coarse * 3 + fine) / 4) / 255;
          }
  return pictures;
}

static void
compare_embeddings (LkSafetensors *golden, const char *what, const float *e, int d,
                    double tolerance)
{
  g_autofree char *first_name = g_strconcat (what, ".first", NULL);
  g_autofree char *sum_name = g_strconcat (what, ".sum", NULL);
  g_autofree char *squares_name = g_strconcat (what, ".squares", NULL);
  float first[N_PICTURES * 16], sum[N_PICTURES], squares[N_PICTURES];

  for (int n = 0; n < N_PICTURES; n++)
    {
      double s = 0, s2 = 0;

      for (int i = 0; i < d; i++)
        {
          s += (double) e[n * d + i];
          s2 += (double) e[n * d + i] * (double) e[n * d + i];
        }
      memcpy (first + n * 16, e + n * d, 16 * sizeof (float));
      sum[n] = (float) s;
      squares[n] = (float) s2;
    }
  golden_compare (golden, first_name, first, N_PICTURES * 16, tolerance);
  golden_compare (golden, sum_name, sum, N_PICTURES, tolerance);
  golden_compare (golden, squares_name, squares, N_PICTURES, tolerance);
}

/* Of each array of gradients: norm and largest size.  One picture's near tie that falls the
 * other way moves a gradient to a neighbour, which both hardly notice. */
static void
compare_gradients (LkSafetensors *golden, const LkNetwork *network, const float *grads)
{
  for (int k = 0; k < lk_network_get_n_params (network); k++)
    {
      const LkParam *p = lk_network_get_param (network, k);
      g_autofree char *norm_name = g_strconcat ("norm.", p->name, NULL);
      g_autofree char *peak_name = g_strconcat ("peak.", p->name, NULL);
      double squares = 0;
      float norm, peak = 0;

      if (!p->trainable)
        continue;
      for (gsize i = p->offset; i < p->offset + p->n; i++)
        {
          squares += (double) grads[i] * (double) grads[i];
          peak = MAX (peak, fabsf (grads[i]));
        }
      norm = (float) sqrt (squares);
      golden_compare (golden, norm_name, &norm, 1, GRADIENT_TOLERANCE);
      golden_compare (golden, peak_name, &peak, 1, GRADIENT_TOLERANCE);
    }
}

static void
run (const char *name, const LkRate *rate)
{
  g_autofree char *file = g_strconcat (name, ".net", NULL), *text = NULL;
  g_autofree char *path = g_build_filename (g_getenv ("LIKENESS_DATA_DIR"), "models", file, NULL);
  g_autofree char *golden_name = g_strconcat ("full-", name, NULL);
  LkSafetensors *golden = golden_open (golden_name);
  g_autofree float *losses = golden_floats (golden, "losses");
  LkPool *pool = lk_pool_new (0, 0);
  int n_pairs, h, w, c, d;
  g_autofree int *pairs = golden_ints (golden, "pairs", &n_pairs);
  g_autofree float *params = NULL, *pictures = NULL, *grads = NULL, *de = NULL;
  float scores[4];
  LkNetwork *network;
  LkOptimizer *optimizer;
  LkPass *pass;
  LkRandom random;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  network = lk_network_parse (text, NULL, 0);
  lk_network_get_input (network, &h, &w, &c);
  d = lk_network_get_embedding_size (network);
  params = make_params (network);
  pictures = make_pictures (h, w, c);
  grads = g_new0 (float, lk_network_get_size (network));
  de = g_new (float, (gsize) N_PICTURES *d);
  pass = lk_pass_new (network, N_PICTURES, pool);
  optimizer = lk_optimizer_new (network, LK_OPTIMIZER_ADAM);
  lk_optimizer_set_clip_value (optimizer,
                               g_ascii_strtod (lk_safetensors_get_meta (golden, "clip"), NULL));
  lk_random_seed (&random, 77);
  g_assert_cmpint (n_pairs, ==, G_N_ELEMENTS (scores));

  for (gsize step = 0; step < golden_get (golden, "losses")->n; step++)
    {
      const float *e = lk_pass_forward (pass, params, pictures, N_PICTURES, 2, 1, &random);
      double loss = lk_loss_cross_entropy (network, params, e, N_PICTURES, (LkPair *) pairs,
                                           n_pairs, de, grads, scores, pool);

      lk_pass_backward (pass, params, de, grads);
      if (step == 0)
        {
          compare_embeddings (golden, "embedding", e, d, FORWARD_TOLERANCE);
          golden_compare (golden, "scores", scores, 4, FORWARD_TOLERANCE);
          compare_gradients (golden, network, grads);
        }
      loss += lk_optimizer_step (optimizer, params, grads, lk_rate_get (rate, (int64_t) step),
                                 pool);
      g_test_message ("step %d: loss %.8g, off by %.2g", (int) step, loss,
                      loss - (double) losses[step]);
      g_assert_cmpfloat_with_epsilon (loss, losses[step],
                                      step < 3    ? FIRST_TOLERANCE
                                      : step < 10 ? EARLY_TOLERANCE
                                                  : LATE_TOLERANCE);
    }
  compare_embeddings (golden, "embedding_after",
                      lk_pass_forward (pass, params, pictures, N_PICTURES, 1, 0, NULL), d,
                      AFTER_TOLERANCE);

  lk_optimizer_free (optimizer);
  lk_pass_free (pass);
  lk_network_free (network);
  lk_pool_free (pool);
  lk_safetensors_close (golden);
}

static void
test_siamese (void)
{
  run ("siamese", &(LkRate){ .kind = LK_RATE_CONSTANT, .rate = 1e-4 });
}

static void
test_siamese_bn (void)
{
  run ("siamese-bn",
       &(LkRate){ .kind = LK_RATE_EXPONENTIAL, .rate = 5e-5, .factor = 0.97, .period = 200 });
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/golden/full/siamese", test_siamese);
  g_test_add_func ("/golden/full/siamese-bn", test_siamese_bn);
  return g_test_run ();
}
