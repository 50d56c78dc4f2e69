/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-settings"
#define G_SETTINGS_ENABLE_BACKEND

#include "lk-settings.h"

#include "eval/lk-meaning.h"

#include <gio/gsettingsbackend.h>
#include <math.h>

#define SCHEMA "app.likeness.Likeness"

static GSettings *settings;

/* Where the program was installed, or in the build folder it runs from. */
static GSettingsSchema *
find_schema (void)
{
  GSettingsSchemaSource *installed = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchemaSource) built = NULL;
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = NULL, *beside = NULL;
  GSettingsSchema *schema = NULL;

  if (program != NULL)
    {
      folder = g_path_get_dirname (program);
      beside = g_build_filename (folder, "..", "data", NULL);
      built = g_settings_schema_source_new_from_directory (beside, installed, FALSE, NULL);
    }
  if (built != NULL)
    schema = g_settings_schema_source_lookup (built, SCHEMA, TRUE);
  else if (installed != NULL)
    schema = g_settings_schema_source_lookup (installed, SCHEMA, TRUE);
  return schema;
}

GSettings *
lk_settings_get (void)
{
  if (settings == NULL)
    {
      g_autoptr (GSettingsSchema) schema = find_schema ();
      g_autoptr (GSettingsBackend) backend = NULL;

      if (schema == NULL)
        g_error ("The settings' schema %s is not installed; install the program again.", SCHEMA);
      if (g_getenv ("GSETTINGS_BACKEND") == NULL)
        {
          g_autofree char *file = g_build_filename (g_get_user_config_dir (), "likeness",
                                                    "settings", NULL);
          g_autofree char *folder = g_path_get_dirname (file);

          g_mkdir_with_parents (folder, 0700);
          backend = g_keyfile_settings_backend_new (file, "/app/likeness/", NULL);
        }
      settings = g_settings_new_full (schema, backend, NULL);
    }
  return settings;
}

LkFaceRule
lk_settings_get_rule (const char *source)
{
  gboolean files = g_str_has_prefix (source, "files:");

  if (g_settings_get_boolean (lk_settings_get (), "find-face"))
    return files ? LK_FACE_AUTO : LK_FACE_DETECT;
  return files ? LK_FACE_DOCUMENTS : LK_FACE_GUIDE;
}

void
lk_settings_get_limits (LkQualityLimits *limits)
{
  g_autoptr (GVariant) set = g_settings_get_value (lk_settings_get (), "quality-limits");

  lk_quality_limits_init (limits);
  for (int i = 0; i < LK_N_QUALITIES; i++)
    {
      double limit;

      if (g_variant_lookup (set, lk_quality_get_info (i)->id, "d", &limit) && !isnan (limit))
        limits->refuse[i] = limit;
    }
}

static gboolean
is_own (LkQualityKind kind, double limit)
{
  double own = lk_quality_get_info (kind)->refuse;

  return isinf (limit) ? isinf (own) : fabs (limit - own) < 1e-9;
}

void
lk_settings_set_limit (LkQualityKind kind, double refuse)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{sd}"));
  LkQualityLimits limits;

  lk_settings_get_limits (&limits);
  limits.refuse[kind] = refuse;
  for (int i = 0; i < LK_N_QUALITIES; i++)
    if (!is_own (i, limits.refuse[i])) /* so that a newer program's own are taken up */
      g_variant_builder_add (&builder, "{sd}", lk_quality_get_info (i)->id, limits.refuse[i]);
  g_settings_set_value (lk_settings_get (), "quality-limits", g_variant_builder_end (&builder));
}

void
lk_settings_get_own_policy (LkModel *model, LkPolicy *policy)
{
  g_autoptr (LkMeaning) meaning = lk_meaning_new (model);
  gboolean vote = g_settings_get_boolean (lk_settings_get (), "vote") ||
                  !lk_meaning_is_measured (meaning);

  *policy = LK_POLICY_DEFAULT;
  policy->way = vote ? LK_WAY_VOTE : LK_WAY_FUSED;
  if (!vote)
    policy->detection = lk_meaning_get_default (meaning);
  else if (model != NULL)
    policy->detection = lk_model_get_threshold (model);
}

void
lk_settings_get_policy (LkModel *model, LkPolicy *policy)
{
  GSettings *from = lk_settings_get ();
  double chosen;

  lk_settings_get_own_policy (model, policy);
  chosen = g_settings_get_double (from, policy->way == LK_WAY_VOTE ? "detection-threshold"
                                                                   : "match-threshold");
  if (chosen >= 0)
    policy->detection = chosen;
  policy->verification = g_settings_get_double (from, "verification-threshold");
}

gboolean
lk_settings_rename_person (const char *from, const char *to)
{
  g_autofree char *chosen = g_settings_get_string (lk_settings_get (), "person");

  if (!g_str_equal (chosen, from))
    return FALSE;
  if (to != NULL)
    g_settings_set_string (lk_settings_get (), "person", to);
  else
    g_settings_reset (lk_settings_get (), "person");
  return TRUE;
}

void
lk_settings_set_thresholds (const LkPolicy *policy)
{
  GSettings *to = lk_settings_get ();

  if (policy->way == LK_WAY_FUSED)
    g_settings_set_double (to, "match-threshold", policy->detection);
  else
    {
      g_settings_set_double (to, "detection-threshold", policy->detection);
      g_settings_set_double (to, "verification-threshold", policy->verification);
    }
}

void
lk_settings_take_thresholds (LkThresholds *taken)
{
  GSettings *from = lk_settings_get ();

  taken->detection = g_settings_get_double (from, "detection-threshold");
  taken->verification = g_settings_get_double (from, "verification-threshold");
  taken->match = g_settings_get_double (from, "match-threshold");
  g_settings_reset (from, "detection-threshold");
  g_settings_reset (from, "match-threshold");
}

void
lk_settings_restore_thresholds (const LkThresholds *taken)
{
  GSettings *to = lk_settings_get ();

  g_settings_set_double (to, "detection-threshold", taken->detection);
  g_settings_set_double (to, "verification-threshold", taken->verification);
  g_settings_set_double (to, "match-threshold", taken->match);
}

void
lk_settings_close (void)
{
  if (settings != NULL)
    g_settings_sync ();
  g_clear_object (&settings);
}
