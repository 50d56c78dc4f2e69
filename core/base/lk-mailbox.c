/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-mailbox.h"

#include <pthread.h> /* not GMutex: ThreadSanitizer understands pthreads only */

struct _LkMailbox
{
  LkReceiveFunc receive;
  gpointer data;
  GDestroyNotify item_free;
  GSource *delivery; /* (owned): one for all items; ready when there is one */

  pthread_mutex_t lock; /* guards everything below */
  gpointer item;        /* (owned) (nullable) */
};

static gboolean
dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  return callback (user_data);
}

static GSourceFuncs source_funcs = { .dispatch = dispatch };

static gboolean
deliver (gpointer user_data)
{
  LkMailbox *self = user_data;
  gpointer item;

  pthread_mutex_lock (&self->lock);
  item = g_steal_pointer (&self->item);
  g_source_set_ready_time (self->delivery, -1);
  pthread_mutex_unlock (&self->lock);

  self->receive (item, self->data); /* may free the mailbox */
  return G_SOURCE_CONTINUE;
}

LkMailbox *
lk_mailbox_new (LkReceiveFunc receive, gpointer data, GDestroyNotify item_free)
{
  LkMailbox *self = g_new0 (LkMailbox, 1);

  self->receive = receive;
  self->data = data;
  self->item_free = item_free;
  pthread_mutex_init (&self->lock, NULL);
  self->delivery = g_source_new (&source_funcs, sizeof (GSource));
  g_source_set_callback (self->delivery, deliver, self, NULL);
  g_source_attach (self->delivery, g_main_context_get_thread_default ());
  return self;
}

void
lk_mailbox_post (LkMailbox *self, gpointer item)
{
  gpointer old;

  g_return_if_fail (item != NULL);

  pthread_mutex_lock (&self->lock);
  old = g_steal_pointer (&self->item);
  self->item = item;
  g_source_set_ready_time (self->delivery, 0);
  pthread_mutex_unlock (&self->lock);
  if (old != NULL)
    self->item_free (old);
}

void
lk_mailbox_free (LkMailbox *self)
{
  if (self == NULL)
    return;
  g_source_destroy (self->delivery);
  g_source_unref (self->delivery);
  g_clear_pointer (&self->item, self->item_free);
  pthread_mutex_destroy (&self->lock);
  g_free (self);
}
