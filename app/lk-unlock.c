/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-unlock"

#include "lk-unlock.h"

#include "base/lk-error.h"
#include "base/lk-secret.h"
#include "base/lk-vault.h"
#include "store/lk-keys.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define MAX_PASSPHRASE 1024
#define N_TRIES        3

/* A byte at a time: what follows the line is the next question's.
 * Returns: whether there was a line */
static gboolean
read_line (int fd, char *line)
{
  gsize n = 0;
  char c;

  for (;;)
    {
      gssize got = read (fd, &c, 1);

      if (got < 0 && errno == EINTR)
        continue;
      if (got <= 0 || c == '\n')
        {
          line[n] = '\0';
          return n > 0 || got > 0;
        }
      if (n + 1 < MAX_PASSPHRASE)
        line[n++] = c;
    }
}

static gboolean
read_from_terminal (const char *prompt, char *line)
{
  int fd = open ("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
  struct termios before, quiet;
  gboolean done;

  if (fd < 0 || tcgetattr (fd, &before) != 0)
    {
      if (fd >= 0)
        close (fd);
      return FALSE;
    }
  quiet = before;
  quiet.c_lflag &= ~(tcflag_t) ECHO;
  tcsetattr (fd, TCSAFLUSH, &quiet);
  dprintf (fd, "%s ", prompt);
  done = read_line (fd, line);
  dprintf (fd, "\n");
  tcsetattr (fd, TCSAFLUSH, &before);
  close (fd);
  return done;
}

char *
lk_unlock_read_passphrase (const char *prompt, GError **error)
{
  const char *from = g_getenv ("LIKENESS_PASSPHRASE_FD");
  char *line = lk_secret_alloc (MAX_PASSPHRASE);
  guint64 fd = 0;
  gboolean done;

  if (from != NULL && g_ascii_string_to_unsigned (from, 10, 0, G_MAXINT, &fd, NULL))
    done = read_line ((int) fd, line);
  else
    done = read_from_terminal (prompt, line);
  if (done)
    return line;
  lk_unlock_free_passphrase (line);
  g_set_error_literal (
      error, LK_ERROR, LK_ERROR_LOCKED,
      _("A passphrase is needed, and there is no terminal to ask for it. Set "
                         "LIKENESS_PASSPHRASE_FD to the number of a file descriptor to read it from."));
  return NULL;
}

void
lk_unlock_free_passphrase (char *passphrase)
{
  lk_secret_free (passphrase, MAX_PASSPHRASE);
}

/* Called under the vault's own lock: by one thread at a time. */
static gboolean
open_for_command (GError **error)
{
  static GError *failure; /* who did not know it once is not asked for every picture */
  LkKeyPlace place;

  if (failure != NULL)
    {
      if (error != NULL)
        *error = g_error_copy (failure);
      return FALSE;
    }
  if (!lk_keys_get_place (NULL, &place, &failure))
    place = LK_KEY_NONE;
  else if (place != LK_KEY_PASSPHRASE || g_getenv ("LIKENESS_KEY_FILE") != NULL)
    {
      if (lk_keys_unlock (NULL, NULL, &failure))
        return TRUE;
      if (place == LK_KEY_PASSPHRASE)
        g_clear_error (&failure);
    }
  for (int i = 0; place == LK_KEY_PASSPHRASE && i < N_TRIES; i++)
    {
      char *passphrase;
      gboolean done;

      g_clear_error (&failure);
      passphrase = lk_unlock_read_passphrase (i == 0 ? _("Passphrase of the pictures:")
                                                     : _("That is not it. Passphrase:"), &failure);
      if (passphrase == NULL)
        break;
      done = lk_keys_unlock (NULL, passphrase, &failure);
      lk_unlock_free_passphrase (passphrase);
      if (done)
        return TRUE;
    }
  if (error != NULL)
    *error = g_error_copy (failure);
  return FALSE;
}

static gboolean
open_for_window (GError **error)
{
  return lk_keys_unlock (NULL, NULL, error);
}

void
lk_unlock_begin_command (void)
{
  lk_vault_set_opener (open_for_command);
}

void
lk_unlock_begin_window (void)
{
  lk_vault_set_opener (open_for_window);
}
