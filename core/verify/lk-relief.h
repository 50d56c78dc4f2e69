/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "face/lk-face.h"

G_BEGIN_DECLS

/*
 * Whether a face that turned has the relief of a head, or is a picture that was turned or
 * bent.  Two pictures of it are compared, one that looks straight and one that is turned.
 * Pure functions; about a millisecond each.
 */

#define LK_RELIEF_SIDE 64

/* A face brought by its eyes and mouth, the nose left out, to where a straight one has
 * them. */
typedef struct
{
  double points[LK_N_POINTS][2];              /* in pixels of the view */
  float luma[LK_RELIEF_SIDE][LK_RELIEF_SIDE]; /* a little blurred, 0 .. 255 */
} LkReliefView;

typedef struct
{
  double parallax; /* how far the tip of the nose moved against the plane of eyes and mouth, to
                      the picture's right, in distances between eyes and mouth: a head's
                      0.3 times the sine of its turn; 0 for a flat picture */
  double width;    /* the distance of the eyes beside that from eyes to mouth, as a share of
                      what it was: the cosine of a turn */
  double flatness; /* correlation, -1 .. 1, of the turned face with the straight one moved as
                      paper moves that is turned or bent: 1 when that explains all */
} LkRelief;

/**
 * lk_relief_view_init:
 * @face: with points, in pixels of @frame
 *
 * Returns: FALSE when the points are no face's
 */
gboolean lk_relief_view_init (LkReliefView *self, const LkImage *frame, const LkFace *face);

/**
 * lk_relief_measure:
 * @turned: the same face, somewhat later
 *
 * Parallax: eyes and corners of the mouth, which lie nearly in one plane, say by which
 * affine map that plane moved; the nose stands before it.
 *
 * Flatness: paper bends about one axis, here the upright one, so that all of a column moves
 * sideways together.  The map x' = a + b x + c x^2 + d x^3 + e y + f x y, y' likewise linear
 * in y (turned planes in perspective are near it), is fitted by least squares to the pixels,
 * with gain and offset of the light, from coarse to fine.
 *
 * Sources: plane and parallax: M. Irani, P. Anandan, "Parallax Geometry of Pairs of Points
 * for 3D Scene Analysis", ECCV 1996, section 2; of faces: M. De Marsico et al., "Moving Face
 * Spoofing Detection via 3D Projective Invariants", ICB 2012.  The fit: B. Lucas, T. Kanade,
 * "An Iterative Image Registration Technique", IJCAI 1981; S. Baker, I. Matthews,
 * "Lucas-Kanade 20 Years On", IJCV 56(3), 2004, section 3 (Levenberg-Marquardt) and part 3
 * (gain and offset).
 */
void lk_relief_measure (const LkReliefView *straight, const LkReliefView *turned, LkRelief *out);

/* The same, of the points alone: @flatness is left alone. */
void lk_relief_measure_points (const double straight[LK_N_POINTS][2],
                               const double turned[LK_N_POINTS][2], LkRelief *out);

G_END_DECLS
