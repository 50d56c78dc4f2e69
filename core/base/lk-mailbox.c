/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-mailbox.h"

#include <pthread.h> /* not GMutex: ThreadSanitizer understands pthreads only */

struct _LkMailbox
{
  LkReceiveFunc receive;
  gpointer data;
  GDestroyNotify item_free;
  GMainContext *context;

  pthread_mutex_t lock; /* guards everything below */
  gpointer item;        /* (owned) (nullable) */
  GSource *delivery;    /* (owned) (nullable) scheduled in context */
};

static gboolean
deliver (gpointer user_data)
{
  LkMailbox *self = user_data;
  gpointer item;

  pthread_mutex_lock (&self->lock);
  item = g_steal_pointer (&self->item);
  g_clear_pointer (&self->delivery, g_source_unref);
  pthread_mutex_unlock (&self->lock);

  self->receive (item, self->data); /* may free the mailbox */
  return G_SOURCE_REMOVE;
}

LkMailbox *
lk_mailbox_new (LkReceiveFunc receive, gpointer data, GDestroyNotify item_free)
{
  LkMailbox *self = g_new0 (LkMailbox, 1);

  self->receive = receive;
  self->data = data;
  self->item_free = item_free;
  self->context = g_main_context_ref_thread_default ();
  pthread_mutex_init (&self->lock, NULL);
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
  if (self->delivery == NULL)
    {
      self->delivery = g_idle_source_new ();
      g_source_set_priority (self->delivery, G_PRIORITY_DEFAULT);
      g_source_set_callback (self->delivery, deliver, self, NULL);
      g_source_attach (self->delivery, self->context);
    }
  pthread_mutex_unlock (&self->lock);
  if (old != NULL)
    self->item_free (old);
}

void
lk_mailbox_free (LkMailbox *self)
{
  if (self == NULL)
    return;
  if (self->delivery != NULL)
    {
      g_source_destroy (self->delivery);
      g_source_unref (self->delivery);
    }
  g_clear_pointer (&self->item, self->item_free);
  g_main_context_unref (self->context);
  pthread_mutex_destroy (&self->lock);
  g_free (self);
}
