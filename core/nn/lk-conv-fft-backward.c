/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-conv-fft-private.h"

#include <string.h>

/*
 * The gradient of the kernel: the correlation of each tile of x with the tile of dy that it
 * gave.  Their spectra's products are summed over all tiles, so that only one transform a
 * pair of channels leads back.
 */

#define BINS_AT_A_TIME 10

typedef struct
{
  const LkConv *cv;
  LkFftCut cut;
  const float *dy;
  float *dkernel, *dbias;
  int first, n;            /* tiles of this group */
  float *inputs, *outputs; /* spectra of x and of dy */
  float *sums;             /* [panel][bin][c][2][lanes] */
} Job;

static size_t
sums_size (const LkConv *cv)
{
  return (size_t) 2 * LK_FFT_BINS * cv->c * cv->o;
}

size_t
lk_conv_fft_kernel_scratch (const LkConv *cv, const LkPool *pool)
{
  LkFftCut cut = lk_fft_cut (cv);

  return sums_size (cv) +
         LK_FFT_BINS * (lk_fft_bin_step (&cut, cut.c) + lk_fft_bin_step (&cut, cv->o)) +
         lk_fft_filled_size (cv, &cut);
}

/* Item: one vector of channels of one tile of dy, conjugated. */
static void
transform_outputs (int begin, int end, int thread, void *data)
{
  const Job *job = data;
  const LkConv *cv = job->cv;
  const LkFftCut *cut = &job->cut;
  int n_vectors = cv->o / cut->lanes;

  for (int i = begin; i < end; i++)
    {
      int tile = i / n_vectors, channel = i % n_vectors * cut->lanes;
      LkFftPlace place = lk_fft_place (cut, job->first + tile);
      size_t row = (size_t) place.n * cv->oh + place.y;

      cut->fft->forward (job->dy + (row * cv->ow + place.x) * cv->o + channel,
                         (ptrdiff_t) cv->ow * cv->o, cv->o, 0,
                         lk_smaller (cut->step_y, cv->oh - place.y), 0,
                         lk_smaller (cut->step_x, cv->ow - place.x), 1,
                         job->outputs + (size_t) tile * 2 * cv->o + channel,
                         (ptrdiff_t) lk_fft_bin_step (cut, cv->o), cv->o);
    }
}

/* Item: some bins of one vector of output channels, for all tiles of the group. */
static void
add_products (int begin, int end, int thread, void *data)
{
  const Job *job = data;
  const LkConv *cv = job->cv;
  const LkFftCut *cut = &job->cut;
  int n_items = LK_FFT_BINS / BINS_AT_A_TIME, most = cut->fft->max_tiles;
  size_t in_step = lk_fft_bin_step (cut, cut->c), out_step = lk_fft_bin_step (cut, cv->o);

  for (int i = begin; i < end; i++)
    {
      int panel = i / n_items, first = i % n_items * BINS_AT_A_TIME, o = panel * cut->lanes;

      for (int b = first; b < first + BINS_AT_A_TIME; b++)
        {
          float *sums = job->sums + ((size_t) panel * LK_FFT_BINS + b) * cv->c * 2 * cut->lanes;

          for (int c = 0; c < cv->c; c += most)
            cut->fft->outer (lk_smaller (most, cv->c - c), job->n, job->inputs + b * in_step + c,
                             cut->c, job->outputs + b * out_step + o, cv->o,
                             sums + (size_t) c * 2 * cut->lanes);
        }
      /* Bin 0 is the sum over the tile. */
      if (first == 0)
        for (int t = 0; t < job->n; t++)
          for (int k = 0; k < cut->lanes; k++)
            job->dbias[o + k] += job->outputs[(size_t) t * 2 * cv->o + o + k];
    }
}

/* Item: a few input channels of one vector of output channels. */
static void
add_kernels (int begin, int end, int thread, void *data)
{
  const Job *job = data;
  const LkConv *cv = job->cv;
  const LkFftCut *cut = &job->cut;
  int lanes = cut->lanes, taps = cv->kh * cv->kw;
  int n_items = lk_divide_up (cv->c, LK_FFT_CHANNELS);
  float spectra[LK_FFT_BINS * LK_FFT_CHANNELS * 2 * LK_FFT_MAX_LANES];
  float gradient[LK_FFT_SIDE * LK_FFT_SIDE * LK_FFT_MAX_LANES];

  for (int i = begin; i < end; i++)
    {
      int panel = i / n_items, first = i % n_items * LK_FFT_CHANNELS;
      int channels = lk_smaller (LK_FFT_CHANNELS, cv->c - first), bin = channels * 2 * lanes;
      const float *sums = job->sums + ((size_t) panel * LK_FFT_BINS * cv->c + first) * 2 * lanes;

      for (int b = 0; b < LK_FFT_BINS; b++, sums += (size_t) 2 * cv->c * lanes)
        {
          float scale = lk_fft_get_scale (b);

          for (int k = 0; k < bin; k++)
            spectra[b * bin + k] = sums[k] * scale;
        }
      for (int c = 0; c < channels; c++)
        {
          float *to = job->dkernel + (size_t) (first + c) * cv->o + panel * lanes;

          cut->fft->inverse (spectra + c * 2 * lanes, bin, lanes, cv->kh, cv->kw, gradient,
                             (ptrdiff_t) cv->kw * lanes, lanes, NULL, 0, NULL, NULL);
          for (int tap = 0; tap < taps; tap++)
            for (int k = 0; k < lanes; k++)
              to[(size_t) tap * cv->c * cv->o + k] += gradient[tap * lanes + k];
        }
    }
}

/* Adds the tiles of pictures to the sums. */
static void
add_pictures (const LkConv *cv, const float *x, const float *dy, Job *job, float *filled,
              LkPool *pool)
{
  const LkFftCut *cut = &job->cut;

  job->cv = cv;
  job->dy = dy;
  if (cut->c != cv->c)
    {
      lk_fft_fill (cv, cut, x, filled, pool);
      x = filled;
    }
  for (job->first = 0; job->first < cut->n_tiles; job->first += cut->group)
    {
      job->n = lk_smaller (cut->group, cut->n_tiles - job->first);
      lk_fft_transform_inputs (cv, cut, x, job->first, job->n, job->inputs, pool);
      lk_pool_run (pool, job->n * (cv->o / cut->lanes), 2, transform_outputs, job);
      lk_pool_run (pool, cv->o / cut->lanes * (LK_FFT_BINS / BINS_AT_A_TIME), 1, add_products, job);
    }
}

void
lk_conv_fft_backward_kernel (const LkConv *cv, const float *x, const float *dy, float *dkernel,
                             float *dbias, float *scratch, LkPool *pool)
{
  LkFftCut whole = lk_fft_cut (cv);
  LkConv part = *cv;
  Job job = { .cut = whole, .dkernel = dkernel, .dbias = dbias, .sums = scratch };
  float *filled;

  if (whole.c != cv->c)
    {
      part.n = 1;
      job.cut = lk_fft_cut (&part);
    }
  job.inputs = scratch + sums_size (cv);
  job.outputs = job.inputs + LK_FFT_BINS * lk_fft_bin_step (&job.cut, job.cut.c);
  filled = job.outputs + LK_FFT_BINS * lk_fft_bin_step (&job.cut, cv->o);

  memset (job.sums, 0, sums_size (cv) * sizeof *job.sums);
  for (size_t i = 0; i < (size_t) cv->n; i += part.n)
    add_pictures (&part, x + i * cv->h * cv->w * cv->c, dy + i * cv->oh * cv->ow * cv->o, &job,
                  filled, pool);
  lk_pool_run (pool, cv->o / job.cut.lanes * lk_divide_up (cv->c, LK_FFT_CHANNELS), 2, add_kernels,
               &job);
}
