/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-face.h"
#include "model/lk-model.h"

G_BEGIN_DECLS

/*
 * LkPoints: places the five points of a face that was found, with a small network that
 * looks at nothing but the face.
 *
 * The network (data/models/points.safetensors) sees 64x64 pixels: first the box, upright;
 * then, turned and scaled by what it said, the face once more.  Each time it also sees the mirror
 * image, and the mean of all four is taken: their errors differ.
 * Used by one thread at a time; takes no memory after lk_points_new().
 *
 * Source: going from coarse to fine by a network for each step is that of Y. Sun, X. Wang,
 * X. Tang, "Deep Convolutional Network Cascade for Facial Point Detection", CVPR 2013; here
 * one network takes both steps.
 */
typedef struct _LkPoints LkPoints;

/* The side of what the network sees, in pixels. */
#define LK_POINTS_SIDE 64

/**
 * lk_points_new:
 * @model: (nullable): not kept; NULL for the program's own
 *
 * Runs on the calling thread alone.
 *
 * Returns: it, or %NULL with %LK_ERROR_SHAPE (not a network for points),
 *   %LK_ERROR_TOO_LARGE, or as lk_model_load()
 */
LkPoints *lk_points_new (LkModel *model, GError **error);
void lk_points_free (LkPoints *self); /* accepts NULL */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkPoints, lk_points_free)

/**
 * lk_points_place:
 * @resizer: memory to work in
 * @face: (inout): with a box, in pixels of @image; its points are replaced
 *
 * Returns: %FALSE, with the points as they were, when the box is too small to see anything in
 *   it (2 pixels) or the network's points are no face's: not finite, or far outside the box
 */
gboolean lk_points_place (LkPoints *self, LkResizer *resizer, const LkImage *image, LkFace *face);

/* The part of the picture that the network sees first: [a b c; d e f] from the box @face to the
 * crop, both from the corner of the top left pixel.  For tests and training. */
void lk_points_get_map (const LkFace *face, double to_crop[6]);

G_END_DECLS
