/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "camera/lk-camera-list.h"
#include "lk-enrol-page.h"
#include "lk-evaluate-page.h"
#include "lk-train-page.h"
#include "lk-verify-page.h"

G_BEGIN_DECLS

/*
 * LkWindow: the four pages, the one that welcomes, the camera menu, toasts.
 *
 * Passive, as its pages are.  Keys: Ctrl+1 to 4 for the pages, F1 and Ctrl+? for the
 * shortcuts.  The application has "app.about" and "app.quit" (Ctrl+Q); the menu uses them.
 *
 * Properties
 *   "page" (string)       "verify", "enrol", "train", "evaluate" or, once, "welcome";
 *                         notify::page tells a change
 *   "mirror" (gboolean)   the menu's "Mirror Preview"; handed on to all views
 * Signals
 *   "camera-chosen" (const char *source, guint fourcc, int width, int height)
 *        @source as LkCameraOptions has it; 0 for what is left to the camera
 *   "play-files" (GFile *folder_or_file)
 *   "retry-camera" (void)  "Try Again" on any view
 *   "preferences" (void)                         the menu, or Ctrl+comma
 *   "undo" (void)          the button of a toast of lk_window_toast_undo(), or Ctrl+Z
 * Actions
 *   "win.page" (string state), "win.camera" (string state: the source), "win.camera-mode"
 *   (string state, "MJPG 640x480" or "" for automatic), "win.play-folder", "win.play-file",
 *   "win.mirror", "win.show-help-overlay", "win.camera-menu" (opens it), "win.undo" (as long
 *   as there is such a toast)
 */
#define LK_TYPE_WINDOW (lk_window_get_type ())
G_DECLARE_FINAL_TYPE (LkWindow, lk_window, LK, WINDOW, AdwApplicationWindow)

LkWindow *lk_window_new (AdwApplication *application);

/* (transfer none) */
LkVerifyPage *lk_window_get_verify_page (LkWindow *self);
LkEnrolPage *lk_window_get_enrol_page (LkWindow *self);
LkTrainPage *lk_window_get_train_page (LkWindow *self);
LkEvaluatePage *lk_window_get_evaluate_page (LkWindow *self);

const char *lk_window_get_page (LkWindow *self);
void lk_window_set_page (LkWindow *self, const char *page);

/* @devices: (element-type LkCameraDevice): copied
 * @source: (nullable): what plays now, may be none of them
 * @fourcc, @width, @height: what was wished for, 0 for automatic.  Emits nothing. */
void lk_window_set_cameras (LkWindow *self, GPtrArray *devices, const char *source, guint32 fourcc,
                            int width, int height);

/* What the camera agreed to ("640×480 MJPG, 30 fps"), shown in its menu.  (nullable) */
void lk_window_set_camera_detail (LkWindow *self, const char *detail);

/* To the view of the page that is shown (the others cost nothing). */
void lk_window_show_frame (LkWindow *self, const LkImage *image);
/* To all views. */
void lk_window_show_camera_starting (LkWindow *self, const char *name);
void lk_window_show_camera_error (LkWindow *self, const GError *error);
void lk_window_show_camera_ended (LkWindow *self);

/* Stays above every page: for what is wrong until the program is started again. */
void lk_window_show_trouble (LkWindow *self, const char *sentence);

void lk_window_toast (LkWindow *self, const char *sentence);
/* With an "Undo" button; a new one replaces it. */
void lk_window_toast_undo (LkWindow *self, const char *sentence);

G_END_DECLS
