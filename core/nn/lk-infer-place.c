/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-infer-private.h"

#include <stdlib.h>

/* Which buffer each step writes to: its output stays there until the last step that reads
 * it is done. */

static int
may_overwrite (const LkStep *step)
{
  return step->op == LK_STEP_AFFINE || step->op == LK_STEP_RELU || step->op == LK_STEP_SIGMOID ||
         step->op == LK_STEP_ADD || step->op == LK_STEP_NORMALIZE;
}

static int
makes_map (const LkStep *step)
{
  return step->op == LK_STEP_CONV || step->op == LK_STEP_POOL || step->op == LK_STEP_UPSAMPLE;
}

/* Maps are made picture by picture; from the first dense layer behind them on, the batch
 * goes through as one. */
static int
count_single (const LkInfer *self)
{
  int n = self->n_steps;

  for (int i = self->n_steps - 1; i >= 0 && !makes_map (&self->steps[i]); i--)
    if (self->steps[i].op == LK_STEP_DENSE)
      n = i;
  return n;
}

/* A free buffer of the kind, the largest, or a new one. */
static int
take_buffer (LkInfer *self, const int *taken, int whole, size_t floats)
{
  int best = -1;

  for (int i = 0; i < self->n_buffers; i++)
    if (!taken[i] && self->whole[i] == whole && (best < 0 || self->floats[i] > self->floats[best]))
      best = i;
  if (best < 0)
    best = self->n_buffers++;
  self->whole[best] = (char) whole;
  if (floats > self->floats[best])
    self->floats[best] = floats;
  return best;
}

/* The buffer of step @i's output: that of an input which is not read later, or another. */
static int
place_output (LkInfer *self, int i, const int *last, const int *taken)
{
  const LkStep *step = &self->steps[i];
  int from[] = { step->x.buffer, step->x2.buffer };
  int whole = i >= self->n_single || (last[i] >= self->n_single && self->n_maps == 0);

  if (i == self->n_steps - 1 && self->n_maps == 0)
    return LK_INFER_OUT;
  for (int k = 0; k < 2; k++)
    if (from[k] >= 0 && last[from[k]] == i && may_overwrite (step) &&
        self->whole[self->steps[from[k]].y] == whole)
      return self->steps[from[k]].y;
  return take_buffer (self, taken, whole, step->out);
}

/* Turns the number of a step into that of its buffer. */
static void
find_buffer (const LkInfer *self, LkInferInput *input)
{
  if (input->buffer < 0)
    return;
  input->floats = self->steps[input->buffer].out;
  input->buffer = self->steps[input->buffer].y;
}

static void
place (LkInfer *self, int *last, int *taken)
{
  for (int i = 0; i < self->n_steps; i++)
    {
      const LkStep *step = &self->steps[i];

      if (step->x.buffer >= 0)
        last[step->x.buffer] = i;
      if (step->x2.buffer >= 0)
        last[step->x2.buffer] = i;
    }
  self->n_single = self->n_maps > 0 ? self->n_steps : count_single (self);

  for (int i = 0; i < self->n_maps; i++) /* stay until all steps are done */
    if (self->maps[i].buffer >= 0)
      last[self->maps[i].buffer] = self->n_steps;
  for (int i = 0; i < self->n_steps; i++)
    {
      LkStep *step = &self->steps[i];
      int from[] = { step->x.buffer, step->x2.buffer };

      step->y = place_output (self, i, last, taken);
      for (int k = 0; k < 2; k++)
        if (from[k] >= 0 && last[from[k]] == i)
          taken[self->steps[from[k]].y] = 0;
      if (step->y >= 0)
        taken[step->y] = 1;
    }
  for (int i = 0; i < self->n_steps; i++)
    {
      find_buffer (self, &self->steps[i].x);
      find_buffer (self, &self->steps[i].x2);
    }
  for (int i = 0; i < self->n_maps; i++)
    find_buffer (self, &self->maps[i]);
}

int
lk_infer_place (LkInfer *self)
{
  size_t n = (size_t) self->n_steps + 1; /* never nothing */
  int *room = calloc (n * 2, sizeof *room);

  self->floats = calloc (n, sizeof *self->floats);
  self->whole = calloc (n, sizeof *self->whole);
  if (room != NULL && self->floats != NULL && self->whole != NULL)
    place (self, room, room + n);
  self->memory += n * (sizeof *self->floats + sizeof *self->whole);
  free (room);
  return room != NULL && self->floats != NULL && self->whole != NULL;
}
