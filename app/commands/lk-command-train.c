/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/lk-models.h"
#include "app/lk-training-record.h"
#include "base/lk-error.h"
#include "eval/lk-metrics.h"
#include "lk-command-train-quick.h"
#include "store/lk-paths.h"
#include "train/lk-recipe.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct
{
  GMainLoop *loop;
  LkTrainer *trainer;
  LkDatabase *database; /* (nullable), as the next */
  LkRun *run;
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

static const struct
{
  const char *word, *sentence;
} warnings[] = {
  [LK_TRAIN_WARNING_NONE] = { "none", "" },
  [LK_TRAIN_WARNING_GUESSING] = {
      "guessing",
      N_("The loss stays where guessing leaves it: the network does "
                                     "not learn. Another learning rate may help.") },
      [LK_TRAIN_WARNING_ALIKE] = { "alike",
                                   N_("All pictures score alike: the network does not tell anything "
                                  "apart. A smaller learning rate may help.") },
      };

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
      add_double (builder, "eer", p->eer);
      add_double (builder, "auc", p->auc);
      add_double (builder, "tar_at_far_1e-2", p->tar);
      if (isfinite (p->one_shot))
        add_double (builder, "one_shot", p->one_shot);
      add_int (builder, "best_epoch", p->best_epoch);
      json_builder_set_member_name (builder, "warning");
      json_builder_add_string_value (builder, warnings[p->warning].word);
      add_double (builder, "pictures_per_s", p->pictures_per_s);
      add_double (builder, "waited", p->waited);
      add_double (builder, "eta_s", p->eta_s);
      json_builder_end_object (builder);
      lk_command_print_json (builder);
      return;
    }
  if (self->is_terminal)
    fputs ("\r\033[K", stderr);
  printf (_("epoch %d/%d  loss %.4f  validation: loss %.4f EER %.4f AUC %.4f TAR@FAR1%% %.3f  "
            "%.1f pictures/s, waited %.1f %%\n"),
             p->epoch, p->epochs, p->mean_loss, p->validation_loss, p->eer, p->auc, p->tar,
             p->pictures_per_s, 100 * p->waited);
  if (isfinite (p->one_shot))
    printf (_("  one-shot trials won: %.1f %%\n"), 100 * p->one_shot);
  if (p->warning != LK_TRAIN_WARNING_NONE)
    printf ("  %s\n", _(warnings[p->warning].sentence));
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
      add_int (builder, "without_usable_face", p->n_unusable);
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
  if (p->n_unusable > 0)
    printf (ngettext ("%d picture without a usable face was left out\n",
                      "%d pictures without a usable face were left out\n", (gulong) p->n_unusable),
            p->n_unusable);
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

/* A training that cannot be recorded is a training all the same. */
static void
tell_unrecorded (const GError *error)
{
  if (error != NULL)
    fprintf (stderr, _("likeness: this training is not among the Train tab’s: %s\n"),
                        error->message);
}

static void
begin_record (Train *self, const LkTrainOptions *options, const char *preset)
{
  g_autofree char *folder = lk_paths_user (NULL, NULL);
  g_autoptr (GError) error = NULL;

  if (lk_paths_make_folder (folder, &error))
    self->database = lk_database_open (folder, NULL, &error);
  if (self->database != NULL)
    self->run = lk_training_record_begin (self->database, options,
                                          lk_trainer_get_dataset (self->trainer), preset, &error);
  tell_unrecorded (error);
}

static void
add_to_record (Train *self, const LkTrainProgress *p)
{
  g_autoptr (GError) error = NULL;

  if (self->run == NULL || lk_training_record_add (self->database, self->run, p, &error))
    return;
  tell_unrecorded (error);
  g_clear_pointer (&self->run, lk_run_free);
}

static void
on_progress (const LkTrainProgress *p, const GError *error, gpointer data)
{
  Train *self = data;

  add_to_record (self, p);
  if (p->state == LK_TRAIN_FAILED)
    {
      self->status = lk_command_fail (error);
      g_main_loop_quit (self->loop);
      return;
    }
  if (p->epoch_ended)
    print_epoch (self, p);
  else if (self->is_terminal && p->state == LK_TRAIN_RUNNING)
    fprintf (stderr,
             _("\r\033[Kepoch %d/%d  step %d/%d  loss %.4f  %.1f pictures/s  %.0f s to go"),
                p->epoch, p->epochs, p->step, p->steps, p->loss, p->pictures_per_s,
                isfinite (p->eta_s) ? p->eta_s : 0.0);
  if (p->state == LK_TRAIN_DONE)
    {
      if (p->diverged)
        fputs (
            _("likeness: training went astray, so it ended with what it was at an epoch's end. A "
                 "smaller learning rate may help.\n"),
               stderr);
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

/* The options that only the command line has; the others are the recipe's keys. */
typedef struct
{
  char *preset, *recipe, *person;
  gboolean resume, json, dry, quick, forget;
  GPtrArray *values; /* (element-type utf8) (nullable) each: one a recipe key */
} Arguments;

static char
short_name (const char *key)
{
  static const struct
  {
    const char *key;
    char letter;
  } letters[] = { { "network", 'n' }, { "data", 'd' }, { "output", 'o' }, { "epochs", 'e' },
                  { "batch", 'b' },   { "rate", 'r' }, { "seed", 's' } };

  for (guint i = 0; i < G_N_ELEMENTS (letters); i++)
    if (g_str_equal (letters[i].key, key))
      return letters[i].letter;
  return 0;
}

static int
parse_arguments (int *argc, char ***argv, Arguments *self)
{
  const GOptionEntry own[] = {
    { "preset", 'p', 0, G_OPTION_ARG_STRING, &self->preset,
      N_("A recipe of the program's own; options after it change it"), N_("NAME") },
      { "recipe", 0, 0, G_OPTION_ARG_FILENAME, &self->recipe,
        N_("A file with a group [training] of the options below"), N_("FILE") },
        { "resume", 0, 0, G_OPTION_ARG_NONE, &self->resume,
          N_("Go on from the last checkpoint"), NULL },
          { "dry-run", 0, 0, G_OPTION_ARG_NONE, &self->dry,
            N_("Say what would be done with what data"), NULL },
            { "quick", 'q', 0, G_OPTION_ARG_NONE, &self->quick,
              N_("Adapt the model in use, or --network, to one enrolled person, in seconds"),
                  NULL },
              { "person", 0, 0, G_OPTION_ARG_STRING, &self->person,
                N_("With --quick: whom to"), N_("NAME") },
                { "forget", 0, 0, G_OPTION_ARG_NONE, &self->forget,
                  N_("With --quick: undo it"), NULL },
                  { "json", 0, 0, G_OPTION_ARG_NONE, &self->json,
                    N_("Print one JSON object an epoch"), NULL },
                };
  g_autoptr (GArray) entries = g_array_new (TRUE, TRUE, sizeof (GOptionEntry));
  const LkRecipeKey *keys = lk_recipe_get_keys ();
  guint n = 0;

  while (keys[n].key != NULL)
    n++;
  self->values = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_set_size (self->values, (int) n);
  g_array_append_vals (entries, own, G_N_ELEMENTS (own));
  for (guint i = 0; i < n; i++)
    {
      GOptionEntry entry = { .long_name = keys[i].key,
                             .short_name = short_name (keys[i].key),
                             .arg = G_OPTION_ARG_STRING,
                             .arg_data = &g_ptr_array_index (self->values, i),
                             .description = keys[i].help,
                             .arg_description = keys[i].values };

      g_array_append_val (entries, entry);
    }
  return lk_command_parse (
      argc, argv, (const GOptionEntry *) (gpointer) entries->data, "",
      _("Trains a network. Pictures are split by person and session into 70 % for training, 20 % "
        "for validation and 10 % for a test, or as their index.csv says. Interrupting it writes a "
        "checkpoint. With --quick it only fits the head to one person's pictures, and keeps that if "
        "it helps on those held out: exit status 0, else 1."));
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* The preset's file; the names of those that there are in the error. */
static char *
find_preset (const char *name, GError **error)
{
  g_autofree char *file = g_strconcat (name, ".recipe", NULL);
  g_autofree char *folder = lk_paths_data (error, "recipes", NULL);
  g_autofree char *path = folder != NULL ? g_build_filename (folder, file, NULL) : NULL;
  g_autoptr (GString) names = g_string_new (NULL);
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = NULL;
  const char *entry;

  if (folder == NULL)
    return NULL;
  if (strchr (name, '/') == NULL && g_file_test (path, G_FILE_TEST_IS_REGULAR))
    return g_steal_pointer (&path);
  dir = g_dir_open (folder, 0, NULL);
  while (dir != NULL && (entry = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (entry, ".recipe"))
      g_ptr_array_add (found, g_strndup (entry, strlen (entry) - strlen (".recipe")));
  g_ptr_array_sort (found, compare_names);
  for (guint i = 0; i < found->len; i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "",
                            (const char *) g_ptr_array_index (found, i));
  g_set_error (error, LK_ERROR, LK_ERROR_FORMAT,
               _("There is no preset “%s”. There are: %s."), name, names->str);
  return NULL;
}

/* Preset, then recipe, then what is named here. */
static gboolean
make_options (const Arguments *self, LkTrainOptions *options, GError **error)
{
  const LkRecipeKey *keys = lk_recipe_get_keys ();
  const char *network = g_ptr_array_index (self->values, 0);
  g_autofree char *preset = NULL;

  lk_train_options_init (options, network != NULL ? network : "siamese");
  if (self->preset != NULL)
    {
      preset = find_preset (self->preset, error);
      if (preset == NULL || !lk_recipe_load (options, preset, error))
        return FALSE;
    }
  if (self->recipe != NULL && !lk_recipe_load (options, self->recipe, error))
    return FALSE;
  for (guint i = 0; i < self->values->len; i++)
    {
      const char *value = g_ptr_array_index (self->values, i);

      if (value != NULL && !lk_recipe_set (options, keys[i].key, value, error))
        return FALSE;
    }
  if (options->data == NULL)
    options->data = lk_paths_user ("captures", NULL);
  options->resume = self->resume;
  options->alone = TRUE; /* whoever wants it to be nice starts it so */
  return TRUE;
}

/* Whether the options are another recipe than the preset: where and on what is none of that. */
static gboolean
is_changed (const Arguments *self)
{
  static const char *const others[] = { "data", "output", "teacher", "threads", NULL };
  const LkRecipeKey *keys = lk_recipe_get_keys ();

  for (guint i = 0; i < self->values->len; i++)
    if (g_ptr_array_index (self->values, i) != NULL && !g_strv_contains (others, keys[i].key))
      return TRUE;
  return self->recipe != NULL;
}

static void
choose_output (LkTrainOptions *options)
{
  g_autofree char *name = NULL, *folder = NULL;

  if (options->output != NULL)
    return;
  name = options->resume ? lk_models_find_interrupted (options->network) : NULL;
  if (name == NULL)
    name = lk_models_new_name (options->network);
  options->output = lk_models_get_path (name);
  folder = lk_paths_user ("models", NULL);
  lk_paths_make_folder (folder, NULL); /* if not, the trainer says so */
}

static void
print_pairs (const LkTrainOptions *options)
{
  int n = lk_train_options_get_pairs (options);

  if (n > 0)
    printf (_("A step embeds %d pictures, each once, and learns from %d pairs of them.\n"),
               lk_train_options_get_sampler (options).batch, n);
}

/* What is in the data, and with @all every option. */
static gboolean
print_plan (const LkTrainOptions *options, gboolean all, GError **error)
{
  g_autoptr (LkDataset) dataset = lk_dataset_open (options->data, options->seed, error);
  g_autofree char *report = dataset != NULL ? lk_dataset_get_report (dataset) : NULL;

  if (report == NULL)
    return FALSE;
  printf ("%s\n", report);
  print_pairs (options);
  if (!all)
    return TRUE;
  printf ("\n[training]\n");
  for (const LkRecipeKey *key = lk_recipe_get_keys (); key->key != NULL; key++)
    {
      g_autofree char *value = lk_recipe_get (options, key->key);

      if (value != NULL)
        printf ("%s=%s\n", key->key, value);
    }
  return TRUE;
}

static int
train (const LkTrainOptions *options, const char *preset, gboolean json)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GError) error = NULL;
  Train self = { .loop = loop,
                 .json = json,
                 .output = options->output,
                 .is_terminal = isatty (STDERR_FILENO) && !json };
  guint signals[2];

  self.trainer = lk_trainer_start (options, on_progress, &self, &error);
  if (self.trainer == NULL)
    return lk_command_fail (error);
  begin_record (&self, options, preset);
  signals[0] = g_unix_signal_add (SIGINT, on_interrupt, &self);
  signals[1] = g_unix_signal_add (SIGTERM, on_interrupt, &self);
  g_main_loop_run (loop);
  g_source_remove (signals[0]);
  g_source_remove (signals[1]);
  lk_trainer_free (self.trainer);
  lk_run_free (self.run);
  lk_database_close (self.database);
  return self.status;
}

int
lk_command_train (int argc, char *argv[])
{
  g_autoptr (GError) error = NULL;
  Arguments arguments = { 0 };
  LkTrainOptions options = { 0 };
  int status = parse_arguments (&argc, &argv, &arguments);

  if (status < 0 && argc != 1)
    status = lk_command_fail_usage (_("train takes options only."));
  if (status < 0 && (arguments.person != NULL || arguments.forget) && !arguments.quick)
    status = lk_command_fail_usage (_("--person and --forget belong to --quick."));
  if (status < 0 && arguments.quick)
    status = lk_command_train_quick (arguments.person, g_ptr_array_index (arguments.values, 0),
                                     arguments.forget, arguments.json);
  if (status < 0)
    {
      if (!make_options (&arguments, &options, &error))
        status = lk_command_fail (error);
      else if ((!arguments.json || arguments.dry) && !print_plan (&options, arguments.dry, &error))
        status = lk_command_fail (error);
      else if (arguments.dry)
        status = LK_EXIT_OK;
      else
        {
          choose_output (&options);
          status = train (&options, is_changed (&arguments) ? NULL : arguments.preset,
                          arguments.json);
        }
    }
  lk_train_options_clear (&options);
  g_ptr_array_unref (arguments.values);
  g_free (arguments.preset);
  g_free (arguments.recipe);
  g_free (arguments.person);
  return status;
}
