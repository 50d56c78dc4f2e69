/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-database-private.h"

#include "base/lk-error.h"
#include "base/lk-new-file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define BUSY_MS       5000
#define DAY_S         (24 * 3600)
#define BACKUP_PREFIX "likeness.db.before-v"
#define ASIDE_PREFIX  "likeness.db.damaged-"

gboolean
lk_database_fail (sqlite3 *db, const char *path, GError **error)
{
  g_autofree char *shown = g_filename_display_name (path);
  int code = db != NULL ? sqlite3_errcode (db) & 0xff : SQLITE_NOMEM;
  int os_code = db != NULL ? sqlite3_system_errno (db) : 0;

  /* A damaged schema number in the header has no code of its own. */
  if (code == SQLITE_ERROR && strcmp (sqlite3_errmsg (db), "unsupported file format") == 0)
    code = SQLITE_CORRUPT;
  switch (code)
    {
    case SQLITE_FULL:
      lk_file_set_error (error, ENOSPC, "written", path);
      break;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      lk_file_set_error (error, EACCES, "written", path);
      break;
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
      lk_file_set_error (error, os_code != 0 ? os_code : EIO, "used", path);
      break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      g_set_error (error, LK_ERROR, LK_ERROR_STORE_BUSY,
                   _ ("Another Likeness is writing to “%s”.  Wait for it to finish and try again."),
                      shown);
      break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      g_set_error (error, LK_ERROR, LK_ERROR_FORMAT,
                   _ ("The database “%s” is damaged.  Start Likeness again: it repairs what can be "
                      "repaired, and deletes nothing."),
                      shown);
      break;
    default:
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
                   _ ("The database “%s” could not be used: %s.  Try again."), shown,
                      db != NULL ? sqlite3_errmsg (db) : _ ("there is no memory left"));
    }
  return FALSE;
}

gboolean
lk_database_execute (LkDatabase *self, const char *sql, GError **error)
{
  return sqlite3_exec (self->db, sql, NULL, NULL, NULL) == SQLITE_OK ||
         lk_database_fail (self->db, self->path, error);
}

static LkStatement *
prepare (LkDatabase *self, GError **error, const char *sql, const char *types, va_list values)
{
  LkStatement *statement = NULL;
  int code = sqlite3_prepare_v2 (self->db, sql, -1, &statement, NULL);

  for (int i = 1; code == SQLITE_OK && *types != '\0'; i++, types++)
    switch (*types)
      {
      case 's':
        code = sqlite3_bind_text (statement, i, va_arg (values, const char *), -1,
                                  SQLITE_TRANSIENT);
        break;
      case 'i':
        code = sqlite3_bind_int64 (statement, i, va_arg (values, gint64));
        break;
      case 'd':
        code = sqlite3_bind_double (statement, i, va_arg (values, double));
        break;
      default:
        {
          GBytes *bytes = va_arg (values, GBytes *);

          if (bytes != NULL)
            code = sqlite3_bind_blob64 (statement, i, g_bytes_get_data (bytes, NULL),
                                        g_bytes_get_size (bytes), SQLITE_TRANSIENT);
        }
      }
  if (code == SQLITE_OK)
    return statement;
  lk_database_fail (self->db, self->path, error);
  sqlite3_finalize (statement);
  return NULL;
}

LkStatement *
lk_database_prepare (LkDatabase *self, GError **error, const char *sql, const char *types, ...)
{
  LkStatement *statement;
  va_list values;

  va_start (values, types);
  statement = prepare (self, error, sql, types, values);
  va_end (values);
  return statement;
}

gboolean
lk_database_step (LkDatabase *self, LkStatement *statement, GError **error)
{
  int code = sqlite3_step (statement);

  if (code != SQLITE_ROW && code != SQLITE_DONE)
    lk_database_fail (self->db, self->path, error);
  return code == SQLITE_ROW;
}

gboolean
lk_database_run (LkDatabase *self, GError **error, const char *sql, const char *types, ...)
{
  g_autoptr (LkStatement) statement = NULL;
  g_autoptr (GError) local = NULL;
  va_list values;

  va_start (values, types);
  statement = prepare (self, error, sql, types, values);
  va_end (values);
  if (statement == NULL)
    return FALSE;
  lk_database_step (self, statement, &local);
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

char *
lk_database_get_text (LkStatement *statement, int column)
{
  const char *text = (const char *) sqlite3_column_text (statement, column);

  return g_utf8_make_valid (text != NULL ? text : "", -1);
}

/* WAL files take the mode of the database, and that is what we make it. */
static sqlite3 *
connect (const char *path, GError **error)
{
  sqlite3 *db = NULL;

  if (sqlite3_open_v2 (path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW, NULL) ==
          SQLITE_OK &&
      sqlite3_busy_timeout (db, BUSY_MS) == SQLITE_OK &&
      sqlite3_exec (
          db,
          "PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;"
          "PRAGMA trusted_schema = OFF",
          NULL, NULL, NULL) == SQLITE_OK)
    return db;
  lk_database_fail (db, path, error);
  sqlite3_close (db);
  return NULL;
}

gboolean
lk_database_create (const char *path, GError **error)
{
  int fd = open (path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  sqlite3 *db = NULL;
  gboolean done;

  if (fd < 0)
    {
      lk_file_set_error (error, errno, "written", path);
      return FALSE;
    }
  close (fd);
  if (sqlite3_open_v2 (path, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK)
    done = lk_database_migrate (db, 0, path, error);
  else
    done = lk_database_fail (db, path, error);
  sqlite3_close (db);
  return done;
}

/* A file that is there is whole: an empty one is a damaged one, not a new one. */
static gboolean
create_whole (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *name = g_strdup_printf (LK_NEW_FILE_PREFIX "%08x", g_random_int ());
  g_autofree char *temporary = g_build_filename (folder, name, NULL);
  gboolean done = lk_database_create (temporary, error);

  if (done && lk_rename_fresh (temporary, path) != 0 && errno != EEXIST)
    {
      lk_file_set_error (error, errno, "written", path);
      done = FALSE;
    }
  g_unlink (temporary);
  return done;
}

static int
get_version (sqlite3 *db)
{
  g_autoptr (LkStatement) statement = NULL;

  if (sqlite3_prepare_v2 (db, "PRAGMA user_version", -1, &statement, NULL) != SQLITE_OK ||
      sqlite3_step (statement) != SQLITE_ROW)
    return -1;
  return sqlite3_column_int (statement, 0);
}

static gboolean
is_sound (sqlite3 *db)
{
  g_autoptr (LkStatement) statement = NULL;

  return sqlite3_prepare_v2 (db, "PRAGMA quick_check(1)", -1, &statement, NULL) == SQLITE_OK &&
         sqlite3_step (statement) == SQLITE_ROW &&
         g_strcmp0 ((const char *) sqlite3_column_text (statement, 0), "ok") == 0 &&
         get_version (db) > 0;
}

/* likeness.db.before-vN, N the version that it has */
static gboolean
back_up (sqlite3 *db, int version, const char *path, GError **error)
{
  g_autofree char *backup = g_strdup_printf ("%s.before-v%d", path, version + 1);
  g_autoptr (LkStatement) statement = NULL;
  int fd;

  g_unlink (backup);
  fd = open (backup, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0)
    {
      lk_file_set_error (error, errno, "written", backup);
      return FALSE;
    }
  if (sqlite3_prepare_v2 (db, "VACUUM INTO ?", -1, &statement, NULL) != SQLITE_OK ||
      sqlite3_bind_text (statement, 1, backup, -1, SQLITE_STATIC) != SQLITE_OK ||
      sqlite3_step (statement) != SQLITE_DONE || fsync (fd) != 0)
    {
      lk_database_fail (db, backup, error);
      close (fd);
      g_unlink (backup);
      return FALSE;
    }
  close (fd);
  return TRUE;
}

void
lk_database_delete_copies (const char *path, int days)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *copy = g_build_filename (folder, name, NULL);
      struct stat info;

      if ((g_str_has_prefix (name, BACKUP_PREFIX) || g_str_has_prefix (name, ASIDE_PREFIX)) &&
          lstat (copy, &info) == 0 &&
          (days == 0 || info.st_mtime <= time (NULL) - (time_t) days * DAY_S))
        g_unlink (copy);
    }
}

gboolean
lk_database_scrub (LkDatabase *self, GError **error)
{
  lk_database_delete_copies (self->path, 0);
  return lk_database_execute (self, "PRAGMA wal_checkpoint (TRUNCATE)", error);
}

/* With the lock held by us alone. */
static gboolean
bring_up (LkDatabase *self, char **notice, GError **error)
{
  int version;

  if (self->db != NULL && !is_sound (self->db))
    g_clear_pointer (&self->db, sqlite3_close);
  if (self->db == NULL)
    {
      g_autofree char *sentence = lk_database_recover (self->path, error);

      if (sentence == NULL)
        return FALSE;
      if (notice != NULL)
        *notice = g_steal_pointer (&sentence);
      self->db = connect (self->path, error);
      if (self->db == NULL)
        return FALSE;
    }
  version = get_version (self->db);
  if (version < LK_DATABASE_VERSION)
    return back_up (self->db, version, self->path, error) &&
           lk_database_migrate (self->db, version, self->path, error);
  lk_database_delete_copies (self->path, LK_DATABASE_COPY_DAYS);
  return TRUE;
}

/* Waits for one that repairs or brings up to date.  Returns: FALSE when it takes too long */
static gboolean
wait_for_lock (int fd)
{
  gint64 end = g_get_monotonic_time () + BUSY_MS * 1000;

  while (flock (fd, LOCK_SH | LOCK_NB) != 0)
    {
      if (g_get_monotonic_time () > end)
        return FALSE;
      g_usleep (20 * 1000);
    }
  return TRUE;
}

static gboolean
set_busy (const char *path, const char *why, GError **error)
{
  g_autofree char *shown = g_filename_display_name (path);
  g_autofree char *advice = g_strdup_printf (
      _ ("Another Likeness that uses “%s” is in the way: close that one and start again."), shown);

  g_set_error (error, LK_ERROR, LK_ERROR_STORE_BUSY, "%s  %s", why, advice);
  return FALSE;
}

/* Opens the file at self->path with self->lock held; @alone: nobody else has it open. */
static gboolean
open_file (LkDatabase *self, gboolean alone, char **notice, GError **error)
{
  g_autoptr (GError) local = NULL;
  int version;

  if (access (self->path, F_OK) != 0 && errno == ENOENT && !create_whole (self->path, error))
    return FALSE;
  self->db = connect (self->path, &local);
  if (self->db == NULL && !g_error_matches (local, LK_ERROR, LK_ERROR_FORMAT))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (alone)
    {
      g_autofree char *end = g_strdup_printf (
          "UPDATE run SET state = 'interrupted', ended = %" G_GINT64_FORMAT
          " WHERE state = 'running'",
          g_get_real_time () / G_USEC_PER_SEC);

      version = self->db != NULL ? get_version (self->db) : 0;
      if ((version <= LK_DATABASE_VERSION || !is_sound (self->db)) &&
          (!bring_up (self, notice, error) || !lk_database_execute (self, end, error)))
        return FALSE;
    }
  else if (self->db == NULL)
    return set_busy (self->path, _ ("The database is damaged and must be repaired."), error);
  version = get_version (self->db);
  if (version == LK_DATABASE_VERSION)
    return TRUE;
  if (version >= 0 && version < LK_DATABASE_VERSION)
    return set_busy (self->path, _ ("The database must be brought up to date."), error);
  g_set_error (error, LK_ERROR, LK_ERROR_FORMAT,
               _ ("The database “%s” was written by a newer Likeness.  Update this one."),
                  self->path);
  return FALSE;
}

LkDatabase *
lk_database_open (const char *folder, char **notice, GError **error)
{
  g_autoptr (LkDatabase) self = g_new0 (LkDatabase, 1);
  g_autofree char *lock = g_build_filename (folder, "lock", NULL);
  g_autofree char *sentence = NULL;
  gboolean alone;

  self->path = g_build_filename (folder, "likeness.db", NULL);
  self->captures = g_build_filename (folder, "captures", NULL);
  self->lock = open (lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (self->lock < 0)
    {
      lk_file_set_error (error, errno, "written", lock);
      return NULL;
    }
  alone = flock (self->lock, LOCK_EX | LOCK_NB) == 0;
  if (!alone && !wait_for_lock (self->lock))
    {
      set_busy (self->path, _ ("The database is being repaired or brought up to date."), error);
      return NULL;
    }
  if (!open_file (self, alone, &sentence, error))
    return NULL;
  if (alone)
    flock (self->lock, LOCK_SH);
  if (notice != NULL)
    *notice = g_steal_pointer (&sentence);
  return g_steal_pointer (&self);
}

void
lk_database_close (LkDatabase *self)
{
  if (self == NULL)
    return;
  sqlite3_close (self->db); /* the last one folds the WAL into the file and removes it */
  if (self->lock >= 0)
    close (self->lock);
  g_free (self->path);
  g_free (self->captures);
  g_free (self);
}
