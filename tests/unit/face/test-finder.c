/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "../image/draw.h"
#include "base/lk-error.h"
#include "draw-face.h"
#include "face/lk-finder.h"

#include <pthread.h>

#define WIDTH    640
#define HEIGHT   480
#define FRAME_US (G_USEC_PER_SEC / 30)

static const DrawnFace plain = { .x = 320, .y = 200, .eyes = 70, .light = 1 };

/* Mean distance of the points, as a share of the eye distance. */
static double
get_error (const LkFace *face, const DrawnFace *drawn)
{
  double points[LK_N_POINTS][2], sum = 0;

  get_drawn_points (drawn, points);
  for (int k = 0; k < LK_N_POINTS; k++)
    sum += hypot (face->points[k][0] - points[k][0], face->points[k][1] - points[k][1]);
  return sum / LK_N_POINTS / drawn->eyes;
}

/* Without its weights, the detector's error and no advice; the guide frame needs none. Before
 * anything else: what is loaded once stays. */
static void
test_no_weights (void)
{
  g_autofree char *data = g_strdup (g_getenv ("LIKENESS_DATA_DIR"));
  g_autoptr (LkImage) image = draw_faces (WIDTH, HEIGHT, &plain, 1);
  g_autoptr (LkFinder) finder = lk_finder_new ();
  g_auto (LkSighting) seen = { 0 };
  g_autoptr (GError) error = NULL;

  g_setenv ("LIKENESS_DATA_DIR", "/nowhere", TRUE);
  g_assert_false (lk_finder_look (finder, image, LK_FACE_DETECT, NULL, &seen, &error));
  g_assert_nonnull (error);
  g_assert_true (error->domain != LK_RETRY);
  g_assert_false (seen.has_face);
  g_assert_true (lk_finder_look (finder, image, LK_FACE_GUIDE, NULL, &seen, NULL));
  g_setenv ("LIKENESS_DATA_DIR", data, TRUE);
  g_assert_true (lk_finder_look (finder, image, LK_FACE_DETECT, NULL, &seen, NULL));
}

static void
test_look (void)
{
  static const DrawnFace faces[] = {
    { 320, 200, 70, 0, 1 },
    { 150, 120, 60, 12, 1 },
    { 500, 300, 50, -15, 0.7 },
    { 300, 150, 120, 5, 1 },
  };
  g_autoptr (LkFinder) finder = lk_finder_new ();

  for (guint i = 0; i < G_N_ELEMENTS (faces); i++)
    {
      g_autoptr (LkImage) image = draw_faces (WIDTH, HEIGHT, &faces[i], 1);
      g_auto (LkSighting) seen = { 0 };
      g_autoptr (GError) error = NULL;

      g_assert_true (lk_finder_look (finder, image, LK_FACE_AUTO, NULL, &seen, &error));
      g_assert_no_error (error);
      g_assert_true (seen.has_face);
      g_assert_cmpint (seen.n_others, ==, 0);
      g_assert_cmpfloat (get_error (&seen.face, &faces[i]), <, 0.3);
      g_assert_cmpint (seen.crop->width, ==, LK_FACE_CROP_SIDE);
      g_assert_true (seen.crop == seen.image); /* the crop is what is stored */
      g_assert_cmpfloat (seen.quality.values[LK_QUALITY_EYE_DISTANCE], >, 0.6 * faces[i].eyes);
    }
}

/* A stored crop is not searched again, and nobody is found in a wall. */
static void
test_rules (void)
{
  g_autoptr (LkFinder) finder = lk_finder_new ();
  g_autoptr (LkImage) crop = draw_noise (100, 100, 1), wall = draw_faces (WIDTH, HEIGHT, NULL, 0);
  g_auto (LkSighting) seen = { 0 };
  g_autoptr (GError) error = NULL;
  LkQualityLimits limits;

  lk_quality_limits_init (&limits);
  g_assert_true (lk_finder_look (finder, crop, LK_FACE_AUTO, &limits, &seen, &error));
  assert_same (seen.crop, crop);
  g_assert_true (isnan (seen.quality.values[LK_QUALITY_EYE_DISTANCE]));

  g_assert_false (lk_finder_look (finder, wall, LK_FACE_AUTO, &limits, &seen, &error));
  g_assert_error (error, LK_RETRY, LK_RETRY_NO_FACE);
  g_assert_false (seen.has_face);
  g_assert_null (seen.crop);
  g_assert_cmpint (seen.warning, ==, -1);
}

/* What cannot be used is shown all the same; without limits it is taken. */
static void
test_refused (void)
{
  const DrawnFace small = { .x = 320, .y = 200, .eyes = 70, .light = 1, .degrees = 0 };
  const DrawnFace two[2] = { { 180, 200, 62, 0, 1 }, { 460, 200, 60, 0, 1 } };
  g_autoptr (LkFinder) finder = lk_finder_new ();
  g_autoptr (LkImage) image = draw_faces (WIDTH, HEIGHT, &small, 1);
  g_autoptr (LkImage) both = draw_faces (WIDTH, HEIGHT, two, 2);
  g_auto (LkSighting) seen = { 0 };
  g_autoptr (GError) error = NULL;
  LkQualityLimits limits;

  lk_quality_limits_init (&limits);
  g_assert_true (lk_finder_look (finder, image, LK_FACE_DETECT, &limits, &seen, &error));
  limits.refuse[LK_QUALITY_EYE_DISTANCE] = 200;
  g_assert_false (lk_finder_look (finder, image, LK_FACE_DETECT, &limits, &seen, &error));
  g_assert_error (error, LK_RETRY, LK_RETRY_TOO_FAR);
  g_assert_true (seen.has_face);
  g_assert_nonnull (seen.crop);
  g_clear_error (&error);

  lk_quality_limits_init (&limits);
  g_assert_false (lk_finder_look (finder, both, LK_FACE_DETECT, &limits, &seen, &error));
  g_assert_error (error, LK_RETRY, LK_RETRY_SEVERAL_FACES);
  g_assert_cmpint (seen.n_others, ==, 1);
  g_assert_true (lk_finder_look (finder, both, LK_FACE_DETECT, NULL, &seen, NULL));
  g_assert_cmpfloat (get_error (&seen.face, &two[0]), <, 0.3);
  g_assert_cmpfloat (get_error (&seen.others[0], &two[1]), <, 0.3);
}

/* A face that walks through the picture is the same all the way; its points are steadier
 * than what a single look sees, and not behind. */
static void
test_follow (void)
{
  g_autoptr (LkFinder) finder = lk_finder_new ();
  guint serial = 0;

  for (int i = 0; i < 45; i++)
    {
      DrawnFace face = { 150 + 7 * i, 180 + 30 * sin (i * 0.1), 60 + 10 * sin (i * 0.07),
                         10 * sin (i * 0.15), 1 };
      g_autoptr (LkImage) frame = draw_faces (WIDTH, HEIGHT, &face, 1);
      g_auto (LkSighting) seen = { 0 };
      g_autoptr (GError) error = NULL;

      g_assert_true (lk_finder_follow (finder, frame, (i + 1) * FRAME_US, LK_FACE_DETECT, NULL,
                                       &seen, &error));
      g_assert_no_error (error);
      g_assert_cmpfloat (get_error (&seen.face, &face), <, 0.35);
      g_assert_cmpuint (seen.serial, ==, i == 0 ? seen.serial : serial);
      serial = seen.serial;
    }
}

typedef struct
{
  LkImage *image;
  LkFace face;
} Job;

static void *
look_in_thread (void *data)
{
  Job *job = data;
  g_autoptr (LkFinder) finder = lk_finder_new ();

  for (int i = 0; i < 3; i++)
    {
      g_auto (LkSighting) seen = { 0 };

      if (lk_finder_look (finder, job->image, LK_FACE_DETECT, NULL, &seen, NULL))
        job->face = seen.face;
    }
  return NULL;
}

/* A finder a thread, one set of weights. */
static void
test_threads (void)
{
  g_autoptr (LkImage) image = draw_faces (WIDTH, HEIGHT, &plain, 1);
  Job jobs[3] = { { image }, { image }, { image } };
  pthread_t threads[3];

  for (int i = 0; i < 3; i++)
    g_assert_cmpint (pthread_create (&threads[i], NULL, look_in_thread, &jobs[i]), ==, 0);
  for (int i = 0; i < 3; i++)
    {
      pthread_join (threads[i], NULL);
      g_assert_cmpfloat (jobs[i].face.score, >, 0);
      g_assert_cmpmem (&jobs[i].face, sizeof jobs[i].face, &jobs[0].face, sizeof jobs[0].face);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/finder/a-no-weights", test_no_weights);
  g_test_add_func ("/finder/look", test_look);
  g_test_add_func ("/finder/rules", test_rules);
  g_test_add_func ("/finder/refused", test_refused);
  g_test_add_func ("/finder/follow", test_follow);
  g_test_add_func ("/finder/threads", test_threads);
  return g_test_run ();
}
