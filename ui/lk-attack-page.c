/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-attack-page"

#include "lk-attack-page.h"

#include "lk-label.h"
#include "lk-lock-over.h"
#include "lk-lock-words.h"
#include "lk-split.h"

#include <glib/gi18n.h>

struct _LkAttackPage
{
  AdwBin parent_instance;

  LkCameraView *view; /* template children: borrowed */
  GtkLabel *state_label, *detail_label, *about_label;
  GtkWidget *start_button, *stop_button, *tries_row;
  GtkAdjustment *tries_adjustment;
  AdwPreferencesGroup *shown_group;

  LkLockOver *over;
  GtkWidget *rows[LK_N_SHOWN], *checks[LK_N_SHOWN];
};

G_DEFINE_FINAL_TYPE (LkAttackPage, lk_attack_page, ADW_TYPE_BIN)

enum
{
  START,
  STOP,
  FORGET,
  BACK,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

/* The names of actions, too, behind "attacks." */
static const char *const signal_names[N_SIGNALS] = { "start", "stop", "forget", "back" };

/* clang-format builds stairs of tables with N_(). */
/* clang-format off */
static const char *const kind_names[LK_N_SHOWN] = {
  [LK_SHOWN_PERSON] = N_("Yourself"),
  [LK_SHOWN_PRINT] = N_("A Print"),
  [LK_SHOWN_SCREEN] = N_("A Picture on a Screen"),
  [LK_SHOWN_FILM] = N_("A Film on a Screen"),
};
/* clang-format on */

static void
on_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  g_signal_emit_by_name (widget, action + strlen ("attacks."));
}

static void
on_next_kind (GtkWidget *widget, const char *action, GVariant *parameter)
{
  LkAttackPage *self = LK_ATTACK_PAGE (widget);
  LkShown next = (lk_attack_page_get_shown (self) + 1) % LK_N_SHOWN;

  gtk_check_button_set_active (GTK_CHECK_BUTTON (self->checks[next]), TRUE);
}

static void
lk_attack_page_dispose (GObject *object)
{
  adw_bin_set_child (ADW_BIN (object), NULL); /* the template would free it behind the bin */
  gtk_widget_dispose_template (GTK_WIDGET (object), LK_TYPE_ATTACK_PAGE);
  G_OBJECT_CLASS (lk_attack_page_parent_class)->dispose (object);
}

static void
lk_attack_page_class_init (LkAttackPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lk_attack_page_dispose;
  g_type_ensure (LK_TYPE_CAMERA_VIEW);
  g_type_ensure (LK_TYPE_SPLIT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/likeness/Likeness/ui/lk-attack-page.ui");
  gtk_widget_class_bind_template_child (widget_class, LkAttackPage, view);
  gtk_widget_class_bind_template_child (widget_class, LkAttackPage, state_label);
  gtk_widget_class_bind_template_child (widget_class, LkAttackPage, detail_label);
  gtk_widget_class_bind_template_child (widget_class, LkAttackPage, about_label);
  gtk_widget_class_bind_template_child (widget_class, LkAttackPage, start_button);
  gtk_widget_class_bind_template_child (widget_class, LkAttackPage, stop_button);
  gtk_widget_class_bind_template_child (widget_class, LkAttackPage, tries_row);
  gtk_widget_class_bind_template_child (widget_class, LkAttackPage, shown_group);
  gtk_widget_class_bind_template_child (widget_class, LkAttackPage, tries_adjustment);
  gtk_widget_class_install_action (widget_class, "attacks.next-kind", NULL, on_next_kind);
  for (int i = 0; i < N_SIGNALS; i++)
    {
      g_autofree char *action = g_strconcat ("attacks.", signal_names[i], NULL);

      signals[i] = g_signal_new (signal_names[i], G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                 NULL, NULL, NULL, G_TYPE_NONE, 0);
      gtk_widget_class_install_action (widget_class, action, NULL, on_action);
    }
}

static void
lk_attack_page_init (LkAttackPage *self)
{
  LkShownRates none[LK_N_SHOWN];

  gtk_widget_init_template (GTK_WIDGET (self));
  self->over = LK_LOCK_OVER (lk_lock_over_new ());
  lk_camera_view_add_over (self->view, GTK_WIDGET (self->over));
  for (int i = 0; i < LK_N_SHOWN; i++)
    {
      GtkWidget *row = adw_action_row_new (), *check = gtk_check_button_new ();

      if (i > 0)
        gtk_check_button_set_group (GTK_CHECK_BUTTON (check), GTK_CHECK_BUTTON (self->checks[0]));
      gtk_widget_set_valign (check, GTK_ALIGN_CENTER);
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ (kind_names[i]));
      adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
      adw_action_row_add_prefix (ADW_ACTION_ROW (row), check);
      adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), check);
      adw_preferences_group_add (self->shown_group, row);
      self->rows[i] = row;
      self->checks[i] = check;
    }
  gtk_check_button_set_active (GTK_CHECK_BUTTON (self->checks[LK_SHOWN_PERSON]), TRUE);
  lk_presentations_count (NULL, 0, none);
  lk_attack_page_show_rates (self, none, NULL);
  lk_attack_page_show_ready (self, NULL);
}

GtkWidget *
lk_attack_page_new (void)
{
  return g_object_new (LK_TYPE_ATTACK_PAGE, NULL);
}

LkCameraView *
lk_attack_page_get_view (LkAttackPage *self)
{
  g_return_val_if_fail (LK_IS_ATTACK_PAGE (self), NULL);
  return self->view;
}

LkShown
lk_attack_page_get_shown (LkAttackPage *self)
{
  g_return_val_if_fail (LK_IS_ATTACK_PAGE (self), LK_SHOWN_PERSON);
  for (int i = 0; i < LK_N_SHOWN; i++)
    if (gtk_check_button_get_active (GTK_CHECK_BUTTON (self->checks[i])))
      return (LkShown) i;
  return LK_SHOWN_PERSON;
}

int
lk_attack_page_get_n_tries (LkAttackPage *self)
{
  g_return_val_if_fail (LK_IS_ATTACK_PAGE (self), 0);
  return (int) gtk_adjustment_get_value (self->tries_adjustment);
}

/* ---- tries ---- */

static void
say (LkAttackPage *self, const char *state, const char *detail)
{
  lk_label_set (self->state_label, state);
  if (g_strcmp0 (gtk_label_get_text (self->detail_label), detail) == 0)
    return; /* comes with every frame */
  lk_label_set (self->detail_label, detail);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->state_label),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, detail, -1);
}

static void
set_running (LkAttackPage *self, gboolean running, gboolean may_start)
{
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "attacks.start", !running && may_start);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "attacks.stop", running);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "attacks.next-kind", !running);
  gtk_widget_set_visible (self->start_button, !running);
  gtk_widget_set_visible (self->stop_button, running);
  gtk_widget_set_sensitive (self->tries_row, !running);
  for (int i = 0; i < LK_N_SHOWN; i++)
    gtk_widget_set_sensitive (self->checks[i], !running);
}

void
lk_attack_page_show_ready (LkAttackPage *self, const char *why_not)
{
  g_return_if_fail (LK_IS_ATTACK_PAGE (self));

  set_running (self, FALSE, why_not == NULL);
  lk_lock_over_show (self->over, NULL, FALSE);
  lk_camera_view_set_advice (self->view, NULL);
  say (self, why_not != NULL
       ? _ ("Not Yet")
       : _ ("Ready"), why_not != NULL
                          ? why_not
                          : _ ("Each try is made as if it were locked: first without a turn of the "
                            "head, then with. Nothing opens, and no attempt is written down."));
}

void
lk_attack_page_show_try (LkAttackPage *self, int i, int n, const LkLockStatus *status)
{
  g_autofree char *title = NULL, *detail = NULL, *state = NULL;

  g_return_if_fail (LK_IS_ATTACK_PAGE (self));

  title = lk_lock_words_title (status, NULL);
  detail = lk_lock_words_detail (status, 0);
  /* Translators: "3 of 10: Checking…" */
  state = g_strdup_printf (_ ("%d of %d: %s"), i, n, title);
  set_running (self, TRUE, FALSE);
  lk_lock_over_show (self->over, status, lk_camera_view_get_mirror (self->view));
  lk_camera_view_set_advice (self->view,
                             status->state == LK_LOCK_CHALLENGE ? status->sentence : NULL);
  say (self, state, detail);
}

void
lk_attack_page_show_end (LkAttackPage *self, int i, int n, const LkPresentation *what,
                         const char *why)
{
  g_autofree char *state = NULL, *detail = NULL;
  const char *title = what == NULL ? _ ("Not Counted")
                                   : what->opened
      ? _ ("Opened")
      : what->matched
      ? _ ("Opened without the Turn")
      : _ ("Not Opened");

  g_return_if_fail (LK_IS_ATTACK_PAGE (self));

  state = g_strdup_printf (_ ("%d of %d: %s"), i, n, title);
  detail = g_strjoin (" ", why != NULL            ? why
                                                  : _ ("Take it away."),
                                            i < n ? _ ("The next try begins in a moment.")
                                                  : _ ("That was the last."), NULL);
  lk_camera_view_set_advice (self->view, NULL);
  lk_lock_over_show (self->over, NULL, FALSE);
  say (self, state, detail);
}

/* ---- rates ---- */

/* The brackets stay in one line. */
static char *
tell (const LkShownRates *rates, gboolean is_attack, int on)
{
  int n = rates->n, wrong = rates->n_wrong[on];
  double value = 100 * rates->rate[on].value, low = 100 * rates->rate[on].low,
         high = 100 * rates->rate[on].high;
  g_autofree char *share = g_strdup_printf (
      is_attack ? _ ("%d of %d, APCER %.0f %% (%.0f to %.0f)")
                : _ ("%d of %d, BPCER %.0f %% (%.0f to %.0f)"), wrong, n, value, low, high);

  if (is_attack)
    return g_strdup_printf (on ? _ ("Opened with the turn: %s") : _ ("Opened without: %s"), share);
  return g_strdup_printf (on ? _ ("Refused with the turn: %s") : _ ("Refused without: %s"), share);
}

void
lk_attack_page_show_rates (LkAttackPage *self, const LkShownRates *rates, const char *model)
{
  g_autofree char *about = NULL, *worst = NULL;
  int worst_kind, n = 0;

  g_return_if_fail (LK_IS_ATTACK_PAGE (self));

  for (int i = 0; i < LK_N_SHOWN; i++)
    {
      g_autofree char *off = NULL, *on = NULL, *both = NULL;

      n += rates[i].n;
      off = tell (&rates[i], i != LK_SHOWN_PERSON, LK_LIVENESS_OFF);
      on = tell (&rates[i], i != LK_SHOWN_PERSON, LK_LIVENESS_ON);
      both = g_strjoin ("\n", on, off, NULL);
      adw_action_row_set_subtitle (ADW_ACTION_ROW (self->rows[i]),
                                   rates[i].n > 0 ? both : _ ("Not tried yet"));
    }
  worst_kind = lk_presentations_find_worst (rates, LK_LIVENESS_ON);
  if (worst_kind >= 0)
    worst = g_strdup_printf (_ ("An attacker chooses the worst: “%s”, %.0f %%."),
                                _ (kind_names[worst_kind]),
                                   100 * rates[worst_kind].rate[LK_LIVENESS_ON].value);
  adw_preferences_group_set_description (self->shown_group, worst);
  if (model != NULL)
    about = g_strdup_printf (_ ("With the network “%s”, and its threshold as it was then."), model);
  lk_label_set_format (
      self->about_label, "%s %s", about != NULL ? about : "",
      _ ("In brackets are intervals at 95 %. Kept is of each try what was shown, when, with which "
         "network and what came of it: no picture, no score, no name."));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "attacks.forget", n > 0);
}
