/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-maxpool.h"

#include "kernels/lk-kernels.h"

#include <math.h>
#include <string.h>

#define CHANNELS 32 /* that a thread takes at a time, when windows are large */

typedef struct
{
  const LkMaxPool *mp;
  const LkKernels *kernels;
  const float *x;
  float *y;
  int32_t *where;
  float *scratch;
} Job;

static int
smaller (int a, int b)
{
  return a < b ? a : b;
}

static int
larger (int a, int b)
{
  return a > b ? a : b;
}

/* The first and the last index, of size, that the window of output i covers. */
static void
clip_window (const LkMaxPool *mp, int i, int pad, int size, int *first, int *last)
{
  *first = larger (i * mp->stride - pad, 0);
  *last = smaller (i * mp->stride - pad + mp->window, size) - 1;
}

/* ---- Windows of 2 (and 1): four numbers, of which some may be the same one. ---- */

static void
small_rows (int begin, int end, int thread, void *data)
{
  const Job *job = data;
  const LkMaxPool *mp = job->mp;

  for (int row = begin; row < end; row++)
    {
      const float *x = job->x + (size_t) (row / mp->oh) * mp->h * mp->w * mp->c;
      int y0, y1, x0, x1;

      clip_window (mp, row % mp->oh, mp->pad_top, mp->h, &y0, &y1);
      for (int ox = 0; ox < mp->ow; ox++)
        {
          size_t to = ((size_t) row * mp->ow + ox) * mp->c;
          int32_t at[4];
          const float *from[4];

          clip_window (mp, ox, mp->pad_left, mp->w, &x0, &x1);
          at[0] = y0 * mp->w + x0;
          at[1] = y0 * mp->w + x1;
          at[2] = y1 * mp->w + x0;
          at[3] = y1 * mp->w + x1;
          for (int k = 0; k < 4; k++)
            from[k] = x + (size_t) at[k] * mp->c;
          if (job->where == NULL)
            job->kernels->max4 (mp->c, from, job->y + to);
          else
            job->kernels->max4_where (mp->c, from, at, job->y + to, job->where + to);
        }
    }
}

/* ---- Larger windows: along each row, then along each column of what that gave.
 *
 * A line is cut into blocks as long as a window. Before are the maxima from a block's
 * beginning to each place, behind those from each place to the block's end; a window, which
 * lies over two blocks at most, is the larger of one of each. Three comparisons a number,
 * however large the window.
 *
 * Source: M. van Herk, "A fast algorithm for local minimum and maximum filters on
 * rectangular and octagonal kernels", Pattern Recognition Letters 13, 1992. ---- */

/* Numbers, and for training where in the picture they are from. */
typedef struct
{
  float *value;
  int32_t *where; /* (nullable) */
} Points;

static Points
point_at (Points p, size_t offset)
{
  return (Points){ p.value + offset, p.where != NULL ? p.where + offset : NULL };
}

static void
take_larger (const Job *job, int c, Points a, Points b, Points y)
{
  if (y.where != NULL)
    job->kernels->max2_where (c, a.value, a.where, b.value, b.where, y.value, y.where);
  else
    job->kernels->max2 (c, a.value, b.value, y.value);
}

static void
copy (int c, Points from, Points to)
{
  memcpy (to.value, from.value, c * sizeof *to.value);
  if (to.where != NULL)
    memcpy (to.where, from.where, c * sizeof *to.where);
}

/* One line of size places, c channels each, x_step floats apart (the where of a line has
 * where_step).  Before and behind have room for size * c. */
static void
do_line (const Job *job, int size, int n_out, int pad, int c, Points x, size_t x_step,
         size_t where_step, Points before, Points behind, Points y, size_t y_step)
{
  const LkMaxPool *mp = job->mp;
  int window = mp->window;

  for (int i = 0; i < size; i++)
    {
      Points in = { x.value + i * x_step, x.where != NULL ? x.where + i * where_step : NULL };

      if (i % window == 0)
        copy (c, in, point_at (before, (size_t) i * c));
      else
        take_larger (job, c, point_at (before, (size_t) (i - 1) * c), in,
                     point_at (before, (size_t) i * c));
    }
  for (int i = size - 1; i >= 0; i--)
    {
      Points in = { x.value + i * x_step, x.where != NULL ? x.where + i * where_step : NULL };

      if (i == size - 1 || i % window == window - 1)
        copy (c, in, point_at (behind, (size_t) i * c));
      else
        take_larger (job, c, in, point_at (behind, (size_t) (i + 1) * c),
                     point_at (behind, (size_t) i * c));
    }
  for (int i = 0; i < n_out; i++)
    {
      Points out = point_at (y, i * y_step);
      int first, last;

      clip_window (mp, i, pad, size, &first, &last);
      /* Within one block a window that was cut begins or ends with the line. */
      if (first / window != last / window)
        take_larger (job, c, point_at (behind, (size_t) first * c),
                     point_at (before, (size_t) last * c), out);
      else if (first % window == 0)
        copy (c, point_at (before, (size_t) last * c), out);
      else
        copy (c, point_at (behind, (size_t) first * c), out);
    }
}

/* The scratch of a thread, in floats: before, behind, the rows' maxima; then as many
 * integers for where each is from, and the numbers of a row's places. */
static size_t
values_size (const LkMaxPool *mp)
{
  return (2 * (size_t) larger (mp->h, mp->w) + (size_t) mp->h * mp->ow) * CHANNELS;
}

static size_t
thread_size (const LkMaxPool *mp)
{
  return 2 * values_size (mp) + (size_t) mp->w * CHANNELS;
}

size_t
lk_max_pool_scratch (const LkMaxPool *mp, const LkPool *pool)
{
  return mp->window <= 2 ? 0 : lk_pool_get_n_threads (pool) * thread_size (mp);
}

static void
large_parts (int begin, int end, int thread, void *data)
{
  const Job *job = data;
  const LkMaxPool *mp = job->mp;
  int n_parts = (mp->c + CHANNELS - 1) / CHANNELS;
  size_t line = (size_t) larger (mp->h, mp->w) * CHANNELS;
  float *values = job->scratch + thread * thread_size (mp);
  int32_t *wheres = (int32_t *) (values + values_size (mp));
  int32_t *places = wheres + values_size (mp);
  Points before = { values, job->where != NULL ? wheres : NULL };
  Points behind = point_at (before, line), rows = point_at (before, 2 * line);

  for (int i = 0; job->where != NULL && i < mp->w; i++)
    for (int k = 0; k < CHANNELS; k++)
      places[i * CHANNELS + k] = i;

  for (int i = begin; i < end; i++)
    {
      int n = i / n_parts, first = i % n_parts * CHANNELS, c = smaller (mp->c - first, CHANNELS);
      size_t to = (size_t) n * mp->oh * mp->ow * mp->c + first;
      Points y = { job->y + to, job->where != NULL ? job->where + to : NULL };

      for (int iy = 0; iy < mp->h; iy++)
        {
          size_t from = ((size_t) n * mp->h + iy) * mp->w * mp->c + first;
          /* Only read: the points of a line are not written to. */
          Points x = { (float *) job->x + from, job->where != NULL ? places : NULL };
          Points row = point_at (rows, (size_t) iy * mp->ow * c);

          do_line (job, mp->w, mp->ow, mp->pad_left, c, x, mp->c, CHANNELS, before, behind, row, c);
          for (int k = 0; job->where != NULL && k < mp->ow * c; k++)
            row.where[k] += iy * mp->w;
        }
      for (int ox = 0; ox < mp->ow; ox++)
        do_line (job, mp->h, mp->oh, mp->pad_top, c, point_at (rows, (size_t) ox * c),
                 (size_t) mp->ow * c, (size_t) mp->ow * c, before, behind,
                 point_at (y, (size_t) ox * mp->c), (size_t) mp->ow * mp->c);
    }
}

void
lk_max_pool_forward (const LkMaxPool *mp, const float *x, float *y, int32_t *where, float *scratch,
                     LkPool *pool)
{
  Job job = {
    .mp = mp, .kernels = lk_kernels_get (), .x = x, .y = y, .where = where, .scratch = scratch
  };

  if (mp->window <= 2)
    lk_pool_run (pool, mp->n * mp->oh, 2, small_rows, &job);
  else
    lk_pool_run (pool, mp->n * ((mp->c + CHANNELS - 1) / CHANNELS), 1, large_parts, &job);
}

typedef struct
{
  const LkMaxPool *mp;
  const float *dy;
  const int32_t *where;
  float *dx;
} BackwardJob;

static void
backward_pictures (int begin, int end, int thread, void *data)
{
  const BackwardJob *job = data;
  const LkMaxPool *mp = job->mp;
  size_t in = (size_t) mp->h * mp->w * mp->c, out = (size_t) mp->oh * mp->ow * mp->c;

  for (int n = begin; n < end; n++)
    {
      const float *dy = job->dy + n * out;
      const int32_t *where = job->where + n * out;
      float *dx = job->dx + n * in;

      memset (dx, 0, in * sizeof *dx);
      for (size_t p = 0; p < out; p += mp->c)
        for (int c = 0; c < mp->c; c++)
          dx[(size_t) where[p + c] * mp->c + c] += dy[p + c];
    }
}

void
lk_max_pool_backward (const LkMaxPool *mp, const float *dy, const int32_t *where, float *dx,
                      LkPool *pool)
{
  BackwardJob job = { .mp = mp, .dy = dy, .where = where, .dx = dx };

  lk_pool_run (pool, mp->n, 1, backward_pictures, &job);
}

void
lk_max_pool_forward_ref (const LkMaxPool *mp, const float *x, float *y, int32_t *where)
{
  for (int n = 0; n < mp->n; n++)
    for (int oy = 0; oy < mp->oh; oy++)
      for (int ox = 0; ox < mp->ow; ox++)
        for (int c = 0; c < mp->c; c++)
          {
            float best = -INFINITY;
            int32_t at = -1;

            for (int wy = 0; wy < mp->window; wy++)
              for (int wx = 0; wx < mp->window; wx++)
                {
                  int iy = oy * mp->stride + wy - mp->pad_top;
                  int ix = ox * mp->stride + wx - mp->pad_left;
                  float value;

                  if (iy < 0 || iy >= mp->h || ix < 0 || ix >= mp->w)
                    continue;
                  value = x[(((size_t) n * mp->h + iy) * mp->w + ix) * mp->c + c];
                  if (at < 0 || value > best)
                    {
                      best = value;
                      at = iy * mp->w + ix;
                    }
                }
            if (where != NULL)
              *where++ = at;
            *y++ = best;
          }
}
