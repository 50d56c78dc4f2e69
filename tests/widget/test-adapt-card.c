/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "lk-adapt-card.h"
#include "widget-test.h"

typedef struct
{
  int n;
  char *person;
} Heard;

static void
on_person (LkAdaptCard *card, const char *person, Heard *heard)
{
  heard->n++;
  g_free (heard->person);
  heard->person = g_strdup (person);
}

static LkAdaptation
make (int before, int after, gboolean better, LkOwnScores *scores)
{
  return (LkAdaptation){ .better = better,
                         .n_looks = 15,
                         .n_strangers = 768,
                         .refused = { before, after },
                         .passed = { 2, 1 },
                         .before = scores };
}

static void
test_words (void)
{
  g_autoptr (LkOwnScores) days = lk_own_scores_new (NULL, 0, NULL, 0, TRUE);
  g_autoptr (LkOwnScores) one = lk_own_scores_new (NULL, 0, NULL, 0, FALSE);
  LkAdaptation better = make (7, 3, TRUE, days), worse = make (7, 7, FALSE, one);
  LkAdaptation nothing = make (0, 0, FALSE, days);
  g_autofree char *kept = lk_adapt_card_describe (&better, "Anna");
  g_autofree char *left = lk_adapt_card_describe (&worse, "Anna");
  g_autofree char *good = lk_adapt_card_describe (&nothing, "Anna");

  g_assert_cmpstr (
      kept, ==,
      "It helps, and is in use. Tried on 15 looks of Anna and 768 strangers that it had not learnt "
      "from. Looks refused where at most 1 stranger in 1,000 passes: 7 before, 3 after. Strangers "
      "who "
      "pass at your threshold: 2 before, 1 after.");
  g_assert_true (g_str_has_prefix (left, "It does not help: the network is as it was."));
  g_assert_true (g_str_has_suffix (left, "another day may turn out otherwise."));
  g_assert_true (g_str_has_prefix (good, "There is nothing to gain"));
}

static void
test_course (void)
{
  const char *const names[] = { "Anna", "Bob", NULL }, *const fewer[] = { "Bob", NULL };
  const char *const nobody[] = { NULL };
  GtkWidget *root = lk_adapt_card_new (), *window = widget_test_host (root, 360, 400);
  LkAdaptCard *self = LK_ADAPT_CARD (root);
  GtkWidget *adapt = widget_test_find (root, "adapt_button");
  GtkWidget *forget = widget_test_find (root, "forget_button");
  g_autoptr (LkOwnScores) days = lk_own_scores_new (NULL, 0, NULL, 0, TRUE);
  g_autoptr (GError) error = g_error_new_literal (LK_ERROR, LK_ERROR_NO_DATA, "Too few.");
  LkAdaptation result = make (7, 3, TRUE, days);
  Heard adapts = { 0 }, forgets = { 0 }, chosen = { 0 };

  g_signal_connect (self, "adapt", G_CALLBACK (on_person), &adapts);
  g_signal_connect (self, "forget", G_CALLBACK (on_person), &forgets);
  g_signal_connect (self, "person-chosen", G_CALLBACK (on_person), &chosen);
  g_assert_false (gtk_widget_get_visible (root)); /* for nobody */
  lk_adapt_card_set_people (self, names);
  g_assert_true (gtk_widget_get_visible (root));
  g_assert_cmpint (chosen.n, ==, 0);

  adw_combo_row_set_selected (ADW_COMBO_ROW (widget_test_find (root, "person_row")), 1);
  g_assert_cmpstr (chosen.person, ==, "Bob");
  lk_adapt_card_set_people (self, fewer); /* the one who was chosen stays so */
  g_assert_cmpstr (lk_adapt_card_get_person (self), ==, "Bob");
  g_assert_cmpint (chosen.n, ==, 1);

  gtk_widget_activate_action (root, "adapt.start", NULL);
  g_assert_cmpstr (adapts.person, ==, "Bob");
  lk_adapt_card_begin (self);
  g_assert_false (gtk_widget_is_sensitive (adapt)); /* one at a time */
  g_assert_true (gtk_widget_get_visible (widget_test_find (root, "spinner")));
  lk_adapt_card_show_result (self, &result, "Bob");
  g_assert_true (gtk_widget_is_sensitive (adapt));
  g_assert_false (gtk_widget_get_visible (widget_test_find (root, "spinner")));
  g_assert_nonnull (strstr (widget_test_text (root, "result_label"), "passes: 7 before, 3 after"));

  g_assert_false (gtk_widget_get_visible (forget));
  lk_adapt_card_set_kept (self, TRUE);
  g_assert_true (gtk_widget_get_visible (forget));
  widget_test_assert_named (root);
  gtk_widget_activate_action (root, "adapt.forget", NULL);
  g_assert_cmpstr (forgets.person, ==, "Bob");

  lk_adapt_card_begin (self);
  lk_adapt_card_show_error (self, error);
  g_assert_cmpstr (widget_test_text (root, "result_label"), ==, "Too few.");
  g_assert_true (gtk_widget_is_sensitive (adapt));
  lk_adapt_card_set_people (self, nobody);
  g_assert_false (gtk_widget_get_visible (root));
  g_assert_null (lk_adapt_card_get_person (self));
  widget_test_close (window, root);
  g_free (adapts.person);
  g_free (forgets.person);
  g_free (chosen.person);
}

int
main (int argc, char *argv[])
{
  widget_test_init (&argc, &argv);
  g_test_add_func ("/adapt-card/words", test_words);
  g_test_add_func ("/adapt-card/course", test_course);
  return g_test_run ();
}
