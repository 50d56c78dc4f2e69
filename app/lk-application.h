/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/*
 * LkApplication: one process, one window, one session.  A second start brings the first
 * one's window to the front.
 *
 * Options: --camera SOURCE (as LkCameraOptions has it, for this run only), --page NAME.
 */
#define LK_TYPE_APPLICATION (lk_application_get_type ())
G_DECLARE_FINAL_TYPE (LkApplication, lk_application, LK, APPLICATION, AdwApplication)

LkApplication *lk_application_new (void);

G_END_DECLS
