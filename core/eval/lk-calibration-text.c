/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "lk-calibration-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

/* Points and steps that are read of an untrusted text: ours have some 300. */
#define MAX_POINTS 4096

LkCalibration *
lk_calibration_alloc (void)
{
  LkCalibration *self = g_new0 (LkCalibration, 1);

  self->steps = g_array_new (FALSE, FALSE, sizeof (LkCalibrationStep));
  self->curve = g_array_new (FALSE, FALSE, sizeof (LkCalibrationPoint));
  return self;
}

static void
append_number (GString *out, char before, double value)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append_c (out, before);
  /* Nine digits give back a float as it was. */
  g_string_append (out, g_ascii_formatd (buffer, sizeof buffer, "%.9g", value));
}

char *
lk_calibration_to_text (const LkCalibration *self)
{
  GString *out = g_string_new ("likeness-calibration 1\nabout ");

  g_string_append (out, self->about);
  g_string_append_printf (out, "\npairs %d %d\nbalanced", self->n_genuine, self->n_impostor);
  append_number (out, ' ', self->balanced);
  g_string_append (out, "\nplatt");
  append_number (out, ' ', self->a);
  append_number (out, ' ', self->b);
  g_string_append (out, "\nisotonic");
  for (guint i = 0; i < self->steps->len; i++)
    {
      const LkCalibrationStep *step = &g_array_index (self->steps, LkCalibrationStep, i);
      char buffer[G_ASCII_DTOSTR_BUF_SIZE];

      append_number (out, ' ', step->score);
      g_string_append_printf (out, ":%s", g_ascii_formatd (buffer, sizeof buffer, "%.5g", step->p));
    }
  g_string_append (out, "\ncurve");
  for (guint i = 0; i < self->curve->len; i++)
    {
      const LkCalibrationPoint *point = &g_array_index (self->curve, LkCalibrationPoint, i);

      append_number (out, ' ', point->score);
      g_string_append_printf (out, ":%d:%d", point->matched, point->missed);
    }
  g_string_append_c (out, '\n');
  return g_string_free (out, FALSE);
}

/* @count numbers divided by @separator, and nothing behind them. */
static gboolean
read_numbers (const char *text, char separator, double *values, int count)
{
  for (int i = 0; i < count; i++)
    {
      char *end;

      values[i] = g_ascii_strtod (text, &end);
      if (end == text || !isfinite (values[i]) || *end != (i + 1 < count ? separator : '\0'))
        return FALSE;
      text = end + 1;
    }
  return TRUE;
}

static gboolean
is_count (double value, double max)
{
  return value >= 0 && value <= max && value == floor (value);
}

static gboolean
read_steps (LkCalibration *self, const char *text)
{
  g_auto (GStrv) words = g_strsplit (text, " ", MAX_POINTS + 1);
  double v[2];

  for (int i = 0; words[i] != NULL; i++)
    {
      const LkCalibrationStep *last = i > 0 ? &g_array_index (self->steps, LkCalibrationStep, i - 1)
                                            : NULL;
      LkCalibrationStep step;

      if (i == MAX_POINTS || !read_numbers (words[i], ':', v, 2) || v[1] < 0 || v[1] > 1 ||
          (last != NULL && (v[0] <= last->score || v[1] < last->p)))
        return FALSE;
      step = (LkCalibrationStep){ v[0], v[1] };
      g_array_append_val (self->steps, step);
    }
  return self->steps->len > 0;
}

static gboolean
read_curve (LkCalibration *self, const char *text)
{
  g_auto (GStrv) words = g_strsplit (text, " ", MAX_POINTS + 1);
  double v[3];

  for (int i = 0; words[i] != NULL; i++)
    {
      const LkCalibrationPoint *last = i > 0
                                           ? &g_array_index (self->curve, LkCalibrationPoint, i - 1)
                                           : NULL;
      LkCalibrationPoint point;

      if (i == MAX_POINTS || !read_numbers (words[i], ':', v, 3) ||
          !is_count (v[1], self->n_impostor) || !is_count (v[2], self->n_genuine) ||
          (last != NULL &&
           ((double) (float) v[0] <= last->score || v[1] > last->matched || v[2] < last->missed)))
        return FALSE;
      /* Scores are floats: the nearest one is that which was written. */
      point = (LkCalibrationPoint){ (double) (float) v[0], (int) v[1], (int) v[2] };
      g_array_append_val (self->curve, point);
    }
  return self->curve->len > 0;
}

/* (nullable): what follows the line's first word */
static const char *
line_after (char **lines, int i, const char *word)
{
  gsize length = strlen (word);

  if (lines[i] == NULL || strncmp (lines[i], word, length) != 0 || lines[i][length] != ' ')
    return NULL;
  return lines[i] + length + 1;
}

LkCalibration *
lk_calibration_parse (const char *text, GError **error)
{
  static const char *const names[] = {
    "likeness-calibration", "about", "pairs", "balanced", "platt", "isotonic", "curve"
  };
  g_autoptr (LkCalibration) self = lk_calibration_alloc ();
  g_auto (GStrv) lines = g_strsplit (text, "\n", 64);
  const char *rest[G_N_ELEMENTS (names)];
  double pairs[2], platt[2];
  gboolean ok = TRUE;

  for (int i = 0; i < (int) G_N_ELEMENTS (names) && ok; i++)
    ok = (rest[i] = line_after (lines, i, names[i])) != NULL;
  ok = ok && strcmp (rest[0], "1") == 0 && read_numbers (rest[2], ' ', pairs, 2) &&
       is_count (pairs[0], G_MAXINT) && is_count (pairs[1], G_MAXINT) && pairs[0] > 0 &&
       pairs[1] > 0 && read_numbers (rest[3], ' ', &self->balanced, 1) &&
       read_numbers (rest[4], ' ', platt, 2);
  if (ok)
    {
      self->about = g_strdup (rest[1]);
      self->n_genuine = (int) pairs[0];
      self->n_impostor = (int) pairs[1];
      self->balanced = (double) (float) self->balanced;
      self->a = platt[0];
      self->b = platt[1];
      ok = read_steps (self, rest[5]) && read_curve (self, rest[6]);
    }
  if (ok)
    return g_steal_pointer (&self);
  g_set_error_literal (
      error, LK_ERROR, LK_ERROR_FORMAT,
      _ ("The model's calibration is damaged, or of a version that this program does "
         "not know. Calibrate the model anew."));
  return NULL;
}
