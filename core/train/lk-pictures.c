/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-pictures.h"

#include "base/lk-error.h"
#include "face/lk-finder.h"

#include <glib/gi18n-lib.h>
#include <pthread.h> /* not GMutex: ThreadSanitizer understands pthreads only */
#include <unistd.h>

#define LIMIT      ((gsize) 2 << 30)
#define MAX_MARGIN LK_FACE_CROP_SIDE

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

gsize
lk_pictures_get_default_limit (void)
{
  long pages = sysconf (_SC_PHYS_PAGES), size = sysconf (_SC_PAGE_SIZE);

  return pages > 0 && size > 0 ? MIN (LIMIT, (gsize) pages / 4 * (gsize) size) : LIMIT / 4;
}

int
lk_pictures_get_margin (const LkImage *crop)
{
  return (crop->width - LK_FACE_CROP_SIDE) / 2;
}

/* Of an index. */
static LkImage *
decode_aligned (const char *path, GError **error)
{
  g_autoptr (LkImage) image = lk_image_load (path, error);

  if (image == NULL)
    return NULL;
  if (image->width == image->height && image->width >= LK_FACE_CROP_SIDE &&
      image->width <= LK_FACE_CROP_SIDE + 2 * MAX_MARGIN && image->width % 2 == 0)
    return g_steal_pointer (&image);
  g_set_error (
      error, LK_ERROR, LK_ERROR_SHAPE,
      _ ("%s has %dx%d pixels: the pictures of an index should be squares with an even side "
         "of %d to %d."),
         path, image->width, image->height, LK_FACE_CROP_SIDE, LK_FACE_CROP_SIDE + 2 * MAX_MARGIN);
  return NULL;
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
      const char *path = lk_dataset_get_sample (self->set, sample)->path;

      if (finder == NULL)
        finder = lk_finder_new ();
      crop = lk_dataset_is_indexed (self->set) ? decode_aligned (path, &failure)
                                               : decode (finder, path, &failure);
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

LkImage *
lk_pictures_get_middle (LkPictures *self, int sample, GError **error)
{
  g_autoptr (LkImage) crop = lk_pictures_get (self, sample, error);
  int margin = crop != NULL ? lk_pictures_get_margin (crop) : 0;

  if (margin == 0)
    return g_steal_pointer (&crop);
  return lk_image_crop (crop, margin, margin, LK_FACE_CROP_SIDE, LK_FACE_CROP_SIDE);
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
