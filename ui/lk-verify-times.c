/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-verify-times"

#include "lk-verify-times.h"

#include "lk-label.h"

#include <glib/gi18n.h>

struct _LkVerifyTimes
{
  AdwExpanderRow parent_instance;

  AdwActionRow *try_row; /* template children: borrowed */
  GtkLabel *try_label, *find_label, *embed_label, *match_label;
  GtkLabel *latency_label, *camera_label, *dropped_label;
};

G_DEFINE_FINAL_TYPE (LkVerifyTimes, lk_verify_times, ADW_TYPE_EXPANDER_ROW)

static void
lk_verify_times_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), LK_TYPE_VERIFY_TIMES);
  G_OBJECT_CLASS (lk_verify_times_parent_class)->dispose (object);
}

static void
lk_verify_times_class_init (LkVerifyTimesClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lk_verify_times_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/likeness/Likeness/ui/lk-verify-times.ui");
#define BIND(child) gtk_widget_class_bind_template_child (widget_class, LkVerifyTimes, child)
  BIND (try_row);
  BIND (try_label);
  BIND (find_label);
  BIND (embed_label);
  BIND (match_label);
  BIND (latency_label);
  BIND (camera_label);
  BIND (dropped_label);
#undef BIND
}

static void
lk_verify_times_init (LkVerifyTimes *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
lk_verify_times_show_check (LkVerifyTimes *self, const LkCheck *check)
{
  g_return_if_fail (LK_IS_VERIFY_TIMES (self));

  lk_label_set_format (self->find_label, _("%.1f ms"), (double) check->find_us / 1e3);
  lk_label_set_format (self->embed_label, _("%.1f ms"), (double) check->embed_us / 1e3);
  lk_label_set_format (self->match_label, _("%.2f ms"), (double) check->match_us / 1e3);
}

void
lk_verify_times_show_rate (LkVerifyTimes *self, double camera_fps, double check_fps,
                           guint64 n_dropped, gint64 latency_us)
{
  g_autofree char *text = NULL;

  g_return_if_fail (LK_IS_VERIFY_TIMES (self));

  text = g_strdup_printf (_("%.0f checks a second"), check_fps);
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (self), text);
  lk_label_set_format (self->latency_label, _("%.1f ms"), (double) latency_us / 1e3);
  lk_label_set_format (self->camera_label, _("%.1f frames a second"), camera_fps);
  lk_label_set_format (self->dropped_label, "%" G_GUINT64_FORMAT, n_dropped);
}

void
lk_verify_times_show_try (LkVerifyTimes *self, const LkLockStatus *status)
{
  /* In their order; those that did not come are left out. */
  static const struct
  {
    LkLockState state;
    const char *name;
  } stages[] = {
    { LK_LOCK_STARTING, N_("camera") },    { LK_LOCK_LOOKING, N_("looking") },
    { LK_LOCK_ADVICE, N_("advice") },      { LK_LOCK_CHECKING, N_("checking") },
    { LK_LOCK_CHALLENGE, N_("challenge") },
  };
  g_autoptr (GString) text = g_string_new (NULL);
  gint64 whole_us = 0;

  g_return_if_fail (LK_IS_VERIFY_TIMES (self));

  for (guint i = 0; i < G_N_ELEMENTS (stages); i++)
    {
      gint64 us = status->spent_us[stages[i].state];

      whole_us += us;
      if (us < G_USEC_PER_SEC / 20)
        continue;
      if (text->len > 0)
        g_string_append (text, ", ");
      g_string_append_printf (text, _("%s %.1f s"), _(stages[i].name),
                                                        (double) us / G_USEC_PER_SEC);
    }
  adw_action_row_set_subtitle (self->try_row, text->str);
  lk_label_set_format (self->try_label, _("%.1f s"), (double) whole_us / G_USEC_PER_SEC);
}
