/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-finder.h"

#include "base/lk-error.h"
#include "lk-align.h"
#include "lk-detector.h"

#include <glib/gi18n-lib.h>
#include <math.h>

/* What the detector brings the part of a frame around the last face to: a face is then a third of
 * it, a size that the detector knows well, for a third of the whole frame's work. */
#define NEAR_SIDE 160

/* A face that is followed may be less sure for a moment. */
#define NEAR_THRESHOLD 0.4

/* Still pictures are meant to show a face: where none is sure, the surest will do. */
#define LOOK_THRESHOLD 0.35

/* Of a picture that is not live, only these count: a covered lens or an unlit room has a mean
 * luma of 2 to 15, the noise of the sensor; a torch held into it makes it all white. */
#define DARKEST 20
#define WHITEST 0.9

struct _LkFinder
{
  LkDetector *whole, *near; /* (owned) (nullable): made when they are needed */
  LkTracker *tracker;
  LkResizer *resizer;
};

static gboolean
prepare (LkFinder *self, GError **error)
{
  if (self->whole == NULL)
    self->whole = lk_detector_new (NULL, LK_DETECTOR_SIDE, error);
  if (self->whole != NULL && self->near == NULL)
    self->near = lk_detector_new (NULL, NEAR_SIDE, error);
  return self->near != NULL;
}

LkFinder *
lk_finder_new (void)
{
  LkFinder *self = g_new0 (LkFinder, 1);

  self->tracker = lk_tracker_new ();
  self->resizer = lk_resizer_new ();
  return self;
}

void
lk_finder_free (LkFinder *self)
{
  if (self == NULL)
    return;
  lk_detector_free (self->whole);
  lk_detector_free (self->near);
  lk_tracker_free (self->tracker);
  lk_resizer_free (self->resizer);
  g_free (self);
}

void
lk_sighting_clear (LkSighting *self)
{
  g_clear_pointer (&self->image, lk_image_unref);
  g_clear_pointer (&self->crop, lk_image_unref);
  *self = (LkSighting){ .warning = -1 };
  for (int i = 0; i < LK_N_QUALITIES; i++)
    self->quality.values[i] = (double) NAN;
}

static gboolean
set_no_face (const LkImage *picture, GError **error)
{
  int kind = lk_quality_find_blindness (picture);

  if (kind >= 0)
    lk_quality_set_error ((LkQualityKind) kind, error);
  else
    g_set_error_literal (error, LK_RETRY, LK_RETRY_NO_FACE,
                         _ ("There is no face to be seen. Look into the camera."));
  return FALSE;
}

static gboolean
judge (LkSighting *sighting, const LkQualityLimits *limits, GError **error)
{
  int refusal = limits != NULL ? lk_quality_find_refusal (&sighting->quality, limits) : -1;

  sighting->warning = lk_quality_find_warning (&sighting->quality);
  if (refusal >= 0)
    lk_quality_set_error (refusal, error);
  return refusal < 0;
}

/* The guide frame, or a crop. */
static gboolean
take_square (LkFinder *self, const LkImage *picture, LkFaceRule rule, const LkQualityLimits *limits,
             LkSighting *sighting, GError **error)
{
  LkFace *face = &sighting->face;

  if (rule == LK_FACE_WHOLE)
    lk_face_middle (picture->width, picture->height, face);
  else
    lk_face_guide (picture->width, picture->height, face);
  sighting->has_face = TRUE;
  sighting->image = lk_resizer_crop (self->resizer, picture, (int) face->x, (int) face->y,
                                     (int) face->width, (int) face->height);
  sighting->crop = lk_face_to_crop_with (self->resizer, sighting->image);
  lk_quality_measure_square (&sighting->quality, sighting->image);
  return judge (sighting, limits, error);
}

/* The chosen face and the others are in the sighting. */
static gboolean
take_face (LkFinder *self, const LkImage *picture, const LkQualityLimits *limits,
           LkSighting *sighting, GError **error)
{
  sighting->crop = lk_align_face (self->resizer, picture, &sighting->face);
  if (sighting->crop == NULL)
    return set_no_face (picture, error);
  sighting->has_face = TRUE;
  sighting->image = lk_image_ref (sighting->crop);
  lk_quality_measure (&sighting->quality, sighting->crop, &sighting->face, sighting->others,
                      sighting->n_others, picture->width, picture->height);
  return judge (sighting, limits, error);
}

gboolean
lk_finder_look (LkFinder *self, const LkImage *picture, LkFaceRule rule,
                const LkQualityLimits *limits, LkSighting *sighting, GError **error)
{
  LkFace faces[LK_TRACKER_MAX_FACES];
  int n, chosen;

  lk_sighting_clear (sighting);
  rule = lk_face_resolve_rule (rule, picture->width, picture->height);
  if (rule != LK_FACE_DETECT)
    return take_square (self, picture, rule, limits, sighting, error);
  if (!prepare (self, error))
    return FALSE;
  n = lk_detector_find (self->whole, picture, LOOK_THRESHOLD, faces, G_N_ELEMENTS (faces), error);
  if (n < 0)
    return FALSE;
  /* The surest comes first: it may be unsure, the others may not. */
  for (int i = 1; i < n; i++)
    if (faces[i].score < LK_DETECTOR_THRESHOLD)
      n = i;
  chosen = lk_tracker_choose (faces, n, picture->width, picture->height);
  if (chosen < 0)
    return set_no_face (picture, error);
  for (int i = 0; i < n; i++)
    if (i != chosen)
      sighting->others[sighting->n_others++] = faces[i];
  sighting->face = faces[chosen];
  return take_face (self, picture, limits, sighting, error);
}

/* What the tracker asks for. */
static gboolean
track (LkFinder *self, const LkImage *frame, gint64 when_us, GError **error)
{
  const int width = frame->width, height = frame->height;
  LkFace faces[LK_TRACKER_MAX_FACES];
  int region[4], n;

  if (lk_tracker_plan (self->tracker, width, height, when_us, region))
    {
      n = lk_detector_find_in (self->near, frame, region, NEAR_THRESHOLD, faces,
                               G_N_ELEMENTS (faces), error);
      if (n < 0)
        return FALSE;
      if (lk_tracker_update (self->tracker, width, height, when_us, faces, n, FALSE))
        return TRUE;
    }
  n = lk_detector_find_live (self->whole, frame, LK_DETECTOR_THRESHOLD, faces, G_N_ELEMENTS (faces),
                             error);
  if (n < 0)
    return FALSE;
  return lk_tracker_update (self->tracker, width, height, when_us, faces, n, TRUE);
}

gboolean
lk_finder_follow (LkFinder *self, const LkImage *frame, gint64 when_us, LkFaceRule rule,
                  const LkQualityLimits *limits, LkSighting *sighting, GError **error)
{
  const LkFace *face, *others;

  lk_sighting_clear (sighting);
  rule = lk_face_resolve_rule (rule, frame->width, frame->height);
  if (rule != LK_FACE_DETECT)
    return take_square (self, frame, rule, limits, sighting, error);
  if (!prepare (self, error) || !track (self, frame, when_us, error))
    return FALSE;
  others = lk_tracker_get_others (self->tracker, &sighting->n_others);
  for (int i = 0; i < sighting->n_others; i++)
    sighting->others[i] = others[i];
  sighting->serial = lk_tracker_get_serial (self->tracker);
  face = lk_tracker_get_face (self->tracker);
  if (face == NULL)
    return set_no_face (frame, error);
  sighting->face = *face;
  return take_face (self, frame, limits, sighting, error);
}

LkImage *
lk_finder_extract (LkFinder *self, const LkImage *picture, LkFaceRule rule, LkFace *face,
                   GError **error)
{
  g_auto (LkSighting) sighting = { 0 };
  LkQualityLimits limits;
  gboolean usable;

  for (int i = 0; i < LK_N_QUALITIES; i++)
    limits.refuse[i] = lk_quality_get_info (i)->is_least ? (double) -INFINITY : (double) INFINITY;
  limits.refuse[LK_QUALITY_UNDER_EXPOSURE] = DARKEST;
  limits.refuse[LK_QUALITY_OVER_EXPOSURE] = WHITEST;
  usable = lk_finder_look (self, picture, rule, &limits, &sighting, error);
  if (face != NULL && sighting.has_face)
    *face = sighting.face;
  return usable ? g_steal_pointer (&sighting.image) : NULL;
}
