/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-conv-fft-private.h"

#include <math.h>

#define MAX_KERNEL 11

/* Channels enough that the kernel's transforms, not the tiles', are what fills the caches. */
#define MANY 32

LkFftCut
lk_fft_cut (const LkConv *cv)
{
  LkFftCut cut = {
    .fft = lk_fft_get (),
    .step_y = LK_FFT_SIDE + 1 - cv->kh,
    .step_x = LK_FFT_SIDE + 1 - cv->kw,
  };

  cut.lanes = cut.fft->lanes;
  cut.rows = lk_divide_up (cv->oh, cut.step_y);
  cut.columns = lk_divide_up (cv->ow, cut.step_x);
  cut.n_tiles = cut.rows * cut.columns * cv->n;
  cut.group = lk_smaller (cut.n_tiles, cv->c >= MANY ? 32 : 64);
  cut.c = lk_divide_up (cv->c, cut.lanes) * cut.lanes;
  return cut;
}

LkFftPlace
lk_fft_place (const LkFftCut *cut, int tile)
{
  int tiles = cut->rows * cut->columns, rest = tile % tiles;

  return (LkFftPlace){ .n = tile / tiles,
                       .y = rest / cut->columns * cut->step_y,
                       .x = rest % cut->columns * cut->step_x };
}

size_t
lk_fft_bin_step (const LkFftCut *cut, int c)
{
  return (size_t) cut->group * 2 * c + 16; /* odd, to keep bins out of each other's cache lines */
}

size_t
lk_fft_filled_size (const LkConv *cv, const LkFftCut *cut)
{
  return cut->c != cv->c ? (size_t) cv->h * cv->w * cut->c : 0;
}

/* ---- What it costs, as lk-conv-private.h says. ---- */

#define TRANSFORM 5000.0 /* multiplications that a transform takes as long as, a channel */

/* Of the tiles of one picture. */
static double
get_cost (const LkConv *cv)
{
  LkConv one = *cv;
  LkFftCut cut;

  one.n = 1;
  cut = lk_fft_cut (&one);
  return cut.n_tiles * (4.0 * LK_FFT_BINS * cv->c * cv->o + TRANSFORM * ((double) cut.c + cv->o));
}

static int
is_possible (const LkConv *cv)
{
  return cv->stride == 1 && cv->kh <= MAX_KERNEL && cv->kw <= MAX_KERNEL;
}

double
lk_conv_fft_cost_forward (const LkConv *cv)
{
  double cost, fetch;

  if (!is_possible (cv) || cv->o % lk_fft_get ()->lanes != 0)
    return HUGE_VAL;
  cost = get_cost (cv);
  fetch = cv->n == 1 && cv->c >= MANY ? LK_CONV_FETCH * 2 * LK_FFT_BINS * cv->c * cv->o : 0;
  return cost > fetch ? cost : fetch;
}

double
lk_conv_fft_cost_data (const LkConv *cv)
{
  LkConv turned = lk_conv_turn (cv);

  return is_possible (cv) && cv->c % lk_fft_get ()->lanes == 0 ? get_cost (&turned) : HUGE_VAL;
}

double
lk_conv_fft_cost_kernel (const LkConv *cv)
{
  /* The sums, which do not fit into the cache, cost about as much again. */
  return is_possible (cv) && cv->o % lk_fft_get ()->lanes == 0 ? 2 * get_cost (cv) : HUGE_VAL;
}

/* ---- Forward. ---- */

typedef struct
{
  const LkConv *cv;
  LkFftCut cut;
  const float *x, *kernel, *packed;
  const LkEpilogue *epilogue;
  float *y, *to;
  int first, n; /* tiles of this group */
  int part;     /* tiles that a thread does at a time */
  int n_parts;
  float *inputs, *outputs;
} Job;

size_t
lk_conv_fft_packed_size (const LkConv *cv)
{
  return (size_t) 2 * LK_FFT_BINS * cv->c * cv->o;
}

/* [panel][bin][c][2][lanes], conjugated, as what is wanted is a correlation.  Item: a few
 * channels of a panel, so that what is far apart is written by more than a line at a time. */
static void
pack_panels (int begin, int end, int thread, void *data)
{
  const Job *job = data;
  const LkConv *cv = job->cv;
  int lanes = job->cut.lanes, n_items = lk_divide_up (cv->c, LK_FFT_CHANNELS);
  float spectra[LK_FFT_BINS * LK_FFT_CHANNELS * 2 * LK_FFT_MAX_LANES];

  for (int i = begin; i < end; i++)
    {
      int panel = i / n_items, first = i % n_items * LK_FFT_CHANNELS;
      int channels = lk_smaller (LK_FFT_CHANNELS, cv->c - first), bin = channels * 2 * lanes;
      float *to = job->to + ((size_t) panel * LK_FFT_BINS * cv->c + first) * 2 * lanes;

      for (int c = 0; c < channels; c++)
        job->cut.fft->forward (job->kernel + (size_t) (first + c) * cv->o + panel * lanes,
                               (ptrdiff_t) cv->kw * cv->c * cv->o, (ptrdiff_t) cv->c * cv->o, 0,
                               cv->kh, 0, cv->kw, 1, spectra + c * 2 * lanes, bin, lanes);
      for (int b = 0; b < LK_FFT_BINS; b++, to += (size_t) 2 * cv->c * lanes)
        {
          float scale = lk_fft_get_scale (b);

          for (int k = 0; k < bin; k++)
            to[k] = spectra[b * bin + k] * scale;
        }
    }
}

void
lk_conv_fft_pack (const LkConv *cv, const float *kernel, float *packed, LkPool *pool)
{
  Job job = { .cv = cv, .cut = lk_fft_cut (cv), .kernel = kernel, .to = packed };

  lk_pool_run (pool, cv->o / job.cut.lanes * lk_divide_up (cv->c, LK_FFT_CHANNELS), 2, pack_panels,
               &job);
}

static int
get_part (const LkConv *cv, const LkFftCut *cut)
{
  return cv->c >= MANY ? cut->group : lk_smaller (cut->group, cut->fft->max_tiles);
}

static size_t
output_step (const LkFftCut *cut, int part)
{
  return ((size_t) part + 1) * 2 * cut->lanes;
}

size_t
lk_conv_fft_scratch (const LkConv *cv, const LkPool *pool)
{
  LkFftCut cut = lk_fft_cut (cv);
  size_t outputs = output_step (&cut, get_part (cv, &cut));

  return LK_FFT_BINS * (lk_fft_bin_step (&cut, cut.c) + lk_pool_get_n_threads (pool) * outputs) +
         lk_fft_filled_size (cv, &cut);
}

static void
fill_rows (int begin, int end, int thread, void *data)
{
  const Job *job = data;
  int c = job->cv->c, to_c = job->cut.c;
  size_t row = job->cv->w;

  for (size_t i = begin * row; i < end * row; i++)
    for (int k = 0; k < to_c; k++)
      job->to[i * to_c + k] = k < c ? job->x[i * c + k] : 0.0f;
}

void
lk_fft_fill (const LkConv *cv, const LkFftCut *cut, const float *x, float *filled, LkPool *pool)
{
  Job job = { .cv = cv, .cut = *cut, .x = x, .to = filled };

  lk_pool_run (pool, cv->h, 8, fill_rows, &job);
}

/* Item: one vector of channels of one tile. */
static void
transform_tiles (int begin, int end, int thread, void *data)
{
  const Job *job = data;
  const LkConv *cv = job->cv;
  const LkFftCut *cut = &job->cut;
  int n_vectors = cut->c / cut->lanes;

  for (int i = begin; i < end; i++)
    {
      int tile = i / n_vectors, channel = i % n_vectors * cut->lanes;
      LkFftPlace place = lk_fft_place (cut, job->first + tile);
      int y = place.y - cv->pad_top, x = place.x - cv->pad_left;
      ptrdiff_t row = (ptrdiff_t) place.n * cv->h + y;

      cut->fft->forward (job->x + (row * cv->w + x) * cut->c + channel, (ptrdiff_t) cv->w * cut->c,
                         cut->c, y < 0 ? -y : 0, cv->h - y, x < 0 ? -x : 0, cv->w - x, 0,
                         job->inputs + (size_t) tile * 2 * cut->c + channel,
                         (ptrdiff_t) lk_fft_bin_step (cut, cut->c), cut->c);
    }
}

void
lk_fft_transform_inputs (const LkConv *cv, const LkFftCut *cut, const float *x, int first, int n,
                         float *spectra, LkPool *pool)
{
  Job job = { .cv = cv, .cut = *cut, .x = x, .first = first, .n = n, .inputs = spectra };

  lk_pool_run (pool, n * (cut->c / cut->lanes), 2, transform_tiles, &job);
}

/* Tiles begin .. end-1 of the group for one vector of output channels. */
static void
multiply_part (const Job *job, int panel, int begin, int end, float *outputs)
{
  const LkConv *cv = job->cv;
  const LkEpilogue none = { 0 }, *e = job->epilogue != NULL ? job->epilogue : &none;
  const LkFftCut *cut = &job->cut;
  int n = end - begin, n_products = lk_divide_up (n, cut->fft->max_tiles), o = panel * cut->lanes;
  size_t in_step = lk_fft_bin_step (cut, cut->c), out_step = output_step (cut, job->part);
  const float *kernel = job->packed + (size_t) panel * LK_FFT_BINS * cv->c * 2 * cut->lanes;
  const float *inputs = job->inputs + (size_t) begin * 2 * cut->c;

  for (int b = 0; b < LK_FFT_BINS; b++)
    for (int p = 0; p < n_products; p++)
      {
        int t = n * p / n_products, t_end = n * (p + 1) / n_products;

        /* While the first product is done, the next bin's kernel is on its way. */
        cut->fft->multiply (t_end - t, cv->c, inputs + b * in_step + (size_t) t * 2 * cut->c,
                            cut->c, kernel + (size_t) b * cv->c * 2 * cut->lanes, p == 0,
                            outputs + b * out_step + (size_t) t * 2 * cut->lanes);
      }
  for (int t = begin; t < end; t++)
    {
      LkFftPlace place = lk_fft_place (cut, job->first + t);
      size_t row = (size_t) place.n * cv->oh + place.y;

      cut->fft->inverse (
          outputs + (size_t) (t - begin) * 2 * cut->lanes, (ptrdiff_t) out_step, cut->lanes,
          lk_smaller (cut->step_y, cv->oh - place.y), lk_smaller (cut->step_x, cv->ow - place.x),
          job->y + (row * cv->ow + place.x) * cv->o + o, (ptrdiff_t) cv->ow * cv->o, cv->o,
          e->bias != NULL ? e->bias + o : NULL, e->relu, e->scale != NULL ? e->scale + o : NULL,
          e->scale != NULL ? e->shift + o : NULL);
    }
}

static void
multiply_parts (int begin, int end, int thread, void *data)
{
  const Job *job = data;
  float *outputs = job->outputs +
                   (size_t) thread * LK_FFT_BINS * output_step (&job->cut, job->part);

  for (int i = begin; i < end; i++)
    {
      int part = i % job->n_parts, panel = i / job->n_parts;

      multiply_part (job, panel, job->n * part / job->n_parts, job->n * (part + 1) / job->n_parts,
                     outputs);
    }
}

void
lk_conv_fft_forward (const LkConv *cv, const float *x, const float *packed,
                     const LkEpilogue *epilogue, float *y, float *scratch, LkPool *pool)
{
  Job job = {
    .cv = cv,
    .cut = lk_fft_cut (cv),
    .packed = packed,
    .epilogue = epilogue,
    .x = x,
    .y = y,
    .inputs = scratch,
  };
  const LkFftCut *cut = &job.cut;
  size_t inputs = LK_FFT_BINS * lk_fft_bin_step (cut, cut->c);

  if (cut->c != cv->c && cv->n > 1)
    {
      LkConv one = *cv;

      one.n = 1;
      for (size_t i = 0; i < (size_t) cv->n; i++)
        lk_conv_fft_forward (&one, x + i * cv->h * cv->w * cv->c, packed, epilogue,
                             y + i * cv->oh * cv->ow * cv->o, scratch, pool);
      return;
    }

  job.part = get_part (cv, cut);
  job.outputs = scratch + inputs;
  if (cut->c != cv->c)
    {
      float *filled = job.outputs +
                      lk_pool_get_n_threads (pool) * LK_FFT_BINS * output_step (cut, job.part);

      lk_fft_fill (cv, cut, x, filled, pool);
      job.x = filled;
    }
  for (job.first = 0; job.first < cut->n_tiles; job.first += cut->group)
    {
      job.n = lk_smaller (cut->group, cut->n_tiles - job.first);
      job.n_parts = lk_divide_up (job.n, job.part);
      lk_fft_transform_inputs (cv, cut, job.x, job.first, job.n, job.inputs, pool);
      lk_pool_run (pool, job.n_parts * (cv->o / cut->lanes), 1, multiply_parts, &job);
    }
}

/* ---- The gradient of the data: the same convolution with the kernel turned round. ---- */

size_t
lk_conv_fft_data_scratch (const LkConv *cv, const LkPool *pool)
{
  LkConv turned = lk_conv_turn (cv);

  return lk_conv_turned_size (cv) + lk_conv_fft_packed_size (&turned) +
         lk_conv_fft_scratch (&turned, pool);
}

void
lk_conv_fft_backward_data (const LkConv *cv, const float *dy, const float *kernel, float *dx,
                           float *scratch, LkPool *pool)
{
  LkConv turned = lk_conv_turn (cv);
  float *packed = scratch + lk_conv_turned_size (cv),
        *rest = packed + lk_conv_fft_packed_size (&turned);

  lk_conv_turn_kernel (cv, kernel, scratch, pool);
  lk_conv_fft_pack (&turned, scratch, packed, pool);
  lk_conv_fft_forward (&turned, dy, packed, NULL, dx, rest, pool);
}
