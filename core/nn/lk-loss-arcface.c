/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-loss-arcface.h"

#include "lk-blas.h"
#include "lk-vector.h"

#include <cblas.h>
#include <math.h>
#include <string.h>

#define SHORTEST 1e-12 /* a vector's length, where that is 0 */
#define BLOCK    256 /* classes that a thread takes at a time: the same for any number of threads */
#define ROWS     16  /* rows, likewise */

typedef struct
{
  int d, n, n_classes, n_counted;
  double margin, scale;
  const float *embeddings, *centres;
  const int *classes;
  const LkClassLists *left_out;
  float *d_embeddings, *d_centres;

  double *losses; /* [n] */
  float *units;   /* [n, d]: embeddings of length 1 */
  float *lengths; /* [n] */
  float *axes;    /* [n_classes, d]: centres of length 1 */
  float *reaches; /* [n_classes]: their lengths */
  float *cosines; /* [n, n_classes], then slopes: d loss / d cosine */
} Job;

size_t
lk_loss_arcface_scratch (int d, int n, int n_classes)
{
  size_t width = (size_t) d, rows = (size_t) n, classes = (size_t) n_classes;

  return 2 * rows + rows * width + rows + classes * width + classes + rows * classes;
}

static void
normalise (const float *from, int begin, int end, int d, float *to, float *lengths)
{
  for (int i = begin; i < end; i++)
    {
      const float *x = from + (size_t) i * (size_t) d;
      double length = sqrt (lk_dot (x, x, d));

      if (length < SHORTEST)
        length = SHORTEST;
      lengths[i] = (float) length;
      for (int j = 0; j < d; j++)
        to[(size_t) i * (size_t) d + (size_t) j] = (float) ((double) x[j] / length);
    }
}

/* Turns a gradient by a unit vector u (in @g) into one by the vector itself. */
static void
unnormalise (float *g, const float *u, float length, int d)
{
  double along = lk_dot (g, u, d);

  for (int j = 0; j < d; j++)
    g[j] = (float) (((double) g[j] - along * (double) u[j]) / (double) length);
}

static int
block_size (const Job *job, int block)
{
  return job->n_classes - block * BLOCK < BLOCK ? job->n_classes - block * BLOCK : BLOCK;
}

static void
normalise_rows (int begin, int end, int thread, void *data)
{
  const Job *job = data;

  normalise (job->embeddings, begin, end, job->d, job->units, job->lengths);
}

static void
compare_blocks (int begin, int end, int thread, void *data)
{
  const Job *job = data;
  size_t d = (size_t) job->d;

  for (int block = begin; block < end; block++)
    {
      int first = block * BLOCK, size = block_size (job, block);

      normalise (job->centres, first, first + size, job->d, job->axes, job->reaches);
      cblas_sgemm (CblasRowMajor, CblasNoTrans, CblasTrans, job->n, size, job->d, 1.0f, job->units,
                   job->d, job->axes + (size_t) first * d, job->d, 0.0f, job->cosines + first,
                   job->n_classes);
    }
}

/* t and its slope by the cosine. */
static double
add_margin (const Job *job, double cosine, double *slope)
{
  double m = job->margin, sine;

  cosine = cosine > 1 ? 1 : cosine < -1 ? -1 : cosine;
  if (cosine <= cos (3.14159265358979323846 - m))
    {
      *slope = 1;
      return cosine - m * sin (m);
    }
  sine = sqrt (fmax (1 - cosine * cosine, 1e-6)); /* the slope has no limit at 1 */
  *slope = cos (m) + sin (m) * cosine / sine;
  return cosine * cos (m) - sine * sin (m);
}

static void
clear_left_out (const Job *job, int class, float *row)
{
  if (job->left_out != NULL)
    for (int k = job->left_out->begin[class]; k < job->left_out->begin[class + 1]; k++)
      row[job->left_out->items[k]] = -INFINITY;
}

/* Cosines into slopes, one row each. */
static void
take_rows (int begin, int end, int thread, void *data)
{
  Job *job = data;

  for (int i = begin; i < end; i++)
    {
      float *row = job->cosines + (size_t) i * (size_t) job->n_classes;
      int class = job->classes[i];
      double slope, own, most, sum = 0, total, weight;

      job->losses[i] = 0;
      if (class < 0)
        {
          memset (row, 0, (size_t) job->n_classes * sizeof *row);
          continue;
        }
      own = job->scale * add_margin (job, (double) row[class], &slope);
      clear_left_out (job, class, row);
      row[class] = -INFINITY;
      most = own;
      for (int j = 0; j < job->n_classes; j++)
        {
          row[j] *= (float) job->scale;
          if (!((double) row[j] <= most)) /* NaN gets through */
            most = (double) row[j];
        }
      for (int j = 0; j < job->n_classes; j++)
        {
          row[j] = expf (row[j] - (float) most);
          sum += (double) row[j];
        }
      total = sum + exp (own - most);
      job->losses[i] = log (total) + most - own;
      weight = job->scale / (total * (double) job->n_counted);
      for (int j = 0; j < job->n_classes; j++)
        row[j] *= (float) weight;
      row[class] = (float) (-weight * sum * slope);
    }
}

static void
pull_rows (int begin, int end, int thread, void *data)
{
  const Job *job = data;
  size_t d = (size_t) job->d;

  for (int block = begin; block < end; block++)
    {
      int first = block * ROWS, size = job->n - first < ROWS ? job->n - first : ROWS;
      float *g = job->d_embeddings + (size_t) first * d;

      cblas_sgemm (CblasRowMajor, CblasNoTrans, CblasNoTrans, size, job->d, job->n_classes, 1.0f,
                   job->cosines + (size_t) first * (size_t) job->n_classes, job->n_classes,
                   job->axes, job->d, 0.0f, g, job->d);
      for (int i = 0; i < size; i++)
        unnormalise (g + (size_t) i * d, job->units + (size_t) (first + i) * d,
                     job->lengths[first + i], job->d);
    }
}

static void
pull_blocks (int begin, int end, int thread, void *data)
{
  const Job *job = data;
  size_t d = (size_t) job->d;

  for (int block = begin; block < end; block++)
    {
      int first = block * BLOCK, size = block_size (job, block);
      float *g = job->d_centres + (size_t) first * d;

      cblas_sgemm (CblasRowMajor, CblasTrans, CblasNoTrans, size, job->d, job->n, 1.0f,
                   job->cosines + first, job->n_classes, job->units, job->d, 0.0f, g, job->d);
      for (int i = 0; i < size; i++)
        unnormalise (g + (size_t) i * d, job->axes + (size_t) (first + i) * d,
                     job->reaches[first + i], job->d);
    }
}

double
lk_loss_arcface (int d, double margin, double scale, const float *embeddings, int n,
                 const int *classes, const float *centres, int n_classes,
                 const LkClassLists *left_out, float *d_embeddings, float *d_centres,
                 float *scratch, LkPool *pool)
{
  Job job = { .d = d,
              .n = n,
              .n_classes = n_classes,
              .margin = margin,
              .scale = scale,
              .embeddings = embeddings,
              .centres = centres,
              .classes = classes,
              .left_out = left_out,
              .d_embeddings = d_embeddings,
              .d_centres = d_centres };
  size_t rows = (size_t) n;
  int n_blocks = (n_classes + BLOCK - 1) / BLOCK;
  double loss = 0;

  for (int i = 0; i < n; i++)
    job.n_counted += classes[i] >= 0;
  if (job.n_counted == 0)
    {
      memset (d_embeddings, 0, rows * (size_t) d * sizeof *d_embeddings);
      memset (d_centres, 0, (size_t) n_classes * (size_t) d * sizeof *d_centres);
      return 0;
    }
  lk_blas_init ();
  job.losses = (double *) (void *) scratch;
  job.units = scratch + 2 * rows;
  job.axes = job.units + rows * (size_t) d;
  job.cosines = job.axes + (size_t) n_classes * (size_t) d;
  job.lengths = job.cosines + rows * (size_t) n_classes;
  job.reaches = job.lengths + rows;
  lk_pool_run (pool, n, ROWS, normalise_rows, &job);
  lk_pool_run (pool, n_blocks, 1, compare_blocks, &job);
  lk_pool_run (pool, n, 1, take_rows, &job);
  lk_pool_run (pool, (n + ROWS - 1) / ROWS, 1, pull_rows, &job);
  lk_pool_run (pool, n_blocks, 1, pull_blocks, &job);
  for (int i = 0; i < n; i++)
    loss += job.losses[i];
  return loss / job.n_counted;
}
