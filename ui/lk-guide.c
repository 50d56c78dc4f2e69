/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-guide"

#include "lk-guide.h"

#include "lk-crop-strip.h"
#include "lk-label.h"
#include "store/lk-store.h"

#include <glib/gi18n.h>

typedef enum
{
  PAGE_LEAD,
  PAGE_CHOOSING,
  PAGE_QUESTION,
  PAGE_FAILURE,
  PAGE_NAME,
  N_PAGES
} Page;

static const char *const page_ids[N_PAGES] = { "lead_box", "choosing_box", "question_box",
                                               "failure_box", "name_box" };

struct _LkGuide
{
  AdwBin parent_instance;

  /* One of them is shown.  A stack would be as high as the highest, or as wide as a line. */
  GtkWidget *boxes[N_PAGES]; /* template children: borrowed, as all below */
  GtkLabel *sentence_label, *step_label, *question_label, *failure_label, *faces_label;
  GtkWidget *skip_button, *add_button, *go_on_button, *save_button, *again_button;
  GtkSpinner *spinner;
  GtkEditable *whose_row;
  GtkLabel *taken_label;
  GtkRevealer *taken_revealer;
  LkCropStrip *strip;

  GStrv taken; /* (owned) (nullable) */
};

G_DEFINE_FINAL_TYPE (LkGuide, lk_guide, ADW_TYPE_BIN)

enum
{
  SKIP,
  CANCEL,
  AGAIN,
  GO_ON,
  ADD,
  SAVE,
  N_SIGNALS
};
static guint signals[N_SIGNALS];
static const char *const names[] = { "skip", "cancel", "again", "go-on", "add", "save" };

static void
on_action (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  const char *name = action_name + strlen ("guide.");

  for (int i = 0; i < SAVE; i++)
    if (g_str_equal (name, names[i]))
      g_signal_emit (widget, signals[i], 0);
}

/* (transfer full): what is in the entry, without blanks around it */
static char *
get_name (LkGuide *self)
{
  return g_strstrip (g_strdup (gtk_editable_get_text (self->whose_row)));
}

static void
on_save (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  g_autofree char *name = get_name (LK_GUIDE (widget));

  if (*name != '\0')
    g_signal_emit (widget, signals[SAVE], 0, name);
}

static void
on_name_changed (LkGuide *self)
{
  g_autofree char *name = get_name (self), *words = NULL;
  gboolean is_taken = self->taken != NULL &&
                      g_strv_contains ((const char *const *) self->taken, name);

  gtk_widget_action_set_enabled (GTK_WIDGET (self), "guide.save", *name != '\0');
  if (is_taken)
    {
      words = g_strdup_printf (_("“%s” is there already: these pictures are added."), name);
      lk_label_set (self->taken_label, words);
    }
  gtk_revealer_set_reveal_child (self->taken_revealer, is_taken);
}

static void
on_name_entered (LkGuide *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "guide.save", NULL);
}

static void
show_page (LkGuide *self, Page page)
{
  for (int i = 0; i < N_PAGES; i++)
    gtk_widget_set_visible (self->boxes[i], i == (int) page);
  gtk_spinner_set_spinning (self->spinner, page == PAGE_CHOOSING);
}

static void
lk_guide_dispose (GObject *object)
{
  LkGuide *self = LK_GUIDE (object);

  if (self->whose_row != NULL)
    g_signal_handlers_disconnect_by_data (self->whose_row, self);
  adw_bin_set_child (ADW_BIN (object), NULL); /* the template would free it behind the bin */
  gtk_widget_dispose_template (GTK_WIDGET (object), LK_TYPE_GUIDE);
  g_clear_pointer (&self->taken, g_strfreev);
  G_OBJECT_CLASS (lk_guide_parent_class)->dispose (object);
}

static void
lk_guide_class_init (LkGuideClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  GType type = G_TYPE_FROM_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lk_guide_dispose;
  for (int i = 0; i < SAVE; i++)
    signals[i] = g_signal_new (names[i], type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                               0);
  signals[SAVE] = g_signal_new (names[SAVE], type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 1, G_TYPE_STRING);

  g_type_ensure (LK_TYPE_CROP_STRIP);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/likeness/Likeness/ui/lk-guide.ui");
#define BIND(child) gtk_widget_class_bind_template_child (widget_class, LkGuide, child)
  BIND (sentence_label);
  BIND (step_label);
  BIND (question_label);
  BIND (failure_label);
  BIND (faces_label);
  BIND (skip_button);
  BIND (add_button);
  BIND (go_on_button);
  BIND (save_button);
  BIND (again_button);
  BIND (spinner);
  BIND (whose_row);
  BIND (taken_label);
  BIND (taken_revealer);
  BIND (strip);
#undef BIND
  for (int i = 0; i < N_PAGES; i++)
    gtk_widget_class_bind_template_child_full (widget_class, page_ids[i], FALSE,
                                               G_STRUCT_OFFSET (LkGuide, boxes) +
                                                   i * (gssize) sizeof (gpointer));
  gtk_widget_class_install_action (widget_class, "guide.skip", NULL, on_action);
  gtk_widget_class_install_action (widget_class, "guide.cancel", NULL, on_action);
  gtk_widget_class_install_action (widget_class, "guide.again", NULL, on_action);
  gtk_widget_class_install_action (widget_class, "guide.go-on", NULL, on_action);
  gtk_widget_class_install_action (widget_class, "guide.add", NULL, on_action);
  gtk_widget_class_install_action (widget_class, "guide.save", NULL, on_save);
}

static void
lk_guide_init (LkGuide *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_swapped (self->whose_row, "changed", G_CALLBACK (on_name_changed), self);
  g_signal_connect_swapped (self->whose_row, "entry-activated", G_CALLBACK (on_name_entered), self);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Enrolment"), -1);
  lk_crop_strip_set_noun (self->strip, _("Chosen picture"));
  on_name_changed (self);
}

GtkWidget *
lk_guide_new (void)
{
  return g_object_new (LK_TYPE_GUIDE, NULL);
}

void
lk_guide_show (LkGuide *self, const LkEnrolment *enrolment, const char *sentence)
{
  LkEnrolStage stage = lk_enrolment_get_stage (enrolment);

  g_return_if_fail (LK_IS_GUIDE (self));

  if (*sentence == '\0')
    {
      show_page (self, PAGE_CHOOSING);
      return;
    }
  lk_label_set (self->sentence_label, sentence);
  lk_label_set_format (self->step_label, _("Step %d of %d"),
                                            MIN ((int) stage, LK_N_ENROL_STAGES - 1) + 1,
                                            LK_N_ENROL_STAGES);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "guide.skip", stage != LK_ENROL_STRAIGHT);
  show_page (self, PAGE_LEAD);
}

void
lk_guide_ask (LkGuide *self, const char *name)
{
  g_autofree char *add = g_strdup_printf (_("Add to “%s”"), name);

  g_return_if_fail (LK_IS_GUIDE (self));

  lk_label_set_format (self->question_label, _("This face is enrolled as “%s” already."), name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->add_button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  add, -1);
  show_page (self, PAGE_QUESTION);
  gtk_widget_grab_focus (self->add_button);
}

void
lk_guide_ask_name (LkGuide *self, GPtrArray *faces, GPtrArray *taken)
{
  g_autoptr (GStrvBuilder) people = g_strv_builder_new ();
  g_autoptr (GPtrArray) shown = g_ptr_array_new ();

  g_return_if_fail (LK_IS_GUIDE (self));

  for (guint i = 0; taken != NULL && i < taken->len; i++)
    g_strv_builder_add (people, ((LkPerson *) taken->pdata[i])->name);
  g_strfreev (self->taken);
  self->taken = g_strv_builder_end (people);
  /* The first are the best of each stage. */
  for (guint i = 0; i < MIN (faces->len, LK_N_ENROL_STAGES); i++)
    g_ptr_array_add (shown, faces->pdata[i]);
  lk_crop_strip_set_crops (self->strip, shown);
  lk_label_set_format (self->faces_label,
                       ngettext ("%u picture was chosen. Whose is it?",
                                 "%u pictures were chosen. Whose are they?", faces->len),
                       faces->len);
  gtk_editable_set_text (self->whose_row, "");
  on_name_changed (self);
  show_page (self, PAGE_NAME);
  gtk_widget_grab_focus (GTK_WIDGET (self->whose_row));
}

void
lk_guide_show_failure (LkGuide *self, const char *sentence)
{
  g_return_if_fail (LK_IS_GUIDE (self));

  lk_label_set (self->failure_label, sentence);
  show_page (self, PAGE_FAILURE);
  gtk_widget_grab_focus (self->again_button);
}
