/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-face.h"
#include "model/lk-model.h"

G_BEGIN_DECLS

/*
 * LkDetector: finds the faces of a picture, with a small fully convolutional network.
 *
 * The network (data/models/detector.safetensors) gives for each cell of three grids a
 * score, a box and five points; boxes that overlap are one face.  Used by one thread at
 * a time: each makes its own.  Sizes are prepared when they are first seen, so that
 * pictures of one size after the other, as a camera sends them, take no memory.
 *
 * Sources: the kind of network is that of V. Bazarevsky et al., "BlazeFace: Sub-millisecond
 * Neural Face Detection on Mobile GPUs", 2019, and W. Wu et al., "YuNet: A Tiny
 * Millisecond-level Face Detector", Machine Intelligence Research 2023.
 */
typedef struct _LkDetector LkDetector;

/* The longer side, in pixels, that pictures are brought to before the network sees them:
 * what it was measured with. */
#define LK_DETECTOR_SIDE 320

/* The score from which on a face is one; chosen on pictures kept from training (see
 * data/models/detector.md). */
#define LK_DETECTOR_THRESHOLD 0.65

/* No more faces than these are told of. */
#define LK_DETECTOR_MAX_FACES 64

/* Of so many of them, the largest, the points are placed by a network of their own (LkPoints);
 * the others' are the detector's, which are less exact. */
#define LK_DETECTOR_MAX_PLACED 4

/**
 * lk_detector_new:
 * @model: (nullable): kept; NULL for the program's own
 * @side: the longer side that pictures are brought to, 32 .. 2048: smaller is faster and
 *   sees small faces less
 *
 * Runs on the calling thread alone.
 *
 * Returns: the detector, or %NULL with %LK_ERROR_SHAPE (not a network for faces),
 *   %LK_ERROR_TOO_LARGE, or as lk_model_load()
 */
LkDetector *lk_detector_new (LkModel *model, int side, GError **error);
void lk_detector_free (LkDetector *self); /* accepts NULL */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkDetector, lk_detector_free)

/**
 * lk_detector_find:
 * @image: any size; made smaller by area, or larger, so that its longer side fits
 * @threshold: the least score, 0 < @threshold < 1
 * @faces: (out caller-allocates) (array length=max)
 *
 * The network looks twice, the second time at the mirrored picture, and says the mean of both.
 * What is not sure then (a score of 0.3 to 0.65) another network looks at again (LkConfirm): the
 * surest four boxes, the others count for nothing.
 *
 * Returns: how many faces there are, at most @max, the surest first; -1 with
 *   %LK_ERROR_TOO_LARGE when memory is short
 */
int lk_detector_find (LkDetector *self, const LkImage *image, double threshold, LkFace *faces,
                      int max, GError **error);

/* Of a frame among many: the network does not look at the mirrored picture, the next frame is
 * another chance. */
int lk_detector_find_live (LkDetector *self, const LkImage *frame, double threshold, LkFace *faces,
                           int max, GError **error);

/**
 * lk_detector_find_in:
 * @region: x, y, width and height, inside @image: it alone is looked at, and brought to the
 *   detector's side.  Faces are in pixels of @image.
 *
 * For a face that was there a moment ago: the network looks once, and nothing is looked at again.
 */
int lk_detector_find_in (LkDetector *self, const LkImage *image, const int region[4],
                         double threshold, LkFace *faces, int max, GError **error);

/* What the network said about a picture of @width x @height pixels of its own, before
 * boxes are joined: for tests. */
int lk_detector_decode (const float *maps, int width, int height, double threshold, LkFace *faces,
                        int max);

/* What the network said about the same picture mirrored is put back and the mean taken of both
 * (into @maps): for tests. */
void lk_detector_add_mirrored (float *maps, const float *mirrored, int width, int height);

/* Joins faces whose boxes overlap: each group becomes its mean weighted by score, with the
 * surest one's score.  @faces is put in order, the surest first.  Returns: how many are
 * left.
 *
 * Source: Bazarevsky et al. 2019, section 3.4. */
int lk_detector_join (LkFace *faces, int n);

G_END_DECLS
