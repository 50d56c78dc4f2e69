/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-enrol-page"

#include "lk-enrol-page.h"

#include "lk-burst.h"
#include "lk-gallery.h"
#include "lk-label.h"
#include "lk-page-keys.h"
#include "lk-person-chooser.h"
#include "lk-reason.h"
#include "lk-split.h"

#include <glib/gi18n.h>

struct _LkEnrolPage
{
  AdwBin parent_instance;

  LkCameraView *view; /* template children: borrowed */
  LkSplit *split;
  LkPersonChooser *chooser;
  GtkStack *capture_stack, *galleries;
  GtkSpinButton *count_spin, *interval_spin, *countdown_spin;
  GtkProgressBar *burst_bar;
  GtkToggleButton *toggles[LK_N_CAPTURE_KINDS];
  GtkLabel *labels[LK_N_CAPTURE_KINDS];
  LkGallery *lists[LK_N_CAPTURE_KINDS];
  GtkLabel *hint_label, *selection_label;
  GtkRevealer *selection_revealer;
  LkGuide *guide;
  GtkWidget *side, *guide_button;

  gboolean ready;
  gboolean guiding; /* an enrolment goes on */
  int n_sittings;   /* of the chosen person's anchors */
  gboolean burst;   /* a capture takes a burst */

  LkCaptureKind kind; /* of the burst in hand */
  LkBurst *clock;
  LkReason reason; /* what is written over the picture */
};

G_DEFINE_FINAL_TYPE (LkEnrolPage, lk_enrol_page, ADW_TYPE_BIN)

enum
{
  PROP_BURST = 1,
  N_PROPS
};
static GParamSpec *props[N_PROPS];

enum
{
  PERSON_CHOSEN,
  CAPTURE,
  DELETE_CAPTURES,
  DELETE_PERSON,
  GUIDE,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

/* In the order of LkCaptureKind. */
static const struct
{
  const char *stack_name, *action, *label, *empty, *hint;
  guint key;
} kinds[LK_N_CAPTURE_KINDS] = {
  { "anchor", "enrol.capture-anchor",
    N_("Anchors"), N_("No Anchors Yet"),
                        N_("The live face is compared with these. 20 to 50 pictures of the person, as the camera sees "
       "them every day."),
                            GDK_KEY_a },
        { "positive", "enrol.capture-positive",
          N_("Positives"), N_("No Positives Yet"),
                                N_("More pictures of the same person, to train with: other poses, light and distances. At least "
       "as many as anchors."),
                                    GDK_KEY_p },
              { "negative", "enrol.capture-negative",
                N_("Negatives"), N_("No Negatives Yet"),
                                      N_("Other people, to train with. Take some with this camera too, or the network learns to tell "
       "cameras apart instead of faces."),
                                          GDK_KEY_n },
               };

static LkCaptureKind
get_shown_kind (LkEnrolPage *self)
{
  for (int k = 0; k < LK_N_CAPTURE_KINDS; k++)
    if (gtk_toggle_button_get_active (self->toggles[k]))
      return (LkCaptureKind) k;
  return LK_CAPTURE_ANCHOR;
}

static void
update_actions (LkEnrolPage *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  gboolean person = lk_enrol_page_get_person (self) != NULL;
  gboolean bursting = lk_enrol_page_is_bursting (self);
  gboolean free = self->ready && !bursting && !self->guiding;

  for (int k = 0; k < LK_N_CAPTURE_KINDS; k++)
    gtk_widget_action_set_enabled (widget, kinds[k].action, person && free);
  gtk_widget_action_set_enabled (widget, "enrol.guide", free);
  gtk_widget_action_set_enabled (widget, "enrol.add-sitting", person && free);
  gtk_widget_action_set_enabled (widget, "enrol.again", person && free);
  gtk_widget_action_set_enabled (widget, "enrol.stop", bursting);
  gtk_widget_action_set_enabled (widget, "enrol.delete-person", person && !bursting);
  gtk_widget_set_sensitive (GTK_WIDGET (self->chooser), !bursting);
}

static void
update_kinds (LkEnrolPage *self)
{
  LkCaptureKind shown = get_shown_kind (self);
  guint n_selected = lk_gallery_get_n_selected (self->lists[shown]);
  gboolean narrow = lk_split_get_narrow (self->split);
  g_autofree char *selected = NULL;

  for (int k = 0; k < LK_N_CAPTURE_KINDS; k++)
    {
      guint n = lk_gallery_get_n_captures (self->lists[k]);
      g_autofree char *text = n > 0 ? g_strdup_printf ("%s %u", _(kinds[k].label), n)
                                                       : g_strdup (_(kinds[k].label));

      lk_label_set (self->labels[k], text);
      gtk_accessible_update_property (GTK_ACCESSIBLE (self->toggles[k]),
                                      GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
    }
  gtk_stack_set_visible_child_name (self->galleries, kinds[shown].stack_name);
  lk_label_set (self->hint_label, _(kinds[shown].hint));
  /* Where there is no room, the menu has it. */
  lk_person_chooser_offer_sitting (self->chooser, self->n_sittings == 1 && !narrow);
  /* An empty gallery says it itself. */
  gtk_widget_set_visible (GTK_WIDGET (self->hint_label),
                          !narrow && lk_gallery_get_n_captures (self->lists[shown]) > 0);
  selected = g_strdup_printf (ngettext ("%u selected", "%u selected", n_selected), n_selected);
  if (n_selected > 0)
    gtk_label_set_text (self->selection_label, selected);
  gtk_revealer_set_reveal_child (self->selection_revealer, n_selected > 0);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "enrol.delete-selected", n_selected > 0);
}

static void
show_burst (LkEnrolPage *self, int n_taken)
{
  int n = gtk_spin_button_get_value_as_int (self->count_spin);
  g_autofree char *text = g_strdup_printf (_("%d of %d"), n_taken, n);

  gtk_progress_bar_set_fraction (self->burst_bar, (double) n_taken / MAX (1, n));
  gtk_progress_bar_set_text (self->burst_bar, text);
}

static void
on_burst_countdown (int left, gpointer data)
{
  lk_camera_view_set_countdown (LK_ENROL_PAGE (data)->view, left);
}

static void
on_burst_take (int number, gpointer data)
{
  LkEnrolPage *self = data;

  show_burst (self, number);
  g_signal_emit (self, signals[CAPTURE], 0, (int) self->kind);
}

static void
on_burst_end (gpointer data)
{
  LkEnrolPage *self = data;

  lk_camera_view_set_countdown (self->view, 0);
  gtk_stack_set_visible_child_name (self->capture_stack, "buttons");
  update_actions (self);
}

static void
begin_burst (LkEnrolPage *self, LkCaptureKind kind)
{
  self->kind = kind;
  gtk_stack_set_visible_child_name (self->capture_stack, "burst");
  show_burst (self, 0);
  lk_burst_start (self->clock, gtk_spin_button_get_value_as_int (self->count_spin),
                  (int) (gtk_spin_button_get_value (self->interval_spin) * 1000),
                  gtk_spin_button_get_value_as_int (self->countdown_spin));
  update_actions (self);
}

static void
capture (LkEnrolPage *self, LkCaptureKind kind)
{
  gtk_toggle_button_set_active (self->toggles[kind], TRUE);
  if (self->burst)
    begin_burst (self, kind);
  else
    g_signal_emit (self, signals[CAPTURE], 0, (int) kind);
}

static void
on_capture (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  for (int k = 0; k < LK_N_CAPTURE_KINDS; k++)
    if (g_str_equal (action_name, kinds[k].action))
      capture (LK_ENROL_PAGE (widget), (LkCaptureKind) k);
}

static void
on_stop (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  lk_burst_stop (LK_ENROL_PAGE (widget)->clock);
}

static void
on_person_chosen (LkEnrolPage *self, const char *name)
{
  update_actions (self);
  g_signal_emit (self, signals[PERSON_CHOSEN], 0, name);
}

/* Led through an enrolment: somebody new, or the one chosen, anew or once more. */
static void
on_guide (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  gboolean is_new = g_str_equal (action_name, "enrol.guide");

  g_signal_emit (widget, signals[GUIDE], 0,
                 is_new ? NULL : lk_enrol_page_get_person (LK_ENROL_PAGE (widget)),
                 g_str_equal (action_name, "enrol.again"));
}

static void
on_new_person (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  lk_person_chooser_ask_name (LK_ENROL_PAGE (widget)->chooser);
}

static void
on_delete_person (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  LkEnrolPage *self = LK_ENROL_PAGE (widget);
  g_autofree char *name = NULL;

  if (!lk_person_chooser_drop_new (self->chooser))
    {
      name = g_strdup (lk_enrol_page_get_person (self));
      g_signal_emit (self, signals[DELETE_PERSON], 0, name);
      return;
    }
  /* It was a name only.  Back to who is chosen now, if anybody. */
  name = g_strdup (lk_enrol_page_get_person (self));
  update_actions (self);
  if (name != NULL)
    g_signal_emit (self, signals[PERSON_CHOSEN], 0, name);
}

static void
on_delete_selected (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  LkEnrolPage *self = LK_ENROL_PAGE (widget);

  gtk_widget_activate_action (GTK_WIDGET (self->lists[get_shown_kind (self)]), "gallery.delete",
                              NULL);
}

static void
on_gallery_delete (LkGallery *gallery, GPtrArray *captures, LkEnrolPage *self)
{
  g_signal_emit (self, signals[DELETE_CAPTURES], 0, captures);
}

/* Whatever goes on ends. */
static void
on_escape (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  LkEnrolPage *self = LK_ENROL_PAGE (widget);

  lk_burst_stop (self->clock);
  if (self->guiding)
    gtk_widget_activate_action (GTK_WIDGET (self->guide), "guide.cancel", NULL);
}

static void
lk_enrol_page_unmap (GtkWidget *widget)
{
  LkEnrolPage *self = LK_ENROL_PAGE (widget);

  if (self->clock != NULL)
    lk_burst_stop (self->clock); /* nobody looks into the camera any more */
  GTK_WIDGET_CLASS (lk_enrol_page_parent_class)->unmap (widget);
}

static void
lk_enrol_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_BURST)
    g_value_set_boolean (value, LK_ENROL_PAGE (object)->burst);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
lk_enrol_page_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_BURST)
    LK_ENROL_PAGE (object)->burst = g_value_get_boolean (value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
lk_enrol_page_dispose (GObject *object)
{
  LkEnrolPage *self = LK_ENROL_PAGE (object);

  g_clear_pointer (&self->clock, lk_burst_free);
  lk_reason_clear (&self->reason);
  if (self->lists[0] != NULL)
    for (int k = 0; k < LK_N_CAPTURE_KINDS; k++)
      g_signal_handlers_disconnect_by_data (self->lists[k], self);
  adw_bin_set_child (ADW_BIN (object), NULL); /* the template would free it behind the bin */
  gtk_widget_dispose_template (GTK_WIDGET (object), LK_TYPE_ENROL_PAGE);
  G_OBJECT_CLASS (lk_enrol_page_parent_class)->dispose (object);
}

/* "anchor_toggle" to toggles[LK_CAPTURE_ANCHOR], and so on. */
static void
bind_kind (GtkWidgetClass *widget_class, int kind, const char *what, gssize offset)
{
  g_autofree char *name = g_strdup_printf ("%s_%s", kinds[kind].stack_name, what);

  gtk_widget_class_bind_template_child_full (widget_class, name, FALSE,
                                             offset + kind * (gssize) sizeof (gpointer));
}

static void
lk_enrol_page_class_init (LkEnrolPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  GType type = G_TYPE_FROM_CLASS (klass);

  object_class->dispose = lk_enrol_page_dispose;
  object_class->get_property = lk_enrol_page_get_property;
  object_class->set_property = lk_enrol_page_set_property;
  widget_class->unmap = lk_enrol_page_unmap;

  props[PROP_BURST] = g_param_spec_boolean ("burst", NULL, NULL, FALSE,
                                            G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);

  signals[PERSON_CHOSEN] = g_signal_new ("person-chosen", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                         NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[CAPTURE] = g_signal_new ("capture", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                   G_TYPE_NONE, 1, G_TYPE_INT);
  signals[DELETE_CAPTURES] = g_signal_new ("delete-captures", type, G_SIGNAL_RUN_LAST, 0, NULL,
                                           NULL, NULL, G_TYPE_NONE, 1, G_TYPE_PTR_ARRAY);
  signals[DELETE_PERSON] = g_signal_new ("delete-person", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                         NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[GUIDE] = g_signal_new ("guide", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                 2, G_TYPE_STRING, G_TYPE_BOOLEAN);

  g_type_ensure (LK_TYPE_SPLIT);
  g_type_ensure (LK_TYPE_CAMERA_VIEW);
  g_type_ensure (LK_TYPE_GALLERY);
  g_type_ensure (LK_TYPE_PERSON_CHOOSER);
  g_type_ensure (LK_TYPE_GUIDE);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/likeness/Likeness/ui/lk-enrol-page.ui");
#define BIND(child) gtk_widget_class_bind_template_child (widget_class, LkEnrolPage, child)
  BIND (view);
  BIND (split);
  BIND (chooser);
  BIND (capture_stack);
  BIND (galleries);
  BIND (count_spin);
  BIND (interval_spin);
  BIND (countdown_spin);
  BIND (burst_bar);
  BIND (hint_label);
  BIND (selection_label);
  BIND (selection_revealer);
  BIND (guide);
  BIND (side);
  BIND (guide_button);
#undef BIND
  for (int k = 0; k < LK_N_CAPTURE_KINDS; k++)
    {
      bind_kind (widget_class, k, "toggle", G_STRUCT_OFFSET (LkEnrolPage, toggles));
      bind_kind (widget_class, k, "label", G_STRUCT_OFFSET (LkEnrolPage, labels));
      bind_kind (widget_class, k, "gallery", G_STRUCT_OFFSET (LkEnrolPage, lists));
      gtk_widget_class_install_action (widget_class, kinds[k].action, NULL, on_capture);
    }
  gtk_widget_class_install_action (widget_class, "enrol.stop", NULL, on_stop);
  gtk_widget_class_install_action (widget_class, "enrol.escape", NULL, on_escape);
  gtk_widget_class_install_action (widget_class, "enrol.guide", NULL, on_guide);
  gtk_widget_class_install_action (widget_class, "enrol.add-sitting", NULL, on_guide);
  gtk_widget_class_install_action (widget_class, "enrol.again", NULL, on_guide);
  gtk_widget_class_install_action (widget_class, "enrol.new-person", NULL, on_new_person);
  gtk_widget_class_install_action (widget_class, "enrol.delete-person", NULL, on_delete_person);
  gtk_widget_class_install_action (widget_class, "enrol.delete-selected", NULL, on_delete_selected);
  gtk_widget_class_install_property_action (widget_class, "enrol.burst", "burst");
}

static void
lk_enrol_page_init (LkEnrolPage *self)
{
  LkPageKey keys[LK_N_CAPTURE_KINDS + 2] = { { GDK_KEY_Escape, 0, "enrol.escape" },
                                             { GDK_KEY_n, GDK_CONTROL_MASK, "enrol.guide" } };

  self->clock = lk_burst_new (on_burst_countdown, on_burst_take, on_burst_end, self);
  gtk_widget_init_template (GTK_WIDGET (self));
  for (int k = 0; k < LK_N_CAPTURE_KINDS; k++)
    {
      keys[k + 2] = (LkPageKey){ kinds[k].key, 0, kinds[k].action };
      lk_gallery_set_empty (self->lists[k], _(kinds[k].empty), _(kinds[k].hint));
      g_signal_connect_swapped (self->toggles[k], "toggled", G_CALLBACK (update_kinds), self);
      g_signal_connect_swapped (self->lists[k], "notify::n-captures", G_CALLBACK (update_kinds),
                                self);
      g_signal_connect_swapped (self->lists[k], "notify::n-selected", G_CALLBACK (update_kinds),
                                self);
      g_signal_connect (self->lists[k], "delete", G_CALLBACK (on_gallery_delete), self);
    }
  lk_page_keys_add (GTK_WIDGET (self), keys, G_N_ELEMENTS (keys));
  g_signal_connect_swapped (self->chooser, "chosen", G_CALLBACK (on_person_chosen), self);
  g_signal_connect_swapped (self->split, "notify::narrow", G_CALLBACK (update_kinds), self);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Enrol"), -1);
  update_kinds (self);
  update_actions (self);
}

GtkWidget *
lk_enrol_page_new (void)
{
  return g_object_new (LK_TYPE_ENROL_PAGE, NULL);
}

LkCameraView *
lk_enrol_page_get_view (LkEnrolPage *self)
{
  g_return_val_if_fail (LK_IS_ENROL_PAGE (self), NULL);
  return self->view;
}

LkGuide *
lk_enrol_page_get_guide (LkEnrolPage *self)
{
  g_return_val_if_fail (LK_IS_ENROL_PAGE (self), NULL);
  return self->guide;
}

LkPersonChooser *
lk_enrol_page_get_chooser (LkEnrolPage *self)
{
  g_return_val_if_fail (LK_IS_ENROL_PAGE (self), NULL);
  return self->chooser;
}

void
lk_enrol_page_set_guiding (LkEnrolPage *self, gboolean guiding)
{
  g_return_if_fail (LK_IS_ENROL_PAGE (self));

  self->guiding = guiding;
  gtk_widget_set_visible (self->side, !guiding);
  gtk_widget_set_visible (GTK_WIDGET (self->guide), guiding);
  gtk_widget_set_visible (GTK_WIDGET (self->capture_stack), !guiding);
  lk_camera_view_set_advice (self->view, NULL);
  lk_camera_view_set_round (self->view, guiding);
  update_actions (self);
}

void
lk_enrol_page_set_people (LkEnrolPage *self, GPtrArray *people, const char *selected)
{
  g_return_if_fail (LK_IS_ENROL_PAGE (self));

  lk_person_chooser_set_people (self->chooser, people, selected);
  gtk_widget_set_visible (self->guide_button, people->len == 0); /* later the chooser's does */
  update_actions (self);
}

const char *
lk_enrol_page_get_person (LkEnrolPage *self)
{
  g_return_val_if_fail (LK_IS_ENROL_PAGE (self), NULL);
  return lk_person_chooser_get_person (self->chooser);
}

static int
count_sittings (GPtrArray *captures)
{
  g_autoptr (GHashTable) sittings = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < captures->len; i++)
    g_hash_table_add (sittings, ((LkCapture *) captures->pdata[i])->session);
  return (int) g_hash_table_size (sittings);
}

void
lk_enrol_page_set_captures (LkEnrolPage *self, LkCaptureKind kind, GPtrArray *captures)
{
  g_return_if_fail (LK_IS_ENROL_PAGE (self));
  g_return_if_fail (kind < LK_N_CAPTURE_KINDS);

  lk_gallery_set_captures (self->lists[kind], captures);
  if (kind == LK_CAPTURE_ANCHOR)
    self->n_sittings = count_sittings (captures);
  update_kinds (self);
}

void
lk_enrol_page_add_capture (LkEnrolPage *self, const LkCapture *added)
{
  g_return_if_fail (LK_IS_ENROL_PAGE (self));

  lk_gallery_add (self->lists[added->kind], added);
  lk_camera_view_flash (self->view);
}

void
lk_enrol_page_set_ready (LkEnrolPage *self, gboolean ready)
{
  g_return_if_fail (LK_IS_ENROL_PAGE (self));

  if (self->ready == !!ready)
    return;
  self->ready = !!ready;
  if (!ready)
    {
      lk_burst_stop (self->clock);
      lk_reason_clear (&self->reason);
      lk_camera_view_set_advice (self->view, NULL);
      lk_camera_view_set_face (self->view, NULL, NULL, 0, LK_MARK_NEUTRAL);
      lk_camera_view_set_crop (self->view, NULL);
    }
  update_actions (self);
}

void
lk_enrol_page_show_sighting (LkEnrolPage *self, const LkSighting *seen, const GError *advice)
{
  const char *sentence = NULL;

  g_return_if_fail (LK_IS_ENROL_PAGE (self));

  if (self->guiding) /* it has a sentence of its own */
    return;
  if (advice != NULL)
    sentence = advice->message;
  else if (seen->warning >= 0)
    sentence = lk_quality_get_info (seen->warning)->sentence;
  lk_burst_set_blocked (self->clock, advice != NULL);
  lk_camera_view_set_advice (self->view,
                             lk_reason_update (&self->reason, sentence, g_get_monotonic_time ()));
  lk_camera_view_set_face (
      self->view, seen->has_face ? &seen->face : NULL, seen->others, seen->n_others,
      advice != NULL && self->reason.shown != NULL ? LK_MARK_ADVICE : LK_MARK_NEUTRAL);
  lk_camera_view_set_crop (self->view, seen->crop);
}

void
lk_enrol_page_set_burst (LkEnrolPage *self, gboolean burst, int count, int interval_ms,
                         int countdown_s)
{
  g_return_if_fail (LK_IS_ENROL_PAGE (self));

  gtk_spin_button_set_value (self->count_spin, count);
  gtk_spin_button_set_value (self->interval_spin, interval_ms / 1e3);
  gtk_spin_button_set_value (self->countdown_spin, countdown_s);
  g_object_set (self, "burst", burst, NULL);
}

gboolean
lk_enrol_page_is_bursting (LkEnrolPage *self)
{
  g_return_val_if_fail (LK_IS_ENROL_PAGE (self), FALSE);
  return self->clock != NULL && lk_burst_is_running (self->clock);
}
