/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "face/lk-finder.h"
#include "model/lk-model.h"
#include "store/lk-store.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/*
 * The command line: one file a command.  Each takes the arguments that follow its name
 * (argv[0] is "likeness NAME") and returns the program's exit status.
 */

/* Exit statuses, the same for every command. */
enum
{
  LK_EXIT_OK = 0,        /* a match, or success */
  LK_EXIT_NO_MATCH = 1,  /* everything worked, and the answer is no */
  LK_EXIT_ERROR = 2,     /* wrong usage or input, or something failed */
  LK_EXIT_TIMED_OUT = 3, /* unlock: nobody was there to be checked */
};

int lk_command_bench (int argc, char *argv[]);
int lk_command_calibrate (int argc, char *argv[]);
int lk_command_demo (int argc, char *argv[]);
int lk_command_detect (int argc, char *argv[]);
int lk_command_embed (int argc, char *argv[]);
int lk_command_enrol (int argc, char *argv[]);
int lk_command_evaluate (int argc, char *argv[]);
int lk_command_key (int argc, char *argv[]);
int lk_command_doctor (int argc, char *argv[]);
int lk_command_people (int argc, char *argv[]);
int lk_command_service (int argc, char *argv[]);
int lk_command_unlock (int argc, char *argv[]);
int lk_command_summary (int argc, char *argv[]);
int lk_command_train (int argc, char *argv[]);
int lk_command_verify (int argc, char *argv[]);
int lk_command_watch (int argc, char *argv[]);

/* The command of that name, or NULL. */
typedef int (*LkCommandFunc) (int argc, char *argv[]);
LkCommandFunc lk_command_find (const char *name);

/* (transfer full): the list of commands, a line each */
char *lk_command_list (void);

/**
 * lk_command_parse:
 * @usage: what follows the name in the usage line ("A B")
 * @about: a paragraph for --help
 *
 * Parses @options; prints help or what is wrong.
 *
 * Returns: -1 to go on, otherwise the exit status
 */
int lk_command_parse (int *argc, char ***argv, const GOptionEntry *options, const char *usage,
                      const char *about);

/* Prints "likeness: MESSAGE" to standard error. Returns: LK_EXIT_ERROR */
int lk_command_fail (const GError *error);
int lk_command_fail_usage (const char *format, ...) G_GNUC_PRINTF (1, 2);

/* Loads the model of that name, or the one in use for NULL; warns on standard error when
 * it has never been trained. */
LkModel *lk_command_load_model (const char *name, GError **error);

/* Opens the user's store; says on standard error what it has to tell. */
LkStore *lk_command_open_store (GError **error);

/* "auto", "detect", "guide" or "whole"; NULL is auto. */
gboolean lk_command_parse_crop (const char *text, LkFaceRule *rule, GError **error);

/* What --crop says in its help. */
#define LK_COMMAND_CROP_HELP                                                                       \
  N_ ("Where the face is: auto (found, unless the picture is a small square), detect, guide " \
      "(middle of the picture) or whole")

/* Loads a picture and takes the face from it, as lk_finder_extract(). */
LkImage *lk_command_load_face (LkFinder *finder, const char *path, LkFaceRule rule, GError **error);

/* Prints the object as one line and frees the builder's root. */
void lk_command_print_json (JsonBuilder *builder);

G_END_DECLS
