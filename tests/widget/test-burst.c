/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-burst.h"

typedef struct
{
  LkBurst *burst;
  int taken, ended, last_left, n_countdowns;
  int stop_at, free_at; /* picture at which the handler does it; 0: never */
  gint64 first_us;
} Fixture;

static void
on_countdown (int left, gpointer data)
{
  Fixture *f = data;

  f->last_left = left;
  f->n_countdowns++;
}

static void
on_take (int number, gpointer data)
{
  Fixture *f = data;

  g_assert_cmpint (number, ==, ++f->taken);
  if (f->taken == 1)
    f->first_us = g_get_monotonic_time ();
  if (number == f->stop_at)
    lk_burst_stop (f->burst);
  if (number == f->free_at)
    g_clear_pointer (&f->burst, lk_burst_free);
}

static void
on_end (gpointer data)
{
  ((Fixture *) data)->ended++;
}

static void
run (int ms)
{
  gint64 end = g_get_monotonic_time () + ms * 1000;

  while (g_get_monotonic_time () < end)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (500);
}

static void
test_count (void)
{
  Fixture f = { .last_left = -1 };

  f.burst = lk_burst_new (on_countdown, on_take, on_end, &f);
  lk_burst_start (f.burst, 5, 20, 0);
  g_assert_true (lk_burst_is_running (f.burst));
  g_assert_cmpint (f.last_left, ==, 0);
  g_assert_cmpint (f.taken, ==, 0); /* never from within start */
  run (400);
  g_assert_cmpint (f.taken, ==, 5);
  g_assert_cmpint (f.ended, ==, 1);
  g_assert_false (lk_burst_is_running (f.burst));

  f.taken = 0;
  lk_burst_start (f.burst, 2, 20, 0); /* again */
  run (200);
  g_assert_cmpint (f.taken, ==, 2);
  lk_burst_free (f.burst);
}

static void
test_countdown (void)
{
  Fixture f = { 0 };
  gint64 start = g_get_monotonic_time ();

  f.burst = lk_burst_new (on_countdown, on_take, on_end, &f);
  lk_burst_start (f.burst, 3, 20, 2);
  g_assert_cmpint (f.last_left, ==, 2);
  run (1300);
  g_assert_cmpint (f.last_left, ==, 1);
  g_assert_cmpint (f.taken, ==, 0);
  run (1100);
  g_assert_cmpint (f.n_countdowns, ==, 3); /* 2, 1, 0 */
  g_assert_cmpint (f.taken, ==, 3);
  g_assert_cmpint (f.first_us - start, >=, 1950000);
  lk_burst_free (f.burst);
}

static void
test_blocked (void)
{
  Fixture f = { 0 };

  f.burst = lk_burst_new (on_countdown, on_take, on_end, &f);
  lk_burst_set_blocked (f.burst, TRUE);
  lk_burst_start (f.burst, 3, 20, 0);
  run (200);
  g_assert_cmpint (f.taken, ==, 0);
  g_assert_true (lk_burst_is_running (f.burst)); /* it waits */
  lk_burst_set_blocked (f.burst, FALSE);
  run (200);
  g_assert_cmpint (f.taken, ==, 3);
  g_assert_cmpint (f.ended, ==, 1);
  lk_burst_free (f.burst);
}

/* What a handler may do in the middle of it. */
static void
test_handlers (void)
{
  Fixture stopped = { .stop_at = 2 }, freed = { .free_at = 2 };

  stopped.burst = lk_burst_new (on_countdown, on_take, on_end, &stopped);
  lk_burst_start (stopped.burst, 5, 20, 0);
  freed.burst = lk_burst_new (on_countdown, on_take, on_end, &freed);
  lk_burst_start (freed.burst, 5, 20, 0);
  run (300);
  g_assert_cmpint (stopped.taken, ==, 2);
  g_assert_cmpint (stopped.ended, ==, 1);
  g_assert_cmpint (freed.taken, ==, 2);
  g_assert_cmpint (freed.ended, ==, 0);
  lk_burst_free (stopped.burst);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/burst/count", test_count);
  g_test_add_func ("/burst/countdown", test_countdown);
  g_test_add_func ("/burst/blocked", test_blocked);
  g_test_add_func ("/burst/handlers", test_handlers);
  return g_test_run ();
}
