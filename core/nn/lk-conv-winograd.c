/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-conv-winograd-private.h"

#include <math.h>
#include <string.h>

#define INPUT_SIZE (512 * 1024) /* bytes of transformed inputs that a thread holds: half of L2 */
#define MOST       256          /* tiles of them */

LkWinogradCut
lk_winograd_cut (const LkConv *cv)
{
  LkWinogradCut cut = {
    .winograd = lk_winograd_get (),
    .kernels = lk_kernels_get (),
    .rows = lk_divide_up (cv->oh, LK_WINOGRAD_OUT),
    .columns = lk_divide_up (cv->ow, LK_WINOGRAD_OUT),
  };

  cut.n_tiles = cut.rows * cut.columns * cv->n;
  cut.n_panels = lk_divide_up (cv->o, cut.kernels->width);
  return cut;
}

LkWinogradPlace
lk_winograd_place (const LkWinogradCut *cut, int tile)
{
  int tiles = cut->rows * cut->columns, rest = tile % tiles;

  return (LkWinogradPlace){ .n = tile / tiles,
                            .y = rest / cut->columns * LK_WINOGRAD_OUT,
                            .x = rest % cut->columns * LK_WINOGRAD_OUT };
}

size_t
lk_winograd_step (int n, int c)
{
  return (size_t) n * c + 16;
}

/* ---- What it costs. ---- */

#define TRANSFORM 160.0 /* multiplications that a transform takes as long as, a channel */

static double
get_cost (const LkConv *cv)
{
  double tiles = (double) lk_divide_up (cv->oh, LK_WINOGRAD_OUT) *
                 lk_divide_up (cv->ow, LK_WINOGRAD_OUT);

  return tiles * (LK_WINOGRAD_NUMBERS * (double) cv->c * cv->o + TRANSFORM * (cv->c + cv->o));
}

static int
is_possible (const LkConv *cv)
{
  int lanes = lk_winograd_get ()->lanes;

  return cv->kh == LK_WINOGRAD_KERNEL && cv->kw == LK_WINOGRAD_KERNEL && cv->stride == 1 &&
         cv->c % lanes == 0 && cv->o % lanes == 0;
}

double
lk_conv_winograd_cost_forward (const LkConv *cv)
{
  double fetch = cv->n == 1 ? LK_CONV_FETCH * LK_WINOGRAD_NUMBERS * cv->c * cv->o : 0, cost;

  if (!is_possible (cv))
    return HUGE_VAL;
  cost = get_cost (cv);
  return cost > fetch ? cost : fetch;
}

double
lk_conv_winograd_cost_data (const LkConv *cv)
{
  LkConv turned = lk_conv_turn (cv);

  return is_possible (cv) ? get_cost (&turned) : HUGE_VAL;
}

double
lk_conv_winograd_cost_kernel (const LkConv *cv)
{
  return is_possible (cv) ? get_cost (cv) : HUGE_VAL;
}

/* ---- Forward: a thread takes a group of tiles all the way. ---- */

typedef struct
{
  const LkConv *cv;
  LkWinogradCut cut;
  const float *x, *kernel, *packed;
  const LkEpilogue *epilogue;
  float *y, *to, *scratch;
  int n_groups, group; /* tiles of the largest */
} Job;

size_t
lk_conv_winograd_packed_size (const LkConv *cv)
{
  LkWinogradCut cut = lk_winograd_cut (cv);

  return (size_t) LK_WINOGRAD_NUMBERS * cv->c * cut.n_panels * cut.kernels->width;
}

/* [panel][number][c][width].  Item: an input channel of a panel. */
static void
pack_channels (int begin, int end, int thread, void *data)
{
  const Job *job = data;
  const LkConv *cv = job->cv;
  int lanes = job->cut.winograd->lanes, width = job->cut.kernels->width;
  size_t step = (size_t) cv->c * width;

  for (int i = begin; i < end; i++)
    {
      int panel = i / cv->c, c = i % cv->c;
      float *to = job->to + panel * LK_WINOGRAD_NUMBERS * step + (size_t) c * width;

      for (int k = 0; k < width; k += lanes, to += lanes)
        if (panel * width + k < cv->o)
          job->cut.winograd->kernel (job->kernel + (size_t) c * cv->o + panel * width + k,
                                     (ptrdiff_t) cv->c * cv->o, to, (ptrdiff_t) step);
        else
          for (int b = 0; b < LK_WINOGRAD_NUMBERS; b++)
            memset (to + b * step, 0, lanes * sizeof *to);
    }
}

void
lk_conv_winograd_pack (const LkConv *cv, const float *kernel, float *packed, LkPool *pool)
{
  Job job = { .cv = cv, .cut = lk_winograd_cut (cv), .kernel = kernel, .to = packed };

  lk_pool_run (pool, cv->c * job.cut.n_panels, 16, pack_channels, &job);
}

/* As many tiles as keep their inputs in the cache, in whole register tiles. */
static int
get_most (const LkConv *cv, const LkWinogradCut *cut)
{
  int rows = cut->kernels->max_rows;
  int most = (int) (INPUT_SIZE / (sizeof (float) * LK_WINOGRAD_NUMBERS * cv->c)) / rows * rows;

  most = lk_smaller (most, MOST / rows * rows);
  return lk_smaller (cut->n_tiles, most > 2 * rows ? most : 2 * rows);
}

static size_t
thread_size (const LkConv *cv, const LkWinogradCut *cut, int group)
{
  return LK_WINOGRAD_NUMBERS *
         (lk_winograd_step (group, cv->c) + lk_winograd_step (group, cut->kernels->width));
}

size_t
lk_conv_winograd_scratch (const LkConv *cv, const LkPool *pool)
{
  LkWinogradCut cut = lk_winograd_cut (cv);

  return lk_pool_get_n_threads (pool) * thread_size (cv, &cut, get_most (cv, &cut));
}

void
lk_winograd_transform_input (const LkConv *cv, const LkWinogradCut *cut, const float *x,
                             const LkWinogradPlace *place, float *numbers, size_t step)
{
  int top = place->y - cv->pad_top, left = place->x - cv->pad_left;
  ptrdiff_t row = (ptrdiff_t) place->n * cv->h + top;

  x += (row * cv->w + left) * cv->c;
  for (int c = 0; c < cv->c; c += cut->winograd->lanes)
    cut->winograd->input (x + c, (ptrdiff_t) cv->w * cv->c, cv->c, -top, cv->h - top, -left,
                          cv->w - left, numbers + c, (ptrdiff_t) step);
}

/* For a panel: products[number][tile][width]. */
static void
multiply (const Job *job, int panel, int n, const float *inputs, float *products)
{
  int c = job->cv->c, width = job->cut.kernels->width;
  int n_parts = lk_divide_up (n, job->cut.kernels->max_rows);
  size_t in_step = lk_winograd_step (job->group, c),
         out_step = lk_winograd_step (job->group, width);
  LkTile tile = { .columns = width, .n_runs = 1, .run = c, .y_step = width };

  for (int b = 0; b < LK_WINOGRAD_NUMBERS; b++)
    {
      tile.b = job->packed + ((size_t) panel * LK_WINOGRAD_NUMBERS + b) * c * width;
      for (int part = 0; part < n_parts; part++)
        {
          int begin = n * part / n_parts;

          tile.rows = n * (part + 1) / n_parts - begin;
          for (int r = 0; r < tile.rows; r++)
            tile.a[r] = inputs + b * in_step + (size_t) (begin + r) * c;
          tile.y = products + b * out_step + (size_t) begin * width;
          job->cut.kernels->tile (&tile);
        }
    }
}

static void
finish (const Job *job, int panel, const LkWinogradPlace *place, const float *products)
{
  const LkConv *cv = job->cv;
  const LkEpilogue none = { 0 }, *e = job->epilogue != NULL ? job->epilogue : &none;
  int lanes = job->cut.winograd->lanes, width = job->cut.kernels->width;
  size_t row = (size_t) place->n * cv->oh + place->y;
  float *y = job->y + (row * cv->ow + place->x) * cv->o;

  for (int o = panel * width; o < (panel + 1) * width && o < cv->o; o += lanes, products += lanes)
    job->cut.winograd->output (
        products, (ptrdiff_t) lk_winograd_step (job->group, width),
        lk_smaller (LK_WINOGRAD_OUT, cv->oh - place->y),
        lk_smaller (LK_WINOGRAD_OUT, cv->ow - place->x), y + o, (ptrdiff_t) cv->ow * cv->o, cv->o,
        e->bias != NULL ? e->bias + o : NULL, e->relu, e->scale != NULL ? e->scale + o : NULL,
        e->scale != NULL ? e->shift + o : NULL);
}

static void
do_groups (int begin, int end, int thread, void *data)
{
  const Job *job = data;
  const LkConv *cv = job->cv;
  int width = job->cut.kernels->width;
  size_t step = lk_winograd_step (job->group, cv->c);
  float *inputs = job->scratch + thread * thread_size (cv, &job->cut, job->group);
  float *products = inputs + LK_WINOGRAD_NUMBERS * step;
  LkWinogradPlace places[MOST];

  for (int i = begin; i < end; i++)
    {
      int first = (int) ((long) job->cut.n_tiles * i / job->n_groups);
      int n = (int) ((long) job->cut.n_tiles * (i + 1) / job->n_groups) - first;

      for (int t = 0; t < n; t++)
        {
          places[t] = lk_winograd_place (&job->cut, first + t);
          lk_winograd_transform_input (cv, &job->cut, job->x, &places[t],
                                       inputs + (size_t) t * cv->c, step);
        }
      for (int panel = 0; panel < job->cut.n_panels; panel++)
        {
          multiply (job, panel, n, inputs, products);
          for (int t = 0; t < n; t++)
            finish (job, panel, &places[t], products + (size_t) t * width);
        }
    }
}

void
lk_conv_winograd_forward (const LkConv *cv, const float *x, const float *packed,
                          const LkEpilogue *epilogue, float *y, float *scratch, LkPool *pool)
{
  Job job = {
    .cv = cv,
    .cut = lk_winograd_cut (cv),
    .x = x,
    .packed = packed,
    .epilogue = epilogue,
    .y = y,
    .scratch = scratch,
  };
  int most = get_most (cv, &job.cut), n_threads = lk_pool_get_n_threads (pool);

  /* As many for each thread. */
  job.n_groups = lk_divide_up (lk_divide_up (job.cut.n_tiles, most), n_threads) * n_threads;
  job.n_groups = lk_smaller (job.n_groups, job.cut.n_tiles);
  job.group = lk_divide_up (job.cut.n_tiles, job.n_groups);
  lk_pool_run (pool, job.n_groups, 1, do_groups, &job);
}

/* ---- The gradient of the data: the same convolution with the kernel turned round. ---- */

size_t
lk_conv_winograd_data_scratch (const LkConv *cv, const LkPool *pool)
{
  LkConv turned = lk_conv_turn (cv);

  return lk_conv_turned_size (cv) + lk_conv_winograd_packed_size (&turned) +
         lk_conv_winograd_scratch (&turned, pool);
}

void
lk_conv_winograd_backward_data (const LkConv *cv, const float *dy, const float *kernel, float *dx,
                                float *scratch, LkPool *pool)
{
  LkConv turned = lk_conv_turn (cv);
  float *packed = scratch + lk_conv_turned_size (cv);
  float *rest = packed + lk_conv_winograd_packed_size (&turned);

  lk_conv_turn_kernel (cv, kernel, scratch, pool);
  lk_conv_winograd_pack (&turned, scratch, packed, pool);
  lk_conv_winograd_forward (&turned, dy, packed, NULL, dx, rest, pool);
}
