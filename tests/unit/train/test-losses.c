/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-test-training.h"
#include "model/lk-model.h"
#include "train/lk-mine.h"
#include "train/lk-training.h"

#include <math.h>
#include <string.h>

/* Five pictures on a line: A at 0, A at 3, B at 1, B at 4, and at 10 one of whom is only
 * known that it is not A. */
static const float embeddings[] = { 0, 3, 1, 4, 10 };
enum
{
  S = LK_RELATION_SAME,
  D = LK_RELATION_DIFFERENT,
  U = LK_RELATION_UNKNOWN
};
static const guint8 relations[] = { S,      S, D, D, D, /**/ S, S, D, D, D, /**/ D, D, S, S, U,
                                    /**/ D, D, S, S, U, /**/ D, D, U, U, S };
static const LkPair pairs[] = { { 0, 1, 1 }, { 0, 2, 0 }, { 2, 3, 1 } };

static void
assert_triplets (LkMining mining, const LkTriplet *expected, int n)
{
  LkTriplet found[11];
  LkRandom random;

  lk_random_seed (&random, 1);
  g_assert_cmpint (lk_mine_triplets (mining, embeddings, 5, 1, relations, pairs, 3, &random, found),
                   ==, n);
  g_assert_cmpmem (found, (gsize) n * sizeof *found, expected, (gsize) n * sizeof *expected);
}

static void
test_mine (void)
{
  /* From 0 the positive is 3 away: B at 4 is the nearest beyond.  From 3: the positive is
   * 3 away, and 10 the only one farther.  From 1 and 4, the positive is 3 away: from 1
   * nothing is farther, the farthest is A at 3; from 4 it is A at 0. */
  const LkTriplet semi_hard[] = { { 0, 1, 3 }, { 1, 0, 4 }, { 2, 3, 1 }, { 3, 2, 0 } };
  const LkTriplet batch_hard[] = { { 0, 1, 2 }, { 1, 0, 3 }, { 2, 3, 0 }, { 3, 2, 1 } };
  const guint8 nobody[] = { S, S, S, S };
  LkTriplet found[8];
  int seen[5] = { 0 };
  LkRandom random;

  assert_triplets (LK_MINING_SEMI_HARD, semi_hard, 4);
  assert_triplets (LK_MINING_BATCH_HARD, batch_hard, 4);

  lk_random_seed (&random, 1);
  for (int round = 0; round < 300; round++)
    {
      LkTriplet drawn[11];

      g_assert_cmpint (lk_mine_triplets (LK_MINING_RANDOM, embeddings, 5, 1, relations, pairs, 3,
                                         &random, drawn),
                       ==, 4);
      g_assert_cmpint (drawn[0].anchor, ==, 0);
      g_assert_cmpint (drawn[0].positive, ==, 1);
      seen[drawn[0].negative]++;
    }
  g_assert_cmpint (seen[0] + seen[1], ==, 0);
  for (int i = 2; i < 5; i++)
    g_assert_cmpint (ABS (seen[i] - 100), <, 40);

  for (int mining = LK_MINING_RANDOM; mining <= LK_MINING_BATCH_HARD; mining++)
    g_assert_cmpint (
        lk_mine_triplets ((LkMining) mining, embeddings, 2, 1, nobody, pairs, 1, &random, found),
        ==, 0);
}

/* Losses on distances learn the easy set, and their model gives scores by its head. */
static void
test_learns (Fixture *f, gconstpointer data)
{
  static const struct
  {
    LkTrainLoss loss;
    LkMining mining;
    double margin;
  } kinds[] = { { LK_TRAIN_CONTRASTIVE, 0, 1 },
                { LK_TRAIN_TRIPLET, LK_MINING_RANDOM, 0.5 },
                { LK_TRAIN_TRIPLET, LK_MINING_SEMI_HARD, 0.5 },
                { LK_TRAIN_TRIPLET, LK_MINING_BATCH_HARD, 0.5 } };

  f->options.epochs = 40;
  f->options.rate = 2e-3;
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      LkTrainEvaluation *test;
      Run run = { 0 };

      f->options.loss = kinds[i].loss;
      f->options.mining = kinds[i].mining;
      f->options.margin = kinds[i].margin;
      train_fully (&f->options, &run);
      test = &run.last.test;
      g_test_message ("loss %d mining %d: %.4f, EER %.3f, test %d/%d/%d/%d at %.3f", kinds[i].loss,
                      kinds[i].mining, run.last.mean_loss, run.last.eer, test->true_positives,
                      test->false_positives, test->true_negatives, test->false_negatives,
                      test->threshold);
      g_assert_cmpfloat (run.last.mean_loss, <, 0.2 * kinds[i].margin);
      g_assert_cmpfloat (run.last.eer, <, 0.1);
      g_assert_cmpint (test->true_positives, >=, 9 * test->false_negatives);
      g_assert_cmpint (test->true_negatives, >=, 4 * test->false_positives);
    }
}

/* The paper's optimiser and what goes with it. */
static void
test_sgd (Fixture *f, gconstpointer data)
{
  g_autoptr (LkModel) model = NULL;
  Run run = { 0 };
  double best;

  f->options.optimizer = LK_OPTIMIZER_SGD;
  f->options.momentum = 0.9;
  f->options.rate = 0.03;
  f->options.schedule = LK_SCHEDULE_PAPER;
  f->options.warmup_steps = 10;
  f->options.clip_norm = 5;
  f->options.epochs = 40;
  f->options.patience = 40;
  train_fully (&f->options, &run);
  model = lk_model_load (f->output, NULL);
  best = g_ascii_strtod (lk_model_get_meta (model, "validation_eer"), NULL);
  g_test_message ("loss %.4f, EER %.3f, best %.3f in epoch %d", run.last.mean_loss, run.last.eer,
                  best, run.last.best_epoch);
  g_assert_cmpfloat (run.last.mean_loss, <, 0.2);
  g_assert_cmpfloat (best, <, 0.1);
  g_assert_cmpfloat (best, <=, run.last.eer);
}

static void
test_muon (Fixture *f, gconstpointer data)
{
  Run run = { 0 };

  f->options.optimizer = LK_OPTIMIZER_MUON;
  f->options.decay = 0.01;
  f->options.rate = 0.005;
  f->options.schedule = LK_SCHEDULE_COSINE;
  f->options.epochs = 20;
  train_fully (&f->options, &run);
  g_test_message ("loss %.4f, EER %.3f", run.last.mean_loss, run.last.eer);
  g_assert_cmpfloat (run.last.mean_loss, <, 0.2);
  g_assert_cmpfloat (run.last.eer, <, 0.1);
}

/* The pairs of the same five pictures: of each person one; of the six impostor pairs the
 * nearest, which is 2 and 0, and with three wanted two of the nearest. */
static void
test_batch_pairs (void)
{
  const guint8 three[] = {
    S, S, S, D, D, S, S, S, D, D, S, S, S, D, D, D, D, D, S, U, D, D, D, U, S
  };
  LkPair found[10];
  int last[25] = { 0 }, n_last = 0;
  LkRandom random;

  lk_random_seed (&random, 1);
  for (int round = 0; round < 300; round++)
    {
      int n = lk_batch_pairs_form (LK_BATCH_PAIRS_BALANCED, embeddings, 5, 1, relations, &random,
                                   found);

      g_assert_cmpint (n, ==, 4);
      g_assert_true (found[0].a == 0 && found[0].b == 1 && found[0].same);
      g_assert_true (found[1].a == 2 && found[1].b == 3 && found[1].same);
      g_assert_true (found[2].a == 0 && found[2].b == 2 && !found[2].same);
      g_assert_cmpint (relations[5 * found[3].a + found[3].b], ==, D);
      g_assert_false (found[3].a == 0 && found[3].b == 2);
      n_last += last[5 * found[3].a + found[3].b]++ == 0;

      n = lk_batch_pairs_form (LK_BATCH_PAIRS_BALANCED, embeddings, 5, 1, three, &random, found);
      g_assert_cmpint (n, ==, 6);
      g_assert_true (found[3].a == 1 && found[3].b == 3 && !found[3].same); /* 3 and 4 */
      g_assert_true (found[4].a == 2 && found[4].b == 3 && !found[4].same); /* 1 and 4 */
    }
  g_assert_cmpint (n_last, ==, 5);
  g_assert_cmpint (
      lk_batch_pairs_form (LK_BATCH_PAIRS_ALL, embeddings, 5, 1, relations, &random, found), ==, 8);
  g_assert_cmpint (
      lk_batch_pairs_form (LK_BATCH_PAIRS_ALL, embeddings, 1, 1, relations, &random, found), ==, 0);
}

/* What is told beforehand is what is formed, where everybody is known. */
static void
test_pairs_told (void)
{
  static const struct
  {
    int people, each;
  } batches[] = { { 2, 2 }, { 8, 4 }, { 2, 6 }, { 5, 2 } };
  LkTrainOptions o;

  lk_train_options_init (&o, "siamese");
  g_assert_cmpint (lk_train_options_get_pairs (&o), ==, 16);
  o.sampling = LK_SAMPLING_PEOPLE;
  for (guint i = 0; i < 2 * G_N_ELEMENTS (batches); i++)
    {
      int each = batches[i / 2].each, n = batches[i / 2].people * each;
      g_autofree guint8 *known = g_malloc ((gsize) n * (gsize) n);
      g_autofree float *places = g_new (float, n);
      g_autofree LkPair *found = g_new (LkPair, n * n);
      LkRandom random;

      lk_random_seed (&random, i);
      o.batch_people = batches[i / 2].people;
      o.per_person = each;
      o.pairs = i % 2 == 0 ? LK_BATCH_PAIRS_BALANCED : LK_BATCH_PAIRS_ALL;
      for (int a = 0; a < n; a++)
        {
          places[a] = (float) lk_random_range (&random, 0, 1);
          for (int b = 0; b < n; b++)
            known[a * n + b] = a / each == b / each ? S : D;
        }
      g_assert_cmpint (lk_train_options_get_pairs (&o), ==,
                       lk_batch_pairs_form (o.pairs, places, n, 1, known, &random, found));
    }
  o.batch_people = o.per_person = G_MAXINT;
  g_assert_cmpint (lk_train_options_get_pairs (&o), ==, 0);
  o.loss = LK_TRAIN_TRIPLET;
  g_assert_cmpint (lk_train_options_get_pairs (&o), ==, 0);
  lk_train_options_clear (&o);
}

/* The lowest EER counts, the lowest loss among equals, the first among those. */
static void
test_best (void)
{
  static const struct
  {
    double eer, loss;
    int best;
  } epochs[] = { { NAN, 1, 0 },    { 0.2, 0.5, 2 }, { 0.3, 0.1, 2 }, { 0.2, 0.4, 4 },
                 { 0.2, 0.45, 4 }, { 0.2, 0.4, 4 }, { 0.1, 0.9, 7 }, { NAN, NAN, 7 } };
  LkTraining training = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (epochs); i++)
    {
      lk_training_note (&training, (int) i + 1, epochs[i].eer, epochs[i].loss);
      g_assert_cmpint (training.best_epoch, ==, epochs[i].best);
      g_assert_cmpint (training.n_validated, ==, (int) i + 1);
    }
}

/* The run ends @patience epochs after its best one, whose parameters are those of a run
 * that ends there. */
static void
test_patience (Fixture *f, gconstpointer data)
{
  g_autoptr (LkModel) kept = NULL, ended = NULL;
  Run run = { 0 }, shorter = { 0 };

  f->options.rate = 0.02; /* so that the validation goes up and down */
  f->options.epochs = 200;
  f->options.patience = 3;
  train_fully (&f->options, &run);
  g_test_message ("best epoch %d of %d", run.last.best_epoch, run.last.epoch);
  g_assert_cmpint (run.last.epoch, <, 200);
  g_assert_cmpint (run.last.epoch, ==, run.last.best_epoch + 3);
  g_assert_cmpint (run.last.step, ==, run.last.epoch * 10);
  kept = lk_model_load (f->output, NULL);

  f->options.epochs = run.last.best_epoch;
  f->options.patience = 0;
  train_fully (&f->options, &shorter);
  ended = lk_model_load (f->output, NULL);
  g_assert_cmpstr (lk_model_get_hash (kept), ==, lk_model_get_hash (ended));
  g_assert_cmpint (shorter.last.best_epoch, ==, run.last.best_epoch);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/losses/mine", test_mine);
  g_test_add_func ("/losses/batch-pairs", test_batch_pairs);
  g_test_add_func ("/losses/pairs-told", test_pairs_told);
  g_test_add_func ("/losses/best", test_best);
  g_test_add ("/losses/learns", Fixture, NULL, test_set_up, test_learns, test_tear_down);
  g_test_add ("/losses/muon", Fixture, NULL, test_set_up, test_muon, test_tear_down);
  g_test_add ("/losses/sgd", Fixture, NULL, test_set_up, test_sgd, test_tear_down);
  g_test_add ("/losses/patience", Fixture, NULL, test_set_up, test_patience, test_tear_down);
  return g_test_run ();
}
