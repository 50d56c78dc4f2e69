/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/lk-inference.h"
#include "app/lk-settings.h"
#include "base/lk-error.h"
#include "base/lk-mailbox.h"
#include "lk-command.h"
#include "store/lk-store.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct
{
  GMainLoop *loop;
  LkCamera *camera;
  LkInference *inference;
  LkMailbox *states; /* camera thread -> main */
  LkFaceRule rule;
  gboolean json;
  guint64 n_wanted; /* frames to check, 0 for no limit */
  int status;

  gint64 since_us;    /* of the first check */
  GArray *latency_us; /* of gint64, a check each */
  GArray *work_us;    /* of gint64 */
  guint64 n_accepted;
  guint64 last_number;
  guint64 n_dropped;
  gboolean is_started;
  gboolean has_ended;
} Watch;

typedef struct
{
  LkCameraState state;
  char *detail;
  GError *error;
} State;

static void
state_free (gpointer data)
{
  State *state = data;

  g_free (state->detail);
  g_clear_error (&state->error);
  g_free (state);
}

static void
on_camera_frame (LkFrame *frame, gpointer data)
{
  Watch *self = data;

  lk_inference_submit (self->inference, frame, self->rule, TRUE);
}

static void
on_camera_state (LkCameraState state, const char *detail, const GError *error, gpointer data)
{
  State *item = g_new0 (State, 1);

  item->state = state;
  item->detail = g_strdup (detail);
  item->error = error != NULL ? g_error_copy (error) : NULL;
  lk_mailbox_post (((Watch *) data)->states, item);
}

static gboolean
on_idle_end (gpointer data)
{
  g_main_loop_quit (((Watch *) data)->loop);
  return G_SOURCE_REMOVE;
}

static void
receive_state (gpointer item, gpointer data)
{
  Watch *self = data;
  State *state = item;

  switch (state->state)
    {
    case LK_CAMERA_STARTING:
      break;
    case LK_CAMERA_STREAMING:
      fprintf (stderr, "likeness: %s\n", state->detail != NULL ? state->detail : "");
      break;
    case LK_CAMERA_FAILED:
      fprintf (stderr, "likeness: %s\n", state->error->message);
      if (g_error_matches (state->error, LK_ERROR, LK_ERROR_CAMERA_NOT_FOUND))
        {
          self->status = LK_EXIT_ERROR; /* a wrong path: nobody will plug it in */
          g_main_loop_quit (self->loop);
        }
      break;
    case LK_CAMERA_ENDED:
      /* The last frame may still be in the inference thread. */
      self->has_ended = TRUE;
      g_timeout_add (500, on_idle_end, self);
      break;
    }
  state_free (state);
}

static void
print_check (Watch *self, const LkFrame *frame, const LkCheck *check, const GError *advice)
{
  if (self->json)
    {
      g_autoptr (JsonBuilder) builder = json_builder_new ();

      json_builder_begin_object (builder);
      json_builder_set_member_name (builder, "frame");
      json_builder_add_int_value (builder, (gint64) frame->number);
      if (frame->name != NULL)
        {
          json_builder_set_member_name (builder, "file");
          json_builder_add_string_value (builder, frame->name);
        }
      if (check != NULL)
        {
          json_builder_set_member_name (builder, "score");
          json_builder_add_double_value (builder, (double) check->score);
          json_builder_set_member_name (builder, "matches");
          json_builder_add_int_value (builder, check->n_matches);
          json_builder_set_member_name (builder, "anchors");
          json_builder_add_int_value (builder, check->n_anchors);
          json_builder_set_member_name (builder, "accepted");
          json_builder_add_boolean_value (builder, check->accepted);
          json_builder_set_member_name (builder, "embed_ms");
          json_builder_add_double_value (builder, (double) check->embed_us / 1e3);
        }
      else
        {
          json_builder_set_member_name (builder, "advice");
          json_builder_add_string_value (builder, advice->message);
        }
      json_builder_set_member_name (builder, "latency_ms");
      json_builder_add_double_value (builder,
                                     (double) (g_get_monotonic_time () - frame->when_us) / 1e3);
      json_builder_end_object (builder);
      lk_command_print_json (builder);
    }
  else if (check != NULL)
    printf ("%6" G_GUINT64_FORMAT "  %.4f  %d/%d  %s%s%s\n", frame->number, (double) check->score,
            check->n_matches, check->n_anchors,
            check->accepted ? _("accepted")
                            : _("refused"), frame->name != NULL ? "  " : "",
                                 frame->name != NULL ? frame->name : "");
  else
    printf ("%6" G_GUINT64_FORMAT "  %s\n", frame->number, advice->message);
  fflush (stdout);
}

static void
on_checked (const LkFrame *frame, const LkSighting *seen, const LkCheck *check,
            const GError *advice, gpointer data)
{
  Watch *self = data;
  gint64 now = g_get_monotonic_time (), latency = now - frame->when_us;

  if (check == NULL && advice == NULL)
    return; /* no model: said already */
  if (self->since_us == 0)
    self->since_us = now;
  print_check (self, frame, check, advice);
  g_array_append_val (self->latency_us, latency);
  if (check != NULL)
    {
      gint64 work = check->find_us + check->embed_us + check->match_us;

      g_array_append_val (self->work_us, work);
      self->n_accepted += check->accepted;
    }
  self->last_number = frame->number;
  self->n_dropped = frame->n_dropped;
  if (self->n_wanted != 0 && self->latency_us->len >= self->n_wanted)
    g_main_loop_quit (self->loop);
}

static void
on_prepared (LkModel *model, GPtrArray *anchors, const GError *error, gpointer data)
{
  Watch *self = data;

  if (error != NULL)
    {
      self->status = lk_command_fail (error);
      g_main_loop_quit (self->loop);
      return;
    }
  if (anchors != NULL && anchors->len == 0)
    {
      self->status = lk_command_fail_usage (
          _("There are no anchors to compare with. Enrol somebody first, "
                                    "or name a folder of pictures with --anchors."));
      g_main_loop_quit (self->loop);
      return;
    }
  if (!lk_model_is_trained (model))
    fprintf (stderr,
             _("likeness: warning: the network “%s” has never been trained; its scores say "
                "nothing about who is in the pictures.\n"),
                lk_model_get_name (model));
  if (!self->is_started) /* only now: of files played once, the first shall not be missed */
    lk_camera_start (self->camera, on_camera_frame, on_camera_state, self);
  self->is_started = TRUE;
}

static gboolean
on_interrupt (gpointer data)
{
  g_main_loop_quit (((Watch *) data)->loop);
  return G_SOURCE_CONTINUE;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;

  return (x > y) - (x < y);
}

static double
percentile_ms (GArray *us, double share)
{
  if (us->len == 0)
    return NAN;
  g_array_sort (us, compare);
  return (double) g_array_index (us, gint64, (guint) (share * (us->len - 1))) / 1e3;
}

static void
print_summary (Watch *self)
{
  double seconds = (double) (g_get_monotonic_time () - self->since_us) / 1e6;
  guint n = self->latency_us->len;

  if (n < 2)
    return;
  if (self->has_ended)
    seconds -= 0.5; /* the wait for the last frame */
  fprintf (stderr,
           _("%u frames checked in %.1f s (%.1f a second), %" PRIu64
              " accepted, %" PRIu64
              " passed over\nframe to verdict: median %.1f ms, 95th percentile %.1f ms; of it "
              "find, embed and match: median %.1f ms\n"),
              n, seconds, (n - 1) / seconds, self->n_accepted,
              self->last_number + 1 - n + self->n_dropped, percentile_ms (self->latency_us, 0.5),
              percentile_ms (self->latency_us, 0.95), percentile_ms (self->work_us, 0.5));
}

static int
compare_paths (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(const LkCapture *const *) a)->path, (*(const LkCapture *const *) b)->path);
}

static GPtrArray *
list_pictures (const char *folder, GError **error)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, error);
  GPtrArray *pictures;
  const char *name;

  if (dir == NULL)
    return NULL;
  pictures = g_ptr_array_new_with_free_func ((GDestroyNotify) lk_capture_free);
  while ((name = g_dir_read_name (dir)) != NULL)
    if (lk_image_is_image_name (name))
      {
        LkCapture *picture = g_new0 (LkCapture, 1);

        picture->path = g_build_filename (folder, name, NULL);
        g_ptr_array_add (pictures, picture);
      }
  g_ptr_array_sort (pictures, compare_paths);
  return pictures;
}

/* (transfer full) (element-type LkCapture): the anchors of an enrolled person, or the pictures of
 * a folder, which are nobody's. */
static GPtrArray *
find_anchors (const char *folder, const char *person, GError **error)
{
  g_autoptr (LkStore) store = NULL;
  g_autoptr (GPtrArray) people = NULL;

  if (folder != NULL)
    return list_pictures (folder, error);
  store = lk_command_open_store (error);
  if (store == NULL)
    return NULL;
  if (person == NULL && (people = lk_store_list_people (store, error)) != NULL && people->len > 0)
    person = ((LkPerson *) people->pdata[0])->name;
  if (person != NULL)
    return lk_store_list_captures (store, person, LK_CAPTURE_ANCHOR, error);
  return people != NULL ? g_ptr_array_new () : NULL;
}

/* As set, but for what is asked for here; a share of the anchors asks for the documents' vote. */
static void
choose_policy (const char *model_name, double threshold, double share, LkPolicy *policy)
{
  g_autoptr (LkModel) model = lk_command_load_model (model_name, NULL);

  lk_settings_get_policy (model, policy);
  if (share >= 0 && policy->way != LK_WAY_VOTE)
    *policy = (LkPolicy){ .detection = model != NULL ? lk_model_get_threshold (model) : 0.5,
                          .way = LK_WAY_VOTE };
  if (share >= 0)
    policy->verification = share;
  if (threshold >= 0)
    policy->detection = threshold;
}

int
lk_command_watch (int argc, char *argv[])
{
  g_autofree char *model_name = NULL, *crop = NULL, *source = NULL, *person = NULL;
  g_autofree char *folder = NULL;
  double threshold = -1, share = -1, fps = 0;
  int n_frames = 0, n_threads = 0;
  gboolean json = FALSE, once = FALSE;
  const GOptionEntry option_entries[] = {
    { "camera", 0, 0, G_OPTION_ARG_STRING, &source,
      N_("A device, or files:PATH to play a folder, a picture or an MJPEG file"), N_("SOURCE") },
      { "model", 'm', 0, G_OPTION_ARG_STRING, &model_name,
        N_("Model to use (name or file)"), N_("MODEL") },
        { "person", 'p', 0, G_OPTION_ARG_STRING, &person,
          N_("Whom to verify (default: the first)"), N_("NAME") },
          { "anchors", 'a', 0, G_OPTION_ARG_FILENAME, &folder,
            N_("A folder of pictures to compare with, instead of a person"), N_("FOLDER") },
            { "threshold", 't', 0, G_OPTION_ARG_DOUBLE, &threshold,
              N_("Detection threshold: what the score, or with --verification a pair's, must be above (default: as set)"),
                  N_("0..1") },
              { "verification", 0, 0, G_OPTION_ARG_DOUBLE, &share,
                N_("Verification threshold: decide by the share of anchors that match, above this"),
                    N_("0..1") },
                { "crop", 'c', 0, G_OPTION_ARG_STRING, &crop, LK_COMMAND_CROP_HELP, N_("WAY") },
                  { "fps", 0, 0, G_OPTION_ARG_DOUBLE, &fps,
                    N_("Frames a second (default 30)"), N_("N") },
                    { "frames", 'n', 0, G_OPTION_ARG_INT, &n_frames,
                      N_("Stop after so many checks"), N_("N") },
                      { "once", 0, 0, G_OPTION_ARG_NONE, &once,
                        N_("Play files once, then stop"), NULL },
                        { "threads", 0, 0, G_OPTION_ARG_INT, &n_threads,
                          N_("Threads (default: one a core)"), N_("N") },
                          { "json", 0, 0, G_OPTION_ARG_NONE, &json,
                            N_("Print one JSON object a frame"), NULL },
                            { NULL },
                         };
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) anchors = NULL;
  g_autoptr (GMainLoop) loop = NULL;
  g_autoptr (LkCamera) camera = NULL;
  LkCameraOptions options = { 0 };
  Watch self = { 0 };
  LkPolicy policy;
  LkQualityLimits limits;
  guint signals[2];
  int status = lk_command_parse (&argc, &argv, option_entries, "",
                                 _("Verifies live, a line a frame, until it is interrupted. A "
                                    "summary of rate and delay follows on standard error. Exit "
                                    "status: 0 somebody was accepted, 1 nobody, 2 error."));

  if (status >= 0)
    return status;
  if (argc != 1)
    return lk_command_fail_usage (_("watch takes options only."));
  if (n_frames < 0 || fps < 0 || threshold > 1 || share > 1)
    return lk_command_fail_usage (_("A number is out of its range."));
  if (!lk_command_parse_crop (crop, &self.rule, &error) ||
      (anchors = find_anchors (folder, person, &error)) == NULL)
    return lk_command_fail (error);

  if (source == NULL)
    {
      source = g_settings_get_string (lk_settings_get (), "camera");
      if (*source == '\0')
        {
          g_free (source);
          source = g_strdup ("/dev/video0");
        }
    }
  if (crop == NULL)
    self.rule = lk_settings_get_rule (source);
  choose_policy (model_name, threshold, share, &policy);
  options = (LkCameraOptions){ .source = source, .fps = fps, .once = once };

  self.loop = loop = g_main_loop_new (NULL, FALSE);
  self.json = json;
  self.n_wanted = (guint64) n_frames;
  self.latency_us = g_array_new (FALSE, FALSE, sizeof (gint64));
  self.work_us = g_array_new (FALSE, FALSE, sizeof (gint64));
  self.states = lk_mailbox_new (receive_state, &self, state_free);
  self.inference = lk_inference_new (on_checked, on_prepared, &self, n_threads);
  lk_inference_set_policy (self.inference, &policy);
  lk_settings_get_limits (&limits);
  lk_inference_set_limits (self.inference, &limits);
  lk_inference_set_captures (self.inference, anchors);
  lk_inference_set_model (self.inference, model_name);
  self.camera = camera = lk_camera_new (&options);
  signals[0] = g_unix_signal_add (SIGINT, on_interrupt, &self);
  signals[1] = g_unix_signal_add (SIGTERM, on_interrupt, &self);

  g_main_loop_run (loop);
  lk_camera_stop (camera);

  print_summary (&self);
  if (self.status == LK_EXIT_OK && self.n_accepted == 0)
    self.status = LK_EXIT_NO_MATCH;
  g_source_remove (signals[0]);
  g_source_remove (signals[1]);
  lk_inference_free (self.inference);
  lk_mailbox_free (self.states);
  g_array_unref (self.latency_us);
  g_array_unref (self.work_us);
  return self.status;
}
