/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes a picture of the first page and of every window beside the main one, as show-pages does of
 * the pages.
 *
 *   usage: show-dialogs FOLDER */
#include "cartoon.h"
#include "lk-about.h"
#include "lk-attempts-window.h"
#include "lk-key-dialog.h"
#include "lk-preferences.h"
#include "lk-window.h"
#include "shoot.h"

#include <glib/gstdio.h>

static const char *folder;

static void
shoot_sizes (GtkWindow *window, const char *name, int width, int height)
{
  g_autofree char *narrow = g_strconcat (name, "-narrow", NULL),
                  *wide = g_strconcat (name, "-wide", NULL);

  shoot_window (window, folder, wide, width, height);
  shoot_window (window, folder, narrow, 360, 640);
}

static void
show_preferences (void)
{
  LkPreferences *preferences = LK_PREFERENCES (lk_preferences_new (NULL));
  LkDataPage *page = lk_preferences_get_data_page (preferences);
  const char *const sentences[LK_N_DATA_KINDS] = {
    [LK_DATA_PEOPLE] = "2 people, 148 pictures, 1.2 MB",
    [LK_DATA_MODELS] = "3 files, 23.6 MB",
    [LK_DATA_REFUSED] = "4 pictures",
    [LK_DATA_KEY] = "In your keyring",
    [LK_DATA_SETTINGS] = "What you chose in this program",
  };

  for (int i = 0; i < LK_N_DATA_KINDS; i++)
    lk_data_page_show (page, i, sentences[i], "/home/ada/.local/share/likeness",
                       i != LK_DATA_REFUSED);
  shoot_sizes (GTK_WINDOW (preferences), "preferences", 560, 680);
  adw_preferences_window_set_visible_page (ADW_PREFERENCES_WINDOW (preferences),
                                           ADW_PREFERENCES_PAGE (page));
  shoot_sizes (GTK_WINDOW (preferences), "preferences-data", 560, 680);
  gtk_window_destroy (GTK_WINDOW (preferences));
}

/* Who tried: none yet, and some, the refused one with a picture. */
static void
show_attempts (void)
{
  const LkAttempt attempts[] = {
    { .when = 1790000000,
      .person = (char *) "Ada",
      .accepted = TRUE,
      .score = 0.97,
      .threshold = 0.92 },
    { .when = 1789999000,
      .person = (char *) "Ada",
      .score = 0.31,
      .threshold = 0.92,
      .has_picture = TRUE },
    { .when = 1789990000, .score = -1, .threshold = 0.92 },
  };
  g_autoptr (LkImage) picture = cartoon_new (320, 240, 3, 0);
  GtkWidget *window = lk_attempts_window_new (NULL);

  shoot_sizes (GTK_WINDOW (window), "attempts-none", 480, 560);
  for (gsize i = 0; i < G_N_ELEMENTS (attempts); i++)
    lk_attempts_window_add (LK_ATTEMPTS_WINDOW (window), &attempts[i],
                            attempts[i].has_picture ? picture : NULL);
  shoot_sizes (GTK_WINDOW (window), "attempts", 480, 560);
  gtk_window_destroy (GTK_WINDOW (window));
}

/* The questions for passphrases: of the pictures, a new one and the old, and of somebody's file.
 * They are as large as they want to be over a window of that size. */
static void
show_keys (GtkWindow *parent, const char *suffix, int width, int height)
{
  static const char *const names[] = { "key-asked", "key-new", "import", "export" };

  gtk_widget_set_visible (GTK_WIDGET (parent), FALSE);
  gtk_window_set_default_size (parent, width, height);
  gtk_window_present (parent);
  for (int i = 0; i < 4; i++)
    {
      GtkWidget *dialog = i < 2 ? lk_key_dialog_show (parent, i == 1, NULL, NULL, NULL)
                                : lk_key_dialog_show_file (parent, i == 3, NULL, NULL);
      g_autofree char *name = g_strconcat (names[i], suffix, NULL);

      shoot_window (GTK_WINDOW (dialog), folder, name, -1, -1);
      gtk_window_destroy (GTK_WINDOW (dialog));
    }
}

int
main (int argc, char *argv[])
{
  LkWindow *window;
  GtkWidget *dialog;

  if (argc < 2)
    return 2;
  folder = argv[1];
  g_mkdir_with_parents (folder, 0755);
  adw_init ();
  g_object_set (gtk_settings_get_default (), "gtk-font-name", "Cantarell 11",
                "gtk-enable-animations", FALSE, NULL);
  window = lk_window_new (NULL);
  lk_window_set_page (window, "welcome");
  shoot_sizes (GTK_WINDOW (window), "welcome", 1100, 760);
  shoot_window (
      GTK_WINDOW (gtk_application_window_get_help_overlay (GTK_APPLICATION_WINDOW (window))),
      folder, "shortcuts-wide", 800, 560);
  shoot_window (
      GTK_WINDOW (gtk_application_window_get_help_overlay (GTK_APPLICATION_WINDOW (window))),
      folder, "shortcuts-narrow", 360, 640);
  show_preferences ();
  show_attempts ();
  show_keys (GTK_WINDOW (window), "-wide", 1100, 760);
  show_keys (GTK_WINDOW (window), "-narrow", 360, 640);
  dialog = lk_about_new (GTK_WINDOW (window), "1.0");
  shoot_sizes (GTK_WINDOW (dialog), "about", 360, 640);
  gtk_window_destroy (GTK_WINDOW (dialog));
  gtk_window_destroy (GTK_WINDOW (window));
  return 0;
}
