/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "face/lk-face.h"
#include "lk-test-index.h"
#include "train/lk-loader.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* 9 people: 0 1 3 4 6 7 to train on, 2 5 8 for validation, 3 pictures unlabelled. */
enum
{
  PEOPLE = 9,
  SAMPLES = 9 * TEST_INDEX_EACH + 3
};

typedef struct
{
  char *folder, *index;
  LkDataset *set;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->folder = test_folder_new ();
  f->index = g_build_filename (f->folder, "index.csv", NULL);
  test_index_make (f->folder, PEOPLE);
  f->set = lk_dataset_open (f->folder, 1, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  lk_dataset_free (f->set);
  test_folder_remove (f->folder);
  g_free (f->folder);
  g_free (f->index);
}

static int
person_number (const LkSample *sample, const LkDataset *set)
{
  return sample->person >= 0
             ? (int) g_ascii_strtoll (lk_dataset_get_person (set, sample->person), NULL, 10)
             : -1;
}

static void
test_reads (Fixture *f, gconstpointer data)
{
  g_autofree char *report = lk_dataset_get_report (f->set);
  LkDatasetSummary s;
  int n_similar;

  g_assert_true (lk_dataset_is_indexed (f->set));
  g_assert_cmpint (lk_dataset_get_n_samples (f->set), ==, SAMPLES);
  lk_dataset_get_summary (f->set, &s);
  g_assert_cmpint (s.n_people, ==, PEOPLE);
  g_assert_cmpint (s.n_pictures[LK_PART_TRAIN], ==, 6 * TEST_INDEX_EACH + 3);
  g_assert_cmpint (s.n_pictures[LK_PART_VALIDATION], ==, 3 * TEST_INDEX_EACH);
  g_assert_cmpint (s.n_people_in[LK_PART_VALIDATION], ==, 3);
  g_assert_cmpint (s.n_unlabelled, ==, 4); /* one label is doubtful */
  g_assert_nonnull (strstr (report, "distillation"));
  for (int i = 0; i < SAMPLES; i++)
    {
      const LkSample *sample = lk_dataset_get_sample (f->set, i);
      g_autofree char *ending = g_strdup_printf ("crops/%03d.jpg", i);

      g_assert_cmpint (sample->row, ==, i);
      g_assert_true (g_str_has_suffix (sample->path, ending));
      if (sample->person >= 0)
        g_assert_cmpint (sample->part == LK_PART_VALIDATION, ==,
                         person_number (sample, f->set) % 3 == 2);
    }
  g_assert_cmpint (lk_dataset_get_sample (f->set, 1)->person, ==, -1);
  lk_dataset_get_similar (f->set, lk_dataset_get_sample (f->set, 0)->person, &n_similar);
  g_assert_cmpint (n_similar, ==, 2);
}

/* Pairs show people as the index names them, nobody without a name, and no two who are
 * similar. */
static void
test_pairs (Fixture *f, gconstpointer data)
{
  for (int part = LK_PART_TRAIN; part <= LK_PART_VALIDATION; part++)
    {
      g_autoptr (GArray) pairs = lk_dataset_pairs (f->set, (LkPart) part, 2000, 7);
      int n_of_0 = 0;

      g_assert_cmpuint (pairs->len, ==, 2000);
      for (guint i = 0; i < pairs->len; i++)
        {
          LkSamplePair pair = g_array_index (pairs, LkSamplePair, i);
          int a = person_number (lk_dataset_get_sample (f->set, pair.a), f->set);
          int b = person_number (lk_dataset_get_sample (f->set, pair.b), f->set);

          g_assert_cmpint (a, >=, 0);
          g_assert_cmpint (b, >=, 0);
          g_assert_cmpint (pair.same, ==, a == b);
          g_assert_false (a + b == 1 || (MIN (a, b) == 0 && MAX (a, b) == 4));
          g_assert_cmpint (lk_dataset_compare (f->set, pair.a, pair.b), ==,
                           pair.same ? LK_RELATION_SAME : LK_RELATION_DIFFERENT);
          n_of_0 += !pair.same && a == 0;
        }
      g_assert_cmpint (n_of_0 > 0, ==, part == LK_PART_TRAIN);
    }
  /* Person 0 and 1, and an unlabelled one with anybody. */
  g_assert_cmpint (lk_dataset_compare (f->set, 0, TEST_INDEX_EACH + 1), ==, LK_RELATION_UNKNOWN);
  g_assert_cmpint (lk_dataset_compare (f->set, TEST_INDEX_EACH + 1, 0), ==, LK_RELATION_UNKNOWN);
  g_assert_cmpint (lk_dataset_compare (f->set, 1, 0), ==, LK_RELATION_UNKNOWN);
  g_assert_cmpint (lk_dataset_compare (f->set, 0, 2), ==, LK_RELATION_SAME);
}

/* A trial: somebody, the same again, and others, no two alike or similar. */
static void
test_trials (Fixture *f, gconstpointer data)
{
  int n;
  g_autofree int *trials = lk_dataset_trials (f->set, LK_PART_TRAIN, 3, 500, 4, &n);
  g_autofree int *none = NULL;
  gboolean right_differs = TRUE;

  g_assert_cmpint (n, ==, 500);
  for (int i = 0; i < n; i++)
    {
      const int *trial = trials + 4 * i;

      g_assert_cmpint (lk_dataset_compare (f->set, trial[0], trial[1]), ==, LK_RELATION_SAME);
      right_differs = right_differs && trial[0] != trial[1];
      for (int k = 2; k < 4; k++)
        {
          g_assert_cmpint (lk_dataset_get_sample (f->set, trial[k])->part, ==, LK_PART_TRAIN);
          g_assert_cmpint (lk_dataset_compare (f->set, trial[0], trial[k]), ==,
                           LK_RELATION_DIFFERENT);
        }
      g_assert_cmpint (lk_dataset_compare (f->set, trial[2], trial[3]), !=, LK_RELATION_SAME);
    }
  g_assert_true (right_differs);
  none = lk_dataset_trials (f->set, LK_PART_VALIDATION, 4, 10, 4, &n); /* there are three */
  g_assert_cmpint (n, ==, 0);
}

static void
test_samplers (Fixture *f, gconstpointer data)
{
  const LkSampler pictures = { LK_SAMPLING_PICTURES, 9, 0 };
  const LkSampler people = { LK_SAMPLING_PEOPLE, 15, 5 };
  const LkSampler too_many = { LK_SAMPLING_PEOPLE, 14, 2 };
  g_autofree int *drawn = lk_sampler_draw (&pictures, f->set, 3, 4);
  g_autofree int *again = lk_sampler_draw (&pictures, f->set, 3, 4);
  g_autofree int *other = lk_sampler_draw (&pictures, f->set, 3, 5);
  g_autofree int *groups = lk_sampler_draw (&people, f->set, 40, 4);
  gboolean seen[SAMPLES] = { FALSE };
  int shown[PEOPLE] = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (lk_sampler_get_steps (&pictures, f->set), ==, 3);
  g_assert_cmpmem (drawn, 27 * sizeof (int), again, 27 * sizeof (int));
  g_assert_cmpint (memcmp (drawn, other, 27 * sizeof (int)), !=, 0);
  for (int i = 0; i < 27; i++) /* all there are */
    {
      g_assert_cmpint (lk_dataset_get_sample (f->set, drawn[i])->part, ==, LK_PART_TRAIN);
      g_assert_false (seen[drawn[i]]);
      seen[drawn[i]] = TRUE;
    }

  g_assert_true (lk_sampler_check (&people, f->set, &error));
  for (int step = 0; step < 40; step++)
    for (int k = 0; k < 3; k++)
      {
        const int *rows = groups + 15 * step + 5 * k;
        int person = person_number (lk_dataset_get_sample (f->set, rows[0]), f->set);

        g_assert_cmpint (person % 3, !=, 2);
        g_assert_cmpint (person, >=, 0);
        shown[person]++;
        for (int i = 1; i < 5; i++)
          g_assert_cmpint (person_number (lk_dataset_get_sample (f->set, rows[i]), f->set), ==,
                           person);
        /* Nobody has five pictures: the first is shown again, the others once. */
        g_assert_cmpint (rows[person == 0 ? 3 : 4], ==, rows[0]);
        g_assert_cmpint (rows[1], !=, rows[0]);
        for (int other_k = 0; other_k < k; other_k++)
          g_assert_cmpint (
              person_number (lk_dataset_get_sample (f->set, groups[15 * step + 5 * other_k]),
                             f->set),
              !=, person);
      }
  for (int person = 0; person < PEOPLE; person++)
    g_assert_cmpint (shown[person], ==, person % 3 == 2 ? 0 : 20);
  g_assert_false (lk_sampler_check (&too_many, f->set, &error));
  g_assert_error (error, LK_ERROR, LK_ERROR_NO_DATA);
}

/* The network sees the middle, and what augmentation brings in comes from the margin. */
static void
test_margin (Fixture *f, gconstpointer data)
{
  LkPictures *pictures = lk_pictures_new (f->set, 1 << 20);
  g_autoptr (LkImage) crop = lk_pictures_get (pictures, 3, NULL);
  g_autoptr (LkImage) middle = lk_pictures_get_middle (pictures, 3, NULL);
  g_autoptr (LkImage) expected = lk_image_crop (crop, 10, 10, 100, 100), plain = NULL;
  const LkAugment none = { 0 }, shift = { .probability = 1, .shift = 10 };
  int outside = 0;
  LkRandom random;

  g_assert_cmpint (crop->width, ==, 120);
  g_assert_cmpint (lk_pictures_get_margin (crop), ==, 10);
  g_assert_cmpint (middle->width, ==, LK_FACE_CROP_SIDE);
  g_assert_cmpmem (lk_image_get_pixels (middle), 30000, lk_image_get_pixels (expected), 30000);
  plain = lk_augment_apply (&none, crop, 10, &random);
  g_assert_cmpmem (lk_image_get_pixels (plain), 30000, lk_image_get_pixels (expected), 30000);
  lk_random_seed (&random, 2);
  for (int round = 0; round < 20; round++)
    {
      LkRandom draw = random;
      g_autoptr (LkImage) moved = lk_augment_apply (&shift, crop, 10, &random);
      double tx, ty;
      g_autoptr (LkImage) there = NULL;
      const guint8 *a = lk_image_get_pixels (moved), *b;

      lk_random_double (&draw);
      tx = lk_random_range (&draw, -10, 10);
      ty = lk_random_range (&draw, -10, 10);
      there = lk_image_crop (crop, (int) lround (10 - tx), (int) lround (10 - ty), 100, 100);
      b = lk_image_get_pixels (there);
      for (int i = 0; i < 30000; i++)
        outside += ABS (a[i] - b[i]) > 60;
    }
  g_test_message ("%d of 600000 differ", outside);
  g_assert_cmpint (outside, <, 6000); /* half pixels at edges */
  lk_pictures_free (pictures);
}

/* Batches of pictures and of people; damaged ones are replaced by their like. */
static void
test_loader (Fixture *f, gconstpointer data)
{
  for (int kind = LK_SAMPLING_PICTURES; kind <= LK_SAMPLING_PEOPLE; kind++)
    {
      LkPictures *pictures;
      LkLoaderOptions options = { .set = f->set,
                                  .height = 10,
                                  .width = 10,
                                  .channels = 3,
                                  .sampler = { (LkSampling) kind, 6, 3 },
                                  .steps_per_epoch = 4,
                                  .seed = 3,
                                  .relations = TRUE,
                                  .end_step = 8 };
      LkLoader *loader;

      /* Of everybody one picture is damaged. */
      for (int i = 0; i < SAMPLES; i += TEST_INDEX_EACH)
        g_assert_true (
            g_file_set_contents (lk_dataset_get_sample (f->set, i)->path, "damaged", -1, NULL));
      options.pictures = pictures = lk_pictures_new (f->set, 1 << 20);
      loader = lk_loader_new (&options, NULL);
      for (int step = 0; step < 8; step++)
        {
          const LkBatch *batch = lk_loader_take (loader, NULL);

          g_assert_nonnull (batch);
          g_assert_cmpint (batch->n, ==, 6);
          g_assert_cmpint (batch->n_pairs, ==, 0);
          for (int row = 0; row < 6; row++)
            {
              const LkSample *sample = lk_dataset_get_sample (f->set, batch->samples[row]);
              g_autoptr (LkImage)
                  crop = lk_pictures_get_middle (pictures, batch->samples[row], NULL);
              float expected[300];

              g_assert_cmpint (sample->part, ==, LK_PART_TRAIN);
              g_assert_nonnull (crop);
              lk_face_to_input (crop, 10, 10, 3, expected);
              g_assert_cmpmem (batch->images + 300 * row, sizeof expected, expected,
                               sizeof expected);
              for (int k = 0; k < 6; k++)
                g_assert_cmpint (
                    batch->relations[6 * row + k], ==,
                    lk_dataset_compare (f->set, batch->samples[row], batch->samples[k]));
              if (kind == LK_SAMPLING_PEOPLE)
                g_assert_cmpint (
                    sample->person, ==,
                    lk_dataset_get_sample (f->set, batch->samples[row / 3 * 3])->person);
            }
        }
      lk_loader_free (loader);
      lk_pictures_free (pictures);
    }
}

static void
test_errors (Fixture *f, gconstpointer data)
{
  static const char *const wrong[] = {
    "",
    "file,split\ncrops/000.jpg,train\n",
    "file,split,person\ncrops/000.jpg,train\n",
    "file,split,person\ncrops/000.jpg,learn,1\n",
    "file,split,person\n../000.jpg,train,1\n",
    "file,split,person\n/etc/passwd,train,1\n",
    "file,split,person\n,train,1\n",
    "file,split,person\ncrops/000.jpg,train,\n",
    "file,split,person\ncrops/000.jpg,unlabelled,1\n",
    "file,split,person\ncrops/000.jpg,train,1\ncrops/001.jpg,val,1\n",
    "row,file,split,person\n-1,crops/000.jpg,train,1\n",
    "row,file,split,person\n1e99,crops/000.jpg,train,1\n",
    "row,file,split,person\n1.5,crops/000.jpg,train,1\n",
    "typicality,file,split,person\nnan,crops/000.jpg,train,1\n",
    "file,split,person\ncrops/\xff.jpg,train,1\n",
  };
  g_autofree char *similar = g_build_filename (f->folder, "similar.csv", NULL);
  g_autofree char *right = NULL;

  g_assert_true (g_file_get_contents (f->index, &right, NULL, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (g_file_set_contents (f->index, wrong[i], -1, NULL));
      g_assert_null (lk_dataset_open (f->folder, 1, &error));
      g_assert_error (error, LK_ERROR, LK_ERROR_FORMAT);
      g_assert_true (g_str_has_suffix (error->message, "."));
    }
  g_assert_true (g_file_set_contents (f->index, right, -1, NULL));
  g_assert_true (g_file_set_contents (similar, "a,b\n1,2\n", -1, NULL));
  {
    g_autoptr (GError) error = NULL;

    g_assert_null (lk_dataset_open (f->folder, 1, &error));
    g_assert_error (error, LK_ERROR, LK_ERROR_FORMAT);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define add(name, func) g_test_add ("/index/" name, Fixture, NULL, set_up, func, tear_down)
  add ("reads", test_reads);
  add ("pairs", test_pairs);
  add ("trials", test_trials);
  add ("samplers", test_samplers);
  add ("margin", test_margin);
  add ("loader", test_loader);
  add ("errors", test_errors);
  return g_test_run ();
}
