/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fake-camera.h"

#include <errno.h>
#include <linux/videodev2.h>

/* The fake camera for a program that knows nothing of it (LD_PRELOAD), as FAKE_CAMERA says:
 * busy, unplugged (after a second) or nothing. */
__attribute__ ((constructor)) static void
plug_in (void)
{
  const char *how = g_getenv ("FAKE_CAMERA");
  FakeCamera script = { 0 };

  if (g_strcmp0 (how, "busy") == 0)
    {
      script.fails = VIDIOC_STREAMON;
      script.fails_errno = EBUSY;
    }
  else if (g_strcmp0 (how, "unplugged") == 0)
    script.unplug_after = 30;
  fake_camera_set (FAKE_CAMERA_NODE, &script);
}
