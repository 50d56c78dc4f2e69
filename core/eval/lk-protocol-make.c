/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "base/lk-random.h"
#include "lk-protocol.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <stdlib.h>

/* Two numbers, the smaller first, as one that can be sorted and looked for. */
static guint64
make_key (int a, int b)
{
  return (guint64) MIN (a, b) << 32 | (guint64) MAX (a, b);
}

static int
compare_keys (gconstpointer a, gconstpointer b)
{
  guint64 x = *(const guint64 *) a, y = *(const guint64 *) b;

  return (x > y) - (x < y);
}

void
lk_protocol_exclude (LkProtocol *self, int person_a, int person_b)
{
  guint64 key = make_key (person_a, person_b);

  g_array_append_val (self->look_alike, key);
}

gboolean
lk_protocol_is_excluded (const LkProtocol *self, int person_a, int person_b)
{
  guint64 key = make_key (person_a, person_b);

  return g_array_binary_search (self->look_alike, &key, compare_keys, NULL);
}

static const LkProtocolPicture *
picture (const LkProtocol *self, int i)
{
  return &g_array_index (self->pictures, LkProtocolPicture, i);
}

/* The pictures of person p are items[begin[p]] .. items[begin[p + 1] - 1]. */
typedef struct
{
  int *items, *begin;
  gboolean by_session; /* genuine pairs are of two sessions */
} ByPerson;

static void
by_person_clear (ByPerson *self)
{
  g_free (self->items);
  g_free (self->begin);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ByPerson, by_person_clear)

static void
sort_by_person (LkProtocol *self, ByPerson *out)
{
  int n = (int) self->pictures->len, n_people = (int) self->people->len;
  g_autofree int *at = NULL;

  out->items = g_new (int, MAX (1, n));
  out->begin = g_new0 (int, n_people + 1);
  out->by_session = FALSE;
  for (int i = 0; i < n; i++)
    out->begin[picture (self, i)->person + 1]++;
  for (int p = 0; p < n_people; p++)
    out->begin[p + 1] += out->begin[p];
  at = g_memdup2 (out->begin, (gsize) (n_people + 1) * sizeof *at);
  for (int i = 0; i < n; i++)
    out->items[at[picture (self, i)->person]++] = i;
  for (int p = 0; p < n_people; p++)
    for (int i = out->begin[p]; i < out->begin[p + 1]; i++)
      if (picture (self, out->items[i])->session !=
          picture (self, out->items[out->begin[p]])->session)
        out->by_session = TRUE;
  g_array_sort (self->look_alike, compare_keys);
}

static gboolean
is_genuine (const LkProtocol *self, const ByPerson *by, int a, int b)
{
  return a != b && (!by->by_session || picture (self, a)->session != picture (self, b)->session);
}

/* Sorts and leaves each key once. */
static void
make_unique (GArray *keys)
{
  guint n = 0;

  g_array_sort (keys, compare_keys);
  for (guint i = 0; i < keys->len; i++)
    if (i == 0 || g_array_index (keys, guint64, i) != g_array_index (keys, guint64, n - 1))
      g_array_index (keys, guint64, n++) = g_array_index (keys, guint64, i);
  g_array_set_size (keys, n);
}

/* Leaves @n of the keys, at random. */
static void
thin_out (GArray *keys, guint n, LkRandom *random)
{
  for (guint i = 0; i < n && i < keys->len; i++)
    {
      guint j = i + lk_random_below (random, keys->len - i);
      guint64 keep = g_array_index (keys, guint64, i);

      g_array_index (keys, guint64, i) = g_array_index (keys, guint64, j);
      g_array_index (keys, guint64, j) = keep;
    }
  g_array_set_size (keys, MIN (keys->len, n));
  g_array_sort (keys, compare_keys);
}

static void
add_keys (LkProtocol *self, const GArray *keys, gboolean same)
{
  for (guint i = 0; i < keys->len; i++)
    {
      guint64 key = g_array_index (keys, guint64, i);

      lk_protocol_add_pair (self, (int) (key >> 32), (int) (key & G_MAXUINT32), same, 0);
    }
}

/* Most pairs of a person that are written down to choose from. */
#define MAX_LISTED 1000000

static void
add_genuine (LkProtocol *self, const ByPerson *by, int person, int max, LkRandom *random)
{
  g_autoptr (GArray) keys = g_array_new (FALSE, FALSE, sizeof (guint64));
  int first = by->begin[person], n = by->begin[person + 1] - first;

  if ((gint64) n * (n - 1) / 2 <= MAX_LISTED)
    {
      for (int i = 0; i < n; i++)
        for (int j = i + 1; j < n; j++)
          if (is_genuine (self, by, by->items[first + i], by->items[first + j]))
            {
              guint64 key = make_key (by->items[first + i], by->items[first + j]);

              g_array_append_val (keys, key);
            }
    }
  else
    for (int draw = 0; draw < MAX_LISTED; draw++)
      {
        int a = by->items[first + (int) lk_random_below (random, (guint32) n)];
        int b = by->items[first + (int) lk_random_below (random, (guint32) n)];
        guint64 key = make_key (a, b);

        if (is_genuine (self, by, a, b))
          g_array_append_val (keys, key);
      }
  make_unique (keys);
  thin_out (keys, (guint) max, random);
  add_keys (self, keys, TRUE);
}

static gboolean
is_impostor (const LkProtocol *self, int a, int b)
{
  int person_a = picture (self, a)->person, person_b = picture (self, b)->person;

  return person_a != person_b && !lk_protocol_is_excluded (self, person_a, person_b);
}

static void
add_impostors (LkProtocol *self, int wanted, LkRandom *random)
{
  g_autoptr (GArray) keys = g_array_new (FALSE, FALSE, sizeof (guint64));
  guint32 n = self->pictures->len;

  if ((guint64) n * (n - 1) / 2 <= 2 * (guint64) wanted)
    {
      for (guint32 i = 0; i < n; i++)
        for (guint32 j = i + 1; j < n; j++)
          if (is_impostor (self, (int) i, (int) j))
            {
              guint64 key = make_key ((int) i, (int) j);

              g_array_append_val (keys, key);
            }
    }
  else /* some rounds, for what was drawn twice or cannot be used */
    for (int round = 0; round < 20 && keys->len < (guint) wanted; round++)
      {
        for (guint draw = 0, missing = (guint) wanted - keys->len; draw < missing; draw++)
          {
            int a = (int) lk_random_below (random, n), b = (int) lk_random_below (random, n);
            guint64 key = make_key (a, b);

            if (is_impostor (self, a, b))
              g_array_append_val (keys, key);
          }
        make_unique (keys);
      }
  thin_out (keys, (guint) wanted, random);
  add_keys (self, keys, FALSE);
}

gboolean
lk_protocol_make_pairs (LkProtocol *self, int max_genuine, int n_impostor, guint64 seed,
                        GError **error)
{
  g_auto (ByPerson) by = { NULL };
  guint before = self->pairs->len, n_genuine;
  LkRandom random;

  sort_by_person (self, &by);
  lk_random_seed (&random, seed);
  for (int p = 0; p < (int) self->people->len; p++)
    add_genuine (self, &by, p, max_genuine, &random);
  n_genuine = self->pairs->len - before;
  if (n_genuine == 0)
    {
      g_set_error (
          error, LK_ERROR, LK_ERROR_NO_DATA,
          _ ("“%s” has nobody with two pictures, so that nothing can be told alike. Choose a "
             "folder with more pictures a person."),
             self->name);
      return FALSE;
    }
  if (self->people->len > 1)
    add_impostors (self, n_impostor, &random);
  if (self->pairs->len - before == n_genuine)
    {
      g_set_error (
          error, LK_ERROR, LK_ERROR_NO_DATA,
          _ ("“%s” has no two people who can be set against each other. Choose a folder with "
             "more people."),
             self->name);
      return FALSE;
    }
  g_free (self->about);
  self->about = g_strdup_printf (_ ("%u pictures of %u people. Genuine pairs: %u, %s, at most %d a "
                                    "person. Impostor pairs: %u, "
                                    "drawn at random with seed %" PRIu64 "."),
                                    self->pictures->len, self->people->len, n_genuine,
                                    by.by_session ? _ ("each of two different sessions")
                                                  : _ ("of any two pictures"), max_genuine,
                                                       self->pairs->len - before - n_genuine, seed);
  return TRUE;
}

/* Draws a genuine pair of a person, or says that there is none. */
static gboolean
draw_genuine (const LkProtocol *self, const ByPerson *by, int person, LkRandom *random, int *a,
              int *b)
{
  int first = by->begin[person], n = by->begin[person + 1] - first;

  for (int draw = 0; n > 1 && draw < 100; draw++)
    {
      *a = by->items[first + (int) lk_random_below (random, (guint32) n)];
      *b = by->items[first + (int) lk_random_below (random, (guint32) n)];
      if (is_genuine (self, by, *a, *b))
        return TRUE;
    }
  return FALSE;
}

/* People who can be set against @person, in random order, at most @n of them. */
static int
draw_others (const LkProtocol *self, const ByPerson *by, int person, int *order, int n_present,
             int n, LkRandom *random, int *others)
{
  int found = 0;

  for (int i = 0; i < n_present && found < n; i++)
    {
      int j = i + (int) lk_random_below (random, (guint32) (n_present - i)), other = order[j];

      order[j] = order[i];
      order[i] = other;
      if (other != person && !lk_protocol_is_excluded (self, person, other))
        others[found++] = other;
    }
  return found;
}

gboolean
lk_protocol_make_trials (LkProtocol *self, int n_way, int n_trials, guint64 seed, GError **error)
{
  g_auto (ByPerson) by = { NULL };
  int n_people = (int) self->people->len, n_present = 0, made = 0;
  g_autofree int *order = g_new (int, MAX (1, n_people)), *others = NULL;
  LkRandom random;

  g_return_val_if_fail (n_way >= 2 && n_trials >= 1, FALSE);

  sort_by_person (self, &by);
  lk_random_seed (&random, seed);
  for (int p = 0; p < n_people; p++)
    if (by.begin[p + 1] > by.begin[p])
      order[n_present++] = p;
  others = g_new (int, n_way);

  for (int draw = 0; n_present >= n_way && made < n_trials && draw < 100 * n_trials; draw++)
    {
      int person = order[lk_random_below (&random, (guint32) n_present)], probe, right;
      LkProtocolTrial trial = { .first = (int) self->candidates->len, .n = n_way };

      if (!draw_genuine (self, &by, person, &random, &probe, &right) ||
          draw_others (self, &by, person, order, n_present, n_way - 1, &random, others) < n_way - 1)
        continue;
      trial.probe = probe;
      trial.correct = (int) lk_random_below (&random, (guint32) n_way);
      for (int i = 0, other = 0; i < n_way; i++)
        {
          int candidate = right;

          if (i != trial.correct)
            {
              int first = by.begin[others[other]], n = by.begin[others[other] + 1] - first;

              candidate = by.items[first + (int) lk_random_below (&random, (guint32) n)];
              other++;
            }
          g_array_append_val (self->candidates, candidate);
        }
      g_array_append_val (self->trials, trial);
      made++;
    }
  if (made == n_trials)
    return TRUE;
  g_set_error (
      error, LK_ERROR, LK_ERROR_NO_DATA,
      _ ("“%s” has too few people, or too few pictures of each, for trials among %d. Choose a "
         "smaller number, or a larger folder."),
         self->name, n_way);
  return FALSE;
}
