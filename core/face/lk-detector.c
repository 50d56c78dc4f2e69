/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-detector.h"

#include "base/lk-error.h"
#include "lk-confirm.h"
#include "lk-points.h"
#include "nn/lk-infer.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define STEP     32 /* the coarsest grid: sides are multiples of it */
#define N_MAPS   3  /* of strides 8, 16, 32 */
#define OUTPUTS  (1 + 4 + 2 * LK_N_POINTS)
#define MAX_RAW  1024 /* cells over the threshold that are looked at */
#define OVERLAP  0.45 /* of two boxes that are one face */
#define MAX_LOG  6.0f /* of a side: no box of infinite size */
#define SURE     0.65 /* from this score on a face is one without a closer look */
#define DOUBTFUL 0.3  /* from this score on a box gets one */

struct _LkDetector
{
  LkModel *model;
  int side;
  int width, height; /* that infer is ready for, 0: none */
  LkNetwork *network;
  LkInfer *infer;
  float *input; /* [height, width, 3] */
  float *maps, *mirrored;
  LkResizer *resizer;
  LkConfirm *confirm;
  LkPoints *points;
};

static gboolean
set_no_memory (GError **error)
{
  g_set_error_literal (error, LK_ERROR, LK_ERROR_TOO_LARGE,
                       _ ("There is not enough memory to look for faces.  Close other programs."));
  return FALSE;
}

/* Three maps of 15 numbers a cell, at strides of 8, 16 and 32. */
static gboolean
is_detector (const LkNetwork *network)
{
  int height, width, channels;

  lk_network_get_input (network, &height, &width, &channels);
  if (channels != 3 || lk_network_get_map (network, N_MAPS, NULL, NULL, NULL))
    return FALSE;
  for (int i = 0; i < N_MAPS; i++)
    {
      int rows, columns, outputs, stride = 8 << i;

      if (!lk_network_get_map (network, i, &rows, &columns, &outputs) || outputs != OUTPUTS ||
          rows * stride != height || columns * stride != width)
        return FALSE;
    }
  return TRUE;
}

static gboolean
set_not_detector (const LkDetector *self, GError **error)
{
  g_set_error (error, LK_ERROR, LK_ERROR_SHAPE,
               _ ("The model “%s” is not one that finds faces.  Choose another model."),
                  lk_model_get_name (self->model));
  return FALSE;
}

LkDetector *
lk_detector_new (LkModel *model, int side, GError **error)
{
  g_autoptr (LkDetector) self = g_new0 (LkDetector, 1);

  g_return_val_if_fail (side >= STEP && side <= 2048, NULL);

  self->model = model != NULL ? lk_model_ref (model) : lk_model_load_own ("detector", error);
  if (self->model == NULL)
    return NULL;
  self->side = side;
  self->resizer = lk_resizer_new ();
  if (!is_detector (lk_model_get_network (self->model)))
    {
      set_not_detector (self, error);
      return NULL;
    }
  self->confirm = lk_confirm_new (NULL, error);
  self->points = self->confirm != NULL ? lk_points_new (NULL, error) : NULL;
  if (self->points == NULL)
    return NULL;
  return g_steal_pointer (&self);
}

static void
forget (LkDetector *self)
{
  g_clear_pointer (&self->infer, lk_infer_free);
  g_clear_pointer (&self->network, lk_network_free);
  g_clear_pointer (&self->input, g_free);
  g_clear_pointer (&self->maps, g_free);
  g_clear_pointer (&self->mirrored, g_free);
  self->width = self->height = 0;
}

void
lk_detector_free (LkDetector *self)
{
  if (self == NULL)
    return;
  forget (self);
  g_clear_pointer (&self->model, lk_model_unref);
  lk_resizer_free (self->resizer);
  lk_confirm_free (self->confirm);
  lk_points_free (self->points);
  g_free (self);
}

static gboolean
prepare (LkDetector *self, int width, int height, GError **error)
{
  char why[256];

  if (width == self->width && height == self->height)
    return TRUE;
  forget (self);
  self->network = lk_network_parse_sized (lk_model_get_architecture (self->model), height, width,
                                          why, sizeof why);
  if (self->network == NULL || !is_detector (self->network))
    return set_not_detector (self, error);
  self->infer = lk_infer_new (self->network, lk_model_get_params (self->model), 1, NULL);
  self->input = g_try_new (float, (gsize) width *height * 3);
  self->maps = g_try_new (float, lk_network_get_embedding_size (self->network));
  self->mirrored = g_try_new (float, lk_network_get_embedding_size (self->network));
  if (self->infer == NULL || self->input == NULL || self->maps == NULL || self->mirrored == NULL)
    {
      forget (self);
      return set_no_memory (error);
    }
  self->width = width;
  self->height = height;
  return TRUE;
}

/* At the top left; black below and to the right of it, as in training. */
static void
fill_input (LkDetector *self, const guint8 *from, int width, int height)
{
  gsize row = (gsize) width * 3, whole = (gsize) self->width * 3;
  float *to = self->input;

  for (int y = 0; y < height; y++, from += row, to += whole)
    {
      for (gsize i = 0; i < row; i++)
        to[i] = (float) from[i] / 255.0f;
      memset (to + row, 0, (whole - row) * sizeof *to);
    }
  memset (to, 0, (gsize) (self->height - height) * whole * sizeof *to);
}

static float
clamp (float x)
{
  return x < -MAX_LOG ? -MAX_LOG : x > MAX_LOG ? MAX_LOG : x;
}

int
lk_detector_decode (const float *maps, int width, int height, double threshold, LkFace *faces,
                    int max)
{
  float least = (float) log (threshold / (1 - threshold)); /* the sigmoid's inverse */
  int n = 0;

  for (int stride = 8; stride <= STEP; stride *= 2)
    for (int y = 0; y < height / stride; y++)
      for (int x = 0; x < width / stride; x++, maps += OUTPUTS)
        {
          double cx = (x + 0.5) * stride, cy = (y + 0.5) * stride;
          LkFace *face = &faces[n];

          if (!(maps[0] >= least) || n == max) /* a NaN is no face */
            continue;
          face->width = exp ((double) clamp (maps[3])) * 4 * stride;
          face->height = exp ((double) clamp (maps[4])) * 4 * stride;
          face->x = cx + (double) maps[1] * stride - face->width / 2;
          face->y = cy + (double) maps[2] * stride - face->height / 2;
          face->score = 1 / (1 + exp (-(double) maps[0]));
          for (int k = 0; k < LK_N_POINTS; k++)
            {
              face->points[k][0] = cx + (double) maps[5 + 2 * k] * stride;
              face->points[k][1] = cy + (double) maps[6 + 2 * k] * stride;
            }
          n++;
        }
  return n;
}

static int
compare_scores (const void *a, const void *b)
{
  double x = ((const LkFace *) a)->score, y = ((const LkFace *) b)->score;

  return (x < y) - (x > y);
}

static double
get_overlap (const LkFace *a, const LkFace *b)
{
  double w = MIN (a->x + a->width, b->x + b->width) - MAX (a->x, b->x);
  double h = MIN (a->y + a->height, b->y + b->height) - MAX (a->y, b->y);
  double both = MAX (w, 0) * MAX (h, 0);

  return both / (a->width * a->height + b->width * b->height - both + 1e-9);
}

static void
add_weighted (LkFace *sum, const LkFace *face, double weight)
{
  sum->x += weight * face->x;
  sum->y += weight * face->y;
  sum->width += weight * face->width;
  sum->height += weight * face->height;
  for (int k = 0; k < LK_N_POINTS; k++)
    for (int i = 0; i < 2; i++)
      sum->points[k][i] += weight * face->points[k][i];
}

int
lk_detector_join (LkFace *faces, int n)
{
  int n_out = 0;

  qsort (faces, (size_t) n, sizeof *faces, compare_scores);
  while (n_out < n)
    {
      LkFace first = faces[n_out], mean = { .score = first.score }, sum = { 0 };
      double weight = 0;
      int rest = n_out + 1;

      /* Those of the group are taken out, the others close up behind. */
      for (int i = n_out; i < n; i++)
        if (i == n_out || get_overlap (&first, &faces[i]) > OVERLAP)
          {
            add_weighted (&sum, &faces[i], faces[i].score);
            weight += faces[i].score;
          }
        else
          faces[rest++] = faces[i];
      add_weighted (&mean, &sum, 1 / weight);
      faces[n_out++] = mean;
      n = rest;
    }
  return n_out;
}

/* From pixels of the detector's picture to those of the one that was given, where the
 * region's corner is at (@x, @y). */
static void
place_face (LkFace *face, double sx, double sy, double x, double y)
{
  face->x = face->x * sx + x;
  face->width *= sx;
  face->y = face->y * sy + y;
  face->height *= sy;
  for (int k = 0; k < LK_N_POINTS; k++)
    {
      face->points[k][0] = (face->points[k][0] + 0.5) * sx - 0.5 + x;
      face->points[k][1] = (face->points[k][1] + 0.5) * sy - 0.5 + y;
    }
}

/* Of the largest faces: they are the ones that are looked at further. */
static void
place_points (LkDetector *self, const LkImage *image, LkFace *faces, int n)
{
  gboolean done[LK_DETECTOR_MAX_FACES] = { FALSE };

  for (int i = 0; i < MIN (n, LK_DETECTOR_MAX_PLACED); i++)
    {
      int largest = -1;

      for (int k = 0; k < MIN (n, LK_DETECTOR_MAX_FACES); k++)
        if (!done[k] && (largest < 0 || faces[k].width * faces[k].height >
                                            faces[largest].width * faces[largest].height))
          largest = k;
      done[largest] = TRUE;
      lk_points_place (self->points, self->resizer, image, &faces[largest]);
    }
}

/* Each row of the input the other way round. */
static void
mirror_input (LkDetector *self)
{
  float *row = self->input;

  for (int y = 0; y < self->height; y++, row += 3 * self->width)
    for (int x = 0, z = self->width - 1; x < z; x++, z--)
      for (int k = 0; k < 3; k++)
        {
          float t = row[3 * x + k];

          row[3 * x + k] = row[3 * z + k];
          row[3 * z + k] = t;
        }
}

void
lk_detector_add_mirrored (float *maps, const float *mirrored, int width, int height)
{
  static const int other[LK_N_POINTS] = { LK_POINT_EYE_RIGHT, LK_POINT_EYE_LEFT, LK_POINT_NOSE,
                                          LK_POINT_MOUTH_RIGHT, LK_POINT_MOUTH_LEFT };

  for (int stride = 8; stride <= STEP; stride *= 2)
    for (int y = 0, columns = width / stride; y < height / stride; y++)
      for (int x = 0; x < columns; x++, maps += OUTPUTS)
        {
          const float *there = mirrored + OUTPUTS * (columns * y + columns - 1 - x);

          if (y == height / stride - 1 && x == columns - 1)
            mirrored += OUTPUTS * columns * (y + 1);
          maps[0] = (maps[0] + there[0]) / 2;
          maps[1] = (maps[1] - there[1]) / 2;
          for (int i = 2; i < 5; i++)
            maps[i] = (maps[i] + there[i]) / 2;
          for (int k = 0; k < LK_N_POINTS; k++)
            {
              maps[5 + 2 * k] = (maps[5 + 2 * k] - there[5 + 2 * other[k]]) / 2;
              maps[6 + 2 * k] = (maps[6 + 2 * k] + there[6 + 2 * other[k]]) / 2;
            }
        }
}

/* What is sure stays as it is, of the others the surest are looked at again.  @faces: the surest
 * first. */
static int
confirm (LkDetector *self, const LkImage *image, double threshold, LkFace *faces, int n)
{
  int n_sure = 0, n_left = 0;

  while (n_sure < n && faces[n_sure].score >= SURE)
    n_sure++;
  n = MIN (n, n_sure + LK_CONFIRM_MAX);
  lk_confirm_look (self->confirm, self->resizer, image, faces + n_sure, n - n_sure);
  for (int i = 0; i < n; i++)
    if (faces[i].score >= threshold)
      faces[n_left++] = faces[i];
  return lk_detector_join (faces, n_left);
}

typedef enum
{
  ONCE = 0,
  MIRRORED = 1 << 0, /* and the mean of both */
  CLOSER = 1 << 1,   /* and at what is not sure */
} Looks;

static int
find (LkDetector *self, const LkImage *image, const int region[4], Looks looks, double threshold,
      LkFace *faces, int max, GError **error)
{
  double scale = (double) self->side / MAX (region[2], region[3]);
  int width = MAX (1, (int) lround (region[2] * scale));
  int height = MAX (1, (int) lround (region[3] * scale));
  double sx = (double) region[2] / width, sy = (double) region[3] / height;
  LkFace raw[MAX_RAW]; /* 112 KiB of stack */
  int n;

  if (!prepare (self, (width + STEP - 1) / STEP * STEP, (height + STEP - 1) / STEP * STEP, error))
    return -1;
  fill_input (self, lk_resizer_run (self->resizer, image, region, width, height), width, height);
  lk_infer_embed (self->infer, self->input, 1, self->maps);
  if (looks & MIRRORED)
    {
      mirror_input (self);
      lk_infer_embed (self->infer, self->input, 1, self->mirrored);
      lk_detector_add_mirrored (self->maps, self->mirrored, self->width, self->height);
    }
  n = lk_detector_decode (self->maps, self->width, self->height,
                          looks & CLOSER ? MIN (threshold, DOUBTFUL) : threshold, raw, MAX_RAW);
  n = lk_detector_join (raw, n);
  for (int i = 0; i < n; i++)
    place_face (&raw[i], sx, sy, region[0], region[1]);
  if (looks & CLOSER)
    n = confirm (self, image, threshold, raw, n);
  n = MIN (n, max);
  memcpy (faces, raw, (size_t) n * sizeof *faces);
  place_points (self, image, faces, n);
  return n;
}

int
lk_detector_find_in (LkDetector *self, const LkImage *image, const int region[4], double threshold,
                     LkFace *faces, int max, GError **error)
{
  return find (self, image, region, ONCE, threshold, faces, max, error);
}

int
lk_detector_find (LkDetector *self, const LkImage *image, double threshold, LkFace *faces, int max,
                  GError **error)
{
  const int all[4] = { 0, 0, image->width, image->height };

  return find (self, image, all, MIRRORED | CLOSER, threshold, faces, max, error);
}

int
lk_detector_find_live (LkDetector *self, const LkImage *frame, double threshold, LkFace *faces,
                       int max, GError **error)
{
  const int all[4] = { 0, 0, frame->width, frame->height };

  return find (self, frame, all, CLOSER, threshold, faces, max, error);
}
