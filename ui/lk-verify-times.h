/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "verify/lk-lock.h"
#include <adwaita.h>

G_BEGIN_DECLS

/*
 * LkVerifyTimes: how long everything takes, in a row that unfolds.  Passive.
 */
#define LK_TYPE_VERIFY_TIMES (lk_verify_times_get_type ())
G_DECLARE_FINAL_TYPE (LkVerifyTimes, lk_verify_times, LK, VERIFY_TIMES, AdwExpanderRow)

/* A frame's stages. */
void lk_verify_times_show_check (LkVerifyTimes *self, const LkCheck *check);
/* As lk_verify_page_show_rate(). */
void lk_verify_times_show_rate (LkVerifyTimes *self, double camera_fps, double check_fps,
                                guint64 n_dropped, gint64 latency_us);
/* The stages of the last try that ended. */
void lk_verify_times_show_try (LkVerifyTimes *self, const LkLockStatus *status);

G_END_DECLS
