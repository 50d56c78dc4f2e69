/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/lk-enroller.h"
#include "app/lk-settings.h"
#include "app/lk-sitting.h"
#include "base/lk-error.h"
#include "base/lk-mailbox.h"
#include "base/lk-vault.h"
#include "camera/lk-camera.h"
#include "lk-command.h"
#include "store/lk-store.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <stdio.h>

/* Pictures taken from a camera, one each interval. */
typedef struct
{
  GMainLoop *loop;
  LkMailbox *frames;
  LkMailbox *errors;
  LkStore *store;
  const char *person;
  LkCaptureKind kind;
  LkFinder *finder;
  LkFaceRule rule;
  LkQualityLimits limits;
  int n_wanted, n_taken;
  gint64 interval_us, next_us;
  int status;
} Capture;

static void
receive_frame (gpointer item, gpointer data)
{
  Capture *self = data;
  g_autoptr (LkFrame) frame = item;
  g_autoptr (GError) error = NULL;
  g_auto (LkSighting) seen = { 0 };
  g_autoptr (LkCapture) capture = NULL;

  if (frame->when_us < self->next_us || self->n_taken >= self->n_wanted)
    return;
  if (!lk_finder_follow (self->finder, frame->image, frame->when_us, self->rule, &self->limits,
                         &seen, &error))
    {
      fprintf (stderr, "likeness: %s\n", error->message);
      self->next_us = frame->when_us + self->interval_us;
      return;
    }
  capture = lk_store_add (self->store, self->person, self->kind, seen.image, &error);
  if (capture == NULL)
    {
      self->status = lk_command_fail (error);
      g_main_loop_quit (self->loop);
      return;
    }
  self->next_us = frame->when_us + self->interval_us;
  printf ("%d/%d %s\n", ++self->n_taken, self->n_wanted, capture->path);
  if (self->n_taken == self->n_wanted)
    g_main_loop_quit (self->loop);
}

static void
receive_error (gpointer item, gpointer data)
{
  Capture *self = data;
  g_autoptr (GError) error = item;

  self->status = lk_command_fail (error);
  g_main_loop_quit (self->loop);
}

static void
on_frame (LkFrame *frame, gpointer data)
{
  lk_mailbox_post (((Capture *) data)->frames, lk_frame_ref (frame));
}

static void
on_state (LkCameraState state, const char *detail, const GError *error, gpointer data)
{
  Capture *self = data;

  if (state == LK_CAMERA_FAILED)
    lk_mailbox_post (self->errors, g_error_copy (error));
}

static gboolean
on_interrupt (gpointer data)
{
  g_main_loop_quit (((Capture *) data)->loop);
  return G_SOURCE_CONTINUE;
}

static int
capture_from_camera (Capture *self, char *source)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  LkCameraOptions options = { .source = source };
  LkCamera *camera = lk_camera_new (&options);
  guint interrupt = g_unix_signal_add (SIGINT, on_interrupt, self);

  self->loop = loop;
  self->frames = lk_mailbox_new (receive_frame, self, (GDestroyNotify) lk_frame_unref);
  self->errors = lk_mailbox_new (receive_error, self, (GDestroyNotify) g_error_free);
  lk_camera_start (camera, on_frame, on_state, self);
  g_main_loop_run (loop);
  lk_camera_free (camera);
  lk_mailbox_free (self->frames);
  lk_mailbox_free (self->errors);
  g_source_remove (interrupt);
  if (self->status == LK_EXIT_OK && self->n_taken < self->n_wanted)
    self->status = LK_EXIT_NO_MATCH; /* interrupted */
  return self->status;
}

/* ---- led through the stages ---- */

typedef struct
{
  GMainLoop *loop;
  int status;
} Guided;

static void
on_stage (const char *stage, const char *sentence, int n_done, gpointer data)
{
  printf ("%s %d %s\n", stage, n_done, sentence);
  fflush (stdout);
}

static void
on_done (LkSittingEnd end, double score, const char *sentence, const GError *error, gpointer data)
{
  Guided *self = data;

  if (end == LK_SITTING_ENROLLED)
    printf ("%s\n", lk_enrol_status_to_string (LK_ENROL_COMPLETED));
  else if (end == LK_SITTING_DUPLICATE)
    printf ("%s\n", lk_enrol_status_to_string (LK_ENROL_DUPLICATE));
  else if (end == LK_SITTING_TIMED_OUT)
    printf ("%s\n", lk_enrol_status_to_string (LK_ENROL_TIMED_OUT));
  self->status = end == LK_SITTING_ENROLLED    ? LK_EXIT_OK
                 : end == LK_SITTING_DUPLICATE ? LK_EXIT_NO_MATCH
                 : end == LK_SITTING_TIMED_OUT ? LK_EXIT_TIMED_OUT
                                               : LK_EXIT_ERROR;
  if (end != LK_SITTING_ENROLLED)
    fprintf (stderr, "likeness: %s\n", sentence);
  g_main_loop_quit (self->loop);
}

static gboolean
on_guided_interrupt (gpointer data)
{
  g_main_loop_quit (((Guided *) data)->loop);
  return G_SOURCE_CONTINUE;
}

static int
guide (const LkSittingOptions *options)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GError) error = NULL;
  Guided self = { loop, LK_EXIT_ERROR };
  g_autoptr (LkSitting) sitting = lk_sitting_new (options, on_stage, on_done, &self, &error);
  guint interrupt;

  if (sitting == NULL)
    return lk_command_fail (error);
  interrupt = g_unix_signal_add (SIGINT, on_guided_interrupt, &self);
  g_main_loop_run (loop);
  g_source_remove (interrupt);
  return self.status;
}

static int
add_files (LkStore *store, const char *person, LkCaptureKind kind, LkFaceRule rule, char **files)
{
  g_autoptr (LkFinder) finder = lk_finder_new ();
  int n = 0, n_skipped = 0;

  for (; *files != NULL; files++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (LkImage) face = lk_command_load_face (finder, *files, rule, &error);
      g_autoptr (LkCapture) capture = NULL;

      if (face != NULL)
        capture = lk_store_add (store, person, kind, face, &error);
      if (capture == NULL)
        {
          lk_command_fail (error);
          n_skipped++;
        }
      else
        n++;
    }
  printf (_("%d pictures stored, %d left out\n"), n, n_skipped);
  return n > 0 && n_skipped == 0 ? LK_EXIT_OK : LK_EXIT_ERROR;
}

static int
import_folder (LkStore *store, const char *person, const char *folder)
{
  g_autoptr (GError) error = NULL;
  int n_skipped = 0, n = lk_store_import (store, person, folder, NULL, &n_skipped, &error);

  if (n < 0)
    return lk_command_fail (error);
  printf (_("%d pictures stored, %d left out\n"), n, n_skipped);
  return LK_EXIT_OK;
}

int
lk_command_enrol (int argc, char *argv[])
{
  g_autofree char *kind_name = NULL, *crop = NULL, *source = NULL, *folder = NULL, *model = NULL;
  int count = 0, timeout_s = 120;
  double interval = -1;
  gboolean is_anyway = FALSE;
  const GOptionEntry options[] = {
    /* clang-format off */
    { "kind", 'k', 0, G_OPTION_ARG_STRING, &kind_name, N_("anchor (default), positive or negative"), N_("KIND") },
    { "camera", 0, 0, G_OPTION_ARG_STRING, &source, N_("Take the pictures from a device, or from files:PATH"), N_("SOURCE") },
    { "count", 'n', 0, G_OPTION_ARG_INT, &count, N_("Without being led: pictures to take (default 10)"), N_("N") },
    { "interval", 0, 0, G_OPTION_ARG_DOUBLE, &interval, N_("Without being led: seconds between pictures (default 0.5)"), N_("S") },
    { "timeout", 0, 0, G_OPTION_ARG_INT, &timeout_s, N_("Led: seconds that all may take (default 120)"), N_("S") },
    { "anyway", 0, 0, G_OPTION_ARG_NONE, &is_anyway, N_("Led: although somebody else has this face already"), NULL },
    { "model", 'm', 0, G_OPTION_ARG_STRING, &model, N_("Led: model to use (name or file)"), N_("MODEL") },
    { "import", 0, 0, G_OPTION_ARG_FILENAME, &folder, N_("Copy the pictures of a folder with anchor/, positive/, negative/"), N_("FOLDER") },
    { "crop", 'c', 0, G_OPTION_ARG_STRING, &crop, LK_COMMAND_CROP_HELP, N_("WAY") },
    { NULL },
                    /* clang-format on */
                   };
  g_autoptr (GError) error = NULL;
  g_autoptr (LkStore) store = NULL;
  g_autoptr (LkFinder) finder = lk_finder_new ();
  Capture capture = { .kind = LK_CAPTURE_ANCHOR };
  gboolean is_led;
  int status = lk_command_parse (
      &argc, &argv, options, "NAME [FILE...]",
      _("Leads a person before the camera through an enrolment, and prints "
                                    "each stage; or stores pictures of a person: from files, from a "
                                    "folder in the layout anchor/, positive/, negative/, or, with "
                                    "--kind, --count or --interval, from a camera as they come. Exit "
                                    "status: 0 done, 1 interrupted or enrolled under another name "
                                    "already, 2 error, 3 nobody was seen."));

  if (status >= 0)
    return status;
  if (argc < 2)
    return lk_command_fail_usage (_("enrol needs a name."));
  if (kind_name != NULL)
    {
      while (capture.kind < LK_N_CAPTURE_KINDS &&
             !g_str_equal (lk_capture_kind_to_string (capture.kind), kind_name))
        capture.kind++;
      if (capture.kind == LK_N_CAPTURE_KINDS)
        return lk_command_fail_usage (_("“%s” is no kind: use anchor, positive or negative."),
                                         kind_name);
    }
  is_led = argc < 3 && folder == NULL && kind_name == NULL && count == 0 && interval < 0;
  if (count < 0 || timeout_s < 1 || timeout_s > 3600)
    return lk_command_fail_usage (_("A number is out of its range."));
  if (!lk_command_parse_crop (crop, &capture.rule, &error) ||
      (store = lk_command_open_store (&error)) == NULL)
    return lk_command_fail (error);

  if (!lk_vault_need (&error)) /* said once, not for each picture */
    return lk_command_fail (error);
  if (folder != NULL)
    return import_folder (store, argv[1], folder);
  if (is_led)
    {
      const LkSittingOptions led = { .person = argv[1],
                                     .n_wanted = LK_ENROLLER_ANCHORS,
                                     .n_positives = LK_ENROLLER_POSITIVES,
                                     .is_anyway = is_anyway,
                                     .camera = source,
                                     .model = model,
                                     .threshold = -1,
                                     .rule = crop != NULL || source == NULL
                                                 ? capture.rule
                                                 : lk_settings_get_rule (source),
                                     .timeout_s = timeout_s };

      return guide (&led);
    }
  if (source == NULL && argc < 3)
    return lk_command_fail_usage (_("enrol needs pictures: files, --import or --camera."));
  if (source == NULL)
    return add_files (store, argv[1], capture.kind, capture.rule, argv + 2);

  capture.store = store;
  capture.person = argv[1];
  capture.n_wanted = count > 0 ? count : 10;
  capture.interval_us = (gint64) ((interval >= 0 ? interval : 0.5) * 1e6);
  capture.finder = finder;
  lk_settings_get_limits (&capture.limits);
  if (crop == NULL)
    capture.rule = lk_settings_get_rule (source);
  return capture_from_camera (&capture, source);
}
