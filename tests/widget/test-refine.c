/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cartoon.h"
#include "lk-crop-strip.h"
#include "lk-verify-page.h"
#include "widget-test.h"

static GtkWidget *
find_button (GtkWidget *widget, const char *action)
{
  GtkWidget *found = NULL;

  if (GTK_IS_BUTTON (widget) &&
      g_strcmp0 (gtk_actionable_get_action_name (GTK_ACTIONABLE (widget)), action) == 0)
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = find_button (child, action);
  return found;
}

/* Pictures are offered, and only then there is something to answer. */
static void
test_offer (void)
{
  GtkWidget *page = lk_verify_page_new (), *window = widget_test_host (page, 360, 640);
  GtkWidget *card = widget_test_find (page, "refine"), *add;
  g_autoptr (GPtrArray) pictures = g_ptr_array_new_with_free_func ((GDestroyNotify) lk_image_unref);
  int n_add = 0, n_forget = 0, least;

  g_signal_connect_swapped (page, "add-pictures", G_CALLBACK (widget_test_count), &n_add);
  g_signal_connect_swapped (page, "forget-pictures", G_CALLBACK (widget_test_count), &n_forget);
  g_assert_false (gtk_widget_get_visible (card));
  gtk_widget_activate_action (page, "verify.add-pictures", NULL);
  g_assert_cmpint (n_add, ==, 0);

  for (int i = 0; i < 6; i++)
    g_ptr_array_add (pictures, cartoon_new (100, 100, 0, i));
  lk_verify_page_offer_pictures (LK_VERIFY_PAGE (page), "Ada", pictures);
  widget_test_spin (100);
  g_assert_true (gtk_widget_get_visible (card));
  gtk_widget_measure (card, GTK_ORIENTATION_HORIZONTAL, -1, &least, NULL, NULL, NULL);
  g_assert_cmpint (least, <=, 300); /* a window of 360, its frame and margins */
  add = find_button (page, "verify.add-pictures");
  gtk_test_accessible_assert_property (add, GTK_ACCESSIBLE_PROPERTY_LABEL, "Add to Ada's pictures");
  g_signal_emit_by_name (add, "clicked");
  g_signal_emit_by_name (find_button (page, "verify.forget-pictures"), "clicked");
  g_assert_cmpint (n_add, ==, 1);
  g_assert_cmpint (n_forget, ==, 1);

  lk_verify_page_offer_pictures (LK_VERIFY_PAGE (page), NULL, NULL);
  g_assert_false (gtk_widget_get_visible (card));
  gtk_widget_activate_action (page, "verify.forget-pictures", NULL);
  g_assert_cmpint (n_forget, ==, 1);
  widget_test_close (window, page);
}

int
main (int argc, char *argv[])
{
  widget_test_init (&argc, &argv);
  g_test_add_func ("/refine/offer", test_offer);
  return g_test_run ();
}
