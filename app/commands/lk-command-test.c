/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-command-test.h"

#include "base/lk-error.h"
#include "eval/lk-lfw.h"
#include "train/lk-dataset.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void
lk_test_options_clear (LkTestOptions *self)
{
  g_free (self->pairs);
  g_free (self->root);
  g_free (self->folders);
  g_free (self->index);
  g_free (self->split);
  g_free (self->runs);
  g_free (self->crop);
}

GOptionEntry *
lk_test_options_entries (LkTestOptions *self, const GOptionEntry *more)
{
  const GOptionEntry own[] = {
    { "pairs", 'p', 0, G_OPTION_ARG_FILENAME, &self->pairs,
      N_ ("Pairs to tell alike or different, as LFW's pairs.txt or pairsDevTest.txt"),
          N_ ("FILE") },
      { "root", 0, 0, G_OPTION_ARG_FILENAME, &self->root,
        N_ ("Where those pictures are"), N_ ("FOLDER") },
        { "folders", 'f', 0, G_OPTION_ARG_FILENAME, &self->folders,
          N_ ("A folder a person, with pictures or a folder a session"), N_ ("FOLDER") },
          { "index", 0, 0, G_OPTION_ARG_FILENAME, &self->index,
            N_ ("A folder of aligned crops with an index.csv, as for training"), N_ ("FOLDER") },
            { "split", 0, 0, G_OPTION_ARG_STRING, &self->split,
              N_ ("Which part of it: val (default), test or train"), N_ ("NAME") },
              { "runs", 0, 0, G_OPTION_ARG_FILENAME, &self->runs,
                N_ ("Omniglot's one-shot runs: run01, run02, ..."), N_ ("FOLDER") },
                { "one-shot", 0, 0, G_OPTION_ARG_INT, &self->one_shot,
                  N_ ("Ask which of N people a picture shows (with --folders)"), N_ ("N") },
                  { "trials", 0, 0, G_OPTION_ARG_INT, &self->n_trials,
                    N_ ("How often (default: 400)"), N_ ("K") },
                    { "crop", 'c', 0, G_OPTION_ARG_STRING, &self->crop,
                      N_ ("Where the face is: detect (default), auto (small squares are crops), guide or whole"),
                          N_ ("WAY") },
                      { "genuine", 0, 0, G_OPTION_ARG_INT, &self->max_genuine,
                        N_ ("Genuine pairs a person at most, of folders (default: 50)"), N_ ("N") },
                        { "impostors", 0, 0, G_OPTION_ARG_INT, &self->n_impostor,
                          N_ ("Impostor pairs at most, of folders (default: 200000)"), N_ ("N") },
                          { "seed", 's', 0, G_OPTION_ARG_INT64, &self->seed,
                            N_ ("Seed of what is drawn (default: 0)"), N_ ("N") },
                            { "threads", 0, 0, G_OPTION_ARG_INT, &self->n_threads,
                              N_ ("Threads (default: one a core)"), N_ ("N") },
                            };
  gsize n_more = 0;
  GOptionEntry *entries;

  while (more[n_more].long_name != NULL)
    n_more++;
  entries = g_new0 (GOptionEntry, G_N_ELEMENTS (own) + n_more + 1);
  memcpy (entries, own, sizeof own);
  memcpy (entries + G_N_ELEMENTS (own), more, n_more * sizeof *more);
  return entries;
}

static gboolean
parse_split (const char *text, LkPart *part)
{
  static const char *const names[LK_N_PARTS] = { "train", "val", "test" };

  for (int i = 0; i < LK_N_PARTS; i++)
    if (g_strcmp0 (text != NULL ? text : "val", names[i]) == 0)
      {
        *part = (LkPart) i;
        return TRUE;
      }
  return FALSE;
}

gboolean
lk_test_options_check (LkTestOptions *self, GError **error)
{
  int n_tests = (self->pairs != NULL) + (self->folders != NULL) + (self->index != NULL) +
                (self->runs != NULL);
  LkPart part;
  const char *wrong = NULL;

  if (n_tests != 1)
    wrong = _ ("One of --pairs, --folders, --index and --runs is needed.");
  else if (self->pairs != NULL && self->root == NULL)
    wrong = _ ("--pairs needs --root, the folder of the pictures.");
  else if (self->one_shot != 0 &&
           (self->one_shot < 2 || (self->folders == NULL && self->index == NULL)))
    wrong = _ ("--one-shot takes 2 or more people, and --folders or --index.");
  else if (!parse_split (self->split, &part))
    wrong = _ ("--split is train, val or test.");
  else if (self->n_trials < 1 || self->n_trials > 1000000 || self->one_shot > 10000)
    wrong = _ ("--trials must lie between 1 and 1000000, --one-shot below 10000.");
  else if (self->max_genuine < 1 || self->n_impostor < 1 || self->n_impostor > LK_LFW_MAX_PAIRS ||
           self->seed < 0)
    wrong = _ ("--genuine and --impostors must be above 0, --seed not below.");
  if (wrong != NULL)
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, wrong);
      return FALSE;
    }
  self->how.n_threads = MAX (0, self->n_threads);
  return lk_command_parse_crop (self->crop != NULL ? self->crop : "detect", &self->how.rule, error);
}

/* The labelled pictures of one part of an index. */
static LkProtocol *
load_index (const LkTestOptions *self, GError **error)
{
  g_autoptr (LkDataset) set = lk_dataset_open (self->index, 0, error);
  g_autofree char *shown = NULL, *name = NULL;
  g_autofree int *number = NULL; /* of each person in the protocol; -1: not in this part */
  const char *split = self->split != NULL ? self->split : "val";
  LkProtocol *protocol;
  LkPart part = LK_PART_VALIDATION;

  if (set == NULL)
    return NULL;
  if (!lk_dataset_is_indexed (set))
    {
      g_set_error (error, LK_ERROR, LK_ERROR_FORMAT,
                   _ ("There is no index.csv in %s. For a folder a person, use --folders."),
                      self->index);
      return NULL;
    }
  parse_split (split, &part);
  shown = g_filename_display_basename (self->index);
  name = g_strdup_printf ("%s, %s", shown, split);
  protocol = lk_protocol_new (name, LK_PICTURE_ALIGNED);
  number = g_new (int, MAX (1, lk_dataset_get_n_people (set)));
  for (int p = 0; p < lk_dataset_get_n_people (set); p++)
    number[p] = -1;
  for (int i = 0; i < lk_dataset_get_n_samples (set); i++)
    {
      const LkSample *sample = lk_dataset_get_sample (set, i);

      if (sample->part != part || sample->person < 0)
        continue;
      number[sample->person] = lk_protocol_add_person (protocol,
                                                       lk_dataset_get_person (set, sample->person));
      lk_protocol_add_picture (protocol, sample->path, number[sample->person], -1);
    }
  for (int p = 0; p < lk_dataset_get_n_people (set); p++)
    {
      int n;
      const int *similar = lk_dataset_get_similar (set, p, &n);

      for (int i = 0; i < n; i++)
        if (number[p] >= 0 && number[similar[i]] >= 0)
          lk_protocol_exclude (protocol, number[p], number[similar[i]]);
    }
  return protocol;
}

LkProtocol *
lk_test_options_load (const LkTestOptions *self, GError **error)
{
  g_autoptr (LkProtocol) protocol = NULL;

  if (self->pairs != NULL)
    return lk_protocol_load_pairs (self->pairs, self->root, error);
  if (self->runs != NULL)
    return lk_protocol_load_runs (self->runs, error);
  protocol = self->index != NULL ? load_index (self, error)
                                 : lk_protocol_load_folders (self->folders, error);
  if (protocol == NULL)
    return NULL;
  if (self->one_shot > 0 ? !lk_protocol_make_trials (protocol, self->one_shot, self->n_trials,
                                                     (guint64) self->seed, error)
                         : !lk_protocol_make_pairs (protocol, self->max_genuine, self->n_impostor,
                                                    (guint64) self->seed, error))
    return NULL;
  return g_steal_pointer (&protocol);
}

const char *
lk_test_options_describe (const LkTestOptions *self, const LkProtocol *protocol)
{
  if (protocol->kind == LK_PICTURE_PLAIN)
    return _ ("Pictures are taken whole.");
  if (protocol->kind == LK_PICTURE_ALIGNED)
    return _ ("Pictures are crops that were aligned before.");
  switch (self->how.rule)
    {
    case LK_FACE_DETECT:
      return _ ("Faces were found and aligned by the detector.");
    case LK_FACE_GUIDE:
      return _ ("Faces were taken from the middle of the picture.");
    case LK_FACE_WHOLE:
      return _ ("The pictures' middle squares were taken as faces.");
    default:
      return _ ("Small square pictures were taken as faces; in others the face was found and "
                "aligned.");
    }
}

static void
on_progress (int done, int total, gpointer data)
{
  fprintf (stderr, _ ("\r%d / %d pictures%s"), done, total, done == total ? "\n" : "");
}

static gboolean
on_interrupt (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
  return G_SOURCE_CONTINUE;
}

static gpointer
run_context (gpointer loop)
{
  g_main_loop_run (loop);
  return NULL;
}

LkEvaluation *
lk_test_options_run (const LkTestOptions *self, GPtrArray *models, const LkProtocol *protocol,
                     GError **error)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  guint signals[] = { g_unix_signal_add (SIGINT, on_interrupt, cancellable),
                      g_unix_signal_add (SIGTERM, on_interrupt, cancellable) };
  GThread *thread = g_thread_new ("signals", run_context, loop);
  LkEvaluation *evaluation = lk_evaluate (
      (LkModel *const *) models->pdata, (int) models->len, protocol, &self->how,
      isatty (STDERR_FILENO) ? on_progress : NULL, NULL, cancellable, error);

  while (!g_main_loop_is_running (loop))
    g_thread_yield (); /* a quit before it runs would be lost */
  g_main_loop_quit (loop);
  g_thread_join (thread);
  g_source_remove (signals[0]);
  g_source_remove (signals[1]);
  return evaluation;
}

/* ---- JSON ---- */

void
lk_json_add_double (JsonBuilder *builder, const char *name, double value)
{
  json_builder_set_member_name (builder, name);
  if (isfinite (value))
    json_builder_add_double_value (builder, value);
  else
    json_builder_add_null_value (builder);
}

void
lk_json_add_int (JsonBuilder *builder, const char *name, gint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

void
lk_json_add_text (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, value);
}

void
lk_json_add_interval (JsonBuilder *builder, const char *name, double low, double high)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
  for (int i = 0; i < 2; i++)
    if (isfinite (i == 0 ? low : high))
      json_builder_add_double_value (builder, i == 0 ? low : high);
    else
      json_builder_add_null_value (builder);
  json_builder_end_array (builder);
}
