/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-maxpool.h"

#include <math.h>
#include <string.h>

typedef struct
{
  const LkMaxPool *mp;
  const float *x;
  float *y;
  int32_t *where;
} Job;

/* The part of a window at output index i that lies in a picture of size. */
static void
clip_window (const LkMaxPool *mp, int i, int pad, int size, int *begin, int *end)
{
  *begin = i * mp->stride - pad;
  *end = *begin + mp->window;
  if (*begin < 0)
    *begin = 0;
  if (*end > size)
    *end = size;
}

static void
forward_rows (int begin, int end, int thread, void *data)
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
          float *restrict y = job->y + to;

          clip_window (mp, ox, mp->pad_left, mp->w, &x0, &x1);
          for (int c = 0; c < mp->c; c++)
            y[c] = -INFINITY;
          for (int c = 0; job->where != NULL && c < mp->c; c++)
            job->where[to + c] = y0 * mp->w + x0;
          for (int iy = y0; iy < y1; iy++)
            for (int ix = x0; ix < x1; ix++)
              {
                const float *restrict from = x + ((size_t) iy * mp->w + ix) * mp->c;

                if (job->where == NULL)
                  for (int c = 0; c < mp->c; c++)
                    y[c] = from[c] > y[c] ? from[c] : y[c];
                else
                  for (int c = 0; c < mp->c; c++)
                    {
                      job->where[to + c] = from[c] > y[c] ? iy * mp->w + ix : job->where[to + c];
                      y[c] = from[c] > y[c] ? from[c] : y[c];
                    }
              }
        }
    }
}

size_t
lk_max_pool_scratch (const LkMaxPool *mp, const LkPool *pool)
{
  return 0;
}

void
lk_max_pool_forward (const LkMaxPool *mp, const float *x, float *y, int32_t *where, float *scratch,
                     LkPool *pool)
{
  Job job = { .mp = mp, .x = x, .y = y, .where = where };

  lk_pool_run (pool, mp->n * mp->oh, 1, forward_rows, &job);
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
