/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-embedder"

#include "lk-embedder.h"

#include "base/lk-error.h"
#include "base/lk-secret.h"
#include "store/lk-embeddings.h"
#include "store/lk-store.h"
#include "verify/lk-personal.h"

#include <glib/gi18n.h>

/* One that the guide frame has cut out, or another program, may hold no face for the
 * detector: it is taken as it is. */
static LkImage *
load (LkFinder *finder, const char *path)
{
  g_autoptr (LkImage) image = lk_image_load (path, NULL);
  LkImage *face;

  if (image == NULL)
    return NULL;
  face = lk_finder_extract (finder, image, LK_FACE_AUTO, NULL, NULL);
  return face != NULL ? face : g_steal_pointer (&image);
}

/* (transfer full): embeddings hang on how faces are found too, which changes with the program. */
static char *
get_key (LkVerifier *verifier)
{
  return g_strconcat (lk_model_get_hash (lk_verifier_get_model (verifier)), "@", LK_VERSION, NULL);
}

LkImage *
lk_embedder_embed (LkVerifier *verifier, LkFinder *finder, LkDatabase *database, const char *path,
                   float *out)
{
  g_autofree char *model = get_key (verifier);
  LkImage *face = load (finder, path);

  if (face == NULL)
    return NULL;
  if (database == NULL ||
      !lk_database_get_embedding (database, path, model, out, lk_verifier_get_size (verifier)))
    {
      lk_verifier_embed (verifier, face, out);
      if (database != NULL) /* if it cannot be kept, it is computed again */
        lk_database_put_embedding (database, path, model, out, lk_verifier_get_size (verifier),
                                   NULL);
    }
  return face;
}

/* The heads that were adapted to those in the gallery. */
static void
set_heads (LkVerifier *verifier, const GPtrArray *whose)
{
  int person = -1;

  for (guint i = 0; i < whose->len; i++)
    {
      g_autoptr (GBytes) bytes = NULL;
      g_autoptr (LkPersonal) personal = NULL;

      if (i > 0 && g_str_equal (whose->pdata[i], whose->pdata[i - 1]))
        continue;
      person++;
      bytes = lk_store_find_personal (whose->pdata[i]);
      if (bytes != NULL)
        personal = lk_personal_parse (lk_verifier_get_model (verifier), bytes);
      if (personal != NULL)
        lk_verifier_set_head (verifier, person, personal->head);
    }
}

gboolean
lk_embedder_fill (LkVerifier *verifier, LkFinder *finder, LkDatabase *database,
                  const char *const *paths, const char *const *people, GCancellable *cancellable,
                  LkEmbedderProgress progress, gpointer data, GPtrArray **images, GError **error)
{
  g_autoptr (GPtrArray) faces = g_ptr_array_new_with_free_func ((GDestroyNotify) lk_image_unref);
  int n = paths != NULL ? (int) g_strv_length ((char **) paths) : 0;
  int size = lk_verifier_get_size (verifier);
  gsize bytes = sizeof (float) * (gsize) n * (gsize) size;
  float *embeddings = lk_secret_alloc (bytes);
  g_autoptr (GPtrArray) whose = people != NULL ? g_ptr_array_new () : NULL; /* of those kept */
  gboolean done = embeddings != NULL;

  lk_verifier_set_gallery (verifier, NULL, NULL, 0, NULL);
  if (!done)
    g_set_error (error, LK_ERROR, LK_ERROR_TOO_LARGE,
                 _("There is not enough memory for so many anchors. Delete some."));
  for (int i = 0; done && i < n; i++)
    {
      float *out = embeddings + (gsize) faces->len * (gsize) size;
      g_autoptr (LkImage) face = NULL;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        {
          done = FALSE;
          break;
        }
      face = lk_embedder_embed (verifier, finder, database, paths[i], out);
      if (face == NULL)
        continue;
      g_ptr_array_add (faces, g_steal_pointer (&face));
      if (whose != NULL)
        g_ptr_array_add (whose, (gpointer) people[i]);
      if (progress != NULL)
        progress (i + 1, n, data);
    }
  done = done && lk_verifier_set_gallery (verifier, embeddings,
                                          whose != NULL ? (const char *const *) whose->pdata : NULL,
                                          (int) faces->len, error);
  if (done && whose != NULL)
    set_heads (verifier, whose);
  lk_secret_free (embeddings, bytes);
  if (!done)
    g_ptr_array_set_size (faces, 0);
  *images = g_steal_pointer (&faces);
  return done;
}

void
lk_embedder_forget_others (LkVerifier *verifier, LkDatabase *database)
{
  g_autofree char *model = get_key (verifier);

  lk_database_drop_models (database, model, NULL);
}
