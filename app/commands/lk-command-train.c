/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/lk-models.h"
#include "eval/lk-metrics.h"
#include "lk-command.h"
#include "store/lk-paths.h"
#include "train/lk-trainer.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <math.h>
#include <stdio.h>
#include <unistd.h>

typedef struct
{
  GMainLoop *loop;
  LkTrainer *trainer;
  const char *output;
  gboolean json;
  gboolean is_terminal;
  int status;
} Train;

static void
add_double (JsonBuilder *builder, const char *name, double value)
{
  json_builder_set_member_name (builder, name);
  if (isfinite (value))
    json_builder_add_double_value (builder, value);
  else
    json_builder_add_null_value (builder);
}

static void
add_int (JsonBuilder *builder, const char *name, gint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

static double
share (int part, int rest)
{
  return part + rest > 0 ? (double) part / (part + rest) : NAN;
}

static void
print_epoch (Train *self, const LkTrainProgress *p)
{
  if (self->json)
    {
      g_autoptr (JsonBuilder) builder = json_builder_new ();

      json_builder_begin_object (builder);
      add_int (builder, "epoch", p->epoch);
      add_int (builder, "step", p->step);
      add_double (builder, "loss", p->mean_loss);
      add_double (builder, "validation_loss", p->validation_loss);
      add_double (builder, "precision", p->precision);
      add_double (builder, "recall", p->recall);
      add_double (builder, "pairs_per_s", p->pairs_per_s);
      add_double (builder, "waited", p->waited);
      json_builder_end_object (builder);
      lk_command_print_json (builder);
      return;
    }
  if (self->is_terminal)
    fputs ("\r\033[K", stderr);
  printf (_("epoch %d/%d  loss %.4f  validation: loss %.4f precision %.3f recall %.3f  "
             "%.1f pairs/s\n"),
             p->epoch, p->epochs, p->mean_loss, p->validation_loss, p->precision, p->recall,
             p->pairs_per_s);
  fflush (stdout);
}

/* A share with its count and its 95 % interval. */
static void
print_share (const char *name, int k, int n)
{
  double low, high;

  if (n == 0)
    {
      printf ("  %s: –\n", name);
      return;
    }
  lk_wilson (k, n, &low, &high);
  printf (_("  %s: %.3f (%d of %d; %.3f to %.3f)\n"), name, (double) k / n, k, n, low, high);
}

static void
print_test (Train *self, const LkTrainProgress *p)
{
  const LkTrainEvaluation *t = &p->test;
  double precision = share (t->true_positives, t->false_positives);
  double recall = share (t->true_positives, t->false_negatives);

  if (self->json)
    {
      g_autoptr (JsonBuilder) builder = json_builder_new ();

      json_builder_begin_object (builder);
      json_builder_set_member_name (builder, "model");
      json_builder_add_string_value (builder, self->output);
      add_int (builder, "test_pairs", t->n_pairs);
      add_double (builder, "threshold", t->threshold);
      add_double (builder, "precision", precision);
      add_double (builder, "recall", recall);
      add_int (builder, "true_positives", t->true_positives);
      add_int (builder, "false_positives", t->false_positives);
      add_int (builder, "true_negatives", t->true_negatives);
      add_int (builder, "false_negatives", t->false_negatives);
      json_builder_set_member_name (builder, "genuine_histogram");
      json_builder_begin_array (builder);
      for (int i = 0; i < LK_TRAIN_BINS; i++)
        json_builder_add_int_value (builder, t->genuine[i]);
      json_builder_end_array (builder);
      json_builder_set_member_name (builder, "impostor_histogram");
      json_builder_begin_array (builder);
      for (int i = 0; i < LK_TRAIN_BINS; i++)
        json_builder_add_int_value (builder, t->impostor[i]);
      json_builder_end_array (builder);
      json_builder_end_object (builder);
      lk_command_print_json (builder);
      return;
    }
  if (t->n_pairs == 0)
    printf (_("There were too few pictures to keep some for a test.\n"));
  else
    {
      printf (_("test on %d different pairs never trained on, threshold %.2f chosen on others\n"),
                 t->n_pairs, t->threshold);
      print_share (_("precision"), t->true_positives, t->true_positives + t->false_positives);
      print_share (_("recall"), t->true_positives, t->true_positives + t->false_negatives);
      print_share (_("impostors accepted"), t->false_positives,
                      t->false_positives + t->true_negatives);
      printf (_("score       genuine  impostor\n"));
      for (int i = 0; i < LK_TRAIN_BINS; i++)
        if (t->genuine[i] + t->impostor[i] > 0)
          printf ("%.2f-%.2f  %8d  %8d\n", (double) i / LK_TRAIN_BINS,
                  (double) (i + 1) / LK_TRAIN_BINS, t->genuine[i], t->impostor[i]);
    }
  printf (_("The model is in %s\n"), self->output);
}

static void
on_progress (const LkTrainProgress *p, const GError *error, gpointer data)
{
  Train *self = data;

  if (p->state == LK_TRAIN_FAILED)
    {
      self->status = lk_command_fail (error);
      g_main_loop_quit (self->loop);
      return;
    }
  if (p->epoch_ended)
    print_epoch (self, p);
  else if (self->is_terminal && p->state == LK_TRAIN_RUNNING)
    fprintf (stderr, _("\r\033[Kepoch %d/%d  step %d/%d  loss %.4f  %.1f pairs/s  %.0f s to go"),
                        p->epoch, p->epochs, p->step, p->steps, p->loss, p->pairs_per_s,
                        isfinite (p->eta_s) ? p->eta_s : 0.0);
  if (p->state == LK_TRAIN_DONE)
    {
      print_test (self, p);
      g_main_loop_quit (self->loop);
    }
}

static gboolean
on_interrupt (gpointer data)
{
  Train *self = data;

  fprintf (stderr,
           _("\nlikeness: stopping after the step in hand; --resume goes on from there.\n"));
  lk_trainer_stop (self->trainer);
  return G_SOURCE_CONTINUE;
}

static gboolean
parse_schedule (const char *text, LkTrainOptions *options)
{
  if (text == NULL)
    return TRUE;
  if (g_str_equal (text, "constant"))
    options->schedule = LK_SCHEDULE_CONSTANT;
  else if (g_str_equal (text, "exponential"))
    options->schedule = LK_SCHEDULE_EXPONENTIAL;
  else
    return FALSE;
  return TRUE;
}

int
lk_command_train (int argc, char *argv[])
{
  g_autofree char *network = NULL, *data = NULL, *output = NULL, *schedule = NULL, *folder = NULL;
  int epochs = 0, batch = 0, steps = 0, checkpoint = -1, threads = 0;
  double rate = 0, clip = -1;
  gint64 seed = -1;
  gboolean resume = FALSE, json = FALSE, dry = FALSE;
  const GOptionEntry option_entries[] = {
    { "network", 'n', 0, G_OPTION_ARG_STRING, &network,
      N_("siamese (default), siamese-bn, siamese-pool64, koch, or a model to go on with"),
          N_("NAME") },
      { "data", 'd', 0, G_OPTION_ARG_FILENAME, &data,
        N_("Folder with anchor/, positive/, negative/, or with a folder a person (default: what was "
          "captured)"),
            N_("FOLDER") },
        { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output,
          N_("Model to write (default: among your models)"), N_("FILE.safetensors") },
          { "epochs", 'e', 0, G_OPTION_ARG_INT, &epochs,
            N_("Epochs (default: the network's recipe)"), N_("N") },
            { "batch", 'b', 0, G_OPTION_ARG_INT, &batch, N_("Pairs a step"), N_("N") },
              { "steps", 0, 0, G_OPTION_ARG_INT, &steps, N_("Steps an epoch"), N_("N") },
                { "rate", 'r', 0, G_OPTION_ARG_DOUBLE, &rate, N_("Learning rate"), N_("X") },
                  { "schedule", 0, 0, G_OPTION_ARG_STRING, &schedule,
                    N_("constant or exponential"), N_("NAME") },
                    { "clip", 0, 0, G_OPTION_ARG_DOUBLE, &clip,
                      N_("Clip gradients to ±X; 0 for not at all"), N_("X") },
                      { "checkpoint", 0, 0, G_OPTION_ARG_INT, &checkpoint,
                        N_("Epochs between checkpoints"), N_("N") },
                        { "seed", 's', 0, G_OPTION_ARG_INT64, &seed,
                          N_("Seed of everything random"), N_("N") },
                          { "threads", 0, 0, G_OPTION_ARG_INT, &threads,
                            N_("Threads (default: one a core)"), N_("N") },
                            { "resume", 0, 0, G_OPTION_ARG_NONE, &resume,
                              N_("Go on from the last checkpoint"), NULL },
                              { "dry-run", 0, 0, G_OPTION_ARG_NONE, &dry,
                                N_("Say what is in the data, and stop"), NULL },
                                { "json", 0, 0, G_OPTION_ARG_NONE, &json,
                                  N_("Print one JSON object an epoch"), NULL },
                                  { NULL },
                              };
  g_autoptr (GError) error = NULL;
  g_autoptr (GMainLoop) loop = NULL;
  LkTrainOptions options;
  Train self = { .json = json };
  guint signals[2];
  int status = lk_command_parse (
      &argc, &argv, option_entries, "",
      _("Trains a network. Pictures are split by person and session into 70 % for training, 20 % "
         "for validation and 10 % for a test. Interrupting it writes a checkpoint."));

  if (status >= 0)
    return status;
  if (argc != 1)
    return lk_command_fail_usage (_("train takes options only."));

  lk_train_options_init (&options, network != NULL ? network : "siamese");
  if (!parse_schedule (schedule, &options))
    {
      lk_train_options_clear (&options);
      return lk_command_fail_usage (_("“%s” is not a schedule."), schedule);
    }
  options.data = data != NULL ? g_strdup (data) : lk_paths_user ("captures", NULL);
  options.epochs = epochs != 0 ? epochs : options.epochs;
  options.batch_pairs = batch != 0 ? batch : options.batch_pairs;
  options.steps_per_epoch = steps;
  options.rate = rate > 0 || rate < 0 ? rate : options.rate;
  options.clip_value = clip >= 0 ? clip : options.clip_value;
  options.checkpoint_epochs = checkpoint >= 0 ? checkpoint : options.checkpoint_epochs;
  options.seed = seed >= 0 ? (guint64) seed : options.seed;
  options.n_threads = threads;
  options.resume = resume;
  if (output != NULL)
    options.output = g_strdup (output);
  else
    {
      g_autofree char *name = resume ? lk_models_find_interrupted (options.network) : NULL;

      if (name == NULL)
        name = lk_models_new_name (options.network);
      options.output = lk_models_get_path (name);
      folder = lk_paths_user ("models", NULL);
      lk_paths_make_folder (folder, NULL); /* if not, the trainer says so */
    }

  if (json == FALSE || dry)
    {
      g_autoptr (LkDataset) dataset = lk_dataset_open (options.data, options.seed, &error);
      g_autofree char *report = dataset != NULL ? lk_dataset_get_report (dataset) : NULL;

      if (report != NULL)
        printf ("%s\n", report);
      if (report == NULL || dry)
        {
          lk_train_options_clear (&options);
          return report == NULL ? lk_command_fail (error) : LK_EXIT_OK;
        }
    }

  self.loop = loop = g_main_loop_new (NULL, FALSE);
  self.json = json;
  self.output = options.output;
  self.is_terminal = isatty (STDERR_FILENO) && !json;
  self.trainer = lk_trainer_start (&options, on_progress, &self, &error);
  if (self.trainer == NULL)
    {
      lk_train_options_clear (&options);
      return lk_command_fail (error);
    }
  signals[0] = g_unix_signal_add (SIGINT, on_interrupt, &self);
  signals[1] = g_unix_signal_add (SIGTERM, on_interrupt, &self);
  g_main_loop_run (loop);
  g_source_remove (signals[0]);
  g_source_remove (signals[1]);
  lk_trainer_free (self.trainer);
  lk_train_options_clear (&options);
  return self.status;
}
