/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "lk-plot.h"
#include "lk-train-page.h"
#include "widget-test.h"

#include <math.h>

typedef struct
{
  int n_starts, n_pauses, n_resumes, n_stops, n_uses, n_recipes, n_data;
  char *recipe;
} Heard;

static void
on_recipe (LkTrainPage *page, const char *network, Heard *heard)
{
  heard->n_recipes++;
  g_free (heard->recipe);
  heard->recipe = g_strdup (network);
}

static void
on_data (LkTrainPage *page, GFile *folder, Heard *heard)
{
  g_assert_null (folder);
  heard->n_data++;
}

static LkTrainPage *
make_page (Heard *heard)
{
  LkTrainPage *page = LK_TRAIN_PAGE (lk_train_page_new ());

  g_signal_connect_swapped (page, "start", G_CALLBACK (widget_test_count), &heard->n_starts);
  g_signal_connect_swapped (page, "pause", G_CALLBACK (widget_test_count), &heard->n_pauses);
  g_signal_connect_swapped (page, "resume", G_CALLBACK (widget_test_count), &heard->n_resumes);
  g_signal_connect_swapped (page, "stop", G_CALLBACK (widget_test_count), &heard->n_stops);
  g_signal_connect_swapped (page, "use-model", G_CALLBACK (widget_test_count), &heard->n_uses);
  g_signal_connect (page, "recipe-wanted", G_CALLBACK (on_recipe), heard);
  g_signal_connect (page, "data-chosen", G_CALLBACK (on_data), heard);
  return page;
}

static void
close_page (GtkWidget *window, LkTrainPage *page, Heard *heard)
{
  widget_test_close (window, GTK_WIDGET (page));
  g_free (heard->recipe);
}

static void
make_ready (LkTrainPage *page)
{
  const LkNetworkInfo networks[] = { { "one", "The <first> & best", 38964545 },
                                     { "two", "The second", 812 } };

  lk_train_page_set_networks (page, networks, 2, "one");
  lk_train_page_set_data (page, NULL, "2 people.", TRUE);
}

static gboolean
is_enabled (LkTrainPage *page, const char *id)
{
  GtkWidget *button = widget_test_find (GTK_WIDGET (page), id);

  return gtk_widget_get_visible (button) && gtk_widget_is_sensitive (button);
}

static const char *
text (LkTrainPage *page, const char *id)
{
  return widget_test_text (GTK_WIDGET (page), id);
}

static void
test_options (void)
{
  Heard heard = { 0 };
  LkTrainPage *page = make_page (&heard);
  GtkWidget *window = widget_test_host (GTK_WIDGET (page), 1000, 700);
  const LkTrainOptions set = { .epochs = 7,
                               .steps_per_epoch = 11,
                               .batch_pairs = 32,
                               .rate = 5e-5,
                               .schedule = LK_SCHEDULE_EXPONENTIAL,
                               .clip_value = 1.0,
                               .checkpoint_epochs = 3,
                               .seed = 4294967295u,
                               .n_threads = 2,
                               .resume = TRUE };
  LkTrainOptions got;

  make_ready (page);
  lk_train_page_set_options (page, &set);
  lk_train_page_get_options (page, &got);
  g_assert_cmpstr (got.network, ==, "one");
  g_assert_null (got.data);
  g_assert_null (got.output);
  g_assert_cmpint (got.epochs, ==, 7);
  g_assert_cmpint (got.steps_per_epoch, ==, 11);
  g_assert_cmpint (got.batch_pairs, ==, 32);
  g_assert_cmpfloat_with_epsilon (got.rate, 5e-5, 1e-9);
  g_assert_cmpint (got.schedule, ==, LK_SCHEDULE_EXPONENTIAL);
  g_assert_cmpfloat (got.clip_value, ==, 1.0);
  g_assert_cmpint (got.checkpoint_epochs, ==, 3);
  g_assert_cmpuint (got.seed, ==, 4294967295u);
  g_assert_cmpint (got.n_threads, ==, 2);
  g_assert_false (got.resume); /* there is nothing to continue */
  lk_train_options_clear (&got);

  lk_train_page_set_can_resume (page, TRUE);
  lk_train_page_set_data (page, "/data/A & B", "4 people.", TRUE);
  lk_train_page_get_options (page, &got);
  g_assert_true (got.resume);
  g_assert_cmpstr (got.data, ==, "/data/A & B");
  lk_train_options_clear (&got);
  widget_test_assert_named (GTK_WIDGET (page));
  close_page (window, page, &heard);
}

static GtkCheckButton *
find_check (GtkWidget *root, const char *network)
{
  if (GTK_IS_CHECK_BUTTON (root) &&
      g_strcmp0 (g_object_get_data (G_OBJECT (root), "network"), network) == 0)
    return GTK_CHECK_BUTTON (root);
  for (GtkWidget *c = gtk_widget_get_first_child (root); c; c = gtk_widget_get_next_sibling (c))
    {
      GtkCheckButton *hit = find_check (c, network);

      if (hit != NULL)
        return hit;
    }
  return NULL;
}

static void
test_choices (void)
{
  Heard heard = { 0 };
  LkTrainPage *page = make_page (&heard);
  GtkWidget *widget = GTK_WIDGET (page), *window = widget_test_host (widget, 1000, 700);
  LkTrainOptions options;

  g_assert_false (is_enabled (page, "start_button")); /* nothing to train on, no network */
  make_ready (page);
  g_assert_cmpint (heard.n_recipes, ==, 0);
  g_assert_true (is_enabled (page, "start_button"));
  gtk_check_button_set_active (find_check (widget, "two"), TRUE);
  g_assert_cmpint (heard.n_recipes, ==, 1);
  g_assert_cmpstr (heard.recipe, ==, "two");
  lk_train_page_get_options (page, &options);
  g_assert_cmpstr (options.network, ==, "two");
  lk_train_options_clear (&options);
  gtk_widget_activate_action (widget, "train.reset-recipe", NULL);
  g_assert_cmpint (heard.n_recipes, ==, 2);

  lk_train_page_set_data (page, "/data", "Too few pictures.", FALSE);
  g_assert_false (is_enabled (page, "start_button"));
  g_assert_cmpstr (text (page, "data_label"), ==, "Too few pictures.");
  g_assert_true (
      gtk_check_button_get_active (GTK_CHECK_BUTTON (widget_test_find (widget, "folder_check"))));
  g_assert_cmpint (heard.n_data, ==, 0);
  gtk_check_button_set_active (GTK_CHECK_BUTTON (widget_test_find (widget, "own_check")), TRUE);
  g_assert_cmpint (heard.n_data, ==, 1);
  gtk_widget_activate_action (widget, "train.own-captures", NULL);
  g_assert_cmpint (heard.n_data, ==, 2);
  close_page (window, page, &heard);
}

static void
test_run (void)
{
  Heard heard = { 0 };
  LkTrainPage *page = make_page (&heard);
  GtkWidget *widget = GTK_WIDGET (page), *window = widget_test_host (widget, 1000, 900);
  LkPlot *loss = LK_PLOT (widget_test_find (widget, "loss_plot"));
  LkTrainProgress p = { .state = LK_TRAIN_LOADING, .epochs = 4, .steps = 40, .eta_s = NAN };
  GtkProgressBar *bar = GTK_PROGRESS_BAR (widget_test_find (widget, "progress_bar"));

  make_ready (page);
  g_assert_cmpstr (text (page, "state_label"), ==, "Ready to Train");
  g_signal_emit_by_name (widget_test_find (widget, "start_button"), "clicked");
  g_assert_cmpint (heard.n_starts, ==, 1);
  g_assert_false (is_enabled (page, "start_button"));
  g_assert_false (is_enabled (page, "pause_button")); /* nothing runs yet */
  g_assert_true (is_enabled (page, "stop_button"));
  g_assert_false (gtk_widget_is_sensitive (widget_test_find (widget, "settings_box")));
  gtk_widget_activate_action (widget, "train.start", NULL); /* not twice */
  g_assert_cmpint (heard.n_starts, ==, 1);

  lk_train_page_show_progress (page, &p);
  g_assert_cmpstr (text (page, "state_label"), ==, "Reading Pictures…");
  p = (LkTrainProgress){ .state = LK_TRAIN_RUNNING,
                         .epoch = 2,
                         .epochs = 4,
                         .step = 20,
                         .steps = 40,
                         .loss = 0.5,
                         .mean_loss = 0.61239,
                         .epoch_ended = TRUE,
                         .precision = 0.9,
                         .recall = NAN,
                         .validation_loss = 0.4,
                         .pairs_per_s = 12.34,
                         .eta_s = 3723,
                         .waited = 0.031 };
  lk_train_page_show_progress (page, &p);
  g_assert_cmpstr (text (page, "state_label"), ==, "Epoch 2 of 4");
  g_assert_cmpstr (text (page, "step_label"), ==, "20 of 40");
  g_assert_cmpstr (text (page, "loss_label"), ==, "0.6124");
  g_assert_cmpstr (text (page, "speed_label"), ==, "12.3");
  g_assert_cmpstr (text (page, "eta_label"), ==, "1 h 02 min");
  g_assert_cmpstr (text (page, "waited_label"), ==, "3 %");
  g_assert_cmpfloat (gtk_progress_bar_get_fraction (bar), ==, 0.5);
  for (int s = 0; s < 3; s++)
    g_assert_cmpint (lk_plot_get_n_points (loss, s), ==, 1);

  g_signal_emit_by_name (widget_test_find (widget, "pause_button"), "clicked");
  g_assert_cmpint (heard.n_pauses, ==, 1);
  g_assert_cmpstr (text (page, "pause_button"), ==, "Pause"); /* until the trainer says so */
  p.state = LK_TRAIN_PAUSED;
  p.epoch_ended = FALSE;
  lk_train_page_show_progress (page, &p);
  g_assert_cmpstr (text (page, "pause_button"), ==, "Resume");
  g_assert_cmpstr (text (page, "state_label"), ==, "Paused in Epoch 2 of 4");
  g_assert_cmpint (lk_plot_get_n_points (loss, 0), ==, 1); /* a pause is no point */
  g_assert_true (gtk_widget_activate_action (widget, "train.pause", NULL));
  g_assert_cmpint (heard.n_resumes, ==, 1);
  g_assert_cmpint (heard.n_pauses, ==, 1);

  g_signal_emit_by_name (widget_test_find (widget, "stop_button"), "clicked");
  g_assert_cmpint (heard.n_stops, ==, 1);
  p.state = LK_TRAIN_DONE;
  p.test = (LkTrainEvaluation){ .n_pairs = 20,
                                .loss = 0.3,
                                .threshold = 0.4,
                                .true_positives = 8,
                                .false_positives = 2,
                                .true_negatives = 7,
                                .false_negatives = 3 };
  lk_train_page_show_progress (page, &p);
  g_assert_cmpstr (text (page, "state_label"), ==, "Training Stopped");
  g_assert_cmpstr (text (page, "precision_label"), ==, "80 % (49–94)");
  g_assert_cmpstr (text (page, "recall_label"), ==, "73 % (43–90)");
  g_assert_cmpstr (text (page, "genuine_label"), ==, "8 of 11");
  g_assert_cmpstr (text (page, "impostor_label"), ==, "2 of 9");
  g_assert_true (gtk_widget_get_visible (widget_test_find (widget, "test_card")));
  g_assert_false (gtk_widget_get_visible (widget_test_find (widget, "histogram_box")));
  lk_train_page_show_histogram (page, p.test.genuine, p.test.impostor, LK_TRAIN_BINS, 0.4);
  g_assert_true (gtk_widget_get_visible (widget_test_find (widget, "histogram_box")));

  g_assert_true (is_enabled (page, "use_button"));
  g_signal_emit_by_name (widget_test_find (widget, "use_button"), "clicked");
  g_assert_cmpint (heard.n_uses, ==, 1);
  lk_train_page_set_model (page, "one-2", "4 epochs", TRUE);
  g_assert_false (is_enabled (page, "use_button"));
  g_assert_cmpstr (text (page, "use_button"), ==, "In Use");

  /* The next run begins with empty curves. */
  g_signal_emit_by_name (widget_test_find (widget, "start_button"), "clicked");
  g_assert_false (gtk_widget_get_visible (widget_test_find (widget, "test_card")));
  p = (LkTrainProgress){ .state = LK_TRAIN_LOADING, .epochs = 4, .steps = 40, .eta_s = NAN };
  lk_train_page_show_progress (page, &p);
  g_assert_cmpint (lk_plot_get_n_points (loss, 0), ==, 0);
  p = (LkTrainProgress){
    .state = LK_TRAIN_DONE, .step = 40, .epochs = 4, .steps = 40, .eta_s = NAN
  };
  lk_train_page_show_progress (page, &p);
  g_assert_cmpstr (text (page, "state_label"), ==, "Training Finished");
  g_assert_cmpstr (text (page, "precision_label"), ==, "–"); /* no test, no number */
  g_assert_nonnull (strstr (text (page, "test_label"), "not known"));
  close_page (window, page, &heard);
}

static void
test_error (void)
{
  Heard heard = { 0 };
  LkTrainPage *page = make_page (&heard);
  GtkWidget *widget = GTK_WIDGET (page), *window = widget_test_host (widget, 1000, 900);
  g_autoptr (GError)
      error = g_error_new_literal (LK_ERROR, LK_ERROR_NO_DATA, "There are too few pictures.");

  make_ready (page);
  g_signal_emit_by_name (widget_test_find (widget, "start_button"), "clicked");
  lk_train_page_show_error (page, error);
  g_assert_cmpstr (text (page, "state_label"), ==, "Training Failed");
  g_assert_cmpstr (text (page, "detail_label"), ==, "There are too few pictures.");
  g_assert_true (gtk_widget_has_css_class (widget_test_find (widget, "state_label"), "error"));
  g_assert_true (is_enabled (page, "start_button"));
  g_assert_false (is_enabled (page, "use_button"));
  g_signal_emit_by_name (widget_test_find (widget, "start_button"), "clicked"); /* and again */
  g_assert_cmpint (heard.n_starts, ==, 2);
  g_assert_false (gtk_widget_has_css_class (widget_test_find (widget, "state_label"), "error"));
  close_page (window, page, &heard);
}

static void
test_narrow (void)
{
  Heard heard = { 0 };
  LkTrainPage *page = make_page (&heard);
  GtkWidget *window;
  int minimum;

  make_ready (page);
  window = widget_test_host (GTK_WIDGET (page), 360, 600);
  gtk_widget_measure (GTK_WIDGET (page), GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL,
                      NULL);
  g_assert_cmpint (minimum, <=, 360);
  close_page (window, page, &heard);
}

int
main (int argc, char *argv[])
{
  widget_test_init (&argc, &argv);
  g_test_add_func ("/train-page/options", test_options);
  g_test_add_func ("/train-page/choices", test_choices);
  g_test_add_func ("/train-page/run", test_run);
  g_test_add_func ("/train-page/error", test_error);
  g_test_add_func ("/train-page/narrow", test_narrow);
  return g_test_run ();
}
