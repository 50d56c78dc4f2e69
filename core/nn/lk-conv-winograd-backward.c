/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-conv-winograd-private.h"

#include <string.h>

/*
 * The gradient of the kernel: the products of each tile of x with the tile of dy that it
 * gave are summed over all tiles, so that only one transform a pair of channels leads back.
 */

#define SPECTRA_SIZE (4 * 1024 * 1024) /* bytes of transformed tiles at a time */
#define MOST         256               /* tiles at a time */

typedef struct
{
  const LkConv *cv;
  LkWinogradCut cut;
  const float *x, *dy;
  float *dkernel, *dbias;
  int group, first, n; /* tiles: of the largest group; of this one */
  float *inputs;       /* [number][tile][c] */
  float *outputs;      /* [number][panel][tile][width] */
  float *sums;         /* [panel][number][c][width] */
} Job;

static int
get_group (const LkConv *cv, const LkWinogradCut *cut)
{
  size_t tile = sizeof (float) * LK_WINOGRAD_NUMBERS * ((size_t) cv->c + cv->o);
  size_t most = SPECTRA_SIZE / tile;

  return lk_smaller (cut->n_tiles, most > MOST ? MOST : most < 32 ? 32 : (int) most);
}

static size_t
output_step (const Job *job)
{
  return lk_winograd_step (job->group, job->cut.n_panels * job->cut.kernels->width);
}

static size_t
inputs_size (const Job *job)
{
  return LK_WINOGRAD_NUMBERS * lk_winograd_step (job->group, job->cv->c);
}

static Job
make_job (const LkConv *cv)
{
  Job job = { .cv = cv, .cut = lk_winograd_cut (cv) };

  job.group = get_group (cv, &job.cut);
  return job;
}

size_t
lk_conv_winograd_kernel_scratch (const LkConv *cv)
{
  Job job = make_job (cv);

  return lk_conv_winograd_packed_size (cv) + inputs_size (&job) +
         LK_WINOGRAD_NUMBERS * output_step (&job);
}

/* Item: a tile, of x and of dy. */
static void
transform_tiles (int begin, int end, int thread, void *data)
{
  const Job *job = data;
  const LkConv *cv = job->cv;
  int lanes = job->cut.winograd->lanes, width = job->cut.kernels->width;

  for (int t = begin; t < end; t++)
    {
      LkWinogradPlace place = lk_winograd_place (&job->cut, job->first + t);
      size_t row = (size_t) place.n * cv->oh + place.y;
      const float *dy = job->dy + (row * cv->ow + place.x) * cv->o;

      lk_winograd_transform_input (cv, &job->cut, job->x, &place, job->inputs + (size_t) t * cv->c,
                                   lk_winograd_step (job->group, cv->c));
      for (int o = 0; o < cv->o; o += lanes)
        job->cut.winograd->gradient (
            dy + o, (ptrdiff_t) cv->ow * cv->o, cv->o,
            lk_smaller (LK_WINOGRAD_OUT, cv->oh - place.y),
            lk_smaller (LK_WINOGRAD_OUT, cv->ow - place.x),
            job->outputs + ((size_t) (o / width) * job->group + t) * width + o % width,
            (ptrdiff_t) output_step (job));
    }
}

/* Item: a number of a panel, for all tiles of the group. */
static void
add_products (int begin, int end, int thread, void *data)
{
  const Job *job = data;
  const LkConv *cv = job->cv;
  int width = job->cut.kernels->width, max_rows = job->cut.kernels->max_rows;
  int n_parts = (cv->c + max_rows - 1) / max_rows;
  const float *sources[MOST];
  LkOuterTile tile = { .columns = width, .a = sources, .n = job->n, .y_step = width };

  for (int i = begin; i < end; i++)
    {
      int panel = i / LK_WINOGRAD_NUMBERS, b = i % LK_WINOGRAD_NUMBERS, first = panel * width;
      const float *inputs = job->inputs + b * lk_winograd_step (job->group, cv->c);
      float *sums = job->sums + (size_t) i * cv->c * width;

      tile.b = job->outputs + b * output_step (job) + (size_t) panel * job->group * width;
      for (int t = 0; t < job->n; t++)
        sources[t] = inputs + (size_t) t * cv->c;
      for (int part = 0; part < n_parts; part++)
        {
          tile.a_offset = cv->c * part / n_parts;
          tile.rows = cv->c * (part + 1) / n_parts - (int) tile.a_offset;
          tile.y = sums + tile.a_offset * width;
          job->cut.kernels->outer_tile (&tile);
        }
      if (b == LK_WINOGRAD_ALL_ONE)
        for (int t = 0; t < job->n; t++)
          for (int k = 0; k < width && first + k < cv->o; k++)
            job->dbias[first + k] += tile.b[(size_t) t * width + k];
    }
}

/* Item: an input channel of a panel. */
static void
add_kernels (int begin, int end, int thread, void *data)
{
  const Job *job = data;
  const LkConv *cv = job->cv;
  int lanes = job->cut.winograd->lanes, width = job->cut.kernels->width;
  size_t step = (size_t) cv->c * width;

  for (int i = begin; i < end; i++)
    {
      int panel = i / cv->c, c = i % cv->c;
      const float *sums = job->sums + panel * LK_WINOGRAD_NUMBERS * step + (size_t) c * width;

      for (int k = 0; k < width && panel * width + k < cv->o; k += lanes)
        job->cut.winograd->add_kernel (sums + k, (ptrdiff_t) step,
                                       job->dkernel + (size_t) c * cv->o + panel * width + k,
                                       (ptrdiff_t) cv->c * cv->o);
    }
}

void
lk_conv_winograd_backward_kernel (const LkConv *cv, const float *x, const float *dy, float *dkernel,
                                  float *dbias, float *scratch, LkPool *pool)
{
  Job job = make_job (cv);
  size_t n_sums = lk_conv_winograd_packed_size (cv);

  job.x = x;
  job.dy = dy;
  job.dkernel = dkernel;
  job.dbias = dbias;
  job.sums = scratch;
  job.inputs = job.sums + n_sums;
  job.outputs = job.inputs + inputs_size (&job);

  memset (job.sums, 0, n_sums * sizeof *job.sums);
  if (cv->o % job.cut.kernels->width != 0) /* what the last panel lacks */
    memset (job.outputs, 0, LK_WINOGRAD_NUMBERS * output_step (&job) * sizeof *job.outputs);
  for (job.first = 0; job.first < job.cut.n_tiles; job.first += job.group)
    {
      job.n = lk_smaller (job.group, job.cut.n_tiles - job.first);
      lk_pool_run (pool, job.n, 4, transform_tiles, &job);
      lk_pool_run (pool, job.cut.n_panels * LK_WINOGRAD_NUMBERS, 2, add_products, &job);
    }
  lk_pool_run (pool, cv->c * job.cut.n_panels, 16, add_kernels, &job);
}
