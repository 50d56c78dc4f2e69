/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/lk-error.h"
#include "image/lk-jpeg.h"
#include "lk-camera-backend.h"
#include "lk-mjpeg.h"

#define MAX_PICTURES (1024 * 1024)

/* When a picture is late by more than this the clock starts anew, instead of
 * showing the next ones in a burst. */
#define MAX_LAG_US (100 * 1000)

typedef struct
{
  const LkCameraOptions *options;
  const char *path; /* what follows "files:" */
  int stop_fd;

  GPtrArray *names;      /* (owned) (nullable) of char *: the pictures of this round, or … */
  LkMjpegReader *reader; /* (owned) (nullable): … the file of concatenated JPEGs */
  guint next;            /* index of the next picture */
  guint n_good;          /* pictures of this round that could be read */
  gboolean played;       /* a frame has been shown since the source was opened */
  gint64 due_us;         /* when the next frame is to be shown, 0 for at once */

  LkImage *last; /* (owned) (nullable): of a single picture, which is not decoded again … */
  struct stat last_info; /* … as long as its file is this one */
} Files;

typedef enum
{
  PULL_PICTURE,
  PULL_BROKEN,
  PULL_END_OF_ROUND,
  PULL_FAILED,
} Pull;

/* What the walk has gone through to where it is: a link that leads back is not followed. */
typedef struct Parent
{
  const struct Parent *up;
  dev_t device;
  ino_t inode;
} Parent;

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

static gboolean
is_mjpeg_name (const char *path)
{
  g_autofree char *lower = g_ascii_strdown (path, -1);

  return g_str_has_suffix (lower, ".mjpeg") || g_str_has_suffix (lower, ".mjpg");
}

static gboolean
leads_back (const Parent *up, const struct stat *info)
{
  while (up != NULL && (up->device != info->st_dev || up->inode != info->st_ino))
    up = up->up;
  return up != NULL;
}

/* Adds the pictures below @path, as far as it can be read, in the order of names. */
static void
walk (Files *self, const char *path, const Parent *up)
{
  g_autoptr (GPtrArray) names = NULL;
  struct dirent *entry;
  DIR *folder;

  folder = opendir (path);
  if (folder == NULL)
    return;
  names = g_ptr_array_new_with_free_func (g_free);
  while ((entry = readdir (folder)) != NULL)
    if (entry->d_name[0] != '.')
      g_ptr_array_add (names, g_strdup (entry->d_name));
  closedir (folder);
  g_ptr_array_sort (names, compare_names);

  for (guint i = 0; i < names->len && self->names->len < MAX_PICTURES; i++)
    {
      g_autofree char *child = g_build_filename (path, names->pdata[i], NULL);
      struct stat info;

      if (stat (child, &info) != 0)
        continue;
      if (S_ISREG (info.st_mode) && lk_image_is_image_name (child))
        g_ptr_array_add (self->names, g_steal_pointer (&child));
      else if (S_ISDIR (info.st_mode) && !leads_back (up, &info) &&
               !lk_camera_wait (self->stop_fd, 0))
        {
          Parent here = { up, info.st_dev, info.st_ino };

          walk (self, child, &here);
        }
    }
}

/* What keeps @path from being played, judged by @errnum. */
static void
set_path_error (Files *self, int errnum, GError **error)
{
  if (errnum == EACCES || errnum == EPERM)
    g_set_error (
        error, LK_ERROR, LK_ERROR_CAMERA_PERMISSION,
        _ ("“%s” may not be read by this user. Allow it to be read, or choose other files."),
           self->path);
  else if (self->played)
    g_set_error (error, LK_ERROR, LK_ERROR_CAMERA_UNPLUGGED,
                 _ ("“%s” went away while it was being played. It goes on when it is back."),
                    self->path);
  else if (errnum == ENOENT || errnum == ENOTDIR)
    g_set_error (
        error, LK_ERROR, LK_ERROR_CAMERA_NOT_FOUND,
        _ ("There is no file or folder “%s” to play. Check the name, or choose another one."),
           self->path);
  else
    g_set_error (error, LK_ERROR, LK_ERROR_CAMERA_FAILED,
                 _ ("“%s” cannot be played: %s. Check its disk, or choose other files."),
                    self->path, g_strerror (errnum));
}

/* Looks at the path again: pictures may have come and gone since the last round. */
static gboolean
begin_round (Files *self, GError **error)
{
  struct stat info;

  g_clear_pointer (&self->names, g_ptr_array_unref);
  g_clear_pointer (&self->reader, lk_mjpeg_reader_free);
  self->next = 0;
  self->n_good = 0;

  if (stat (self->path, &info) != 0)
    {
      set_path_error (self, errno, error);
      return FALSE;
    }
  if (S_ISREG (info.st_mode) && is_mjpeg_name (self->path))
    {
      g_autoptr (GError) cause = NULL;

      self->reader = lk_mjpeg_reader_new (self->path, &cause);
      if (self->reader != NULL)
        return TRUE;
      set_path_error (self, cause->code == G_FILE_ERROR_ACCES ? EACCES : EIO, error);
      return FALSE;
    }

  self->names = g_ptr_array_new_with_free_func (g_free);
  if (S_ISDIR (info.st_mode))
    {
      Parent root = { NULL, info.st_dev, info.st_ino };
      DIR *folder = opendir (self->path);

      if (folder == NULL)
        {
          set_path_error (self, errno, error);
          return FALSE;
        }
      closedir (folder);
      walk (self, self->path, &root);
    }
  else if (S_ISREG (info.st_mode))
    g_ptr_array_add (self->names, g_strdup (self->path));

  if (self->names->len == 0)
    {
      g_set_error (error, LK_ERROR, LK_ERROR_CAMERA_NOT_FOUND,
                   _ ("There is no picture in “%s”. Put JPEG, PNG or BMP files there, or choose "
                      "another folder."),
                      self->path);
      return FALSE;
    }
  return TRUE;
}

static Pull
pull_picture (Files *self, LkFrame *frame, GError **error)
{
  const char *name;
  struct stat info;

  if (self->next == self->names->len)
    return PULL_END_OF_ROUND;
  name = self->names->pdata[self->next++];
  if (stat (name, &info) != 0)
    {
      int why = errno;

      if (stat (self->path, &info) == 0)
        return PULL_BROKEN; /* only this one is gone */
      set_path_error (self, why, error);
      return PULL_FAILED;
    }
  if (self->last != NULL && self->names->len == 1 && info.st_ino == self->last_info.st_ino &&
      info.st_size == self->last_info.st_size &&
      memcmp (&info.st_mtim, &self->last_info.st_mtim, sizeof info.st_mtim) == 0)
    frame->image = lk_image_ref (self->last);
  else
    frame->image = lk_image_load (name, NULL);
  if (frame->image == NULL)
    return PULL_BROKEN;

  frame->name = g_strdup (name);
  if (self->names->len == 1)
    {
      g_clear_pointer (&self->last, lk_image_unref);
      self->last = lk_image_ref (frame->image);
      self->last_info = info;
    }
  return PULL_PICTURE;
}

static Pull
pull_jpeg (Files *self, LkFrame *frame)
{
  const guint8 *data;
  gsize size;

  switch (lk_mjpeg_reader_next (self->reader, &data, &size))
    {
    case LK_MJPEG_END:
      return PULL_END_OF_ROUND;
    case LK_MJPEG_BROKEN:
      return PULL_BROKEN;
    case LK_MJPEG_PICTURE:
    default:
      break;
    }
  frame->image = lk_jpeg_decode (data, size, 0, NULL);
  if (frame->image == NULL)
    return PULL_BROKEN;
  frame->name = g_strdup (self->path);
  return PULL_PICTURE;
}

/* Waits until the frame in hand is due.  Returns: whether to stop. */
static gboolean
wait_until_due (Files *self)
{
  double period_us = MIN (G_USEC_PER_SEC / self->options->fps, 24.0 * 3600 * G_USEC_PER_SEC);
  gint64 now = g_get_monotonic_time ();

  if (self->due_us < now - MAX_LAG_US)
    self->due_us = now;
  if (lk_camera_wait (self->stop_fd, self->due_us))
    return TRUE;
  self->due_us += (gint64) period_us;
  return FALSE;
}

static LkCameraStep
files_next (gpointer source, LkFrame *frame, guint64 *n_dropped, GError **error)
{
  Files *self = source;

  while (!lk_camera_wait (self->stop_fd, 0))
    {
      gint64 begun_us = g_get_monotonic_time ();

      switch (self->reader != NULL ? pull_jpeg (self, frame) : pull_picture (self, frame, error))
        {
        case PULL_PICTURE:
          frame->decode_us = g_get_monotonic_time () - begun_us;
          self->n_good++;
          if (wait_until_due (self))
            return LK_CAMERA_STEP_STOPPED;
          frame->when_us = g_get_monotonic_time ();
          self->played = TRUE;
          return LK_CAMERA_STEP_FRAME;
        case PULL_BROKEN:
          (*n_dropped)++;
          break;
        case PULL_END_OF_ROUND:
          if (self->n_good == 0)
            {
              g_set_error (error, LK_ERROR, LK_ERROR_CAMERA_NOT_FOUND,
                           _ ("Not one picture in “%s” could be read: they are damaged, or not "
                              "JPEG, PNG or BMP files. Choose other files."),
                              self->path);
              return LK_CAMERA_STEP_FAILED;
            }
          if (self->options->once)
            return LK_CAMERA_STEP_ENDED;
          if (!begin_round (self, error))
            return LK_CAMERA_STEP_FAILED;
          break;
        case PULL_FAILED:
        default:
          return LK_CAMERA_STEP_FAILED;
        }
    }
  return LK_CAMERA_STEP_STOPPED;
}

static char *
files_describe (gpointer source, const LkFrame *frame)
{
  Files *self = source;

  return g_strdup_printf ("%d×%d %s, %g fps", frame->image->width, frame->image->height,
                          self->reader != NULL ? "MJPEG" : "pictures", self->options->fps);
}

static void
files_close (gpointer source)
{
  Files *self = source;

  g_clear_pointer (&self->names, g_ptr_array_unref);
  g_clear_pointer (&self->reader, lk_mjpeg_reader_free);
  g_clear_pointer (&self->last, lk_image_unref);
  g_free (self);
}

static gpointer
files_open (const LkCameraOptions *options, int stop_fd, GError **error)
{
  Files *self = g_new0 (Files, 1);

  self->options = options;
  self->path = options->source + strlen (LK_CAMERA_FILES_PREFIX);
  self->stop_fd = stop_fd;
  if (begin_round (self, error))
    return self;
  files_close (self);
  return NULL;
}

const LkCameraBackend lk_camera_files_backend = { files_open, files_next, files_describe,
                                                  files_close };
