/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "verify/lk-verifier.h"

#include <math.h>
#include <string.h>

#define TINY                                                                                       \
  "network tiny\n"                                                                                 \
  "image     input   size=4x4x3\n"                                                                 \
  "flat      flatten image\n"                                                                      \
  "embedding dense   flat units=3 activation=sigmoid\n"                                            \
  "score     l1-head embedding\n"

#define SMALL                                                                                      \
  "network small\n"                                                                                \
  "image     input   size=%s\n"                                                                    \
  "conv1     conv2d  image filters=8 kernel=5 stride=2 activation=relu\n"                          \
  "pool1     maxpool conv1 window=2 stride=2 padding=same\n"                                       \
  "flat      flatten pool1\n"                                                                      \
  "embedding dense   flat units=32 activation=sigmoid\n"                                           \
  "score     l1-head embedding\n"

static LkVerifier *
make_small (const char *size, int n_threads)
{
  g_autofree char *text = g_strdup_printf (SMALL, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (LkModel) model = lk_model_new_untrained (text, "small", 3, &error);
  LkVerifier *verifier;

  g_assert_no_error (error);
  verifier = lk_verifier_new (model, n_threads, &error);
  g_assert_no_error (error);
  g_assert_true (lk_verifier_get_model (verifier) == model);
  return verifier;
}

static LkImage *
make_flat (int side, guint8 r, guint8 g, guint8 b)
{
  guint8 *pixels = g_malloc (3 * side * side);

  for (int i = 0; i < side * side; i++)
    {
      pixels[3 * i] = r;
      pixels[3 * i + 1] = g;
      pixels[3 * i + 2] = b;
    }
  return lk_image_new_take (side, side, pixels);
}

/* Waves, different for each @seed, of middling brightness. */
static LkImage *
make_frame (int width, int height, int seed)
{
  guint8 *pixels = g_malloc (3 * width * height);

  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      for (int c = 0; c < 3; c++)
        pixels[3 * (width * y + x) + c] = (guint8) (120 + 60 * sin (0.02 * (seed + 1) * x + c) +
                                                    50 * cos (0.013 * (seed * 3 + 2) * y - seed));
  return lk_image_new_take (width, height, pixels);
}

static GPtrArray *
make_anchors (int n)
{
  GPtrArray *anchors = g_ptr_array_new_with_free_func ((GDestroyNotify) lk_image_unref);

  for (int i = 0; i < n; i++)
    g_ptr_array_add (anchors, make_frame (80 + i, 80 + i, i));
  return anchors;
}

static double
sigmoid (double x)
{
  return 1 / (1 + exp (-x));
}

/* Against the formula, with every number chosen here. */
static void
test_by_hand (void)
{
  /* embedding.kernel [48, 3], embedding.bias [3], score.kernel [3, 1], score.bias [1] */
  float params[48 * 3 + 3 + 3 + 1];
  const float kernel[3][3] = { { 0.1f, -0.2f, 0.05f },
                               { -0.1f, 0.02f, 0.3f },
                               { 0.0f, 0.15f, -0.25f } };
  const float bias[3] = { 0.5f, -0.25f, 0 }, alpha[3] = { 1.5f, -2, 0.75f }, head_bias = 0.3f;
  const guint8 a[3] = { 200, 100, 50 }, b[3] = { 30, 60, 255 };
  g_autoptr (LkImage) picture_a = make_flat (100, a[0], a[1], a[2]);
  g_autoptr (LkImage) picture_b = make_flat (37, b[0], b[1], b[2]);
  g_autoptr (GError) error = NULL;
  g_autoptr (LkModel) model = NULL;
  g_autoptr (LkVerifier) verifier = NULL;
  float out[3];
  double sum = 0;

  for (int i = 0; i < 16; i++)
    for (int c = 0; c < 3; c++)
      memcpy (&params[(3 * i + c) * 3], kernel[c], sizeof kernel[c]);
  memcpy (&params[144], bias, sizeof bias);
  memcpy (&params[147], alpha, sizeof alpha);
  params[150] = head_bias;
  model = lk_model_new (TINY, "tiny", params, NULL, &error);
  g_assert_no_error (error);
  verifier = lk_verifier_new (model, 1, &error);
  g_assert_no_error (error);
  g_assert_cmpint (lk_verifier_get_size (verifier), ==, 3);

  lk_verifier_embed (verifier, picture_a, out);
  for (int j = 0; j < 3; j++)
    {
      double ha = (double) bias[j], hb = (double) bias[j];

      for (int c = 0; c < 3; c++)
        {
          ha += 16 * (double) kernel[c][j] * a[c] / 255;
          hb += 16 * (double) kernel[c][j] * b[c] / 255;
        }
      g_assert_cmpfloat_with_epsilon ((double) out[j], sigmoid (ha), 1e-5);
      sum += (double) alpha[j] * (fabs (sigmoid (ha) - sigmoid (hb)) + 1e-6);
    }
  g_assert_cmpfloat_with_epsilon ((double) lk_verifier_compare (verifier, picture_a, picture_b),
                                  sigmoid (sum + (double) head_bias), 1e-5);
  g_assert_cmpfloat_with_epsilon ((double) lk_verifier_compare (verifier, picture_a, picture_a),
                                  sigmoid ((double) head_bias + 0.25e-6), 1e-6);

  /* The head apart, and another in its place for one of two people. */
  {
    const float other[3] = { -1, 0.5f, 2 };
    const char *const names[] = { "A", "A", "B" };
    g_autoptr (LkHead) own = lk_head_of_model (model), turned = lk_head_new (other, 3, -0.7f);
    g_autoptr (LkFinder) finder = lk_finder_new ();
    g_auto (LkSighting) seen = { 0 };
    const LkPolicy policy = LK_POLICY_DEFAULT;
    float gallery[9];
    double expected = -0.7;

    lk_verifier_embed (verifier, picture_b, gallery);
    g_assert_cmpint (own->size, ==, 3);
    g_assert_cmpfloat_with_epsilon (lk_head_compare (own, out, gallery), sum + (double) head_bias,
                                    1e-5);
    for (int j = 0; j < 3; j++)
      expected += (double) other[j] * (fabs ((double) out[j] - (double) gallery[j]) + 1e-6);
    memcpy (gallery + 3, gallery, 3 * sizeof *gallery);
    memcpy (gallery + 6, gallery, 3 * sizeof *gallery);
    g_assert_true (lk_verifier_set_gallery (verifier, gallery, names, 3, &error));
    g_assert_cmpint (lk_verifier_get_n_people (verifier), ==, 2);
    g_assert_true (lk_finder_look (finder, picture_a, LK_FACE_WHOLE, NULL, &seen, &error));
    for (int adapted = -1; adapted < 2; adapted++)
      {
        g_autoptr (LkCheck) check = NULL;

        for (int p = 0; p < 2; p++)
          lk_verifier_set_head (verifier, p, p == adapted ? turned : NULL);
        check = lk_verifier_check (verifier, &seen, &policy);
        for (int i = 0; i < 3; i++)
          g_assert_cmpfloat_with_epsilon (
              (double) check->scores[i],
              sigmoid ((i == 2) == adapted && adapted >= 0 ? expected : sum + (double) head_bias),
              1e-5);
      }
    /* Not of pairs, and not of the next gallery. */
    g_assert_cmpfloat_with_epsilon ((double) lk_verifier_compare (verifier, picture_a, picture_b),
                                    sigmoid (sum + (double) head_bias), 1e-5);
    g_assert_true (lk_verifier_set_gallery (verifier, gallery, NULL, 3, &error));
    {
      g_autoptr (LkCheck) check = lk_verifier_check (verifier, &seen, &policy);

      g_assert_cmpfloat_with_epsilon ((double) check->scores[0], sigmoid (sum + (double) head_bias),
                                      1e-5);
    }
  }
}

static void
test_compare (void)
{
  g_autoptr (LkVerifier) verifier = make_small ("24x24x3", 1);
  g_autoptr (GPtrArray) faces = make_anchors (4);
  float same = lk_verifier_compare (verifier, faces->pdata[0], faces->pdata[0]);
  int n_different = 0;

  for (int i = 0; i < 4; i++)
    for (int k = 0; k < 4; k++)
      {
        float score = lk_verifier_compare (verifier, faces->pdata[i], faces->pdata[k]);

        g_assert_true (score >= 0 && score <= 1);
        g_assert_cmpfloat_with_epsilon (
            score, lk_verifier_compare (verifier, faces->pdata[k], faces->pdata[i]), 1e-6f);
        if (i == k)
          g_assert_cmpfloat_with_epsilon (score, same, 1e-6f);
        else
          n_different += fabsf (score - same) > 1e-4f;
      }
  /* Not all: the head is untrained, and its terms of both signs may cancel out. */
  g_assert_cmpint (n_different, >=, 8);
}

/* More anchors than go into a batch, in their order, each as if compared alone. */
static void
test_gallery (gconstpointer size)
{
  g_autoptr (LkVerifier) verifier = make_small (size, strcmp (size, "24x24x3") == 0 ? 2 : 1);
  g_autoptr (LkVerifier) alone = make_small (size, 1);
  g_autoptr (GPtrArray) anchors = make_anchors (19), turned = g_ptr_array_new ();
  g_autoptr (LkImage) frame = make_frame (320, 240, 7), face = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (LkCheck) check = NULL, other = NULL;
  g_autoptr (LkFinder) finder = lk_finder_new ();
  g_auto (LkSighting) seen = { 0 };
  const LkPolicy policy = LK_POLICY_DEFAULT;
  double sum = 0;

  g_assert_true (lk_verifier_set_anchors (verifier, anchors, &error));
  g_assert_no_error (error);
  g_assert_cmpint (lk_verifier_get_n_anchors (verifier), ==, 19);
  g_assert_true (lk_finder_look (finder, frame, LK_FACE_GUIDE, NULL, &seen, &error));
  check = lk_verifier_check (verifier, &seen, &policy);
  g_assert_cmpint (check->n_anchors, ==, 19);
  g_assert_cmpint (check->crop->width, ==, 100);
  g_assert_cmpint (check->crop->height, ==, 100);
  g_assert_cmpfloat (check->face.width, ==, 125); /* 240 * 250 / 480 */
  g_assert_cmpfloat (check->face.x, ==, 97);
  g_assert_true (check->find_us == 0 && check->embed_us >= 0 && check->match_us >= 0);

  face = lk_finder_extract (finder, frame, LK_FACE_GUIDE, NULL, &error);
  for (int i = 0; i < 19; i++)
    {
      float score = lk_verifier_compare (alone, face, anchors->pdata[i]);

      g_assert_cmpfloat_with_epsilon (check->scores[i], score, 1e-5f);
      g_ptr_array_insert (turned, 0, anchors->pdata[i]);
      sum += (double) check->scores[i];
    }
  g_assert_cmpfloat_with_epsilon ((double) check->score, sum / 19, 1e-6);

  g_assert_true (lk_verifier_set_anchors (verifier, turned, &error));
  other = lk_verifier_check (verifier, &seen, &policy);
  for (int i = 0; i < 19; i++)
    g_assert_cmpfloat_with_epsilon (other->scores[i], check->scores[18 - i], 1e-5f);
}

static void
test_no_anchors (void)
{
  g_autoptr (LkVerifier) verifier = make_small ("24x24x3", 1);
  g_autoptr (LkImage) frame = make_frame (64, 64, 1);
  g_autoptr (LkFinder) finder = lk_finder_new ();
  g_auto (LkSighting) seen = { 0 };
  g_autoptr (GPtrArray) none = g_ptr_array_new (), three = make_anchors (3);
  g_autoptr (GError) error = NULL;
  const LkPolicy policy = { 0, 0 };

  g_assert_true (lk_finder_look (finder, frame, LK_FACE_WHOLE, NULL, &seen, &error));
  for (int round = 0; round < 2; round++)
    {
      g_autoptr (LkCheck) check = lk_verifier_check (verifier, &seen, &policy);

      g_assert_cmpint (check->n_anchors, ==, 0);
      g_assert_null (check->scores);
      g_assert_cmpfloat (check->score, ==, 0);
      g_assert_false (check->accepted);

      g_assert_true (lk_verifier_set_anchors (verifier, three, &error));
      g_assert_cmpint (lk_verifier_get_n_anchors (verifier), ==, 3);
      g_assert_true (lk_verifier_set_anchors (verifier, none, &error));
      g_assert_cmpint (lk_verifier_get_n_anchors (verifier), ==, 0);
    }
}

/* Worked out by hand.  Scores are eighths, so that means are exact. */
static const struct
{
  int n;
  float scores[5];
  LkPolicy policy;
  int n_matches;
  gboolean accepted;
  double score;
} decisions[] = {
  { 0, { 0 }, { 0.5, 0.5 }, 0, FALSE, 0 },
  { 1, { 0.75f }, { 0.5, 0.5 }, 1, TRUE, 0.75 },
  { 1, { 0.5f }, { 0.5, 0.5 }, 0, FALSE, 0.5 },         /* above, not at */
  { 2, { 0.75f, 0.25f }, { 0.5, 0.5 }, 1, FALSE, 0.5 }, /* a half is not more than a half */
  { 2, { 0.75f, 0.25f }, { 0.5, 0.49 }, 1, TRUE, 0.5 },
  { 3, { 0.75f, 0.625f, 0.125f }, { 0.5, 0.5 }, 2, TRUE, 0.5 },
  { 4, { 1, 1, 1, 1 }, { 0.5, 1 }, 4, FALSE, 1 }, /* never more than all */
  { 4, { 1, 1, 1, 1 }, { 1, 0 }, 0, FALSE, 1 },
  { 4, { 0.125f, 0.125f, 0.125f, 0.125f }, { 0, 0.9 }, 4, TRUE, 0.125 },
  { 5, { 0.75f, 0.75f, 0.75f, 0, 0 }, { 0.5, 0.6 }, 3, FALSE, 0.45 }, /* 3 / 5 > 0.6 is false */
  { 5, { 0.75f, 0.75f, 0.75f, 0, 0 }, { 0.5, 0.59 }, 3, TRUE, 0.45 },
  { 5, { 0.75f, 0, 0, 0, 0 }, { 0.5, 0 }, 1, TRUE, 0.15 },
  { 5, { 0, 0, 0, 0, 0 }, { 0.5, 0 }, 0, FALSE, 0 },
  /* Fused: the mean of the log odds of the higher half and the middle one. */
  { 1, { 0.75f }, { 0.5, 1, LK_WAY_FUSED }, 1, TRUE, 0.75 },
  { 1, { 0.5f }, { 0.5, 0, LK_WAY_FUSED }, 0, FALSE, 0.5 },
  { 3, { 0.75f, 0.25f, 0.75f }, { 0.6, 0.9, LK_WAY_FUSED }, 2, TRUE, 0.75 },
  { 3, { 0.25f, 0.75f, 0.25f }, { 0.51, 0, LK_WAY_FUSED }, 1, FALSE, 0.5 }, /* ln 3 and -ln 3 */
  { 3, { 0.25f, 0.75f, 0.25f }, { 0.49, 1, LK_WAY_FUSED }, 1, TRUE, 0.5 },
  { 0, { 0 }, { 0, 0, LK_WAY_FUSED }, 0, FALSE, 0 },
};

static void
test_policy (void)
{
  LkCheck check = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (decisions); i++)
    {
      check.n_anchors = decisions[i].n;
      check.scores = (float *) decisions[i].scores;
      lk_policy_decide (&decisions[i].policy, &check); /* over what the one before left */
      g_test_message ("decision %u", i);
      g_assert_cmpint (check.n_matches, ==, decisions[i].n_matches);
      g_assert_cmpint (check.accepted, ==, decisions[i].accepted);
      g_assert_cmpfloat_with_epsilon ((double) check.score, decisions[i].score, 1e-7);
    }
}

/* The document's two fractions: n matches of 50 and a threshold of k / 50. */
static void
test_policy_shares (void)
{
  float scores[50] = { 0 };
  LkCheck check = { .n_anchors = 50, .scores = scores };

  for (int n = 0; n <= 50; n++)
    {
      for (int k = 0; k <= 50; k++)
        {
          const LkPolicy policy = { 0.5, k / 50.0 };

          lk_policy_decide (&policy, &check);
          g_assert_cmpint (check.n_matches, ==, n);
          g_assert_cmpint (check.accepted, ==, n > k);
        }
      if (n < 50)
        scores[n] = 0.9f;
    }
}

/* Ada, Grace and Edith share a gallery; embeddings are pictures' own. */
static void
test_people (void)
{
  static const char *const people[] = { "Ada", "Ada", "Ada", "Grace", "Edith", "Edith" };
  g_autoptr (LkVerifier) verifier = make_small ("24x24x3", 1);
  g_autoptr (GPtrArray) faces = make_anchors (6);
  g_autofree float *embeddings = g_new (float, 6 * 32);
  g_autoptr (LkCheck) check = NULL, copy = NULL;
  g_auto (LkSighting) seen = { 0 };
  g_autoptr (LkFinder) finder = lk_finder_new ();
  g_autoptr (GError) error = NULL;
  const LkPolicy policy = LK_POLICY_DEFAULT;

  for (int i = 0; i < 6; i++)
    lk_verifier_embed (verifier, faces->pdata[i], embeddings + 32 * i);
  g_assert_true (lk_verifier_set_gallery (verifier, embeddings, people, 6, &error));
  g_assert_true (lk_finder_look (finder, faces->pdata[3], LK_FACE_WHOLE, NULL, &seen, &error));
  check = lk_verifier_check (verifier, &seen, &policy);
  copy = lk_check_copy (check);
  g_assert_true (lk_verifier_set_gallery (verifier, embeddings, NULL, 6, &error));
  g_clear_pointer (&check, lk_check_free); /* the copy keeps the names */
  g_assert_cmpint (copy->n_people, ==, 3);
  for (int i = 0; i < 3; i++)
    {
      static const int first[] = { 0, 3, 4 }, n[] = { 3, 1, 2 };
      static const char *const names[] = { "Ada", "Grace", "Edith" };

      g_assert_cmpstr (copy->people[i].name, ==, names[i]);
      g_assert_cmpint (copy->people[i].first, ==, first[i]);
      g_assert_cmpint (copy->people[i].n_anchors, ==, n[i]);
    }
  check = lk_verifier_check (verifier, &seen, &policy);
  g_assert_cmpint (check->n_people, ==, 0);
  g_assert_cmpint (check->best, ==, -1);
  for (int i = 0; i < 6; i++)
    g_assert_cmpfloat (check->scores[i], ==, copy->scores[i]);
}

/* Worked out by hand: Ada has three anchors, Grace one, Edith two; eighths again. */
static const struct
{
  float scores[6];
  int best, second;
  double odds; /* the best one's over the next one's */
  gboolean accepted;
} choices[] = {
  { { 0.75f, 0.75f, 0.75f, 0.25f, 0.125f, 0.125f }, 0, 1, 9, TRUE },
  { { 0.25f, 0.25f, 0.25f, 0.125f, 0.375f, 0.375f }, 2, 0, 1.8, FALSE },
  { { 0.75f, 0.75f, 0.75f, 0.75f, 0, 0 }, 0, 1, 1, FALSE },                  /* two alike: nobody */
  { { 0.75f, 0.75f, 0.75f, 0.875f, 0, 0 }, 1, 0, 7 / 3.0, TRUE },            /* ahead by enough */
  { { 0.75f, 0.75f, 0.75f, 0.8125f, 0, 0 }, 1, 0, 13 / 9.0, FALSE },         /* not by enough */
  { { 0.625f, 0.625f, 0.25f, 0, 0.625f, 0.5f }, 0, 2, 1 / (9 / 7.0), TRUE }, /* if less alike */
};

static void
test_identify (void)
{
  LkMatch people[] = { { "Ada", 0, 3 }, { "Grace", 3, 1 }, { "Edith", 4, 2 } };
  LkCheck check = { .n_anchors = 6, .n_people = 3, .people = people };
  const LkPolicy policy = LK_POLICY_DEFAULT;

  for (guint i = 0; i < G_N_ELEMENTS (choices); i++)
    {
      g_test_message ("choice %u", i);
      check.scores = (float *) choices[i].scores;
      lk_policy_decide (&policy, &check);
      g_assert_cmpint (check.best, ==, choices[i].best);
      g_assert_cmpint (check.second, ==, choices[i].second);
      g_assert_cmpfloat_with_epsilon (exp (check.margin), choices[i].odds, 1e-5);
      g_assert_cmpint (check.accepted, ==, choices[i].accepted);
      g_assert_cmpfloat (check.score, ==, people[check.best].score);
      g_assert_cmpint (check.n_matches, ==, people[check.best].n_matches);
    }
}

/* A network that finds things gives no embedding. */
static void
test_maps (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LkModel) model = lk_model_new_untrained ("network a\ni input size=24x24x3\nm maps i\n",
                                                      "finder", 1, &error);

  g_assert_no_error (error);
  g_assert_null (lk_verifier_new (model, 1, &error));
  g_assert_error (error, LK_ERROR, LK_ERROR_SHAPE);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/verifier/people", test_people);
  g_test_add_func ("/verifier/identify", test_identify);
  g_test_add_func ("/verifier/maps", test_maps);
  g_test_add_func ("/verifier/by-hand", test_by_hand);
  g_test_add_func ("/verifier/compare", test_compare);
  g_test_add_data_func ("/verifier/gallery/rgb", "24x24x3", test_gallery);
  g_test_add_data_func ("/verifier/gallery/grey", "20x28x1", test_gallery);
  g_test_add_data_func ("/verifier/gallery/full-size", "100x100x3", test_gallery);
  g_test_add_func ("/verifier/no-anchors", test_no_anchors);
  g_test_add_func ("/verifier/policy", test_policy);
  g_test_add_func ("/verifier/policy-shares", test_policy_shares);
  return g_test_run ();
}
