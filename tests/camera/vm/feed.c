/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <linux/videodev2.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "image/lk-jpeg.h"

/*
 * Writes JPEGs to a v4l2loopback node, which then is an MJPEG camera.
 *
 *   usage: feed NODE BROKEN...
 *
 * Half red, half blue, 640x480, 20 a second; of BROKEN pictures (0: none) one is cut
 * short.  SIGUSR1 goes on to the next BROKEN, and behind the last one to the end:
 * v4l2loopback 0.12 takes no second writer once a reader has been there.
 */

static volatile sig_atomic_t n_signals;

static void
on_signal (int signal_number)
{
  n_signals++;
}

int
main (int argc, char *argv[])
{
  struct v4l2_format format = { .type = V4L2_BUF_TYPE_VIDEO_OUTPUT };
  guint8 *pixels = g_malloc0 (3 * 640 * 480);
  g_autoptr (LkImage) image = lk_image_new_take (640, 480, pixels);
  g_autoptr (GBytes) jpeg = NULL;
  const guint8 *data;
  gsize size;
  int fd;

  if (argc < 3)
    return 2;
  signal (SIGUSR1, on_signal);
  for (int i = 0; i < 640 * 480; i++)
    pixels[3 * i + (i % 640 < 320 ? 0 : 2)] = 255;
  jpeg = lk_jpeg_encode (image, 90, NULL);
  data = g_bytes_get_data (jpeg, &size);

  fd = open (argv[1], O_RDWR);
  format.fmt.pix.width = 640;
  format.fmt.pix.height = 480;
  format.fmt.pix.pixelformat = V4L2_PIX_FMT_MJPEG;
  format.fmt.pix.field = V4L2_FIELD_NONE;
  format.fmt.pix.sizeimage = 640 * 480 * 3;
  if (fd < 0 || ioctl (fd, VIDIOC_S_FMT, &format) != 0)
    {
      perror (argv[1]);
      return 1;
    }
  for (long i = 1; n_signals < argc - 2; i++)
    {
      long broken = strtol (argv[2 + n_signals], NULL, 10);
      gsize n = broken > 0 && i % broken == 0 ? size / 2 : size;

      if (write (fd, data, n) != (gssize) n)
        {
          perror (argv[1]);
          return 1;
        }
      g_usleep (50000);
    }
  close (fd);
  return 0;
}
