/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cartoon.h"
#include "lk-gallery.h"
#include "widget-test.h"

#include <glib/gstdio.h>

static GPtrArray *deleted;

static void
on_delete (LkGallery *gallery, GPtrArray *captures)
{
  g_clear_pointer (&deleted, g_ptr_array_unref);
  deleted = g_ptr_array_ref (captures);
}

static GPtrArray *
make_captures (const char *folder, int n)
{
  GPtrArray *captures = g_ptr_array_new_with_free_func ((GDestroyNotify) lk_capture_free);

  for (int i = 0; i < n; i++)
    {
      g_autofree char *name = g_strdup_printf ("%05d.jpg", i),
                      *path = g_build_filename (folder, name, NULL);

      g_ptr_array_add (captures, widget_test_capture (path, "Ada", LK_CAPTURE_ANCHOR));
    }
  return captures;
}

static int
count_pictures (GtkWidget *root)
{
  int n = GTK_IS_PICTURE (root) && gtk_picture_get_paintable (GTK_PICTURE (root)) != NULL;

  for (GtkWidget *c = gtk_widget_get_first_child (root); c; c = gtk_widget_get_next_sibling (c))
    n += count_pictures (c);
  return n;
}

static int
count_tooltips (GtkWidget *root)
{
  int n = GTK_IS_PICTURE (root) && gtk_widget_get_tooltip_text (root) != NULL;

  for (GtkWidget *c = gtk_widget_get_first_child (root); c; c = gtk_widget_get_next_sibling (c))
    n += count_tooltips (c);
  return n;
}

static gboolean
has_three_pictures (gpointer gallery)
{
  return count_pictures (gallery) == 3;
}

static gboolean
has_tooltip (gpointer gallery)
{
  return count_tooltips (gallery) == 1;
}

/* Pictures come from their files; a damaged one says so in its place. */
static void
test_thumbnails (void)
{
  GtkWidget *gallery = lk_gallery_new (), *window = widget_test_host (gallery, 400, 400);
  g_autofree char *folder = g_dir_make_tmp ("likeness-gallery-XXXXXX", NULL);
  g_autoptr (GPtrArray) captures = make_captures (folder, 4);
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 3; i++)
    {
      g_autoptr (LkImage) image = cartoon_new (250, 250, i, i);

      lk_image_save (image, ((LkCapture *) captures->pdata[i])->path, &error);
      g_assert_no_error (error);
    }
  g_file_set_contents (((LkCapture *) captures->pdata[3])->path, "no picture", -1, &error);
  g_assert_no_error (error);
  lk_gallery_set_captures (LK_GALLERY (gallery), captures);
  widget_test_wait (has_three_pictures, gallery);
  widget_test_wait (has_tooltip, gallery);
  widget_test_assert_named (gallery);
  widget_test_close (window, gallery);
  for (int i = 0; i < 4; i++)
    g_remove (((LkCapture *) captures->pdata[i])->path);
  g_rmdir (folder);
}

static void
test_selection (void)
{
  GtkWidget *gallery = lk_gallery_new (), *window = widget_test_host (gallery, 400, 400);
  LkGallery *self = LK_GALLERY (gallery);
  g_autoptr (GPtrArray) captures = make_captures ("/nowhere", 5), selected = NULL;
  g_autoptr (LkCapture) newest = widget_test_capture ("/nowhere/new.jpg", "Ada", LK_CAPTURE_ANCHOR);
  GtkStack *stack = GTK_STACK (widget_test_find (gallery, "stack"));
  int n_changes = 0;

  lk_gallery_set_empty (self, "Nothing", "Take a picture.");
  g_assert_cmpstr (gtk_stack_get_visible_child_name (stack), ==, "empty");
  g_signal_connect_swapped (self, "notify::n-captures", G_CALLBACK (widget_test_count), &n_changes);
  g_signal_connect (self, "delete", G_CALLBACK (on_delete), NULL);
  lk_gallery_set_captures (self, captures);
  g_assert_cmpstr (gtk_stack_get_visible_child_name (stack), ==, "pictures");
  g_assert_cmpint (n_changes, ==, 1);
  lk_gallery_set_captures (self, captures); /* the same: selection and position stay */
  g_assert_cmpint (n_changes, ==, 1);
  lk_gallery_add (self, newest);
  g_assert_cmpuint (lk_gallery_get_n_captures (self), ==, 6);

  lk_gallery_select (self, 0, TRUE); /* newest first */
  lk_gallery_select (self, 1, TRUE);
  g_assert_cmpuint (lk_gallery_get_n_selected (self), ==, 2);
  selected = lk_gallery_get_selected (self);
  g_assert_cmpstr (((LkCapture *) selected->pdata[0])->path, ==, "/nowhere/new.jpg");
  g_assert_cmpstr (((LkCapture *) selected->pdata[1])->path, ==, "/nowhere/00004.jpg");
  g_assert_true (gtk_widget_activate_action (gallery, "gallery.delete", NULL));
  g_assert_cmpuint (deleted->len, ==, 2);
  g_assert_cmpuint (lk_gallery_get_n_captures (self), ==, 6); /* its owner deletes */

  lk_gallery_select (self, 0, FALSE);
  lk_gallery_select (self, 1, FALSE);
  g_clear_pointer (&deleted, g_ptr_array_unref);
  gtk_widget_activate_action (gallery, "gallery.delete", NULL);
  g_assert_null (deleted); /* nothing is selected */

  lk_gallery_select (self, 3, TRUE);
  gtk_widget_grab_focus (widget_test_find (gallery, "grid"));
  if (widget_test_press (window, "Delete"))
    {
      g_assert_nonnull (deleted);
      g_assert_cmpuint (deleted->len, ==, 1);
      g_assert_cmpstr (((LkCapture *) deleted->pdata[0])->path, ==, "/nowhere/00002.jpg");
    }
  g_clear_pointer (&deleted, g_ptr_array_unref);
  widget_test_close (window, gallery);
}

/* As many as the documents' negatives: only what is seen costs. */
static void
test_many (void)
{
  GtkWidget *gallery = lk_gallery_new (), *window = widget_test_host (gallery, 400, 400);
  g_autoptr (GPtrArray) captures = make_captures ("/nowhere", 13000);
  gint64 start = g_get_monotonic_time (), spent;

  lk_gallery_set_captures (LK_GALLERY (gallery), captures);
  gtk_test_widget_wait_for_draw (window);
  spent = g_get_monotonic_time () - start;
  g_test_message ("13,000 captures shown in %.0f ms", (double) spent / 1e3);
  g_assert_cmpint (spent, <, 3 * G_USEC_PER_SEC);
  g_assert_cmpuint (lk_gallery_get_n_captures (LK_GALLERY (gallery)), ==, 13000);
  widget_test_close (window, gallery);
}

int
main (int argc, char *argv[])
{
  widget_test_init (&argc, &argv);
  g_test_add_func ("/gallery/thumbnails", test_thumbnails);
  g_test_add_func ("/gallery/selection", test_selection);
  g_test_add_func ("/gallery/many", test_many);
  return g_test_run ();
}
