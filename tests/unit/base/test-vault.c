/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "base/lk-secret.h"
#include "base/lk-vault.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const guint8 key_a[LK_VAULT_KEY_SIZE] = { 1 }, key_b[LK_VAULT_KEY_SIZE] = { 2 };

static void
open_with (const guint8 *key)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (lk_vault_unlock (key, &error));
  g_assert_no_error (error);
}

static void
test_round_trip (void)
{
  static const char text[] = "a face that is nobody's, and again a face that is nobody's";

  open_with (key_a);
  for (gsize size = 0; size < sizeof text; size += 7)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) one = lk_vault_seal (text, size, &error);
      g_autoptr (GBytes) two = lk_vault_seal (text, size, &error);
      gsize n, out = 99;
      const guint8 *data = g_bytes_get_data (one, &n);
      g_autofree guint8 *plain = lk_vault_unseal (data, n, NULL, &out, &error);

      g_assert_no_error (error);
      g_assert_cmpuint (n, ==, size + LK_VAULT_OVERHEAD);
      g_assert_true (lk_vault_is_sealed (data, n));
      g_assert_true (lk_vault_is_own (data, n));
      g_assert_cmpmem (plain, out, text, size);
      g_assert_false (g_bytes_equal (one, two)); /* a nonce is never used twice */
      g_assert_true (size < 16 || memmem (data, n, text, 16) == NULL);
    }
  lk_vault_lock ();
}

static void
refuse (const guint8 *data, gsize size, int code)
{
  g_autoptr (GError) error = NULL;
  gsize n = 7;

  g_assert_null (lk_vault_unseal (data, size, "It", &n, &error));
  g_assert_error (error, LK_ERROR, code);
  g_assert_cmpuint (n, ==, 7);
}

static void
test_changed (void)
{
  g_autoptr (GBytes) sealed = NULL;
  g_autofree guint8 *copy = NULL;
  gsize n;

  open_with (key_a);
  sealed = lk_vault_seal ("a face", 6, NULL);
  copy = g_memdup2 (g_bytes_get_data (sealed, &n), g_bytes_get_size (sealed));
  n = g_bytes_get_size (sealed);
  for (gsize i = 0; i < n; i++)
    {
      copy[i] ^= 0x40;
      refuse (copy, n, i >= 8 && i < 16 ? LK_ERROR_LOCKED : LK_ERROR_FORMAT);
      copy[i] ^= 0x40;
    }
  for (gsize less = 0; less < n; less++)
    refuse (copy, less, LK_ERROR_FORMAT);
  open_with (key_b);
  refuse (copy, n, LK_ERROR_LOCKED);
  g_assert_false (lk_vault_is_own (copy, n));
  lk_vault_lock ();
  g_assert_false (lk_vault_is_own (copy, n));
  refuse (copy, n, LK_ERROR_LOCKED);
}

static int n_asked;

static gboolean
give_key (GError **error)
{
  n_asked++;
  g_usleep (20000); /* so that others come meanwhile */
  return lk_vault_unlock (key_a, error);
}

static gboolean
give_none (GError **error)
{
  g_set_error (error, LK_ERROR, LK_ERROR_LOCKED, "No.");
  return FALSE;
}

static void *
seal_in_thread (void *data)
{
  g_autoptr (GBytes) sealed = lk_vault_seal ("face", 4, NULL);

  return GINT_TO_POINTER (sealed != NULL);
}

static void
test_opener (void)
{
  g_autoptr (GError) error = NULL;
  pthread_t threads[4];

  lk_vault_lock ();
  g_assert_null (lk_vault_seal ("face", 4, &error));
  g_assert_error (error, LK_ERROR, LK_ERROR_LOCKED);
  g_clear_error (&error);
  lk_vault_set_opener (give_none);
  g_assert_null (lk_vault_seal ("face", 4, &error));
  g_assert_cmpstr (error->message, ==, "No.");

  /* However many need it, it is asked for once. */
  lk_vault_set_opener (give_key);
  for (int i = 0; i < 4; i++)
    pthread_create (&threads[i], NULL, seal_in_thread, NULL);
  for (int i = 0; i < 4; i++)
    {
      void *sealed;

      pthread_join (threads[i], &sealed);
      g_assert_true (sealed != NULL);
    }
  g_assert_cmpint (n_asked, ==, 1);
  g_assert_true (lk_vault_is_open ());
  lk_vault_set_opener (NULL);
  lk_vault_lock ();
}

static void
test_names (void)
{
  g_autofree char *a = lk_vault_name_key (key_a), *again = lk_vault_name_key (key_a);
  g_autofree char *b = lk_vault_name_key (key_b);
  guint8 copy[LK_VAULT_KEY_SIZE] = { 0 };

  g_assert_cmpuint (strlen (a), ==, 16);
  g_assert_cmpstr (a, ==, again);
  g_assert_cmpstr (a, !=, b);
  g_assert_false (lk_vault_copy_key (copy));
  open_with (key_b);
  g_assert_true (lk_vault_copy_key (copy));
  g_assert_cmpmem (copy, sizeof copy, key_b, sizeof key_b);
  lk_vault_lock ();
}

/* What /proc/self/smaps says of the mapping that @address is in: a line that begins so. */
static char *
ask_smaps (const void *address, const char *field)
{
  FILE *file = fopen ("/proc/self/smaps", "r");
  char line[512], *found = NULL;
  gboolean here = FALSE;

  while (found == NULL && fgets (line, sizeof line, file) != NULL)
    {
      unsigned long begin, end;

      if (sscanf (line, "%lx-%lx ", &begin, &end) == 2)
        here = (uintptr_t) address >= begin && (uintptr_t) address < end;
      else if (here && g_str_has_prefix (line, field))
        found = g_strstrip (g_strdup (line + strlen (field)));
    }
  fclose (file);
  return found;
}

static void
test_secret (void)
{
  gsize size = 3 * 4096 + 5;
  guint8 *memory = lk_secret_alloc (size);
  g_autofree char *locked = NULL, *flags = NULL;

  g_assert_nonnull (memory);
  g_assert_cmpuint ((uintptr_t) memory % 64, ==, 0);
  for (gsize i = 0; i < size; i++)
    g_assert_cmpuint (memory[i], ==, 0);
  memset (memory, 7, size);
  locked = ask_smaps (memory, "Locked:");
  flags = ask_smaps (memory, "VmFlags:");
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && !defined(__clang__)
  /* The sanitizers take mlock() for their own. */
  if (lk_secret_test_lock (size) == 0)
    g_assert_cmpstr (locked, !=, "0 kB");
#endif
  g_assert_nonnull (flags);
  g_assert_nonnull (strstr (flags, "dd")); /* not in a core dump */
  lk_secret_wipe (memory, 10);
  g_assert_cmpuint (memory[9], ==, 0);
  g_assert_cmpuint (memory[10], ==, 7);
  lk_secret_free (memory, size);
  lk_secret_free (NULL, 5);
  g_assert_null (lk_secret_alloc (G_MAXSIZE));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vault/round-trip", test_round_trip);
  g_test_add_func ("/vault/changed", test_changed);
  g_test_add_func ("/vault/opener", test_opener);
  g_test_add_func ("/vault/names", test_names);
  g_test_add_func ("/secret/memory", test_secret);
  return g_test_run ();
}
