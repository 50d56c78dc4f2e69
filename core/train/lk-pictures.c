/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-pictures.h"

#include "face/lk-finder.h"

#include <pthread.h> /* not GMutex: ThreadSanitizer understands pthreads only */

struct _LkPictures
{
  const LkDataset *set;
  gsize limit;

  pthread_mutex_t lock; /* guards everything below, not decoding */
  GPtrArray *finders;   /* (element-type LkFinder): those that no thread uses now */
  LkImage **crops;      /* (owned) (nullable) each */
  GError **errors;      /* (owned) (nullable) each */
  gsize used;
  int n_bad;
};

LkPictures *
lk_pictures_new (const LkDataset *set, gsize limit)
{
  LkPictures *self = g_new0 (LkPictures, 1);
  gsize n = (gsize) lk_dataset_get_n_samples (set);

  self->set = set;
  self->limit = limit;
  self->crops = g_new0 (LkImage *, n);
  self->errors = g_new0 (GError *, n);
  self->finders = g_ptr_array_new_with_free_func ((GDestroyNotify) lk_finder_free);
  pthread_mutex_init (&self->lock, NULL);
  return self;
}

void
lk_pictures_free (LkPictures *self)
{
  if (self == NULL)
    return;
  for (int i = 0; i < lk_dataset_get_n_samples (self->set); i++)
    {
      g_clear_pointer (&self->crops[i], lk_image_unref);
      g_clear_error (&self->errors[i]);
    }
  g_free (self->crops);
  g_free (self->errors);
  g_ptr_array_unref (self->finders);
  pthread_mutex_destroy (&self->lock);
  g_free (self);
}

static LkImage *
decode (LkFinder *finder, const char *path, GError **error)
{
  g_autoptr (LkImage) image = lk_image_load (path, error);
  g_autoptr (LkImage) face = NULL;

  if (image == NULL)
    return NULL;
  face = lk_finder_extract (finder, image, LK_FACE_AUTO, NULL, error);
  return face != NULL ? lk_face_to_crop (face) : NULL;
}

LkImage *
lk_pictures_get (LkPictures *self, int sample, GError **error)
{
  g_autoptr (GError) failure = NULL;
  LkImage *crop = NULL;
  LkFinder *finder = NULL;

  pthread_mutex_lock (&self->lock);
  if (self->crops[sample] != NULL)
    crop = lk_image_ref (self->crops[sample]);
  else if (self->errors[sample] != NULL)
    failure = g_error_copy (self->errors[sample]);
  else if (self->finders->len > 0)
    finder = g_ptr_array_steal_index (self->finders, self->finders->len - 1);
  pthread_mutex_unlock (&self->lock);
  if (crop == NULL && failure == NULL)
    {
      gsize bytes;

      if (finder == NULL)
        finder = lk_finder_new ();
      crop = decode (finder, lk_dataset_get_sample (self->set, sample)->path, &failure);
      pthread_mutex_lock (&self->lock);
      g_ptr_array_add (self->finders, finder);
      bytes = crop != NULL ? 3 * (gsize) crop->width * (gsize) crop->height : 0;
      if (crop == NULL && self->errors[sample] == NULL)
        {
          self->errors[sample] = g_error_copy (failure);
          self->n_bad++;
        }
      else if (crop != NULL && self->crops[sample] == NULL && self->used + bytes <= self->limit)
        {
          self->crops[sample] = lk_image_ref (crop);
          self->used += bytes;
        }
      pthread_mutex_unlock (&self->lock);
    }
  if (failure != NULL)
    g_propagate_error (error, g_steal_pointer (&failure));
  return crop;
}

int
lk_pictures_get_n_bad (LkPictures *self)
{
  int n;

  pthread_mutex_lock (&self->lock);
  n = self->n_bad;
  pthread_mutex_unlock (&self->lock);
  return n;
}
