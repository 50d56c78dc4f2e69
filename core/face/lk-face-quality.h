/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-face.h"

G_BEGIN_DECLS

/*
 * How good the picture of a face is for telling whose it is.  Each quality has a value, a
 * limit at which it is worth a word and one at which the frame is not used, and a sentence
 * for the person in front of the camera.
 *
 * Names follow the quality components of ISO/IEC 29794-5:2025 where it has one; the measures
 * are our own, cheap enough for every frame.  In the order in which they are told: the
 * first that fails is the one to mend.
 */
typedef enum
{
  LK_QUALITY_SINGLE_FACE,    /* the next largest face's side as a share of this one's; 0: none */
  LK_QUALITY_INSIDE,         /* share of the crop that lies inside the picture */
  LK_QUALITY_EYE_DISTANCE,   /* pixels of the picture between the eyes */
  LK_QUALITY_HEAD_SIZE,      /* the face's height as a share of the picture's */
  LK_QUALITY_OFF_CENTRE,     /* from middle to middle, as a share of half the shorter side */
  LK_QUALITY_UNDER_EXPOSURE, /* mean luma of the face, 0 .. 255 */
  LK_QUALITY_OVER_EXPOSURE,  /* share of the face's pixels that are white */
  LK_QUALITY_SHARPNESS,      /* 0: blurred beyond use .. 1 */
  LK_QUALITY_YAW,            /* degrees, without sign */
  LK_QUALITY_PITCH,
  LK_QUALITY_ROLL,
  LK_QUALITY_EYES_VISIBLE, /* spread of luma around the plainer eye, as a share of the face's
                            */
  LK_QUALITY_UNIFORMITY,   /* the darker cheek's mean luma as a share of the other's */
  LK_N_QUALITIES
} LkQualityKind;

/* What was measured; NaN: could not be. */
typedef struct
{
  double values[LK_N_QUALITIES];
} LkQuality;

/* The values at which a frame is not used any more; infinite: never for this reason. */
typedef struct
{
  double refuse[LK_N_QUALITIES];
} LkQualityLimits;

typedef struct
{
  const char *id;            /* "eye-distance": for files and settings */
  const char *name;          /* "Distance of the eyes": for a person */
  const char *unit;          /* " pixels": what follows a value, or "" */
  int digits;                /* of a value, after the point */
  const char *sentence;      /* what is wrong, and what to do about it */
  int code;                  /* of LkRetry */
  gboolean is_least;         /* the limit is the least good value, else the greatest */
  double warn, refuse;       /* the program's own limits */
  double lower, upper, step; /* what a person may set */
} LkQualityInfo;

const LkQualityInfo *lk_quality_get_info (LkQualityKind kind);

/* The program's own limits.  How they were chosen: tests/bench/quality. */
void lk_quality_limits_init (LkQualityLimits *self);

/**
 * lk_quality_measure:
 * @crop: 100x100, aligned (lk_align_face())
 * @face: in pixels of a picture of @width x @height, with points
 * @others: (array length=n_others): the other faces of the picture
 */
void lk_quality_measure (LkQuality *self, const LkImage *crop, const LkFace *face,
                         const LkFace *others, int n_others, int width, int height);

/* Of a square without points, as the guide frame is: the exposure alone. */
void lk_quality_measure_square (LkQuality *self, const LkImage *square);

/* Of a picture in which no face was found: whether it is too dark or too bright to see
 * anybody; a LkQualityKind, or -1. */
int lk_quality_find_blindness (const LkImage *picture);

/* The first quality that is beyond @limits, or -1: the frame can be used. */
int lk_quality_find_refusal (const LkQuality *self, const LkQualityLimits *limits);

/* The first that is worth a word although the frame can be used, or -1. */
int lk_quality_find_warning (const LkQuality *self);

/* Whether a value is worse than a limit; one that could not be measured is not. */
gboolean lk_quality_is_beyond (LkQualityKind kind, double value, double limit);

/* (transfer full): a value for a person, "24 pixels" */
char *lk_quality_format (LkQualityKind kind, double value);

/* Sets %LK_RETRY with the quality's code and sentence. */
void lk_quality_set_error (LkQualityKind kind, GError **error);

G_END_DECLS
