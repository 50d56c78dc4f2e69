/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-application"

#include "lk-application.h"

#include "lk-about.h"

#include "lk-session.h"
#include "lk-settings.h"

#include <glib/gi18n.h>

struct _LkApplication
{
  AdwApplication parent_instance;

  LkWindow *window;   /* (nullable): borrowed from GTK */
  LkSession *session; /* (owned) (nullable): as long as the window */
  char *camera;       /* (owned) (nullable): --camera */
  char *page;         /* (owned) (nullable): --page */
};

G_DEFINE_FINAL_TYPE (LkApplication, lk_application, ADW_TYPE_APPLICATION)

static void
on_window_destroy (GtkWidget *window, LkApplication *self)
{
  g_clear_pointer (&self->session, lk_session_free);
  self->window = NULL;
}

/* The session holds pages of the window: it ends before they do. */
static gboolean
on_close_request (GtkWindow *window, LkApplication *self)
{
  GSettings *settings = lk_settings_get ();
  int width, height;

  gtk_window_get_default_size (window, &width, &height);
  g_settings_set_int (settings, "window-width", width);
  g_settings_set_int (settings, "window-height", height);
  g_settings_set_boolean (settings, "window-maximized", gtk_window_is_maximized (window));
  /* Gone at once for the eye: a training writes its checkpoint, the trash is emptied. */
  gtk_widget_set_visible (GTK_WIDGET (window), FALSE);
  g_clear_pointer (&self->session, lk_session_free);
  return GDK_EVENT_PROPAGATE;
}

/* What the program does with faces was seen by who goes on. */
static void
on_page (LkWindow *window, GParamSpec *spec, LkApplication *self)
{
  if (g_strcmp0 (lk_window_get_page (window), "welcome") != 0)
    g_settings_set_boolean (lk_settings_get (), "welcomed", TRUE);
}

static void
lk_application_activate (GApplication *application)
{
  LkApplication *self = LK_APPLICATION (application);
  GSettings *settings = lk_settings_get ();

  if (self->window == NULL)
    {
      self->window = lk_window_new (ADW_APPLICATION (self));
      gtk_window_set_default_size (GTK_WINDOW (self->window),
                                   g_settings_get_int (settings, "window-width"),
                                   g_settings_get_int (settings, "window-height"));
      if (g_settings_get_boolean (settings, "window-maximized"))
        gtk_window_maximize (GTK_WINDOW (self->window));
      g_signal_connect (self->window, "close-request", G_CALLBACK (on_close_request), self);
      g_signal_connect (self->window, "destroy", G_CALLBACK (on_window_destroy), self);
      if (self->page == NULL && !g_settings_get_boolean (settings, "welcomed"))
        lk_window_set_page (self->window, "welcome");
      g_signal_connect (self->window, "notify::page", G_CALLBACK (on_page), self);
      self->session = lk_session_new (self->window, self->camera);
      if (self->page != NULL)
        lk_window_set_page (self->window, self->page);
    }
  gtk_window_present (GTK_WINDOW (self->window));
}

static int
lk_application_handle_local_options (GApplication *application, GVariantDict *options)
{
  LkApplication *self = LK_APPLICATION (application);

  g_variant_dict_lookup (options, "camera", "s", &self->camera);
  g_variant_dict_lookup (options, "page", "s", &self->page);
  return -1;
}

static void
on_about (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  LkApplication *self = data;

  gtk_window_present (GTK_WINDOW (lk_about_new (GTK_WINDOW (self->window), LK_VERSION)));
}

static void
on_quit (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  LkApplication *self = data;

  if (self->window != NULL)
    gtk_window_close (GTK_WINDOW (self->window));
}

static void
lk_application_startup (GApplication *application)
{
  static const GActionEntry actions[] = {
    { .name = "about", .activate = on_about },
    { .name = "quit", .activate = on_quit },
  };

  G_APPLICATION_CLASS (lk_application_parent_class)->startup (application);
  g_action_map_add_action_entries (G_ACTION_MAP (application), actions, G_N_ELEMENTS (actions),
                                   application);
  gtk_application_set_accels_for_action (GTK_APPLICATION (application), "app.quit",
                                         (const char *[]){ "<Control>q", NULL });
}

static void
lk_application_finalize (GObject *object)
{
  LkApplication *self = LK_APPLICATION (object);

  g_clear_pointer (&self->session, lk_session_free);
  g_free (self->camera);
  g_free (self->page);
  G_OBJECT_CLASS (lk_application_parent_class)->finalize (object);
}

static void
lk_application_class_init (LkApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = lk_application_finalize;
  application_class->activate = lk_application_activate;
  application_class->startup = lk_application_startup;
  application_class->handle_local_options = lk_application_handle_local_options;
}

static void
lk_application_init (LkApplication *self)
{
  const GOptionEntry options[] = {
    { "camera", 0, 0, G_OPTION_ARG_STRING, NULL,
      N_("A device, or files:PATH to play a folder, a picture or an MJPEG file"), N_("SOURCE") },
      { "page", 0, 0, G_OPTION_ARG_STRING, NULL,
        N_("Open on verify, enrol, train or evaluate"), N_("PAGE") }, { NULL },
      };

  g_application_add_main_option_entries (G_APPLICATION (self), options);
}

LkApplication *
lk_application_new (void)
{
  return g_object_new (LK_TYPE_APPLICATION, "application-id", "app.likeness.Likeness",
                       "resource-base-path", "/app/likeness/Likeness", NULL);
}
