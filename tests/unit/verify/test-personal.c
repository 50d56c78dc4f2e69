/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-secret.h"
#include "verify/lk-personal.h"

#include <math.h>

#define TINY                                                                                       \
  "network tiny\n"                                                                                 \
  "image     input   size=4x4x3\n"                                                                 \
  "flat      flatten image\n"                                                                      \
  "embedding dense   flat units=%d activation=sigmoid\n"                                           \
  "score     l1-head embedding\n"

static LkModel *
make_model (int units, guint64 seed)
{
  g_autofree char *text = g_strdup_printf (TINY, units);
  g_autoptr (GError) error = NULL;
  LkModel *model = lk_model_new_untrained (text, "tiny", seed, &error);

  g_assert_no_error (error);
  return model;
}

static GBytes *
make_bytes (LkModel *model, const float *alpha, int size)
{
  const float genuine[] = { 0.5f, 0.25f }, strangers[] = { 0.125f, 0, 1 };
  g_autoptr (LkHead) head = lk_head_new (alpha, size, 0.75f);
  g_autoptr (LkOwnScores) scores = lk_own_scores_new (genuine, 2, strangers, 3, TRUE);

  return lk_personal_to_bytes (model, head, scores);
}

static void
test_round_trip (void)
{
  const float alpha[] = { -1.5f, 2, 0.1f };
  g_autoptr (LkModel) model = make_model (3, 1), other = make_model (3, 2),
                      wide = make_model (4, 1);
  g_autoptr (GBytes) bytes = make_bytes (model, alpha, 3);
  g_autoptr (LkPersonal) personal = lk_personal_parse (model, bytes);

  g_assert_nonnull (personal);
  g_assert_cmpint (personal->head->size, ==, 3);
  g_assert_cmpmem (personal->head->alpha, sizeof alpha, alpha, sizeof alpha);
  g_assert_cmpfloat (personal->head->bias, ==, 0.75f);
  g_assert_cmpint (personal->scores->n_genuine, ==, 2);
  g_assert_cmpfloat (personal->scores->genuine[0], ==, 0.25f); /* in order */
  g_assert_cmpint (personal->scores->n_strangers, ==, 3);
  g_assert_cmpfloat (personal->scores->strangers[2], ==, 1);
  g_assert_true (personal->scores->across_sessions);

  g_assert_null (lk_personal_parse (other, bytes)); /* of another model: its numbers mean nothing */
  g_assert_null (lk_personal_parse (wide, bytes));
}

/* KiB of this process that cannot be swapped */
static guint64
get_locked (void)
{
  g_autofree char *status = NULL;
  const char *line;

  g_assert_true (g_file_get_contents ("/proc/self/status", &status, NULL, NULL));
  line = strstr (status, "VmLck:");
  g_assert_nonnull (line);
  return g_ascii_strtoull (line + strlen ("VmLck:"), NULL, 10);
}

/* A head tells of whom it was adapted to: it is kept out of swap. */
static void
test_locked (void)
{
  static const float alpha[4096];
  guint64 before = get_locked ();
  g_autoptr (LkHead) head = NULL;

  if (lk_secret_test_lock (sizeof alpha) != 0)
    {
      g_test_skip ("no memory may be locked here");
      return;
    }
  head = lk_head_new (alpha, G_N_ELEMENTS (alpha), 0);
  g_assert_cmpuint (get_locked (), ==, before + sizeof alpha / 1024);
  lk_head_free (g_steal_pointer (&head));
  g_assert_cmpuint (get_locked (), ==, before);
}

/* Cut anywhere, or with any byte changed: nothing, or something that can be used. */
static void
test_damaged (void)
{
  const float alpha[] = { -1.5f, 2, 0.1f }, endless[] = { 1, (float) INFINITY, 0 };
  g_autoptr (LkModel) model = make_model (3, 1);
  g_autoptr (GBytes) bytes = make_bytes (model, alpha, 3), bad = make_bytes (model, endless, 3);
  g_autoptr (GBytes) short_one = make_bytes (model, alpha, 2);
  gsize n;
  const guint8 *data = g_bytes_get_data (bytes, &n);
  int n_read = 0;

  g_assert_null (lk_personal_parse (model, bad));
  g_assert_null (lk_personal_parse (model, short_one));
  for (gsize i = 0; i < n; i++)
    {
      g_autofree guint8 *copy = g_memdup2 (data, n);
      g_autoptr (GBytes) cut = g_bytes_new (data, i), changed = NULL;
      g_autoptr (LkPersonal) of_cut = lk_personal_parse (model, cut), of_changed = NULL;

      g_assert_null (of_cut);
      copy[i] ^= 0x55;
      changed = g_bytes_new (copy, n);
      of_changed = lk_personal_parse (model, changed);
      n_read += of_changed != NULL;
      g_assert_true (of_changed == NULL || of_changed->head->size == 3);
    }
  g_assert_cmpint (n_read, <, (int) n); /* format and hash are looked at */
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/personal/round-trip", test_round_trip);
  g_test_add_func ("/personal/damaged", test_damaged);
  g_test_add_func ("/personal/locked", test_locked);
  return g_test_run ();
}
