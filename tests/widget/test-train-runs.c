/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "lk-plot.h"
#include "lk-train-page.h"
#include "report-fake.h"
#include "widget-test.h"

typedef struct
{
  gint64 opened, renamed, deleted, first, second;
  char *name;
  int n_backs, n_compares;
} Listened;

static void
on_open (LkTrainRuns *runs, gint64 id, Listened *heard)
{
  heard->opened = id;
}

static void
on_rename (LkTrainRuns *runs, gint64 id, const char *name, Listened *heard)
{
  heard->renamed = id;
  g_free (heard->name);
  heard->name = g_strdup (name);
}

static void
on_delete (LkTrainRuns *runs, gint64 id, Listened *heard)
{
  heard->deleted = id;
}

static void
on_compare (LkTrainRuns *runs, gint64 first, gint64 second, Listened *heard)
{
  heard->first = first;
  heard->second = second;
  heard->n_compares++;
}

static void
collect (GtkWidget *root, GType type, GPtrArray *found)
{
  if (G_TYPE_CHECK_INSTANCE_TYPE (root, type))
    g_ptr_array_add (found, root);
  for (GtkWidget *c = gtk_widget_get_first_child (root); c; c = gtk_widget_get_next_sibling (c))
    collect (c, type, found);
}

static GPtrArray *
find_all (GtkWidget *root, GType type)
{
  GPtrArray *found = g_ptr_array_new ();

  collect (root, type, found);
  return found;
}

static void
test_runs (void)
{
  Listened listened = { 0 };
  LkTrainPage *page = LK_TRAIN_PAGE (lk_train_page_new ());
  LkTrainRuns *runs = lk_train_page_get_runs (page);
  GtkWidget *widget = GTK_WIDGET (runs), *window = widget_test_host (GTK_WIDGET (page), 360, 700);
  const LkRunInfo infos[] = { { 7, (char *) "The <third> & last", (char *) "siamese, EER 9 %" },
                              { 5, (char *) "The second", (char *) "siamese, EER 12 %" },
                              { 2, (char *) "The first", (char *) "koch" } };
  const char *const names[] = { "The second", "The first" };
  const char *const rows[] = { "rate", "0.1", "0.2", NULL };
  g_autoptr (GArray) curve = g_array_new (FALSE, FALSE, sizeof (LkRunSpot));
  LkRunSpot spot = { 1, 0.5 };
  g_autoptr (GPtrArray) checks = NULL, plots = NULL, entries = NULL, trash = NULL, listed = NULL;
  int minimum;

  g_signal_connect (runs, "open", G_CALLBACK (on_open), &listened);
  g_signal_connect (runs, "rename", G_CALLBACK (on_rename), &listened);
  g_signal_connect (runs, "delete", G_CALLBACK (on_delete), &listened);
  g_signal_connect (runs, "compare", G_CALLBACK (on_compare), &listened);
  g_signal_connect_swapped (runs, "back", G_CALLBACK (widget_test_count), &listened.n_backs);
  lk_train_page_show (page, "runs");
  lk_train_runs_set_runs (runs, infos, 3);
  listed = find_all (widget, ADW_TYPE_ACTION_ROW);
  g_assert_cmpint (listed->len, ==, 3);
  adw_action_row_activate (listed->pdata[1]);
  g_assert_cmpint (listened.opened, ==, 5);

  checks = find_all (widget, GTK_TYPE_CHECK_BUTTON);
  gtk_check_button_set_active (checks->pdata[0], TRUE);
  g_assert_cmpint (listened.n_compares, ==, 0);
  gtk_check_button_set_active (checks->pdata[2], TRUE);
  g_assert_cmpint (listened.first, ==, 7);
  g_assert_cmpint (listened.second, ==, 2);
  gtk_check_button_set_active (checks->pdata[1], TRUE); /* the oldest choice makes room */
  g_assert_false (gtk_check_button_get_active (checks->pdata[0]));
  g_assert_cmpint (listened.first, ==, 2);
  g_assert_cmpint (listened.second, ==, 5);
  g_array_append_val (curve, spot);
  lk_train_runs_show_comparison (runs, names, (GArray *const[]){ curve, curve },
                                 (GArray *const[]){ curve, curve }, rows);
  plots = find_all (widget, LK_TYPE_PLOT);
  g_assert_cmpint (plots->len, ==, 2);
  g_assert_cmpint (lk_plot_get_n_points (plots->pdata[0], 1), ==, 1);
  widget_test_assert_named (widget);
  gtk_widget_measure (widget, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
  g_assert_cmpint (minimum, <=, 360);

  entries = find_all (widget, GTK_TYPE_ENTRY);
  g_assert_cmpint (entries->len, ==, 3);
  gtk_editable_set_text (entries->pdata[2], "  Another ");
  g_signal_emit_by_name (entries->pdata[2], "activate");
  g_assert_cmpint (listened.renamed, ==, 2);
  g_assert_cmpstr (listened.name, ==, "Another");
  gtk_editable_set_text (entries->pdata[1], "  "); /* no name is none */
  g_signal_emit_by_name (entries->pdata[1], "activate");
  g_assert_cmpint (listened.renamed, ==, 2);

  trash = find_all (listed->pdata[0], GTK_TYPE_BUTTON);
  g_signal_emit_by_name (trash->pdata[trash->len - 2], "clicked");
  g_assert_cmpint (listened.deleted, ==, 7);
  lk_train_runs_set_runs (runs, infos, 2); /* one of the two that were compared is gone */
  g_ptr_array_unref (plots);
  plots = find_all (widget, LK_TYPE_PLOT);
  g_assert_cmpint (plots->len, ==, 0);
  gtk_widget_activate_action (widget, "runs.back", NULL);
  g_assert_cmpint (listened.n_backs, ==, 1);
  g_free (listened.name);
  widget_test_close (window, GTK_WIDGET (page));
}

static void
test_report (void)
{
  LkTrainPage *page = LK_TRAIN_PAGE (lk_train_page_new ());
  LkTrainRun *run = lk_train_page_get_run (page);
  LkTrainResult *result = lk_train_run_get_result (run);
  GtkWidget *window = widget_test_host (GTK_WIDGET (page), 1000, 900);
  const LkTrainProgress p = { .state = LK_TRAIN_DONE, .step = 1, .steps = 1, .epochs = 1 };
  g_autoptr (GPtrArray) pairs = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
  g_autoptr (GPtrArray) rows = NULL;
  FakeReport *fake = fake_report_new ();
  GError error = { LK_ERROR, LK_ERROR_NO_DATA, (char *) "There are no pairs." };

  lk_train_page_show (page, "run");
  lk_train_run_begin (run, "siamese-1");
  lk_train_run_show_progress (run, &p);
  g_assert_false (gtk_widget_get_visible (widget_test_find (GTK_WIDGET (page), "curves_card")));
  lk_train_result_show_comparing (result, 3, 40);
  g_assert_true (gtk_widget_get_visible (widget_test_find (GTK_WIDGET (page), "comparing_card")));
  g_assert_nonnull (strstr (widget_test_text (GTK_WIDGET (page), "comparing_label"), "3 of 40"));
  for (guint i = 0; i < fake->report->models->len; i++)
    g_ptr_array_add (pairs, g_ptr_array_new ());
  lk_train_result_show_report (result, fake->report, pairs);
  fake_report_free (fake); /* nothing of it is kept */
  g_assert_false (gtk_widget_get_visible (widget_test_find (GTK_WIDGET (page), "comparing_card")));
  g_assert_true (gtk_widget_get_visible (widget_test_find (GTK_WIDGET (page), "curves_card")));
  rows = find_all (widget_test_find (GTK_WIDGET (page), "models_group"), ADW_TYPE_EXPANDER_ROW);
  g_assert_cmpint (rows->len, ==, pairs->len);
  for (guint i = 0; i < rows->len; i++)
    adw_expander_row_set_expanded (rows->pdata[i], TRUE);
  widget_test_assert_named (GTK_WIDGET (result));

  lk_train_result_show_no_report (result, &error);
  g_assert_cmpstr (widget_test_text (GTK_WIDGET (page), "comparing_label"), ==,
                   "There are no pairs.");
  g_assert_false (gtk_widget_get_visible (widget_test_find (GTK_WIDGET (page), "curves_card")));
  g_assert_false (gtk_widget_get_visible (widget_test_find (GTK_WIDGET (page), "models_group")));
  widget_test_close (window, GTK_WIDGET (page));
}

int
main (int argc, char *argv[])
{
  widget_test_init (&argc, &argv);
  g_test_add_func ("/train-runs/list", test_runs);
  g_test_add_func ("/train-runs/report", test_report);
  return g_test_run ();
}
