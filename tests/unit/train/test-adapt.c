/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "base/lk-random.h"
#include "train/lk-adapt.h"

#include <math.h>
#include <string.h>

#define SIZE        12
#define N_STRANGERS 600
#define N_PICTURES  24

/* Strangers are anywhere; the person's pictures lie around a place, near it in the first
 * @n_steady numbers and anywhere in the others. */
typedef struct
{
  float strangers[N_STRANGERS * SIZE], pictures[N_PICTURES * SIZE];
  int sessions[N_PICTURES];
  gboolean is_anchor[N_PICTURES];
  LkCohort cohort;
  LkOwnPictures own;
  LkHead *head;
} Made;

static float
draw (LkRandom *random)
{
  return (float) lk_random_normal (random);
}

static void
make (Made *made, int n_steady, float place, float spread, int n_sessions, guint64 seed)
{
  float alpha[SIZE];
  LkRandom random;

  lk_random_seed (&random, seed);
  for (int i = 0; i < N_STRANGERS * SIZE; i++)
    made->strangers[i] = draw (&random);
  for (int i = 0; i < N_PICTURES; i++)
    {
      for (int j = 0; j < SIZE; j++)
        made->pictures[i * SIZE + j] = j < n_steady ? place + spread * draw (&random)
                                                    : draw (&random);
      made->sessions[i] = i * n_sessions / N_PICTURES;
      made->is_anchor[i] = i % 2 == 0;
    }
  for (int j = 0; j < SIZE; j++)
    alpha[j] = -1;
  made->head = lk_head_new (alpha, SIZE, SIZE);
  made->cohort = (LkCohort){ .n = N_STRANGERS, .size = SIZE, .embeddings = made->strangers };
  made->own = (LkOwnPictures){ N_PICTURES, made->pictures, made->sessions, made->is_anchor };
}

static LkAdaptation *
adapt (const Made *made, double threshold)
{
  g_autoptr (GError) error = NULL;
  LkAdaptation *out = lk_adapt (made->head, LK_FUSION_HALF, &made->own, &made->cohort, threshold,
                                NULL, &error);

  g_assert_no_error (error);
  return out;
}

/* Three steady numbers of twelve: a head that takes all alike is lost, one that has learnt which
 * are steady is not.  Held out are all pictures and all strangers, each once. */
static void
test_helps (gconstpointer n_sessions)
{
  Made made;
  g_autoptr (LkAdaptation) out = NULL;
  double steady = 0, others = 0;

  make (&made, 3, 2, 0.1f, GPOINTER_TO_INT (n_sessions), 1);
  out = adapt (&made, 0.999);
  g_assert_cmpint (out->n_looks, ==, N_PICTURES);
  g_assert_cmpint (out->n_strangers, ==, N_STRANGERS);
  g_assert_cmpint (out->before->across_sessions, ==, GPOINTER_TO_INT (n_sessions) > 1);
  g_test_message ("refused %d then %d, at 1e-2 %d then %d", out->refused.before, out->refused.after,
                  out->refused_loose.before, out->refused_loose.after);
  g_assert_cmpint (out->refused.before, >=, 5);
  g_assert_cmpint (out->refused.after, <=, out->refused.before / 2);
  g_assert_true (out->better);
  for (int j = 0; j < SIZE; j++)
    *(j < 3 ? &steady : &others) += (double) out->head->alpha[j] / (j < 3 ? 3 : SIZE - 3);
  g_assert_cmpfloat (steady, <, 1.5 * others); /* both below 0 */
  lk_head_free (made.head);
}

/* What strangers score stays where it was, so that thresholds go on meaning the same. */
static void
test_strangers_stay (void)
{
  Made made;
  g_autoptr (LkAdaptation) out = NULL;
  double sums[2] = { 0 }, squares[2] = { 0 };

  make (&made, 3, 2, 0.1f, 3, 2);
  out = adapt (&made, 0.999);
  for (int i = 0; i < N_STRANGERS; i++)
    for (int k = 0; k < 2; k++)
      {
        const LkOwnScores *scores = k == 0 ? out->before : out->after;
        double odds = lk_log_odds ((double) scores->strangers[i]);

        sums[k] += odds / N_STRANGERS;
        squares[k] += odds * odds / N_STRANGERS;
      }
  g_assert_cmpfloat_with_epsilon (sums[0], sums[1], 0.01);
  g_assert_cmpfloat_with_epsilon (squares[0], squares[1], 0.05 * squares[0]);
  lk_head_free (made.head);
}

/* Nothing is refused before: nothing can be better. */
static void
test_good_already (void)
{
  Made made;
  g_autoptr (LkAdaptation) out = NULL;

  make (&made, SIZE, 1.5f, 0.05f, 3, 3);
  out = adapt (&made, 0.5);
  g_assert_cmpint (out->refused.before, ==, 0);
  g_assert_false (out->better);
  lk_head_free (made.head);
}

/* A person like any stranger, in nothing steady: what is learnt does not hold for what was held
 * out.  Not one of ten such must be called better by much; most not at all. */
static void
test_nothing_to_learn (void)
{
  int n_better = 0, before = 0, after = 0;

  for (guint64 seed = 10; seed < 20; seed++)
    {
      Made made;
      g_autoptr (LkAdaptation) out = NULL;

      make (&made, 0, 0, 0, 3, seed);
      out = adapt (&made, 0.5);
      g_assert_cmpint (out->refused.before, >, N_PICTURES / 2);
      g_assert_cmpint (out->refused.after, >, N_PICTURES / 2);
      n_better += out->better;
      before += out->refused_loose.before;
      after += out->refused_loose.after;
      lk_head_free (made.head);
    }
  g_assert_cmpint (n_better, <=, 3);
  g_test_message ("%d better, refused %d then %d", n_better, before, after);
}

/* On either of two days three numbers stay, but not from one day to the other.  Who learns from one
 * day alone takes them for steady, and is refused on the other; only who peeks at the day that is
 * held out knows better. */
static void
test_nothing_peeked (void)
{
  Made made;
  g_autoptr (LkAdaptation) out = NULL;

  make (&made, 6, 2, 0.1f, 2, 5);
  for (int i = 0; i < N_PICTURES; i++)
    for (int j = 0; j < 3; j++)
      made.pictures[i * SIZE + j] += made.sessions[i] == 0 ? -2 : 0;
  out = adapt (&made, 0.999);
  g_test_message ("refused %d then %d, at 1e-2 %d then %d", out->refused.before, out->refused.after,
                  out->refused_loose.before, out->refused_loose.after);
  g_assert_cmpint (out->refused.after, >=, out->refused.before);
  g_assert_false (out->better);
  lk_head_free (made.head);
}

/* More strangers pass at the threshold in use: refused, whatever else is better. */
static void
test_threshold_holds (void)
{
  Made made;

  make (&made, 3, 2, 0.1f, 3, 1);
  for (double threshold = 0.01; threshold < 1; threshold += 0.01)
    {
      g_autoptr (LkAdaptation) out = adapt (&made, threshold);

      g_assert_cmpint (out->passed.before, ==,
                       lk_count_at_least (out->before->strangers, N_STRANGERS, threshold));
      if (out->passed.after > out->passed.before)
        {
          g_assert_false (out->better);
          lk_head_free (made.head);
          return;
        }
      g_assert_true (out->better);
      threshold += 0.08; /* a fit takes its time */
    }
  lk_head_free (made.head);
  g_test_message ("no threshold lets more strangers in");
}

static void
test_too_few (void)
{
  Made made;
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  make (&made, 3, 1, 0.1f, 1, 4);
  made.own.n = LK_ADAPT_LEAST - 1;
  g_assert_null (lk_adapt (made.head, LK_FUSION_HALF, &made.own, &made.cohort, 0.5, NULL, &error));
  g_assert_error (error, LK_ERROR, LK_ERROR_NO_DATA);
  g_clear_error (&error);

  /* Enough, but all of one sitting and one of another: there is nothing to learn from when the
   * many are held out, and one look says nothing. */
  made.own.n = LK_ADAPT_LEAST;
  for (int i = 0; i < LK_ADAPT_LEAST; i++)
    made.sessions[i] = i == 0;
  g_assert_null (lk_adapt (made.head, LK_FUSION_HALF, &made.own, &made.cohort, 0.5, NULL, &error));
  g_assert_error (error, LK_ERROR, LK_ERROR_NO_DATA);
  g_clear_error (&error);

  made.own.n = N_PICTURES;
  g_cancellable_cancel (cancellable);
  g_assert_null (
      lk_adapt (made.head, LK_FUSION_HALF, &made.own, &made.cohort, 0.5, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  lk_head_free (made.head);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/adapt/helps/sessions", GINT_TO_POINTER (3), test_helps);
  g_test_add_data_func ("/adapt/helps/one-session", GINT_TO_POINTER (1), test_helps);
  g_test_add_func ("/adapt/strangers-stay", test_strangers_stay);
  g_test_add_func ("/adapt/good-already", test_good_already);
  g_test_add_func ("/adapt/nothing-to-learn", test_nothing_to_learn);
  g_test_add_func ("/adapt/nothing-peeked", test_nothing_peeked);
  g_test_add_func ("/adapt/threshold-holds", test_threshold_holds);
  g_test_add_func ("/adapt/too-few", test_too_few);
  return g_test_run ();
}
