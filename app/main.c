/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-vault.h"
#include "commands/lk-command.h"
#include "lk-application.h"
#include "lk-settings.h"
#include "lk-unlock.h"

#include <glib/gi18n.h>
#include <locale.h>
#include <stdio.h>
#include <sys/resource.h>

static void
print_help (FILE *file)
{
  g_autofree char *commands = lk_command_list ();

  fprintf (file,
           _("Likeness: face verification with your webcam, on this computer alone.\n\n"
              "  likeness                    open the window\n"
              "  likeness --camera SOURCE    the same with this camera, or files:PATH as one\n"
              "  likeness COMMAND [ARGS]     work without a window\n\n"
              "Commands (each has --help):\n%s"),
              commands);
}

/* (transfer full): where the translations are: installed, or in the build folder. */
static char *
find_locales (void)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = program != NULL ? g_path_get_dirname (program) : g_strdup (".");
  g_autofree char *built = g_build_filename (folder, "..", "resources", "po", NULL);

  return g_strdup (g_file_test (built, G_FILE_TEST_IS_DIR) ? built : LK_LOCALE_DIR);
}

/* GTK would end the process with a message of its own. */
static gboolean
has_display (void)
{
  return g_getenv ("DISPLAY") != NULL || g_getenv ("WAYLAND_DISPLAY") != NULL ||
         g_getenv ("GDK_BACKEND") != NULL;
}

static int
run_command (LkCommandFunc run, int argc, char *argv[])
{
  g_autofree char *name = g_strdup_printf ("likeness %s", argv[1]);
  g_autofree char **args = g_new0 (char *, (gsize) argc); /* argv[1] falls out: room for NULL */
  int status;

  args[0] = name;
  for (int i = 2; i < argc; i++)
    args[i - 1] = argv[i];
  g_set_prgname ("likeness");
  lk_unlock_begin_command ();
  status = run (argc - 1, args);
  lk_vault_lock ();
  lk_settings_close ();
  return status;
}

int
main (int argc, char *argv[])
{
  g_autofree char *locales = find_locales ();
  int status;

  /* A core dump would hold faces and keys. */
  setrlimit (RLIMIT_CORE, &(struct rlimit){ 0, 0 });
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, locales);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);

  if (argc > 1 && argv[1][0] != '-')
    {
      LkCommandFunc run = lk_command_find (argv[1]);

      if (run == NULL)
        {
          fprintf (stderr, _("likeness: there is no command “%s”.\n\n"), argv[1]);
          print_help (stderr);
          return LK_EXIT_ERROR;
        }
      return run_command (run, argc, argv);
    }
  if (argc > 1 && (g_str_equal (argv[1], "--help") || g_str_equal (argv[1], "-h")))
    {
      print_help (stdout);
      return LK_EXIT_OK;
    }
  if (argc > 1 && g_str_equal (argv[1], "--version"))
    {
      printf ("likeness %s\n", LK_VERSION);
      return LK_EXIT_OK;
    }
  if (!has_display ())
    {
      fprintf (stderr, _("likeness: there is no display here to open a window on. What can be run "
                          "without one:\n\n"));
      print_help (stderr);
      fprintf (stderr, _("\nFor example: likeness verify A.jpg B.jpg\n"));
      return LK_EXIT_ERROR;
    }
  {
    g_autoptr (LkApplication) application = lk_application_new ();

    lk_unlock_begin_window ();
    status = g_application_run (G_APPLICATION (application), argc, argv);
  }
  lk_settings_close ();
  return status;
}
