/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "turning-head.h"
#include "verify/lk-relief.h"

/* What a shape's turn from straight measures. */
static LkRelief
measure (HeadShape shape, double degrees, double distance)
{
  TurningHead head = { shape, 0, 75, 60, 34, distance, 1, 0, 1.0 };
  g_autoptr (LkImage) straight = draw_turning_head (&head), turned = NULL;
  LkReliefView views[2];
  LkSighting seen;
  LkRelief relief;

  see_turning_head (&head, &seen);
  g_assert_true (lk_relief_view_init (&views[0], straight, &seen.face));
  head.degrees = degrees;
  head.noise = 77;
  head.x += 5; /* and moved meanwhile */
  head.eyes *= 1.1;
  turned = draw_turning_head (&head);
  see_turning_head (&head, &seen);
  g_assert_true (lk_relief_view_init (&views[1], turned, &seen.face));
  lk_relief_measure (&views[0], &views[1], &relief);
  g_test_message ("shape %d, %g degrees, %g away: parallax %.3f width %.3f flatness %.4f", shape,
                  degrees, distance, relief.parallax, relief.width, relief.flatness);
  return relief;
}

static void
test_head (void)
{
  for (double degrees = -30; degrees <= 30; degrees += 10)
    {
      LkRelief relief = measure (SHAPE_HEAD, degrees, 0);
      double sine = sin (degrees * G_PI / 180);

      /* The nose stands 0.4 before, the points of the plane 0.08 behind. */
      g_assert_cmpfloat_with_epsilon (relief.parallax, 0.48 * sine, 0.03);
      g_assert_cmpfloat_with_epsilon (relief.width, cos (degrees * G_PI / 180), 0.02);
      if (fabs (degrees) == 30)
        g_assert_cmpfloat (relief.flatness, <, 0.97);
      if (degrees == 0)
        g_assert_cmpfloat (relief.flatness, >, 0.99);
    }
}

static void
test_plane (void)
{
  for (int i = 0; i < 2; i++)
    for (double degrees = -50; degrees <= 50; degrees += 25)
      {
        LkRelief relief = measure (SHAPE_PLANE, degrees, i == 0 ? 0 : 6);

        g_assert_cmpfloat (fabs (relief.parallax), <, 0.025);
        g_assert_cmpfloat (relief.flatness, >, 0.985);
        g_assert_cmpfloat_with_epsilon (relief.width, cos (degrees * G_PI / 180), 0.02);
      }
}

static void
test_bent (void)
{
  for (double degrees = -40; degrees <= 40; degrees += 20)
    {
      LkRelief relief = measure (SHAPE_BENT, degrees, 8);

      g_assert_cmpfloat (relief.flatness, >, 0.97); /* though the nose stands out */
      if (fabs (degrees) == 40)
        g_assert_cmpfloat (fabs (relief.parallax), >, 0.05);
    }
}

static void
test_nonsense (void)
{
  const double one[LK_N_POINTS][2] = { { 0 } };
  TurningHead head = { SHAPE_HEAD, 0, 75, 60, 34, 0, 1, 0 };
  g_autoptr (LkImage) image = draw_turning_head (&head);
  LkFace face = { 0 };
  LkReliefView view;
  LkRelief relief;

  g_assert_false (lk_relief_view_init (&view, image, &face));
  lk_relief_measure_points (one, one, &relief);
  g_assert_true (isfinite (relief.parallax) && isfinite (relief.width));
  for (int k = 0; k < LK_N_POINTS; k++)
    face.points[k][0] = k % 2 == 0 ? NAN : 1e300;
  g_assert_false (lk_relief_view_init (&view, image, &face));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/relief/head", test_head);
  g_test_add_func ("/relief/plane", test_plane);
  g_test_add_func ("/relief/bent", test_bent);
  g_test_add_func ("/relief/nonsense", test_nonsense);
  return g_test_run ();
}
