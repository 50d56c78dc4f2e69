/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "cartoon.h"
#include "lk-curves.h"
#include "lk-evaluate-page.h"
#include "report-fake.h"
#include "widget-test.h"

#include <string.h>

static const LkModelInfo models[] = { { "likeness", "Shipped" }, { "one", NULL }, { "two", NULL } };

static LkEvaluatePage *
make_page (GtkWidget **window)
{
  GtkWidget *page = lk_evaluate_page_new ();

  *window = widget_test_host (page, 1000, 700);
  return LK_EVALUATE_PAGE (page);
}

static gboolean
can (LkEvaluatePage *page, const char *id)
{
  return gtk_widget_is_sensitive (widget_test_find (GTK_WIDGET (page), id));
}

static void
activate (LkEvaluatePage *page, const char *action)
{
  gtk_widget_activate_action (GTK_WIDGET (page), action, NULL);
}

static GtkCheckButton *
check_of (LkEvaluatePage *page, const char *id)
{
  return GTK_CHECK_BUTTON (widget_test_find (GTK_WIDGET (page), id));
}

/* It starts when there is a model and something to measure it on, and not before. */
static void
test_ready (void)
{
  GtkWidget *window;
  LkEvaluatePage *page = make_page (&window);
  g_auto (GStrv) chosen = NULL;
  g_autofree char *path = NULL, *root = NULL;
  int n_started = 0;

  g_signal_connect_swapped (page, "start", G_CALLBACK (widget_test_count), &n_started);
  g_assert_false (can (page, "start_button"));
  g_assert_cmpstr (widget_test_text (GTK_WIDGET (page), "detail_label"), ==, "Choose a model.");
  g_assert_true (gtk_widget_get_visible (widget_test_find (GTK_WIDGET (page), "no_models_row")));
  lk_evaluate_page_set_models (page, models, 3, "one");
  g_assert_false (gtk_widget_get_visible (widget_test_find (GTK_WIDGET (page), "no_models_row")));
  g_assert_false (can (page, "start_button")); /* nobody is enrolled */
  lk_evaluate_page_set_own (page, "Ada, 30 captures", TRUE);
  g_assert_true (can (page, "start_button"));
  chosen = lk_evaluate_page_get_models (page);
  g_assert_cmpuint (g_strv_length (chosen), ==, 1);
  g_assert_cmpstr (chosen[0], ==, "one");
  g_assert_cmpint (lk_evaluate_page_get_test (page, &path, &root), ==, LK_MEASURE_OWN);
  g_assert_null (path);

  gtk_check_button_set_active (check_of (page, "folder_check"), TRUE);
  g_assert_false (can (page, "start_button")); /* which? */
  lk_evaluate_page_set_test (page, LK_MEASURE_FOLDER, "/people", NULL);
  g_assert_true (can (page, "start_button"));
  g_assert_cmpint (lk_evaluate_page_get_test (page, &path, &root), ==, LK_MEASURE_FOLDER);
  g_assert_cmpstr (path, ==, "/people");
  g_free (path);

  g_assert_false (gtk_widget_get_visible (widget_test_find (GTK_WIDGET (page), "root_row")));
  lk_evaluate_page_set_test (page, LK_MEASURE_PAIRS, "/lfw/pairs.txt", NULL);
  g_assert_true (gtk_widget_get_visible (widget_test_find (GTK_WIDGET (page), "root_row")));
  g_assert_false (can (page, "start_button"));
  activate (page, "evaluate.start");
  g_assert_cmpint (n_started, ==, 0);
  lk_evaluate_page_set_test (page, LK_MEASURE_PAIRS, "/lfw/pairs.txt", "/lfw");
  g_assert_cmpint (lk_evaluate_page_get_test (page, &path, &root), ==, LK_MEASURE_PAIRS);
  g_assert_cmpstr (path, ==, "/lfw/pairs.txt");
  g_assert_cmpstr (root, ==, "/lfw");
  g_assert_true (can (page, "start_button"));
  activate (page, "evaluate.start");
  g_assert_cmpint (n_started, ==, 1);
  widget_test_close (window, GTK_WIDGET (page));
}

/* Another list of models keeps what was chosen; the baseline alone is something, too. */
static void
test_models (void)
{
  GtkWidget *window;
  LkEvaluatePage *page = make_page (&window);
  g_auto (GStrv) first = NULL, second = NULL;

  lk_evaluate_page_set_own (page, "Ada", TRUE);
  lk_evaluate_page_set_models (page, models, 3, "two");
  lk_evaluate_page_set_models (page, models + 1, 2, "one");
  first = lk_evaluate_page_get_models (page);
  g_assert_cmpstr (first[0], ==, "two");
  g_assert_null (first[1]);
  lk_evaluate_page_set_models (page, models, 1, NULL);
  second = lk_evaluate_page_get_models (page);
  g_assert_null (second[0]);
  g_assert_false (can (page, "start_button"));
  g_assert_false (lk_evaluate_page_get_baseline (page));
  gtk_check_button_set_active (check_of (page, "baseline_check"), TRUE);
  g_assert_true (lk_evaluate_page_get_baseline (page));
  g_assert_true (can (page, "start_button"));
  widget_test_assert_named (GTK_WIDGET (page));
  widget_test_close (window, GTK_WIDGET (page));
}

static void
test_run (void)
{
  GtkWidget *window;
  LkEvaluatePage *page = make_page (&window);
  GtkProgressBar *bar = GTK_PROGRESS_BAR (widget_test_find (GTK_WIDGET (page), "progress_bar"));
  FakeReport *fake = fake_report_new ();
  const GError error = { LK_ERROR, LK_ERROR_NO_DATA,
                         (char *) "None of the pictures could be used." };
  int n_cancelled = 0;

  g_signal_connect_swapped (page, "cancel", G_CALLBACK (widget_test_count), &n_cancelled);
  lk_evaluate_page_set_models (page, models, 3, "one");
  lk_evaluate_page_set_own (page, "Ada", TRUE);
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (bar)));
  activate (page, "evaluate.start");
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (bar)));
  g_assert_false (gtk_widget_get_visible (widget_test_find (GTK_WIDGET (page), "start_button")));
  g_assert_false (can (page, "settings_box"));
  lk_evaluate_page_show_progress (page, 30, 120);
  g_assert_cmpfloat (gtk_progress_bar_get_fraction (bar), ==, 0.25);
  g_assert_cmpstr (widget_test_text (GTK_WIDGET (page), "detail_label"), ==, "30 of 120 pictures");
  activate (page, "evaluate.cancel");
  g_assert_cmpint (n_cancelled, ==, 1);
  lk_evaluate_page_show_cancelled (page);
  g_assert_true (can (page, "start_button"));
  g_assert_true (can (page, "settings_box"));
  g_assert_false (gtk_widget_get_visible (widget_test_find (GTK_WIDGET (page), "results_box")));

  activate (page, "evaluate.start");
  lk_evaluate_page_show_report (page, fake->report, NULL);
  g_assert_true (gtk_widget_get_visible (widget_test_find (GTK_WIDGET (page), "results_box")));
  g_assert_cmpstr (widget_test_text (GTK_WIDGET (page), "state_label"), ==, "pairs.txt");
  activate (page, "evaluate.start"); /* cancelled, the report is still there */
  lk_evaluate_page_show_cancelled (page);
  g_assert_true (gtk_widget_get_visible (widget_test_find (GTK_WIDGET (page), "results_box")));
  lk_evaluate_page_show_error (page, &error);
  g_assert_cmpstr (widget_test_text (GTK_WIDGET (page), "detail_label"), ==, error.message);
  g_assert_false (gtk_widget_get_visible (widget_test_find (GTK_WIDGET (page), "results_box")));
  fake_report_free (fake);
  widget_test_close (window, GTK_WIDGET (page));
}

static int
count_rows (GtkWidget *root, GType type)
{
  int n = G_TYPE_CHECK_INSTANCE_TYPE (root, type) ? 1 : 0;

  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    n += count_rows (child, type);
  return n;
}

/* What is shown of a report, and that nothing of it is kept. */
static void
test_report (void)
{
  GtkWidget *window;
  LkEvaluatePage *page = make_page (&window);
  FakeReport *fake = fake_report_new ();
  GtkWidget *group = widget_test_find (GTK_WIDGET (page), "rows_group");
  GtkWidget *failures = widget_test_find (GTK_WIDGET (page), "failures_row");
  g_autoptr (GPtrArray) pairs = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
  g_autofree char *summary = lk_model_row_summarise (fake->report, fake->report->models->pdata[0]);
  g_autofree char *second = lk_model_row_summarise (fake->report, fake->report->models->pdata[1]);
  g_autofree char *third = lk_model_row_summarise (fake->report, fake->report->models->pdata[2]);
  g_autofree char *told = NULL;

  for (int m = 0; m < 3; m++)
    {
      GPtrArray *shown = g_ptr_array_new_with_free_func ((GDestroyNotify) lk_shown_pair_free);
      g_autoptr (LkImage) a = cartoon_new (100, 100, 1, 1), b = cartoon_new (100, 100, 2, 2);

      g_ptr_array_add (shown, lk_shown_pair_new (a, b, "0.9731: two people"));
      g_ptr_array_add (pairs, shown);
    }
  lk_evaluate_page_show_report (page, fake->report, pairs);
  g_assert_cmpint (count_rows (group, ADW_TYPE_EXPANDER_ROW), ==, 3);
  g_assert_cmpint (count_rows (group, GTK_TYPE_PICTURE), ==, 6);
  g_assert_nonnull (strstr (summary, "Accuracy"));
  g_assert_nonnull (strstr (summary, "TAR at FAR 1e-2"));
  g_assert_null (strstr (summary, "1e-3")); /* 2000 impostors do not support it */
  told = g_strdup_printf (
      "likeness: %s; siamese-2026-03-01-1830: %s; siamese-bn-2026-03-02-0900: %s", summary, second,
      third);
  gtk_test_accessible_assert_property (widget_test_find (GTK_WIDGET (page), "roc"),
                                       GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, told);
  g_assert_nonnull (
      strstr (adw_expander_row_get_subtitle (ADW_EXPANDER_ROW (failures)), "1 of 200 pictures"));
  widget_test_assert_named (GTK_WIDGET (page));

  lk_evaluate_page_show_report (page, fake->report, NULL); /* again, without pictures */
  g_assert_cmpint (count_rows (group, ADW_TYPE_EXPANDER_ROW), ==, 3);
  g_assert_cmpint (count_rows (group, GTK_TYPE_PICTURE), ==, 0);
  fake_report_free (fake);
  fake_report_open_rows (GTK_WIDGET (page));
  gtk_test_widget_wait_for_draw (GTK_WIDGET (page));
  widget_test_close (window, GTK_WIDGET (page));
}

static int
count_colour (GtkWidget *widget)
{
  int width, height, n = 0;
  g_autofree guint8 *pixels = widget_test_draw (widget, &width, &height);

  for (int i = 0; i < width * height; i++)
    n += ABS (pixels[4 * i] - pixels[4 * i + 2]) > 60;
  return n;
}

static void
test_curves (void)
{
  GtkWidget *curves = lk_curves_new (), *window = widget_test_host (curves, 360, 360);
  LkCurves *self = LK_CURVES (curves);
  const LkCurvesTick ticks[] = { { 0, "0" }, { 1, "1" } };
  const double points[][2] = { { 0, 0 }, { 0, 1 }, { 1, 1 } },
               outside[][2] = { { -5, 9 }, { 7, 9 } };

  lk_curves_set_axes (self, "ROC", "x", "y", ticks, 2);
  gtk_test_accessible_assert_property (curves, GTK_ACCESSIBLE_PROPERTY_LABEL, "ROC");
  gtk_test_accessible_assert_property (curves, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                       "No curves yet");
  g_assert_cmpint (count_colour (curves), ==, 0);
  lk_curves_add (self, "one", "EER 2.0", 0, points, 3);
  gtk_test_accessible_assert_property (curves, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, "one: EER 2.0");
  g_assert_cmpint (count_colour (curves), >, 700); /* two sides of some 300 x 2 */
  lk_curves_clear (self);
  g_assert_cmpint (count_colour (curves), ==, 0);
  lk_curves_add (self, "far", "", 0, outside, 2);
  g_assert_cmpint (count_colour (curves), >, 300); /* on the edge */
  lk_curves_add (self, "none", "", 1, NULL, 0);
  count_colour (curves);
  widget_test_close (window, curves);
}

int
main (int argc, char *argv[])
{
  widget_test_init (&argc, &argv);
  g_test_add_func ("/evaluate-page/ready", test_ready);
  g_test_add_func ("/evaluate-page/models", test_models);
  g_test_add_func ("/evaluate-page/run", test_run);
  g_test_add_func ("/evaluate-page/report", test_report);
  g_test_add_func ("/evaluate-page/curves", test_curves);
  return g_test_run ();
}
