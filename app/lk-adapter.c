/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-adapter"

#include "lk-adapter.h"

#include "base/lk-error.h"
#include "base/lk-secret.h"
#include "lk-embedder.h"
#include "verify/lk-personal.h"

#include <glib/gi18n.h>

/* A person's pictures with their embeddings, which are secret. */
typedef struct
{
  LkOwnPictures own;
  float *embeddings;
  gsize bytes;
  int *sessions;
  gboolean *is_anchor;
} Pictures;

static void
pictures_clear (Pictures *self)
{
  lk_secret_free (self->embeddings, self->bytes);
  g_free (self->sessions);
  g_free (self->is_anchor);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Pictures, pictures_clear)

/* (transfer full) (element-type LkCapture): anchors, and @all: positives, by session */
static GPtrArray *
list (LkStore *store, const char *person, gboolean all, GError **error)
{
  g_autoptr (GPtrArray) captures = lk_store_list_captures (store, person, LK_CAPTURE_ANCHOR, error);
  g_autoptr (GPtrArray) more = NULL;

  if (captures == NULL || !all)
    return g_steal_pointer (&captures);
  more = lk_store_list_captures (store, person, LK_CAPTURE_POSITIVE, error);
  if (more == NULL)
    return NULL;
  for (guint i = 0; i < more->len; i++)
    g_ptr_array_add (captures, lk_capture_copy (more->pdata[i]));
  return g_steal_pointer (&captures);
}

/* The same number for those of one sitting. */
static int
find_session (const GPtrArray *captures, guint i)
{
  const char *session = ((LkCapture *) captures->pdata[i])->session;

  for (guint k = 0; k < i; k++)
    if (g_str_equal (((LkCapture *) captures->pdata[k])->session, session))
      return (int) k;
  return (int) i;
}

static gboolean
load (Pictures *self, LkStore *store, LkModel *model, const char *person, gboolean all,
      GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) captures = list (store, person, all, error);
  g_autoptr (LkVerifier) verifier = captures != NULL ? lk_verifier_new (model, 0, error) : NULL;
  g_autoptr (LkFinder) finder = NULL;
  gsize size;

  if (verifier == NULL)
    return FALSE;
  finder = lk_finder_new ();
  size = (gsize) lk_verifier_get_size (verifier);
  self->bytes = sizeof (float) * size * captures->len;
  self->embeddings = lk_secret_alloc (self->bytes);
  self->sessions = g_new (int, MAX (1, captures->len));
  self->is_anchor = g_new (gboolean, MAX (1, captures->len));
  if (self->embeddings == NULL)
    {
      g_set_error_literal (error, LK_ERROR, LK_ERROR_TOO_LARGE,
                           _("There is not enough memory for so many pictures. Delete some."));
      return FALSE;
    }
  for (guint i = 0; i < captures->len; i++)
    {
      const LkCapture *capture = captures->pdata[i];
      g_autoptr (LkImage) face = NULL;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      face = lk_embedder_embed (verifier, finder, lk_store_get_database (store), capture->path,
                                self->embeddings + (gsize) self->own.n * size);
      if (face == NULL)
        continue;
      self->sessions[self->own.n] = find_session (captures, i);
      self->is_anchor[self->own.n++] = capture->kind == LK_CAPTURE_ANCHOR;
    }
  if (self->own.n == 0)
    {
      g_set_error (error, LK_ERROR, LK_ERROR_NO_DATA,
                   _("There are no pictures of “%s” that can be read. Enrol first."), person);
      return FALSE;
    }
  self->own.embeddings = self->embeddings;
  self->own.sessions = self->sessions;
  self->own.is_anchor = self->is_anchor;
  return TRUE;
}

LkOwnScores *
lk_adapter_measure (LkModel *model, const char *person, GCancellable *cancellable, GError **error)
{
  g_autoptr (LkCohort) cohort = lk_cohort_load (model, error);
  g_autoptr (LkStore) store = cohort != NULL ? lk_store_open (NULL, error) : NULL;
  g_autoptr (LkHead) head = NULL;
  g_autoptr (GBytes) kept = NULL;
  g_autoptr (LkPersonal) personal = NULL;
  g_auto (Pictures) pictures = { { 0 } };

  if (store == NULL)
    return NULL;
  kept = lk_store_get_personal (store, person);
  personal = kept != NULL ? lk_personal_parse (model, kept) : NULL;
  if (personal != NULL)
    return g_steal_pointer (&personal->scores);
  if (!load (&pictures, store, model, person, FALSE, cancellable, error))
    return NULL;
  head = lk_head_of_model (model);
  return lk_own_scores_measure (head, LK_FUSION_DEFAULT, pictures.embeddings, pictures.sessions,
                                pictures.own.n, cohort);
}

LkAdaptation *
lk_adapter_adapt (LkModel *model, const char *person, double threshold, GBytes **previous,
                  GCancellable *cancellable, GError **error)
{
  g_autoptr (LkCohort) cohort = lk_cohort_load (model, error);
  g_autoptr (LkStore) store = cohort != NULL ? lk_store_open (NULL, error) : NULL;
  g_autoptr (LkHead) head = NULL;
  g_autoptr (LkAdaptation) adaptation = NULL;
  g_autoptr (GBytes) before = NULL, bytes = NULL;
  g_auto (Pictures) pictures = { { 0 } };

  if (store == NULL || !load (&pictures, store, model, person, TRUE, cancellable, error))
    return NULL;
  head = lk_head_of_model (model);
  adaptation = lk_adapt (head, LK_FUSION_DEFAULT, &pictures.own, cohort, threshold, cancellable,
                         error);
  if (adaptation == NULL)
    return NULL;
  before = lk_store_get_personal (store, person);
  if (adaptation->better)
    {
      bytes = lk_personal_to_bytes (model, adaptation->head, adaptation->after);
      if (!lk_store_set_personal (store, person, bytes, error))
        return NULL;
    }
  if (previous != NULL)
    *previous = g_steal_pointer (&before);
  return g_steal_pointer (&adaptation);
}

gboolean
lk_adapter_restore (const char *person, GBytes *previous, GError **error)
{
  g_autoptr (LkStore) store = lk_store_open (NULL, error);

  return store != NULL && lk_store_set_personal (store, person, previous, error);
}
