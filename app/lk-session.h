/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-window.h"

G_BEGIN_DECLS

/*
 * LkSession: what happens behind one window.
 *
 * Owns the camera, the inference thread, the store and the trainer; turns the pages'
 * signals into work for them, and what they report into what the pages show.  Main
 * thread only.
 */
typedef struct _LkSession LkSession;

/**
 * lk_session_new:
 * @window: (transfer none): must outlive the session
 * @camera: (nullable): a source as LkCameraOptions has it, to be used instead of the
 *   remembered one and not to be remembered
 */
LkSession *lk_session_new (LkWindow *window, const char *camera);

/* Stops everything; a training writes its checkpoint first.  Accepts NULL. */
void lk_session_free (LkSession *self);

G_END_DECLS
