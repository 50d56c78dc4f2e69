/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAX_THREADS 64

typedef struct
{
  LkPool *pool;
  int index; /* 1 .. n_threads-1; 0 is the caller */
  pthread_t thread;
} Helper;

struct _LkPool
{
  int n_threads;
  int nice;
  Helper helpers[MAX_THREADS];

  pthread_mutex_t lock; /* guards everything below but next */
  pthread_cond_t wake;  /* a new loop, or the end */
  pthread_cond_t idle;  /* the last helper has left the loop */
  unsigned loop;        /* counts the loops */
  int n_busy;           /* helpers that have not left the loop */
  int stop;
  LkPoolFunc func;
  void *data;
  int n, grain;
  atomic_int next; /* first iteration nobody has taken */
};

static void
take_turns (LkPool *self, int thread)
{
  for (;;)
    {
      int begin = atomic_fetch_add (&self->next, self->grain), end = begin + self->grain;

      if (begin >= self->n)
        return;
      self->func (begin, end < self->n ? end : self->n, thread, self->data);
    }
}

static void *
run (void *user_data)
{
  Helper *helper = user_data;
  LkPool *self = helper->pool;
  unsigned seen = 0;

  if (self->nice != 0)
    setpriority (PRIO_PROCESS, (id_t) syscall (SYS_gettid), self->nice);

  pthread_mutex_lock (&self->lock);
  for (;;)
    {
      while (self->loop == seen && !self->stop)
        pthread_cond_wait (&self->wake, &self->lock);
      if (self->stop)
        break;
      seen = self->loop;
      pthread_mutex_unlock (&self->lock);

      take_turns (self, helper->index);

      pthread_mutex_lock (&self->lock);
      if (--self->n_busy == 0)
        pthread_cond_signal (&self->idle);
    }
  pthread_mutex_unlock (&self->lock);
  return NULL;
}

LkPool *
lk_pool_new (int n_threads, int nice)
{
  LkPool *self;

  if (n_threads <= 0)
    {
      cpu_set_t set;

      CPU_ZERO (&set);
      n_threads = sched_getaffinity (0, sizeof set, &set) == 0 ? CPU_COUNT (&set) : 1;
    }
  if (n_threads > MAX_THREADS)
    n_threads = MAX_THREADS;
  if (n_threads < 2)
    return NULL;

  self = calloc (1, sizeof *self);
  if (self == NULL)
    return NULL;
  self->nice = nice;
  pthread_mutex_init (&self->lock, NULL);
  pthread_cond_init (&self->wake, NULL);
  pthread_cond_init (&self->idle, NULL);

  for (self->n_threads = 1; self->n_threads < n_threads; self->n_threads++)
    {
      Helper *helper = &self->helpers[self->n_threads];

      helper->pool = self;
      helper->index = self->n_threads;
      if (pthread_create (&helper->thread, NULL, run, helper) != 0)
        break;
    }
  return self;
}

void
lk_pool_free (LkPool *self)
{
  if (self == NULL)
    return;

  pthread_mutex_lock (&self->lock);
  self->stop = 1;
  pthread_cond_broadcast (&self->wake);
  pthread_mutex_unlock (&self->lock);
  for (int i = 1; i < self->n_threads; i++)
    pthread_join (self->helpers[i].thread, NULL);
  pthread_cond_destroy (&self->idle);
  pthread_cond_destroy (&self->wake);
  pthread_mutex_destroy (&self->lock);
  free (self);
}

int
lk_pool_get_n_threads (const LkPool *self)
{
  return self != NULL ? self->n_threads : 1;
}

void
lk_pool_run (LkPool *self, int n, int grain, LkPoolFunc func, void *data)
{
  if (n <= 0)
    return;
  if (self == NULL || self->n_threads < 2 || n <= grain)
    {
      func (0, n, 0, data);
      return;
    }

  pthread_mutex_lock (&self->lock);
  self->func = func;
  self->data = data;
  self->n = n;
  self->grain = grain;
  atomic_store (&self->next, 0);
  self->n_busy = self->n_threads - 1;
  self->loop++;
  pthread_cond_broadcast (&self->wake);
  pthread_mutex_unlock (&self->lock);

  take_turns (self, 0);

  pthread_mutex_lock (&self->lock);
  while (self->n_busy > 0)
    pthread_cond_wait (&self->idle, &self->lock);
  pthread_mutex_unlock (&self->lock);
}
