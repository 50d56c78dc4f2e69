/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Our side of compare-pytorch.  usage: bench-serve NETWORK FOLDER
 *
 * Writes FOLDER/params.f32, then answers commands, one a line, with one line each:
 *
 *   embed BATCH THREADS SECONDS   reads FOLDER/images.f32, writes FOLDER/embedding.f32;
 *                                 the median milliseconds of a call
 *   train THREADS STEPS           from where the last call with so many threads ended;
 *                                 STEPS times "milliseconds loss"
 *   forget                        training begins anew
 *
 * A NETWORK with a '/' is a path to a text. */
#include "bench-trainer.h"
#include "bench.h"

#include "nn/lk-infer.h"

#include <glib.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>

#define PAIRS 16

typedef struct
{
  const char *folder;
  LkNetwork *network;
  float *params;
  size_t picture; /* floats */

  LkPool *pool;
  LkInfer *infer;
  int batch, n_threads; /* of infer */
  float *images, *out;

  BenchTrainer *trainer;
  float *train_images;
  int train_threads;
} Server;

static void
write_floats (const Server *self, const char *name, const float *data, size_t n)
{
  g_autofree char *path = g_build_filename (self->folder, name, NULL);
  g_autoptr (GError) error = NULL;

  if (!g_file_set_contents (path, (const char *) data, (gssize) (n * sizeof *data), &error))
    g_error ("%s", error->message);
}

static float *
read_images (const Server *self, size_t n)
{
  g_autofree char *path = g_build_filename (self->folder, "images.f32", NULL);
  g_autoptr (GError) error = NULL;
  char *data;
  gsize length;

  if (!g_file_get_contents (path, &data, &length, &error))
    g_error ("%s", error->message);
  if (length != n * self->picture * sizeof (float))
    g_error ("images.f32 has %zu bytes", length);
  return (float *) data;
}

static void
prepare (Server *self, int batch, int n_threads)
{
  if (self->infer != NULL && self->batch == batch && self->n_threads == n_threads)
    return;
  lk_infer_free (self->infer);
  lk_pool_free (self->pool);
  g_free (self->images);
  g_free (self->out);
  self->batch = batch;
  self->n_threads = n_threads;
  self->pool = n_threads > 1 ? lk_pool_new (n_threads, 0) : NULL;
  self->infer = lk_infer_new (self->network, self->params, batch, self->pool);
  self->images = read_images (self, batch);
  self->out = g_new (float, (size_t) batch *lk_network_get_embedding_size (self->network));
}

static void
run_embed (void *data)
{
  Server *self = data;

  lk_infer_embed (self->infer, self->images, self->batch, self->out);
}

static void
embed (Server *self, int batch, int n_threads, double seconds)
{
  BenchTime time;

  prepare (self, batch, n_threads);
  time = bench_time (run_embed, self, seconds);
  write_floats (self, "embedding.f32", self->out,
                (size_t) batch * lk_network_get_embedding_size (self->network));
  printf ("%.6f\n", time.median * 1e3);
}

static void
train (Server *self, int n_threads, int steps)
{
  if (self->trainer == NULL || self->train_threads != n_threads)
    {
      bench_trainer_free (self->trainer);
      g_free (self->train_images);
      self->train_images = read_images (self, 2 * PAIRS);
      self->trainer = bench_trainer_new (self->network, self->params, self->train_images, PAIRS,
                                         n_threads, 1);
      self->train_threads = n_threads;
    }
  for (int i = 0; i < steps; i++)
    {
      double t = bench_now (), loss = bench_trainer_step (self->trainer);

      printf ("%.6f %.9g ", (bench_now () - t) * 1e3, loss);
    }
  printf ("\n");
}

int
main (int argc, char *argv[])
{
  Server self = { 0 };
  char line[200];
  int h, w, c;

  if (argc != 3)
    {
      fprintf (stderr, "usage: bench-serve NETWORK FOLDER\n");
      return 2;
    }
  self.folder = argv[2];
  self.network = bench_load (argv[1]);
  self.params = bench_params (self.network);
  lk_network_get_input (self.network, &h, &w, &c);
  self.picture = (size_t) h * w * c;
  write_floats (&self, "params.f32", self.params, lk_network_get_size (self.network));
  printf ("ready\n");
  fflush (stdout);

  while (fgets (line, sizeof line, stdin) != NULL)
    {
      int a, b;
      double seconds;

      if (sscanf (line, "embed %d %d %lf", &a, &b, &seconds) == 3 && a > 0)
        embed (&self, a, b, seconds);
      else if (sscanf (line, "train %d %d", &a, &b) == 2)
        train (&self, a, b);
      else if (g_str_has_prefix (line, "forget"))
        {
          g_clear_pointer (&self.trainer, bench_trainer_free);
          printf ("\n");
        }
      else
        printf ("unknown command\n");
      fflush (stdout);
    }
  bench_trainer_free (self.trainer);
  g_free (self.train_images);
  lk_infer_free (self.infer);
  lk_pool_free (self.pool);
  g_free (self.images);
  g_free (self.out);
  g_free (self.params);
  lk_network_free (self.network);
  return 0;
}
