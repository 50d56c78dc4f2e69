/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/lk-store.h"
#include <adwaita.h>

G_BEGIN_DECLS

/*
 * LkGallery: the pictures captured of one kind, newest first.
 *
 * Passive but for one thing: a picture is read from its file when it comes into
 * view, on a thread of its own, so that a gallery of 13,000 imported negatives opens at
 * once.  Pictures can be selected (click, Ctrl, Shift, rubber band, Ctrl+A) and
 * deleted by the Delete key.
 *
 * Properties
 *   "n-captures", "n-selected" (guint, read-only)
 * Signals
 *   "delete" (GPtrArray *captures)   (element-type LkCapture): the selected ones
 * Actions
 *   "gallery.delete"                 deletes those selected
 */
#define LK_TYPE_GALLERY (lk_gallery_get_type ())
G_DECLARE_FINAL_TYPE (LkGallery, lk_gallery, LK, GALLERY, AdwBin)

GtkWidget *lk_gallery_new (void);

/* Says what the gallery holds when it is empty. */
void lk_gallery_set_empty (LkGallery *self, const char *title, const char *sentence);

/* @captures: (element-type LkCapture): oldest first, copied */
void lk_gallery_set_captures (LkGallery *self, GPtrArray *captures);
/* One more, the newest. */
void lk_gallery_add (LkGallery *self, const LkCapture *capture);
guint lk_gallery_get_n_captures (LkGallery *self);
guint lk_gallery_get_n_selected (LkGallery *self);
void lk_gallery_select (LkGallery *self, guint position, gboolean selected);
/* (transfer full) (element-type LkCapture) */
GPtrArray *lk_gallery_get_selected (LkGallery *self);

G_END_DECLS
