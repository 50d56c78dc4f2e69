/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/lk-models.h"
#include "app/lk-settings.h"
#include "base/lk-cpu.h"
#include "base/lk-error.h"
#include "base/lk-secret.h"
#include "camera/lk-camera-list.h"
#include "face/lk-detector.h"
#include "lk-command.h"
#include "store/lk-keys.h"
#include "store/lk-paths.h"
#include "verify/lk-cohort.h"

#include <errno.h>
#include <ftw.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Locked memory that the anchors of several people take. */
#define WANTED_LOCK (4 << 20)

/* A picture that a face some way off has enough pixels in, and a rate that a verdict follows. */
#define WANTED_WIDTH  640
#define WANTED_HEIGHT 480
#define WANTED_FPS    15

#define MAX_OPEN_FOLDERS 16 /* nftw() */

typedef enum
{
  GOOD,
  NOTE, /* works, and could be better */
  BAD,
} Grade;

typedef struct
{
  gboolean json;
  Grade worst;
} Doctor;

/* @advice: (nullable): what to do */
static void
tell (Doctor *self, const char *what, Grade grade, const char *finding, const char *advice)
{
  static const char *const grades[] = { "good", "note", "bad" };

  self->worst = MAX (self->worst, grade);
  if (self->json)
    {
      g_autoptr (JsonBuilder) builder = json_builder_new ();

      json_builder_begin_object (builder);
      json_builder_set_member_name (builder, "check");
      json_builder_add_string_value (builder, what);
      json_builder_set_member_name (builder, "grade");
      json_builder_add_string_value (builder, grades[grade]);
      json_builder_set_member_name (builder, "finding");
      json_builder_add_string_value (builder, finding);
      if (advice != NULL)
        {
          json_builder_set_member_name (builder, "advice");
          json_builder_add_string_value (builder, advice);
        }
      json_builder_end_object (builder);
      lk_command_print_json (builder);
      return;
    }
  printf ("%s %-11s %s\n", grade == GOOD ? "✓" : grade == NOTE ? "–" : "✗", what, finding);
  if (advice != NULL)
    printf ("              → %s\n", advice);
}

/* What a camera sends.  Of one that may not be opened, or is in use, nothing is known. */
static void
check_formats (Doctor *self, const LkCameraDevice *device)
{
  g_autofree char *words = NULL;
  gboolean is_enough = FALSE;

  if (device->modes == NULL || device->modes->len == 0)
    return;
  words = lk_camera_modes_to_string (device->modes);
  for (guint i = 0; i < device->modes->len; i++)
    {
      const LkCameraMode *mode = &g_array_index (device->modes, LkCameraMode, i);

      is_enough |= mode->width >= WANTED_WIDTH && mode->height >= WANTED_HEIGHT &&
                   (mode->max_fps <= 0 || mode->max_fps >= WANTED_FPS);
    }
  tell (self, "formats", is_enough ? GOOD : NOTE, words,
        is_enough ? NULL
                  : _("That is small or slow: sit close and expect to wait, or use another "
                      "camera."));
}

static void
check_cameras (Doctor *self)
{
  g_autoptr (GPtrArray) devices = lk_camera_list ();

  if (devices->len == 0)
    tell (self, "camera", BAD,
          _("No camera was found."), _("Plug one in; or try without: --camera files:FOLDER."));
  for (guint i = 0; i < devices->len; i++)
    {
      const LkCameraDevice *device = devices->pdata[i];
      gboolean allowed = access (device->node, R_OK | W_OK) == 0;
      g_autofree char *finding = g_strdup_printf ("%s (%s)", device->name, device->node);

      tell (self, "camera", allowed ? GOOD : BAD, finding,
            allowed ? NULL
                    : _("You may not open it. Join the group “video”: sudo usermod -aG video "
                           "$USER, then log in again."));
      check_formats (self, device);
    }
}

static void
check_cpu (Doctor *self)
{
  LkCpuLevel level = lk_cpu_get_level ();
  g_autofree char *finding = g_strdup_printf (_("%s, %d threads"), lk_cpu_level_to_string (level),
                                                 (int) g_get_num_processors ());

  tell (self, "processor", level == LK_CPU_PORTABLE ? NOTE : GOOD, finding,
        level == LK_CPU_PORTABLE ? _("Without AVX2 everything works, some ten times slower.")
                                 : NULL);
}

/* The strangers that a person's own false matches are measured on. */
static void
check_cohort (Doctor *self, LkModel *model)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LkCohort) cohort = lk_cohort_load (model, &error);
  g_autofree char *finding = NULL;
  gboolean is_missing = g_error_matches (error, LK_ERROR, LK_ERROR_NO_DATA);

  if (cohort != NULL)
    finding = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%d stranger to compare with",
                                            "%d strangers to compare with", cohort->n),
                               cohort->n);
  tell (self, "cohort",
        cohort != NULL ? GOOD
        : is_missing   ? NOTE
                       : BAD,
        cohort != NULL ? finding : error->message,
        cohort != NULL ? NULL
                       : is_missing
            ? _("Without it the model cannot be adapted to a person, and verifies as well.")
            : _("Until then the model verifies without it: delete the file, or make it anew."));
}

static void
check_model (Doctor *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *name = lk_models_get_in_use (&error), *finding = NULL;
  g_autoptr (LkModel) model = name != NULL ? lk_model_load (name, &error) : NULL;

  if (model == NULL)
    {
      tell (self, "model", BAD, error->message,
            name == NULL ? NULL /* the sentence says it */
                         : _("Choose another one in the Train tab, or delete this file and train "
                             "again; if it came with the program, install that again."));
      return;
    }
  finding = g_strdup_printf (_("“%s”, threshold %.2f"), lk_model_get_name (model),
                                lk_model_get_threshold (model));
  tell (self, "model", lk_model_is_trained (model) ? GOOD : BAD, finding,
        lk_model_is_trained (model) ? NULL
                                    : _("It was never trained. Train one: “likeness train”."));
  check_cohort (self, model);
}

static void
check_detector (Doctor *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LkDetector) detector = lk_detector_new (NULL, LK_DETECTOR_SIDE, &error);

  tell (self, "detector", detector != NULL ? GOOD : BAD,
        detector != NULL
        ? _("finds faces and their points") : error->message,
             detector != NULL
                 ? NULL
                 : _("Install the program again. Until then a face can be held into the "
                             "frame: switch finding it off in Preferences, or “--crop guide”."));
}

static __thread guint n_loose; /* nftw() takes no argument for its function */

static int
count_loose (const char *path, const struct stat *info, int type, struct FTW *where)
{
  if ((type == FTW_F || type == FTW_D || type == FTW_DNR) && (info->st_mode & 077) != 0)
    n_loose++;
  return 0;
}

/* Before the store is opened: that mends what it finds, as every start does. */
static void
check_permissions (Doctor *self)
{
  const char *const roots[] = { lk_paths_user (NULL, NULL),
                                g_build_filename (g_get_user_config_dir (), "likeness", NULL) };
  g_autofree char *advice = NULL, *finding = NULL;

  n_loose = 0;
  for (gsize i = 0; i < G_N_ELEMENTS (roots); i++)
    nftw (roots[i], count_loose, MAX_OPEN_FOLDERS, FTW_PHYS);
  if (n_loose == 0)
    tell (self, "permissions", GOOD, _("what is kept is readable by you alone"), NULL);
  else
    {
      finding = g_strdup_printf (
          g_dngettext (GETTEXT_PACKAGE, "Other users could read or change %u file or folder.",
                       "Other users could read or change %u files and folders.", n_loose),
          n_loose);
      advice = g_strdup_printf (_("Each start mends what it may. What is told of again: chmod -R "
                                  "go-rwx “%s” “%s”"),
                                   roots[0], roots[1]);
      tell (self, "permissions", NOTE, finding, advice);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (roots); i++)
    g_free ((char *) roots[i]);
}

/* By itself first: what is told of it once is then told in its line. */
static void
check_database (Doctor *self, const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *notice = NULL;
  g_autoptr (LkDatabase) database = lk_database_open (folder, &notice, &error);

  if (database == NULL)
    tell (self, "database", BAD, error->message,
          g_error_matches (error, LK_ERROR, LK_ERROR_STORE_BUSY) ||
                  g_error_matches (error, LK_ERROR, LK_ERROR_FORMAT)
              ? NULL /* the sentence says it */
              : _("People are verified without it, and nothing is remembered of how well. Look "
                  "at the folder’s space and permissions."));
  else
    tell (self, "database", notice != NULL ? NOTE : GOOD,
          notice != NULL                     ? notice
                                             : _("sound"),
                              notice != NULL ? _("Nothing else is to be done: this is told once.")
                                             : NULL);
}

static void
check_store (Doctor *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LkStore) store = NULL;
  g_autoptr (GPtrArray) people = NULL;
  g_autofree char *finding = NULL, *folder = lk_paths_user (NULL, NULL);
  int n_plain;

  if (lk_paths_make_folder (folder, NULL))
    check_database (self, folder);
  store = lk_store_open (NULL, &error);
  if (store == NULL || (people = lk_store_list_people (store, &error)) == NULL)
    {
      g_autofree char *advice = g_strdup_printf (
          _("Look whether “%s” is yours, can be written and is on a disk with space: ls -ld, df."),
             folder);

      tell (self, "store", BAD, error->message, advice);
      return;
    }
  finding = g_strdup_printf (_("%u people in %s"), people->len, folder);
  tell (self, "store", GOOD, finding,
        people->len == 0 ? _("Enrol somebody: “likeness enrol NAME”, or the window.") : NULL);
  n_plain = lk_store_count_plain (store, NULL);
  if (n_plain > 0)
    {
      g_autofree char *plain = g_strdup_printf (_("%d pictures are not encrypted."), n_plain);

      tell (self, "pictures", BAD, plain, _("Run “likeness key encrypt”, or open the window."));
    }
}

static void
check_key (Doctor *self)
{
  g_autoptr (GError) error = NULL, no_keyring = NULL;
  gboolean keyring = lk_keys_has_keyring (&no_keyring);
  LkKeyPlace place;

  tell (self, "keyring", keyring ? GOOD : NOTE,
        keyring
        ? _("answers")
        : _("There is none that answers."),
             keyring ? NULL
                     : _("Install gnome-keyring or KWallet, or use a passphrase: “likeness key "
                       "passphrase”."));
  if (!lk_keys_get_place (NULL, &place, &error))
    tell (self, "key", BAD, error->message,
          _("Bring it back from a back-up: “likeness key restore FILE”. Without one: “likeness "
            "key reset” puts the pictures aside, and you enrol anew."));
  else if (place == LK_KEY_FILE)
    tell (self, "key", NOTE,
          _("in a file: whoever can read it can read the pictures"),
             _("“likeness key keyring” or “likeness key passphrase” puts it away."));
  else if (place == LK_KEY_NONE)
    tell (self, "key", NOTE, _("none yet: the first picture makes one"), NULL);
  else
    tell (self, "key", GOOD,
          place == LK_KEY_KEYRING
          ? _("in the keyring")
          : _("behind a passphrase"), _("Back it up once: “likeness key back-up FILE”."));
}

static void
check_memory (Doctor *self)
{
  int code = lk_secret_test_lock (WANTED_LOCK);

  tell (self, "memory", code == 0 ? GOOD : NOTE,
        code == 0
        ? _("templates are kept out of swap")
        : _("The system allows too little locked memory: templates may be swapped out."),
             code == 0 ? NULL
                       : _("Raise “memlock” in /etc/security/limits.conf, or encrypt the swap."));
}

static void
check_display (Doctor *self)
{
  gboolean display = g_getenv ("WAYLAND_DISPLAY") != NULL || g_getenv ("DISPLAY") != NULL;

  tell (self, "display", display ? GOOD : NOTE,
        display ? _("there is one for the window")
                : _("None here: commands work, the window does not."),
                     display ? NULL : _("Start it from a desktop; over ssh: ssh -X."));
}

int
lk_command_doctor (int argc, char *argv[])
{
  Doctor self = { 0 };
  const GOptionEntry options[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &self.json, N_("Print one JSON object a line"), NULL },
      { NULL },
  };
  int status = lk_command_parse (&argc, &argv, options, "",
                                 _("Looks at everything that Likeness needs, and says what to do "
                                   "about what is wrong. Exit status: 0 all is well, 1 something "
                                   "is wrong, 2 error."));

  if (status >= 0)
    return status;
  if (argc != 1)
    return lk_command_fail_usage (_("doctor takes options only."));
  check_cameras (&self);
  check_cpu (&self);
  check_model (&self);
  check_detector (&self);
  check_permissions (&self);
  check_store (&self);
  check_key (&self);
  check_memory (&self);
  check_display (&self);
  return self.worst == BAD ? LK_EXIT_NO_MATCH : LK_EXIT_OK;
}
