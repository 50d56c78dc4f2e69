/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "cartoon.h"
#include "lk-crop-strip.h"
#include "lk-plot.h"
#include "lk-train-page.h"
#include "lk-train-words.h"
#include "train/lk-recipe.h"
#include "widget-test.h"

#include <math.h>

typedef struct
{
  int n_starts, n_continues, n_discards, n_previews, n_shows, n_data, n_changes, n_presets;
  int n_pauses, n_resumes, n_stops, n_uses, n_backs;
  char *preset;
} Heard;

static void
on_preset (LkTrainRecipe *recipe, const char *id, Heard *heard)
{
  heard->n_presets++;
  g_free (heard->preset);
  heard->preset = g_strdup (id);
}

static void
on_data (LkTrainSetup *setup, GFile *folder, Heard *heard)
{
  g_assert_null (folder);
  heard->n_data++;
}

static LkTrainPage *
make_page (Heard *heard)
{
  LkTrainPage *page = LK_TRAIN_PAGE (lk_train_page_new ());
  LkTrainSetup *setup = lk_train_page_get_setup (page);
  LkTrainRecipe *recipe = lk_train_setup_get_recipe (setup);
  LkTrainRun *run = lk_train_page_get_run (page);

#define COUNT(object, signal, counter)                                                             \
  g_signal_connect_swapped (object, signal, G_CALLBACK (widget_test_count), &heard->counter)
  COUNT (setup, "start", n_starts);
  COUNT (setup, "continue", n_continues);
  COUNT (setup, "discard", n_discards);
  COUNT (setup, "preview-wanted", n_previews);
  COUNT (setup, "show-runs", n_shows);
  COUNT (recipe, "changed", n_changes);
  COUNT (run, "pause", n_pauses);
  COUNT (run, "resume", n_resumes);
  COUNT (run, "stop", n_stops);
  COUNT (run, "use-model", n_uses);
  COUNT (run, "back", n_backs);
#undef COUNT
  g_signal_connect (recipe, "preset-wanted", G_CALLBACK (on_preset), heard);
  g_signal_connect (setup, "data-chosen", G_CALLBACK (on_data), heard);
  return page;
}

static void
set_preset (LkTrainRecipe *recipe, const char *id, const char *network, const char *const *options)
{
  LkTrainOptions preset;

  lk_train_options_init (&preset, network);
  for (int i = 0; options != NULL && options[i] != NULL; i += 2)
    g_assert_true (lk_recipe_set (&preset, options[i], options[i + 1], NULL));
  lk_train_recipe_set_options (recipe, id, &preset);
  lk_train_options_clear (&preset);
}

/* Rows are made when their fold is opened. */
static void
open_folds (GtkWidget *root)
{
  if (ADW_IS_EXPANDER_ROW (root))
    adw_expander_row_set_expanded (ADW_EXPANDER_ROW (root), TRUE);
  for (GtkWidget *c = gtk_widget_get_first_child (root); c; c = gtk_widget_get_next_sibling (c))
    open_folds (c);
}

static void
make_ready (LkTrainPage *page)
{
  const LkPresetInfo presets[] = { { "one", "The <first> & best", "It is good." },
                                   { "two", "The second", "It is not." } };
  const char *const networks[] = { "siamese", "koch", NULL };
  const LkDataInfo info = { .summary = { .n_people = 5,
                                         .n_sessions = 9,
                                         .n_pictures = { 70, 20, 10 },
                                         .n_people_in = { 3, 1, 1 } },
                            .n_genuine = 120,
                            .n_impostor = -1 };
  LkTrainSetup *setup = lk_train_page_get_setup (page);
  LkTrainRecipe *recipe = lk_train_setup_get_recipe (setup);

  lk_train_recipe_set_presets (recipe, presets, 2);
  lk_train_recipe_set_networks (recipe, networks);
  set_preset (recipe, "one", "siamese", NULL);
  lk_train_setup_set_data (setup, NULL, &info, "5 people.", TRUE);
  open_folds (GTK_WIDGET (recipe));
}

static GtkWidget *
find (LkTrainPage *page, const char *id)
{
  return widget_test_find (GTK_WIDGET (page), id);
}

static const char *
text (LkTrainPage *page, const char *id)
{
  return widget_test_text (GTK_WIDGET (page), id);
}

static gboolean
is_enabled (LkTrainPage *page, const char *id)
{
  return gtk_widget_get_visible (find (page, id)) && gtk_widget_is_sensitive (find (page, id));
}

static void
click (LkTrainPage *page, const char *id)
{
  g_signal_emit_by_name (find (page, id), "clicked");
}

/* The row or the control of a recipe's key, which are called after it. */
static GtkWidget *
find_named (GtkWidget *root, const char *name, GType type)
{
  if (G_TYPE_CHECK_INSTANCE_TYPE (root, type) && g_strcmp0 (gtk_widget_get_name (root), name) == 0)
    return root;
  for (GtkWidget *c = gtk_widget_get_first_child (root); c; c = gtk_widget_get_next_sibling (c))
    {
      GtkWidget *hit = find_named (c, name, type);

      if (hit != NULL)
        return hit;
    }
  return NULL;
}

static GtkSpinButton *
spin (LkTrainPage *page, const char *key)
{
  return GTK_SPIN_BUTTON (find_named (GTK_WIDGET (page), key, GTK_TYPE_SPIN_BUTTON));
}

static AdwComboRow *
combo (LkTrainPage *page, const char *key)
{
  return ADW_COMBO_ROW (find_named (GTK_WIDGET (page), key, ADW_TYPE_COMBO_ROW));
}

static gboolean
is_shown (LkTrainPage *page, const char *key)
{
  return gtk_widget_get_visible (find_named (GTK_WIDGET (page), key, ADW_TYPE_ACTION_ROW));
}

static void
test_recipe (void)
{
  Heard heard = { 0 };
  LkTrainPage *page = make_page (&heard);
  GtkWidget *window = widget_test_host (GTK_WIDGET (page), 1000, 700);
  LkTrainRecipe *recipe = lk_train_setup_get_recipe (lk_train_page_get_setup (page));
  const LkTrainOptions *options = lk_train_recipe_get_options (recipe);

  make_ready (page);
  g_assert_cmpint (heard.n_presets, ==, 0);
  g_assert_cmpstr (lk_train_recipe_get_preset (recipe), ==, "one");
  g_assert_false (lk_train_recipe_is_changed (recipe));
  g_assert_cmpstr (adw_action_row_get_subtitle (ADW_ACTION_ROW (combo (page, "preset"))), ==,
                   "It is good.");
  g_assert_false (
      gtk_widget_is_sensitive (find_named (GTK_WIDGET (page), "reset", GTK_TYPE_BUTTON)));

  /* Every number and word gets there; what has no effect is hidden. */
  gtk_spin_button_set_value (spin (page, "epochs"), 7);
  gtk_spin_button_set_value (spin (page, "rate"), 5e-5);
  gtk_spin_button_set_value (spin (page, "seed"), 4294967295.0);
  g_assert_cmpint (options->epochs, ==, 7);
  g_assert_cmpfloat_with_epsilon (options->rate, 5e-5, 1e-9);
  g_assert_cmpuint (options->seed, ==, 4294967295u);
  g_assert_false (is_shown (page, "margin"));
  g_assert_false (is_shown (page, "mining"));
  adw_combo_row_set_selected (combo (page, "loss"), LK_TRAIN_TRIPLET);
  g_assert_cmpint (options->loss, ==, LK_TRAIN_TRIPLET);
  g_assert_true (is_shown (page, "margin"));
  g_assert_true (is_shown (page, "mining"));
  adw_combo_row_set_selected (combo (page, "mining"), LK_MINING_BATCH_HARD);
  g_assert_cmpint (options->mining, ==, LK_MINING_BATCH_HARD);
  g_assert_true (is_shown (page, "batch"));
  g_assert_false (is_shown (page, "people"));
  adw_combo_row_set_selected (combo (page, "sampling"), 2);
  g_assert_cmpint (options->sampling, ==, LK_SAMPLING_PEOPLE);
  g_assert_false (is_shown (page, "batch"));
  g_assert_true (is_shown (page, "people"));
  adw_combo_row_set_selected (combo (page, "optimizer"), 1);
  g_assert_cmpint (options->optimizer, ==, LK_OPTIMIZER_SGD);
  adw_combo_row_set_selected (combo (page, "schedule"), LK_SCHEDULE_COSINE);
  g_assert_cmpint (options->schedule, ==, LK_SCHEDULE_COSINE);
  adw_combo_row_set_selected (combo (page, "network"), 1);
  g_assert_cmpstr (options->network, ==, "koch");
  g_assert_cmpint (options->epochs, ==, 7); /* choosing a network leaves the rest alone */

  /* And is undone. */
  g_assert_true (lk_train_recipe_is_changed (recipe));
  g_signal_emit_by_name (find_named (GTK_WIDGET (page), "reset", GTK_TYPE_BUTTON), "clicked");
  g_assert_false (lk_train_recipe_is_changed (recipe));
  g_assert_cmpint (options->epochs, ==, 50);
  g_assert_cmpstr (options->network, ==, "siamese");
  g_assert_cmpint (options->loss, ==, LK_TRAIN_CROSS_ENTROPY);
  g_assert_cmpfloat (gtk_spin_button_get_value (spin (page, "epochs")), ==, 50);

  adw_combo_row_set_selected (combo (page, "preset"), 1);
  g_assert_cmpint (heard.n_presets, ==, 1);
  g_assert_cmpstr (heard.preset, ==, "two");
  g_free (heard.preset);
  widget_test_close (window, GTK_WIDGET (page));
}

static void
test_augment (void)
{
  Heard heard = { 0 };
  LkTrainPage *page = make_page (&heard);
  GtkWidget *window = widget_test_host (GTK_WIDGET (page), 1000, 700);
  LkTrainRecipe *recipe = lk_train_setup_get_recipe (lk_train_page_get_setup (page));
  const LkTrainOptions *options = lk_train_recipe_get_options (recipe);
  const char *const paper[] = { "augment", "paper", "augment-strength", "0.7", NULL };
  const char *const own[] = { "augment", "faces", "augment-blur", "1.9", NULL };
  double strength;

  make_ready (page);
  g_assert_cmpint (lk_train_words_find_augment (options, NULL), ==, LK_AUGMENT_NONE);
  g_assert_false (is_shown (page, "augment-strength"));
  heard.n_changes = 0;
  adw_combo_row_set_selected (combo (page, "augment"), LK_AUGMENT_FACES);
  g_assert_cmpint (heard.n_changes, ==, 1); /* the preview follows it */
  g_assert_true (options->augment.flip);
  g_assert_true (is_shown (page, "augment-strength"));
  gtk_spin_button_set_value (spin (page, "augment-strength"), 0.5);
  g_assert_cmpint (lk_train_words_find_augment (options, &strength), ==, LK_AUGMENT_FACES);
  g_assert_cmpfloat_with_epsilon (strength, 0.5, 1e-3);
  g_assert_cmpfloat_with_epsilon (options->augment.rotation_deg,
                                  0.5 * lk_augment_faces.rotation_deg, 1e-3);

  set_preset (recipe, "one", "siamese", paper);
  g_assert_cmpint (adw_combo_row_get_selected (combo (page, "augment")), ==, LK_AUGMENT_PAPER);
  g_assert_cmpfloat (gtk_spin_button_get_value (spin (page, "augment-strength")), ==, 0.7);
  /* Amounts that are nobody's are left as they are. */
  set_preset (recipe, "one", "siamese", own);
  g_assert_cmpint (adw_combo_row_get_selected (combo (page, "augment")), ==, LK_AUGMENT_OWN);
  g_assert_false (is_shown (page, "augment-strength"));
  g_assert_false (lk_train_recipe_is_changed (recipe));
  g_assert_cmpfloat (options->augment.blur, ==, 1.9);
  widget_test_close (window, GTK_WIDGET (page));
}

static void
test_setup (void)
{
  Heard heard = { 0 };
  LkTrainPage *page = make_page (&heard);
  LkTrainSetup *setup = lk_train_page_get_setup (page);
  GtkWidget *widget = GTK_WIDGET (page), *window = widget_test_host (widget, 1000, 700);
  g_autoptr (GPtrArray) crops = g_ptr_array_new_with_free_func ((GDestroyNotify) lk_image_unref);

  g_assert_false (is_enabled (page, "start_button")); /* nothing to train on */
  make_ready (page);
  g_assert_true (is_enabled (page, "start_button"));
  g_assert_cmpstr (text (page, "people_label"), ==, "5");
  g_assert_cmpstr (text (page, "genuine_label"), ==, "120");
  g_assert_cmpstr (text (page, "impostor_label"), ==, "very many");
  g_assert_cmpstr (text (page, "validation_pictures"), ==, "20");
  g_assert_cmpstr (text (page, "train_people"), ==, "3");
  click (page, "start_button");
  g_assert_cmpint (heard.n_starts, ==, 1);

  lk_train_setup_set_data (setup, "/data/A & B", NULL, "Too few pictures.", FALSE);
  g_assert_false (is_enabled (page, "start_button"));
  g_assert_cmpstr (text (page, "detail_label"), ==, "Too few pictures.");
  g_assert_false (gtk_widget_get_visible (find (page, "data_card")));
  g_assert_true (gtk_check_button_get_active (GTK_CHECK_BUTTON (find (page, "folder_check"))));
  g_assert_cmpint (heard.n_data, ==, 0);
  gtk_check_button_set_active (GTK_CHECK_BUTTON (find (page, "own_check")), TRUE);
  g_assert_cmpint (heard.n_data, ==, 1);

  g_assert_false (gtk_widget_get_visible (find (page, "preview_card")));
  for (int i = 0; i < 8; i++)
    g_ptr_array_add (crops, cartoon_new (100, 100, 0, i));
  lk_train_setup_set_preview (setup, crops);
  g_assert_true (gtk_widget_get_visible (find (page, "preview_card")));
  g_assert_cmpint (lk_crop_strip_get_n_crops (LK_CROP_STRIP (find (page, "strip"))), ==, 8);
  gtk_widget_activate_action (GTK_WIDGET (setup), "train.preview", NULL);
  g_assert_cmpint (heard.n_previews, ==, 1);

  g_assert_false (gtk_widget_get_visible (find (page, "interrupted_card")));
  lk_train_setup_set_interrupted (setup, "It came to epoch 3.");
  g_assert_true (is_enabled (page, "continue_button"));
  g_assert_false (gtk_widget_has_css_class (find (page, "start_button"), "suggested-action"));
  click (page, "continue_button");
  g_assert_cmpint (heard.n_continues, ==, 1);
  gtk_widget_activate_action (GTK_WIDGET (setup), "train.discard", NULL);
  g_assert_cmpint (heard.n_discards, ==, 1);
  lk_train_setup_set_interrupted (setup, NULL);
  g_assert_false (gtk_widget_get_visible (find (page, "interrupted_card")));

  g_assert_false (gtk_widget_activate_action (GTK_WIDGET (setup), "train.show-runs", NULL) &&
                  heard.n_shows > 0);
  lk_train_setup_set_n_runs (setup, 2);
  gtk_widget_activate_action (GTK_WIDGET (setup), "train.show-runs", NULL);
  g_assert_cmpint (heard.n_shows, ==, 1);
  widget_test_assert_named (widget);
  /* What only a training finds out stays until the data are others. */
  g_assert_false (gtk_widget_get_visible (find (page, "unusable_label")));
  lk_train_setup_set_data (setup, "/pictures", NULL, "5 people.", TRUE);
  lk_train_setup_set_n_unusable (setup, 12);
  g_assert_true (gtk_widget_get_visible (find (page, "unusable_label")));
  g_assert_true (g_str_has_prefix (text (page, "unusable_label"), "12 pictures could not"));
  lk_train_setup_set_data (setup, "/pictures", NULL, "6 people.", TRUE);
  g_assert_true (gtk_widget_get_visible (find (page, "unusable_label")));
  lk_train_setup_set_n_unusable (setup, 1);
  g_assert_true (g_str_has_prefix (text (page, "unusable_label"), "1 picture could not"));
  lk_train_setup_set_data (setup, "/others", NULL, "Others.", TRUE);
  g_assert_false (gtk_widget_get_visible (find (page, "unusable_label")));

  widget_test_close (window, widget);
}

static void
test_run (void)
{
  Heard heard = { 0 };
  LkTrainPage *page = make_page (&heard);
  LkTrainRun *run = lk_train_page_get_run (page);
  GtkWidget *widget = GTK_WIDGET (page), *window = widget_test_host (widget, 1000, 900);
  LkPlot *loss = LK_PLOT (widget_test_find (GTK_WIDGET (run), "loss_plot"));
  LkPlot *errors = LK_PLOT (widget_test_find (GTK_WIDGET (run), "error_plot"));
  LkTrainProgress p = {
    .state = LK_TRAIN_LOADING, .epochs = 4, .steps = 40, .eta_s = NAN, .one_shot = NAN
  };
  GtkProgressBar *bar = GTK_PROGRESS_BAR (widget_test_find (GTK_WIDGET (run), "progress_bar"));
  const char *(*const say) (GtkWidget *, const char *) = widget_test_text;
  GtkWidget *r = GTK_WIDGET (run);

  lk_train_page_show (page, "run");
  lk_train_run_begin (run, "siamese-1");
  g_assert_true (lk_train_run_is_running (run));
  g_assert_false (is_enabled (page, "pause_button")); /* nothing runs yet */
  g_assert_true (is_enabled (page, "stop_button"));
  g_assert_false (is_enabled (page, "back_button"));

  lk_train_run_show_progress (run, &p);
  g_assert_cmpstr (say (r, "state_label"), ==, "Reading Pictures…");
  p = (LkTrainProgress){ .state = LK_TRAIN_RUNNING,
                         .epoch = 2,
                         .epochs = 4,
                         .step = 20,
                         .steps = 40,
                         .loss = 0.5,
                         .mean_loss = 0.61239,
                         .epoch_ended = TRUE,
                         .validation_loss = 0.4,
                         .eer = 0.2512,
                         .tar = 0.5,
                         .one_shot = NAN,
                         .best_epoch = 2,
                         .pictures_per_s = 12.34,
                         .eta_s = 3723,
                         .waited = 0.031 };
  lk_train_run_show_progress (run, &p);
  g_assert_cmpstr (say (r, "state_label"), ==, "Epoch 2 of 4");
  g_assert_cmpstr (say (r, "step_label"), ==, "20 of 40");
  g_assert_cmpstr (say (r, "loss_label"), ==, "0.6124");
  g_assert_cmpstr (say (r, "eer_label"), ==, "25.1 %");
  g_assert_cmpstr (say (r, "speed_label"), ==, "12.3");
  g_assert_cmpstr (say (r, "eta_label"), ==, "1 h 02 min");
  g_assert_cmpstr (say (r, "waited_label"), ==, "3 %");
  g_assert_cmpfloat (gtk_progress_bar_get_fraction (bar), ==, 0.5);
  for (int s = 0; s < 3; s++)
    g_assert_cmpint (lk_plot_get_n_points (loss, s), ==, 1);
  g_assert_cmpint (lk_plot_get_n_points (errors, 0), ==, 1);
  g_assert_false (gtk_widget_get_visible (find (page, "warning_card")));
  p.warning = LK_TRAIN_WARNING_ALIKE;
  p.one_shot = 0.25;
  lk_train_run_show_progress (run, &p);
  g_assert_true (gtk_widget_get_visible (find (page, "warning_card")));
  g_assert_nonnull (strstr (say (r, "warning_label"), "nearly the same score"));
  g_assert_cmpint (lk_plot_get_n_points (errors, 2), ==, 1); /* a line for the trials */
  p.warning = LK_TRAIN_WARNING_NONE;
  lk_train_run_show_progress (run, &p);
  g_assert_false (gtk_widget_get_visible (find (page, "warning_card")));

  click (page, "pause_button");
  g_assert_cmpint (heard.n_pauses, ==, 1);
  g_assert_cmpstr (say (r, "pause_button"), ==, "Pause"); /* until the trainer says so */
  p.state = LK_TRAIN_PAUSED;
  p.epoch_ended = FALSE;
  lk_train_run_show_progress (run, &p);
  g_assert_cmpstr (say (r, "pause_button"), ==, "Resume");
  g_assert_cmpstr (say (r, "state_label"), ==, "Paused in Epoch 2 of 4");
  g_assert_cmpint (lk_plot_get_n_points (loss, 0), ==,
                   1); /* a pause is no point, nor is an epoch two */
  g_assert_true (gtk_widget_activate_action (r, "train.pause", NULL));
  g_assert_cmpint (heard.n_resumes, ==, 1);
  g_assert_cmpint (heard.n_pauses, ==, 1);

  click (page, "stop_button");
  g_assert_cmpint (heard.n_stops, ==, 1);
  g_assert_false (is_enabled (page, "stop_button")); /* once is enough */
  p.warning = LK_TRAIN_WARNING_ALIKE;
  p.state = LK_TRAIN_RUNNING;
  p.epoch_ended = TRUE;
  lk_train_run_show_progress (run, &p);
  g_assert_true (gtk_widget_get_visible (find (page, "warning_card")));
  p.state = LK_TRAIN_DONE;
  p.test = (LkTrainEvaluation){ .n_pairs = 20,
                                .loss = 0.3,
                                .threshold = 0.4,
                                .true_positives = 8,
                                .false_positives = 2,
                                .true_negatives = 7,
                                .false_negatives = 3 };
  lk_train_run_show_progress (run, &p);
  g_assert_false (gtk_widget_get_visible (find (page, "warning_card"))); /* too late to stop */
  g_assert_false (lk_train_run_is_running (run));
  g_assert_cmpstr (say (r, "state_label"), ==, "Training Stopped");
  g_assert_cmpstr (say (r, "accuracy_label"), ==, "75 % (53–89)");
  g_assert_cmpstr (say (r, "precision_label"), ==, "80 % (49–94)");
  g_assert_cmpstr (say (r, "recall_label"), ==, "73 % (43–90)");
  g_assert_cmpstr (say (r, "fmr_label"), ==, "22 % (6–55)");
  g_assert_cmpstr (say (r, "tp_label"), ==, "8");
  g_assert_cmpstr (say (r, "fn_label"), ==, "3");
  g_assert_cmpstr (say (r, "fp_label"), ==, "2");
  g_assert_cmpstr (say (r, "tn_label"), ==, "7");
  g_assert_true (gtk_widget_get_visible (find (page, "result")));
  g_assert_true (is_enabled (page, "back_button"));
  widget_test_assert_named (widget);

  g_assert_true (is_enabled (page, "use_button"));
  click (page, "use_button");
  g_assert_cmpint (heard.n_uses, ==, 1);
  lk_train_run_set_in_use (run, TRUE);
  g_assert_false (is_enabled (page, "use_button"));
  g_assert_cmpstr (say (r, "use_button"), ==, "In Use");
  click (page, "back_button");
  g_assert_cmpint (heard.n_backs, ==, 1);

  /* An earlier run shows what its test counted, where there was one. */
  p.test.true_positives++;
  p.test.n_pairs++;
  lk_train_run_begin (run, "siamese-0");
  lk_train_run_show_record (run, "siamese-0", "Long ago.", TRUE, NULL);
  g_assert_false (gtk_widget_get_visible (find (page, "result")));
  lk_train_run_show_record (run, "siamese-0", "Long ago.", TRUE, &p.test);
  g_assert_true (gtk_widget_get_visible (find (page, "result")));
  g_assert_cmpint ((int) g_ascii_strtoll (say (r, "tp_label"), NULL, 10), ==,
                   p.test.true_positives);
  g_assert_cmpstr (say (r, "detail_label"), ==, "Long ago.");
  g_assert_true (is_enabled (page, "use_button"));

  /* The next run begins with empty curves. */
  lk_train_run_begin (run, "siamese-2");
  g_assert_false (gtk_widget_get_visible (find (page, "result")));
  g_assert_cmpint (lk_plot_get_n_points (loss, 0), ==, 0);
  g_assert_cmpint (lk_plot_get_n_points (errors, 2), ==, 0);
  p = (LkTrainProgress){ .state = LK_TRAIN_DONE, .step = 40, .epochs = 4, .steps = 40 };
  lk_train_run_show_progress (run, &p);
  g_assert_cmpstr (say (r, "state_label"), ==, "Training Finished");
  g_assert_false (gtk_widget_get_visible (find (page, "numbers_box"))); /* no test, no number */
  g_assert_nonnull (strstr (say (r, "test_label"), "not known"));

  lk_train_run_begin (run, "siamese-3");
  p.diverged = TRUE;
  p.step = 12;
  lk_train_run_show_progress (run, &p);
  g_assert_cmpstr (say (r, "state_label"), ==, "Training Diverged");
  g_assert_nonnull (strstr (say (r, "detail_label"), "last good model was kept"));
  g_assert_true (is_enabled (page, "use_button"));
  widget_test_close (window, widget);
}

static void
test_error (void)
{
  Heard heard = { 0 };
  LkTrainPage *page = make_page (&heard);
  LkTrainRun *run = lk_train_page_get_run (page);
  GtkWidget *widget = GTK_WIDGET (page), *window = widget_test_host (widget, 1000, 900);
  g_autoptr (GError)
      error = g_error_new_literal (LK_ERROR, LK_ERROR_NO_DATA, "There are too few pictures.");

  make_ready (page);
  lk_train_setup_show_error (lk_train_page_get_setup (page), error);
  g_assert_cmpstr (text (page, "state_label"), ==, "Training Did Not Start");
  g_assert_cmpstr (text (page, "detail_label"), ==, "There are too few pictures.");
  lk_train_page_show (page, "run");
  lk_train_run_begin (run, "siamese-1");
  lk_train_run_show_error (run, error);
  g_assert_false (lk_train_run_is_running (run));
  g_assert_cmpstr (widget_test_text (GTK_WIDGET (run), "state_label"), ==, "Training Failed");
  g_assert_true (
      gtk_widget_has_css_class (widget_test_find (GTK_WIDGET (run), "state_label"), "error"));
  g_assert_true (is_enabled (page, "again_button"));
  g_assert_false (gtk_widget_get_visible (find (page, "use_button")));
  lk_train_run_begin (run, "siamese-2"); /* and again */
  g_assert_false (
      gtk_widget_has_css_class (widget_test_find (GTK_WIDGET (run), "state_label"), "error"));
  widget_test_close (window, widget);
}

/* Every word of a key has its label: a new one must not show another's. */
static void
test_words (void)
{
  int n_keys = 0;

  for (const LkRecipeKey *key = lk_recipe_get_keys (); key->key != NULL; key++)
    {
      const char *const *labels = lk_train_words_get_labels (key->key);
      g_auto (GStrv) words = g_strsplit (key->values, "|", -1);

      if (labels == NULL || g_str_equal (key->key, "augment"))
        continue;
      n_keys++;
      g_test_message ("%s", key->key);
      g_assert_cmpuint (g_strv_length ((char **) labels), ==, g_strv_length (words));
    }
  g_assert_cmpint (n_keys, >=, 8);
}

static void
test_narrow (void)
{
  Heard heard = { 0 };
  LkTrainPage *page = make_page (&heard);
  LkTrainRun *run = lk_train_page_get_run (page);
  const LkTrainProgress p = { .state = LK_TRAIN_DONE,
                              .step = 40,
                              .epochs = 4,
                              .steps = 40,
                              .test = { .n_pairs = 2000,
                                        .true_positives = 900,
                                        .false_positives = 100,
                                        .true_negatives = 900,
                                        .false_negatives = 100 } };
  GtkWidget *window;
  int minimum;

  make_ready (page);
  lk_train_setup_set_interrupted (lk_train_page_get_setup (page), "It came to epoch 3.");
  lk_train_run_begin (run, "siamese-1");
  lk_train_run_show_progress (run, &p);
  window = widget_test_host (GTK_WIDGET (page), 360, 600);
  gtk_widget_measure (GTK_WIDGET (page), GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL,
                      NULL);
  g_assert_cmpint (minimum, <=, 360);
  widget_test_close (window, GTK_WIDGET (page));
}

int
main (int argc, char *argv[])
{
  widget_test_init (&argc, &argv);
  g_test_add_func ("/train-page/recipe", test_recipe);
  g_test_add_func ("/train-page/augment", test_augment);
  g_test_add_func ("/train-page/setup", test_setup);
  g_test_add_func ("/train-page/run", test_run);
  g_test_add_func ("/train-page/error", test_error);
  g_test_add_func ("/train-page/narrow", test_narrow);
  g_test_add_func ("/train-page/words", test_words);
  return g_test_run ();
}
