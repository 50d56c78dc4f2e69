/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernels/lk-kernels.h"
#include "lk-conv-private.h"

#include <string.h>

#define ROWS_SIZE (128 * 1024) /* bytes of dy that all taps of a kernel go over before the next */
#define PIXELS    192          /* of dy that are packed at a time: a panel of them stays in L1 */

/* Output columns begin .. end-1 are those whose source under kx is in the picture. */
static void
valid_columns (const LkConv *cv, int kx, int *begin, int *end)
{
  int offset = kx - cv->pad_left, last = cv->w - 1 - offset;

  *begin = offset < 0 ? lk_divide_up (-offset, cv->stride) : 0;
  *end = last < 0 ? 0 : lk_smaller (last / cv->stride + 1, cv->ow);
}

/* ---- The scratch, in floats: for the data, the kernel transposed and packed; for the
 * kernel, zeros, and for each thread a block of dy. ---- */

static size_t
transposed_size (const LkConv *cv)
{
  int width = lk_kernels_get ()->width;

  return (size_t) cv->kh * cv->kw * lk_divide_up (cv->c, width) * width * cv->o;
}

static size_t
zeros_size (const LkConv *cv)
{
  return (size_t) cv->kw * cv->c + LK_KERNELS_MAX_ROWS;
}

/* Of a thread: pixels of dy, packed, and the rows of their windows that go over the
 * picture's edge. */
static size_t
block_size (const LkConv *cv)
{
  return (size_t) PIXELS * (lk_kernels_get ()->width + (size_t) cv->kw * cv->c);
}

size_t
lk_conv_direct_data_scratch (const LkConv *cv)
{
  return transposed_size (cv);
}

size_t
lk_conv_direct_kernel_scratch (const LkConv *cv, const LkPool *pool)
{
  return zeros_size (cv) + lk_pool_get_n_threads (pool) * block_size (cv);
}

typedef struct
{
  const LkConv *cv;
  const LkKernels *kernels;
  const float *x, *dy, *kernel;
  float *out, *dbias;
  float *scratch;
  int n_panels;
  int n_ranges, run_tiles, n_tiles; /* kernel: see lk_conv_direct_backward_kernel() */
} Job;

/* ---- The gradient of the data: for each tap of the kernel a product dy [pixels, o] by
 * kernel [o, c], added to dx where the tap lay.  So nothing is multiplied by padding, and
 * a stride only spaces the rows. ---- */

/* [tap][panel][o][width] */
static void
transpose_taps (int begin, int end, int thread, void *data)
{
  const Job *job = data;
  const LkConv *cv = job->cv;
  int width = job->kernels->width;

  for (int tap = begin; tap < end; tap++)
    {
      const float *kernel = job->kernel + (size_t) tap * cv->c * cv->o;
      float *to = job->scratch + (size_t) tap * job->n_panels * cv->o * width;

      for (int first = 0; first < job->n_panels * width; first += width)
        for (int o = 0; o < cv->o; o++, to += width)
          for (int k = 0; k < width; k++)
            to[k] = first + k < cv->c ? kernel[(size_t) (first + k) * cv->o + o] : 0.0f;
    }
}

/* Adds what rows oy .. oy_end-1 of dy give through one tap to a panel of dx. */
static void
add_tap (const Job *job, int n, int oy, int oy_end, int ky, int kx, int panel)
{
  const LkConv *cv = job->cv;
  int width = job->kernels->width, first = panel * width, tap = ky * cv->kw + kx, from, to;
  LkTile tile = {
    .columns = lk_smaller (cv->c - first, width),
    .n_runs = 1,
    .run = cv->o,
    .b = job->scratch + ((size_t) tap * job->n_panels + panel) * cv->o * width,
    .y_step = (ptrdiff_t) cv->stride * cv->c,
    .add = 1,
  };

  valid_columns (cv, kx, &from, &to);
  for (; from < to && oy < oy_end; oy++)
    {
      int iy = oy * cv->stride + ky - cv->pad_top;
      int n_tiles = lk_divide_up (to - from, job->kernels->max_rows);

      if (iy < 0 || iy >= cv->h)
        continue;
      for (int t = 0; t < n_tiles; t++)
        {
          int begin = from + (to - from) * t / n_tiles;
          int end = from + (to - from) * (t + 1) / n_tiles;
          ptrdiff_t ix = (ptrdiff_t) begin * cv->stride + kx - cv->pad_left;

          tile.rows = end - begin;
          for (int r = 0; r < tile.rows; r++)
            tile.a[r] = job->dy + (((size_t) n * cv->oh + oy) * cv->ow + begin + r) * cv->o;
          tile.y = job->out + (((ptrdiff_t) n * cv->h + iy) * cv->w + ix) * cv->c + first;
          job->kernels->tile (&tile);
        }
    }
}

/* A panel of a picture of dx belongs to one thread, and its sums have one order. */
static void
data_panels (int begin, int end, int thread, void *data)
{
  const Job *job = data;
  const LkConv *cv = job->cv;
  int width = job->kernels->width;
  int rows = (int) (ROWS_SIZE / ((size_t) cv->ow * cv->o * sizeof (float))) + 1;

  for (int i = begin; i < end; i++)
    {
      int n = i / job->n_panels, panel = i % job->n_panels, first = panel * width;
      float *dx = job->out + (size_t) n * cv->h * cv->w * cv->c + first;

      for (size_t p = 0; p < (size_t) cv->h * cv->w; p++)
        memset (dx + p * cv->c, 0, lk_smaller (cv->c - first, width) * sizeof *dx);
      for (int oy = 0; oy < cv->oh; oy += rows)
        for (int tap = 0; tap < cv->kh * cv->kw; tap++)
          add_tap (job, n, oy, lk_smaller (oy + rows, cv->oh), tap / cv->kw, tap % cv->kw, panel);
    }
}

void
lk_conv_direct_backward_data (const LkConv *cv, const float *dy, const float *kernel, float *dx,
                              float *scratch, LkPool *pool)
{
  const LkKernels *kernels = lk_kernels_get ();
  Job job = {
    .cv = cv,
    .kernels = kernels,
    .dy = dy,
    .kernel = kernel,
    .out = dx,
    .scratch = scratch,
    .n_panels = lk_divide_up (cv->c, kernels->width),
  };

  lk_pool_run (pool, cv->kh * cv->kw, 1, transpose_taps, &job);
  lk_pool_run (pool, cv->n * job.n_panels, 1, data_panels, &job);
}

/* ---- The gradient of the kernel: tiles of it, rows from the kw * c numbers that lie
 * together in a row of a window and columns from a panel of o, each summed over blocks of
 * pixels.  A tile belongs to one thread, and its sums have one order. ---- */

/* Row iy of the picture from column ix on, kw columns, zeros beyond its edges. */
static void
gather (const LkConv *cv, const float *picture, int iy, int ix, float *out)
{
  int before = ix < 0 ? -ix : 0, behind = ix + cv->kw > cv->w ? ix + cv->kw - cv->w : 0;
  int inside = cv->kw - before - behind;

  memset (out, 0, (size_t) cv->kw * cv->c * sizeof *out);
  if (inside > 0)
    memcpy (out + before * cv->c, picture + ((ptrdiff_t) iy * cv->w + ix + before) * cv->c,
            (size_t) inside * cv->c * sizeof *out);
}

/* Where row ky of each pixel's window lies: in the picture, among the zeros, or gathered. */
static void
find_sources (const Job *job, size_t begin, int n, int ky, float *gathered, const float **sources)
{
  const LkConv *cv = job->cv;
  int ox = (int) (begin % cv->ow), oy = (int) (begin / cv->ow % cv->oh);
  const float *picture = job->x + begin / cv->ow / cv->oh * cv->h * cv->w * cv->c;

  for (int p = 0; p < n; p++)
    {
      int iy = oy * cv->stride + ky - cv->pad_top, ix = ox * cv->stride - cv->pad_left;

      if (iy < 0 || iy >= cv->h)
        sources[p] = job->scratch;
      else if (ix >= 0 && ix + cv->kw <= cv->w)
        sources[p] = picture + ((ptrdiff_t) iy * cv->w + ix) * cv->c;
      else
        {
          gather (cv, picture, iy, ix, gathered);
          sources[p] = gathered;
          gathered += cv->kw * cv->c;
        }
      if (++ox == cv->ow)
        {
          ox = 0;
          if (++oy == cv->oh)
            {
              oy = 0;
              picture += (size_t) cv->h * cv->w * cv->c;
            }
        }
    }
}

static int
is_padded (const LkConv *cv)
{
  return cv->pad_top > 0 || cv->pad_left > 0 ||
         (cv->oh - 1) * cv->stride + cv->kh > cv->pad_top + cv->h ||
         (cv->ow - 1) * cv->stride + cv->kw > cv->pad_left + cv->w;
}

static void
kernel_ranges (int begin, int end, int thread, void *data)
{
  const Job *job = data;
  const LkConv *cv = job->cv;
  int width = job->kernels->width, padded = is_padded (cv), run = cv->kw * cv->c;
  size_t n_pixels = (size_t) cv->n * cv->oh * cv->ow;
  float *packed = job->scratch + zeros_size (cv) + thread * block_size (cv);

  for (int i = begin; i < end; i++)
    {
      int range = i % job->n_ranges, panel = i / job->n_ranges, first = panel * width;
      int tile_begin = (int) ((long) job->n_tiles * range / job->n_ranges);
      int tile_end = (int) ((long) job->n_tiles * (range + 1) / job->n_ranges);

      for (size_t p = 0; p < n_pixels; p += PIXELS)
        {
          int n = n_pixels - p < PIXELS ? (int) (n_pixels - p) : PIXELS, found = -1;
          const float *sources[PIXELS];
          LkOuterTile tile = {
            .columns = lk_smaller (cv->o - first, width),
            .a = sources,
            .n = n,
            .b = packed,
            .y_step = cv->o,
          };

          job->kernels->pack (n, tile.columns, job->dy + p * cv->o + first, cv->o, packed,
                              range == 0 ? job->dbias + first : NULL);
          for (int t = tile_begin; t < tile_end; t++)
            {
              int ky = t / job->run_tiles, part = t % job->run_tiles;
              int row = (int) ((long) run * part / job->run_tiles);

              tile.rows = (int) ((long) run * (part + 1) / job->run_tiles) - row;
              tile.a_offset = row;
              if (!padded) /* each row of a window lies one row of the picture on */
                tile.a_offset += (ptrdiff_t) ky * cv->w * cv->c;
              if (found < 0 || (padded && found != ky))
                find_sources (job, p, n, padded ? ky : 0, packed + PIXELS * width, sources);
              found = ky;
              tile.y = job->out + ((size_t) ky * run + row) * cv->o + first;
              job->kernels->outer_tile (&tile);
            }
        }
    }
}

void
lk_conv_direct_backward_kernel (const LkConv *cv, const float *x, const float *dy, float *dkernel,
                                float *dbias, float *scratch, LkPool *pool)
{
  const LkKernels *kernels = lk_kernels_get ();
  int n_threads = lk_pool_get_n_threads (pool);
  Job job = {
    .cv = cv,
    .kernels = kernels,
    .x = x,
    .dy = dy,
    .out = dkernel,
    .dbias = dbias,
    .scratch = scratch,
    .n_panels = lk_divide_up (cv->o, kernels->width),
    .run_tiles = lk_divide_up (cv->kw * cv->c, kernels->max_rows),
  };

  memset (scratch, 0, zeros_size (cv) * sizeof *scratch);
  job.n_tiles = cv->kh * job.run_tiles;
  /* Enough ranges to balance the threads; few, as each packs dy again. */
  job.n_ranges = n_threads > 1
                     ? lk_smaller (lk_divide_up (6 * n_threads, job.n_panels), job.n_tiles)
                     : 1;
  lk_pool_run (pool, job.n_panels * job.n_ranges, 1, kernel_ranges, &job);
}
