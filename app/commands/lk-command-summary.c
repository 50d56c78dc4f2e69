/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-command.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <stdlib.h>

int
lk_command_summary (int argc, char *argv[])
{
  gboolean json = FALSE;
  const GOptionEntry options[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_("Print one JSON object"), NULL }, { NULL },
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (LkModel) model = NULL;
  const LkNetwork *network;
  int status = lk_command_parse (
      &argc, &argv, options, "MODEL",
      _("Prints a table of a network's layers, output shapes and parameters. MODEL is a name "
         "(siamese, siamese-bn, siamese-pool64, koch, likeness, or one of yours) or a file."));

  if (status >= 0)
    return status;
  if (argc != 2)
    return lk_command_fail_usage (_("summary takes one model."));
  model = lk_model_load (argv[1], &error);
  if (model == NULL)
    return lk_command_fail (error);

  network = lk_model_get_network (model);
  if (json)
    {
      g_autoptr (JsonBuilder) builder = json_builder_new ();

      json_builder_begin_object (builder);
      json_builder_set_member_name (builder, "network");
      json_builder_add_string_value (builder, lk_network_get_name (network));
      json_builder_set_member_name (builder, "embedding");
      json_builder_add_int_value (builder, lk_network_get_embedding_size (network));
      json_builder_set_member_name (builder, "parameters");
      json_builder_add_int_value (builder, (gint64) lk_network_get_size (network));
      json_builder_set_member_name (builder, "trainable");
      json_builder_add_int_value (builder, (gint64) lk_network_get_trainable (network));
      json_builder_set_member_name (builder, "trained");
      json_builder_add_boolean_value (builder, lk_model_is_trained (model));
      json_builder_set_member_name (builder, "architecture");
      json_builder_add_string_value (builder, lk_model_get_architecture (model));
      json_builder_end_object (builder);
      lk_command_print_json (builder);
    }
  else
    {
      char *text = lk_network_summary (network);
      const char *trained = lk_model_get_meta (model, "trained");

      if (text != NULL)
        fputs (text, stdout);
      free (text);
      if (trained != NULL)
        printf ("%s\n", trained);
    }
  return LK_EXIT_OK;
}
