/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "image/lk-image.h"
#include "store/lk-store.h"
#include <adwaita.h>

/* gtk_test_init(), adw_init(), and no animations: what is set is what is shown. */
void widget_test_init (int *argc, char ***argv);

/* A window of this size with @child in it, shown and drawn. */
GtkWidget *widget_test_host (GtkWidget *child, int width, int height);

/* Closes the window and fails unless that freed @child, too. */
void widget_test_close (GtkWidget *window, GtkWidget *child);

/* The descendant that a template calls @id.  Fails when there is none. */
GtkWidget *widget_test_find (GtkWidget *root, const char *id);
/* Its text: of a label, or of a button. */
const char *widget_test_text (GtkWidget *root, const char *id);

/* Lets the main loop run until @done is TRUE; fails after some seconds. */
void widget_test_wait (gboolean (*done) (gpointer), gpointer data);
void widget_test_spin (int ms);

/* Presses a key as a person does, by the X server: "a", "ctrl+2".  Skips the test and returns
 * FALSE where there is no xdotool. */
gboolean widget_test_press (GtkWidget *window, const char *key);

/* Draws @widget as it is now; R8G8B8A8, not premultiplied into anything else. */
guint8 *widget_test_draw (GtkWidget *widget, int *width, int *height);
/* The colour at a point, as 0xRRGGBB. */
guint widget_test_pixel (const guint8 *pixels, int width, int x, int y);

/* Fails on a control or a picture below @root that has no name for a screen reader. */
void widget_test_assert_named (GtkWidget *root);

/* A signal handler that counts (swapped: the counter comes first). */
void widget_test_count (int *n);

/* A capture at a made-up path. */
LkCapture *widget_test_capture (const char *path, const char *person, LkCaptureKind kind);
/* (element-type LkPerson): the names, each with @n_anchors. */
GPtrArray *widget_test_people (int n_anchors, const char *name, ...) G_GNUC_NULL_TERMINATED;
/* An Enrol page with two people and a camera. */
void widget_test_ready_to_enrol (GtkWidget *page);
/* Types who is new into the Enrol page's entry, and presses Return. */
void widget_test_name_person (GtkWidget *page, const char *name);
