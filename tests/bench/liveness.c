/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How often the checks of lk-liveness.h let an attack pass and refuse a person: APCER by kind of
 * attack and BPCER (ISO/IEC 30107-3), with counts and Wilson intervals.  One JSON line a check
 * and a kind.  The limits in lk-liveness.c were chosen by this.
 *
 *   usage: liveness PEOPLE [MODEL]
 *
 * PEOPLE: PERSON/SESSION/pictures.  What there is: frames of video of 40 people, 3 or 4 sessions
 * of 5 frames each, mostly seconds apart.  So:
 *
 * - people: the session's straightest frame beside each that is turned: one turn each.
 * - print-*: the same straight frames as prints, rendered: on a plane or a cylinder that is turned
 *   by 20 to 60 degrees about the upright axis in perspective, with noise of a camera.  It is
 *   turned slowly, and judged where it first looks turned enough, as the program does;
 *   turn-at-the-best-angle is of an attacker who comes there at once, and knows where.
 * - identity: a person enrolled from one session, checked in the others, straight and turned; an
 *   attack is anybody else.  Wants a trained MODEL.
 * - stillness, loop: there is no video here, so both sides are rendered: a still with noise alone,
 *   held by hand, and a motion that comes round again: fed as it is, or seen on a screen, so that
 *   each round has noise of its own, and is coded anew.
 *
 * What it cannot say: how often a film of the person passes (always, when it follows the
 * challenge), and how prints do before a camera of glass.
 */
#include "base/lk-random.h"
#include "eval/lk-meaning.h"
#include "eval/lk-measures.h"
#include "eval/lk-protocol.h"
#include "face/lk-face-pose.h"
#include "image/lk-jpeg.h"
#include "verify/lk-liveness.h"
#include "verify/lk-relief.h"
#include "verify/lk-replay.h"
#include "verify/lk-verifier.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define STRAIGHT 10.0 /* degrees up to which a frame looks straight */
#define TURNED   20.0 /* from which it is turned */
#define WIDTH    320
#define HEIGHT   320
#define EYES     60.0 /* pixels between the eyes of a print */
#define N_ANGLES 5    /* 20, 30 .. 60 degrees */

typedef struct
{
  int person, session;
  LkImage *image; /* (owned) */
  LkSighting seen;
  double yaw;
} Shot;

typedef struct
{
  const char *name;
  double distance, radius; /* in eye distances of 63 mm; radius 0: flat */
} Print;

static const Print prints[] = {
  { "print-flat-25cm", 4, 0 },       { "print-flat-50cm", 8, 0 },
  { "print-bent-13cm-50cm", 8, 2 },  { "print-bent-6cm-50cm", 8, 1 },
  { "print-bent-4cm-50cm", 8, 0.7 },
};

static GArray *shots; /* of Shot */

G_NORETURN static void
die (const char *what)
{
  fprintf (stderr, "liveness: %s\n", what);
  exit (2);
}

static void
clear_shot (gpointer data)
{
  Shot *shot = data;

  lk_image_unref (shot->image);
  lk_sighting_clear (&shot->seen);
}

static void
load_people (LkFinder *finder, const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LkProtocol) protocol = lk_protocol_load_folders (folder, &error);
  int n_lost = 0;

  if (protocol == NULL)
    die (error->message);
  for (guint i = 0; i < protocol->pictures->len; i++)
    {
      const LkProtocolPicture *picture = &g_array_index (protocol->pictures, LkProtocolPicture, i);
      Shot shot = { picture->person, picture->session, lk_image_load (picture->path, NULL) };
      LkPose pose;

      if (shot.image == NULL ||
          !lk_finder_look (finder, shot.image, LK_FACE_DETECT, NULL, &shot.seen, NULL) ||
          !lk_face_pose (&shot.seen.face, &pose))
        {
          n_lost++;
          continue;
        }
      shot.yaw = pose.yaw;
      g_array_append_val (shots, shot);
    }
  fprintf (stderr, "%u frames of %u people, %d failures to acquire\n", shots->len,
           protocol->people->len, n_lost);
}

static int
compare_doubles (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

static void
print_rate (const char *check, const char *kind, gboolean is_attack, int n_wrong, int n,
            GArray *values)
{
  LkInterval rate = lk_interval_of_share (n_wrong, n);

  printf ("{\"check\": \"%s\", \"kind\": \"%s\", \"presentations\": %d, \"%s\": %d, \"%s\": %.4f, "
          "\"low\": %.4f, \"high\": %.4f",
          check, kind, n, is_attack ? "passed" : "refused", n_wrong, is_attack ? "apcer" : "bpcer",
          n > 0 ? rate.value : 0, rate.low, rate.high);
  if (values != NULL && values->len > 0)
    {
      static const double shares[] = { 0.01, 0.05, 0.5, 0.95, 0.99 };

      g_array_sort (values, compare_doubles);
      printf (", \"quantiles\": [");
      for (gsize i = 0; i < G_N_ELEMENTS (shares); i++)
        printf ("%s%.3f", i > 0 ? ", " : "",
                g_array_index (values, double, (guint) (shares[i] * (values->len - 1) + 0.5)));
      printf ("]");
    }
  printf ("}\n");
  fflush (stdout);
}

/* ---- turns ---- */

static const LkLivenessCheck turn_checks[] = { LK_LIVENESS_RELIEF, LK_LIVENESS_WIDTH,
                                               LK_LIVENESS_FLATNESS };
#define N_TURN_CHECKS 3

/* One turn as lk-liveness.c judges it.  Returns: whether it looks turned enough */
static gboolean
measure_turn (const LkReliefView *straight, double straight_yaw, const LkImage *image,
              const LkSighting *seen, double values[N_TURN_CHECKS])
{
  LkReliefView view;
  LkRelief relief;
  LkPose pose;
  double turned;

  if (!lk_face_pose (&seen->face, &pose) || !lk_relief_view_init (&view, image, &seen->face))
    return FALSE;
  turned = pose.yaw - straight_yaw;
  if (fabs (turned) < TURNED)
    return FALSE;
  lk_relief_measure (straight, &view, &relief);
  values[0] = relief.parallax * (turned > 0 ? 1 : -1);
  values[1] = relief.width / cos (turned * G_PI / 180);
  values[2] = relief.flatness;
  return TRUE;
}

static int
count_passed (const double values[N_TURN_CHECKS])
{
  int n = 0;

  for (int c = 0; c < N_TURN_CHECKS; c++)
    n += lk_liveness_is_passed (turn_checks[c], values[c]);
  return n;
}

/* The straightest frame of each session beside those that are turned. */
static void
measure_people (void)
{
  GArray *values[N_TURN_CHECKS];
  int n = 0, n_refused[N_TURN_CHECKS + 1] = { 0 };

  for (int c = 0; c < N_TURN_CHECKS; c++)
    values[c] = g_array_new (FALSE, FALSE, sizeof (double));
  for (guint begin = 0, end; begin < shots->len; begin = end)
    {
      const Shot *first = &g_array_index (shots, Shot, begin), *straight = first;
      LkReliefView view;

      for (end = begin;
           end < shots->len && g_array_index (shots, Shot, end).person == first->person &&
           g_array_index (shots, Shot, end).session == first->session;
           end++)
        if (fabs (g_array_index (shots, Shot, end).yaw) < fabs (straight->yaw))
          straight = &g_array_index (shots, Shot, end);
      if (fabs (straight->yaw) > STRAIGHT ||
          !lk_relief_view_init (&view, straight->image, &straight->seen.face))
        continue;
      for (guint i = begin; i < end; i++)
        {
          const Shot *shot = &g_array_index (shots, Shot, i);
          double of[N_TURN_CHECKS];

          if (shot == straight ||
              !measure_turn (&view, straight->yaw, shot->image, &shot->seen, of))
            continue;
          n++;
          for (int c = 0; c < N_TURN_CHECKS; c++)
            {
              g_array_append_val (values[c], of[c]);
              n_refused[c] += !lk_liveness_is_passed (turn_checks[c], of[c]);
            }
          n_refused[N_TURN_CHECKS] += count_passed (of) < N_TURN_CHECKS;
        }
    }
  for (int c = 0; c < N_TURN_CHECKS; c++)
    print_rate (lk_liveness_get_info (turn_checks[c])->id, "people", FALSE, n_refused[c], n,
                values[c]);
  print_rate ("turn", "people", FALSE, n_refused[N_TURN_CHECKS], n, NULL);
  for (int c = 0; c < N_TURN_CHECKS; c++)
    g_array_unref (values[c]);
}

/* ---- prints ---- */

static double
get_luma_noise (LkRandom *random)
{
  return 2.5 * lk_random_normal (random);
}

/* Copies from @image at (x, y), bilinear; what lies outside is a wall. */
static void
copy_pixel (const LkImage *image, double x, double y, guint8 *out, LkRandom *random)
{
  const guint8 *pixels = lk_image_get_pixels (image);
  gboolean inside = x >= 0 && y >= 0 && x < image->width - 1 && y < image->height - 1;
  int u = inside ? (int) x : 0, v = inside ? (int) y : 0;
  double a = x - u, b = y - v, noise = get_luma_noise (random);

  for (int k = 0; k < 3; k++)
    {
      const guint8 *p = pixels + 3 * ((gsize) v * (gsize) image->width + (gsize) u) + k;
      double value = inside ? (1 - b) * ((1 - a) * p[0] + a * p[3]) +
                                  b * ((1 - a) * p[3 * image->width] + a * p[3 * image->width + 3])
                            : 130;

      out[k] = (guint8) CLAMP (value + noise + 0.5, 0, 255);
    }
}

/* A picture on paper, turned by @degrees, as a camera at print->distance sees it. */
static LkImage *
hold_print (const Shot *shot, const Print *print, double degrees, LkRandom *random)
{
  enum
  {
    N = 4000
  };
  const double (*points)[2] = shot->seen.face.points;
  double t = degrees * G_PI / 180, limit = print->radius > 0 ? MIN (3, 1.5 * print->radius) : 3;
  double eyes = hypot (points[1][0] - points[0][0], points[1][1] - points[0][1]);
  double cx = 0, cy = 0, column_x[WIDTH], column_z[WIDTH];
  guint8 *pixels = g_malloc (3 * WIDTH * HEIGHT);

  for (int k = 0; k < LK_N_POINTS; k++)
    {
      cx += points[k][0] / LK_N_POINTS;
      cy += points[k][1] / LK_N_POINTS;
    }
  /* Which place of the paper each column shows: the nearest to the camera. */
  for (int u = 0; u < WIDTH; u++)
    column_x[u] = NAN;
  for (int i = 0; i <= N; i++)
    {
      double x = -limit + 2 * limit * i / N, r = print->radius;
      double at = r > 0 ? r * sin (x / r) : x, away = r > 0 ? r * (1 - cos (x / r)) : 0;
      double z = -at * sin (t) + away * cos (t);
      double u = (at * cos (t) + away * sin (t)) * print->distance / (print->distance + z);
      int column = (int) floor (u * EYES + WIDTH / 2.0 + 0.5);

      if (column >= 0 && column < WIDTH && (isnan (column_x[column]) || z < column_z[column]))
        {
          column_x[column] = x;
          column_z[column] = z;
        }
    }
  for (int v = 0; v < HEIGHT; v++)
    for (int u = 0; u < WIDTH; u++)
      {
        double x = column_x[u], y = (v - HEIGHT / 2.0) / EYES;

        y *= isnan (x) ? 1 : (print->distance + column_z[u]) / print->distance;
        copy_pixel (shot->image, isnan (x) ? -1 : cx + x * eyes, cy + y * eyes,
                    pixels + 3 * (v * WIDTH + u), random);
      }
  return lk_image_new_take (WIDTH, HEIGHT, pixels);
}

typedef struct
{
  gboolean looks_turned;
  gboolean passes[N_TURN_CHECKS], passes_all; /* when it first looks turned: there it is judged */
  gboolean passes_best;                       /* all checks, at any angle */
} Attempt;

static gboolean
attempt_print (LkFinder *finder, const Shot *shot, const Print *print, int side, LkRandom *random,
               Attempt *out)
{
  g_autoptr (LkImage) straight = hold_print (shot, print, 0, random);
  g_auto (LkSighting) seen = { 0 };
  LkReliefView view;
  LkPose pose;

  *out = (Attempt){ 0 };
  if (!lk_finder_look (finder, straight, LK_FACE_DETECT, NULL, &seen, NULL) ||
      !lk_face_pose (&seen.face, &pose) || fabs (pose.yaw) > STRAIGHT ||
      !lk_relief_view_init (&view, straight, &seen.face))
    return FALSE;
  for (int a = 0; a < N_ANGLES; a++)
    {
      g_autoptr (LkImage) turned = hold_print (shot, print, side * (20 + 10 * a), random);
      g_auto (LkSighting) now = { 0 };
      double values[N_TURN_CHECKS];
      gboolean passes;

      if (!lk_finder_look (finder, turned, LK_FACE_DETECT, NULL, &now, NULL) ||
          !measure_turn (&view, pose.yaw, turned, &now, values))
        continue;
      passes = count_passed (values) == N_TURN_CHECKS;
      for (int c = 0; c < N_TURN_CHECKS && !out->looks_turned; c++)
        out->passes[c] = lk_liveness_is_passed (turn_checks[c], values[c]);
      if (!out->looks_turned)
        out->passes_all = passes;
      out->looks_turned = TRUE;
      out->passes_best |= passes;
    }
  return TRUE;
}

static void
measure_print (LkFinder *finder, const Print *print)
{
  int n = 0, n_turned = 0, n_each[N_TURN_CHECKS] = { 0 }, n_all = 0, n_best = 0, n_two = 0;
  int last = -1;
  LkRandom random;

  lk_random_seed (&random, 1);
  for (guint i = 0; i < shots->len; i++)
    {
      const Shot *shot = &g_array_index (shots, Shot, i);
      Attempt sides[2];

      /* One of each session, of every second person. */
      if (shot->person % 2 == 1 || shot->person * 100 + shot->session == last ||
          fabs (shot->yaw) > STRAIGHT ||
          !attempt_print (finder, shot, print, 1, &random, &sides[0]) ||
          !attempt_print (finder, shot, print, -1, &random, &sides[1]))
        continue;
      last = shot->person * 100 + shot->session;
      n++;
      for (int s = 0; s < 2; s++)
        {
          n_turned += sides[s].looks_turned;
          n_all += sides[s].passes_all;
          n_best += sides[s].passes_best;
          for (int c = 0; c < N_TURN_CHECKS; c++)
            n_each[c] += sides[s].passes[c];
        }
      n_two += sides[0].passes_all && sides[1].passes_all;
    }
  print_rate ("looks-turned", print->name, TRUE, n_turned, 2 * n, NULL);
  for (int c = 0; c < N_TURN_CHECKS; c++)
    print_rate (lk_liveness_get_info (turn_checks[c])->id, print->name, TRUE, n_each[c], 2 * n,
                NULL);
  print_rate ("turn", print->name, TRUE, n_all, 2 * n, NULL);
  print_rate ("turn-at-the-best-angle", print->name, TRUE, n_best, 2 * n, NULL);
  print_rate ("two-turns", print->name, TRUE, n_two, n, NULL);
}

/* ---- identity ---- */

/* Shares of a threshold that turned frames' scores are held to. */
static const double least_shares[] = { 1, 0.5, 0.25 };

static void
measure_identity (LkModel *model)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LkVerifier) verifier = lk_verifier_new (model, 1, &error);
  g_autoptr (LkMeaning) meaning = lk_meaning_new (model);
  gboolean fused = lk_meaning_is_measured (meaning); /* as the program decides, if left alone */
  double threshold = fused ? lk_meaning_get_default (meaning) : lk_model_get_threshold (model);
  LkPolicy policy = { threshold, 0.5, fused ? LK_WAY_FUSED : LK_WAY_VOTE };
  GArray *scores[2][2]; /* straight or turned, the same or another */

  if (verifier == NULL)
    die (error->message);
  for (int i = 0; i < 4; i++)
    scores[i / 2][i % 2] = g_array_new (FALSE, FALSE, sizeof (double));
  for (guint begin = 0, end; begin < shots->len; begin = end)
    {
      g_autoptr (GPtrArray) anchors = g_ptr_array_new ();
      const Shot *first = &g_array_index (shots, Shot, begin);

      for (end = begin;
           end < shots->len && g_array_index (shots, Shot, end).session == first->session &&
           g_array_index (shots, Shot, end).person == first->person;
           end++)
        g_ptr_array_add (anchors, g_array_index (shots, Shot, end).seen.crop);
      if (begin > 0 && g_array_index (shots, Shot, begin - 1).person == first->person)
        continue; /* enrolled from the first session alone */
      if (!lk_verifier_set_anchors (verifier, anchors, &error))
        die (error->message);
      for (guint i = 0; i < shots->len; i++)
        {
          const Shot *shot = &g_array_index (shots, Shot, i);
          gboolean turned = fabs (shot->yaw) >= TURNED, same = shot->person == first->person;
          g_autoptr (LkCheck) check = NULL;
          double score;

          if ((same && shot->session == first->session) || (!same && i % 4 != 0) ||
              (!turned && fabs (shot->yaw) > STRAIGHT))
            continue;
          check = lk_verifier_check (verifier, &shot->seen, &policy);
          score = (double) check->score;
          g_array_append_val (scores[turned][same], score);
        }
    }
  for (int turned = 0; turned < 2; turned++)
    for (gsize s = 0; s < G_N_ELEMENTS (least_shares); s++)
      {
        g_autofree char *check = g_strdup_printf ("identity-%s-at-%g-of-threshold",
                                                  turned ? "turned" : "straight", least_shares[s]);
        for (int same = 0; same < 2; same++)
          {
            GArray *of = scores[turned][same];
            int n = 0;

            for (guint i = 0; i < of->len; i++)
              n += (g_array_index (of, double, i) >= least_shares[s] * threshold) == !same;
            print_rate (check, same ? "people" : "another", !same, n, (int) of->len,
                        s == 0 ? of : NULL);
          }
      }
  for (int i = 0; i < 4; i++)
    g_array_unref (scores[i / 2][i % 2]);
}

/* ---- replays ---- */

typedef enum
{
  FILM_FED_STILL,   /* one frame, always the same */
  FILM_NOISY_STILL, /* a still before a camera on a stand */
  FILM_HAND_HELD,   /* it moves by less than a pixel: what a person at least does */
  FILM_FED_LOOP,    /* a motion that comes round again, the same to a byte */
  FILM_SCREEN_LOOP, /* with noise of its own each round, and coded as JPEG */
  FILM_MOVES,       /* the same motion, once */
  N_FILMS
} Film;

static const struct
{
  const char *name;
  gboolean is_still, is_attack, is_loop;
} films[N_FILMS] = {
  [FILM_FED_STILL] = { "fed-still", TRUE, TRUE, FALSE },
  [FILM_NOISY_STILL] = { "screen-still", TRUE, TRUE, FALSE },
  [FILM_HAND_HELD] = { "rendered-person", TRUE, FALSE, FALSE },
  [FILM_FED_LOOP] = { "fed-loop", FALSE, TRUE, TRUE },
  [FILM_SCREEN_LOOP] = { "screen-loop", FALSE, TRUE, TRUE },
  [FILM_MOVES] = { "rendered-motion", FALSE, FALSE, TRUE },
};

static LkImage *
draw_film (const LkImage *image, Film film, int i, LkRandom *random)
{
  int at = film == FILM_FED_LOOP || film == FILM_SCREEN_LOOP ? i % 31 : i;
  LkRandom own;
  double dx = film >= FILM_FED_LOOP
                  ? 6 * sin (2 * G_PI * at / 31) + 0.15 * at * (film == FILM_MOVES)
              : film == FILM_HAND_HELD ? 0.6 * sin (0.7 * i) + 0.3 * sin (2.3 * i)
                                       : 0;
  const double map[6] = { 0.75, 0, dx, 0, 0.75, 0.4 * dx };
  g_autoptr (LkImage) moved = lk_image_warp (image, map, WIDTH, HEIGHT);
  guint8 *pixels = g_memdup2 (lk_image_get_pixels (moved), 3 * WIDTH * HEIGHT);
  LkImage *frame;

  lk_random_seed (&own, (guint64) at);
  if (film == FILM_FED_LOOP)
    random = &own;
  for (int k = 0; k < 3 * WIDTH * HEIGHT && film != FILM_FED_STILL; k++)
    pixels[k] = (guint8) CLAMP (pixels[k] + get_luma_noise (random) + 0.5, 0, 255);
  frame = lk_image_new_take (WIDTH, HEIGHT, pixels);
  if (film == FILM_SCREEN_LOOP)
    {
      g_autoptr (GBytes) jpeg = lk_jpeg_encode (frame, 80, NULL);

      lk_image_unref (frame);
      frame = lk_jpeg_decode (g_bytes_get_data (jpeg, NULL), g_bytes_get_size (jpeg), 0, NULL);
    }
  return frame;
}

static void
measure_replays (void)
{
  for (int film = 0; film < N_FILMS; film++)
    {
      g_autoptr (GArray) values = g_array_new (FALSE, FALSE, sizeof (double));
      LkLivenessCheck check = films[film].is_loop ? LK_LIVENESS_LOOP : LK_LIVENESS_STILLNESS;
      int n_wrong = 0;
      LkRandom random;

      lk_random_seed (&random, 2);
      for (guint s = 0; s < shots->len; s += 20)
        {
          g_autoptr (LkReplay) replay = lk_replay_new ();
          int n_frames = films[film].is_still ? 30 : 60, n_still = 0, run = 0;
          double value;

          for (int i = 0; i < n_frames; i++)
            {
              g_autoptr (LkImage)
                  frame = draw_film (g_array_index (shots, Shot, s).image, film, i, &random);
              LkReplayFrame out;

              lk_replay_add (replay, frame, &out);
              n_still += out.stir <= LK_REPLAY_ALIKE;
              run = MAX (run, out.run);
            }
          value = films[film].is_loop ? run : (double) n_still / (n_frames - 1);
          g_array_append_val (values, value);
          n_wrong += lk_liveness_is_passed (check, value) == films[film].is_attack;
        }
      print_rate (lk_liveness_get_info (check)->id, films[film].name, films[film].is_attack,
                  n_wrong, (int) values->len, values);
    }
}

int
main (int argc, char *argv[])
{
  g_autoptr (LkFinder) finder = lk_finder_new ();

  if (argc < 2)
    die ("usage: liveness PEOPLE [MODEL]");
  shots = g_array_new (FALSE, FALSE, sizeof (Shot));
  g_array_set_clear_func (shots, clear_shot);
  load_people (finder, argv[1]);
  if (argc > 2)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (LkModel) model = lk_model_load (argv[2], &error);

      if (model == NULL)
        die (error->message);
      measure_identity (model);
    }
  measure_people ();
  measure_replays ();
  for (gsize i = 0; i < G_N_ELEMENTS (prints); i++)
    measure_print (finder, &prints[i]);
  g_array_unref (shots);
  return 0;
}
