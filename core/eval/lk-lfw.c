/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-lfw.h"

#include "base/lk-error.h"

#include "lk-metrics.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define MAX_FILE (64 * 1024 * 1024)

void
lk_lfw_list_free (LkLfwList *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < self->pairs->len; i++)
    {
      g_free (g_array_index (self->pairs, LkLfwPair, i).a);
      g_free (g_array_index (self->pairs, LkLfwPair, i).b);
    }
  g_array_unref (self->pairs);
  g_free (self);
}

static gboolean
refuse (GError **error, const char *path, int line, const char *what)
{
  g_autofree char *name = g_filename_display_basename (path);

  g_set_error (error, LK_ERROR, LK_ERROR_FORMAT,
               _ ("%s is not a list of pairs as LFW has them: line %d %s."), name, line, what);
  return FALSE;
}

/* The words of a line; NULL when it is empty. */
static char **
split_line (const char *line)
{
  char **words = g_strsplit_set (line, " \t\r", -1);
  int n = 0;

  for (int i = 0; words[i] != NULL; i++)
    if (words[i][0] != '\0')
      words[n++] = words[i];
    else
      g_free (words[i]);
  words[n] = NULL;
  if (n == 0)
    g_clear_pointer (&words, g_strfreev);
  return words;
}

static gboolean
read_number (const char *word, gint64 high, int *value)
{
  gint64 number;

  if (!g_ascii_string_to_signed (word, 10, 1, high, &number, NULL))
    return FALSE;
  *value = (int) number;
  return TRUE;
}

/* (transfer full) (nullable): ROOT/NAME/NAME_000I.jpg; NULL for what is no plain name,
 * so that no list leads out of the folder. */
static char *
picture_path (const char *root, const char *name, const char *word)
{
  g_autofree char *file = NULL;
  int number;

  if (name[0] == '.' || strchr (name, '/') != NULL || !read_number (word, 99999999, &number))
    return NULL;
  file = g_strdup_printf ("%s_%04d.jpg", name, number);
  return g_build_filename (root, name, file, NULL);
}

static gboolean
read_pair (char **words, const char *root, LkLfwPair *pair)
{
  guint n = g_strv_length (words);

  if (n != 3 && n != 4)
    return FALSE;
  *pair = (LkLfwPair){ .same = n == 3 };
  pair->a = picture_path (root, words[0], words[1]);
  pair->b = picture_path (root, n == 3 ? words[0] : words[2], words[n - 1]);
  if (pair->a != NULL && pair->b != NULL)
    return TRUE;
  g_free (pair->a);
  g_free (pair->b);
  return FALSE;
}

/* "FOLDS N" or "N" */
static gboolean
read_header (char **words, int *n_folds, int *n_each)
{
  guint n = words != NULL ? g_strv_length (words) : 0;

  if (n == 1)
    return read_number (words[0], LK_LFW_MAX_PAIRS / 2, n_each);
  return n == 2 && read_number (words[0], 1000, n_folds) &&
         read_number (words[1], LK_LFW_MAX_PAIRS / 2 / *n_folds, n_each);
}

LkLfwList *
lk_lfw_list_load (const char *path, const char *root, GError **error)
{
  g_autoptr (LkLfwList) self = g_new0 (LkLfwList, 1);
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, error);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  int n_each = 0; /* genuine pairs of a fold; 0: the file does not say */

  self->n_folds = 1;
  self->pairs = g_array_new (FALSE, FALSE, sizeof (LkLfwPair));
  if (file == NULL)
    {
      g_prefix_error (error, _ ("The list of pairs cannot be read. "));
      return NULL;
    }
  if (g_mapped_file_get_length (file) > MAX_FILE)
    {
      g_set_error (error, LK_ERROR, LK_ERROR_TOO_LARGE,
                   _ ("%s is too large for a list of pairs. Choose another file."), path);
      return NULL;
    }
  if (g_mapped_file_get_length (file) > 0) /* the contents of an empty file are NULL */
    text = g_strndup (g_mapped_file_get_contents (file), g_mapped_file_get_length (file));
  lines = g_strsplit (text != NULL ? text : "", "\n", -1);
  for (int i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) words = split_line (lines[i]);
      LkLfwPair pair;

      if (i == 0 && (words == NULL || g_strv_length (words) < 3))
        {
          if (!read_header (words, &self->n_folds, &n_each))
            {
              refuse (error, path, 1,
                      "should have the number of pairs, after that of folds if any");
              return NULL;
            }
          continue;
        }
      if (words == NULL)
        continue;
      if (!read_pair (words, root, &pair))
        {
          refuse (error, path, i + 1,
                  "should have a name and two numbers, or two names with a "
                  "number each");
          return NULL;
        }
      pair.fold = n_each > 0 ? (int) self->pairs->len / (2 * n_each) : 0;
      g_array_append_val (self->pairs, pair);
      if (pair.fold >= self->n_folds)
        {
          refuse (error, path, i + 1, "is more than the number of pairs in line 1");
          return NULL;
        }
    }
  if (self->pairs->len == 0 || (n_each > 0 && (int) self->pairs->len != 2 * n_each * self->n_folds))
    {
      refuse (error, path, 1, "is not followed by as many pairs as it says");
      return NULL;
    }
  return g_steal_pointer (&self);
}

/* Copies the pairs of @fold, or (@others) all but those. */
static int
select_fold (const float *scores, const gboolean *same, const int *folds, int n, int fold,
             gboolean others, float *some, gboolean *some_same)
{
  int count = 0;

  for (int i = 0; i < n; i++)
    {
      if (((folds != NULL ? folds[i] : 0) == fold) == others)
        continue;
      some[count] = scores[i];
      some_same[count++] = same[i];
    }
  return count;
}

void
lk_lfw_evaluate (const float *scores, const gboolean *same, const int *folds, int n, int n_folds,
                 double threshold, LkLfwResult *result)
{
  g_autofree float *some = g_new (float, MAX (1, n));
  g_autofree gboolean *some_same = g_new (gboolean, MAX (1, n));
  double sum = 0, squares = 0, thresholds = 0, variance;
  LkConfusion confusion;

  *result = (LkLfwResult){ .n_pairs = n };
  for (int fold = 0; fold < n_folds; fold++)
    {
      double at = threshold, accuracy;
      int count;

      if (n_folds > 1)
        {
          count = select_fold (scores, same, folds, n, fold, TRUE, some, some_same);
          at = lk_best_accuracy_threshold (some, some_same, count);
          if (isnan (at)) /* no score at all: nothing matches, whatever it is */
            at = threshold;
        }
      count = select_fold (scores, same, folds, n, fold, FALSE, some, some_same);
      lk_confusion_count (some, some_same, count, at, &confusion);
      accuracy = lk_confusion_accuracy (&confusion);
      result->n_right += confusion.true_positives + confusion.true_negatives;
      thresholds += at / n_folds;
      sum += accuracy;
      squares += accuracy * accuracy;
    }
  result->accuracy = sum / n_folds;
  result->threshold = thresholds;
  variance = n_folds > 1 ? MAX (0, squares - sum * sum / n_folds) / (n_folds - 1) / n_folds
                         : result->accuracy * (1 - result->accuracy) / n;
  result->accuracy_se = sqrt (variance);
  lk_wilson (result->n_right, n, &result->low, &result->high);
}
