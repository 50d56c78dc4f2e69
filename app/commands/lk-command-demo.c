/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-command.h"
#include "store/lk-paths.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <math.h>
#include <stdio.h>

#define N_FRAMES 240 /* eight seconds, then it begins anew: every motion has whole periods */
#define WIDTH    640
#define HEIGHT   480

/* Where the face's centre is in the portrait, as shares of its sides; it goes to the
 * middle of the frame, which is the middle of the guide. */
#define FACE_X 0.523
#define FACE_Y 0.420

static double
wave (int i, int periods, double phase)
{
  return sin (2 * G_PI * (periods * (double) i / N_FRAMES + phase));
}

/* Frame @i of somebody who cannot sit still, in a room where the light changes. */
static LkImage *
draw_frame (const LkImage *portrait, int i)
{
  double scale = 1.25 * 512.0 / portrait->width * (1 + 0.04 * wave (i, 2, 0.1));
  double angle = 5 * G_PI / 180 * wave (i, 3, 0);
  double a = cos (angle) / scale, b = sin (angle) / scale;
  double x = WIDTH / 2.0 + 8 * wave (i, 1, 0.3), y = HEIGHT / 2.0 + 8 * wave (i, 2, 0.6);
  double gain = 0.85 + 0.22 * wave (i, 1, 0);
  const double from_output[6] = {
    a,  b, FACE_X * portrait->width - a * x - b * y, /* the face's centre at (x, y) */
    -b, a, FACE_Y * portrait->height + b * x - a * y,
  };
  g_autoptr (LkImage) turned = lk_image_warp (portrait, from_output, WIDTH, HEIGHT);
  const guint8 *from = lk_image_get_pixels (turned);
  guint8 *pixels = g_malloc (3 * WIDTH * HEIGHT);

  for (int j = 0; j < 3 * WIDTH * HEIGHT; j++)
    pixels[j] = (guint8) MIN (255, from[j] * gain);
  return lk_image_new_take (WIDTH, HEIGHT, pixels);
}

int
lk_command_demo (int argc, char *argv[])
{
  const GOptionEntry options[] = { { NULL } };
  g_autoptr (GError) error = NULL;
  g_autoptr (LkImage) portrait = NULL;
  int status = lk_command_parse (
      &argc, &argv, options, "PORTRAIT FOLDER",
      _("Writes the frames of a portrait that moves, turns and is lit differently: a camera for "
         "those who have none (likeness --camera files:FOLDER)."));

  if (status >= 0)
    return status;
  if (argc != 3)
    return lk_command_fail_usage (_("demo takes a portrait and a folder."));
  portrait = lk_image_load (argv[1], &error);
  if (portrait == NULL || !lk_paths_make_folder (argv[2], &error))
    return lk_command_fail (error);

  for (int i = 0; i < N_FRAMES; i++)
    {
      g_autofree char *name = g_strdup_printf ("%03d.jpg", i);
      g_autofree char *path = g_build_filename (argv[2], name, NULL);
      g_autoptr (LkImage) frame = draw_frame (portrait, i);

      if (!lk_image_save (frame, path, &error))
        return lk_command_fail (error);
    }
  printf (_("%d frames in %s\n"), N_FRAMES, argv[2]);
  return LK_EXIT_OK;
}
