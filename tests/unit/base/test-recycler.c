/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "../count-allocations.h"
#include "base/lk-recycler.h"

#include <pthread.h>

#define N_BLOCKS 3
#define SIZE     1000

/* What was given back is taken again, also by a size that is smaller, until there is a larger
 * one. */
static void
test_round (void)
{
  LkRecycler *recycler = lk_recycler_new ();
  gpointer blocks[N_BLOCKS];
  static const struct
  {
    gsize size;
    int n_taken; /* from malloc */
  } rounds[] = {
    { SIZE, N_BLOCKS }, { SIZE, 0 }, { SIZE / 2, 0 }, { 2 * SIZE, N_BLOCKS }, { SIZE, 0 }
  };

  if (!can_count ())
    {
      lk_recycler_free (recycler);
      return;
    }
  for (gsize r = 0; r < G_N_ELEMENTS (rounds); r++)
    {
      int n;

      start_counting ();
      for (int i = 0; i < N_BLOCKS; i++)
        {
          blocks[i] = lk_recycler_take (recycler, rounds[r].size);
          memset (blocks[i], i, rounds[r].size);
        }
      n = stop_counting ();
      g_assert_cmpint (n, ==, rounds[r].n_taken);
      for (int i = 0; i < N_BLOCKS; i++)
        {
          const guint8 *bytes = blocks[i];

          g_assert_cmpuint ((gsize) blocks[i] % G_ALIGNOF (max_align_t), ==, 0);
          g_assert_cmpuint (bytes[0], ==, i);
          g_assert_cmpuint (bytes[rounds[r].size - 1], ==, i);
          lk_recycler_give (blocks[i]);
        }
    }
  lk_recycler_free (recycler);
}

/* Blocks outlive their recycler, a copy as well; the sanitizers see what is lost. */
static void
test_outlives (void)
{
  LkRecycler *recycler = lk_recycler_new ();
  char *block = lk_recycler_take (recycler, 6), *copy;

  lk_recycler_give (lk_recycler_take (recycler, SIZE));
  memcpy (block, "Hello", 6);
  copy = lk_recycler_copy (block, 6);
  lk_recycler_free (recycler);
  block[0] = 'C';
  g_assert_cmpstr (copy, ==, "Hello");
  g_assert_cmpstr (block, ==, "Cello");
  lk_recycler_give (copy);
  g_assert_cmpstr (block, ==, "Cello");
  lk_recycler_give (block);
}

static void *
go_round (void *data)
{
  for (guint i = 0; i < 20000; i++)
    {
      guint *a = lk_recycler_take (data, sizeof *a * (1 + i % 7)), *b;

      *a = i;
      b = lk_recycler_copy (a, sizeof *a);
      g_assert_cmpuint (*a, ==, i);
      g_assert_cmpuint (*b, ==, i);
      lk_recycler_give (a);
      g_assert_cmpuint (*b, ==, i);
      lk_recycler_give (b);
    }
  return NULL;
}

/* Nobody has another's block. */
static void
test_threads (void)
{
  g_autoptr (LkRecycler) recycler = lk_recycler_new ();
  pthread_t threads[3];

  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    g_assert_cmpint (pthread_create (&threads[i], NULL, go_round, recycler), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    pthread_join (threads[i], NULL);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/recycler/round", test_round);
  g_test_add_func ("/recycler/outlives", test_outlives);
  g_test_add_func ("/recycler/threads", test_threads);
  return g_test_run ();
}
