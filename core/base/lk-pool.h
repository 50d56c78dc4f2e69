/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * A few threads that share out the iterations of one loop at a time.
 *
 * A pool belongs to one calling thread: two threads that compute at once have a
 * pool each (the live view's and the trainer's, which differ in priority).
 * Everywhere a pool is asked for, NULL means: on the calling thread alone.
 */
typedef struct _LkPool LkPool;

/* Works on iterations begin .. end-1; @thread is 0 .. n_threads-1, unique among
 * the calls that run at the same time. */
typedef void (*LkPoolFunc) (int begin, int end, int thread, void *data);

/**
 * lk_pool_new:
 * @n_threads: threads in all, the caller's own among them; 0 for one a core
 *   that this process may run on
 * @nice: 0, or a niceness for the pool's own threads (never the caller's)
 *
 * Returns: the pool, or NULL when no thread could be started (work then runs
 *   on the caller, which is what NULL means)
 */
LkPool *lk_pool_new (int n_threads, int nice);

/* Joins the threads.  Accepts NULL. */
void lk_pool_free (LkPool *self);

/* Threads in all; 1 for NULL. */
int lk_pool_get_n_threads (const LkPool *self);

/**
 * lk_pool_run:
 * @n: number of iterations, may be 0
 * @grain: iterations that are never split, at least 1
 *
 * Calls @func until every iteration has been done once, and returns then.  The
 * split is dynamic; a result must not depend on it.  No call from within @func.
 */
void lk_pool_run (LkPool *self, int n, int grain, LkPoolFunc func, void *data);
