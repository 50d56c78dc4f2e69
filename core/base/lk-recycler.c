/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-recycler.h"

#include <pthread.h> /* not GMutex: ThreadSanitizer understands pthreads only */
#include <stddef.h>
#include <string.h>

/* Of a kind there is one that is worked on, one that waits, one that is shown, and one to
 * spare.  The sanitizer is to see what is used after it was given back: it keeps none. */
#if defined(__SANITIZE_ADDRESS__)
#  define KEEP 0
#elif defined(__has_feature)
#  if __has_feature(address_sanitizer)
#    define KEEP 0
#  endif
#endif
#ifndef KEEP
#  define KEEP 4
#endif

typedef struct _Block Block;

struct _Block
{
  LkRecycler *owner;
  Block *next; /* (nullable): of those that are kept */
  gsize size;
  max_align_t memory[];
};

struct _LkRecycler
{
  pthread_mutex_t lock; /* guards everything below */
  gboolean is_freed;
  gsize n_out;
  int n_kept;
  Block *kept; /* (owned) (nullable) */
};

static Block *
get_block (gconstpointer memory)
{
  return (Block *) ((guint8 *) memory - offsetof (Block, memory));
}

static void
destroy (LkRecycler *self)
{
  while (self->kept != NULL)
    {
      Block *block = self->kept;

      self->kept = block->next;
      g_free (block);
    }
  pthread_mutex_destroy (&self->lock);
  g_free (self);
}

LkRecycler *
lk_recycler_new (void)
{
  LkRecycler *self = g_new0 (LkRecycler, 1);

  pthread_mutex_init (&self->lock, NULL);
  return self;
}

void
lk_recycler_free (LkRecycler *self)
{
  gboolean is_last;

  if (self == NULL)
    return;
  pthread_mutex_lock (&self->lock);
  self->is_freed = TRUE;
  is_last = self->n_out == 0;
  pthread_mutex_unlock (&self->lock);
  if (is_last)
    destroy (self);
}

gpointer
lk_recycler_take (LkRecycler *self, gsize size)
{
  Block *block;

  g_return_val_if_fail (size <= G_MAXSSIZE, NULL);

  pthread_mutex_lock (&self->lock);
  block = self->kept;
  if (block != NULL)
    {
      self->kept = block->next;
      self->n_kept--;
    }
  self->n_out++;
  pthread_mutex_unlock (&self->lock);

  if (block == NULL || block->size < size) /* a larger frame: the smaller ones die out */
    {
      g_free (block);
      block = g_malloc (sizeof *block + size);
      block->owner = self;
      block->size = size;
    }
  return block->memory;
}

gpointer
lk_recycler_copy (gconstpointer block, gsize size)
{
  return memcpy (lk_recycler_take (get_block (block)->owner, size), block, size);
}

void
lk_recycler_give (gpointer memory)
{
  Block *block = get_block (memory);
  LkRecycler *self = block->owner;
  gboolean is_last;

  pthread_mutex_lock (&self->lock);
  self->n_out--;
  is_last = self->is_freed && self->n_out == 0;
  if (!self->is_freed && self->n_kept < KEEP)
    {
      block->next = self->kept;
      self->kept = block;
      self->n_kept++;
      block = NULL;
    }
  pthread_mutex_unlock (&self->lock);
  g_free (block);
  if (is_last)
    destroy (self);
}
