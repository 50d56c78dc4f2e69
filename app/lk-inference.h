/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "camera/lk-camera.h"
#include "store/lk-store.h"
#include "verify/lk-verifier.h"

G_BEGIN_DECLS

/*
 * The inference thread: newest frame in, check out.
 *
 * It owns the verifier. A new model is loaded, and the anchors are embedded with it, on a
 * thread beside it: until that is ready, frames are checked with the model before. Anchors
 * alone are taken up on the inference thread; what the database knows of them is not
 * computed again, and frames that arrive meanwhile are passed over. All functions are for the main
 * thread but for lk_inference_submit().
 */
typedef struct _LkInference LkInference;

/**
 * LkCheckedFunc:
 * @frame: the frame
 * @seen: what was seen in it, whether it can be used or not
 * @check: (nullable): the result, where one was asked for and could be had
 * @advice: (nullable): why the frame cannot be used: %LK_RETRY, or an error of the detector's
 *
 * All are for the time of the call.
 */
typedef void (*LkCheckedFunc) (const LkFrame *frame, const LkSighting *seen, const LkCheck *check,
                               const GError *advice, gpointer data);

/**
 * LkPreparedFunc:
 * @model: (nullable): the model that is used now
 * @anchors: (element-type LkImage) (nullable): the gallery, in its order
 * @error: (nullable): why there is no model
 */
typedef void (*LkPreparedFunc) (LkModel *model, GPtrArray *anchors, const GError *error,
                                gpointer data);

/* A new model is being made ready: @n_done of @n_all anchors are embedded.  Not for each one,
 * but for the newest when there is time. */
typedef void (*LkProgressFunc) (int n_done, int n_all, gpointer data);

/* @n_threads: as lk_pool_new() */
LkInference *lk_inference_new (LkCheckedFunc checked, LkPreparedFunc prepared, gpointer data,
                               int n_threads);
void lk_inference_free (LkInference *self); /* waits for the frame in hand; accepts NULL */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkInference, lk_inference_free)

/* @name: (nullable): as lk_model_load(); NULL for the one in use (lk-models.h).  Loads it
 * even when it has the same name as before. */
void lk_inference_set_model (LkInference *self, const char *name);

/* @paths: (nullable): the anchors' pictures; NULL for none.  A picture that is larger than a
 * crop is aligned, where the detector finds a face in it.
 * @people: (nullable): for each, the name of whom it shows, each one's side by side */
void lk_inference_set_anchors (LkInference *self, const char *const *paths,
                               const char *const *people);

/* The same with captures (element-type LkCapture): of enrolled people, each one's side by side, who
 * are scored by the heads that were adapted to them; or all of a NULL person, who has none. */
void lk_inference_set_captures (LkInference *self, GPtrArray *captures);

/* @progress: (nullable) */
void lk_inference_set_progress (LkInference *self, LkProgressFunc progress);
void lk_inference_set_policy (LkInference *self, const LkPolicy *policy);
void lk_inference_set_limits (LkInference *self, const LkQualityLimits *limits);

/* Any thread; keeps a reference until the frame is checked or passed over.
 * @verify: whether to go on to a check once the face was found */
void lk_inference_submit (LkInference *self, LkFrame *frame, LkFaceRule rule, gboolean verify);

G_END_DECLS
