/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-ranking"

#include "lk-ranking.h"

#include "lk-label.h"
#include "lk-lock-words.h"
#include "lk-score-bar.h"

#include <glib/gi18n.h>
#include <math.h>

#define N_SHOWN 3

struct _LkRanking
{
  AdwBin parent_instance;

  GtkLabel *margin_label; /* borrowed */
  GtkWidget *rows[N_SHOWN];
  GtkLabel *names[N_SHOWN], *scores[N_SHOWN];
  LkScoreBar *bars[N_SHOWN];
};

G_DEFINE_FINAL_TYPE (LkRanking, lk_ranking, ADW_TYPE_BIN)

static GtkLabel *
add_label (GtkBox *box, const char *css_class)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  if (css_class != NULL)
    gtk_widget_add_css_class (label, css_class);
  gtk_box_append (box, label);
  return GTK_LABEL (label);
}

static void
add_row (LkRanking *self, GtkBox *box, int i)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  self->names[i] = add_label (GTK_BOX (line), i == 0 ? "heading" : NULL);
  gtk_label_set_ellipsize (self->names[i], PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (GTK_WIDGET (self->names[i]), TRUE);
  self->scores[i] = add_label (GTK_BOX (line), "numeric");
  gtk_box_append (GTK_BOX (row), line);
  self->bars[i] = LK_SCORE_BAR (lk_score_bar_new ());
  gtk_box_append (GTK_BOX (row), GTK_WIDGET (self->bars[i]));
  gtk_box_append (box, row);
  self->rows[i] = row;
}

static void
lk_ranking_class_init (LkRankingClass *klass)
{
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "ranking");
}

static void
lk_ranking_init (LkRanking *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkLabel *title = add_label (GTK_BOX (box), "heading");

  gtk_label_set_label (title, _("Among the Enrolled"));
  for (int i = 0; i < N_SHOWN; i++)
    add_row (self, GTK_BOX (box), i);
  self->margin_label = add_label (GTK_BOX (box), "caption");
  gtk_label_set_wrap (self->margin_label, TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->margin_label), "dim-label");
  gtk_widget_add_css_class (box, "card");
  gtk_widget_add_css_class (box, "lk-scores");
  adw_bin_set_child (ADW_BIN (self), box);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

GtkWidget *
lk_ranking_new (void)
{
  return g_object_new (LK_TYPE_RANKING, NULL);
}

/* The best, the next, and whoever of the others has the highest score. */
static int
find_third (const LkCheck *check)
{
  int third = -1;

  for (int i = 0; i < check->n_people; i++)
    if (i != check->best && i != check->second &&
        (third < 0 || check->people[i].score > check->people[third].score))
      third = i;
  return third;
}

static void
show_person (LkRanking *self, int i, const LkMatch *match, double threshold)
{
  double score = floor ((double) match->score * 100) / 100;

  lk_label_set (self->names[i], match->name);
  lk_label_set_format (self->scores[i], "%.2f", score);
  lk_score_bar_set_threshold (self->bars[i], threshold);
  lk_score_bar_set_score (self->bars[i], (double) match->score,
                          match->accepted ? LK_MARK_GOOD : LK_MARK_NEUTRAL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->bars[i]), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  match->name, -1);
}

void
lk_ranking_show_check (LkRanking *self, const LkCheck *check)
{
  int shown[N_SHOWN] = { -1, -1, -1 };
  g_autofree char *odds = NULL;

  g_return_if_fail (LK_IS_RANKING (self));

  gtk_widget_set_visible (GTK_WIDGET (self), check != NULL && check->second >= 0);
  if (check == NULL || check->second < 0)
    return;
  shown[0] = check->best;
  shown[1] = check->second;
  shown[2] = find_third (check);
  for (int i = 0; i < N_SHOWN; i++)
    {
      gtk_widget_set_visible (self->rows[i], shown[i] >= 0);
      if (shown[i] >= 0)
        show_person (self, i, &check->people[shown[i]], check->policy.detection);
    }
  odds = lk_lock_words_odds (check->margin);
  lk_label_set_format (self->margin_label, check->margin < LK_POLICY_MARGIN
                       ? _("%s as likely as the next: too close to tell")
                       : _("%s as likely as the next"), odds);
}
