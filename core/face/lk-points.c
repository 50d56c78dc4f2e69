/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-points.h"

#include "base/lk-error.h"
#include "lk-align.h"
#include "nn/lk-infer.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#define SIDE    LK_POINTS_SIDE
#define OUTPUTS (2 * LK_N_POINTS)
#define ROUND   1.32 /* the crop's side of the box's, so that chin and forehead are in it */
#define LEAST   2.0  /* pixels of a box's side */
#define FAR     0.5  /* of the box's side: a point that far outside is none */

/* Where the second crop has the points: the template of the networks' crop, smaller, with
 * more around it. */
#define TEMPLATE_SCALE 0.6
#define TEMPLATE_X     (SIDE / 2.0 - 50 * TEMPLATE_SCALE)
#define TEMPLATE_Y     (SIDE / 2.0 + 1 - 62 * TEMPLATE_SCALE)

struct _LkPoints
{
  LkModel *model; /* whose network it is */
  LkInfer *infer;
  guint8 crop[3 * SIDE * SIDE];
  float input[2][SIDE][SIDE][3]; /* the crop, and its mirror image */
};

/* One map of one cell: two numbers a point. */
static gboolean
is_points (const LkNetwork *network)
{
  int height, width, channels, rows, columns, outputs;

  lk_network_get_input (network, &height, &width, &channels);
  return height == SIDE && width == SIDE && channels == 3 &&
         lk_network_get_map (network, 0, &rows, &columns, &outputs) && rows == 1 && columns == 1 &&
         outputs == OUTPUTS && !lk_network_get_map (network, 1, NULL, NULL, NULL);
}

LkPoints *
lk_points_new (LkModel *model, GError **error)
{
  g_autoptr (LkPoints) self = g_new0 (LkPoints, 1);
  const LkNetwork *network;

  self->model = model != NULL ? lk_model_ref (model) : lk_model_load_own ("points", error);
  if (self->model == NULL)
    return NULL;
  network = lk_model_get_network (self->model);
  if (!is_points (network))
    {
      g_set_error (error, LK_ERROR, LK_ERROR_SHAPE,
                   _ ("The model “%s” is not one for the points of a face.  Choose another model."),
                      lk_model_get_name (self->model));
      return NULL;
    }
  self->infer = lk_infer_new (network, lk_model_get_params (self->model), 2, NULL);
  if (self->infer == NULL)
    {
      g_set_error_literal (
          error, LK_ERROR, LK_ERROR_TOO_LARGE,
          _ ("There is not enough memory to look at faces.  Close other programs."));
      return NULL;
    }
  return g_steal_pointer (&self);
}

void
lk_points_free (LkPoints *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->infer, lk_infer_free);
  g_clear_pointer (&self->model, lk_model_unref);
  g_free (self);
}

void
lk_points_get_map (const LkFace *face, double to_crop[6])
{
  double k = SIDE / (ROUND * sqrt (face->width * face->height));

  to_crop[0] = to_crop[4] = k;
  to_crop[1] = to_crop[3] = 0;
  to_crop[2] = SIDE / 2.0 - k * (face->x + face->width / 2);
  to_crop[5] = SIDE / 2.0 - k * (face->y + face->height / 2);
}

static gboolean
get_aligned_map (const double points[LK_N_POINTS][2], double to_crop[6])
{
  double to[LK_N_POINTS][2];

  for (int k = 0; k < LK_N_POINTS; k++)
    {
      to[k][0] = lk_align_template[k][0] * TEMPLATE_SCALE + TEMPLATE_X;
      to[k][1] = lk_align_template[k][1] * TEMPLATE_SCALE + TEMPLATE_Y;
    }
  return lk_align_estimate (points, to, LK_N_POINTS, to_crop);
}

/* Of a similarity. */
static void
invert (const double map[6], double out[6])
{
  double det = map[0] * map[4] - map[1] * map[3];

  out[0] = map[4] / det;
  out[1] = -map[1] / det;
  out[3] = -map[3] / det;
  out[4] = map[0] / det;
  out[2] = -(out[0] * map[2] + out[1] * map[5]);
  out[5] = -(out[3] * map[2] + out[4] * map[5]);
}

/* Both ways round. */
static void
fill_input (LkPoints *self)
{
  const guint8 *from = self->crop;

  for (int y = 0; y < SIDE; y++)
    for (int x = 0; x < SIDE; x++)
      for (int k = 0; k < 3; k++)
        self->input[0][y][x][k] = self->input[1][y][SIDE - 1 - x][k] = (float) *from++ / 255.0f;
}

/* Places are from the corner of the top left pixel here, as the network was trained. */
static void
look (LkPoints *self, LkResizer *resizer, const LkImage *image, const double to_crop[6],
      double points[LK_N_POINTS][2])
{
  /* What is at the left is at the right in the mirror. */
  static const int other[LK_N_POINTS] = { LK_POINT_EYE_RIGHT, LK_POINT_EYE_LEFT, LK_POINT_NOSE,
                                          LK_POINT_MOUTH_RIGHT, LK_POINT_MOUTH_LEFT };
  double from_crop[6], centres[6];
  float out[2][LK_N_POINTS][2];

  invert (to_crop, from_crop);
  for (int i = 0; i < 6; i += 3) /* half a pixel to and fro */
    {
      centres[i] = from_crop[i];
      centres[i + 1] = from_crop[i + 1];
      centres[i + 2] = from_crop[i + 2] + (from_crop[i] + from_crop[i + 1]) / 2 - 0.5;
    }
  lk_resizer_warp (resizer, image, centres, SIDE, SIDE, self->crop);
  fill_input (self);
  lk_infer_embed (self->infer, &self->input[0][0][0][0], 2, &out[0][0][0]);
  for (int k = 0; k < LK_N_POINTS; k++)
    {
      /* From the middle, in halves of the crop. */
      double x = ((double) out[0][k][0] - (double) out[1][other[k]][0]) / 2;
      double y = ((double) out[0][k][1] + (double) out[1][other[k]][1]) / 2;
      double u = (x + 1) * SIDE / 2, v = (y + 1) * SIDE / 2;

      points[k][0] = from_crop[0] * u + from_crop[1] * v + from_crop[2];
      points[k][1] = from_crop[3] * u + from_crop[4] * v + from_crop[5];
    }
}

static gboolean
is_near (const LkFace *face, const double points[LK_N_POINTS][2])
{
  for (int k = 0; k < LK_N_POINTS; k++)
    if (!(fabs (points[k][0] - face->x - face->width / 2) < (0.5 + FAR) * face->width) ||
        !(fabs (points[k][1] - face->y - face->height / 2) < (0.5 + FAR) * face->height))
      return FALSE;
  return TRUE;
}

gboolean
lk_points_place (LkPoints *self, LkResizer *resizer, const LkImage *image, LkFace *face)
{
  double first[LK_N_POINTS][2], second[LK_N_POINTS][2], map[6];

  if (!(face->width >= LEAST) || !(face->height >= LEAST))
    return FALSE;
  lk_points_get_map (face, map);
  look (self, resizer, image, map, first);
  if (!is_near (face, first) || !get_aligned_map (first, map))
    return FALSE;
  look (self, resizer, image, map, second);
  if (!is_near (face, second))
    return FALSE;
  for (int k = 0; k < LK_N_POINTS; k++)
    for (int i = 0; i < 2; i++)
      face->points[k][i] = (first[k][i] + second[k][i]) / 2;
  return TRUE;
}
