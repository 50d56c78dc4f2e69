/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-camera-view"

#include "lk-camera-view.h"

#include "lk-camera-picture.h"
#include "lk-camera-words.h"

#include <glib/gi18n.h>
#include <math.h>

#define RADIUS   12 /* of the picture's corners */
#define FLASH_MS 350
#define SHADE_MS 450

struct _LkCameraView
{
  AdwBin parent_instance;

  GtkStack *stack; /* template children: borrowed */
  GtkOverlay *overlay;
  GtkSpinner *spinner;
  GtkLabel *starting_label, *countdown_label, *advice_label;
  GtkRevealer *advice_revealer;
  AdwStatusPage *status;
  GtkWidget *retry_button, *choose_button;

  LkCameraViewState state;
  LkCameraPicture picture;
  gboolean retrying; /* "Try Again" was pressed: the next start may hide the failure */
  AdwAnimation *flash, *shading;
  LkEnrolRing *ring; /* a child of its own; visible: the picture is round */
};

G_DEFINE_FINAL_TYPE (LkCameraView, lk_camera_view, ADW_TYPE_BIN)

enum
{
  PROP_MIRROR = 1,
  PROP_STATE,
  N_PROPS
};
static GParamSpec *props[N_PROPS];

enum
{
  RETRY,
  CHOOSE_CAMERA,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
show_page (LkCameraView *self, LkCameraViewState state, const char *page)
{
  gboolean changed = self->state != state;

  self->state = state;
  gtk_stack_set_visible_child_name (self->stack, page);
  gtk_spinner_set_spinning (self->spinner, state == LK_CAMERA_VIEW_STARTING);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  if (changed)
    {
      gtk_widget_queue_allocate (GTK_WIDGET (self));
      g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STATE]);
    }
}

static gboolean
is_round (LkCameraView *self)
{
  return self->state == LK_CAMERA_VIEW_LIVE && gtk_widget_get_visible (GTK_WIDGET (self->ring));
}

/* Where the picture lies in a view of this size: all of it, as large as it can be; a round one
 * fills the ring's circle. */
static void
get_picture_rect (LkCameraView *self, int width, int height, graphene_rect_t *rect)
{
  double ratio = lk_camera_picture_get_ratio (&self->picture);
  double w = MIN (width, height * ratio), h = w / ratio;

  if (is_round (self))
    {
      graphene_rect_t circle;

      lk_enrol_ring_get_circle (width, height, &circle);
      w = circle.size.width * MAX (1, ratio);
      h = w / ratio;
    }
  graphene_rect_init (rect, floor ((width - w) / 2), floor ((height - h) / 2), floor (w),
                      floor (h));
}

static void
snapshot_picture (LkCameraView *self, GtkSnapshot *snapshot, int width, int height)
{
  graphene_rect_t rect, circle;
  GskRoundedRect clip;

  get_picture_rect (self, width, height, &rect);
  if (is_round (self))
    {
      lk_enrol_ring_get_circle (width, height, &circle);
      gsk_rounded_rect_init_from_rect (&clip, &circle, circle.size.width / 2);
    }
  else
    gsk_rounded_rect_init_from_rect (&clip, &rect, RADIUS);
  lk_camera_picture_snapshot (&self->picture, snapshot, &rect, &clip,
                              self->state == LK_CAMERA_VIEW_ENDED);
  if (self->state == LK_CAMERA_VIEW_LIVE && !is_round (self))
    lk_camera_picture_snapshot_faces (&self->picture, snapshot, &rect, GTK_WIDGET (self));
}

static void
snapshot_back (LkCameraView *self, GtkSnapshot *snapshot, int width, int height)
{
  graphene_rect_t rect = GRAPHENE_RECT_INIT (0, 0, width, height);
  GskRoundedRect clip;
  GdkRGBA back;

  lk_mark_get_colour (LK_MARK_NEUTRAL, GTK_WIDGET (self), &back);
  back.alpha *= 0.05f;
  gsk_rounded_rect_init_from_rect (&clip, &rect, RADIUS);
  gtk_snapshot_push_rounded_clip (snapshot, &clip);
  gtk_snapshot_append_color (snapshot, &back, &rect);
  gtk_snapshot_pop (snapshot);
}

static void
lk_camera_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  LkCameraView *self = LK_CAMERA_VIEW (widget);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);

  if (self->picture.texture != NULL &&
      (self->state == LK_CAMERA_VIEW_LIVE || self->state == LK_CAMERA_VIEW_ENDED))
    snapshot_picture (self, snapshot, width, height);
  else
    snapshot_back (self, snapshot, width, height);
  if (is_round (self))
    gtk_widget_snapshot_child (widget, GTK_WIDGET (self->ring), snapshot);
  gtk_widget_snapshot_child (widget, GTK_WIDGET (self->stack), snapshot);
}

static GtkSizeRequestMode
lk_camera_view_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
lk_camera_view_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                        int *natural, int *minimum_baseline, int *natural_baseline)
{
  LkCameraView *self = LK_CAMERA_VIEW (widget);
  double ratio = lk_camera_picture_get_ratio (&self->picture);
  int child;

  gtk_widget_measure (GTK_WIDGET (self->stack), orientation, -1, &child, NULL, NULL, NULL);
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = MAX (200, child);
      *natural = MAX (*minimum, 640);
    }
  else
    {
      *minimum = 150;
      *natural = MAX (*minimum, for_size > 0 ? (int) ceil (for_size / ratio) : 480);
    }
}

static void
lk_camera_view_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  LkCameraView *self = LK_CAMERA_VIEW (widget);
  GtkAllocation a = { 0, 0, width, height };

  if (gtk_widget_should_layout (GTK_WIDGET (self->ring)))
    gtk_widget_size_allocate (GTK_WIDGET (self->ring), &a, -1);
  /* What lies over the picture keeps to the picture. */
  if (self->picture.texture != NULL && self->state == LK_CAMERA_VIEW_LIVE)
    {
      graphene_rect_t rect;
      int least;

      if (is_round (self))
        lk_enrol_ring_get_circle (width, height, &rect);
      else
        get_picture_rect (self, width, height, &rect);
      a = (GtkAllocation){ (int) rect.origin.x, (int) rect.origin.y, (int) rect.size.width,
                           (int) rect.size.height };
      gtk_widget_measure (GTK_WIDGET (self->stack), GTK_ORIENTATION_HORIZONTAL, -1, &least, NULL,
                          NULL, NULL);
      if (a.width < least)
        a.x = (width - least) / 2, a.width = least;
    }
  gtk_widget_size_allocate (GTK_WIDGET (self->stack), &a, -1);
}

static void
on_retry (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  LK_CAMERA_VIEW (widget)->retrying = TRUE;
  g_signal_emit (widget, signals[RETRY], 0);
}

static void
on_choose (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  g_signal_emit (widget, signals[CHOOSE_CAMERA], 0);
}

static void
on_flash (double value, gpointer data)
{
  LkCameraView *self = data;

  self->picture.flash = value;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
on_shading (double value, gpointer data)
{
  LkCameraView *self = data;

  self->picture.shade_done = value;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
lk_camera_view_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_MIRROR)
    g_value_set_boolean (value, LK_CAMERA_VIEW (object)->picture.mirror);
  else if (id == PROP_STATE)
    g_value_set_int (value, LK_CAMERA_VIEW (object)->state);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
lk_camera_view_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_MIRROR)
    lk_camera_view_set_mirror (LK_CAMERA_VIEW (object), g_value_get_boolean (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
lk_camera_view_dispose (GObject *object)
{
  LkCameraView *self = LK_CAMERA_VIEW (object);

  if (self->ring != NULL)
    gtk_widget_unparent (GTK_WIDGET (self->ring));
  self->ring = NULL;
  g_clear_object (&self->flash);
  g_clear_object (&self->shading);
  lk_camera_picture_clear (&self->picture);
  adw_bin_set_child (ADW_BIN (object), NULL); /* the template would free it behind the bin */
  gtk_widget_dispose_template (GTK_WIDGET (self), LK_TYPE_CAMERA_VIEW);
  G_OBJECT_CLASS (lk_camera_view_parent_class)->dispose (object);
}

static void
lk_camera_view_class_init (LkCameraViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = lk_camera_view_dispose;
  object_class->get_property = lk_camera_view_get_property;
  object_class->set_property = lk_camera_view_set_property;
  widget_class->snapshot = lk_camera_view_snapshot;
  widget_class->get_request_mode = lk_camera_view_get_request_mode;
  widget_class->measure = lk_camera_view_measure;
  widget_class->size_allocate = lk_camera_view_size_allocate;

  props[PROP_MIRROR] = g_param_spec_boolean ("mirror", NULL, NULL, TRUE,
                                             G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY |
                                                 G_PARAM_STATIC_STRINGS);
  props[PROP_STATE] = g_param_spec_int ("state", NULL, NULL, LK_CAMERA_VIEW_STARTING,
                                        LK_CAMERA_VIEW_ENDED, LK_CAMERA_VIEW_STARTING,
                                        G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);

  signals[RETRY] = g_signal_new ("retry", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
  signals[CHOOSE_CAMERA] = g_signal_new ("choose-camera", G_TYPE_FROM_CLASS (klass),
                                         G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/likeness/Likeness/ui/lk-camera-view.ui");
  gtk_widget_class_bind_template_child (widget_class, LkCameraView, stack);
  gtk_widget_class_bind_template_child (widget_class, LkCameraView, overlay);
  gtk_widget_class_bind_template_child (widget_class, LkCameraView, spinner);
  gtk_widget_class_bind_template_child (widget_class, LkCameraView, starting_label);
  gtk_widget_class_bind_template_child (widget_class, LkCameraView, countdown_label);
  gtk_widget_class_bind_template_child (widget_class, LkCameraView, advice_label);
  gtk_widget_class_bind_template_child (widget_class, LkCameraView, advice_revealer);
  gtk_widget_class_bind_template_child (widget_class, LkCameraView, status);
  gtk_widget_class_bind_template_child (widget_class, LkCameraView, retry_button);
  gtk_widget_class_bind_template_child (widget_class, LkCameraView, choose_button);
  gtk_widget_class_install_action (widget_class, "camera.retry", NULL, on_retry);
  gtk_widget_class_install_action (widget_class, "camera.choose", NULL, on_choose);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

/* Faded out: a screen reader shall not find it there any more. */
static void
on_advice_revealed (LkCameraView *self)
{
  if (!gtk_revealer_get_child_revealed (self->advice_revealer))
    gtk_label_set_text (self->advice_label, "");
}

static void
lk_camera_view_init (LkCameraView *self)
{
  lk_camera_picture_init (&self->picture);
  self->ring = LK_ENROL_RING (lk_enrol_ring_new ());
  gtk_widget_set_visible (GTK_WIDGET (self->ring), FALSE);
  gtk_widget_set_parent (GTK_WIDGET (self->ring), GTK_WIDGET (self));
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_set_layout_manager (GTK_WIDGET (self), NULL); /* AdwBin's would pass over ours */
  g_signal_connect_swapped (self->advice_revealer, "notify::child-revealed",
                            G_CALLBACK (on_advice_revealed), self);
  self->flash = adw_timed_animation_new (GTK_WIDGET (self), 0.8, 0, FLASH_MS,
                                         adw_callback_animation_target_new (on_flash, self, NULL));
  self->shading = adw_timed_animation_new (
      GTK_WIDGET (self), 0, 1, SHADE_MS,
      adw_callback_animation_target_new (on_shading, self, NULL));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Camera preview"), -1);
}

GtkWidget *
lk_camera_view_new (void)
{
  return g_object_new (LK_TYPE_CAMERA_VIEW, NULL);
}

void
lk_camera_view_set_image (LkCameraView *self, const LkImage *image)
{
  gboolean resized;

  g_return_if_fail (LK_IS_CAMERA_VIEW (self));
  g_return_if_fail (g_bytes_get_size (image->bytes) == (gsize) image->width * image->height * 3);

  resized = lk_camera_picture_set_image (&self->picture, image);
  self->retrying = FALSE;
  if (resized)
    gtk_widget_queue_resize (GTK_WIDGET (self));
  show_page (self, LK_CAMERA_VIEW_LIVE, "live");
}

void
lk_camera_view_set_starting (LkCameraView *self, const char *name)
{
  g_autofree char *text = NULL;

  g_return_if_fail (LK_IS_CAMERA_VIEW (self));

  /* A camera that failed is tried again every second: its failure stays until a
   * frame arrives, or until somebody asked. */
  if (self->state == LK_CAMERA_VIEW_FAILED && !self->retrying)
    return;
  text = name ? g_strdup_printf (_("Starting %s…"), name) : g_strdup (_("Starting the camera…"));
  gtk_label_set_text (self->starting_label, text);
  self->retrying = FALSE;
  show_page (self, LK_CAMERA_VIEW_STARTING, "starting");
}

void
lk_camera_view_expect_start (LkCameraView *self)
{
  g_return_if_fail (LK_IS_CAMERA_VIEW (self));
  self->retrying = TRUE;
}

static void
show_status (LkCameraView *self, LkCameraViewState state, const char *icon, const char *title,
             const char *sentence)
{
  g_autofree char *markup = g_markup_escape_text (sentence, -1);

  adw_status_page_set_icon_name (self->status, icon);
  adw_status_page_set_title (self->status, title);
  adw_status_page_set_description (self->status, markup);
  show_page (self, state, "status");
}

void
lk_camera_view_set_error (LkCameraView *self, const GError *error)
{
  const LkCameraWords *words;

  g_return_if_fail (LK_IS_CAMERA_VIEW (self));
  g_return_if_fail (error != NULL);

  words = lk_camera_words_find (error);
  gtk_button_set_label (GTK_BUTTON (self->retry_button), _("Try Again"));
  gtk_widget_set_visible (self->choose_button, words->choose);
  self->retrying = FALSE;
  show_status (self, LK_CAMERA_VIEW_FAILED, words->icon, _(words->title), error->message);
}

void
lk_camera_view_set_ended (LkCameraView *self)
{
  g_return_if_fail (LK_IS_CAMERA_VIEW (self));

  gtk_button_set_label (GTK_BUTTON (self->retry_button), _("Play Again"));
  gtk_widget_set_visible (self->choose_button, TRUE);
  show_status (self, LK_CAMERA_VIEW_ENDED, "media-playback-stop-symbolic",
               _("The Files Have Ended"), _("Every picture has been played once."));
}

LkCameraViewState
lk_camera_view_get_state (LkCameraView *self)
{
  g_return_val_if_fail (LK_IS_CAMERA_VIEW (self), LK_CAMERA_VIEW_STARTING);
  return self->state;
}

void
lk_camera_view_set_face (LkCameraView *self, const LkFace *face, const LkFace *others, int n_others,
                         LkMark mark)
{
  g_return_if_fail (LK_IS_CAMERA_VIEW (self));

  lk_camera_picture_set_face (&self->picture, face, others, n_others, mark);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
lk_camera_view_set_crop (LkCameraView *self, const LkImage *crop)
{
  g_return_if_fail (LK_IS_CAMERA_VIEW (self));

  lk_camera_picture_set_crop (&self->picture, crop);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
lk_camera_view_set_advice (LkCameraView *self, const char *sentence)
{
  g_return_if_fail (LK_IS_CAMERA_VIEW (self));

  if (sentence != NULL) /* otherwise the old one fades out */
    gtk_label_set_text (self->advice_label, sentence);
  gtk_revealer_set_reveal_child (self->advice_revealer, sentence != NULL);
}

void
lk_camera_view_set_countdown (LkCameraView *self, int seconds)
{
  g_autofree char *text = g_strdup_printf ("%d", seconds);

  g_return_if_fail (LK_IS_CAMERA_VIEW (self));

  gtk_label_set_text (self->countdown_label, text);
  gtk_widget_set_visible (GTK_WIDGET (self->countdown_label), seconds > 0);
}

void
lk_camera_view_add_over (LkCameraView *self, GtkWidget *child)
{
  g_return_if_fail (LK_IS_CAMERA_VIEW (self));
  gtk_overlay_add_overlay (self->overlay, child);
}

void
lk_camera_view_set_shade (LkCameraView *self, double shade)
{
  g_return_if_fail (LK_IS_CAMERA_VIEW (self));

  if (shade == self->picture.shade)
    return;
  lk_camera_picture_set_shade (&self->picture, shade);
  adw_animation_reset (self->shading);
  adw_animation_play (self->shading);
}

void
lk_camera_view_flash (LkCameraView *self)
{
  g_return_if_fail (LK_IS_CAMERA_VIEW (self));

  if (!adw_get_enable_animations (GTK_WIDGET (self)))
    return;
  adw_animation_reset (self->flash);
  adw_animation_play (self->flash);
}

gboolean
lk_camera_view_get_mirror (LkCameraView *self)
{
  g_return_val_if_fail (LK_IS_CAMERA_VIEW (self), FALSE);
  return self->picture.mirror;
}

void
lk_camera_view_set_mirror (LkCameraView *self, gboolean mirror)
{
  g_return_if_fail (LK_IS_CAMERA_VIEW (self));

  if (self->picture.mirror == !!mirror)
    return;
  self->picture.mirror = !!mirror;
  lk_enrol_ring_set_mirror (self->ring, self->picture.mirror);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_MIRROR]);
}

void
lk_camera_view_set_round (LkCameraView *self, gboolean round)
{
  g_return_if_fail (LK_IS_CAMERA_VIEW (self));

  gtk_widget_set_visible (GTK_WIDGET (self->ring), round);
  gtk_widget_queue_allocate (GTK_WIDGET (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

LkEnrolRing *
lk_camera_view_get_ring (LkCameraView *self)
{
  g_return_val_if_fail (LK_IS_CAMERA_VIEW (self), NULL);
  return self->ring;
}
