/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes a picture of every page and state with made-up data, for eyes to judge.
 *
 *   usage: show-pages FOLDER [NAME]
 *
 * ADW_DEBUG_COLOR_SCHEME=prefer-dark and ADW_DEBUG_HIGH_CONTRAST=1 for the other styles. */
#include "base/lk-error.h"
#include "cartoon.h"
#include "lk-window.h"
#include "report-fake.h"
#include "shoot.h"
#include "show-verify.h"
#include "widget-test.h"

#include <glib/gstdio.h>
#include <math.h>

static LkWindow *window;
static const char *out_folder, *only;

static void
shoot (const char *name, int width, int height)
{
  shoot_window (GTK_WINDOW (window), out_folder, name, width, height);
}

static gboolean
wanted (const char *name)
{
  return only == NULL || strstr (name, only) != NULL;
}

static void
shoot_sizes (const char *name)
{
  g_autofree char *narrow = g_strconcat (name, "-narrow", NULL),
                  *wide = g_strconcat (name, "-wide", NULL);

  if (!wanted (name))
    return;
  shoot (wide, 1100, 760);
  shoot (narrow, 360, 640);
}

static GPtrArray *
make_people (void)
{
  GPtrArray *people = g_ptr_array_new_with_free_func ((GDestroyNotify) lk_person_free);
  const char *names[] = { "Ada Lovelace", "Grace Hopper" };

  for (int i = 0; i < 2; i++)
    {
      LkPerson *person = g_new0 (LkPerson, 1);

      person->name = g_strdup (names[i]);
      person->n[0] = person->n[1] = 50;
      g_ptr_array_add (people, person);
    }
  return people;
}

static void
enrol_states (void)
{
  LkEnrolPage *page = lk_window_get_enrol_page (window);
  LkPersonChooser *chooser = lk_enrol_page_get_chooser (page);
  g_autoptr (GPtrArray) people = make_people ();
  g_autofree char *folder = g_dir_make_tmp ("likeness-show-XXXXXX", NULL);
  g_autoptr (LkImage) ada = cartoon_new (640, 480, 0, 0);
  g_autoptr (GError)
      close = g_error_new_literal (LK_RETRY, LK_RETRY_NO_FACE, "Bring your face into the frame.");
  LkSighting seen = { .has_face = TRUE, .warning = -1 };

  lk_face_guide (640, 480, &seen.face);
  lk_window_set_page (window, "enrol");
  lk_window_show_frame (window, ada);
  lk_enrol_page_set_ready (page, TRUE);
  lk_enrol_page_show_sighting (page, &seen, NULL);
  shoot_sizes ("enrol-empty");
  lk_enrol_page_set_people (page, people, NULL);
  for (int k = 0; k < LK_N_CAPTURE_KINDS; k++)
    {
      g_autoptr (GPtrArray)
          captures = g_ptr_array_new_with_free_func ((GDestroyNotify) lk_capture_free);

      for (int i = 0; i < 30 - 10 * k; i++)
        {
          g_autoptr (LkImage) image = cartoon_new (250, 250, k < 2 ? 0 : 1 + i % 3, i + 100 * k);
          LkCapture *capture = g_new0 (LkCapture, 1);
          g_autofree char *name = g_strdup_printf ("%d-%d.jpg", k, i);

          capture->path = g_build_filename (folder, name, NULL);
          capture->person = g_strdup ("Ada Lovelace");
          capture->session = g_strdup ("2026-03-01T18-30-05");
          capture->kind = (LkCaptureKind) k;
          lk_image_save (image, capture->path, NULL);
          g_ptr_array_add (captures, capture);
        }
      lk_enrol_page_set_captures (page, (LkCaptureKind) k, captures);
    }
  shoot_sizes ("enrol-pictures"); /* of one sitting: another is offered */
  lk_person_chooser_set_importing (chooser, TRUE);
  shoot_sizes ("enrol-importing");
  lk_person_chooser_set_importing (chooser, FALSE);
  gtk_widget_activate_action (GTK_WIDGET (chooser), "person.rename", NULL);
  shoot_sizes ("enrol-rename");
  for (int i = 0; i < 2; i++) /* to a new name, and to none */
    lk_person_chooser_ask_name (chooser);
  lk_enrol_page_show_sighting (page, &seen, close);
  lk_window_toast_undo (window, "3 pictures deleted");
  shoot_sizes ("enrol-advice");
  lk_window_toast_undo (window, "2 pictures deleted");
  lk_enrol_page_show_sighting (page, &seen, NULL);
  lk_camera_view_set_countdown (lk_enrol_page_get_view (page), 3);
  shoot_sizes ("enrol-countdown");
  lk_camera_view_set_countdown (lk_enrol_page_get_view (page), 0);
  gtk_widget_activate_action (GTK_WIDGET (window), "win.undo", NULL); /* no toast on the next */
}

/* Frames of a look until a stage is passed or skipped. */
static void
look (LkEnrolment *enrolment, gint64 *when_us, double yaw, double pitch, double scale)
{
  int slot, n_passed = lk_enrolment_get_n_passed (enrolment);
  LkEnrolStage asked = lk_enrolment_get_stage (enrolment);

  while (lk_enrolment_get_n_passed (enrolment) == n_passed &&
         lk_enrolment_get_stage (enrolment) == asked)
    {
      LkEnrolFrame frame = { *when_us += 33333, TRUE, TRUE, { yaw, pitch, 0, scale }, 0.6, 1 };

      lk_enrolment_update (enrolment, &frame, &slot);
    }
}

static void
guide_states (void)
{
  LkEnrolPage *page = lk_window_get_enrol_page (window);
  LkGuide *guide = lk_enrol_page_get_guide (page);
  LkEnrolRing *ring = lk_camera_view_get_ring (lk_enrol_page_get_view (page));
  g_autoptr (LkEnrolment) enrolment = lk_enrolment_new ();
  g_autoptr (GPtrArray) people = make_people ();
  g_autoptr (GPtrArray) faces = g_ptr_array_new_with_free_func ((GDestroyNotify) lk_image_unref);
  const LkEnrolFrame half = { 0, TRUE, TRUE, { 8, 0, 0, 60 }, 0.6, 1 };
  gint64 when_us = 1;
  int slot;

  lk_enrol_page_set_guiding (page, TRUE);
  lk_enrol_ring_show (ring, enrolment);
  lk_guide_show (guide, enrolment, lk_enrol_stage_get_info (LK_ENROL_STRAIGHT)->sentence);
  shoot_sizes ("guide-straight");
  look (enrolment, &when_us, 0, 0, 60);
  lk_enrolment_update (enrolment, &half, &slot);
  lk_enrol_ring_show (ring, enrolment);
  lk_guide_show (guide, enrolment, lk_enrol_stage_get_info (LK_ENROL_LEFT)->sentence);
  shoot_sizes ("guide-left");
  look (enrolment, &when_us, 20, 0, 60);
  look (enrolment, &when_us, 0, 0, 60); /* right is skipped */
  look (enrolment, &when_us, 0, -15, 60);
  look (enrolment, &when_us, 0, 15, 60);
  lk_enrol_ring_show (ring, enrolment);
  lk_guide_show (guide, enrolment,
                 "It is too dark to see the face. Turn on a light or face a window.");
  shoot_sizes ("guide-near");
  lk_guide_ask (guide, "Ada Lovelace");
  shoot_sizes ("guide-question");
  lk_guide_show (guide, enrolment, "");
  shoot_sizes ("guide-choosing");
  lk_guide_show_failure (guide, "No face was seen that could be used. Sit in front of the camera, "
                                "with light on your face, and begin again.");
  shoot_sizes ("guide-failure");
  for (int i = 0; i < 16; i++)
    g_ptr_array_add (faces, cartoon_new (100, 100, 0, i));
  lk_enrol_ring_close (ring);
  lk_guide_ask_name (guide, faces, people);
  shoot_sizes ("guide-name");
  lk_enrol_page_set_guiding (page, FALSE);
}

static void
show_adapted (LkAdaptCard *card)
{
  const char *const names[] = { "Ada Lovelace", "Grace Hopper", NULL };
  g_autoptr (LkOwnScores) scores = lk_own_scores_new (NULL, 0, NULL, 0, FALSE);
  const LkAdaptation adaptation = { .better = TRUE,
                                    .n_looks = 15,
                                    .n_strangers = 500,
                                    .refused = { 4, 1 },
                                    .passed = { 1, 1 },
                                    .before = scores };

  lk_adapt_card_set_people (card, names);
  lk_adapt_card_set_kept (card, TRUE);
  lk_adapt_card_show_result (card, &adaptation, names[0]);
}

static void
train_setup_states (LkTrainSetup *setup)
{
  LkTrainRecipe *recipe = lk_train_setup_get_recipe (setup);
  const LkPresetInfo presets[] = {
    { "siamese", "001 Siamese", "Four convolutions, pairs, cross-entropy. A good first choice." },
    { "triplet", "003 Triplet", "Compares each picture with two others." },
  };
  const char *const networks[] = { "siamese", "siamese-bn", "siamese-pool64", "koch", NULL };
  const LkDataInfo info = { .summary = { .n_people = 12,
                                         .n_sessions = 31,
                                         .n_pictures = { 126, 36, 18 },
                                         .n_people_in = { 8, 2, 2 } },
                            .n_genuine = 1842,
                            .n_impostor = 6033 };
  g_autoptr (GPtrArray) crops = g_ptr_array_new_with_free_func ((GDestroyNotify) lk_image_unref);
  LkTrainOptions options;

  lk_train_recipe_set_presets (recipe, presets, 2);
  lk_train_recipe_set_networks (recipe, networks);
  lk_train_options_init (&options, "siamese");
  lk_train_recipe_set_options (recipe, "siamese", &options);
  lk_train_options_clear (&options);
  lk_train_setup_set_data (
      setup, NULL, NULL,
      "There are no pictures of two people yet. Capture some in the Enrol tab, "
      "or choose a folder.",
      FALSE);
  lk_train_setup_set_model (setup, "siamese-1", "50 epochs on 3 people, 2026-03-01");
  shoot_sizes ("train-nothing");
  lk_train_setup_set_data (
      setup, NULL, &info,
      "120 anchors and positives of 2 people, and 60 negatives. They were split by session. Nobody "
      "among the negatives is in two of the parts. Left out: 2 files that are not JPEG, PNG or BMP "
      "pictures by their names.",
      TRUE);
  for (int i = 0; i < 8; i++)
    g_ptr_array_add (crops, cartoon_new (100, 100, i % 3, i));
  lk_train_setup_set_preview (setup, crops);
  lk_train_setup_set_n_unusable (setup, 3);
  lk_train_setup_set_n_runs (setup, 3);
  shoot_sizes ("train-ready");
  show_adapted (lk_train_setup_get_adapt_card (setup));
  shoot_sizes ("train-adapted");
  lk_train_setup_set_interrupted (setup, "“siamese-2026-03-01-1830”, begun 03/01/26 18:30, came to "
                                         "epoch 12 of 50. It can go on from its last checkpoint.");
  shoot_sizes ("train-interrupted");
}

static void
train_run_states (LkTrainPage *page)
{
  LkTrainRun *run = lk_train_page_get_run (page);
  LkTrainProgress progress = {
    .state = LK_TRAIN_RUNNING, .epochs = 50, .steps = 50 * 40, .eta_s = NAN, .one_shot = NAN
  };

  lk_train_run_begin (run, "siamese-2026-03-01-1830");
  lk_train_page_show (page, "run");
  for (int step = 1; step <= 1400; step++)
    {
      progress.step = step;
      progress.epoch = (step - 1) / 40 + 1;
      progress.epoch_ended = step % 40 == 0;
      progress.loss = 0.1 + 0.6 * exp (-step / 400.0) * (1 + 0.3 * sin (step * 12.9898));
      progress.mean_loss = 0.1 + 0.6 * exp (-step / 400.0);
      progress.validation_loss = 0.18 + 0.5 * exp (-step / 300.0) + step * 2e-5;
      progress.eer = 0.08 + 0.4 * exp (-step / 300.0) + 0.02 * fabs (sin (step / 40.0));
      progress.tar = 0.9 - 0.8 * exp (-step / 500.0) - 0.04 * fabs (cos (step / 33.0));
      progress.best_epoch = step < 60 ? 1 : step < 1000 ? progress.epoch - 1 : 25;
      progress.pictures_per_s = 42.6;
      progress.eta_s = (2000 - step) * 0.75;
      progress.waited = 0.02;
      progress.warning = step >= 1400 ? LK_TRAIN_WARNING_GUESSING : LK_TRAIN_WARNING_NONE;
      lk_train_run_show_progress (run, &progress);
      if (step == 90)
        shoot_sizes ("train-begun");
      if (step == 1390)
        shoot_sizes ("train-running");
    }
  shoot_sizes ("train-warning");
  progress.state = LK_TRAIN_DONE;
  progress.warning = LK_TRAIN_WARNING_NONE;
  progress.step = progress.steps;
  progress.test = (LkTrainEvaluation){ .n_pairs = 400,
                                       .loss = 0.213,
                                       .threshold = 0.41,
                                       .true_positives = 183,
                                       .false_positives = 9,
                                       .true_negatives = 191,
                                       .false_negatives = 17 };
  for (int i = 0; i < LK_TRAIN_BINS; i++)
    {
      progress.test.genuine[i] = (int) (60 * exp (-pow ((i - 16) / 3.5, 2)));
      progress.test.impostor[i] = (int) (55 * exp (-pow ((i - 3) / 3.0, 2)));
    }
  lk_train_run_show_progress (run, &progress);
  shoot_sizes ("train-done");
}

static void
attack_states (LkAttackPage *page)
{
  LkShownRates rates[LK_N_SHOWN];
  LkPresentation tries[50];
  const LkPresentation paper = { LK_SHOWN_PRINT, TRUE, FALSE };
  LkLockStatus status = { .state = LK_LOCK_CHALLENGE,
                          .is_trying = TRUE,
                          .turn = 1,
                          .progress = 0.35,
                          .sentence = "Turn your head to the right." };
  g_autoptr (LkImage) ada = cartoon_new (640, 480, 0, 0);

  for (int i = 0; i < 50; i++)
    tries[i] = i < 20   ? (LkPresentation){ LK_SHOWN_PERSON, i > 0, i > 2 }
               : i < 40 ? (LkPresentation){ LK_SHOWN_PRINT, i < 37, i < 21 }
                        : (LkPresentation){ LK_SHOWN_FILM, TRUE, i < 45 };
  widget_test_spin (100); /* the picture goes to what is seen */
  lk_window_show_frame (window, ada);
  shoot_sizes ("evaluate-attacks-none");
  lk_presentations_count (tries, 50, rates);
  lk_attack_page_show_rates (page, rates, "likeness");
  lk_attack_page_show_try (page, 3, 10, &status);
  shoot_sizes ("evaluate-attacks-trying");
  lk_attack_page_show_end (page, 3, 10, &paper,
                           "The face moved as a picture on paper does. Try again, and turn a "
                           "little further.");
  shoot_sizes ("evaluate-attacks-end");
}

static void
evaluate_states (void)
{
  LkEvaluatePage *page = lk_window_get_evaluate_page (window);
  const LkModelInfo models[] = { { "likeness", "Shipped with the program" },
                                 { "siamese-2026-03-01-1830", NULL },
                                 { "siamese-bn-2026-03-02-0900", NULL } };
  g_autoptr (GPtrArray) pairs = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
  FakeReport *fake = fake_report_new ();

  lk_window_set_page (window, "evaluate");
  shoot_sizes ("evaluate-empty");
  gtk_widget_activate_action (GTK_WIDGET (page), "evaluate.attacks", NULL);
  attack_states (lk_evaluate_page_get_attacks (page));
  gtk_widget_activate_action (GTK_WIDGET (lk_evaluate_page_get_attacks (page)), "attacks.back",
                              NULL);
  lk_evaluate_page_set_models (page, models, 3, "likeness");
  lk_evaluate_page_set_own (page, "2 enrolled, 160 captures", TRUE);
  lk_evaluate_page_set_test (page, LK_MEASURE_PAIRS, "/home/ada/lfw/pairs.txt",
                             "/home/ada/lfw/images");
  shoot_sizes ("evaluate-ready");
  lk_evaluate_page_show_progress (page, 412, 1549);
  shoot_sizes ("evaluate-running");
  for (int m = 0; m < 3; m++)
    {
      GPtrArray *shown = g_ptr_array_new_with_free_func ((GDestroyNotify) lk_shown_pair_free);

      for (int i = 0; i < 6; i++)
        {
          g_autoptr (LkImage) a = cartoon_new (100, 100, i, 1), b = cartoon_new (100, 100, i, 2);

          g_ptr_array_add (shown, lk_shown_pair_new (a, b, "0.0312: one person"));
        }
      g_ptr_array_add (pairs, shown);
    }
  lk_evaluate_page_show_report (page, fake->report, pairs);
  shoot_sizes ("evaluate-done");
  fake_report_open_rows (GTK_WIDGET (page));
  if (wanted ("evaluate-details"))
    {
      shoot ("evaluate-details-wide", 1100, 1500);
      shoot ("evaluate-details-narrow", 360, 1500);
    }
  lk_evaluate_page_show_error (page,
                               &(GError){ LK_ERROR, LK_ERROR_NO_DATA,
                                          (char *) "It takes two captures of one person, and "
                                                   "one of somebody else. Capture more in the "
                                                   "Enrol tab." });
  shoot_sizes ("evaluate-error");
  fake_report_free (fake);
}

static void
train_report_states (LkTrainPage *page)
{
  LkTrainResult *result = lk_train_run_get_result (lk_train_page_get_run (page));
  g_autoptr (GPtrArray) pairs = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
  FakeReport *fake = fake_report_new ();

  for (guint m = 0; m < fake->report->models->len; m++)
    {
      GPtrArray *shown = g_ptr_array_new_with_free_func ((GDestroyNotify) lk_shown_pair_free);

      for (int i = 0; i < 6; i++)
        {
          g_autoptr (LkImage) a = cartoon_new (100, 100, i, 1), b = cartoon_new (100, 100, i, 2);

          g_ptr_array_add (shown, lk_shown_pair_new (a, b, "0.0312: one person"));
        }
      g_ptr_array_add (pairs, shown);
    }
  lk_train_result_show_report (result, fake->report, pairs);
  fake_report_free (fake);
  if (wanted ("train-report"))
    {
      shoot ("train-report-wide", 1100, 1700);
      shoot ("train-report-narrow", 360, 2600);
    }
}

static void
train_runs_states (LkTrainPage *page)
{
  LkTrainRuns *runs = lk_train_page_get_runs (page);
  const LkRunInfo infos[] = {
    { 3, (char *) "siamese-2026-03-03-0915",
      (char *) "siamese, 03/03/26 09:15, finished, loss 0.118, EER 9.2 %, accuracy 94 % (91–96)" },
    { 2, (char *) "With contrastive loss",
      (char *) "siamese, 03/02/26 18:40, stopped, loss 0.240, EER 14.8 %, accuracy 88 % (84–91)" },
    { 1, (char *) "koch-2026-03-01-1830", (char *) "koch, 03/01/26 18:30, interrupted" },
  };
  const char *const names[] = { "siamese-2026-03-03-0915", "With contrastive loss" };
  const char *const rows[] = { "best eer", "0.092", "0.148",         "best epoch",  "25",
                               "31",       "loss",  "cross-entropy", "contrastive", NULL };
  GArray *curves[2];

  lk_train_page_show (page, "runs");
  lk_train_runs_set_runs (runs, infos, 3);
  shoot_sizes ("train-runs");
  for (int i = 0; i < 2; i++)
    {
      curves[i] = g_array_new (FALSE, FALSE, sizeof (LkRunSpot));
      for (int k = 1; k <= 50; k++)
        {
          LkRunSpot spot = { k, 0.1 + 0.1 * i + 0.5 * exp (-k / (10.0 + 5 * i)) };

          g_array_append_val (curves[i], spot);
        }
    }
  lk_train_runs_show_comparison (runs, names, curves, curves, rows);
  if (wanted ("train-compare"))
    {
      shoot ("train-compare-wide", 1100, 1200);
      shoot ("train-compare-narrow", 360, 1200);
    }
  for (int i = 0; i < 2; i++)
    g_array_unref (curves[i]);
}

static void
train_states (void)
{
  LkTrainPage *page = lk_window_get_train_page (window);

  lk_window_set_page (window, "train");
  train_setup_states (lk_train_page_get_setup (page));
  train_run_states (page);
  train_report_states (page);
  train_runs_states (page);
}

int
main (int argc, char *argv[])
{
  if (argc < 2)
    return 2;
  out_folder = argv[1];
  only = argc > 2 ? argv[2] : NULL;
  g_mkdir_with_parents (out_folder, 0755);
  adw_init ();
  g_object_set (gtk_settings_get_default (), "gtk-font-name", "Cantarell 11",
                "gtk-enable-animations", FALSE, NULL);
  window = lk_window_new (NULL);
  show_verify_states (window, shoot_sizes);
  enrol_states ();
  guide_states ();
  train_states ();
  evaluate_states ();
  gtk_window_destroy (GTK_WINDOW (window));
  return 0;
}
