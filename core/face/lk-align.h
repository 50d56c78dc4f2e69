/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-face.h"

G_BEGIN_DECLS

/*
 * Alignment: a face brought to the 100x100 crop by a similarity (turn, scale, shift), so
 * that eyes, nose and mouth lie in the same place each time.
 */

/* Where the five points lie in the crop, from the centre of its top left pixel: the
 * template of ArcFace's crop of 112, scaled (J. Deng et al., "ArcFace: Additive Angular
 * Margin Loss for Deep Face Recognition", CVPR 2019; its published code). */
extern const double lk_align_template[LK_N_POINTS][2];

/**
 * lk_align_estimate:
 * @from, @to: @n points each
 * @map: (out caller-allocates) (array fixed-size=6): [a b c; d e f] with @to about
 *   (a x + b y + c, d x + e y + f): a similarity without reflection
 *
 * The least sum of squared distances in @to.
 *
 * Source: S. Umeyama, "Least-Squares Estimation of Transformation Parameters Between Two
 * Point Patterns", PAMI 13(4), 1991, equations 40 to 42; in the plane the singular value
 * decomposition has a closed form.
 *
 * Returns: FALSE when the points are all one, or not finite
 */
gboolean lk_align_estimate (const double (*from)[2], const double (*to)[2], int n, double map[6]);

/**
 * lk_align_get_map:
 * @face: with points, in pixels of a picture
 * @from_crop: (out caller-allocates) (array fixed-size=6): as lk_image_warp() takes it: where
 *   the crop's pixels lie in the picture
 *
 * Returns: FALSE when the points are no face's
 */
gboolean lk_align_get_map (const LkFace *face, double from_crop[6]);

/**
 * lk_align_face:
 * @resizer: its memory is used
 *
 * Returns: (transfer full) (nullable): the 100x100 crop, warped once from the frame; %NULL
 *   when the points are no face's
 */
LkImage *lk_align_face (LkResizer *resizer, const LkImage *frame, const LkFace *face);

G_END_DECLS
