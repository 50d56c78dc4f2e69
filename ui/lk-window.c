/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-window"

#include "lk-window.h"

#include "lk-camera-menu.h"
#include "lk-label.h"
#include "lk-welcome.h"

#include <glib/gi18n.h>

#define N_VIEWS 3

/* A toast that replaces another takes half a second to come up. */
#define SETTLED_MS 800

struct _LkWindow
{
  AdwApplicationWindow parent_instance;

  AdwToastOverlay *toasts; /* template children: borrowed */
  GtkInfoBar *trouble;
  GtkLabel *trouble_label;
  AdwViewStack *stack;
  AdwViewSwitcherTitle *switcher_title;
  AdwViewSwitcherBar *switcher_bar;
  GtkMenuButton *camera_button;
  GMenu *camera_section, *mode_section;
  LkCameraView *views[N_VIEWS]; /* of the Verify, Enrol and Evaluate pages */
  LkVerifyPage *verify_page;
  LkEnrolPage *enrol_page;
  LkTrainPage *train_page;
  LkEvaluatePage *evaluate_page;

  LkCameraMenu *cameras;
  gboolean mirror;
  AdwToast *undo;       /* (nullable): borrowed */
  gint64 undo_since_us; /* when it was shown */
  GtkFileChooserNative *chooser;
  guint reveal_id;
};

G_DEFINE_FINAL_TYPE (LkWindow, lk_window, ADW_TYPE_APPLICATION_WINDOW)

enum
{
  PROP_PAGE = 1,
  PROP_CAMERA,
  PROP_CAMERA_MODE,
  PROP_MIRROR,
  N_PROPS
};
static GParamSpec *props[N_PROPS];

enum
{
  CAMERA_CHOSEN,
  PLAY_FILES,
  RETRY_CAMERA,
  UNDO,
  PREFERENCES,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
expect_start (LkWindow *self)
{
  for (int i = 0; i < N_VIEWS; i++)
    lk_camera_view_expect_start (self->views[i]);
}

/* The user chose; @mode is ours ("MJPG 640x480") or what came with the action. */
static void
choose_camera (LkWindow *self, const char *camera, const char *mode)
{
  int width, height;
  guint32 fourcc;

  lk_camera_menu_parse_mode (mode, &fourcc, &width, &height);
  expect_start (self);
  g_signal_emit (self, signals[CAMERA_CHOSEN], 0, camera, fourcc, width, height);
}

static void
on_file_chosen (GtkNativeDialog *dialog, int response, LkWindow *self)
{
  g_autoptr (GFile) file = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  g_clear_object (&self->chooser);
  if (file == NULL)
    return;
  expect_start (self);
  g_signal_emit (self, signals[PLAY_FILES], 0, file);
}

static void
on_play (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  LkWindow *self = LK_WINDOW (widget);
  gboolean folder = g_str_equal (action_name, "win.play-folder");

  if (self->chooser != NULL)
    return;
  self->chooser = gtk_file_chooser_native_new (
      folder ? _("Play a Folder of Pictures")
             : _("Play a File"), GTK_WINDOW (self),
                  folder ? GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER : GTK_FILE_CHOOSER_ACTION_OPEN,
                  _("_Play"), NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  g_signal_connect (self->chooser, "response", G_CALLBACK (on_file_chosen), self);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static void
on_camera_menu (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  gtk_menu_button_popup (LK_WINDOW (widget)->camera_button);
}

static void
on_retry (LkWindow *self)
{
  expect_start (self);
  g_signal_emit (self, signals[RETRY_CAMERA], 0);
}

static void
on_choose_camera (LkWindow *self)
{
  gtk_menu_button_popup (self->camera_button);
}

static void
reveal_bar (gpointer data)
{
  LkWindow *self = data;

  self->reveal_id = 0;
  adw_view_switcher_bar_set_reveal (
      self->switcher_bar, adw_view_switcher_title_get_title_visible (self->switcher_title));
}

/* The title finds out that it is narrow in the middle of a layout, which cannot take in the
 * bar as well: GTK would draw what has no place yet, and warn. */
static void
on_title_visible (LkWindow *self)
{
  if (self->reveal_id == 0)
    self->reveal_id = g_idle_add_once (reveal_bar, self);
}

static void
on_page_changed (LkWindow *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_PAGE]);
}

static void
on_preferences (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  g_signal_emit (widget, signals[PREFERENCES], 0);
}

/* As long as its toast is shown. */
static void
set_undo (LkWindow *self, AdwToast *toast)
{
  self->undo = toast;
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.undo", toast != NULL);
}

static gboolean
on_settled (gpointer toast)
{
  adw_toast_dismiss (toast);
  return G_SOURCE_REMOVE;
}

/* Takes the undo away, and its toast once that has come all the way up: libadwaita 1.2 frees one
 * that goes before, and then hears the end of its coming (adw-toast-overlay.c, show_done_cb()). */
static void
dismiss_undo (LkWindow *self)
{
  gint64 age_ms = (g_get_monotonic_time () - self->undo_since_us) / 1000;
  AdwToast *toast = self->undo;

  set_undo (self, NULL);
  if (age_ms >= SETTLED_MS || !adw_get_enable_animations (GTK_WIDGET (self)))
    adw_toast_dismiss (toast);
  else
    g_timeout_add_full (G_PRIORITY_DEFAULT, (guint) (SETTLED_MS - age_ms), on_settled,
                        g_object_ref (toast), g_object_unref);
}

static void
on_undo (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  LkWindow *self = LK_WINDOW (widget);

  if (self->undo != NULL) /* by the key */
    dismiss_undo (self);
  g_signal_emit (self, signals[UNDO], 0);
}

static void
on_undo_dismissed (AdwToast *toast, LkWindow *self)
{
  if (self->undo == toast)
    set_undo (self, NULL);
}

static void
lk_window_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  LkWindow *self = LK_WINDOW (object);

  switch (id)
    {
    case PROP_PAGE:
      g_value_set_string (value, self->stack ? lk_window_get_page (self) : "verify");
      break;
    case PROP_CAMERA:
      g_value_set_string (value, lk_camera_menu_get_camera (self->cameras));
      break;
    case PROP_CAMERA_MODE:
      g_value_set_string (value, lk_camera_menu_get_mode (self->cameras));
      break;
    case PROP_MIRROR:
      g_value_set_boolean (value, self->mirror);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
lk_window_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  LkWindow *self = LK_WINDOW (object);
  const char *text;

  switch (id)
    {
    case PROP_PAGE:
      lk_window_set_page (self, g_value_get_string (value));
      break;
    case PROP_CAMERA: /* an action: the owner answers with lk_window_set_cameras() */
      text = g_value_get_string (value);
      if (text != NULL && !g_str_equal (text, lk_camera_menu_get_camera (self->cameras)))
        choose_camera (self, text, "");
      break;
    case PROP_CAMERA_MODE:
      text = g_value_get_string (value);
      if (text != NULL && !g_str_equal (text, lk_camera_menu_get_mode (self->cameras)))
        choose_camera (self, lk_camera_menu_get_camera (self->cameras), text);
      break;
    case PROP_MIRROR:
      self->mirror = g_value_get_boolean (value);
      for (int i = 0; i < N_VIEWS; i++)
        lk_camera_view_set_mirror (self->views[i], self->mirror);
      g_object_notify_by_pspec (object, pspec);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
lk_window_dispose (GObject *object)
{
  LkWindow *self = LK_WINDOW (object);

  if (self->chooser != NULL)
    gtk_native_dialog_destroy (GTK_NATIVE_DIALOG (self->chooser));
  g_clear_object (&self->chooser);
  if (self->undo != NULL)
    g_signal_handlers_disconnect_by_data (self->undo, self);
  self->undo = NULL;
  g_clear_handle_id (&self->reveal_id, g_source_remove);
  if (self->stack != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->stack, self);
      g_signal_handlers_disconnect_by_data (self->switcher_title, self);
    }
  gtk_widget_dispose_template (GTK_WIDGET (self), LK_TYPE_WINDOW);
  G_OBJECT_CLASS (lk_window_parent_class)->dispose (object);
}

static void
lk_window_finalize (GObject *object)
{
  lk_camera_menu_free (LK_WINDOW (object)->cameras);
  G_OBJECT_CLASS (lk_window_parent_class)->finalize (object);
}

static void
lk_window_class_init (LkWindowClass *klass)
{
  static const char *const pages[] = { "verify", "enrol", "train",
                                       "evaluate" }; /* by Ctrl and a figure */
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  GType type = G_TYPE_FROM_CLASS (klass);
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->dispose = lk_window_dispose;
  object_class->finalize = lk_window_finalize;
  object_class->get_property = lk_window_get_property;
  object_class->set_property = lk_window_set_property;

  props[PROP_PAGE] = g_param_spec_string ("page", NULL, NULL, "verify", flags);
  props[PROP_CAMERA] = g_param_spec_string ("camera", NULL, NULL, "", flags);
  props[PROP_CAMERA_MODE] = g_param_spec_string ("camera-mode", NULL, NULL, "", flags);
  props[PROP_MIRROR] = g_param_spec_boolean ("mirror", NULL, NULL, TRUE, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);

  signals[CAMERA_CHOSEN] = g_signal_new ("camera-chosen", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                         NULL, G_TYPE_NONE, 4, G_TYPE_STRING, G_TYPE_UINT,
                                         G_TYPE_INT, G_TYPE_INT);
  signals[PLAY_FILES] = g_signal_new ("play-files", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                      G_TYPE_NONE, 1, G_TYPE_FILE);
  signals[RETRY_CAMERA] = g_signal_new ("retry-camera", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                        NULL, G_TYPE_NONE, 0);
  signals[PREFERENCES] = g_signal_new ("preferences", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                       G_TYPE_NONE, 0);
  signals[UNDO] = g_signal_new ("undo", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                0);

  g_type_ensure (LK_TYPE_VERIFY_PAGE);
  g_type_ensure (LK_TYPE_ENROL_PAGE);
  g_type_ensure (LK_TYPE_TRAIN_PAGE);
  g_type_ensure (LK_TYPE_EVALUATE_PAGE);
  g_type_ensure (LK_TYPE_WELCOME);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/likeness/Likeness/ui/lk-window.ui");
  gtk_widget_class_bind_template_child (widget_class, LkWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, LkWindow, trouble);
  gtk_widget_class_bind_template_child (widget_class, LkWindow, trouble_label);
  gtk_widget_class_bind_template_child (widget_class, LkWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, LkWindow, switcher_title);
  gtk_widget_class_bind_template_child (widget_class, LkWindow, switcher_bar);
  gtk_widget_class_bind_template_child (widget_class, LkWindow, camera_button);
  gtk_widget_class_bind_template_child (widget_class, LkWindow, camera_section);
  gtk_widget_class_bind_template_child (widget_class, LkWindow, mode_section);
  gtk_widget_class_bind_template_child (widget_class, LkWindow, verify_page);
  gtk_widget_class_bind_template_child (widget_class, LkWindow, enrol_page);
  gtk_widget_class_bind_template_child (widget_class, LkWindow, train_page);
  gtk_widget_class_bind_template_child (widget_class, LkWindow, evaluate_page);
  gtk_widget_class_install_property_action (widget_class, "win.page", "page");
  gtk_widget_class_install_property_action (widget_class, "win.camera", "camera");
  gtk_widget_class_install_property_action (widget_class, "win.camera-mode", "camera-mode");
  gtk_widget_class_install_property_action (widget_class, "win.mirror", "mirror");
  gtk_widget_class_install_action (widget_class, "win.play-folder", NULL, on_play);
  gtk_widget_class_install_action (widget_class, "win.play-file", NULL, on_play);
  gtk_widget_class_install_action (widget_class, "win.camera-menu", NULL, on_camera_menu);
  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    gtk_widget_class_add_binding_action (widget_class, GDK_KEY_1 + i, GDK_CONTROL_MASK, "win.page",
                                         "s", pages[i]);
  gtk_widget_class_install_action (widget_class, "win.undo", NULL, on_undo);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_z, GDK_CONTROL_MASK, "win.undo", NULL);
  gtk_widget_class_install_action (widget_class, "win.preferences", NULL, on_preferences);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_comma, GDK_CONTROL_MASK,
                                       "win.preferences", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_m, GDK_CONTROL_MASK, "win.mirror",
                                       NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_F1, 0, "win.show-help-overlay", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_question, GDK_CONTROL_MASK,
                                       "win.show-help-overlay", NULL);
}

/* The icons and the style belong to the widgets, not to the application: tests have
 * only widgets. */
static void
add_resources (GdkDisplay *display)
{
  static GdkDisplay *done; /* a program has one */
  g_autoptr (GtkCssProvider) provider = NULL;

  if (done == display)
    return;
  done = display;
  gtk_icon_theme_add_resource_path (gtk_icon_theme_get_for_display (display),
                                    "/app/likeness/Likeness/icons");
  provider = gtk_css_provider_new ();
  gtk_css_provider_load_from_resource (provider, "/app/likeness/Likeness/style.css");
  gtk_style_context_add_provider_for_display (display, GTK_STYLE_PROVIDER (provider),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
}

static void
lk_window_init (LkWindow *self)
{
  g_autoptr (GtkBuilder) builder = NULL;

  add_resources (gtk_widget_get_display (GTK_WIDGET (self)));
  self->cameras = lk_camera_menu_new ();
  self->mirror = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
  lk_camera_menu_fill (self->cameras, self->camera_section, self->mode_section);
  set_undo (self, NULL);
  self->views[0] = lk_verify_page_get_view (self->verify_page);
  self->views[1] = lk_enrol_page_get_view (self->enrol_page);
  self->views[2] = lk_attack_page_get_view (lk_evaluate_page_get_attacks (self->evaluate_page));

  builder = gtk_builder_new_from_resource ("/app/likeness/Likeness/ui/lk-shortcuts.ui");
  gtk_application_window_set_help_overlay (
      GTK_APPLICATION_WINDOW (self),
      GTK_SHORTCUTS_WINDOW (gtk_builder_get_object (builder, "shortcuts")));
  g_signal_connect_swapped (self->stack, "notify::visible-child", G_CALLBACK (on_page_changed),
                            self);
  g_signal_connect_swapped (self->switcher_title, "notify::title-visible",
                            G_CALLBACK (on_title_visible), self);
  for (int i = 0; i < N_VIEWS; i++)
    {
      g_signal_connect_object (self->views[i], "retry", G_CALLBACK (on_retry), self,
                               G_CONNECT_SWAPPED);
      g_signal_connect_object (self->views[i], "choose-camera", G_CALLBACK (on_choose_camera), self,
                               G_CONNECT_SWAPPED);
    }
  lk_label_name_buttons (GTK_WIDGET (self));
}

LkWindow *
lk_window_new (AdwApplication *application)
{
  return g_object_new (LK_TYPE_WINDOW, "application", application, NULL);
}

LkVerifyPage *
lk_window_get_verify_page (LkWindow *self)
{
  g_return_val_if_fail (LK_IS_WINDOW (self), NULL);
  return self->verify_page;
}

LkEnrolPage *
lk_window_get_enrol_page (LkWindow *self)
{
  g_return_val_if_fail (LK_IS_WINDOW (self), NULL);
  return self->enrol_page;
}

LkTrainPage *
lk_window_get_train_page (LkWindow *self)
{
  g_return_val_if_fail (LK_IS_WINDOW (self), NULL);
  return self->train_page;
}

LkEvaluatePage *
lk_window_get_evaluate_page (LkWindow *self)
{
  g_return_val_if_fail (LK_IS_WINDOW (self), NULL);
  return self->evaluate_page;
}

const char *
lk_window_get_page (LkWindow *self)
{
  g_return_val_if_fail (LK_IS_WINDOW (self), NULL);
  return adw_view_stack_get_visible_child_name (self->stack);
}

void
lk_window_set_page (LkWindow *self, const char *page)
{
  g_return_if_fail (LK_IS_WINDOW (self));

  if (page != NULL && adw_view_stack_get_child_by_name (self->stack, page) != NULL)
    adw_view_stack_set_visible_child_name (self->stack, page);
}

void
lk_window_set_cameras (LkWindow *self, GPtrArray *devices, const char *source, guint32 fourcc,
                       int width, int height)
{
  g_return_if_fail (LK_IS_WINDOW (self));

  lk_camera_menu_set_cameras (self->cameras, devices, source, fourcc, width, height);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_CAMERA]);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_CAMERA_MODE]);
}

void
lk_window_set_camera_detail (LkWindow *self, const char *detail)
{
  g_return_if_fail (LK_IS_WINDOW (self));
  lk_camera_menu_set_detail (self->cameras, detail);
}

void
lk_window_show_frame (LkWindow *self, const LkImage *image)
{
  const char *page = lk_window_get_page (self);

  g_return_if_fail (LK_IS_WINDOW (self));

  if (g_strcmp0 (page, "verify") == 0)
    lk_camera_view_set_image (self->views[0], image);
  else if (g_strcmp0 (page, "enrol") == 0)
    lk_camera_view_set_image (self->views[1], image);
  else if (gtk_widget_get_mapped (GTK_WIDGET (self->views[2])))
    lk_camera_view_set_image (self->views[2], image);
}

void
lk_window_show_camera_starting (LkWindow *self, const char *name)
{
  g_return_if_fail (LK_IS_WINDOW (self));

  for (int i = 0; i < N_VIEWS; i++)
    lk_camera_view_set_starting (self->views[i], name);
}

void
lk_window_show_camera_error (LkWindow *self, const GError *error)
{
  g_return_if_fail (LK_IS_WINDOW (self));

  for (int i = 0; i < N_VIEWS; i++)
    lk_camera_view_set_error (self->views[i], error);
}

void
lk_window_show_camera_ended (LkWindow *self)
{
  g_return_if_fail (LK_IS_WINDOW (self));

  for (int i = 0; i < N_VIEWS; i++)
    lk_camera_view_set_ended (self->views[i]);
}

void
lk_window_show_trouble (LkWindow *self, const char *sentence)
{
  g_return_if_fail (LK_IS_WINDOW (self));

  gtk_label_set_text (self->trouble_label, sentence);
  gtk_info_bar_set_revealed (self->trouble, TRUE);
}

void
lk_window_toast (LkWindow *self, const char *sentence)
{
  g_autofree char *markup = g_markup_escape_text (sentence, -1);

  g_return_if_fail (LK_IS_WINDOW (self));
  adw_toast_overlay_add_toast (self->toasts, adw_toast_new (markup));
}

void
lk_window_toast_undo (LkWindow *self, const char *sentence)
{
  g_autofree char *markup = g_markup_escape_text (sentence, -1);

  g_return_if_fail (LK_IS_WINDOW (self));
  if (self->undo != NULL) /* the store takes back its last step only */
    dismiss_undo (self);
  set_undo (self, adw_toast_new (markup));
  self->undo_since_us = g_get_monotonic_time ();
  adw_toast_set_action_name (self->undo, "win.undo");
  adw_toast_set_button_label (self->undo, _("Undo"));
  adw_toast_set_priority (self->undo, ADW_TOAST_PRIORITY_HIGH);
  adw_toast_set_timeout (self->undo, 10); /* s: the usual 5 are few to who hears the screen */
  g_signal_connect_object (self->undo, "dismissed", G_CALLBACK (on_undo_dismissed), self, 0);
  adw_toast_overlay_add_toast (self->toasts, self->undo);
}
