/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernels/lk-kernels.h"
#include "lk-conv-private.h"

#include <string.h>

#define GATHER   256 /* floats of a run that are copied together at a picture's edge */
#define MIN_WORK 1e6 /* multiplications that a thread takes at a time: about 10 us */
#define BLOCK_SIZE                                                                                 \
  (512 * 1024) /* bytes of input that go past every panel before the next: half of L2 */

size_t
lk_conv_direct_packed_size (const LkConv *cv)
{
  int width = lk_kernels_get ()->width;

  return (size_t) cv->kh * cv->kw * cv->c * lk_divide_up (cv->o, width) * width;
}

typedef struct
{
  const LkConv *cv;
  const LkKernels *kernels;
  const float *x, *packed;
  const LkEpilogue *epilogue;
  float *y;
  size_t n_pixels; /* of the output, over all pictures */
  int n_tiles;     /* that they are dealt to, as evenly as can be */
  int n_panels;
  int block; /* tiles */
} Job;

static void
pack_panels (int begin, int end, int thread, void *data)
{
  const Job *job = data;
  int width = job->kernels->width, sums = job->cv->kh * job->cv->kw * job->cv->c;

  for (int i = begin; i < end; i++)
    job->kernels->pack (sums, lk_smaller (job->cv->o - i * width, width), job->x + i * width,
                        job->cv->o, job->y + (size_t) i * sums * width, NULL);
}

void
lk_conv_direct_pack (const LkConv *cv, const float *kernel, float *packed, LkPool *pool)
{
  const LkKernels *kernels = lk_kernels_get ();
  Job job = { .cv = cv, .kernels = kernels, .x = kernel, .y = packed };

  lk_pool_run (pool, lk_divide_up (cv->o, kernels->width), 1, pack_panels, &job);
}

/* Where the window of an output pixel begins in the input; may lie outside of it. */
typedef struct
{
  int n, y, x;
} Window;

static Window
window_at (const LkConv *cv, size_t pixel)
{
  size_t row = pixel / cv->ow;

  return (Window){ .n = (int) (row / cv->oh),
                   .y = (int) (row % cv->oh) * cv->stride - cv->pad_top,
                   .x = (int) (pixel % cv->ow) * cv->stride - cv->pad_left };
}

static void
next_window (const LkConv *cv, Window *w)
{
  w->x += cv->stride;
  if (w->x < cv->ow * cv->stride - cv->pad_left)
    return;
  w->x = -cv->pad_left;
  w->y += cv->stride;
  if (w->y < cv->oh * cv->stride - cv->pad_top)
    return;
  w->y = -cv->pad_top;
  w->n++;
}

static const float *
input_at (const Job *job, const Window *w, int ky)
{
  const LkConv *cv = job->cv;

  return job->x + (((ptrdiff_t) w->n * cv->h + w->y + ky) * cv->w + w->x) * cv->c;
}

static void
set_epilogue (LkTile *tile, const LkEpilogue *e, int first)
{
  if (e == NULL)
    return;
  tile->bias = e->bias != NULL ? e->bias + first : NULL;
  tile->scale = e->scale != NULL ? e->scale + first : NULL;
  tile->shift = e->scale != NULL ? e->shift + first : NULL;
  tile->relu = e->relu;
}

/* Copies floats begin .. begin+n-1 of the run of kw * c that starts at column x of a row;
 * those outside of the picture are zeros. */
static void
gather (const LkConv *cv, const float *row, int x, int begin, int n, float *out)
{
  int from = -x * cv->c - begin, to = (cv->w - x) * cv->c - begin;

  from = from < 0 ? 0 : from > n ? n : from;
  to = to < from ? from : to > n ? n : to;
  memset (out, 0, from * sizeof *out);
  memcpy (out + from, row + (ptrdiff_t) x * cv->c + begin + from, (to - from) * sizeof *out);
  memset (out + to, 0, (n - to) * sizeof *out);
}

/* A tile with windows over the picture's edge: run by run, summed up in y.  Only the runs
 * that are cut are copied. */
static void
do_edge_tile (const Job *job, LkTile *tile, const Window *windows, int first)
{
  static const float zeros[GATHER];
  const LkConv *cv = job->cv;
  const float *b = tile->b;
  int run = cv->kw * cv->c;
  float gathered[LK_KERNELS_MAX_ROWS][GATHER];

  tile->n_runs = 1;
  tile->a_step = 0;
  for (int ky = 0; ky < cv->kh; ky++)
    for (int begin = 0; begin < run; begin += GATHER)
      {
        int n = run - begin < GATHER ? run - begin : GATHER, seen = 0;
        int last = ky == cv->kh - 1 && begin + n == run;

        for (int r = 0; r < tile->rows; r++)
          {
            const Window *w = &windows[r];
            const float *row;

            if (w->y + ky < 0 || w->y + ky >= cv->h)
              {
                tile->a[r] = zeros;
                continue;
              }
            seen = 1;
            row = job->x + ((ptrdiff_t) w->n * cv->h + w->y + ky) * cv->w * cv->c;
            if (w->x >= 0 && w->x + cv->kw <= cv->w)
              tile->a[r] = row + (ptrdiff_t) w->x * cv->c + begin;
            else
              {
                gather (cv, row, w->x, begin, n, gathered[r]);
                tile->a[r] = gathered[r];
              }
          }
        if (!seen && !last)
          continue;
        tile->run = n;
        tile->b = b + ((size_t) ky * run + begin) * job->kernels->width;
        if (last)
          set_epilogue (tile, job->epilogue, first);
        job->kernels->tile (tile);
        tile->add = 1;
      }
}

static void
do_one_tile (const Job *job, int panel, int index)
{
  const LkConv *cv = job->cv;
  int width = job->kernels->width, first = panel * width, edge = 0;
  size_t begin = job->n_pixels * index / job->n_tiles;
  size_t end = job->n_pixels * (index + 1) / job->n_tiles;
  size_t sums = (size_t) cv->kh * cv->kw * cv->c;
  Window windows[LK_KERNELS_MAX_ROWS], w = window_at (cv, begin);
  LkTile tile = {
    .rows = (int) (end - begin),
    .columns = cv->o - first < width ? cv->o - first : width,
    .b = job->packed + sums * first,
    .y = job->y + begin * cv->o + first,
    .y_step = cv->o,
  };

  for (int r = 0; r < tile.rows; r++, next_window (cv, &w))
    {
      windows[r] = w;
      edge |= w.y < 0 || w.x < 0 || w.y + cv->kh > cv->h || w.x + cv->kw > cv->w;
    }
  if (edge)
    {
      do_edge_tile (job, &tile, windows, first);
      return;
    }
  for (int r = 0; r < tile.rows; r++)
    tile.a[r] = input_at (job, &windows[r], 0);
  tile.n_runs = cv->kh;
  tile.run = cv->kw * cv->c;
  tile.a_step = (ptrdiff_t) cv->w * cv->c;
  set_epilogue (&tile, job->epilogue, first);
  job->kernels->tile (&tile);
}

/* In order of blocks of tiles, in them panels, in them tiles: a panel stays in the cache
 * while the tiles of a block go past it, and the block while the panels do. */
static void
do_tiles (int begin, int end, int thread, void *data)
{
  const Job *job = data;

  for (int i = begin; i < end; i++)
    {
      int before = i / (job->block * job->n_panels) * job->block;
      int size = job->n_tiles - before < job->block ? job->n_tiles - before : job->block;
      int rest = i - before * job->n_panels;

      do_one_tile (job, rest / size, before + rest % size);
    }
}

void
lk_conv_direct_forward (const LkConv *cv, const float *x, const float *packed,
                        const LkEpilogue *epilogue, float *y, LkPool *pool)
{
  const LkKernels *kernels = lk_kernels_get ();
  Job job = {
    .cv = cv,
    .kernels = kernels,
    .x = x,
    .packed = packed,
    .epilogue = epilogue,
    .y = y,
    .n_pixels = (size_t) cv->n * cv->oh * cv->ow,
    .n_panels = lk_divide_up (cv->o, kernels->width),
  };
  size_t input = (size_t) cv->n * cv->h * cv->w * cv->c * sizeof *x;
  double tile_work = (double) cv->kh * cv->kw * cv->c * kernels->width * kernels->max_rows;
  int n_items, grain;

  job.n_tiles = (int) ((job.n_pixels + kernels->max_rows - 1) / kernels->max_rows);
  job.block = lk_divide_up (job.n_tiles, (int) (input / BLOCK_SIZE) + 1);
  n_items = job.n_tiles * job.n_panels;
  grain = (int) (MIN_WORK / tile_work) + 1;
  lk_pool_run (pool, n_items, grain, do_tiles, &job);
}
