/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <linux/videodev2.h>
#include <string.h>

#include "base/lk-error.h"
#include "fake-camera.h"
#include "image/lk-jpeg.h"
#include "recorder.h"

static Recorder *
start (const FakeCamera *script, const LkCameraOptions *wishes)
{
  LkCameraOptions options = { 0 };

  if (wishes != NULL)
    options = *wishes;
  if (options.source == NULL)
    options.source = (char *) FAKE_CAMERA_NODE;
  fake_camera_set (FAKE_CAMERA_NODE, script);
  return recorder_new (&options);
}

/* Whatever the state was, the stop is quick and leaves no descriptor open. */
static void
stop (Recorder *r, const char *states)
{
  recorder_stop (r);
  g_assert_cmpint (fake_camera_n_open (FAKE_CAMERA_NODE), ==, 0);
  if (states != NULL)
    g_assert_cmpstr (r->states->str, ==, states);
}

static GBytes *
jpeg (int width, int height)
{
  g_autoptr (LkImage) image = red_and_blue (width, height);
  GBytes *bytes = lk_jpeg_encode (image, 90, NULL);

  g_assert_nonnull (bytes);
  return bytes;
}

/* --- formats -------------------------------------------------------------- */

static void
check_format (guint32 format, guint padding, const char *agreed)
{
  g_autoptr (GBytes) picture = jpeg (640, 480);
  FakeCamera script = { .formats = { format, V4L2_PIX_FMT_YUYV },
                        .jpeg = picture,
                        .padding = padding };
  LkCameraOptions wishes = { .fourcc = format };
  g_autoptr (Recorder) r = start (&script, &wishes);

  recorder_wait_frames (r, 10);
  stop (r, "SP");
  g_assert_cmpstr (r->detail, ==, agreed);
  g_assert_cmpint (r->last->decode_us, >, 0);
  g_assert_null (r->last->name);
  if (format != V4L2_PIX_FMT_GREY)
    assert_red_and_blue (r->last->image, 640, 480);
  else
    {
      const guint8 *pixels = lk_image_get_pixels (r->last->image);

      for (int i = 0; i < 3; i++)
        {
          g_assert_cmpint (pixels[i], ==, 81);
          g_assert_cmpint (pixels[3 * 639 + i], ==, 41);
        }
    }
}

static void
test_formats (void)
{
  check_format (V4L2_PIX_FMT_YUYV, 0, "640×480 YUYV, 30 fps");
  check_format (V4L2_PIX_FMT_YUYV, 64, "640×480 YUYV, 30 fps");
  check_format (V4L2_PIX_FMT_NV12, 0, "640×480 NV12, 30 fps");
  check_format (V4L2_PIX_FMT_NV12, 32, "640×480 NV12, 30 fps");
  check_format (V4L2_PIX_FMT_GREY, 0, "640×480 GREY, 30 fps");
  check_format (V4L2_PIX_FMT_RGB24, 0, "640×480 RGB3, 30 fps");
  check_format (V4L2_PIX_FMT_RGB24, 16, "640×480 RGB3, 30 fps");
  check_format (V4L2_PIX_FMT_MJPEG, 0, "640×480 MJPG, 30 fps");
  check_format (V4L2_PIX_FMT_UYVY, 0, "640×480 RGB3, 30 fps"); /* by libv4l2 */
}

/* Alone, NV12 is among the formats that libv4l2 hides behind its own. */
static void
test_hidden_format (void)
{
  FakeCamera script = { .formats = { V4L2_PIX_FMT_NV12 } };
  g_autoptr (Recorder) r = start (&script, NULL);

  recorder_wait_frames (r, 2);
  stop (r, "SP");
  g_assert_cmpstr (r->detail, ==, "640×480 RGB3, 30 fps");
  assert_red_and_blue (r->last->image, 640, 480);
}

static void
check_choice (const FakeCamera *script, LkCameraOptions *wishes, const char *agreed)
{
  g_autoptr (Recorder) r = start (script, wishes);

  recorder_wait_frames (r, 2);
  stop (r, "SP");
  g_assert_cmpstr (r->detail, ==, agreed);
}

static void
test_choice (void)
{
  g_autoptr (GBytes) picture = jpeg (1280, 720);
  FakeCamera both = { .formats = { V4L2_PIX_FMT_GREY, V4L2_PIX_FMT_MJPEG, V4L2_PIX_FMT_YUYV },
                      .jpeg = picture };
  FakeCamera slow = both, steps = both, grey = both;
  FakeCamera exotic = { .formats = { V4L2_PIX_FMT_VYUY, V4L2_PIX_FMT_YUYV } };
  LkCameraOptions large = { .width = 1280, .height = 720 };
  LkCameraOptions ten = { .fps = 10 };
  LkCameraOptions named = { .fourcc = V4L2_PIX_FMT_MJPEG };
  LkCameraOptions absent = { .fourcc = V4L2_PIX_FMT_NV12 };
  LkCameraOptions unknown = { .fourcc = V4L2_PIX_FMT_SRGGB10, .width = 1280, .height = 720 };

  slow.raw_fps = 10;
  steps.stepwise = TRUE;
  grey.formats[1] = V4L2_PIX_FMT_UYVY;
  grey.formats[2] = 0;
  check_choice (&both, NULL, "640×480 YUYV, 30 fps");
  check_choice (&both, &large, "1280×720 YUYV, 30 fps");
  check_choice (&steps, &large, "1280×720 YUYV, 30 fps");
  check_choice (&slow, &large, "1280×720 MJPG, 30 fps");
  check_choice (&slow, &ten, "640×480 YUYV, 10 fps");
  check_choice (&both, &named, "1280×720 MJPG, 30 fps"); /* the size that really comes */
  check_choice (&both, &absent, "640×480 GREY, 30 fps"); /* what the driver took instead */
  check_choice (&grey, NULL, "640×480 RGB3, 30 fps");    /* colour before grey */
  check_choice (&both, &unknown, "1280×720 RGB3, 30 fps");
  check_choice (&exotic, &named, "640×480 RGB3, 30 fps"); /* what it took instead, converted */
}

/* --- what is lost --------------------------------------------------------- */

static void
test_gaps (void)
{
  FakeCamera script = { .fps = 100, .gap_every = 10 };
  g_autoptr (Recorder) r = start (&script, NULL);

  recorder_wait_frames (r, 55);
  stop (r, "SP");
  g_assert_cmpuint (r->last->n_dropped, ==, 2 * (r->last->number / 10));
}

static void
check_damage (guint32 format, guint32 wished, FakeDamage damage)
{
  LkCameraOptions wishes = { .fourcc = wished };
  g_autoptr (GBytes) picture = jpeg (640, 480);
  FakeCamera script = { .formats = { format }, .jpeg = picture, .fps = 200, .damage = damage };
  g_autoptr (Recorder) r = NULL;

  /* One in five is passed over, … */
  script.damage_every = 5;
  r = start (&script, &wishes);
  recorder_wait_frames (r, 40);
  stop (r, "SP");
  g_assert_cmpuint (r->last->n_dropped, >=, 8);
  assert_red_and_blue (r->last->image, 640, 480);
  g_clear_pointer (&r, recorder_free);

  /* … a stream of them is a failure, until good ones come again. */
  script.damage_every = 1;
  r = start (&script, &wishes);
  recorder_wait_error (r, LK_ERROR_CAMERA_DAMAGED);
  script.damage = FAKE_DAMAGE_NONE;
  fake_camera_set (FAKE_CAMERA_NODE, &script);
  recorder_wait_frames (r, 3);
  stop (r, "SFP");
  assert_red_and_blue (r->last->image, 640, 480);
  g_clear_pointer (&r, recorder_free);

  script.damage = damage;
  r = start (&script, &wishes);
  recorder_wait_error (r, LK_ERROR_CAMERA_DAMAGED);
  stop (r, "SF");
}

static void
test_damage_jpeg (void)
{
  check_damage (V4L2_PIX_FMT_MJPEG, V4L2_PIX_FMT_MJPEG, FAKE_DAMAGE_NOISE);
  check_damage (V4L2_PIX_FMT_MJPEG, V4L2_PIX_FMT_MJPEG, FAKE_DAMAGE_HEAD);
  check_damage (V4L2_PIX_FMT_MJPEG, V4L2_PIX_FMT_MJPEG, FAKE_DAMAGE_SHORT);
}

static void
test_damage_buffers (void)
{
  check_damage (V4L2_PIX_FMT_YUYV, V4L2_PIX_FMT_YUYV, FAKE_DAMAGE_SHORT);
  check_damage (V4L2_PIX_FMT_YUYV, V4L2_PIX_FMT_YUYV, FAKE_DAMAGE_FLAG);
  check_damage (V4L2_PIX_FMT_YUYV, V4L2_PIX_FMT_YUYV, FAKE_DAMAGE_EIO);
  check_damage (V4L2_PIX_FMT_MJPEG, V4L2_PIX_FMT_MJPEG, FAKE_DAMAGE_EMPTY);
}

/* What libv4l2 cannot convert it announces for ever without handing it over. */
static void
test_damage_converted (void)
{
  check_damage (V4L2_PIX_FMT_MJPEG, V4L2_PIX_FMT_RGB24, FAKE_DAMAGE_HEAD);
}

/* At a low rate it is told by time. */
static void
test_damage_slow (void)
{
  FakeCamera script = { .fps = 5, .damage = FAKE_DAMAGE_FLAG };
  g_autoptr (Recorder) r = start (&script, NULL);
  gint64 begun_us = g_get_monotonic_time ();

  recorder_wait_error (r, LK_ERROR_CAMERA_DAMAGED);
  g_assert_cmpint (g_get_monotonic_time () - begun_us, <, 4 * G_USEC_PER_SEC);
  stop (r, "SF");
}

/* --- a driver that lies --------------------------------------------------- */

static void
check_lie (const FakeCamera *script, int code, const char *word)
{
  g_autoptr (Recorder) r = start (script, NULL);

  recorder_wait_error (r, code);
  stop (r, "SF");
  g_assert_nonnull (strstr (r->error->message, word));
}

static void
test_lies (void)
{
  FakeCamera stride = { .said_stride = 100 };
  FakeCamera long_stride = { .said_stride = 4096, .fps = 200 };
  FakeCamera longest = { .said_stride = G_MAXUINT32, .fps = 200 };
  FakeCamera wide = { .said_width = 20000 };
  FakeCamera wider = { .said_width = 800, .fps = 200 };
  FakeCamera index = { .damage = FAKE_DAMAGE_INDEX };
  g_autoptr (Recorder) r = start (&stride, NULL);

  /* Too small to be true: the rows are packed. */
  recorder_wait_frames (r, 3);
  stop (r, "SP");
  assert_red_and_blue (r->last->image, 640, 480);

  check_lie (&long_stride, LK_ERROR_CAMERA_DAMAGED, "damaged");
  check_lie (&longest, LK_ERROR_CAMERA_DAMAGED, "damaged");
  check_lie (&wide, LK_ERROR_CAMERA_UNSUPPORTED, "20000");
  check_lie (&wider, LK_ERROR_CAMERA_DAMAGED, "damaged");
  check_lie (&index, LK_ERROR_CAMERA_FAILED, "VIDIOC_DQBUF");
}

/* --- faults --------------------------------------------------------------- */

static void
check_failing_request (guint32 request, int errnum, int code, const char *word)
{
  FakeCamera script = { .fails = request, .fails_errno = errnum };
  g_autoptr (Recorder) r = start (&script, NULL);

  recorder_wait_error (r, code);
  script.fails = 0;
  fake_camera_set (FAKE_CAMERA_NODE, &script);
  recorder_wait_frames (r, 2);
  script.fails = request;
  fake_camera_set (FAKE_CAMERA_NODE, &script);
  stop (r, NULL);
  g_clear_pointer (&r, recorder_free);

  r = start (&script, NULL);
  recorder_wait_error (r, code);
  stop (r, "SF");
  g_assert_nonnull (strstr (r->error->message, word));
}

static void
test_busy (void)
{
  check_failing_request (VIDIOC_S_FMT, EBUSY, LK_ERROR_CAMERA_BUSY, "in use");
  check_failing_request (VIDIOC_REQBUFS, EBUSY, LK_ERROR_CAMERA_BUSY, "in use");
  check_failing_request (VIDIOC_STREAMON, EBUSY, LK_ERROR_CAMERA_BUSY, "Fake Camera");
}

static void
test_driver_errors (void)
{
  check_failing_request (VIDIOC_STREAMON, ENOSPC, LK_ERROR_CAMERA_FAILED, "USB");
  check_failing_request (VIDIOC_S_FMT, EIO, LK_ERROR_CAMERA_FAILED, "VIDIOC_S_FMT");
  check_failing_request (VIDIOC_QUERYBUF, EINVAL, LK_ERROR_CAMERA_FAILED, "VIDIOC_QUERYBUF");
  check_failing_request (VIDIOC_QBUF, ENODEV, LK_ERROR_CAMERA_UNPLUGGED, "unplugged");
  check_failing_request (VIDIOC_DQBUF, ENODEV, LK_ERROR_CAMERA_UNPLUGGED, "unplugged");
}

static void
check_open (int errnum, int code, const char *word)
{
  FakeCamera script = { .open_errno = errnum };
  g_autoptr (Recorder) r = start (&script, NULL);

  recorder_wait_error (r, code);
  script.open_errno = 0;
  fake_camera_set (FAKE_CAMERA_NODE, &script);
  recorder_wait_frames (r, 2);
  stop (r, "SFP");
  g_clear_pointer (&r, recorder_free);

  script.open_errno = errnum;
  r = start (&script, NULL);
  recorder_wait_error (r, code);
  stop (r, "SF");
  g_assert_nonnull (strstr (r->error->message, word));
}

static void
test_open (void)
{
  check_open (EBUSY, LK_ERROR_CAMERA_BUSY, "in use");
  check_open (EACCES, LK_ERROR_CAMERA_PERMISSION, "group “video”");
  check_open (EPERM, LK_ERROR_CAMERA_PERMISSION, "group “video”");
  check_open (ENOENT, LK_ERROR_CAMERA_NOT_FOUND, "no camera");
  check_open (ENODEV, LK_ERROR_CAMERA_NOT_FOUND, "no camera");
  check_open (EMFILE, LK_ERROR_CAMERA_FAILED, "cannot be opened");
}

static void
check_no_camera (const char *source, const FakeCamera *script, int code)
{
  FakeCamera plain = { 0 };
  LkCameraOptions options = { .source = (char *) source };
  g_autoptr (Recorder) r = start (script != NULL ? script : &plain, &options);

  recorder_wait_error (r, code);
  stop (r, "SF");
}

static void
test_no_camera (void)
{
  FakeCamera metadata = { .device_caps = V4L2_CAP_META_CAPTURE | V4L2_CAP_STREAMING };
  FakeCamera tuner = { .fails = VIDIOC_QUERYCAP, .fails_errno = ENOTTY };

  check_no_camera ("/dev/there-is-none", NULL, LK_ERROR_CAMERA_NOT_FOUND);
  check_no_camera ("", NULL, LK_ERROR_CAMERA_NOT_FOUND);
  check_no_camera ("/dev/null", NULL, LK_ERROR_CAMERA_UNSUPPORTED);
  check_no_camera ("/tmp", NULL, LK_ERROR_CAMERA_UNSUPPORTED);
  check_no_camera (FAKE_CAMERA_NODE, &metadata, LK_ERROR_CAMERA_UNSUPPORTED);
  check_no_camera (FAKE_CAMERA_NODE, &tuner, LK_ERROR_CAMERA_UNSUPPORTED);
}

static void
test_unplugged_and_back (void)
{
  FakeCamera script = { .unplug_after = 10, .fps = 100 };
  g_autoptr (Recorder) r = start (&script, NULL);

  recorder_wait_frames (r, 5);
  recorder_wait_error (r, LK_ERROR_CAMERA_UNPLUGGED);
  g_usleep (RECORDER_RETRY_MS * 3500); /* a retry finds nothing, which is no news */
  script.unplug_after = 0;
  fake_camera_set (FAKE_CAMERA_NODE, &script);
  recorder_wait_frames (r, 20);
  fake_camera_unplug (FAKE_CAMERA_NODE);
  recorder_wait_error (r, LK_ERROR_CAMERA_UNPLUGGED);
  stop (r, "SPFPF");
  g_assert_nonnull (strstr (r->error->message, "Fake Camera"));
}

static void
test_unplugged_at_any_time (void)
{
  FakeCamera script = { .fps = 500 };

  for (int i = 0; i < 40; i++)
    {
      g_autoptr (Recorder) r = start (&script, NULL);

      g_usleep ((gulong) i * 250);
      fake_camera_unplug (FAKE_CAMERA_NODE);
      if (i % 2 == 0)
        g_usleep (2000);
      stop (r, NULL);
    }
}

static void
test_silent (void)
{
  FakeCamera script = { .silent = TRUE };
  g_autoptr (Recorder) r = start (&script, NULL);
  gint64 begun_us = g_get_monotonic_time ();

  recorder_wait_error (r, LK_ERROR_CAMERA_SILENT);
  g_assert_cmpint (g_get_monotonic_time () - begun_us, >, 4900 * 1000);
  script.silent = FALSE;
  fake_camera_set (FAKE_CAMERA_NODE, &script);
  recorder_wait_frames (r, 2);
  stop (r, "SFP");
}

static void
test_silent_later (void)
{
  FakeCamera script = { .silent = TRUE, .silent_after = 5 };
  g_autoptr (Recorder) r = start (&script, NULL);

  recorder_wait_frames (r, 5);
  recorder_wait_error (r, LK_ERROR_CAMERA_SILENT);
  stop (r, "SPF");
}

/* Announces pictures and never has one: neither a hang nor a busy loop for ever. */
static void
test_empty_promises (void)
{
  FakeCamera script = { .fails = VIDIOC_DQBUF, .fails_errno = EAGAIN };
  g_autoptr (Recorder) r = start (&script, NULL);

  recorder_wait_error (r, LK_ERROR_CAMERA_SILENT);
  stop (r, "SF");
}

static void
test_stop_while_silent (void)
{
  FakeCamera script = { .silent = TRUE };
  g_autoptr (Recorder) r = start (&script, NULL);

  recorder_wait_state (r, LK_CAMERA_STARTING);
  g_usleep (100 * 1000);
  stop (r, "S");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/camera/v4l2/pictures/formats", test_formats);
  g_test_add_func ("/camera/v4l2/pictures/hidden-format", test_hidden_format);
  g_test_add_func ("/camera/v4l2/pictures/choice", test_choice);
  g_test_add_func ("/camera/v4l2/pictures/gaps", test_gaps);
  g_test_add_func ("/camera/v4l2/damage/jpeg", test_damage_jpeg);
  g_test_add_func ("/camera/v4l2/damage/buffers", test_damage_buffers);
  g_test_add_func ("/camera/v4l2/damage/converted", test_damage_converted);
  g_test_add_func ("/camera/v4l2/damage/slow", test_damage_slow);
  g_test_add_func ("/camera/v4l2/faults/lies", test_lies);
  g_test_add_func ("/camera/v4l2/faults/busy", test_busy);
  g_test_add_func ("/camera/v4l2/faults/driver-errors", test_driver_errors);
  g_test_add_func ("/camera/v4l2/faults/open", test_open);
  g_test_add_func ("/camera/v4l2/faults/no-camera", test_no_camera);
  g_test_add_func ("/camera/v4l2/faults/unplugged-and-back", test_unplugged_and_back);
  g_test_add_func ("/camera/v4l2/faults/unplugged-at-any-time", test_unplugged_at_any_time);
  g_test_add_func ("/camera/v4l2/silent/from-the-start", test_silent);
  g_test_add_func ("/camera/v4l2/silent/later", test_silent_later);
  g_test_add_func ("/camera/v4l2/silent/empty-promises", test_empty_promises);
  g_test_add_func ("/camera/v4l2/silent/stop", test_stop_while_silent);
  return g_test_run ();
}
