/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "golden.h"
#include "model/lk-model.h"
#include "nn/lk-infer.h"

/* The shipped networks on a drawn picture, against PyTorch in float64; what float32 costs
 * is 2e-6 here. */
#define TOLERANCE 2e-5

static void
compare (const char *name, const char *in, const char *out)
{
  g_autoptr (LkSafetensors) golden = golden_open (name);
  g_autoptr (GError) error = NULL;
  g_autoptr (LkModel) model = lk_model_load_own (name, &error);
  const LkTensor *tensor = golden_get (golden, in);
  g_autofree float *picture = golden_floats (golden, in), *maps = NULL;
  char why[256] = "";
  LkNetwork *network;
  LkInfer *infer;
  gsize size;

  g_assert_no_error (error);
  g_assert_true (lk_model_is_trained (model));
  network = lk_network_parse_sized (lk_model_get_architecture (model), (int) tensor->shape[0],
                                    (int) tensor->shape[1], why, sizeof why);
  g_assert_cmpstr (why, ==, "");
  size = (gsize) lk_network_get_embedding_size (network);
  maps = g_new (float, size);
  infer = lk_infer_new (network, lk_model_get_params (model), 1, NULL);
  g_assert_nonnull (infer);
  lk_infer_embed (infer, picture, 1, maps);
  golden_compare (golden, out, maps, size, TOLERANCE);
  lk_infer_free (infer);
  lk_network_free (network);
}

static void
test_maps (void)
{
  compare ("detector", "picture", "maps");
}

static void
test_points (void)
{
  compare ("points", "crop", "points");
}

static void
test_confirm (void)
{
  compare ("confirm", "crop", "face");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/golden/detector/maps", test_maps);
  g_test_add_func ("/golden/detector/points", test_points);
  g_test_add_func ("/golden/detector/confirm", test_confirm);
  return g_test_run ();
}
