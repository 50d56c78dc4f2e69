/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/lk-sitting.h"
#include "app/lk-unlock.h"
#include "base/lk-error.h"
#include "lk-command.h"
#include "lk-service-xml.h"

#include <gio/gio.h>
#include <glib-unix.h>
#include <glib/gi18n.h>
#include <stdio.h>

#define NAME       "app.likeness.Likeness1"
#define PATH       "/app/likeness/Likeness1"
#define IDLE_S     30 /* without a call it ends: the bus starts it again */
#define MAX_WAIT_S 3600
#define MAX_COUNT  1000

typedef struct
{
  GMainLoop *loop;
  GDBusConnection *bus;
  LkSitting *sitting; /* (nullable) */
  gboolean enrols;
  char *caller; /* (nullable): whose sitting it is */
  guint watch;  /* of the caller */
  guint idle;
  guint ending; /* the sitting is freed from the main loop */
  const char *camera, *model;
  double threshold;
  LkFaceRule rule;
  int idle_s;
  int n_captured;
  int status;
} Service;

static gboolean
on_idle (gpointer data)
{
  Service *self = data;

  self->idle = 0;
  g_main_loop_quit (self->loop);
  return G_SOURCE_REMOVE;
}

static void
rest (Service *self)
{
  g_clear_handle_id (&self->idle, g_source_remove);
  if (self->sitting == NULL && self->idle_s > 0)
    self->idle = g_timeout_add_seconds ((guint) self->idle_s, on_idle, self);
}

static void
tell_busy (Service *self, gboolean busy)
{
  GVariantBuilder changed;

  g_variant_builder_init (&changed, G_VARIANT_TYPE ("a{sv}"));
  g_variant_builder_add (&changed, "{sv}", "Busy", g_variant_new_boolean (busy));
  g_dbus_connection_emit_signal (self->bus, NULL, PATH, "org.freedesktop.DBus.Properties",
                                 "PropertiesChanged",
                                 g_variant_new ("(sa{sv}as)", NAME, &changed, NULL), NULL);
}

static void
stop (Service *self)
{
  g_clear_handle_id (&self->ending, g_source_remove);
  g_clear_handle_id (&self->watch, g_bus_unwatch_name);
  g_clear_pointer (&self->caller, g_free);
  if (self->sitting != NULL)
    tell_busy (self, FALSE);
  g_clear_pointer (&self->sitting, lk_sitting_free);
  rest (self);
}

static gboolean
on_ending (gpointer data)
{
  Service *self = data;

  self->ending = 0;
  stop (self);
  return G_SOURCE_REMOVE;
}

/* To the caller alone: who sits before the camera is nobody else's business. */
static void
emit (Service *self, const char *result, gboolean done, double score, const char *sentence)
{
  GVariant *words = self->enrols
                        ? g_variant_new ("(sbus)", result, done, (guint) self->n_captured, sentence)
                        : g_variant_new ("(sbds)", result, done, score, sentence);

  g_dbus_connection_emit_signal (self->bus, self->caller, PATH, NAME,
                                 self->enrols ? "EnrolStatus" : "VerifyStatus", words, NULL);
}

static void
on_stage (const char *stage, const char *sentence, int n_done, gpointer data)
{
  Service *self = data;

  self->n_captured = n_done;
  emit (self, stage, FALSE, -1, sentence);
}

static void
on_done (LkSittingEnd end, double score, const char *sentence, const GError *error, gpointer data)
{
  static const struct
  {
    const char *verify, *enrol;
  } ends[] = {
    [LK_SITTING_MATCH] = { "verify-match", "" },
    [LK_SITTING_NO_MATCH] = { "verify-no-match", "" },
    [LK_SITTING_TIMED_OUT] = { "verify-timed-out", "enrol-timed-out" },
    [LK_SITTING_ENROLLED] = { "", "enrol-completed" },
    [LK_SITTING_DUPLICATE] = { "", "enrol-duplicate" },
    [LK_SITTING_FAILED] = { "verify-error", "enrol-error" },
  };
  Service *self = data;

  emit (self, self->enrols ? ends[end].enrol : ends[end].verify, TRUE, score, sentence);
  self->ending = g_idle_add (on_ending, self);
}

static void
on_caller_gone (GDBusConnection *bus, const char *name, gpointer data)
{
  stop (data);
}

static GVariant *
list (GError **error)
{
  g_autoptr (LkStore) store = lk_store_open (NULL, error);
  g_autoptr (GPtrArray) people = store != NULL ? lk_store_list_people (store, error) : NULL;
  GVariantBuilder rows;

  if (people == NULL)
    return NULL;
  g_variant_builder_init (&rows, G_VARIANT_TYPE ("a(suuu)"));
  for (guint i = 0; i < people->len; i++)
    {
      const LkPerson *person = people->pdata[i];

      g_variant_builder_add (&rows, "(suuu)", person->name, (guint) person->n[0],
                             (guint) person->n[1], (guint) person->n[2]);
    }
  return g_variant_new ("(a(suuu))", &rows);
}

static gboolean
begin (Service *self, const char *caller, LkSittingOptions options, guint n_wanted, guint timeout_s,
       GError **error)
{
  options.n_wanted = (int) n_wanted;
  options.timeout_s = (int) timeout_s;
  options.camera = self->camera;
  options.model = self->model;
  options.threshold = self->threshold;
  options.rule = self->rule;

  if (self->sitting != NULL)
    g_set_error (error, LK_ERROR, LK_ERROR_STORE_BUSY,
                 _("Somebody sits before the camera already. Wait for the end and try again."));
  else if (timeout_s < 1 || timeout_s > MAX_WAIT_S || n_wanted > MAX_COUNT)
    g_set_error (error, LK_ERROR, LK_ERROR_RANGE, _("A number is out of its range."));
  else
    {
      self->enrols = n_wanted > 0;
      self->n_captured = 0;
      self->sitting = lk_sitting_new (&options, on_stage, on_done, self, error);
    }
  if (error != NULL && *error != NULL)
    return FALSE;
  self->caller = g_strdup (caller);
  self->watch = g_bus_watch_name_on_connection (self->bus, caller, G_BUS_NAME_WATCHER_FLAGS_NONE,
                                                NULL, on_caller_gone, self, NULL);
  tell_busy (self, TRUE);
  return TRUE;
}

static void
return_error (GDBusMethodInvocation *call, const GError *error)
{
  static const struct
  {
    LkError code;
    const char *name;
  } names[] = {
    { LK_ERROR_STORE_BUSY, NAME ".Error.Busy" },  { LK_ERROR_NO_DATA, NAME ".Error.NoSuchPerson" },
    { LK_ERROR_LOCKED, NAME ".Error.Locked" },    { LK_ERROR_LOCKED_OUT, NAME ".Error.LockedOut" },
    { LK_ERROR_RANGE, NAME ".Error.OutOfRange" },
  };
  const char *name = NAME ".Error.Failed";

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_error_matches (error, LK_ERROR, (int) names[i].code))
      name = names[i].name;
  g_dbus_method_invocation_return_dbus_error (call, name, error->message);
}

static void
on_call (GDBusConnection *bus, const char *sender, const char *path, const char *interface,
         const char *method, GVariant *args, GDBusMethodInvocation *call, gpointer data)
{
  Service *self = data;
  g_autoptr (GError) error = NULL;
  LkSittingOptions options = { 0 };
  guint n, timeout_s;
  GVariant *answer = NULL;

  if (g_str_equal (method, "List"))
    answer = list (&error);
  else if (g_str_equal (method, "Verify") || g_str_equal (method, "VerifyLiving"))
    {
      g_variant_get (args, "(&su)", &options.person, &timeout_s);
      options.liveness = g_str_equal (method, "VerifyLiving");
      begin (self, sender, options, 0, timeout_s, &error);
    }
  else if (g_str_equal (method, "Enrol"))
    {
      g_variant_get (args, "(&suub)", &options.person, &n, &timeout_s, &options.is_anyway);
      if (n == 0)
        g_set_error (&error, LK_ERROR, LK_ERROR_RANGE, _("A number is out of its range."));
      else
        begin (self, sender, options, n, timeout_s, &error);
    }
  else if (self->caller != NULL && g_str_equal (self->caller, sender))
    stop (self);
  rest (self);
  if (error != NULL)
    return_error (call, error);
  else
    g_dbus_method_invocation_return_value (call, answer);
}

static GVariant *
on_get (GDBusConnection *bus, const char *sender, const char *path, const char *interface,
        const char *property, GError **error, gpointer data)
{
  return g_variant_new_boolean (((Service *) data)->sitting != NULL);
}

static void
on_lost (GDBusConnection *bus, const char *name, gpointer data)
{
  Service *self = data;

  fprintf (stderr, "likeness: %s\n",
           bus == NULL ? _("There is no session bus here.")
                       : _("Another Likeness serves on this bus already."));
  self->status = LK_EXIT_ERROR;
  g_main_loop_quit (self->loop);
}

static void
on_bus (GDBusConnection *bus, const char *name, gpointer data)
{
  static const GDBusInterfaceVTable vtable = { .method_call = on_call, .get_property = on_get };
  g_autoptr (GDBusNodeInfo) info = g_dbus_node_info_new_for_xml (lk_service_xml, NULL);
  Service *self = data;

  g_set_object (&self->bus, bus);
  g_dbus_connection_register_object (bus, PATH, info->interfaces[0], &vtable, self, NULL, NULL);
}

static gboolean
on_interrupt (gpointer data)
{
  g_main_loop_quit (((Service *) data)->loop);
  return G_SOURCE_CONTINUE;
}

int
lk_command_service (int argc, char *argv[])
{
  g_autofree char *camera = NULL, *model = NULL, *crop = NULL;
  Service self = { .threshold = -1, .idle_s = IDLE_S };
  const GOptionEntry options[] = {
    /* clang-format off */
    { "camera", 0, 0, G_OPTION_ARG_STRING, &camera, N_("A device, or files:PATH"), N_("SOURCE") },
    { "model", 'm', 0, G_OPTION_ARG_STRING, &model, N_("Model to use (name or file)"), N_("MODEL") },
    { "threshold", 't', 0, G_OPTION_ARG_DOUBLE, &self.threshold, N_("Detection threshold (default: as set in the window)"), N_("0..1") },
    { "crop", 'c', 0, G_OPTION_ARG_STRING, &crop, N_("Where the face is: auto, guide (middle of the picture) or whole"), N_("WAY") },
    { "idle", 0, 0, G_OPTION_ARG_INT, &self.idle_s, N_("Seconds without a call until it ends (default 30; 0: never)"), N_("S") },
    { NULL },
              /* clang-format on */
            };
  g_autoptr (GError) error = NULL;
  guint name, interrupt;
  int status = lk_command_parse (
      &argc, &argv, options, "",
      _("Serves other programs on the session bus, as "
                                   "app.likeness.Likeness1. The bus starts it when it is needed."));

  if (status >= 0)
    return status;
  if (argc != 1)
    return lk_command_fail_usage (_("service takes options only."));
  if (!lk_command_parse_crop (crop, &self.rule, &error))
    return lk_command_fail (error);
  lk_unlock_begin_window (); /* there is no terminal to ask on */
  self.camera = camera;
  self.model = model;
  self.loop = g_main_loop_new (NULL, FALSE);
  name = g_bus_own_name (G_BUS_TYPE_SESSION, NAME, G_BUS_NAME_OWNER_FLAGS_DO_NOT_QUEUE, on_bus,
                         NULL, on_lost, &self, NULL);
  interrupt = g_unix_signal_add (SIGTERM, on_interrupt, &self);
  rest (&self);
  g_main_loop_run (self.loop);

  self.idle_s = 0;
  if (self.bus != NULL)
    stop (&self);
  g_clear_handle_id (&self.idle, g_source_remove);
  g_source_remove (interrupt);
  g_bus_unown_name (name);
  g_clear_object (&self.bus);
  g_main_loop_unref (self.loop);
  return self.status;
}
