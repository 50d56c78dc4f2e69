/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-conv-fft.h"

#include "kernels/lk-fft.h"

#define MAX_KERNEL 11

/* Channels enough that the kernel's transforms, not the tiles', are what fills the caches. */
#define MANY 32

static int
divide_up (int a, int b)
{
  return (a + b - 1) / b;
}

static int
smaller (int a, int b)
{
  return a < b ? a : b;
}

/* How the work is cut: pictures into rows x columns tiles, each giving step_y x step_x
 * outputs; the tiles into groups whose spectra are held at a time, as large as lets them use
 * a kernel from memory well; a group into parts that a thread does at a time. */
typedef struct
{
  int lanes;
  int step_y, step_x;
  int rows, columns;
  int group, part; /* tiles */
  int c;           /* channels, filled up to whole vectors */
} Cut;

static Cut
cut_for (const LkConv *cv)
{
  const LkFft *fft = lk_fft_get ();
  Cut cut = {
    .lanes = fft->lanes,
    .step_y = LK_FFT_SIDE + 1 - cv->kh,
    .step_x = LK_FFT_SIDE + 1 - cv->kw,
    .c = divide_up (cv->c, fft->lanes) * fft->lanes,
  };
  int tiles;

  cut.rows = divide_up (cv->oh, cut.step_y);
  cut.columns = divide_up (cv->ow, cut.step_x);
  tiles = cut.rows * cut.columns * cv->n;
  cut.group = smaller (tiles, cv->c >= MANY ? 32 : 64);
  cut.part = cv->c >= MANY ? cut.group : smaller (cut.group, fft->max_tiles);
  return cut;
}

/* Floats from bin to bin; the odd ones keep bins out of each other's place in the cache. */
static size_t
input_step (const Cut *cut)
{
  return (size_t) cut->group * 2 * cut->c + 16;
}

static size_t
output_step (const Cut *cut)
{
  return ((size_t) cut->part + 1) * 2 * cut->lanes;
}

/* A picture whose channels are filled up with zeros, if they need to be. */
static size_t
filled_size (const LkConv *cv, const Cut *cut)
{
  return cut->c != cv->c ? (size_t) cv->h * cv->w * cut->c : 0;
}

int
lk_conv_fft_is_better (const LkConv *cv)
{
  Cut cut;
  double tiles, direct, products, kernels, transforms;

  if (cv->stride != 1 || cv->kh > MAX_KERNEL || cv->kw > MAX_KERNEL ||
      cv->o % lk_fft_get ()->lanes != 0)
    return 0;
  /* In multiplications of single numbers; a transform takes as long as so many, and a
   * number of the kernel's transforms that comes from memory as 14. */
  cut = cut_for (cv);
  tiles = (double) cv->n * cut.rows * cut.columns;
  direct = (double) cv->n * cv->oh * cv->ow * cv->kh * cv->kw * cv->c * cv->o;
  products = tiles * 4 * LK_FFT_BINS * cv->c * cv->o;
  kernels = cv->c < MANY ? 0 : 14.0 * 2 * LK_FFT_BINS * cv->c * cv->o * (tiles / cut.group);
  transforms = tiles * 5000 * (cut.c + cv->o);
  return (products > kernels ? products : kernels) + transforms < 0.9 * direct;
}

size_t
lk_conv_fft_packed_size (const LkConv *cv)
{
  return (size_t) 2 * LK_FFT_BINS * cv->c * cv->o;
}

typedef struct
{
  const LkConv *cv;
  const LkFft *fft;
  Cut cut;
  const float *x, *kernel, *packed;
  const LkEpilogue *epilogue;
  float *y, *to;
  int first, n; /* tiles of this group, counted over all pictures */
  int n_parts;
  float *filled, *inputs, *outputs;
} Job;

/* [panel][bin][c][2][lanes], conjugated (what is wanted is a correlation) and scaled. */
static void
pack_panels (int begin, int end, int thread, void *data)
{
  const Job *job = data;
  const LkConv *cv = job->cv;
  int lanes = job->fft->lanes;
  ptrdiff_t bin_step = (ptrdiff_t) 2 * cv->c * lanes;

  for (int i = begin; i < end; i++)
    {
      int panel = i / cv->c, c = i % cv->c;
      float *to = job->to + ((size_t) panel * LK_FFT_BINS * cv->c + c) * 2 * lanes;

      job->fft->forward (job->kernel + (size_t) c * cv->o + panel * lanes,
                         (ptrdiff_t) cv->kw * cv->c * cv->o, (ptrdiff_t) cv->c * cv->o, 0, cv->kh,
                         0, cv->kw, to, bin_step, lanes);
      for (int b = 0; b < LK_FFT_BINS; b++)
        for (int k = 0; k < lanes; k++)
          {
            to[b * bin_step + k] *= lk_fft_get_scale (b);
            to[b * bin_step + lanes + k] *= -lk_fft_get_scale (b);
          }
    }
}

void
lk_conv_fft_pack (const LkConv *cv, const float *kernel, float *packed, LkPool *pool)
{
  Job job = { .cv = cv, .fft = lk_fft_get (), .kernel = kernel, .to = packed };

  lk_pool_run (pool, cv->o / job.fft->lanes * cv->c, 8, pack_panels, &job);
}

size_t
lk_conv_fft_scratch (const LkConv *cv, const LkPool *pool)
{
  Cut cut = cut_for (cv);

  return LK_FFT_BINS * (input_step (&cut) + lk_pool_get_n_threads (pool) * output_step (&cut)) +
         cv->n * filled_size (cv, &cut);
}

static void
fill_pixels (int begin, int end, int thread, void *data)
{
  const Job *job = data;
  int c = job->cv->c, to_c = job->cut.c;
  size_t row = job->cv->w;

  for (size_t i = begin * row; i < end * row; i++)
    for (int k = 0; k < to_c; k++)
      job->filled[i * to_c + k] = k < c ? job->x[i * c + k] : 0.0f;
}

/* Where a tile's outputs begin. */
typedef struct
{
  int n, y, x;
} Place;

static Place
place_of (const Cut *cut, int tile)
{
  int tiles = cut->rows * cut->columns, rest = tile % tiles;

  return (Place){ .n = tile / tiles,
                  .y = rest / cut->columns * cut->step_y,
                  .x = rest % cut->columns * cut->step_x };
}

/* Item: one vector of channels of one tile. */
static void
transform_tiles (int begin, int end, int thread, void *data)
{
  const Job *job = data;
  const LkConv *cv = job->cv;
  const Cut *cut = &job->cut;
  int n_vectors = cut->c / cut->lanes;

  for (int i = begin; i < end; i++)
    {
      int tile = i / n_vectors, channel = i % n_vectors * cut->lanes;
      Place place = place_of (cut, job->first + tile);
      int y = place.y - cv->pad_top, x = place.x - cv->pad_left;
      ptrdiff_t row = (ptrdiff_t) place.n * cv->h + y;

      job->fft->forward (job->x + (row * cv->w + x) * cut->c + channel, (ptrdiff_t) cv->w * cut->c,
                         cut->c, y < 0 ? -y : 0, cv->h - y, x < 0 ? -x : 0, cv->w - x,
                         job->inputs + (size_t) tile * 2 * cut->c + channel,
                         (ptrdiff_t) input_step (cut), cut->c);
    }
}

/* Tiles begin .. end-1 of the group for one vector of output channels. */
static void
multiply_part (const Job *job, int panel, int begin, int end, float *outputs)
{
  const LkConv *cv = job->cv;
  const LkEpilogue none = { 0 }, *e = job->epilogue != NULL ? job->epilogue : &none;
  const Cut *cut = &job->cut;
  int n = end - begin, n_products = divide_up (n, job->fft->max_tiles), o = panel * cut->lanes;
  size_t in_step = input_step (cut), out_step = output_step (cut);
  const float *kernel = job->packed + (size_t) panel * LK_FFT_BINS * cv->c * 2 * cut->lanes;
  const float *inputs = job->inputs + (size_t) begin * 2 * cut->c;

  for (int b = 0; b < LK_FFT_BINS; b++)
    for (int p = 0; p < n_products; p++)
      {
        int t = n * p / n_products, t_end = n * (p + 1) / n_products;

        /* While the first product is done, the next bin's kernel is on its way. */
        job->fft->multiply (t_end - t, cv->c, inputs + b * in_step + (size_t) t * 2 * cut->c,
                            cut->c, kernel + (size_t) b * cv->c * 2 * cut->lanes, p == 0,
                            outputs + b * out_step + (size_t) t * 2 * cut->lanes);
      }
  for (int t = begin; t < end; t++)
    {
      Place place = place_of (cut, job->first + t);
      size_t row = (size_t) place.n * cv->oh + place.y;

      job->fft->inverse (
          outputs + (size_t) (t - begin) * 2 * cut->lanes, (ptrdiff_t) out_step, cut->lanes,
          smaller (cut->step_y, cv->oh - place.y), smaller (cut->step_x, cv->ow - place.x),
          job->y + (row * cv->ow + place.x) * cv->o + o, (ptrdiff_t) cv->ow * cv->o, cv->o,
          e->bias != NULL ? e->bias + o : NULL, e->relu, e->scale != NULL ? e->scale + o : NULL,
          e->scale != NULL ? e->shift + o : NULL);
    }
}

static void
multiply_parts (int begin, int end, int thread, void *data)
{
  const Job *job = data;
  float *outputs = job->outputs + (size_t) thread * LK_FFT_BINS * output_step (&job->cut);

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
    .fft = lk_fft_get (),
    .cut = cut_for (cv),
    .x = x,
    .packed = packed,
    .epilogue = epilogue,
    .y = y,
    .inputs = scratch,
  };
  const Cut *cut = &job.cut;
  int n_tiles = cv->n * cut->rows * cut->columns;

  job.outputs = scratch + LK_FFT_BINS * input_step (cut);
  job.filled = job.outputs + LK_FFT_BINS * lk_pool_get_n_threads (pool) * output_step (cut);
  if (cut->c != cv->c)
    {
      lk_pool_run (pool, cv->n * cv->h, 8, fill_pixels, &job);
      job.x = job.filled;
    }
  for (job.first = 0; job.first < n_tiles; job.first += cut->group)
    {
      job.n = smaller (cut->group, n_tiles - job.first);
      job.n_parts = divide_up (job.n, cut->part);
      lk_pool_run (pool, job.n * (cut->c / cut->lanes), 2, transform_tiles, &job);
      lk_pool_run (pool, job.n_parts * (cv->o / cut->lanes), 1, multiply_parts, &job);
    }
}
