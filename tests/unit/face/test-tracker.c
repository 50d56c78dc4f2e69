/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "face/lk-one-euro.h"
#include "face/lk-tracker.h"

#include <math.h>

#define WIDTH    640
#define HEIGHT   480
#define FRAME_US (G_USEC_PER_SEC / 30)

static LkFace
make_face (double x, double y, double side)
{
  LkFace face = { x, y, side, side, .score = 0.9 };

  for (int k = 0; k < LK_N_POINTS; k++)
    {
      face.points[k][0] = x + side * (0.3 + 0.1 * k);
      face.points[k][1] = y + side * (0.3 + 0.1 * k);
    }
  return face;
}

/* Even, from -1 to 1; the same each time. */
static double
noise (guint32 *state)
{
  *state = *state * 1664525 + 1013904223;
  return (*state >> 8) / (double) (1 << 23) - 1;
}

/* Frame @i as a detector and a tracker go through it: what of @faces lies in the part that is
 * searched is seen.  Returns: whether the whole frame was searched. */
static gboolean
feed (LkTracker *tracker, gint64 when_us, const LkFace *faces, int n)
{
  LkFace seen[4];
  int region[4], n_seen = 0;

  if (lk_tracker_plan (tracker, WIDTH, HEIGHT, when_us, region))
    {
      g_assert_cmpint (region[0], >=, 0);
      g_assert_cmpint (region[1], >=, 0);
      g_assert_cmpint (region[2], ==, region[3]);
      g_assert_cmpint (region[0] + region[2], <=, WIDTH);
      g_assert_cmpint (region[1] + region[3], <=, HEIGHT);
      for (int i = 0; i < n; i++)
        if (faces[i].x >= region[0] && faces[i].y >= region[1] &&
            faces[i].x + faces[i].width <= region[0] + region[2] &&
            faces[i].y + faces[i].height <= region[1] + region[3])
          seen[n_seen++] = faces[i];
      if (lk_tracker_update (tracker, WIDTH, HEIGHT, when_us, seen, n_seen, FALSE))
        return FALSE;
    }
  g_assert_true (lk_tracker_update (tracker, WIDTH, HEIGHT, when_us, faces, n, TRUE));
  return TRUE;
}

static gboolean
follows (LkTracker *tracker, double x)
{
  const LkFace *face = lk_tracker_get_face (tracker);

  return face != NULL && fabs (face->x + face->width / 2 - x) < 0.3 * face->width;
}

/* By hand: alpha = 1 / (1 + 1 / (2 pi f t)); the speed's f = 1, t = 1/30. */
static void
test_filter (void)
{
  LkOneEuro filter = { 0 };
  double alpha = 1 / (1 + 30 / (2 * G_PI)), speed, cutoff;

  g_assert_cmpfloat (lk_one_euro_run (&filter, 5, 10, 1 / 30.0), ==, 5);
  g_assert_cmpfloat (lk_one_euro_run (&filter, 5, 10, 1 / 30.0), ==, 5);
  /* A jump by a tenth of the scale: 3 scales a second, of which alpha counts. */
  speed = 3 * alpha;
  cutoff = LK_ONE_EURO_REST + LK_ONE_EURO_SPEED * speed;
  g_assert_cmpfloat_with_epsilon (lk_one_euro_run (&filter, 6, 10, 1 / 30.0),
                                  5 + 1 / (1 + 30 / (2 * G_PI * cutoff)), 1e-12);
}

/* A face that rests, whose points jitter by 2 % of its side: two fifths are left at most.  One that
 * moves by half its side a second: behind by less than 3 % of it. */
static void
test_smooth (void)
{
  g_autoptr (LkTracker) rests = lk_tracker_new (), moves = lk_tracker_new ();
  double in = 0, out = 0, lag = 0;
  guint32 state = 1;

  for (int i = 1; i <= 300; i++)
    {
      double jitter = 4 * noise (&state), x = 100 + 100 * i / 30.0 * 0.5;
      LkFace still = make_face (200 + jitter, 150, 200), moved = make_face (x, 100, 100);

      feed (rests, i * FRAME_US, &still, 1);
      if (i > 30)
        {
          double left = lk_tracker_get_face (rests)->points[0][0] - (200 + 200 * 0.3);

          in += jitter * jitter;
          out += left * left;
        }
      if (x + 100 > WIDTH)
        continue;
      feed (moves, i * FRAME_US, &moved, 1);
      if (i > 30)
        lag = MAX (lag, fabs (lk_tracker_get_face (moves)->points[2][0] - moved.points[2][0]));
    }
  g_assert_cmpfloat (sqrt (out / in), <, 0.4);
  g_assert_cmpfloat (sqrt (out / in), >, 0.01);
  g_assert_cmpfloat (lag, <, 3);
  g_assert_cmpuint (lk_tracker_get_serial (rests), ==, 1);
  g_assert_cmpuint (lk_tracker_get_serial (moves), ==, 1);
}

/* Near the last place in most frames, everywhere in each ninth; and never when the face is so
 * large that it would save nothing. */
static void
test_region (void)
{
  g_autoptr (LkTracker) tracker = lk_tracker_new (), large = lk_tracker_new ();
  LkFace face = make_face (500, 300, 80), big = make_face (120, 40, 400);
  int n_whole = 0, region[4];

  for (int i = 1; i <= 90; i++)
    {
      n_whole += feed (tracker, i * FRAME_US, &face, 1);
      g_assert_true (feed (large, i * FRAME_US, &big, 1));
    }
  g_assert_cmpint (n_whole, ==, 10);
  g_assert_false (lk_tracker_plan (tracker, WIDTH, HEIGHT, 91 * FRAME_US, region));

  /* A slow camera: after 0.4 s in any case. */
  n_whole = 0;
  for (int i = 0; i < 20; i++)
    n_whole += feed (tracker, (i + 20) * G_USEC_PER_SEC / 4, &face, 1);
  g_assert_cmpint (n_whole, >=, 10);
}

/* It jumps out of the part that is searched: found in the same frame, and the same face.  It is
 * gone: no face at once; back within a second: the same again; later: another. */
static void
test_loss (void)
{
  g_autoptr (LkTracker) tracker = lk_tracker_new ();
  LkFace face = make_face (100, 100, 80), far = make_face (500, 350, 80);
  gint64 t = 0;

  for (int i = 0; i < 5; i++)
    feed (tracker, t += FRAME_US, &face, 1);
  g_assert_true (follows (tracker, 140));
  g_assert_true (feed (tracker, t += FRAME_US, NULL, 0));
  g_assert_null (lk_tracker_get_face (tracker));
  for (int i = 0; i < 6; i++)
    g_assert_true (feed (tracker, t += FRAME_US, NULL, 0)); /* lost: everywhere */
  feed (tracker, t += FRAME_US, &face, 1);
  g_assert_true (follows (tracker, 140));
  g_assert_cmpuint (lk_tracker_get_serial (tracker), ==, 1);

  /* Another, elsewhere: not before the first has been waited for. */
  feed (tracker, t += FRAME_US, &far, 1);
  g_assert_null (lk_tracker_get_face (tracker));
  for (gint64 end = t + LK_TRACKER_WAIT_US; t < end;)
    feed (tracker, t += FRAME_US, &far, 1);
  g_assert_true (follows (tracker, 540));
  g_assert_cmpuint (lk_tracker_get_serial (tracker), ==, 2);

  for (int i = 0; i < 5; i++)
    feed (tracker, t += 2 * G_USEC_PER_SEC, NULL, 0);
  feed (tracker, t += FRAME_US, &far, 1);
  g_assert_cmpuint (lk_tracker_get_serial (tracker), ==, 3);
  feed (tracker, 1000, &face, 1); /* a film begins anew */
  g_assert_true (follows (tracker, 140));
}

/* @side around (@x, 240). */
static LkFace
make_around (double x, double side)
{
  return make_face (x - side / 2, 240 - side / 2, side);
}

/* The larger is taken; of two alike the one in the middle; one that is a little larger for a
 * moment changes nothing, one that is clearly so for a while takes over.  All are told. */
static void
test_choice (void)
{
  g_autoptr (LkTracker) tracker = lk_tracker_new ();
  LkFace faces[2] = { make_around (160, 120), make_around (480, 100) };
  const LkFace middle[2] = { make_around (60, 100), make_around (320, 100) };
  const LkFace *others;
  int n, n_frames = 0;
  gint64 t = 0;

  g_assert_cmpint (lk_tracker_choose (middle, 2, WIDTH, HEIGHT), ==, 1);
  g_assert_cmpint (lk_tracker_choose (faces, 2, WIDTH, HEIGHT), ==, 0);
  g_assert_cmpint (lk_tracker_choose (faces, 0, WIDTH, HEIGHT), ==, -1);

  for (int i = 0; i < 90; i++)
    {
      /* They take turns, half a second each, in being larger by a third in area. */
      faces[0] = make_around (160, i / 15 % 2 ? 115 : 100);
      faces[1] = make_around (480, i / 15 % 2 ? 100 : 115);
      feed (tracker, t += FRAME_US, faces, 2);
      g_assert_true (follows (tracker, 480));
      others = lk_tracker_get_others (tracker, &n);
      g_assert_cmpint (n, ==, 1);
      g_assert_cmpfloat (others[0].x, <, 320);
    }
  g_assert_cmpuint (lk_tracker_get_serial (tracker), ==, 1);

  /* From now on the other is twice as large: after 0.7 s, as soon as all is searched. */
  faces[0] = make_around (160, 150);
  faces[1] = make_around (480, 100);
  while (lk_tracker_get_serial (tracker) == 1 && n_frames++ < 100)
    feed (tracker, t += FRAME_US, faces, 2);
  g_assert_cmpint (n_frames, >=, 21);
  g_assert_cmpint (n_frames, <=, 21 + 2 * 9);
  g_assert_true (follows (tracker, 160));
}

/* Two pass each other: who was followed still is. */
static void
test_swap (void)
{
  g_autoptr (LkTracker) tracker = lk_tracker_new ();

  for (int i = 0; i <= 60; i++)
    {
      LkFace faces[2] = { make_face (60 + 7 * i, 120, 110), make_face (480 - 7 * i, 260, 100) };

      feed (tracker, (i + 1) * FRAME_US, faces, 2);
    }
  g_assert_true (follows (tracker, 60 + 7 * 60 + 55));
  g_assert_cmpuint (lk_tracker_get_serial (tracker), ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/one-euro/by-hand", test_filter);
  g_test_add_func ("/tracker/smooth", test_smooth);
  g_test_add_func ("/tracker/region", test_region);
  g_test_add_func ("/tracker/loss", test_loss);
  g_test_add_func ("/tracker/choice", test_choice);
  g_test_add_func ("/tracker/swap", test_swap);
  return g_test_run ();
}
