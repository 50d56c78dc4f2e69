/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "verify/lk-replay.h"

#include <math.h>

#define WIDTH  320
#define HEIGHT 240

/* A room in which something moves: frame @i of so many a round; noise of +- @noise. */
static LkImage *
draw (int i, int round, int noise, guint32 seed)
{
  guint8 *pixels = g_malloc (3 * WIDTH * HEIGHT), *p = pixels;
  double at = 160 + 60 * sin (2 * G_PI * i / round);

  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < WIDTH; x++, p += 3)
      {
        int value = 60 + 80 * x / WIDTH + 40 * (x / 20 % 2);

        if (hypot (x - at, y - 120) < 40)
          value = 180 - (int) fabs (x - at) - (y % 16);
        seed = seed * 1664525 + 1013904223;
        value += noise > 0 ? (int) (seed >> 16) % (2 * noise + 1) - noise : 0;
        p[0] = p[1] = p[2] = (guint8) CLAMP (value, 0, 255);
      }
  return lk_image_new_take (WIDTH, HEIGHT, pixels);
}

static LkReplayFrame
add (LkReplay *replay, int i, int round, int noise, guint32 seed)
{
  g_autoptr (LkImage) frame = draw (i, round, noise, seed);
  LkReplayFrame out;

  lk_replay_add (replay, frame, &out);
  return out;
}

static void
test_still (void)
{
  for (int noise = 0; noise <= 8; noise += 4)
    {
      g_autoptr (LkReplay) replay = lk_replay_new ();

      g_assert_true (isinf (add (replay, 5, 40, noise, 1).stir));
      for (guint32 i = 0; i < 30; i++)
        {
          LkReplayFrame out = add (replay, 5, 40, noise, noise == 0 ? 1 : i + 2);

          g_assert_cmpfloat (out.stir, <=, LK_REPLAY_ALIKE);
          g_assert_cmpint (out.run, ==, 0); /* nothing that stands still is a loop */
        }
      g_assert_cmpfloat (add (replay, 6, 40, noise, 99).stir, >, 2 * LK_REPLAY_ALIKE);
    }
}

static void
test_loop (void)
{
  /* As they are, or each round with noise of its own, as coding and a camera make it. */
  for (int noise = 0; noise <= 4; noise += 2)
    {
      g_autoptr (LkReplay) replay = lk_replay_new ();
      LkReplayFrame out = { 0 };

      for (int i = 0; i < 41; i++)
        {
          out = add (replay, i, 41, noise, (guint32) i + 1);
          /* The way back of a motion looks like the way there, but not in this order. */
          g_assert_cmpint (out.run, <=, 3);
        }
      for (int i = 0; i < 12; i++)
        out = add (replay, i, 41, noise, (guint32) i + 1000);
      g_assert_cmpint (out.run, >=, 9);
    }
}

static void
test_reset (void)
{
  g_autoptr (LkReplay) replay = lk_replay_new ();
  g_autoptr (LkImage) small = lk_image_new_take (2, 2, g_malloc0 (12));
  LkReplayFrame out;

  for (int i = 0; i < 20; i++)
    add (replay, i, 100, 2, (guint32) i);
  lk_replay_add (replay, small, &out); /* another size: another camera */
  g_assert_true (isinf (out.stir));
  lk_replay_add (replay, small, &out);
  g_assert_cmpfloat (out.stir, ==, 0);
  for (int i = 0; i < LK_REPLAY_N_FRAMES + 50; i++) /* the ring comes round */
    lk_replay_add (replay, small, &out);
  g_assert_cmpint (out.run, ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/replay/still", test_still);
  g_test_add_func ("/replay/loop", test_loop);
  g_test_add_func ("/replay/reset", test_reset);
  return g_test_run ();
}
