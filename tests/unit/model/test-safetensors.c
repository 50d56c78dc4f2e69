/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "model/lk-half.h"
#include "model/lk-safetensors.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

static char *folder; /* of this test run */

/* (transfer full): length, header and @n_data bytes 0, 1, 2, ... */
static GBytes *
make (const char *header, gsize header_size, gsize n_data)
{
  GByteArray *out = g_byte_array_new ();
  guint64 size = header_size;

  g_byte_array_append (out, (guint8 *) &size, sizeof size);
  g_byte_array_append (out, (const guint8 *) header, (guint) header_size);
  for (gsize i = 0; i < n_data; i++)
    g_byte_array_append (out, (guint8[]){ (guint8) i }, 1);
  return g_byte_array_free_to_bytes (out);
}

static LkSafetensors *
parse (const char *header, gsize n_data, GError **error)
{
  g_autoptr (GBytes) bytes = make (header, strlen (header), n_data);

  return lk_safetensors_parse (bytes, "test", error);
}

static void
test_reads (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LkSafetensors) file = parse (
      " { \"b\" : {\"shape\":[2, 3],\"dtype\":\"F16\",\"data_offsets\":[ 8 ,20]},\n"
      "\"a\\u00e9\\ud83d\\ude00\\n\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]},"
      "\"__metadata__\":{\"k\\\"\\\\\":\"v\\t\\/\",\"\":\"\"},"
      "\"none\":{\"dtype\":\"I64\",\"shape\":[5,0],\"data_offsets\":[20,20]},"
      "\"c\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}   ",
      20, &error);
  const LkTensor *tensor;
  gsize n;

  /* A control character in a tensor's name is refused... */
  g_assert_error (error, LK_ERROR, LK_ERROR_FORMAT);
  g_assert_null (file);
  g_clear_error (&error);

  /* ... everything else of that header is read. */
  file = parse (
      " { \"b\" : {\"shape\":[2, 3],\"dtype\":\"F16\",\"data_offsets\":[ 8 ,20]},\n"
      "\"a\\u00e9\\ud83d\\ude00\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]},"
      "\"__metadata__\":{\"k\\\"\\\\\":\"v\\t\\/\",\"\":\"\"},"
      "\"none\":{\"dtype\":\"I64\",\"shape\":[5,0],\"data_offsets\":[20,20]},"
      "\"c\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}   ",
      20, &error);
  g_assert_no_error (error);
  lk_safetensors_get_all (file, &n);
  g_assert_cmpuint (n, ==, 4);
  g_assert_cmpstr (lk_safetensors_get_all (file, &n)[0].name, ==, "aé😀");
  tensor = lk_safetensors_get (file, "b");
  g_assert_nonnull (tensor);
  g_assert_cmpint (tensor->dtype, ==, LK_DTYPE_F16);
  g_assert_cmpint (tensor->n_dims, ==, 2);
  g_assert_cmpuint (tensor->shape[0], ==, 2);
  g_assert_cmpuint (tensor->shape[1], ==, 3);
  g_assert_cmpuint (tensor->n, ==, 6);
  g_assert_cmpmem (tensor->data, 12, ((guint8[]){ 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19 }),
                   12);
  g_assert_cmpuint (lk_safetensors_get (file, "aé😀")->n, ==, 1);
  g_assert_cmpuint (lk_safetensors_get (file, "none")->n, ==, 0);
  g_assert_null (lk_safetensors_get (file, "d"));
  g_assert_null (lk_safetensors_get (file, "__metadata__"));
  g_assert_cmpstr (lk_safetensors_get_meta (file, "k\"\\"), ==, "v\t/");
  g_assert_cmpstr (lk_safetensors_get_meta (file, ""), ==, "");
  g_assert_null (lk_safetensors_get_meta (file, "K"));
  g_assert_cmpuint (g_hash_table_size (lk_safetensors_get_all_meta (file)), ==, 2);
}

/* Each is a lie in an otherwise good header over 8 bytes. */
#define GOOD "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}"
#define T(dtype, shape, offsets)                                                                   \
  "{\"a\":{\"dtype\":" dtype ",\"shape\":" shape ",\"data_offsets\":" offsets "}}"
static const char *const lies[] = {
  "",
  "{",
  "}",
  "[]",
  "null",
  "{}", /* 8 bytes that belong to nothing */
  "{" GOOD,
  "{" GOOD ",}",
  "{," GOOD "}",
  "{" GOOD "}}",
  "{" GOOD "}x",
  "{" GOOD "} /* */",
  "{" GOOD " " GOOD "}",
  "{" GOOD "," GOOD "}",
  "{" GOOD ",\"\\u0061\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[8,8]}}",
  "{\"a\"}",
  "{\"a\":}",
  "{\"a\":[]}",
  "{\"a\":{}}",
  "{a:{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
  "{'a':{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
  "{\"a\":{\"shape\":[2],\"data_offsets\":[0,8]}}",
  "{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,8]}}",
  "{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}",
  "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8],\"more\":1}}",
  "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"shape\":[2],\"data_offsets\":[0,8]}}",
  T ("\"BF16\"", "[4]", "[0,8]"),
  T ("\"F64\"", "[1]", "[0,8]"),
  T ("\"f32\"", "[2]", "[0,8]"),
  T ("\"\"", "[2]", "[0,8]"),
  T ("0", "[2]", "[0,8]"),
  T ("\"F32\"", "[1]", "[0,8]"),
  T ("\"F32\"", "[3]", "[0,8]"),
  T ("\"F32\"", "[3]", "[0,12]"),
  T ("\"F32\"", "[1]", "[0,4]"),
  T ("\"F32\"", "[1]", "[4,8]"),
  T ("\"F32\"", "[2]", "[8,0]"),
  T ("\"F32\"", "[2]", "[0]"),
  T ("\"F32\"", "[2]", "[]"),
  T ("\"F32\"", "[2]", "[0,8,8]"),
  T ("\"F32\"", "[2]", "[0,8"),
  T ("\"F32\"", "[2]", "[0 8]"),
  T ("\"F32\"", "[2]", "[0,08]"),
  T ("\"F32\"", "[2]", "[-0,8]"),
  T ("\"F32\"", "[2]", "[0,8.0]"),
  T ("\"F32\"", "[2]", "[0,8e0]"),
  T ("\"F32\"", "[2]", "[0,+8]"),
  T ("\"F32\"", "[2]", "[18446744073709551608,0]"),
  T ("\"F32\"", "[2]", "[18446744073709551616,18446744073709551624]"),
  T ("\"F32\"", "[2,]", "[0,8]"),
  T ("\"F32\"", "[-2]", "[0,8]"),
  T ("\"F32\"", "2", "[0,8]"),
  T ("\"F32\"", "[[2]]", "[0,8]"),
  T ("\"F32\"", "[\"2\"]", "[0,8]"),
  T ("\"F32\"", "[2,1,1,1,1]", "[0,8]"),
  T ("\"F32\"", "[4611686018427387906]", "[0,8]"),     /* * 4 = 8 */
  T ("\"F32\"", "[4294967296,4294967296,2]", "[0,8]"), /* product 0 */
  T ("\"F32\"", "[18446744073709551615,18446744073709551614]", "[0,8]"),
  T ("\"F32\"", "[18446744073709551618]", "[0,8]"),
  "{\"\\u0000\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
  "{\"\\u12\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
  "{\"\\ud800\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
  "{\"\\udc00\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
  "{\"\\ud800\\u0061\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
  "{\"\\x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
  "{\"a\nb\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
  "{\"a\xff\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
  "{\"a\xc0\xaf\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
  "{\"\\u001b[2J\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
  "{\"__metadata__\":{\"a\":1}," GOOD "}",
  "{\"__metadata__\":{\"a\":\"1\",\"a\":\"1\"}," GOOD "}",
  "{\"__metadata__\":{\"a\":{\"b\":\"c\"}}," GOOD "}",
  "{\"__metadata__\":{}," GOOD ",\"__metadata__\":{}}",
  "{\"__metadata__\":[]," GOOD "}",
  "{\"__metadata__\":{\"a\":\"1\",}," GOOD "}",
  /* overlap, gap, twice the same place */
  "{\"a\":{\"dtype\":\"F16\",\"shape\":[3],\"data_offsets\":[0,6]},"
  "\"b\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[4,8]}}",
  "{\"a\":{\"dtype\":\"F16\",\"shape\":[1],\"data_offsets\":[0,2]},"
  "\"b\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[4,8]}}",
  "{" GOOD ",\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
  "{" GOOD ",\"b\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[4,4]}}",
};

static void
test_lies (void)
{
  g_autoptr (GString) deep = g_string_new ("{\"a\":");
  g_autofree char *long_name = g_strnfill (LK_TENSOR_MAX_NAME + 1, 'x');
  g_autofree char *long_header = NULL;
  g_autoptr (LkSafetensors) good = parse ("{" GOOD "}", 8, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (good);
  for (guint i = 0; i < G_N_ELEMENTS (lies); i++)
    {
      g_autoptr (GError) local = NULL;
      g_autoptr (LkSafetensors) file = parse (lies[i], 8, &local);

      if (file != NULL)
        g_test_message ("believed: %s", lies[i]);
      g_assert_null (file);
      g_assert_error (local, LK_ERROR, LK_ERROR_FORMAT);
      g_assert_true (g_utf8_validate (local->message, -1, NULL));
    }

  g_assert_null (parse (T ("\"F32\"", "[3]", "[0,12]"), 8, &error));
  g_assert_nonnull (strstr (error->message, "cut short")); /* the likeliest damage, by name */
  g_clear_error (&error);

  for (int i = 0; i < 1000000; i++)
    g_string_append_c (deep, i % 2 ? '[' : '{');
  g_assert_null (parse (deep->str, 8, &error));
  g_assert_error (error, LK_ERROR, LK_ERROR_FORMAT);
  g_clear_error (&error);

  long_header = g_strdup_printf (
      "{\"%s\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", long_name);
  g_assert_null (parse (long_header, 8, &error));
  g_assert_error (error, LK_ERROR, LK_ERROR_FORMAT);
  g_clear_error (&error);

  /* A NUL does not end the header. */
  {
    static const char nul[] = "{" GOOD "}\0}";
    g_autoptr (GBytes) bytes = make (nul, sizeof nul - 1, 8);

    g_assert_null (lk_safetensors_parse (bytes, "test", &error));
    g_assert_error (error, LK_ERROR, LK_ERROR_FORMAT);
  }
}

static void
test_lengths (void)
{
  static const guint64 sizes[] = { 3,
                                   LK_SAFETENSORS_MAX_HEADER,
                                   LK_SAFETENSORS_MAX_HEADER + 1,
                                   G_MAXINT64,
                                   G_MAXUINT64,
                                   G_MAXUINT64 - 7 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      int code = sizes[i] > LK_SAFETENSORS_MAX_HEADER ? LK_ERROR_TOO_LARGE : LK_ERROR_FORMAT;
      guint8 data[10] = { 0 };
      g_autoptr (GBytes) bytes = NULL;
      g_autoptr (GError) error = NULL;

      memcpy (data, &sizes[i], 8);
      memcpy (data + 8, "{}", 2);
      bytes = g_bytes_new (data, sizeof data);
      g_assert_null (lk_safetensors_parse (bytes, "test", &error));
      g_assert_error (error, LK_ERROR, code);
    }
}

static const char *const keys[] = { "a", "b", "bb", "c", "d", "e", "f", "g" };

/* A file with every type, and its path. */
static char *
write_example (gboolean half, GError **error)
{
  static const float weights[6] = { 1, -2, 0.5f, 1e-8f, 3.14159265f, -0.0f };
  static const guint16 halves[3] = { 0x3c00, 0xc000, 0x0001 };
  static const guint64 state[4] = { G_MAXUINT64, 1, 2, 3 };
  static const gint64 step = -7;
  const LkTensor tensors[] = {
    { "w", LK_DTYPE_F32, 2, { 2, 3 }, 6, weights },
    { "half \"é\"", LK_DTYPE_F16, 1, { 3 }, 3, halves },
    { "state", LK_DTYPE_U64, 1, { 4 }, 0, state },
    { "step", LK_DTYPE_I64, 0, { 0 }, 1, &step },
    { "empty", LK_DTYPE_F32, 1, { 0 }, 0, NULL },
  };
  g_autoptr (GHashTable) meta = g_hash_table_new (g_str_hash, g_str_equal);
  char *path = g_build_filename (folder, "example.safetensors", NULL);

  g_hash_table_insert (meta, (gpointer) "text", (gpointer) "line 1\nline \"2\"\t\\ é\x01");
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    g_hash_table_insert (meta, (gpointer) keys[i], (gpointer) "");
  if (half)
    lk_safetensors_write_half (path, tensors, G_N_ELEMENTS (tensors), meta, error);
  else
    lk_safetensors_write (path, tensors, G_N_ELEMENTS (tensors), meta, error);
  return path;
}

static void
test_round_trip (void)
{
  static const float weights[6] = { 1, -2, 0.5f, 1e-8f, 3.14159265f, -0.0f };
  g_autoptr (GError) error = NULL;
  g_autofree char *path = write_example (FALSE, &error), *first = NULL, *second = NULL;
  g_autoptr (LkSafetensors) file = NULL;
  float floats[6];
  guint64 numbers[4];
  const LkTensor *all;
  gsize n, first_size, second_size;
  GStatBuf info;

  g_assert_no_error (error);
  file = lk_safetensors_open (path, &error);
  g_assert_no_error (error);
  all = lk_safetensors_get_all (file, &n);
  g_assert_cmpuint (n, ==, 5);
  for (gsize i = 0; i < n; i++) /* the mapping is aligned, so are they */
    g_assert_cmpuint ((guintptr) all[i].data % (all[i].dtype == LK_DTYPE_F16   ? 2
                                                : all[i].dtype == LK_DTYPE_F32 ? 4
                                                                               : 8),
                      ==, 0);

  g_assert_true (lk_tensor_to_floats (lk_safetensors_get (file, "w"), floats, 6));
  g_assert_cmpmem (floats, sizeof floats, weights, sizeof weights);
  g_assert_cmpuint (lk_safetensors_get (file, "w")->shape[1], ==, 3);
  g_assert_true (lk_tensor_to_floats (lk_safetensors_get (file, "half \"é\""), floats, 3));
  g_assert_true (floats[0] == 1 && floats[1] == -2 && floats[2] == 0x1p-24f);
  g_assert_true (lk_tensor_to_uint64s (lk_safetensors_get (file, "state"), numbers, 4));
  g_assert_true (numbers[0] == G_MAXUINT64 && numbers[3] == 3);
  g_assert_true (lk_tensor_to_uint64s (lk_safetensors_get (file, "step"), numbers, 1));
  g_assert_true ((gint64) numbers[0] == -7);
  g_assert_true (lk_tensor_to_floats (lk_safetensors_get (file, "empty"), floats, 0));
  g_assert_false (lk_tensor_to_floats (lk_safetensors_get (file, "w"), floats, 5));
  g_assert_false (lk_tensor_to_floats (lk_safetensors_get (file, "state"), floats, 4));
  g_assert_false (lk_tensor_to_uint64s (lk_safetensors_get (file, "w"), numbers, 6));
  g_assert_false (lk_tensor_to_uint64s (lk_safetensors_get (file, "state"), numbers, 3));
  g_assert_cmpstr (lk_safetensors_get_meta (file, "text"), ==, "line 1\nline \"2\"\t\\ é\x01");
  g_assert_cmpstr (lk_safetensors_get_meta (file, "a"), ==, "");

  /* The same content is the same file, private, with nothing left beside it. */
  g_assert_true (g_file_get_contents (path, &first, &first_size, NULL));
  g_free (write_example (FALSE, &error));
  g_assert_true (g_file_get_contents (path, &second, &second_size, NULL));
  g_assert_cmpmem (first, first_size, second, second_size);
  for (guint i = 0; i + 1 < G_N_ELEMENTS (keys); i++)
    {
      g_autofree char *a = g_strdup_printf ("\"%s\":\"\"", keys[i]);
      g_autofree char *b = g_strdup_printf ("\"%s\":\"\"", keys[i + 1]);
      const char *header = first + 8;

      g_assert_true (strstr (header, a) < strstr (header, b));
    }
  g_assert_cmpint (g_stat (path, &info), ==, 0);
  g_assert_cmphex (info.st_mode & 0777, ==, 0600);
  g_remove (path);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);

  /* The old mapping still reads what it read. */
  g_assert_true (lk_tensor_to_floats (lk_safetensors_get (file, "w"), floats, 6));
  g_assert_cmpmem (floats, sizeof floats, weights, sizeof weights);
}

static void
test_half (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = write_example (TRUE, &error);
  g_autoptr (LkSafetensors) file = lk_safetensors_open (path, &error);
  g_autofree float *many = g_new (float, 20001), *back = g_new (float, 20001);
  LkTensor tensor = { "many", LK_DTYPE_F32, 1, { 20001 }, 0, many };
  float floats[6];

  g_assert_no_error (error);
  g_assert_cmpint (lk_safetensors_get (file, "w")->dtype, ==, LK_DTYPE_F16);
  g_assert_cmpint (lk_safetensors_get (file, "step")->dtype, ==, LK_DTYPE_I64);
  g_assert_true (lk_tensor_to_floats (lk_safetensors_get (file, "w"), floats, 6));
  g_assert_true (floats[0] == 1 && floats[1] == -2 && floats[2] == 0.5f && floats[3] == 0 &&
                 floats[4] == 3.140625f && floats[5] == 0 && signbit (floats[5]));
  g_clear_pointer (&file, lk_safetensors_close);

  for (int i = 0; i < 20001; i++) /* more than one block */
    many[i] = (float) i / 7 - 1000;
  g_assert_true (lk_safetensors_write_half (path, &tensor, 1, NULL, &error));
  file = lk_safetensors_open (path, &error);
  g_assert_no_error (error);
  g_assert_true (lk_tensor_to_floats (lk_safetensors_get (file, "many"), back, 20001));
  for (int i = 0; i < 20001; i++)
    g_assert_cmphex (lk_half_from_float (many[i]), ==, lk_half_from_float (back[i]));

  many[20000] = 70000;
  g_assert_false (lk_safetensors_write_half (path, &tensor, 1, NULL, &error));
  g_assert_error (error, LK_ERROR, LK_ERROR_TOO_LARGE);
  g_clear_pointer (&file, lk_safetensors_close);
  file = lk_safetensors_open (path, NULL); /* as it was */
  g_assert_nonnull (file);
  g_clear_pointer (&file, lk_safetensors_close);
  g_remove (path);
  g_assert_cmpint (g_rmdir (folder), ==, 0); /* no temporary file is left */
  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
}

static void
test_refuses_to_write (void)
{
  static const float one = 1;
  g_autofree char *path = g_build_filename (folder, "bad", NULL);
  g_autofree char *nowhere = g_build_filename (folder, "no", "such", "folder", NULL);
  const LkTensor good = { "a", LK_DTYPE_F32, 1, { 1 }, 1, &one };
  const LkTensor twice[] = { good, good };
  const LkTensor bad[] = {
    { "__metadata__", LK_DTYPE_F32, 1, { 1 }, 1, &one },
    { "\xff", LK_DTYPE_F32, 1, { 1 }, 1, &one },
    { "a", LK_DTYPE_F32, 5, { 1 }, 1, &one },
    { "a", LK_DTYPE_F32, 2, { G_MAXSIZE, 3 }, 1, &one },
    { "a", LK_DTYPE_F32, 1, { G_MAXSIZE / 4 + 2 }, 1, &one },
  };
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_assert_false (lk_safetensors_write (path, &bad[i], 1, NULL, &error));
      g_assert_error (error, LK_ERROR, LK_ERROR_FORMAT);
      g_clear_error (&error);
    }
  g_assert_false (lk_safetensors_write (path, twice, 2, NULL, &error));
  g_assert_error (error, LK_ERROR, LK_ERROR_FORMAT);
  g_clear_error (&error);
  g_assert_false (lk_safetensors_write (nowhere, &good, 1, NULL, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_clear_error (&error);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));

  /* A folder in the way. */
  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
  g_assert_false (lk_safetensors_write (path, &good, 1, NULL, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_ISDIR);
  g_assert_cmpint (g_rmdir (path), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
}

static void
test_open_errors (void)
{
  g_autofree char *path = g_build_filename (folder, "none", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (lk_safetensors_open (path, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_clear_error (&error);
  g_assert_null (lk_safetensors_open (folder, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_ISDIR);
  g_clear_error (&error);
  g_assert_null (lk_safetensors_open ("/dev/zero", &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL);
  g_clear_error (&error);
  g_assert_true (g_file_set_contents (path, "", 0, NULL));
  g_assert_null (lk_safetensors_open (path, &error));
  g_assert_error (error, LK_ERROR, LK_ERROR_FORMAT);
  g_remove (path);
}

/* Every prefix of a good file, and the file with more after it, is refused. */
static void
test_truncated (void)
{
  g_autofree char *path = write_example (FALSE, NULL), *data = NULL;
  gsize size;

  g_assert_true (g_file_get_contents (path, &data, &size, NULL));
  data = g_realloc (data, size + 1);
  data[size] = 0;
  for (gsize cut = 0; cut <= size + 1; cut++)
    {
      g_autoptr (GError) error = NULL;
      /* A copy of that very size, so that a sanitizer sees any look beyond it. */
      g_autoptr (GBytes) bytes = g_bytes_new (data, cut);
      g_autoptr (LkSafetensors) file = lk_safetensors_parse (bytes, "cut", &error);

      g_assert_true ((file != NULL) == (cut == size));
      if (cut != size)
        g_assert_error (error, LK_ERROR, LK_ERROR_FORMAT);
    }
  g_remove (path);
}

/* Random damage: refused or read, and what is read lies inside the file. */
static void
test_flips (void)
{
  g_autofree char *path = write_example (FALSE, NULL), *data = NULL;
  int n_read = 0, n_refused = 0;
  gsize size;

  g_assert_true (g_file_get_contents (path, &data, &size, NULL));
  for (int round = 0; round < 20000; round++)
    {
      g_autofree char *copy = g_memdup2 (data, size);
      g_autoptr (GBytes) bytes = NULL;
      g_autoptr (LkSafetensors) file = NULL;
      g_autoptr (GError) error = NULL;

      for (int i = g_test_rand_int_range (1, 4); i > 0; i--)
        copy[g_test_rand_int_range (0, (int) size)] ^= (char) (1 << g_test_rand_int_range (0, 8));
      bytes = g_bytes_new_take (g_steal_pointer (&copy), size);
      file = lk_safetensors_parse (bytes, "flipped", &error);
      if (file == NULL)
        {
          g_assert_nonnull (error);
          n_refused++;
        }
      else
        {
          gsize n;
          const LkTensor *all = lk_safetensors_get_all (file, &n);

          for (gsize i = 0; i < n; i++)
            {
              g_autofree guint64 *room = g_new (guint64, all[i].n);

              g_assert_true (lk_tensor_to_floats (&all[i], (float *) room, all[i].n) ||
                             lk_tensor_to_uint64s (&all[i], room, all[i].n));
            }
          n_read++;
        }
    }
  g_assert_cmpint (n_read, >, 0);
  g_assert_cmpint (n_refused, >, 1000);
  g_remove (path);
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("lk-safetensors-XXXXXX", NULL);
  g_test_add_func ("/safetensors/reads", test_reads);
  g_test_add_func ("/safetensors/lies", test_lies);
  g_test_add_func ("/safetensors/lengths", test_lengths);
  g_test_add_func ("/safetensors/round-trip", test_round_trip);
  g_test_add_func ("/safetensors/half", test_half);
  g_test_add_func ("/safetensors/refuses-to-write", test_refuses_to_write);
  g_test_add_func ("/safetensors/open-errors", test_open_errors);
  g_test_add_func ("/safetensors/truncated", test_truncated);
  g_test_add_func ("/safetensors/flips", test_flips);
  status = g_test_run ();
  g_rmdir (folder);
  g_free (folder);
  return status;
}
