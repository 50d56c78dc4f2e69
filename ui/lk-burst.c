/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-burst.h"

#define LEAST_INTERVAL_MS 10

struct _LkBurst
{
  LkBurstCountdownFunc on_countdown;
  LkBurstTakeFunc on_take;
  LkBurstEndFunc on_end;
  gpointer data;

  int count, taken, interval_ms, countdown;
  gboolean blocked;
  guint timer_id; /* 0: not running */
};

static gboolean on_tick (gpointer data);

LkBurst *
lk_burst_new (LkBurstCountdownFunc countdown, LkBurstTakeFunc take, LkBurstEndFunc end,
              gpointer data)
{
  LkBurst *self = g_rc_box_new0 (LkBurst);

  self->on_countdown = countdown;
  self->on_take = take;
  self->on_end = end;
  self->data = data;
  return self;
}

void
lk_burst_free (LkBurst *self)
{
  if (self == NULL)
    return;
  g_clear_handle_id (&self->timer_id, g_source_remove);
  g_rc_box_release (self); /* a tick in hand holds it too */
}

static void
tick (LkBurst *self)
{
  guint timer_id = self->timer_id;

  if (self->countdown > 0)
    {
      self->on_countdown (--self->countdown, self->data);
      if (self->countdown > 0 || self->timer_id != timer_id)
        return;
      /* From seconds to the interval. */
      g_source_remove (self->timer_id);
      timer_id = self->timer_id = g_timeout_add ((guint) self->interval_ms, on_tick, self);
    }
  if (self->blocked)
    return;
  self->on_take (++self->taken, self->data);
  /* The callback may have stopped it, or started another. */
  if (self->timer_id == timer_id && self->taken >= self->count)
    lk_burst_stop (self);
}

static gboolean
on_tick (gpointer data)
{
  LkBurst *self = g_rc_box_acquire (data); /* a callback may free it */

  tick (self); /* removes the source itself where it has to go */
  g_rc_box_release (self);
  return G_SOURCE_CONTINUE;
}

void
lk_burst_start (LkBurst *self, int count, int interval_ms, int countdown_s)
{
  lk_burst_stop (self);
  self->count = count;
  self->taken = 0;
  self->interval_ms = MAX (LEAST_INTERVAL_MS, interval_ms);
  self->countdown = MAX (1, countdown_s); /* none: one that ends at once */
  self->timer_id = g_timeout_add (countdown_s > 0 ? 1000 : LEAST_INTERVAL_MS, on_tick, self);
  self->on_countdown (countdown_s, self->data);
}

void
lk_burst_stop (LkBurst *self)
{
  if (self->timer_id == 0)
    return;
  g_clear_handle_id (&self->timer_id, g_source_remove);
  self->on_end (self->data);
}

void
lk_burst_set_blocked (LkBurst *self, gboolean blocked)
{
  self->blocked = blocked;
}

gboolean
lk_burst_is_running (const LkBurst *self)
{
  return self->timer_id != 0;
}
