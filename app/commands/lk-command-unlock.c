/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/lk-sitting.h"
#include "lk-command.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <stdio.h>

typedef struct
{
  GMainLoop *loop;
  int status;
  gboolean quiet, json;
  const char *person;
} Unlock;

static void
on_stage (const char *stage, const char *sentence, int n_done, gpointer data)
{
  Unlock *self = data;

  if (!self->quiet)
    fprintf (stderr, "likeness: %s\n", sentence);
}

static const char *
describe (LkSittingEnd end)
{
  return end == LK_SITTING_MATCH      ? "accepted"
         : end == LK_SITTING_NO_MATCH ? "refused"
                                      : "timed-out";
}

static void
on_done (LkSittingEnd end, double score, const char *sentence, const GError *error, gpointer data)
{
  Unlock *self = data;

  self->status = end == LK_SITTING_MATCH      ? LK_EXIT_OK
                 : end == LK_SITTING_NO_MATCH ? LK_EXIT_NO_MATCH
                                              : LK_EXIT_TIMED_OUT;
  if (error != NULL)
    self->status = lk_command_fail (error);
  else if (self->json)
    {
      g_autoptr (JsonBuilder) builder = json_builder_new ();

      json_builder_begin_object (builder);
      json_builder_set_member_name (builder, "person");
      json_builder_add_string_value (builder, self->person);
      json_builder_set_member_name (builder, "result");
      json_builder_add_string_value (builder, describe (end));
      json_builder_set_member_name (builder, "score");
      json_builder_add_double_value (builder, score);
      json_builder_set_member_name (builder, "sentence");
      json_builder_add_string_value (builder, sentence);
      json_builder_end_object (builder);
      lk_command_print_json (builder);
    }
  else if (!self->quiet)
    {
      fprintf (stderr, "likeness: %s\n", sentence);
      printf ("%s\n", describe (end));
    }
  g_main_loop_quit (self->loop);
}

static gboolean
on_interrupt (gpointer data)
{
  ((Unlock *) data)->status = LK_EXIT_ERROR;
  g_main_loop_quit (((Unlock *) data)->loop);
  return G_SOURCE_CONTINUE;
}

int
lk_command_unlock (int argc, char *argv[])
{
  g_autofree char *person = NULL, *camera = NULL, *model = NULL, *crop = NULL;
  LkSittingOptions sitting = { .timeout_s = 10, .threshold = -1 };
  Unlock self = { .status = LK_EXIT_ERROR };
  const GOptionEntry options[] = {
    /* clang-format off */
    { "name", 'n', 0, G_OPTION_ARG_STRING, &person, N_("Who it should be"), N_("NAME") },
    { "timeout", 0, 0, G_OPTION_ARG_INT, &sitting.timeout_s, N_("Seconds to try for (default 10)"), N_("S") },
    { "camera", 0, 0, G_OPTION_ARG_STRING, &camera, N_("A device, or files:PATH"), N_("SOURCE") },
    { "model", 'm', 0, G_OPTION_ARG_STRING, &model, N_("Model to use (name or file)"), N_("MODEL") },
    { "threshold", 't', 0, G_OPTION_ARG_DOUBLE, &sitting.threshold, N_("Detection threshold (default: as set in the window)"), N_("0..1") },
    { "crop", 'c', 0, G_OPTION_ARG_STRING, &crop, N_("Where the face is: auto, guide (middle of the picture) or whole"), N_("WAY") },
    { "liveness", 0, 0, G_OPTION_ARG_NONE, &sitting.liveness, N_("Ask for a turn of the head (adds up to 30 seconds)"), NULL },
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &self.quiet, N_("Say nothing: the exit status tells"), NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &self.json, N_("Print one JSON object"), NULL },
    { NULL },
                    /* clang-format on */
                  };
  g_autoptr (GError) error = NULL;
  g_autoptr (GMainLoop) loop = NULL;
  g_autoptr (LkSitting) run = NULL;
  guint interrupt;
  int status = lk_command_parse (
      &argc, &argv, options, "",
      _("Looks through the camera until the face is accepted or refused. Exit status: 0 accepted, "
        "1 refused, 2 error, 3 timed out without a face that could be checked. For other programs; "
        "a photograph or a film may pass (SECURITY.md)."));

  if (status >= 0)
    return status;
  if (argc != 1 || person == NULL)
    return lk_command_fail_usage (_("unlock needs --name."));
  if (sitting.timeout_s < 1 || sitting.timeout_s > 3600 || sitting.threshold > 1)
    return lk_command_fail_usage (_("A number is out of its range."));
  if (!lk_command_parse_crop (crop, &sitting.rule, &error))
    return lk_command_fail (error);
  sitting.person = self.person = person;
  sitting.camera = camera;
  sitting.model = model;
  self.loop = loop = g_main_loop_new (NULL, FALSE);
  run = lk_sitting_new (&sitting, on_stage, on_done, &self, &error);
  if (run == NULL)
    return lk_command_fail (error);
  interrupt = g_unix_signal_add (SIGINT, on_interrupt, &self);
  g_main_loop_run (loop);
  g_source_remove (interrupt);
  return self.status;
}
