/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "store/lk-archive.h"

#include <sodium.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

#define START_SIZE 58 /* see lk-archive.h: up to the head */

/* Somebody who knows the passphrase made the file: the first byte odd, the rest is what the
 * records hold (a length of two bytes and a tag each), sealed as it should be.  Else the
 * bytes are the file. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static const guint8 key[32] = { 1 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GByteArray) file = g_byte_array_new ();
  gboolean good;

  if (sodium_init () < 0 || size == 0)
    return 0;
  if ((data[0] & 1) == 0)
    g_byte_array_append (file, data + 1, (guint) size - 1);
  else
    {
      guint8 start[START_SIZE] = "LKPERSON1\n";
      crypto_secretstream_xchacha20poly1305_state state;

      start[26] = 1;
      start[30] = 1;
      crypto_secretstream_xchacha20poly1305_init_push (&state, start + 34, key);
      g_byte_array_append (file, start, sizeof start);
      for (gsize at = 1; at + 3 <= size;)
        {
          gsize n = MIN ((gsize) data[at] << 8 | data[at + 1], size - at - 3);
          g_autofree guint8 *sealed = g_malloc (4 + n + 17);
          guint32 length = GUINT32_TO_LE ((guint32) n + 17);

          memcpy (sealed, &length, 4);
          crypto_secretstream_xchacha20poly1305_push (&state, sealed + 4, NULL, data + at + 3, n,
                                                      NULL, 0, data[at + 2] & 3);
          g_byte_array_append (file, sealed, (guint) (4 + n + 17));
          at += 3 + n;
        }
    }
  good = lk_archive_check (file->data, file->len, key, &error);
  g_assert_true (good == (error == NULL));
  return 0;
}
