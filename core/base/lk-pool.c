/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAX_THREADS 64

/* How often a thread looks for what it waits for before it sleeps: about 30 us, more than
 * lies between two layers and less than a sleep and a wake cost. */
#define SPINS 1000

/* The state: a loop's number, whether helpers may still join it, and how many are in it. */
#define COUNT 0xffffu
#define OPEN  0x10000u
#define LOOP  0x20000u /* one loop on */

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

  /* The loop: written by the caller while it is closed and nobody is in it. */
  LkPoolFunc func;
  void *data;
  int n, grain;

  _Alignas(64) atomic_uint state;
  _Alignas(64) atomic_int next; /* first iteration nobody has taken */

  /* Only to sleep and to wake: the state says what has happened. */
  _Alignas(64) pthread_mutex_t lock;
  pthread_cond_t wake;   /* a loop was opened, or the end */
  pthread_cond_t idle;   /* the last helper has left a closed loop */
  atomic_int n_asleep;   /* helpers */
  atomic_int is_waiting; /* the caller */
  atomic_int stop;
};

static void
relax (void)
{
#if defined(__x86_64__)
  __builtin_ia32_pause ();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

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

/* A loop other than the one last seen, which can still be joined. */
static int
is_news (unsigned state, unsigned seen)
{
  return (state & OPEN) != 0 && state / LOOP != seen;
}

/* Returns when there is news, or the end has come. */
static void
wait_for_news (LkPool *self, unsigned seen)
{
  for (int i = 0; i < SPINS; i++)
    {
      if (is_news (atomic_load (&self->state), seen) || atomic_load (&self->stop))
        return;
      relax ();
    }
  pthread_mutex_lock (&self->lock);
  atomic_fetch_add (&self->n_asleep, 1);
  while (!is_news (atomic_load (&self->state), seen) && !atomic_load (&self->stop))
    pthread_cond_wait (&self->wake, &self->lock);
  atomic_fetch_sub (&self->n_asleep, 1);
  pthread_mutex_unlock (&self->lock);
}

static void *
run (void *user_data)
{
  Helper *helper = user_data;
  LkPool *self = helper->pool;
  unsigned seen = 0;

  if (self->nice != 0)
    setpriority (PRIO_PROCESS, (id_t) syscall (SYS_gettid), self->nice);

  for (;;)
    {
      unsigned state;

      wait_for_news (self, seen);
      if (atomic_load (&self->stop))
        return NULL;

      /* A helper that comes too late stays out: the caller does not wait for it. */
      state = atomic_load (&self->state);
      if (!is_news (state, seen) || !atomic_compare_exchange_weak (&self->state, &state, state + 1))
        continue;
      seen = state / LOOP;
      take_turns (self, helper->index);

      state = atomic_fetch_sub (&self->state, 1) - 1;
      if ((state & (OPEN | COUNT)) == 0 && atomic_load (&self->is_waiting))
        {
          pthread_mutex_lock (&self->lock);
          pthread_cond_signal (&self->idle);
          pthread_mutex_unlock (&self->lock);
        }
    }
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

  self = aligned_alloc (_Alignof(LkPool), sizeof *self);
  if (self == NULL)
    return NULL;
  memset (self, 0, sizeof *self);
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
  atomic_store (&self->stop, 1);
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
  unsigned state;

  if (n <= 0)
    return;
  if (self == NULL || self->n_threads < 2 || n <= grain)
    {
      func (0, n, 0, data);
      return;
    }

  self->func = func;
  self->data = data;
  self->n = n;
  self->grain = grain;
  atomic_store (&self->next, 0);
  state = atomic_load (&self->state);
  atomic_store (&self->state, (state & ~COUNT) + (LOOP | OPEN));
  if (atomic_load (&self->n_asleep) > 0)
    {
      pthread_mutex_lock (&self->lock);
      pthread_cond_broadcast (&self->wake);
      pthread_mutex_unlock (&self->lock);
    }

  take_turns (self, 0);

  atomic_fetch_and (&self->state, ~OPEN);
  for (int i = 0; i < SPINS; i++)
    {
      if ((atomic_load (&self->state) & COUNT) == 0)
        return;
      relax ();
    }
  pthread_mutex_lock (&self->lock);
  atomic_store (&self->is_waiting, 1);
  while ((atomic_load (&self->state) & COUNT) != 0)
    pthread_cond_wait (&self->idle, &self->lock);
  atomic_store (&self->is_waiting, 0);
  pthread_mutex_unlock (&self->lock);
}
