/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-command-train-quick.h"
#include "app/lk-adapter.h"
#include "app/lk-settings.h"

#include <glib/gi18n.h>
#include <stdio.h>

static void
print_json (const LkAdaptation *adaptation, const char *person, double seconds)
{
  const struct
  {
    const char *name;
    int value;
  } numbers[] = {
    { "looks_held_out", adaptation->n_looks },
    { "strangers_held_out", adaptation->n_strangers },
    { "refused_before", adaptation->refused.before },
    { "refused_after", adaptation->refused.after },
    { "refused_before_at_1e-2", adaptation->refused_loose.before },
    { "refused_after_at_1e-2", adaptation->refused_loose.after },
    { "passed_before", adaptation->passed.before },
    { "passed_after", adaptation->passed.after },
  };
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "person");
  json_builder_add_string_value (builder, person);
  json_builder_set_member_name (builder, "kept");
  json_builder_add_boolean_value (builder, adaptation->better);
  json_builder_set_member_name (builder, "across_sessions");
  json_builder_add_boolean_value (builder, adaptation->before->across_sessions);
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      json_builder_set_member_name (builder, numbers[i].name);
      json_builder_add_int_value (builder, numbers[i].value);
    }
  json_builder_set_member_name (builder, "seconds");
  json_builder_add_double_value (builder, seconds);
  json_builder_end_object (builder);
  lk_command_print_json (builder);
}

static void
print_text (const LkAdaptation *a, const char *person)
{
  printf (_("Judged on %d looks of %s and %d strangers that it had not learnt from:\n"),
             a->n_looks, person, a->n_strangers);
  printf (_("  looks refused where at most 1 stranger in 1,000 passes: %d before, %d after\n"),
             a->refused.before, a->refused.after);
  printf (_("  where at most 1 in 100 passes: %d before, %d after\n"), a->refused_loose.before,
             a->refused_loose.after);
  printf (_("  strangers who pass at the threshold in use: %d before, %d after\n"),
             a->passed.before, a->passed.after);
  if (!a->before->across_sessions)
    printf (_("  All pictures are of one sitting: another day may turn out otherwise.\n"));
  if (a->better)
    printf (
        _("It helped, and is kept. “likeness train --quick --forget --person …” undoes it.\n"));
  else
    printf (_("It did not help, so everything stays as it was.\n"));
}

int
lk_command_train_quick (const char *person, const char *model_name, gboolean forget, gboolean json)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LkModel) model = NULL;
  g_autoptr (LkAdaptation) adaptation = NULL;
  LkPolicy policy;
  gint64 begun = g_get_monotonic_time ();

  if (person == NULL)
    return lk_command_fail_usage (_("--quick needs --person, whom to adapt to."));
  if (forget)
    {
      if (!lk_adapter_restore (person, NULL, &error))
        return lk_command_fail (error);
      if (!json)
        printf (_("%s is compared by the network's own head again.\n"), person);
      return LK_EXIT_OK;
    }
  model = lk_command_load_model (model_name, &error);
  if (model == NULL)
    return lk_command_fail (error);
  lk_settings_get_policy (model, &policy);
  adaptation = lk_adapter_adapt (model, person, policy.detection, NULL, NULL, &error);
  if (adaptation == NULL)
    return lk_command_fail (error);
  if (json)
    print_json (adaptation, person, (double) (g_get_monotonic_time () - begun) / 1e6);
  else
    print_text (adaptation, person);
  return adaptation->better ? LK_EXIT_OK : LK_EXIT_NO_MATCH;
}
