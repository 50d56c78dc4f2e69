/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-galleries.h"

#include "base/lk-random.h"

#include <string.h>

#define N LK_GALLERIES_ANCHORS

/* A set of anchors, and what it is to be compared with next. */
typedef struct
{
  int person;
  int pictures[N];
} Gallery;

typedef struct
{
  const LkEvaluation *evaluation;
  const LkProtocol *protocol;
  const LkHead *head;
  LkFusion how;
  GPtrArray *of_person; /* of GArray of int: usable pictures, in a random order */
  GArray *galleries;    /* of Gallery */
  GArray *scores, *same;
  LkRandom random;
} Work;

void
lk_galleries_clear (LkGalleries *self)
{
  g_clear_pointer (&self->scores, g_free);
  g_clear_pointer (&self->same, g_free);
  self->n = 0;
}

static const LkProtocolPicture *
picture_at (const Work *self, int i)
{
  return &g_array_index (self->protocol->pictures, LkProtocolPicture, i);
}

static const float *
embedding_of (const Work *self, int picture)
{
  const LkModelRun *run = self->evaluation->runs->pdata[0];

  return run->embeddings + (gsize) self->evaluation->rows[picture] * (gsize) run->size;
}

static void
free_array (gpointer array)
{
  g_array_unref (array);
}

static int
compare_sessions (gconstpointer a, gconstpointer b, gpointer data)
{
  const LkProtocol *protocol = data;
  int x = g_array_index (protocol->pictures, LkProtocolPicture, *(const int *) a).session;
  int y = g_array_index (protocol->pictures, LkProtocolPicture, *(const int *) b).session;

  return (x > y) - (x < y);
}

/* Usable pictures by person, in a random order; sittings one after the other, so that a set of
 * anchors is of as few as can be. */
static GPtrArray *
sort_pictures (const LkEvaluation *evaluation, const int *only, int half, LkRandom *random)
{
  const LkProtocol *protocol = evaluation->protocol;
  GPtrArray *of_person = g_ptr_array_new_with_free_func (free_array);

  for (guint p = 0; p < protocol->people->len; p++)
    g_ptr_array_add (of_person, g_array_new (FALSE, FALSE, sizeof (int)));
  for (int i = 0; i < (int) protocol->pictures->len; i++)
    {
      int person = g_array_index (protocol->pictures, LkProtocolPicture, i).person;

      if (evaluation->rows[i] >= 0 && person >= 0 && (only == NULL || only[person] == half))
        g_array_append_val ((GArray *) of_person->pdata[person], i);
    }
  for (guint p = 0; p < of_person->len; p++)
    {
      GArray *pictures = of_person->pdata[p];

      lk_random_shuffle (random, (int *) pictures->data, (int) pictures->len);
      g_qsort_with_data (pictures->data, (int) pictures->len, sizeof (int), compare_sessions,
                         (gpointer) protocol); /* which leaves equal ones as they are */
    }
  return of_person;
}

static void
add_score (Work *self, const Gallery *gallery, int picture, gboolean same)
{
  float scores[N], fused;

  for (int i = 0; i < N; i++)
    scores[i] = (float) lk_probability (lk_head_compare (
        self->head, embedding_of (self, picture), embedding_of (self, gallery->pictures[i])));
  fused = (float) lk_fuse_anchors (self->how, scores, N);
  g_array_append_val (self->scores, fused);
  g_array_append_val (self->same, same);
}

/* A session of -1 is not known: such a picture may be of any other. */
static gboolean
is_another_session (const Work *self, const Gallery *gallery, int picture)
{
  int session = picture_at (self, picture)->session;

  for (int i = 0; i < N; i++)
    if (gallery->pictures[i] == picture ||
        (session >= 0 && picture_at (self, gallery->pictures[i])->session == session))
      return FALSE;
  return TRUE;
}

static void
add_genuine (Work *self, int max)
{
  int n = 0;

  for (guint g = 0; g < self->galleries->len; g++)
    {
      const Gallery *gallery = &g_array_index (self->galleries, Gallery, g);
      const GArray *own = self->of_person->pdata[gallery->person];

      if (g > 0 && (gallery - 1)->person != gallery->person)
        n = 0;
      for (guint i = 0; i < own->len && n < max; i++)
        if (is_another_session (self, gallery, g_array_index (own, int, i)))
          {
            add_score (self, gallery, g_array_index (own, int, i), TRUE);
            n++;
          }
    }
}

/* As many strangers for each gallery, drawn person by person. */
static void
add_impostors (Work *self, int n)
{
  int n_people = (int) self->of_person->len, n_galleries = (int) self->galleries->len;
  g_autofree int *order = g_new (int, n_people);

  for (int p = 0; p < n_people; p++)
    order[p] = p;
  for (int g = 0; g < n_galleries; g++)
    {
      const Gallery *gallery = &g_array_index (self->galleries, Gallery, g);
      int due = (int) ((gint64) n * (g + 1) / n_galleries - (gint64) n * g / n_galleries);

      lk_random_shuffle (&self->random, order, n_people);
      for (guint round = 0, n_left = 1; due > 0 && n_left > 0; round++)
        {
          n_left = 0;
          for (int p = 0; p < n_people && due > 0; p++)
            {
              const GArray *pictures = self->of_person->pdata[order[p]];

              if (order[p] == gallery->person || round >= pictures->len ||
                  lk_protocol_is_excluded (self->protocol, order[p], gallery->person))
                continue;
              add_score (self, gallery, g_array_index (pictures, int, round), FALSE);
              due--;
              n_left++;
            }
        }
    }
}

void
lk_galleries_score (const LkEvaluation *evaluation, const LkHead *head, LkFusion how,
                    int max_genuine, int n_impostor, const int *only, int half, guint64 seed,
                    LkGalleries *out)
{
  Work work = { .evaluation = evaluation,
                .protocol = evaluation->protocol,
                .head = head,
                .how = how,
                .galleries = g_array_new (FALSE, FALSE, sizeof (Gallery)),
                .scores = g_array_new (FALSE, FALSE, sizeof (float)),
                .same = g_array_new (FALSE, FALSE, sizeof (gboolean)) };

  *out = (LkGalleries){ 0 };
  lk_random_seed (&work.random, seed);
  work.of_person = sort_pictures (evaluation, only, half, &work.random);
  for (int p = 0; p < (int) work.of_person->len; p++)
    {
      const GArray *pictures = work.of_person->pdata[p];

      out->n_people += pictures->len > N ? 1 : 0;
      for (guint begin = 0; begin + N < pictures->len; begin += N)
        {
          Gallery gallery = { .person = p };

          memcpy (gallery.pictures, &g_array_index (pictures, int, begin), sizeof gallery.pictures);
          g_array_append_val (work.galleries, gallery);
        }
    }
  add_genuine (&work, max_genuine);
  add_impostors (&work, n_impostor);

  out->n_galleries = (int) work.galleries->len;
  out->n = (int) work.scores->len;
  out->scores = (float *) g_array_free (work.scores, FALSE);
  out->same = (gboolean *) g_array_free (work.same, FALSE);
  g_array_unref (work.galleries);
  g_ptr_array_unref (work.of_person);
}

float *
lk_galleries_draw_strangers (const LkEvaluation *evaluation, int n, guint64 seed, int *n_found)
{
  const LkModelRun *run = evaluation->runs->pdata[0];
  g_autoptr (GPtrArray) of_person = NULL;
  g_autofree int *order = NULL;
  float *out;
  LkRandom random;

  lk_random_seed (&random, seed);
  of_person = sort_pictures (evaluation, NULL, 0, &random);
  order = g_new (int, of_person->len);
  for (int p = 0; p < (int) of_person->len; p++)
    order[p] = p;
  lk_random_shuffle (&random, order, (int) of_person->len);
  out = g_new (float, (gsize) MAX (1, n) * (gsize) run->size);
  *n_found = 0;
  for (int p = 0; p < (int) of_person->len && *n_found < n; p++)
    {
      const GArray *pictures = of_person->pdata[order[p]];
      int row;

      if (pictures->len == 0)
        continue;
      row = evaluation->rows[g_array_index (pictures, int, 0)];
      memcpy (out + (gsize) (*n_found)++ * (gsize) run->size,
              run->embeddings + (gsize) row * (gsize) run->size, sizeof *out * (gsize) run->size);
    }
  return out;
}
