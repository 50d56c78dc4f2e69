/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "face/lk-face.h"
#include "lk-test-people.h"
#include "train/lk-loader.h"

#include <string.h>

enum
{
  SIDE = 12,
  PAIRS = 4,
  STEPS = 5,
  SIZE = 2 * PAIRS * SIDE * SIDE * 3
};

typedef struct
{
  char *folder;
  LkDataset *set;
  LkPictures *pictures;
  LkLoaderOptions options;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->folder = test_folder_new ();
  test_people_documents (f->folder, 20);
  f->set = lk_dataset_open (f->folder, 1, NULL);
  g_assert_nonnull (f->set);
  f->pictures = lk_pictures_new (f->set, 1 << 20);
  f->options = (LkLoaderOptions){ .set = f->set,
                                  .pictures = f->pictures,
                                  .height = SIDE,
                                  .width = SIDE,
                                  .channels = 3,
                                  .sampler = { LK_SAMPLING_PAIRS, 2 * PAIRS, 0 },
                                  .steps_per_epoch = STEPS,
                                  .seed = 9,
                                  .end_step = 4 * STEPS };
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  lk_pictures_free (f->pictures);
  lk_dataset_free (f->set);
  test_folder_remove (f->folder);
  g_free (f->folder);
}

static LkLoader *
start (const LkLoaderOptions *options)
{
  g_autoptr (GError) error = NULL;
  LkLoader *loader = lk_loader_new (options, &error);

  g_assert_no_error (error);
  return loader;
}

static const LkBatch *
take (LkLoader *loader)
{
  g_autoptr (GError) error = NULL;
  const LkBatch *batch = lk_loader_take (loader, &error);

  g_assert_no_error (error);
  return batch;
}

/* Each row is the crop of the picture that the dataset's pairs say, through all the
 * turns of the ring, and stays so while it is in use. */
static void
test_batches (Fixture *f, gconstpointer data)
{
  LkLoader *loader = start (&f->options);

  for (int step = 0; step < 4 * STEPS; step++)
    {
      g_autoptr (GArray)
          pairs = lk_dataset_pairs (f->set, LK_PART_TRAIN, STEPS * PAIRS,
                                    lk_stream_seed (9, LK_STREAM_PAIRS, (guint64) (step / STEPS)));
      const LkBatch *batch = take (loader);

      if (step % 3 == 0)
        g_usleep (3000); /* long enough to be overtaken */
      g_assert_cmpint (batch->n_pairs, ==, PAIRS);
      for (int i = 0; i < PAIRS; i++)
        {
          LkSamplePair pair = g_array_index (pairs, LkSamplePair, step % STEPS * PAIRS + i);
          int rows[] = { batch->pairs[i].a, batch->pairs[i].b }, samples[] = { pair.a, pair.b };

          g_assert_cmpint (batch->pairs[i].same, ==, pair.same);
          for (int side = 0; side < 2; side++)
            {
              g_autoptr (LkImage) crop = lk_pictures_get (f->pictures, samples[side], NULL);
              float expected[SIDE * SIDE * 3];

              g_assert_cmpint (rows[side] / PAIRS, ==, side); /* the towers lie behind each other */
              lk_face_to_input (crop, SIDE, SIDE, 3, expected);
              g_assert_cmpmem (batch->images + (gsize) rows[side] * SIDE * SIDE * 3,
                               sizeof expected, expected, sizeof expected);
            }
        }
    }
  lk_loader_free (loader);
}

/* Pairs are drawn anew each epoch, and a run that begins later sees the same ones. */
static void
test_steps (Fixture *f, gconstpointer data)
{
  float *images = g_new (float, 4 * STEPS * SIZE);
  LkLoader *loader = start (&f->options);

  for (int step = 0; step < 4 * STEPS; step++)
    memcpy (images + step * SIZE, take (loader)->images, SIZE * sizeof (float));
  lk_loader_free (loader);
  for (int epoch = 1; epoch < 4; epoch++)
    g_assert_cmpint (memcmp (images, images + epoch * STEPS * SIZE, SIZE * sizeof (float)), !=, 0);

  f->options.first_step = 7;
  loader = start (&f->options);
  for (int step = 7; step < 4 * STEPS; step++)
    g_assert_cmpmem (take (loader)->images, SIZE * sizeof (float), images + step * SIZE,
                     SIZE * sizeof (float));
  lk_loader_free (loader);
  g_free (images);
}

/* Which sample a row of a batch shows. */
static const LkSample *
shown (Fixture *f, const float *row)
{
  for (int i = 0; i < lk_dataset_get_n_samples (f->set); i++)
    {
      g_autoptr (LkImage) crop = lk_pictures_get (f->pictures, i, NULL);
      float input[SIDE * SIDE * 3];

      if (crop == NULL)
        continue;
      lk_face_to_input (crop, SIDE, SIDE, 3, input);
      if (memcmp (input, row, sizeof input) == 0)
        return lk_dataset_get_sample (f->set, i);
    }
  g_assert_not_reached ();
}

/* With most pictures damaged, those that are left take their place, the same ones each
 * time; the kinds of the pairs stay. */
static void
test_substitutes (Fixture *f, gconstpointer data)
{
  float *images = g_new (float, 4 * STEPS * SIZE);
  int n_damaged = 0;

  for (int i = 0; i < lk_dataset_get_n_samples (f->set); i++)
    if (i % 10 > 2)
      {
        g_assert_true (
            g_file_set_contents (lk_dataset_get_sample (f->set, i)->path, "damaged", -1, NULL));
        n_damaged++;
      }
  for (int round = 0; round < 2; round++)
    {
      LkPictures *pictures = lk_pictures_new (f->set, round == 0 ? 0 : 1 << 20);
      LkLoader *loader;

      f->options.pictures = pictures;
      loader = start (&f->options);
      for (int step = 0; step < 4 * STEPS; step++)
        {
          const LkBatch *batch = take (loader);

          for (int i = 0; i < PAIRS; i++)
            {
              const LkSample *b = shown (f, batch->images +
                                                (gsize) batch->pairs[i].b * SIDE * SIDE * 3);

              g_assert_cmpint (batch->pairs[i].same, ==, i % 2 == 0);
              g_assert_cmpint (b->role, ==, i % 2 == 0 ? LK_ROLE_POSITIVE : LK_ROLE_NEGATIVE);
              g_assert_cmpint (b->part, ==, LK_PART_TRAIN);
            }
          if (round == 0)
            memcpy (images + step * SIZE, batch->images, SIZE * sizeof (float));
          else
            g_assert_cmpmem (batch->images, SIZE * sizeof (float), images + step * SIZE,
                             SIZE * sizeof (float));
        }
      lk_loader_free (loader);
      g_assert_cmpint (lk_pictures_get_n_bad (pictures), >, 10);
      g_assert_cmpint (lk_pictures_get_n_bad (pictures), <=, n_damaged);
      lk_pictures_free (pictures);
    }
  g_free (images);
}

static void
test_nothing_usable (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  LkLoader *loader;

  for (int i = 0; i < lk_dataset_get_n_samples (f->set); i++)
    g_unlink (lk_dataset_get_sample (f->set, i)->path);
  loader = start (&f->options);
  g_assert_null (lk_loader_take (loader, &error));
  g_assert_error (error, LK_ERROR, LK_ERROR_NO_DATA);
  g_assert_true (g_str_has_suffix (error->message, "."));
  lk_loader_free (loader);
}

/* Each picture is changed for itself, anew each time, and the same in the same step. */
static void
test_augment (Fixture *f, gconstpointer data)
{
  float *images = g_new (float, 4 * STEPS * SIZE);
  LkLoader *plain, *loader;
  int changed = 0, sides = 0;

  plain = start (&f->options);
  f->options.augment = lk_augment_faces;
  loader = start (&f->options);
  for (int step = 0; step < 4 * STEPS; step++)
    {
      const LkBatch *a = take (plain), *b = take (loader);

      for (int row = 0; row < 2 * PAIRS; row++)
        {
          gboolean differs = memcmp (a->images + row * SIZE / (2 * PAIRS),
                                     b->images + row * SIZE / (2 * PAIRS),
                                     SIZE / (2 * PAIRS) * sizeof (float)) != 0;

          changed += differs;
          sides |= differs ? 1 << (row / PAIRS) : 0;
        }
      for (int side = 0; side < 2; side++)
        {
          const LkSample *sample = shown (f, a->images + side * PAIRS * SIDE * SIDE * 3);
          int i = 0;
          g_autoptr (LkImage) crop = NULL, expected = NULL;
          float input[SIDE * SIDE * 3];
          LkRandom random;

          while (lk_dataset_get_sample (f->set, i) != sample)
            i++;
          crop = lk_pictures_get (f->pictures, i, NULL);
          lk_random_seed (
              &random, lk_stream_seed (9, LK_STREAM_AUGMENT, (guint64) (2 * step * PAIRS + side)));
          expected = lk_augment_apply (&lk_augment_faces, crop, 0, &random);
          lk_face_to_input (expected, SIDE, SIDE, 3, input);
          g_assert_cmpmem (b->images + side * PAIRS * SIDE * SIDE * 3, sizeof input, input,
                           sizeof input);
        }
      memcpy (images + step * SIZE, b->images, SIZE * sizeof (float));
    }
  lk_loader_free (plain);
  lk_loader_free (loader);
  g_assert_cmpint (changed, >, 0.9 * 4 * STEPS * 2 * PAIRS);
  g_assert_cmpint (sides, ==, 3);

  f->options.first_step = 7;
  loader = start (&f->options);
  for (int step = 7; step < 4 * STEPS; step++)
    g_assert_cmpmem (take (loader)->images, SIZE * sizeof (float), images + step * SIZE,
                     SIZE * sizeof (float));
  lk_loader_free (loader);
  g_free (images);
}

/* The matrix agrees with the pairs, and with what the rows show. */
static void
test_relations (Fixture *f, gconstpointer data)
{
  LkLoader *loader;

  f->options.relations = TRUE;
  loader = start (&f->options);
  for (int step = 0; step < 4; step++)
    {
      const LkBatch *batch = take (loader);
      const LkSample *rows[2 * PAIRS];

      for (int row = 0; row < 2 * PAIRS; row++)
        rows[row] = shown (f, batch->images + row * SIZE / (2 * PAIRS));
      for (int a = 0; a < 2 * PAIRS; a++)
        for (int b = 0; b < 2 * PAIRS; b++)
          g_assert_cmpint (batch->relations[a * 2 * PAIRS + b], ==,
                           rows[a]->person == rows[b]->person ? LK_RELATION_SAME
                                                              : LK_RELATION_DIFFERENT);
    }
  lk_loader_free (loader);
}

/* A crop is decoded once where it may be kept, and again where it may not. */
static void
test_cache (Fixture *f, gconstpointer data)
{
  LkPictures *none = lk_pictures_new (f->set, 0), *one = lk_pictures_new (f->set, 30000);
  g_autoptr (LkImage) a = lk_pictures_get (one, 0, NULL), b = lk_pictures_get (one, 0, NULL);
  g_autoptr (LkImage) c = lk_pictures_get (one, 1, NULL), d = lk_pictures_get (one, 1, NULL);
  g_autoptr (LkImage) e = lk_pictures_get (none, 0, NULL), g = lk_pictures_get (none, 0, NULL);

  g_assert_true (a == b);
  g_assert_true (c != d); /* a crop is 30,000 bytes */
  g_assert_true (e != g);
  g_assert_cmpint (a->width, ==, LK_FACE_CROP_SIDE);
  g_assert_cmpmem (lk_image_get_pixels (a), 30000, lk_image_get_pixels (e), 30000);
  lk_pictures_free (none);
  lk_pictures_free (one);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define add(name, func) g_test_add ("/loader/" name, Fixture, NULL, set_up, func, tear_down)
  add ("batches", test_batches);
  add ("steps", test_steps);
  add ("substitutes", test_substitutes);
  add ("nothing-usable", test_nothing_usable);
  add ("cache", test_cache);
  add ("augment", test_augment);
  add ("relations", test_relations);
  return g_test_run ();
}
