/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "draw-face.h"
#include "face/lk-align.h"
#include "face/lk-face-pose.h"
#include "face/lk-face-quality.h"
#include "face/lk-finder.h"

#define WIDTH  640
#define HEIGHT 480

#define MOST_PEOPLE 20

static const DrawnFace plain = { .x = 320, .y = 200, .eyes = 80, .light = 1 };

/* ---- pose ---- */

/* The points of the mean head (lk-face-pose.c), pitched, then yawed, then rolled, seen from
 * afar. */
static void
turn_head (double yaw, double pitch, double roll, LkFace *face)
{
  static const double head[LK_N_POINTS][3] = {
    { -0.5, 0, 0 }, { 0.5, 0, 0 }, { 0, 0.604, 0.44 }, { -0.44, 0.998, 0.03 }, { 0.44, 0.998, 0.03 }
  };

  yaw *= G_PI / 180, pitch *= G_PI / 180, roll *= G_PI / 180;
  for (int k = 0; k < LK_N_POINTS; k++)
    {
      double x = head[k][0];
      double y = head[k][1] * cos (pitch) + head[k][2] * sin (pitch);
      double z = head[k][2] * cos (pitch) - head[k][1] * sin (pitch);
      double side = x * cos (yaw) + z * sin (yaw);

      face->points[k][0] = 100 + 40 * (side * cos (roll) - y * sin (roll));
      face->points[k][1] = 90 + 40 * (side * sin (roll) + y * cos (roll));
    }
}

static void
test_pose (void)
{
  LkFace face = { 0 };
  LkPose pose;

  for (int yaw = -60; yaw <= 60; yaw += 20)
    for (int pitch = -40; pitch <= 40; pitch += 20)
      for (int roll = -90; roll <= 90; roll += 45)
        {
          turn_head (yaw, pitch, roll, &face);
          g_assert_true (lk_face_pose (&face, &pose));
          g_assert_cmpfloat_with_epsilon (pose.yaw, yaw, 0.01);
          g_assert_cmpfloat_with_epsilon (pose.pitch, pitch, 0.01);
          g_assert_cmpfloat_with_epsilon (pose.roll, roll, 0.01);
          g_assert_cmpfloat_with_epsilon (pose.scale, 40, 0.01); /* however it is turned */
        }
  /* The tip of the nose to the right and below: it looks there. */
  turn_head (0, 0, 0, &face);
  face.points[LK_POINT_NOSE][0] += 6;
  face.points[LK_POINT_NOSE][1] += 6;
  g_assert_true (lk_face_pose (&face, &pose));
  g_assert_cmpfloat (pose.yaw, >, 5);
  g_assert_cmpfloat (pose.pitch, >, 5);

  memset (face.points, 0, sizeof face.points);
  g_assert_false (lk_face_pose (&face, &pose));
  face.points[0][0] = (double) NAN;
  g_assert_false (lk_face_pose (&face, &pose));
}

/* ---- limits ---- */

static void
test_limits (void)
{
  LkQualityLimits limits;
  LkQuality quality;

  lk_quality_limits_init (&limits);
  for (int i = 0; i < LK_N_QUALITIES; i++)
    {
      const LkQualityInfo *info = lk_quality_get_info (i);
      g_autoptr (GError) error = NULL;
      double worse = info->is_least ? -1e-6 : 1e-6;

      g_assert_cmpfloat (limits.refuse[i], ==, info->refuse);
      g_assert_true (lk_quality_is_beyond (i, info->refuse, info->warn)); /* a word comes first */
      g_assert_true (info->lower <= info->refuse && info->refuse <= info->upper);
      g_assert_false (lk_quality_is_beyond (i, info->refuse, info->refuse));
      g_assert_true (lk_quality_is_beyond (i, info->refuse + worse, info->refuse));
      g_assert_false (lk_quality_is_beyond (i, (double) NAN, info->refuse));
      lk_quality_set_error (i, &error);
      g_assert_error (error, LK_RETRY, info->code);
      g_assert_true (g_str_has_suffix (error->message, "."));

      /* It alone, then the first of all. */
      for (int j = 0; j < LK_N_QUALITIES; j++)
        quality.values[j] = (double) NAN;
      g_assert_cmpint (lk_quality_find_refusal (&quality, &limits), ==, -1);
      g_assert_cmpint (lk_quality_find_warning (&quality), ==, -1);
      quality.values[i] = info->warn + worse;
      g_assert_cmpint (lk_quality_find_refusal (&quality, &limits), ==, -1);
      g_assert_cmpint (lk_quality_find_warning (&quality), ==, i);
      quality.values[i] = info->refuse + worse;
      g_assert_cmpint (lk_quality_find_refusal (&quality, &limits), ==, i);
      limits.refuse[i] += 2 * worse;
      g_assert_cmpint (lk_quality_find_refusal (&quality, &limits), ==, -1);
      limits.refuse[i] = info->refuse;
    }
  for (int i = 0; i < LK_N_QUALITIES; i++)
    quality.values[i] = lk_quality_get_info (i)->is_least ? -1 : 1e9;
  g_assert_cmpint (lk_quality_find_refusal (&quality, &limits), ==, 0);
}

static void
test_format (void)
{
  g_autofree char *eyes = lk_quality_format (LK_QUALITY_EYE_DISTANCE, 24.4);
  g_autofree char *size = lk_quality_format (LK_QUALITY_HEAD_SIZE, 0.456);
  g_autofree char *none = lk_quality_format (LK_QUALITY_YAW, (double) NAN);

  g_assert_cmpstr (eyes, ==, "24 pixels");
  g_assert_cmpstr (size, ==, "0.46 of the picture");
  g_assert_cmpstr (none, ==, "–");
}

/* ---- pictures ---- */

/* The mean of 2 r + 1 pixels across or down. */
static LkImage *
blur_along (const LkImage *image, int r, gboolean down)
{
  const guint8 *in = lk_image_get_pixels (image);
  guint8 *out = g_malloc (3 * (gsize) image->width * (gsize) image->height);

  for (int y = 0; y < image->height; y++)
    for (int x = 0; x < image->width; x++)
      for (int c = 0; c < 3; c++)
        {
          int sum = 0;

          for (int i = -r; i <= r; i++)
            sum += in[3 * (image->width * CLAMP (y + (down ? i : 0), 0, image->height - 1) +
                           CLAMP (x + (down ? 0 : i), 0, image->width - 1)) +
                      c];
          out[3 * (image->width * y + x) + c] = (guint8) (sum / (2 * r + 1));
        }
  return lk_image_new_take (image->width, image->height, out);
}

static LkImage *
blur (const LkImage *image, int rx, int ry)
{
  g_autoptr (LkImage) across = blur_along (image, rx, FALSE);

  return blur_along (across, ry, TRUE);
}

/* What is left of @x as it is, what is right of it a seventh as bright. */
static LkImage *
shade (const LkImage *image, double x)
{
  gsize n = 3 * (gsize) image->width * (gsize) image->height;
  guint8 *pixels = g_memdup2 (lk_image_get_pixels (image), n);

  for (gsize i = 0; i < n; i++)
    if ((double) (i / 3 % (gsize) image->width) > x)
      pixels[i] /= 7;
  return lk_image_new_take (image->width, image->height, pixels);
}

static LkImage *
gamma_of (const LkImage *image, double gamma)
{
  gsize n = 3 * (gsize) image->width * (gsize) image->height;
  guint8 *pixels = g_memdup2 (lk_image_get_pixels (image), n);

  for (gsize i = 0; i < n; i++)
    pixels[i] = (guint8) (255 * pow (pixels[i] / 255.0, gamma));
  return lk_image_new_take (image->width, image->height, pixels);
}

static LkFace
make_face (const DrawnFace *drawn)
{
  LkFace face = { drawn->x - drawn->eyes, drawn->y - 0.9 * drawn->eyes, 2 * drawn->eyes,
                  2.8 * drawn->eyes, .score = 0.9 };

  get_drawn_points (drawn, face.points);
  return face;
}

/* Measures @image, where @drawn is; its points are the true ones, no detector's. */
static void
measure (const LkImage *image, const DrawnFace *drawn, const DrawnFace *second, LkQuality *quality)
{
  g_autoptr (LkResizer) resizer = lk_resizer_new ();
  LkFace face = make_face (drawn), other = { 0 };
  g_autoptr (LkImage) crop = lk_align_face (resizer, image, &face);

  if (second != NULL)
    other = make_face (second);
  lk_quality_measure (quality, crop, &face, &other, second != NULL, image->width, image->height);
}

static void
assert_refused (const LkImage *image, const DrawnFace *drawn, const DrawnFace *second, int wanted)
{
  LkQualityLimits limits;
  LkQuality quality;
  int refusal;

  lk_quality_limits_init (&limits);
  measure (image, drawn, second, &quality);
  refusal = lk_quality_find_refusal (&quality, &limits);
  if (refusal != wanted)
    g_error ("refused for %s, not %s", refusal < 0 ? "nothing" : lk_quality_get_info (refusal)->id,
             wanted < 0 ? "nothing" : lk_quality_get_info (wanted)->id);
}

/* Each fault of a drawn face is found, and no other one before it. */
static void
test_drawn (void)
{
  static const struct
  {
    DrawnFace face;
    int wanted;
  } cases[] = {
    { { 320, 200, 80, 0, 1, FALSE }, -1 },
    { { 320, 200, 80, 20, 1, FALSE }, -1 },
    { { 320, 200, 80, 40, 1, FALSE }, LK_QUALITY_ROLL },
    { { 320, 200, 80, -40, 1, FALSE }, LK_QUALITY_ROLL },
    { { 320, 200, 10, 0, 1, FALSE }, LK_QUALITY_EYE_DISTANCE },
    { { 320, 160, 175, 0, 1, FALSE }, LK_QUALITY_HEAD_SIZE },
    { { 30, 200, 80, 0, 1, FALSE }, LK_QUALITY_INSIDE },
    { { 320, 440, 80, 0, 1, FALSE }, LK_QUALITY_INSIDE },
    { { 320, 200, 80, 0, 0.06, FALSE }, LK_QUALITY_UNDER_EXPOSURE },
    { { 320, 200, 80, 0, 3, FALSE }, LK_QUALITY_OVER_EXPOSURE },
    { { 320, 200, 80, 0, 1, TRUE }, LK_QUALITY_EYES_VISIBLE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (LkImage) image = draw_faces (WIDTH, HEIGHT, &cases[i].face, 1);

      assert_refused (image, &cases[i].face, NULL, cases[i].wanted);
    }
}

static void
test_spoilt (void)
{
  const DrawnFace second = { .x = 540, .y = 200, .eyes = 75, .light = 1 };
  const DrawnFace far = { .x = 540, .y = 200, .eyes = 25, .light = 1 };
  const DrawnFace wide = { .x = 600, .y = 200, .eyes = 40, .light = 1 };
  g_autoptr (LkImage) image = draw_faces (WIDTH, HEIGHT, &plain, 1);
  g_autoptr (LkImage) blurred = blur (image, 14, 14), moved = blur (image, 24, 0);
  g_autoptr (LkImage) sharp = blur (image, 1, 1);
  g_autoptr (LkImage) lit = shade (image, plain.x), dark = gamma_of (image, 6);
  g_autoptr (LkImage) edge = draw_faces (1280, 300, &wide, 1);
  LkQuality quality, before;
  DrawnFace turned = plain;

  assert_refused (blurred, &plain, NULL, LK_QUALITY_SHARPNESS);
  assert_refused (moved, &plain, NULL, LK_QUALITY_SHARPNESS);
  assert_refused (sharp, &plain, NULL, -1);
  assert_refused (lit, &plain, NULL, LK_QUALITY_UNIFORMITY);
  assert_refused (image, &plain, &second, LK_QUALITY_SINGLE_FACE);
  assert_refused (image, &plain, &far, -1);

  measure (image, &plain, NULL, &before);
  measure (dark, &plain, NULL, &quality);
  g_assert_cmpfloat (quality.values[LK_QUALITY_UNDER_EXPOSURE], <,
                     0.7 * before.values[LK_QUALITY_UNDER_EXPOSURE]);
  g_assert_cmpfloat_with_epsilon (before.values[LK_QUALITY_EYE_DISTANCE], 80, 1e-6);
  g_assert_cmpfloat_with_epsilon (before.values[LK_QUALITY_HEAD_SIZE], 2.8 * 80 / 480, 1e-6);
  g_assert_cmpfloat_with_epsilon (before.values[LK_QUALITY_OFF_CENTRE],
                                  (200 + 0.5 * 80 - 240) / 240, 1e-6);
  g_assert_cmpfloat (before.values[LK_QUALITY_INSIDE], ==, 1);
  turned.degrees = -25;
  measure (image, &turned, NULL, &quality);
  g_assert_cmpfloat_with_epsilon (quality.values[LK_QUALITY_ROLL], 25, 0.01);

  /* At the edge, but all there: worth a word. */
  measure (edge, &wide, NULL, &quality);
  g_assert_cmpint (lk_quality_find_warning (&quality), ==, -1);
  turned = wide;
  turned.x = 1150;
  g_clear_pointer (&edge, lk_image_unref);
  edge = draw_faces (1280, 300, &turned, 1);
  measure (edge, &turned, NULL, &quality);
  g_assert_cmpint (lk_quality_find_warning (&quality), ==, LK_QUALITY_OFF_CENTRE);
}

/* ---- real faces ---- */

typedef LkImage *(*Spoil) (const LkImage *image);

static LkImage *
keep (const LkImage *image)
{
  return lk_image_ref ((LkImage *) image);
}

static LkImage *
blur_much (const LkImage *image)
{
  int r = MAX (3, image->width / 40);

  return blur (image, r, r);
}

static LkImage *
darken (const LkImage *image)
{
  return gamma_of (image, 9);
}

static LkImage *
cut (const LkImage *image)
{
  return lk_image_crop (image, image->width / 2, 0, image->width / 2, image->height);
}

static LkImage *
shrink (const LkImage *image)
{
  g_autoptr (LkImage) small = lk_image_resize (image, MAX (1, image->width / 5),
                                               MAX (1, image->height / 5), LK_FILTER_AREA);

  return lk_image_crop (small, -small->width, -small->height, 3 * small->width, 3 * small->height);
}

/* Frames of forty people's videos can be used, and cannot once they are spoilt. */
static void
test_real (void)
{
  static const struct
  {
    const char *name;
    Spoil spoil;
    int least, most; /* of 100 that can be used */
  } cases[] = {
    { "as they are", keep, 95, 100 }, { "blurred", blur_much, 0, 20 }, { "dark", darken, 0, 40 },
    { "cut in half", cut, 0, 30 },    { "far away", shrink, 0, 20 },
  };
  const char *faces = g_getenv ("LIKENESS_FACES");
  g_autofree char *people = g_build_filename (faces != NULL ? faces : "", "people", NULL);
  g_autoptr (GDir) dir = g_dir_open (people, 0, NULL);
  g_autoptr (LkFinder) finder = lk_finder_new ();
  int n = 0, n_usable[G_N_ELEMENTS (cases)] = { 0 };
  LkQualityLimits limits;
  const char *name;

  if (dir == NULL)
    {
      g_test_skip ("no faces of people beside the sources");
      return;
    }
  lk_quality_limits_init (&limits);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (people, name, "session1", "2.jpg", NULL);
      g_autoptr (LkImage) image = lk_image_load (path, NULL);

      if (image == NULL)
        continue;
      n++;
      for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
        {
          g_autoptr (LkImage) spoilt = cases[i].spoil (image);
          g_auto (LkSighting) seen = { 0 };

          n_usable[i] += lk_finder_look (finder, spoilt, LK_FACE_DETECT, &limits, &seen, NULL);
        }
    }
  g_assert_cmpint (n, >=, 20);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s: %d of %d can be used", cases[i].name, n_usable[i], n);
      g_assert_cmpint (100 * n_usable[i], >=, cases[i].least * n);
      g_assert_cmpint (100 * n_usable[i], <=, cases[i].most * n);
    }
}

/* What a face of a video is spoilt by, once it was found there. */
typedef LkImage *(*SpoilFace) (const LkImage *image, const LkFace *face);

static void
get_eye_line (const LkFace *face, double middle[2], double *distance)
{
  const double (*p)[2] = face->points;

  for (int i = 0; i < 2; i++)
    middle[i] = (p[LK_POINT_EYE_RIGHT][i] + p[LK_POINT_EYE_LEFT][i]) / 2;
  *distance = hypot (p[LK_POINT_EYE_RIGHT][0] - p[LK_POINT_EYE_LEFT][0],
                     p[LK_POINT_EYE_RIGHT][1] - p[LK_POINT_EYE_LEFT][1]);
}

/* The picture ends where the eye that is further right does. */
static LkImage *
cut_off (const LkImage *image, const LkFace *face)
{
  int end = (int) (face->x + 0.58 * face->width);

  return lk_image_crop (image, 0, 0, CLAMP (end, 8, image->width), image->height);
}

/* It falls off across the face, to a ninth. */
static LkImage *
light_from_one_side (const LkImage *image, const LkFace *face)
{
  guint8 *pixels = g_memdup2 (lk_image_get_pixels (image),
                              3 * (gsize) image->width * (gsize) image->height);

  for (int y = 0; y < image->height; y++)
    for (int x = 0; x < image->width; x++)
      {
        double at = (x - face->points[LK_POINT_NOSE][0]) / (0.05 * face->width);
        double light = (1 + 8 / (1 + exp (at))) / 9;

        for (int c = 0; c < 3; c++)
          pixels[3 * (image->width * y + x) + c] *= light;
      }
  return lk_image_new_take (image->width, image->height, pixels);
}

/* Dark glasses, without which there is a face to be found. */
static LkImage *
hide_eyes (const LkImage *image, const LkFace *face)
{
  guint8 *pixels = g_memdup2 (lk_image_get_pixels (image),
                              3 * (gsize) image->width * (gsize) image->height);
  double distance, middle[2];

  get_eye_line (face, middle, &distance);
  for (int y = 0; y < image->height; y++)
    for (int x = 0; x < image->width; x++)
      for (int eye = 0; eye < 2; eye++)
        if (hypot ((x - face->points[eye][0]) / 0.46, (y - face->points[eye][1]) / 0.36) < distance)
          memset (pixels + 3 * (image->width * y + x), 20, 3);
  return lk_image_new_take (image->width, image->height, pixels);
}

/* Through the detector: most real faces that are spoilt in one way are refused for that reason,
 * few can be used; the others are refused for another, or not found. */
static void
test_reasons (void)
{
  static const struct
  {
    const char *name;
    SpoilFace spoil;
    int code;
    int least, most; /* of 100: refused for it, and usable all the same */
  } cases[] = {
    { "cut off", cut_off, LK_RETRY_CUT_OFF, 50, 40 },
    { "uneven light", light_from_one_side, LK_RETRY_UNEVEN_LIGHT, 40, 35 },
    { "eyes hidden", hide_eyes, LK_RETRY_EYES_HIDDEN, 80, 10 },
  };
  const char *faces = g_getenv ("LIKENESS_FACES");
  g_autofree char *people = g_build_filename (faces != NULL ? faces : "", "people", NULL);
  g_autoptr (GDir) dir = g_dir_open (people, 0, NULL);
  g_autoptr (LkFinder) finder = lk_finder_new ();
  int n = 0, n_usable[G_N_ELEMENTS (cases)] = { 0 }, n_right[G_N_ELEMENTS (cases)] = { 0 };
  LkQualityLimits limits;
  const char *name;

  if (dir == NULL)
    {
      g_test_skip ("no faces of people beside the sources");
      return;
    }
  lk_quality_limits_init (&limits);
  while (n < MOST_PEOPLE && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (people, name, "session1", "2.jpg", NULL);
      g_autoptr (LkImage) image = lk_image_load (path, NULL);
      g_auto (LkSighting) whole = { 0 };

      if (image == NULL || !lk_finder_look (finder, image, LK_FACE_DETECT, &limits, &whole, NULL))
        continue;
      n++;
      for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
        {
          g_autoptr (LkImage) spoilt = cases[i].spoil (image, &whole.face);
          g_autoptr (GError) error = NULL;
          g_auto (LkSighting) seen = { 0 };

          if (lk_finder_look (finder, spoilt, LK_FACE_DETECT, &limits, &seen, &error))
            n_usable[i]++;
          else
            n_right[i] += g_error_matches (error, LK_RETRY, cases[i].code);
        }
    }
  g_assert_cmpint (n, >=, MOST_PEOPLE / 2);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s: of %d, %d refused for it, %d usable", cases[i].name, n, n_right[i],
                      n_usable[i]);
      g_assert_cmpint (100 * n_right[i], >=, cases[i].least * n);
      g_assert_cmpint (100 * n_usable[i], <=, cases[i].most * n);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pose/head", test_pose);
  g_test_add_func ("/quality/limits", test_limits);
  g_test_add_func ("/quality/format", test_format);
  g_test_add_func ("/quality/drawn", test_drawn);
  g_test_add_func ("/quality/spoilt", test_spoilt);
  g_test_add_func ("/quality/real", test_real);
  g_test_add_func ("/quality/reasons", test_reasons);
  return g_test_run ();
}
