/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-face-quality.h"

#include "base/lk-error.h"
#include "lk-align.h"
#include "lk-face-pose.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#define SIDE LK_FACE_CROP_SIDE

/* The face in the crop, from its template: an oval of skin. */
#define OVAL_X  50.0
#define OVAL_Y  58.0
#define OVAL_RX 29.0
#define OVAL_RY 38.0

#define BLINDING 240 /* mean luma of a picture in which nothing is seen */
#define WHITE    250 /* from this luma on, nothing can be told any more */

/* A cheek, between eye and mouth: columns from the middle line outwards. */
#define CHEEK_TOP    54
#define CHEEK_BOTTOM 78
#define CHEEK_INNER  8
#define CHEEK_OUTER  28

/* An eye, without brow and lid. */
#define EYE_RX 6
#define EYE_RY 3

/* clang-format builds stairs of tables with N_(). */
/* clang-format off */
static const LkQualityInfo infos[LK_N_QUALITIES] = {
  [LK_QUALITY_SINGLE_FACE] = { .id = "single-face", .name = N_("Size of a second face"), .unit = N_(" of the first"), .digits = 2,
    .sentence = N_("There are several faces. Let one person alone be in front of the camera."),
    .code = LK_RETRY_SEVERAL_FACES, .is_least = FALSE, .warn = 0.4, .refuse = 0.8, .lower = 0.1, .upper = 1, .step = 0.05, },
  [LK_QUALITY_INSIDE] = { .id = "inside", .name = N_("Face inside the picture"), .unit = "", .digits = 2,
    .sentence = N_("The face is cut off. Bring all of it into the picture."),
    .code = LK_RETRY_CUT_OFF, .is_least = TRUE, .warn = 0.85, .refuse = 0.7, .lower = 0, .upper = 1, .step = 0.05, },
  [LK_QUALITY_EYE_DISTANCE] = { .id = "eye-distance", .name = N_("Distance between the eyes"), .unit = N_(" pixels"), .digits = 0,
    .sentence = N_("The face is too far away. Come closer."),
    .code = LK_RETRY_TOO_FAR, .is_least = TRUE, .warn = 20, .refuse = 12, .lower = 0, .upper = 100, .step = 1, },
  [LK_QUALITY_HEAD_SIZE] = { .id = "head-size", .name = N_("Height of the face"), .unit = N_(" of the picture"), .digits = 2,
    .sentence = N_("The face is too close. Move back a little."),
    .code = LK_RETRY_TOO_CLOSE, .is_least = FALSE, .warn = 0.8, .refuse = 1, .lower = 0.2, .upper = 2, .step = 0.05, },
  [LK_QUALITY_OFF_CENTRE] = { .id = "off-centre", .name = N_("Distance from the middle"), .unit = "", .digits = 2,
    .sentence = N_("The face is at the edge. Move to the middle of the picture."),
    .code = LK_RETRY_NOT_CENTRED, .is_least = FALSE, .warn = 0.8, .refuse = 1.6, .lower = 0.1, .upper = 2, .step = 0.05, },
  [LK_QUALITY_UNDER_EXPOSURE] = { .id = "under-exposure", .name = N_("Brightness"), .unit = N_(" of 255"), .digits = 0,
    .sentence = N_("It is too dark to see the face. Turn on a light or face a window."),
    .code = LK_RETRY_TOO_DARK, .is_least = TRUE, .warn = 45, .refuse = 20, .lower = 0, .upper = 255, .step = 5, },
  [LK_QUALITY_OVER_EXPOSURE] = { .id = "over-exposure", .name = N_("White parts"), .unit = N_(" of the face"), .digits = 2,
    .sentence = N_("It is too bright to see the face. Turn away from the light or dim it."),
    .code = LK_RETRY_TOO_BRIGHT, .is_least = FALSE, .warn = 0.1, .refuse = 0.5, .lower = 0, .upper = 1, .step = 0.05, },
  [LK_QUALITY_YAW] = { .id = "yaw", .name = N_("Turned to the side"), .unit = "°", .digits = 0,
    .sentence = N_("The head is turned to the side. Look straight into the camera."),
    .code = LK_RETRY_TURNED_AWAY, .is_least = FALSE, .warn = 40, .refuse = 55, .lower = 0, .upper = 90, .step = 5, },
  [LK_QUALITY_PITCH] = { .id = "pitch", .name = N_("Turned up or down"), .unit = "°", .digits = 0,
    .sentence = N_("The head is turned up or down. Look straight into the camera."),
    .code = LK_RETRY_TURNED_AWAY, .is_least = FALSE, .warn = 25, .refuse = 40, .lower = 0, .upper = 90, .step = 5, },
  [LK_QUALITY_ROLL] = { .id = "roll", .name = N_("Tilted"), .unit = "°", .digits = 0,
    .sentence = N_("The head is tilted. Hold it upright."),
    .code = LK_RETRY_TURNED_AWAY, .is_least = FALSE, .warn = 20, .refuse = 35, .lower = 0, .upper = 90, .step = 5, },
  [LK_QUALITY_EYES_VISIBLE] = { .id = "eyes-visible", .name = N_("Contrast of the eyes"), .unit = "", .digits = 2,
    .sentence = N_("The eyes are hidden. Take off sunglasses, and keep hair and hands away from them."),
    .code = LK_RETRY_EYES_HIDDEN, .is_least = TRUE, .warn = 0.17, .refuse = 0.08, .lower = 0, .upper = 1, .step = 0.01, },
  [LK_QUALITY_UNIFORMITY] = { .id = "uniformity", .name = N_("Evenness of the light"), .unit = "", .digits = 2,
    .sentence = N_("The light comes from one side. Turn towards it, or turn on another."),
    .code = LK_RETRY_UNEVEN_LIGHT, .is_least = TRUE, .warn = 0.4, .refuse = 0.22, .lower = 0, .upper = 1, .step = 0.05, },
  [LK_QUALITY_SHARPNESS] = { .id = "sharpness", .name = N_("Sharpness"), .unit = "", .digits = 2,
    .sentence = N_("The face is blurred. Hold still, and wipe the lens of the camera."),
    .code = LK_RETRY_BLURRED, .is_least = TRUE, .warn = 0.36, .refuse = 0.26, .lower = 0, .upper = 1, .step = 0.05, },
};
/* clang-format on */

const LkQualityInfo *
lk_quality_get_info (LkQualityKind kind)
{
  g_return_val_if_fail (kind < LK_N_QUALITIES, NULL);
  return &infos[kind];
}

void
lk_quality_limits_init (LkQualityLimits *self)
{
  for (int i = 0; i < LK_N_QUALITIES; i++)
    self->refuse[i] = infos[i].refuse;
}

typedef struct
{
  guint8 luma[SIDE][SIDE];
} Plane;

static void
fill_plane (Plane *plane, const LkImage *crop)
{
  const guint8 *p = lk_image_get_pixels (crop);

  for (int y = 0; y < SIDE; y++)
    for (int x = 0; x < SIDE; x++, p += 3)
      plane->luma[y][x] = (guint8) ((77 * p[0] + 150 * p[1] + 29 * p[2] + 128) >> 8);
}

static void
measure_exposure (const Plane *plane, double *mean, double *white)
{
  int n = 0, n_white = 0, sum = 0;

  for (int y = 0; y < SIDE; y++)
    for (int x = 0; x < SIDE; x++)
      {
        double dx = (x - OVAL_X) / OVAL_RX, dy = (y - OVAL_Y) / OVAL_RY;

        if (dx * dx + dy * dy > 1)
          continue;
        n++;
        sum += plane->luma[y][x];
        n_white += plane->luma[y][x] >= WHITE;
      }
  *mean = (double) sum / n;
  *white = (double) n_white / n;
}

static double
measure_cheek (const Plane *plane, int side)
{
  int sum = 0, n = 0;

  for (int y = CHEEK_TOP; y < CHEEK_BOTTOM; y++)
    for (int d = CHEEK_INNER; d < CHEEK_OUTER; d++, n++)
      sum += plane->luma[y][(int) OVAL_X + side * d];
  return (double) sum / n;
}

static double
measure_uniformity (const Plane *plane)
{
  double left = measure_cheek (plane, -1), right = measure_cheek (plane, 1);

  return MIN (left, right) / MAX (MAX (left, right), 1);
}

static double
measure_spread (const Plane *plane, int left, int top, int right, int below, gboolean oval)
{
  int n = 0, sum = 0, squares = 0;

  for (int y = MAX (top, 0); y < MIN (below, SIDE); y++)
    for (int x = MAX (left, 0); x < MIN (right, SIDE); x++)
      {
        double dx = (x - OVAL_X) / OVAL_RX, dy = (y - OVAL_Y) / OVAL_RY;

        if (oval && dx * dx + dy * dy > 1)
          continue;
        n++;
        sum += plane->luma[y][x];
        squares += plane->luma[y][x] * plane->luma[y][x];
      }
  return n > 0 ? sqrt (MAX (0, (double) squares / n - (double) sum * sum / n / n)) : 0;
}

/* The spread of luma at the plainer eye, as a share of the face's: pupil, white and lashes
 * make much of it, a dark glass, a hand or hair little. */
static double
measure_eyes (const Plane *plane, const LkFace *face)
{
  double map[6], whole = measure_spread (plane, 0, 0, SIDE, SIDE, TRUE), least = (double) INFINITY;

  if (!lk_align_estimate (face->points, lk_align_template, LK_N_POINTS, map))
    return (double) NAN;
  for (int eye = LK_POINT_EYE_LEFT; eye <= LK_POINT_EYE_RIGHT; eye++)
    {
      const double *at = face->points[eye];
      double x = map[0] * at[0] + map[1] * at[1] + map[2];
      double y = map[3] * at[0] + map[4] * at[1] + map[5];
      int cx = (int) lround (CLAMP (x, 0, SIDE - 1)), cy = (int) lround (CLAMP (y, 0, SIDE - 1));

      least = MIN (least, measure_spread (plane, cx - EYE_RX, cy - EYE_RY, cx + EYE_RX + 1,
                                          cy + EYE_RY + 1, FALSE));
    }
  return least / MAX (whole, 1);
}

/* How much of the steps between neighbouring pixels a blur takes away: of a sharp picture
 * much, of a blurred one little.  It does not depend on the contrast; steps count by their
 * squares, so that a camera's noise says little beside an edge.
 *
 * After F. Crete, T. Dolmiere, P. Ladret, M. Nicolas, "The Blur Effect: Perception and
 * Estimation with a New No-Reference Perceptual Blur Metric", SPIE 6492, 2007, which adds the
 * steps themselves; with a blur of 5 pixels for a crop that is small, over the inner face. */
#define BLUR_RADIUS 2
#define SHARP_LEFT  18
#define SHARP_RIGHT 82
#define SHARP_TOP   24
#define SHARP_BELOW 94

static double
measure_along (const Plane *plane, int dx, int dy)
{
  gint64 steps = 0, lost = 0;

  for (int y = SHARP_TOP; y < SHARP_BELOW; y++)
    for (int x = SHARP_LEFT; x < SHARP_RIGHT; x++)
      {
        const guint8 *p = &plane->luma[y][x];
        int stride = dx + dy * SIDE, step = 5 * (p[0] - p[-stride]);
        /* The blurred step: the sums of five pixels differ by their ends. */
        int blurred = p[BLUR_RADIUS * stride] - p[-(BLUR_RADIUS + 1) * stride];

        steps += step * step;
        lost += MAX (0, step * step - blurred * blurred);
      }
  return steps > 0 ? (double) lost / (double) steps : 0;
}

static double
measure_sharpness (const Plane *plane)
{
  return MIN (measure_along (plane, 1, 0), measure_along (plane, 0, 1));
}

/* The share of the crop's square that shows the picture and not its edge, by samples. */
static double
measure_inside (const LkFace *face, int width, int height)
{
  double back[6];
  int n = 0;

  if (!lk_align_get_map (face, back))
    return (double) NAN;
  for (int v = 5; v < SIDE; v += 10)
    for (int u = 5; u < SIDE; u += 10)
      {
        double x = back[0] * u + back[1] * v + back[2], y = back[3] * u + back[4] * v + back[5];

        n += x > -0.5 && y > -0.5 && x < width - 0.5 && y < height - 0.5;
      }
  return n / 100.0;
}

static double
get_side (const LkFace *face)
{
  return sqrt (face->width * face->height);
}

static void
clear (LkQuality *self)
{
  for (int i = 0; i < LK_N_QUALITIES; i++)
    self->values[i] = (double) NAN;
}

void
lk_quality_measure (LkQuality *self, const LkImage *crop, const LkFace *face, const LkFace *others,
                    int n_others, int width, int height)
{
  double *values = self->values, dx, dy;
  LkPose pose;
  Plane plane;

  g_return_if_fail (crop->width == SIDE && crop->height == SIDE);

  clear (self);
  values[LK_QUALITY_SINGLE_FACE] = 0;
  for (int i = 0; i < n_others; i++)
    values[LK_QUALITY_SINGLE_FACE] = MAX (values[LK_QUALITY_SINGLE_FACE],
                                          get_side (&others[i]) / get_side (face));
  values[LK_QUALITY_INSIDE] = measure_inside (face, width, height);
  dx = face->points[LK_POINT_EYE_RIGHT][0] - face->points[LK_POINT_EYE_LEFT][0];
  dy = face->points[LK_POINT_EYE_RIGHT][1] - face->points[LK_POINT_EYE_LEFT][1];
  values[LK_QUALITY_EYE_DISTANCE] = hypot (dx, dy);
  values[LK_QUALITY_HEAD_SIZE] = face->height / height;
  dx = face->x + face->width / 2 - width / 2.0;
  dy = face->y + face->height / 2 - height / 2.0;
  values[LK_QUALITY_OFF_CENTRE] = hypot (dx, dy) / (MIN (width, height) / 2.0);
  if (lk_face_pose (face, &pose))
    {
      values[LK_QUALITY_YAW] = fabs (pose.yaw);
      values[LK_QUALITY_PITCH] = fabs (pose.pitch);
      values[LK_QUALITY_ROLL] = fabs (pose.roll);
    }

  fill_plane (&plane, crop);
  measure_exposure (&plane, &values[LK_QUALITY_UNDER_EXPOSURE], &values[LK_QUALITY_OVER_EXPOSURE]);
  values[LK_QUALITY_EYES_VISIBLE] = measure_eyes (&plane, face);
  values[LK_QUALITY_UNIFORMITY] = measure_uniformity (&plane);
  values[LK_QUALITY_SHARPNESS] = measure_sharpness (&plane);
}

void
lk_quality_measure_square (LkQuality *self, const LkImage *square)
{
  const guint8 *p = lk_image_get_pixels (square);
  gsize n = (gsize) square->width * (gsize) square->height, n_white = 0;

  clear (self);
  self->values[LK_QUALITY_UNDER_EXPOSURE] = lk_image_mean_luma (square);
  for (gsize i = 0; i < n; i++, p += 3)
    n_white += 77 * p[0] + 150 * p[1] + 29 * p[2] >= WHITE * 256;
  self->values[LK_QUALITY_OVER_EXPOSURE] = (double) n_white / (double) n;
}

int
lk_quality_find_blindness (const LkImage *picture)
{
  double luma = lk_image_mean_luma (picture);

  return luma < infos[LK_QUALITY_UNDER_EXPOSURE].refuse ? LK_QUALITY_UNDER_EXPOSURE
         : luma > BLINDING                              ? LK_QUALITY_OVER_EXPOSURE
                                                        : -1;
}

gboolean
lk_quality_is_beyond (LkQualityKind kind, double value, double limit)
{
  return infos[kind].is_least ? value < limit : value > limit; /* never a NaN */
}

int
lk_quality_find_refusal (const LkQuality *self, const LkQualityLimits *limits)
{
  for (int i = 0; i < LK_N_QUALITIES; i++)
    if (lk_quality_is_beyond (i, self->values[i], limits->refuse[i]))
      return i;
  return -1;
}

int
lk_quality_find_warning (const LkQuality *self)
{
  for (int i = 0; i < LK_N_QUALITIES; i++)
    if (lk_quality_is_beyond (i, self->values[i], infos[i].warn))
      return i;
  return -1;
}

char *
lk_quality_format (LkQualityKind kind, double value)
{
  g_autofree char *number = NULL;

  if (!isfinite (value))
    return g_strdup ("–");
  number = g_strdup_printf ("%.*f", infos[kind].digits, value);
  return g_strconcat (number, *infos[kind].unit != '\0' ? _ (infos[kind].unit) : "", NULL);
}

void
lk_quality_set_error (LkQualityKind kind, GError **error)
{
  g_set_error_literal (error, LK_RETRY, infos[kind].code, _ (infos[kind].sentence));
}
