/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "image/lk-jpeg.h"
#include "store-test.h"
#include "store/lk-archive.h"

#include <sodium.h>

#define START_SIZE 58

static const guint8 key[32] = { 1 };

/* A file of our own making, of somebody who knows the passphrase. */
typedef struct
{
  GByteArray *file;
  crypto_secretstream_xchacha20poly1305_state state;
} Forgery;

static void
begin (Forgery *self)
{
  guint8 start[START_SIZE] = "LKPERSON1\n";

  start[26] = 1; /* passes */
  start[30] = 1; /* MiB */
  self->file = g_byte_array_new ();
  crypto_secretstream_xchacha20poly1305_init_push (&self->state, start + 34, key);
  g_byte_array_append (self->file, start, sizeof start);
}

static void
push (Forgery *self, const void *data, gsize n, guint8 tag)
{
  g_autofree guint8 *sealed = g_malloc (4 + n + 17);
  guint32 length = GUINT32_TO_LE ((guint32) n + 17);

  memcpy (sealed, &length, 4);
  crypto_secretstream_xchacha20poly1305_push (&self->state, sealed + 4, NULL, data, n, NULL, 0,
                                              tag);
  g_byte_array_append (self->file, sealed, (guint) (4 + n + 17));
}

static void
push_text (Forgery *self, const char *text)
{
  push (self, text, strlen (text), 0);
}

/* @label: of the one picture.  Returns: 0 when it is taken, else the error's code */
static int
check (const char *name, const char *label, gboolean damaged, gboolean ended, gsize more)
{
  g_autoptr (LkImage) face = make_face (1);
  g_autoptr (GBytes) jpeg = lk_jpeg_encode (face, 90, NULL);
  g_autoptr (GError) error = NULL;
  Forgery forgery;
  gboolean good;

  begin (&forgery);
  push_text (&forgery, name);
  push_text (&forgery, label);
  push (&forgery, g_bytes_get_data (jpeg, NULL), g_bytes_get_size (jpeg) / (damaged ? 2 : 1), 0);
  if (ended)
    push (&forgery, "", 0, crypto_secretstream_xchacha20poly1305_TAG_FINAL);
  g_byte_array_append (forgery.file, (const guint8 *) "more", (guint) more);
  good = lk_archive_check (forgery.file->data, forgery.file->len, key, &error);
  g_assert_true (good == (error == NULL));
  g_byte_array_unref (forgery.file);
  return good ? 0 : error->code;
}

/* Nothing of a file leads out of the store, and a file that was cut is noticed. */
static void
test_forged (void)
{
  static const char *const labels[] = {
    "anchor/../1.jpg",
    "anchor/s/../../1.jpg",
    "anchor/..",
    "/etc/s/1.jpg",
    "bogus/s/1.jpg",
    "anchor/s/.hidden.jpg",
    "anchor/s",
    "anchor/.s/1.jpg",
    "anchor/s/passwd",
    "anchor/s/",
    "",
    "anchor/s/t/1.jpg",
    "anchor/\xff/1.jpg",
    "anchor//",
  };
  g_autofree char *fill = g_strnfill (300, 'x');
  g_autofree char *long_name = g_strconcat ("anchor/s/", fill, ".jpg", NULL);

  g_assert_true (sodium_init () >= 0);
  g_assert_cmpint (check ("Ada", "anchor/s/1.jpg", FALSE, TRUE, 0), ==, 0);
  g_assert_cmpint (check ("Ada", "negative//1.JPG", FALSE, TRUE, 0), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (labels); i++)
    g_assert_cmpint (check ("Ada", labels[i], FALSE, TRUE, 0), !=, 0);
  g_assert_cmpint (check ("Ada", long_name, FALSE, TRUE, 0), !=, 0);
  g_assert_cmpint (check ("\xff", "anchor/s/1.jpg", FALSE, TRUE, 0), !=, 0);
  g_assert_cmpint (check ("Ada", "anchor/s/1.jpg", TRUE, TRUE, 0), !=, 0);
  g_assert_cmpint (check ("Ada", "anchor/s/1.jpg", FALSE, FALSE, 0), !=, 0);
  g_assert_cmpint (check ("Ada", "anchor/s/1.jpg", FALSE, TRUE, 4), !=, 0);
}

/* Out and in again: sessions, kinds, pixels; and beside what is there already. */
static void
test_round_trip (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->folder, "ada.person", NULL), *name = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) before = NULL, after = NULL;
  g_autoptr (LkImage) one = NULL, two = NULL;

  for (int i = 0; i < 3; i++)
    lk_capture_free (add (f->store, "Ada", LK_CAPTURE_ANCHOR, i));
  lk_capture_free (add (f->store, "Ada", LK_CAPTURE_NEGATIVE, 5));
  g_assert_cmpint (lk_store_export_person (f->store, "Nobody", path, "words", &error), ==, -1);
  g_assert_error (error, LK_ERROR, LK_ERROR_NO_DATA);
  g_clear_error (&error);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_cmpint (lk_store_export_person (f->store, "Ada", path, "words", &error), ==, 4);
  g_assert_cmpint (lk_store_export_person (f->store, "Ada", path, "words", NULL), ==, -1);

  g_assert_cmpint (lk_store_import_person (f->store, path, "word", NULL, &name, &error), ==, -1);
  g_assert_error (error, LK_ERROR, LK_ERROR_LOCKED);
  g_clear_error (&error);
  g_assert_null (name);
  g_assert_cmpint (lk_store_import_person (f->store, path, "words", "Eve", &name, &error), ==, 4);
  g_assert_no_error (error);
  g_assert_cmpstr (name, ==, "Eve");
  g_clear_pointer (&name, g_free);
  g_assert_cmpint (lk_store_import_person (f->store, path, "words", NULL, &name, &error), ==, 4);
  g_assert_cmpstr (name, ==, "Ada");
  g_assert_cmpint (count (f->store, "Ada", LK_CAPTURE_ANCHOR), ==, 6);
  g_assert_cmpint (count (f->store, "Eve", LK_CAPTURE_NEGATIVE), ==, 1);
  g_assert_cmpint (count_files (f->folder, "trash"), ==, 0);

  before = lk_store_list_captures (f->store, "Ada", LK_CAPTURE_ANCHOR, NULL);
  after = lk_store_list_captures (f->store, "Eve", LK_CAPTURE_ANCHOR, NULL);
  g_assert_cmpstr (((LkCapture *) after->pdata[0])->session, ==,
                   ((LkCapture *) before->pdata[0])->session);
  one = lk_image_load (((LkCapture *) before->pdata[1])->path, NULL);
  two = lk_image_load (((LkCapture *) after->pdata[1])->path, &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (one->bytes, two->bytes));
  g_assert_cmpint (lk_store_count_plain (f->store, NULL), ==, 0);
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  scratch_begin ();
  g_test_add_func ("/archive/forged", test_forged);
  g_test_add ("/archive/round-trip", Fixture, NULL, set_up, test_round_trip, tear_down);
  status = g_test_run ();
  scratch_end ();
  return status;
}
