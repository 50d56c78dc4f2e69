/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "eval/lk-galleries.h"

#include <math.h>
#include <string.h>

/*
 * Embeddings of one number, made here: person 0 is at 0, person 1 at 1, person 2 at 0.25, so that
 * a pair's log odds, 2 - 8 |a - b|, are known.
 */
typedef struct
{
  LkProtocol *protocol;
  LkEvaluation evaluation;
  LkModelRun run;
  LkHead *head;
} Fixture;

static const int n_pictures[] = { 12, 6, 3 };
static const float at[] = { 0, 1, 0.25f };

static void
set_up (Fixture *f, gconstpointer by_session)
{
  int n = 0;

  f->protocol = lk_protocol_new ("made", LK_PICTURE_ALIGNED);
  f->run.size = 1;
  f->run.embeddings = g_new (float, 64);
  f->evaluation.rows = g_new (int, 64);
  for (int p = 0; p < 3; p++)
    {
      g_autofree char *name = g_strdup_printf ("p%d", p);
      int person = lk_protocol_add_person (f->protocol, name);

      for (int i = 0; i < n_pictures[p]; i++)
        {
          g_autofree char *path = g_strdup_printf ("%d/%d", p, i);
          int picture = lk_protocol_add_picture (f->protocol, path, person,
                                                 by_session != NULL ? 2 * p + i % 2 : -1);

          f->evaluation.rows[picture] = n;
          f->run.embeddings[n++] = at[p];
        }
    }
  f->evaluation.protocol = f->protocol;
  f->evaluation.runs = g_ptr_array_new ();
  g_ptr_array_add (f->evaluation.runs, &f->run);
  f->head = lk_head_new ((const float[]){ -8 }, 1, 2);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  lk_protocol_free (f->protocol);
  g_free (f->run.embeddings);
  g_free (f->evaluation.rows);
  g_ptr_array_unref (f->evaluation.runs);
  lk_head_free (f->head);
}

/* Scores of that kind and of about that value. */
static int
count (const LkGalleries *g, gboolean same, double score)
{
  int n = 0;

  for (int i = 0; i < g->n; i++)
    n += g->same[i] == same && fabs ((double) g->scores[i] - score) < 1e-5;
  return n;
}

static double
sigmoid (double x)
{
  return 1 / (1 + exp (-x));
}

/* Person 0 gives two sets of five anchors (7 others each), person 1 one (1 other), person 2
 * none. */
static void
test_counts (Fixture *f, gconstpointer data)
{
  g_auto (LkGalleries) g = { 0 };

  lk_galleries_score (&f->evaluation, f->head, LK_FUSION_HALF, 100, 1000, NULL, 0, 1, &g);
  g_assert_cmpint (g.n_galleries, ==, 3);
  g_assert_cmpint (g.n_people, ==, 2);
  g_assert_cmpint (count (&g, TRUE, sigmoid (2)), ==, 7 + 7 + 1);
  /* Strangers: everybody else's pictures, 1 away: -6; 0.25: 0; 0.75: -4. */
  g_assert_cmpint (count (&g, FALSE, sigmoid (-6)), ==, 6 + 6 + 12);
  g_assert_cmpint (count (&g, FALSE, sigmoid (0)), ==, 3 + 3);
  g_assert_cmpint (count (&g, FALSE, sigmoid (-4)), ==, 3);
  g_assert_cmpint (g.n, ==, 15 + 24 + 6 + 3);
}

static void
test_limits (Fixture *f, gconstpointer data)
{
  g_auto (LkGalleries) g = { 0 };

  lk_galleries_score (&f->evaluation, f->head, LK_FUSION_MEAN, 4, 10, NULL, 0, 1, &g);
  g_assert_cmpint (count (&g, TRUE, sigmoid (2)), ==, 4 + 1); /* a person */
  g_assert_cmpint (g.n, ==, 5 + 10);
  /* Drawn person by person: each stranger before anybody's second picture. */
  g_assert_cmpint (count (&g, FALSE, sigmoid (0)), >=, 2);
  g_assert_cmpint (count (&g, FALSE, sigmoid (-4)), >=, 1);
}

/* Look-alikes are no strangers; a picture that failed is nobody's; of two sessions, genuine are
 * those that no anchor is of, and with both among the anchors there are none. */
static void
test_left_out (Fixture *f, gconstpointer data)
{
  g_auto (LkGalleries) g = { 0 };

  lk_protocol_exclude (f->protocol, 0, 2);
  f->evaluation.rows[12] = -1; /* of person 1, who has five left */
  lk_galleries_score (&f->evaluation, f->head, LK_FUSION_HALF, 100, 1000, NULL, 0, 1, &g);
  g_assert_cmpint (g.n_galleries, ==, 2);
  g_assert_cmpint (count (&g, FALSE, sigmoid (0)), ==, 0);
  g_assert_cmpint (count (&g, FALSE, sigmoid (-6)), ==, 5 + 5);
}

static void
test_sessions (Fixture *f, gconstpointer data)
{
  g_auto (LkGalleries) g = { 0 };
  int n_same = 0;

  /* Person 0 has two sessions of six: five of the first and a set of the one that is left with
   * four of the second; person 1 has two of three: none is of a session without an anchor. */
  lk_galleries_score (&f->evaluation, f->head, LK_FUSION_HALF, 100, 1000, NULL, 0, 1, &g);
  for (int i = 0; i < g.n; i++)
    n_same += g.same[i];
  g_assert_cmpint (n_same, ==, 6);
}

static void
test_half_of_people (Fixture *f, gconstpointer data)
{
  const int half_of[] = { 1, 0, 1 };
  g_auto (LkGalleries) g = { 0 };

  lk_galleries_score (&f->evaluation, f->head, LK_FUSION_HALF, 100, 1000, half_of, 1, 1, &g);
  g_assert_cmpint (g.n_people, ==, 1);
  g_assert_cmpint (count (&g, TRUE, sigmoid (2)), ==, 14);
  g_assert_cmpint (count (&g, FALSE, sigmoid (0)), ==, 6);
  g_assert_cmpint (g.n, ==, 20);
}

static void
test_strangers (Fixture *f, gconstpointer data)
{
  int n, n_two;
  g_autofree float *all = lk_galleries_draw_strangers (&f->evaluation, 10, 1, &n);
  g_autofree float *two = lk_galleries_draw_strangers (&f->evaluation, 2, 1, &n_two);
  float sum = 0;

  g_assert_cmpint (n, ==, 3); /* one a person */
  for (int i = 0; i < n; i++)
    sum += all[i];
  g_assert_cmpfloat (sum, ==, 1.25f);
  g_assert_cmpint (n_two, ==, 2);
  g_assert_cmpfloat (two[0], !=, two[1]);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, data, test) g_test_add (name, Fixture, data, set_up, test, tear_down)
  ADD ("/galleries/counts", NULL, test_counts);
  ADD ("/galleries/limits", NULL, test_limits);
  ADD ("/galleries/left-out", NULL, test_left_out);
  ADD ("/galleries/sessions", "", test_sessions);
  ADD ("/galleries/half-of-people", NULL, test_half_of_people);
  ADD ("/galleries/strangers", NULL, test_strangers);
  return g_test_run ();
}
