/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-command.h"
#include "verify/lk-verifier.h"

#include <glib/gi18n.h>
#include <stdio.h>

int
lk_command_verify (int argc, char *argv[])
{
  g_autofree char *model_name = NULL, *crop = NULL;
  double threshold = -1;
  gboolean json = FALSE, match;
  const GOptionEntry options[] = {
    { "model", 'm', 0, G_OPTION_ARG_STRING, &model_name,
      N_("Model to use (name or file)"), N_("MODEL") },
      { "threshold", 't', 0, G_OPTION_ARG_DOUBLE, &threshold,
        N_("Score from which it is a match (default: the model's own, else 0.5)"), N_("0..1") },
        { "crop", 'c', 0, G_OPTION_ARG_STRING, &crop, LK_COMMAND_CROP_HELP, N_("WAY") },
          { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_("Print one JSON object"), NULL }, { NULL },
        };
  g_autoptr (GError) error = NULL;
  g_autoptr (LkModel) model = NULL;
  g_autoptr (LkVerifier) verifier = NULL;
  g_autoptr (LkFinder) finder = lk_finder_new ();
  g_autoptr (LkImage) a = NULL, b = NULL;
  LkFaceRule rule;
  float score;
  int status = lk_command_parse (&argc, &argv, options, "A B",
                                 _("Prints the match score of two pictures and the decision. Exit "
                                    "status: 0 match, 1 no match, 2 error."));

  if (status >= 0)
    return status;
  if (argc != 3)
    return lk_command_fail_usage (_("verify takes two pictures."));
  if (threshold > 1 || (threshold < 0 && !G_APPROX_VALUE (threshold, -1, 1e-9)))
    return lk_command_fail_usage (_("--threshold must lie between 0 and 1."));

  if (!lk_command_parse_crop (crop, &rule, &error) ||
      (a = lk_command_load_face (finder, argv[1], rule, &error)) == NULL ||
      (b = lk_command_load_face (finder, argv[2], rule, &error)) == NULL ||
      (model = lk_command_load_model (model_name, &error)) == NULL ||
      (verifier = lk_verifier_new (model, 0, &error)) == NULL)
    return lk_command_fail (error);

  if (threshold < 0)
    threshold = lk_model_get_threshold (model);
  score = lk_verifier_compare (verifier, a, b);
  match = (double) score > threshold;
  if (json)
    {
      g_autoptr (JsonBuilder) builder = json_builder_new ();

      json_builder_begin_object (builder);
      json_builder_set_member_name (builder, "score");
      json_builder_add_double_value (builder, (double) score);
      json_builder_set_member_name (builder, "threshold");
      json_builder_add_double_value (builder, threshold);
      json_builder_set_member_name (builder, "match");
      json_builder_add_boolean_value (builder, match);
      json_builder_set_member_name (builder, "model");
      json_builder_add_string_value (builder, lk_model_get_name (model));
      json_builder_set_member_name (builder, "trained");
      json_builder_add_boolean_value (builder, lk_model_is_trained (model));
      json_builder_end_object (builder);
      lk_command_print_json (builder);
    }
  else
    printf ("%.4f %s (%s %.2f)\n", (double) score,
            match ? _("match") : _("no match"), _("threshold"), threshold);
  return match ? LK_EXIT_OK : LK_EXIT_NO_MATCH;
}
