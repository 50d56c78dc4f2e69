/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Measures the way from a camera's frame to a verdict.  usage: bench-verify [NETWORK...]
 *
 * frame/...: a JPEG of 640x480 in memory, as a camera sends it: decoding, finding and aligning the
 * face (guide/...: cutting out the guide frame), embedding, comparing with 50 anchors.  match/...:
 * the comparison alone.  The networks are untrained, which costs the same time. */
#include "bench.h"

#include "base/lk-cpu.h"
#include "image/lk-jpeg.h"
#include "nn/lk-infer.h"
#include "verify/lk-verifier.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N_ANCHORS  50
#define MAX_FRAMES 2000

/* Smooth, with some noise, of middling brightness: about as many bytes as a camera's. */
static LkImage *
draw (int width, int height, guint seed)
{
  guint8 *pixels = g_malloc (3 * width * height);
  LkRandom random;

  lk_random_seed (&random, seed);
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      for (int c = 0; c < 3; c++)
        pixels[3 * (width * y + x) + c] = (guint8) (120 + 50 * sin (0.01 * (seed % 7 + 1) * x + c) +
                                                    40 * cos (0.02 * y - seed) +
                                                    lk_random_range (&random, -6, 6));
  return lk_image_new_take (width, height, pixels);
}

/* A face for the detector, on the same ground. */
static LkImage *
draw_face (void)
{
  g_autoptr (LkImage) ground = draw (640, 480, 1);
  guint8 *pixels = g_memdup2 (lk_image_get_pixels (ground), 3 * 640 * 480);
  static const struct
  {
    double x, y, rx, ry;
    guint8 colour[3];
  } parts[] = {
    { 320, 225, 92, 125, { 70, 45, 30 } },   { 320, 245, 82, 110, { 226, 178, 140 } },
    { 282, 225, 17, 10, { 250, 250, 250 } }, { 358, 225, 17, 10, { 250, 250, 250 } },
    { 282, 225, 8, 8, { 30, 40, 50 } },      { 358, 225, 8, 8, { 30, 40, 50 } },
    { 320, 260, 8, 20, { 180, 140, 110 } },  { 320, 300, 36, 12, { 170, 60, 60 } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    for (int y = 0; y < 480; y++)
      for (int x = 0; x < 640; x++)
        if (hypot ((x - parts[i].x) / parts[i].rx, (y - parts[i].y) / parts[i].ry) < 1)
          memcpy (pixels + 3 * (640 * y + x), parts[i].colour, 3);
  return lk_image_new_take (640, 480, pixels);
}

static int
compare (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

static void
fail (const char *name, const GError *error)
{
  fprintf (stderr, "%s: %s\n", name, error->message);
  exit (2);
}

static void
bench_frame (const char *name, LkModel *model, LkFaceRule rule, int n_threads, double seconds)
{
  static double times[MAX_FRAMES];
  double decode = 0, find = 0, embed = 0, match = 0, begun;
  g_autoptr (GPtrArray) anchors = g_ptr_array_new_with_free_func ((GDestroyNotify) lk_image_unref);
  g_autoptr (LkImage) picture = draw_face ();
  g_autoptr (LkFinder) finder = lk_finder_new ();
  g_auto (LkSighting) seen = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) jpeg = lk_jpeg_encode (picture, 85, &error);
  g_autoptr (LkVerifier) verifier = lk_verifier_new (model, n_threads, &error);
  const LkPolicy policy = LK_POLICY_DEFAULT;
  int n = 0;

  for (guint i = 0; i < N_ANCHORS; i++)
    g_ptr_array_add (anchors, draw (250, 250, i + 2));
  if (jpeg == NULL || verifier == NULL || !lk_verifier_set_anchors (verifier, anchors, &error))
    fail (name, error);

  begun = bench_now ();
  for (int i = 0; n < MAX_FRAMES && (n < 20 || bench_now () - begun < seconds); i++)
    {
      double start = bench_now (), decoded, found;
      g_autoptr (LkImage) frame = lk_jpeg_decode (g_bytes_get_data (jpeg, NULL),
                                                  g_bytes_get_size (jpeg), 0, &error);
      g_autoptr (LkCheck) check = NULL;

      decoded = bench_now ();
      if (frame == NULL)
        fail (name, error);
      lk_finder_follow (finder, frame, i * (G_USEC_PER_SEC / 30), rule, NULL, &seen, &error);
      found = bench_now ();
      if (!seen.has_face)
        fail (name, error);
      check = lk_verifier_check (verifier, &seen, &policy);
      if (i < 3) /* warming up */
        continue;
      times[n++] = bench_now () - start;
      decode += decoded - start;
      find += found - decoded;
      embed += (double) check->embed_us * 1e-6;
      match += (double) check->match_us * 1e-6;
    }
  qsort (times, n, sizeof *times, compare);
  printf ("{\"case\": \"%s/%s/640x480/%d-anchors/t%d/%s\", \"ms\": %.3f, \"median_ms\": %.3f, "
          "\"p95_ms\": %.3f, \"mean_decode_ms\": %.3f, \"mean_find_ms\": %.3f, "
          "\"mean_embed_ms\": %.3f, \"mean_match_ms\": %.3f, \"frames\": %d, "
          "\"frame_bytes\": %" G_GSIZE_FORMAT "}\n",
          rule == LK_FACE_DETECT ? "frame" : "guide", name, N_ANCHORS, n_threads,
          lk_cpu_level_to_string (lk_cpu_get_level ()), times[0] * 1e3, times[n / 2] * 1e3,
          times[(n - 1) * 95 / 100] * 1e3, decode / n * 1e3, find / n * 1e3, embed / n * 1e3,
          match / n * 1e3, n, g_bytes_get_size (jpeg));
  fflush (stdout);
}

typedef struct
{
  LkInfer *infer;
  const float *embedding, *others;
  int n;
  float *scores;
} Match;

static void
run_match (void *data)
{
  Match *m = data;

  lk_infer_score (m->infer, m->embedding, m->others, m->n, m->scores);
}

static void
bench_match (const char *name, LkModel *model)
{
  static const int counts[] = { 1, 50, 1000 };
  const LkNetwork *network = lk_model_get_network (model);
  int size = lk_network_get_embedding_size (network), most = counts[G_N_ELEMENTS (counts) - 1];
  LkInfer *infer = lk_infer_new (network, lk_model_get_params (model), 1, NULL);
  float *embedding = bench_random ((size_t) size, 0, 1);
  float *others = bench_random ((size_t) most * size, 0, 1);
  g_autofree float *scores = g_new (float, most);

  for (gsize i = 0; i < G_N_ELEMENTS (counts); i++)
    {
      Match match = { infer, embedding, others, counts[i], scores };
      BenchTime time = bench_time (run_match, &match, 0.3);

      printf ("{\"case\": \"match/%s/%d-anchors/%s\", \"us\": %.2f, \"median_us\": %.2f}\n", name,
              counts[i], lk_cpu_level_to_string (lk_cpu_get_level ()), time.min * 1e6,
              time.median * 1e6);
      fflush (stdout);
    }
  lk_infer_free (infer);
  free (embedding);
  free (others);
}

int
main (int argc, char *argv[])
{
  static const char *const defaults[] = { "siamese", "siamese-bn" };
  int n = argc > 1 ? argc - 1 : (int) G_N_ELEMENTS (defaults);

  for (int i = 0; i < n; i++)
    {
      const char *name = argc > 1 ? argv[1 + i] : defaults[i];
      g_autoptr (GError) error = NULL;
      g_autoptr (LkModel) model = lk_model_load (name, &error);

      if (model == NULL)
        fail (name, error);
      for (int n_threads = 1; n_threads <= 2; n_threads++)
        {
          bench_frame (name, model, LK_FACE_DETECT, n_threads, 2);
          bench_frame (name, model, LK_FACE_GUIDE, n_threads, 2);
        }
      bench_match (name, model);
    }
  return 0;
}
