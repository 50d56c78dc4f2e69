/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-train-report.h"

#include <pthread.h> /* not GMutex: ThreadSanitizer understands pthreads only */

#define INTERVAL_US 100000

typedef struct
{
  LkTrainProgress progress;
  GError *error; /* (owned) (nullable) */
  gboolean replaceable;
} Message;

struct _LkTrainReport
{
  LkTrainFunc func;
  gpointer data;
  GMainContext *context;
  LkTrainState last_state; /* posted; these two belong to the trainer's thread */
  gint64 last_us;

  pthread_mutex_t lock; /* guards everything below */
  GQueue messages;      /* (element-type Message) */
  GSource *delivery;    /* (owned) (nullable) scheduled in context */
};

static void
message_free (Message *message)
{
  g_clear_error (&message->error);
  g_free (message);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Message, message_free)

LkTrainReport *
lk_train_report_new (LkTrainFunc progress, gpointer data)
{
  LkTrainReport *self = g_new0 (LkTrainReport, 1);

  self->func = progress;
  self->data = data;
  self->context = g_main_context_ref_thread_default ();
  self->last_state = LK_TRAIN_FAILED; /* so that the first one differs */
  g_queue_init (&self->messages);
  pthread_mutex_init (&self->lock, NULL);
  return self;
}

static gboolean
deliver (gpointer user_data)
{
  LkTrainReport *self = user_data;
  g_autoptr (Message) message = NULL;
  gboolean more;

  pthread_mutex_lock (&self->lock);
  message = g_queue_pop_head (&self->messages);
  more = !g_queue_is_empty (&self->messages);
  if (!more)
    g_clear_pointer (&self->delivery, g_source_unref);
  pthread_mutex_unlock (&self->lock);

  self->func (&message->progress, message->error, self->data); /* may free the trainer */
  return more ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

void
lk_train_report_post (LkTrainReport *self, const LkTrainProgress *progress, GError *error)
{
  gboolean ordinary = progress->state == self->last_state && !progress->epoch_ended;
  gint64 now = g_get_monotonic_time ();
  Message *message, *tail;

  if (ordinary && now - self->last_us < INTERVAL_US)
    return;
  self->last_us = now;
  self->last_state = progress->state;
  message = g_new0 (Message, 1);
  *message = (Message){ *progress, error, ordinary };

  pthread_mutex_lock (&self->lock);
  tail = g_queue_peek_tail (&self->messages);
  if (tail != NULL && tail->replaceable)
    message_free (g_queue_pop_tail (&self->messages));
  g_queue_push_tail (&self->messages, message);
  if (self->delivery == NULL)
    {
      self->delivery = g_idle_source_new ();
      g_source_set_priority (self->delivery, G_PRIORITY_DEFAULT);
      g_source_set_callback (self->delivery, deliver, self, NULL);
      g_source_attach (self->delivery, self->context);
    }
  pthread_mutex_unlock (&self->lock);
}

void
lk_train_report_free (LkTrainReport *self)
{
  if (self->delivery != NULL)
    {
      g_source_destroy (self->delivery);
      g_source_unref (self->delivery);
    }
  g_queue_clear_full (&self->messages, (GDestroyNotify) message_free);
  g_main_context_unref (self->context);
  pthread_mutex_destroy (&self->lock);
  g_free (self);
}
