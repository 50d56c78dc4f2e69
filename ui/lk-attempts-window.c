/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-attempts-window"

#include "lk-attempts-window.h"

#include "lk-mark.h"

#include <glib/gi18n.h>

#define PICTURE_HEIGHT 72

struct _LkAttemptsWindow
{
  AdwWindow parent_instance;

  GtkStack *stack; /* borrowed */
  AdwPreferencesGroup *list;
};

G_DEFINE_FINAL_TYPE (LkAttemptsWindow, lk_attempts_window, ADW_TYPE_WINDOW)

static void
lk_attempts_window_class_init (LkAttemptsWindowClass *klass)
{
  gtk_widget_class_add_binding_action (GTK_WIDGET_CLASS (klass), GDK_KEY_Escape, 0, "window.close",
                                       NULL);
}

static void
lk_attempts_window_init (LkAttemptsWindow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *page, *empty;

  self->stack = GTK_STACK (gtk_stack_new ());
  self->list = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());
  adw_preferences_group_set_description (
      self->list, _("The newest first. Deleting a person deletes theirs, too."));
  page = adw_preferences_page_new ();
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (page), self->list);
  empty = adw_status_page_new ();
  adw_status_page_set_icon_name (ADW_STATUS_PAGE (empty), "document-open-recent-symbolic");
  adw_status_page_set_title (ADW_STATUS_PAGE (empty), _("No Attempts Yet"));
  adw_status_page_set_description (
      ADW_STATUS_PAGE (empty),
      _("Whenever somebody opens the lock, or is refused, it is written down here."));
  gtk_stack_add_child (self->stack, empty);
  gtk_stack_add_child (self->stack, page);
  gtk_widget_set_vexpand (GTK_WIDGET (self->stack), TRUE);
  gtk_box_append (GTK_BOX (box), adw_header_bar_new ());
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->stack));
  adw_window_set_content (ADW_WINDOW (self), box);
  gtk_window_set_default_size (GTK_WINDOW (self), 480, 560);
  gtk_window_set_destroy_with_parent (GTK_WINDOW (self), TRUE);
  gtk_window_set_title (GTK_WINDOW (self), _("Attempts"));
}

GtkWidget *
lk_attempts_window_new (GtkWindow *parent)
{
  return g_object_new (LK_TYPE_ATTEMPTS_WINDOW, "transient-for", parent, NULL);
}

/* "2026-03-01 18:30, score 0.31" */
static char *
describe (const LkAttempt *attempt)
{
  g_autoptr (GDateTime) when = g_date_time_new_from_unix_local (attempt->when);
  g_autofree char *text = when != NULL ? g_date_time_format (when, "%x %X") : g_strdup ("–");

  return attempt->score < 0 ? g_steal_pointer (&text)
                            : g_strdup_printf (_("%s, score %.2f"), text, attempt->score);
}

static GtkWidget *
make_picture (const LkImage *image)
{
  g_autoptr (GdkTexture) texture = gdk_memory_texture_new (
      image->width, image->height, GDK_MEMORY_R8G8B8, image->bytes, (gsize) image->width * 3);
  GtkWidget *picture = gtk_picture_new_for_paintable (GDK_PAINTABLE (texture));

  gtk_widget_set_size_request (picture, PICTURE_HEIGHT * image->width / image->height,
                               PICTURE_HEIGHT);
  gtk_widget_set_margin_top (picture, 6);
  gtk_widget_set_margin_bottom (picture, 6);
  gtk_widget_set_valign (picture, GTK_ALIGN_CENTER);
  gtk_widget_set_overflow (picture, GTK_OVERFLOW_HIDDEN);
  gtk_widget_add_css_class (picture, "lk-thumbnail");
  gtk_accessible_update_property (GTK_ACCESSIBLE (picture), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("What the camera saw"), -1);
  return picture;
}

void
lk_attempts_window_add (LkAttemptsWindow *self, const LkAttempt *attempt, const LkImage *picture)
{
  GtkWidget *row = adw_action_row_new (), *icon;
  LkMark mark = attempt->accepted ? LK_MARK_GOOD : LK_MARK_BAD;
  g_autofree char *title = NULL, *subtitle = describe (attempt);

  g_return_if_fail (LK_IS_ATTEMPTS_WINDOW (self));

  if (attempt->person == NULL)
    title = g_strdup (_("Refused: nobody of the enrolled"));
  else
    title = g_strdup_printf (attempt->accepted ? _("Accepted as %s")
                                               : _("Refused as %s"), attempt->person);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  icon = gtk_image_new_from_icon_name (lk_mark_get_icon_name (mark));
  gtk_widget_add_css_class (icon, lk_mark_get_css_class (mark));
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), icon);
  if (picture != NULL)
    adw_action_row_add_suffix (ADW_ACTION_ROW (row), make_picture (picture));
  adw_preferences_group_add (self->list, row);
  gtk_stack_set_visible_child (self->stack, gtk_widget_get_last_child (GTK_WIDGET (self->stack)));
}
