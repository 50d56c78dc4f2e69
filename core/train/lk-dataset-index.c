/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "image/lk-image.h"

#include "lk-dataset-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define MAX_FILE   ((gsize) 512 << 20)
#define MAX_FIELDS 32
#define MAX_LABEL  64

/* Below this a picture is hardly like the others of its person: the label is doubtful. */
#define LEAST_TYPICALITY 0.25

/* A file of comma-separated values, without quotes, read line by line in place. */
typedef struct
{
  const char *name; /* for messages */
  char *text;       /* (owned) */
  char *next;
  int line; /* that was read last */
  char *fields[MAX_FIELDS];
  int n_fields;
} Table;

static gboolean
refuse (const Table *table, const char *why, GError **error)
{
  g_set_error (error, LK_ERROR, LK_ERROR_FORMAT,
               _ ("Line %d of %s cannot be used: %s. Correct it, or make the file again."),
                  table->line, table->name, why);
  return FALSE;
}

static gboolean
open_table (Table *table, const char *path, GError **error)
{
  gsize size;
  g_autoptr (GError) failure = NULL;
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, &failure);

  if (file == NULL)
    {
      g_set_error (error, failure->domain, failure->code,
                   _ ("The pictures' index cannot be read: %s."), failure->message);
      return FALSE;
    }
  size = g_mapped_file_get_length (file);
  if (size > MAX_FILE)
    {
      g_set_error (error, LK_ERROR, LK_ERROR_TOO_LARGE,
                   _ ("%s is too large: up to 512 MiB are read. Divide the pictures over folders."),
                      table->name);
      return FALSE;
    }
  table->text = g_malloc (size + 1);
  if (size > 0)
    memcpy (table->text, g_mapped_file_get_contents (file), size);
  table->text[size] = '\0';
  table->next = table->text;
  if (memchr (table->text, '\0', size) == NULL && g_utf8_validate (table->text, -1, NULL))
    return TRUE;
  g_set_error (error, LK_ERROR, LK_ERROR_FORMAT,
               _ ("%s is not a text file in UTF-8. Make it again."), table->name);
  return FALSE;
}

/* FALSE at the end. */
static gboolean
read_line (Table *table)
{
  char *at = table->next, *end;

  if (*at == '\0')
    return FALSE;
  end = at + strcspn (at, "\n");
  table->next = *end == '\n' ? end + 1 : end;
  *end = '\0';
  if (end > at && end[-1] == '\r')
    end[-1] = '\0';
  table->line++;
  table->n_fields = 0;
  while (at != NULL && table->n_fields < MAX_FIELDS)
    {
      char *comma = strchr (at, ',');

      if (comma != NULL)
        *comma++ = '\0';
      table->fields[table->n_fields++] = at;
      at = comma;
    }
  return TRUE;
}

/* Of a column that the first line names; -1: none. */
static int
find_column (const Table *table, const char *name)
{
  for (int i = 0; i < table->n_fields; i++)
    if (strcmp (table->fields[i], name) == 0)
      return i;
  return -1;
}

static gboolean
parse_number (const char *text, double *value)
{
  char *end;

  *value = g_ascii_strtod (text, &end);
  return end != text && *end == '\0' && isfinite (*value);
}

/* Whether a file's name stays below the folder. */
static gboolean
is_inside (const char *name)
{
  g_auto (GStrv) parts = g_strsplit (name, "/", -1);

  for (int i = 0; parts[i] != NULL; i++)
    if (parts[i][0] == '\0' || strcmp (parts[i], "..") == 0)
      return FALSE;
  return name[0] != '\0';
}

typedef struct
{
  int file, split, person, row, typicality; /* columns */
} Columns;

static int
person_number (LkDataset *self, GHashTable *people, const char *label)
{
  gpointer number = g_hash_table_lookup (people, label); /* from 1 */

  if (number == NULL)
    {
      g_ptr_array_add (self->people, g_strdup (label));
      number = GINT_TO_POINTER ((int) self->people->len);
      g_hash_table_insert (people, g_ptr_array_index (self->people, self->people->len - 1), number);
    }
  return GPOINTER_TO_INT (number) - 1;
}

static gboolean
add_sample (LkDataset *self, const Table *table, const Columns *columns, GHashTable *people,
            GArray *parts, GError **error)
{
  static const char *const splits[] = { "train", "val", "test", "unlabelled" };
  const char *file = table->fields[columns->file], *label = table->fields[columns->person];
  double row = table->line - 2, typicality = 1;
  int none = -1, split = 0;
  LkSample sample = { .person = -1, .session = -1, .role = LK_ROLE_ANY };

  while (split < (int) G_N_ELEMENTS (splits) &&
         strcmp (table->fields[columns->split], splits[split]) != 0)
    split++;
  if (split == (int) G_N_ELEMENTS (splits))
    return refuse (table, "its split is not train, val, test or unlabelled", error);
  if (!is_inside (file))
    return refuse (table, "its file is not one below the folder", error);
  if (columns->row >= 0 && (!parse_number (table->fields[columns->row], &row) || row < 0 ||
                            row > LK_DATASET_MAX_SAMPLES || row != floor (row)))
    return refuse (table, "its row is not a whole number", error);
  if (columns->typicality >= 0 && table->fields[columns->typicality][0] != '\0' &&
      !parse_number (table->fields[columns->typicality], &typicality))
    return refuse (table, "its typicality is not a number", error);
  if ((label[0] == '\0') != (split == 3) || strlen (label) > MAX_LABEL)
    return refuse (table, "everyone but the unlabelled needs a short name for the person", error);

  sample.part = split == 3 ? LK_PART_TRAIN : (LkPart) split;
  sample.row = (int) row;
  if (split == 3)
    self->n_unlabelled++;
  else if (split == LK_PART_TRAIN && typicality < LEAST_TYPICALITY)
    self->n_doubtful++;
  else
    {
      sample.person = sample.session = person_number (self, people, label);
      if (sample.person == (int) parts->len)
        g_array_append_val (parts, split);
      else if (g_array_index (parts, int, sample.person) != split)
        return refuse (table, "its person is in another split as well", error);
    }
  if (self->samples->len == LK_DATASET_MAX_SAMPLES)
    {
      g_set_error (error, LK_ERROR, LK_ERROR_TOO_LARGE,
                   _ ("There are more than %d pictures in %s. Divide them over folders."),
                      LK_DATASET_MAX_SAMPLES, self->folder);
      return FALSE;
    }
  sample.path = g_build_filename (self->folder, file, NULL);
  g_array_append_val (self->samples, sample);
  g_array_append_val (self->claims, none);
  g_array_append_val (self->groups, none);
  return TRUE;
}

static gboolean
read_index (LkDataset *self, Table *table, GHashTable *people, GError **error)
{
  g_autoptr (GArray) parts = g_array_new (FALSE, FALSE, sizeof (int)); /* split by person */
  Columns columns;
  int n_columns;

  if (!read_line (table))
    return refuse (table, "the file is empty", error);
  columns = (Columns){ find_column (table, "file"), find_column (table, "split"),
                       find_column (table, "person"), find_column (table, "row"),
                       find_column (table, "typicality") };
  n_columns = table->n_fields;
  if (columns.file < 0 || columns.split < 0 || columns.person < 0 || n_columns == MAX_FIELDS)
    return refuse (table, "it should name the columns file, split and person", error);
  while (read_line (table))
    {
      if (table->n_fields != n_columns)
        return refuse (table, "it has not as many fields as the first line", error);
      if (!add_sample (self, table, &columns, people, parts, error))
        return FALSE;
    }
  return TRUE;
}

static int
compare_pairs (gconstpointer a, gconstpointer b)
{
  const int *x = a, *y = b;

  return x[0] != y[0] ? x[0] - y[0] : x[1] - y[1];
}

/* Pairs of people that are not to be told apart; people without pictures are passed over. */
static gboolean
read_similar (LkDataset *self, Table *table, GHashTable *people, GError **error)
{
  int n = (int) self->people->len, columns[2], n_columns;
  g_autoptr (GArray) pairs = g_array_new (FALSE, FALSE, 2 * sizeof (int));

  if (!read_line (table))
    return refuse (table, "the file is empty", error);
  columns[0] = find_column (table, "person_a");
  columns[1] = find_column (table, "person_b");
  n_columns = table->n_fields;
  if (columns[0] < 0 || columns[1] < 0 || n_columns == MAX_FIELDS)
    return refuse (table, "it should name the columns person_a and person_b", error);
  while (read_line (table))
    {
      int pair[2], back[2];

      if (table->n_fields != n_columns)
        return refuse (table, "it has not as many fields as the first line", error);
      for (int i = 0; i < 2; i++)
        pair[i] = GPOINTER_TO_INT (g_hash_table_lookup (people, table->fields[columns[i]])) - 1;
      back[0] = pair[1];
      back[1] = pair[0];
      if (pair[0] < 0 || pair[1] < 0 || pair[0] == pair[1])
        continue;
      g_array_append_vals (pairs, pair, 1);
      g_array_append_vals (pairs, back, 1);
    }
  g_array_sort (pairs, compare_pairs);
  self->similar.begin = g_new0 (int, n + 1);
  self->similar.items = g_new (int, MAX (1, pairs->len));
  for (guint i = 0; i < pairs->len; i++)
    {
      const int *pair = (const int *) (gpointer) pairs->data + 2 * i;

      self->similar.items[i] = pair[1];
      self->similar.begin[pair[0] + 1]++;
    }
  for (int p = 0; p < n; p++)
    self->similar.begin[p + 1] += self->similar.begin[p];
  return TRUE;
}

gboolean
lk_dataset_read_index (LkDataset *self, GError **error)
{
  g_autoptr (GHashTable) people = g_hash_table_new (g_str_hash, g_str_equal);
  g_autofree char *index = g_build_filename (self->folder, LK_DATASET_INDEX, NULL);
  g_autofree char *similar = g_build_filename (self->folder, LK_DATASET_SIMILAR, NULL);
  Table table = { .name = LK_DATASET_INDEX }, other = { .name = LK_DATASET_SIMILAR };
  gboolean ok;

  ok = open_table (&table, index, error) && read_index (self, &table, people, error);
  self->n_enrolled = self->n_sessions = (int) self->people->len;
  if (ok && g_file_test (similar, G_FILE_TEST_EXISTS))
    ok = open_table (&other, similar, error) && read_similar (self, &other, people, error);
  g_free (table.text);
  g_free (other.text);
  return ok;
}
