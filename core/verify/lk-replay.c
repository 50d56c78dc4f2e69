/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-replay.h"

#include <math.h>
#include <string.h>

#define COLUMNS 32
#define ROWS    24
#define N_CELLS (COLUMNS * ROWS)
#define N_BINS  512 /* of the histogram in which a median is sought */
#define BIN     0.02
#define STEP    3 /* each third pixel and row tells the noise */

typedef struct
{
  float cells[N_CELLS];
} Print;

struct _LkReplay
{
  Print prints[LK_REPLAY_N_FRAMES]; /* a ring */
  int runs[LK_REPLAY_N_FRAMES];     /* by lag */
  int n, next;
  int width, height;
};

LkReplay *
lk_replay_new (void)
{
  return g_new0 (LkReplay, 1);
}

void
lk_replay_free (LkReplay *self)
{
  g_free (self);
}

void
lk_replay_reset (LkReplay *self)
{
  self->n = self->next = 0;
  memset (self->runs, 0, sizeof self->runs);
}

static int
get_luma (const guint8 *p)
{
  return 77 * p[0] + 150 * p[1] + 29 * p[2]; /* 256ths */
}

static void
fill_cells (Print *print, const LkImage *frame)
{
  const guint8 *pixels = lk_image_get_pixels (frame);

  for (int row = 0; row < ROWS; row++)
    for (int column = 0; column < COLUMNS; column++)
      {
        int x0 = frame->width * column / COLUMNS, x1 = frame->width * (column + 1) / COLUMNS;
        int y0 = frame->height * row / ROWS, y1 = frame->height * (row + 1) / ROWS;
        gint64 sum = 0;

        for (int y = y0; y < y1; y++)
          for (int x = x0; x < x1; x++)
            sum += get_luma (pixels + 3 * ((gsize) y * (gsize) frame->width + (gsize) x));
        print->cells[row * COLUMNS + column] = (float) (sum / 256.0 /
                                                        MAX (1, (x1 - x0) * (y1 - y0)));
      }
}

/* Of a difference of two cells' means, as the frame's own grain tells: too much where there
 * is much detail. */
static double
measure_grain (const LkImage *frame)
{
  const guint8 *pixels = lk_image_get_pixels (frame);
  gsize stride = 3 * (gsize) frame->width;
  double sum = 0, per_cell = (double) frame->width * frame->height / N_CELLS;
  int n = 0;

  for (int y = 1; y + 1 < frame->height; y += STEP)
    for (int x = 1; x + 1 < frame->width; x += STEP, n++)
      {
        const guint8 *p = pixels + stride * (gsize) y + 3 * (gsize) x;
        int corners = get_luma (p - stride - 3) + get_luma (p - stride + 3) +
                      get_luma (p + stride - 3) + get_luma (p + stride + 3);
        int sides = get_luma (p - stride) + get_luma (p + stride) + get_luma (p - 3) +
                    get_luma (p + 3);

        sum += ABS (corners - 2 * sides + 4 * get_luma (p)) / 256.0;
      }
  return n == 0 ? 0 : sqrt (G_PI / 2) / 6 * sum / n * G_SQRT2 / sqrt (MAX (per_cell, 1));
}

/* The standard deviation of cells that differ by noise alone, when a @share of them do, or are
 * so dark or bright that they have none.  @deviations: which that share is within. */
static double
measure_change (const Print *a, const Print *b, double share, double deviations)
{
  int bins[N_BINS] = { 0 }, i;
  double seen = 0;

  for (int c = 0; c < N_CELLS; c++)
    bins[MIN (N_BINS - 1, (int) (fabs ((double) a->cells[c] - (double) b->cells[c]) / BIN))]++;
  for (i = 0; i < N_BINS - 1 && seen + bins[i] <= share * N_CELLS; i++)
    seen += bins[i];
  return (i + (share * N_CELLS - seen) / MAX (1, bins[i])) * BIN / deviations;
}

static double
differ (const Print *a, const Print *b)
{
  float sum = 0;

  for (int c = 0; c < N_CELLS; c++)
    {
      float d = a->cells[c] - b->cells[c];

      sum += d * d;
    }
  return sqrt ((double) sum / N_CELLS);
}

static const Print *
get_before (const LkReplay *self, int lag)
{
  return &self->prints[(self->next - lag + LK_REPLAY_N_FRAMES) % LK_REPLAY_N_FRAMES];
}

void
lk_replay_add (LkReplay *self, const LkImage *frame, LkReplayFrame *out)
{
  Print *print;
  double noise;

  if (frame->width != self->width || frame->height != self->height)
    lk_replay_reset (self);
  self->width = frame->width;
  self->height = frame->height;
  *out = (LkReplayFrame){ .stir = (double) INFINITY };

  print = &self->prints[self->next];
  fill_cells (print, frame);
  if (self->n > 0)
    {
      const Print *before = get_before (self, 1);

      /* Where much moves, more cells change by more than noise; where there is much detail the
       * grain is more than noise; and what is black or white has none.  That nothing moved
       * is said with the most that noise may be, that all comes round with the least. */
      double grain = measure_grain (frame), half = measure_change (print, before, 0.5, 0.6745);
      double most = MAX (half, MIN (grain, measure_change (print, before, 0.75, 1.1503)));

      noise = MAX (MIN (grain, half), LK_REPLAY_LEAST_NOISE);
      out->stir = differ (print, before) / MAX (most, LK_REPLAY_LEAST_NOISE);
      for (int lag = LK_REPLAY_LEAST_LAG; lag < self->n; lag++)
        {
          if (differ (print, get_before (self, lag)) > LK_REPLAY_ALIKE * noise)
            self->runs[lag] = 0;
          else if (out->stir > LK_REPLAY_ALIKE)
            self->runs[lag]++; /* what stands still is alike anyhow */
          out->run = MAX (out->run, self->runs[lag]);
        }
    }
  self->next = (self->next + 1) % LK_REPLAY_N_FRAMES;
  self->n = MIN (self->n + 1, LK_REPLAY_N_FRAMES);
}
