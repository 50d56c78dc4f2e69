/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/lk-models.h"
#include "app/lk-settings.h"
#include "base/lk-cpu.h"
#include "base/lk-error.h"
#include "base/lk-secret.h"
#include "camera/lk-camera-list.h"
#include "lk-command.h"
#include "store/lk-keys.h"
#include "store/lk-paths.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Locked memory that the anchors of several people take. */
#define WANTED_LOCK (4 << 20)

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
  printf ("%s %-10s %s\n", grade == GOOD ? "✓" : grade == NOTE ? "–" : "✗", what, finding);
  if (advice != NULL)
    printf ("             → %s\n", advice);
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
      g_autofree char *finding = g_strdup_printf (
          _("%s (%s), %u modes"), device->name, device->node,
             device->modes != NULL ? device->modes->len : 0);

      tell (self, "camera", allowed ? GOOD : BAD, finding,
            allowed ? NULL
                    : _("You may not open it. Join the group “video”: sudo usermod -aG video "
                           "$USER, then log in again."));
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

static void
check_model (Doctor *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *name = lk_models_get_in_use (&error), *finding = NULL;
  g_autoptr (LkModel) model = name != NULL ? lk_model_load (name, &error) : NULL;

  if (model == NULL)
    {
      tell (self, "model", BAD, error->message, NULL);
      return;
    }
  finding = g_strdup_printf (_("“%s”, threshold %.2f"), lk_model_get_name (model),
                                lk_model_get_threshold (model));
  tell (self, "model", lk_model_is_trained (model) ? GOOD : BAD, finding,
        lk_model_is_trained (model) ? NULL
                                    : _("It was never trained. Train one: “likeness train”."));
}

static void
check_store (Doctor *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LkStore) store = lk_store_open (NULL, &error);
  g_autoptr (GPtrArray) people = NULL;
  g_autofree char *finding = NULL, *folder = lk_paths_user (NULL, NULL);
  const char *notice;
  int n_plain;

  if (store == NULL || (people = lk_store_list_people (store, &error)) == NULL)
    {
      tell (self, "store", BAD, error->message, NULL);
      return;
    }
  notice = lk_store_get_notice (store);
  finding = g_strdup_printf (_("%u people in %s"), people->len, folder);
  tell (self, "store", GOOD, finding, NULL);
  if (lk_store_get_database (store) == NULL)
    tell (self, "database", BAD, notice, NULL);
  else
    tell (self, "database", notice != NULL ? NOTE : GOOD,
          notice != NULL ? notice : _("sound"), NULL);
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
    tell (self, "key", BAD, error->message, NULL);
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
                : _("None here: commands work, the window does not."), NULL);
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
  check_store (&self);
  check_key (&self);
  check_memory (&self);
  check_display (&self);
  return self.worst == BAD ? LK_EXIT_NO_MATCH : LK_EXIT_OK;
}
