/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-face.h"
#include "model/lk-model.h"

G_BEGIN_DECLS

/*
 * LkConfirm: looks again, and closer, at what the detector may have found.
 *
 * The network (data/models/confirm.safetensors) sees 64x64 pixels around each box, and says whether
 * a face is there and where its box is.  It and the detector are unsure of other faces, so that
 * their mean is surer than either: a face that the detector half sees is found, and a hand is not.
 * Used by one thread at a time; takes no memory after lk_confirm_new().
 *
 * Source: a second network that sees only what the first one let through is that of H. Li, Z. Lin,
 * X. Shen, J. Brandt, G. Hua, "A Convolutional Neural Network Cascade for Face Detection", CVPR
 * 2015.
 */
typedef struct _LkConfirm LkConfirm;

/* The side of what the network sees, in pixels. */
#define LK_CONFIRM_SIDE 64

/* So many boxes at a time, at most. */
#define LK_CONFIRM_MAX 4

/**
 * lk_confirm_new:
 * @model: (nullable): kept; NULL for the program's own
 *
 * Runs on the calling thread alone.
 *
 * Returns: it, or %NULL with %LK_ERROR_SHAPE (not such a network), %LK_ERROR_TOO_LARGE, or as
 *   lk_model_load()
 */
LkConfirm *lk_confirm_new (LkModel *model, GError **error);
void lk_confirm_free (LkConfirm *self); /* accepts NULL */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkConfirm, lk_confirm_free)

/**
 * lk_confirm_look:
 * @resizer: memory to work in
 * @faces: (inout) (array length=n): with boxes, in pixels of @image, and scores from the detector
 * @n: at most %LK_CONFIRM_MAX
 *
 * Each box becomes the network's; each score's logit the weighted mean of both networks'.  A box
 * of less than two pixels keeps what it has.
 */
void lk_confirm_look (LkConfirm *self, LkResizer *resizer, const LkImage *image, LkFace *faces,
                      int n);

G_END_DECLS
