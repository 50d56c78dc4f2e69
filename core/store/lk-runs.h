/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-database.h"

G_BEGIN_DECLS

/*
 * Training runs: what was asked for (options), how it went (curves of points), how good
 * the result is (figures).  Names of options, figures and curves are the caller's.
 *
 *     run = lk_run_new ("Ada, long", "siamese");
 *     lk_run_set_option (run, "epochs", "30");
 *     lk_database_add_run (db, run, &error);          // sets run->id
 *     lk_database_add_points (db, run->id, step, names, values, n, &error);   // often
 *     lk_run_set_figure (run, "test eer", 0.04);
 *     run->state = LK_RUN_FINISHED;
 *     lk_database_update_run (db, run, &error);
 *
 * A run whose process is gone becomes LK_RUN_INTERRUPTED when the database is next
 * opened by somebody alone.  Errors as of lk_database_open(); writing one point set is one
 * transaction of some milliseconds: not more than a few a second.
 */
typedef enum
{
  LK_RUN_RUNNING,
  LK_RUN_FINISHED,
  LK_RUN_STOPPED, /* by the person, with a model */
  LK_RUN_FAILED,
  LK_RUN_INTERRUPTED,
} LkRunState;

/* "running", "finished", "stopped", "failed", "interrupted" */
const char *lk_run_state_to_string (LkRunState state);

typedef struct
{
  gint64 id;     /* 0 until lk_database_add_run() */
  char *name;    /* (owned): for people; need not be unique */
  char *network; /* (owned) */
  LkRunState state;
  gint64 began;        /* Unix time, s */
  gint64 ended;        /* 0 while it is running; lk_database_update_run() fills it in */
  char *model;         /* (owned) (nullable): name of the model it wrote */
  GHashTable *options; /* (owned): char * -> char * */
  GHashTable *figures; /* (owned): char * -> double * */
} LkRun;

typedef struct
{
  gint64 step;
  double value;
} LkRunPoint;

/* @name, @network: copied.  Running, begun now. */
LkRun *lk_run_new (const char *name, const char *network);
void lk_run_free (LkRun *self); /* accepts NULL */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkRun, lk_run_free)

void lk_run_set_option (LkRun *self, const char *name, const char *value);
/* A value that is not finite removes the figure. */
void lk_run_set_figure (LkRun *self, const char *name, double value);
const char *lk_run_get_option (const LkRun *self, const char *name); /* (nullable) */
/* Returns: FALSE, and @value untouched, where there is no such figure */
gboolean lk_run_get_figure (const LkRun *self, const char *name, double *value);

/* Stores a new run and sets its id. */
gboolean lk_database_add_run (LkDatabase *self, LkRun *run, GError **error);
/* Stores everything of the run anew but its name and its points. */
gboolean lk_database_update_run (LkDatabase *self, LkRun *run, GError **error);
/* One point on each of @n curves; values that are not finite are left out.  Points that are there
 * from that step on go: the run went back to its checkpoint. */
gboolean lk_database_add_points (LkDatabase *self, gint64 run, gint64 step,
                                 const char *const names[], const double values[], int n,
                                 GError **error);

/* (transfer full) (element-type LkRun): the newest first */
GPtrArray *lk_database_list_runs (LkDatabase *self, GError **error);
/* (transfer full) (element-type LkRunPoint): a curve, by step */
GArray *lk_database_list_points (LkDatabase *self, gint64 run, const char *name, GError **error);
/* (transfer full) (element-type utf8): the names of a run's curves, sorted */
GPtrArray *lk_database_list_curves (LkDatabase *self, gint64 run, GError **error);

/* Both have %LK_ERROR_NO_DATA when there is no such run (any more).  Deleting leaves the
 * model's file alone. */
gboolean lk_database_rename_run (LkDatabase *self, gint64 run, const char *name, GError **error);
gboolean lk_database_delete_run (LkDatabase *self, gint64 run, GError **error);

G_END_DECLS
