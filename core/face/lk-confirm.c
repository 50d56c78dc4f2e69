/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-confirm.h"

#include "base/lk-error.h"
#include "lk-align.h"
#include "nn/lk-infer.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#define SIDE    LK_CONFIRM_SIDE
#define OUTPUTS (1 + 4 + 2 * LK_N_POINTS) /* the points are told, and not used */
#define ROUND   1.7  /* the crop's side of the box's: data/models/detector/confirm.py */
#define LEAST   2.0  /* pixels of a box's side */
#define MAX_LOG 3.0  /* of a side, from the usual one */
#define SHARE   0.3  /* of the logit that is this network's */
#define SURE    1e-6 /* no score is nearer to 0 or 1: its logit is finite */

struct _LkConfirm
{
  LkModel *model;
  LkInfer *infer;
  guint8 crop[SIDE * SIDE * 3];
  float input[LK_CONFIRM_MAX][SIDE * SIDE * 3];
};

/* One map of one cell. */
static gboolean
is_confirm (const LkNetwork *network)
{
  int height, width, channels, rows, columns, outputs;

  lk_network_get_input (network, &height, &width, &channels);
  return height == SIDE && width == SIDE && channels == 3 &&
         lk_network_get_map (network, 0, &rows, &columns, &outputs) && rows == 1 && columns == 1 &&
         outputs == OUTPUTS && !lk_network_get_map (network, 1, NULL, NULL, NULL);
}

LkConfirm *
lk_confirm_new (LkModel *model, GError **error)
{
  g_autoptr (LkConfirm) self = g_new0 (LkConfirm, 1);
  const LkNetwork *network;

  self->model = model != NULL ? lk_model_ref (model) : lk_model_load_own ("confirm", error);
  if (self->model == NULL)
    return NULL;
  network = lk_model_get_network (self->model);
  if (!is_confirm (network))
    {
      g_set_error (error, LK_ERROR, LK_ERROR_SHAPE,
                   _ ("The model “%s” is not one that finds faces.  Choose another model."),
                      lk_model_get_name (self->model));
      return NULL;
    }
  self->infer = lk_infer_new (network, lk_model_get_params (self->model), LK_CONFIRM_MAX, NULL);
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
lk_confirm_free (LkConfirm *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->infer, lk_infer_free);
  g_clear_pointer (&self->model, lk_model_unref);
  g_free (self);
}

static gboolean
is_seen (const LkFace *face)
{
  return face->width >= LEAST && face->height >= LEAST && isfinite (face->width * face->height) &&
         isfinite (face->x) && isfinite (face->y);
}

/* Pixels of the picture that one of the crop's spans. */
static double
get_scale (const LkFace *face)
{
  return ROUND * sqrt (face->width * face->height) / SIDE;
}

static void
fill_input (LkConfirm *self, LkResizer *resizer, const LkImage *image, const LkFace *face,
            float *to)
{
  double k = get_scale (face);
  /* Boxes are measured from the corner of a pixel, crops from its centre. */
  const double centres[6] = {
    k, 0, face->x + face->width / 2 + k * (0.5 - SIDE / 2.0) - 0.5,
    0, k, face->y + face->height / 2 + k * (0.5 - SIDE / 2.0) - 0.5,
  };

  lk_resizer_warp (resizer, image, centres, SIDE, SIDE, self->crop);
  for (int i = 0; i < SIDE * SIDE * 3; i++)
    to[i] = (float) self->crop[i] / 255.0f;
}

/* @said: a logit; the box's middle from the crop's, in halves of it; logarithms of its half sides,
 * of the usual ones. */
static void
take (LkFace *face, const float *said)
{
  double k = get_scale (face), half = SIDE / 2.0 * k;
  double x = face->x + face->width / 2 + half * (double) said[1];
  double y = face->y + face->height / 2 + half * (double) said[2];
  double score = CLAMP (face->score, SURE, 1 - SURE), logit = log (score / (1 - score));

  face->width = 2 * half / ROUND * exp (CLAMP ((double) said[3], -MAX_LOG, MAX_LOG));
  face->height = 2 * half / ROUND * exp (CLAMP ((double) said[4], -MAX_LOG, MAX_LOG));
  face->x = x - face->width / 2;
  face->y = y - face->height / 2;
  logit = (1 - SHARE) * logit + SHARE * (double) said[0];
  face->score = 1 / (1 + exp (-logit));
}

void
lk_confirm_look (LkConfirm *self, LkResizer *resizer, const LkImage *image, LkFace *faces, int n)
{
  float out[LK_CONFIRM_MAX][OUTPUTS];
  LkFace *seen[LK_CONFIRM_MAX];
  int n_seen = 0;

  g_return_if_fail (n <= LK_CONFIRM_MAX);

  for (int i = 0; i < n; i++)
    if (is_seen (&faces[i]))
      {
        fill_input (self, resizer, image, &faces[i], self->input[n_seen]);
        seen[n_seen++] = &faces[i];
      }
  if (n_seen > 0)
    lk_infer_embed (self->infer, self->input[0], n_seen, out[0]);
  for (int i = 0; i < n_seen; i++)
    take (seen[i], out[i]);
}
