/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-tracker.h"

#include "lk-one-euro.h"

#include <math.h>

#define MARGIN       3.0 /* sides of a face that are searched */
#define OVERLAP      0.2 /* from which a box is the same face, a frame later */
#define SAME         0.4 /* from which two boxes of one frame are the same face */
#define SHIFT        0.6 /* of its side that a face may have moved instead */
#define GROWTH       1.6 /* and how many times its size it may be */
#define REGION_UNIT  16  /* to which a region's side is rounded up */
#define LONG_AGO_US  G_USEC_PER_SEC
#define N_NUMBERS    (4 + 2 * LK_N_POINTS)
#define LEAST_GAP_US 1000

struct _LkTracker
{
  gboolean has_last; /* a face is followed, seen or waited for */
  LkFace last;       /* as it was seen last */
  LkFace face;       /* smoothed */
  gboolean is_seen;  /* in this frame */
  gint64 seen_us;
  LkOneEuro filters[N_NUMBERS];
  guint serial;

  LkFace others[LK_TRACKER_MAX_FACES];
  int n_others;
  gboolean has_better; /* one of them ranks clearly above the face */
  gint64 better_us;    /* since when */

  gint64 whole_us; /* when the whole frame was searched last */
  int n_parts;     /* frames since */
};

LkTracker *
lk_tracker_new (void)
{
  return g_new0 (LkTracker, 1);
}

void
lk_tracker_free (LkTracker *self)
{
  g_free (self);
}

void
lk_tracker_reset (LkTracker *self)
{
  *self = (LkTracker){ .serial = self->serial };
}

double
lk_face_overlap (const LkFace *a, const LkFace *b)
{
  double w = MIN (a->x + a->width, b->x + b->width) - MAX (a->x, b->x);
  double h = MIN (a->y + a->height, b->y + b->height) - MAX (a->y, b->y);
  double both = MAX (w, 0) * MAX (h, 0);

  return both / (a->width * a->height + b->width * b->height - both + 1e-9);
}

static double
get_rank (const LkFace *face, int width, int height)
{
  double half = MAX (width, height) / 2.0;
  double dx = (face->x + face->width / 2 - width / 2.0) / half;
  double dy = (face->y + face->height / 2 - height / 2.0) / half;

  return face->width * face->height * exp (-2 * (dx * dx + dy * dy));
}

int
lk_tracker_choose (const LkFace *faces, int n, int width, int height)
{
  int best = -1;

  for (int i = 0; i < n; i++)
    if (best < 0 || get_rank (&faces[i], width, height) > get_rank (&faces[best], width, height))
      best = i;
  return best;
}

static double
get_side (const LkFace *face)
{
  return MAX (face->width, face->height);
}

/* How well @face goes on with @last: above 0 when it may be the same. */
static double
get_likeness (const LkFace *last, const LkFace *face)
{
  double side = get_side (last), growth = get_side (face) / side;
  double dx = face->x + face->width / 2 - last->x - last->width / 2;
  double dy = face->y + face->height / 2 - last->y - last->height / 2;
  double overlap = lk_face_overlap (last, face), shift = hypot (dx, dy) / side;

  if (growth > GROWTH || growth < 1 / GROWTH || (overlap < OVERLAP && shift > SHIFT))
    return 0;
  return 1 + overlap - shift;
}

static int
find_same (const LkTracker *self, const LkFace *seen, int n)
{
  double best = 0;
  int found = -1;

  for (int i = 0; i < n; i++)
    {
      double likeness = get_likeness (&self->last, &seen[i]);

      if (likeness > best)
        {
          best = likeness;
          found = i;
        }
    }
  return found;
}

gboolean
lk_tracker_plan (LkTracker *self, int width, int height, gint64 when_us, int region[4])
{
  int least = MIN (width, height), side;
  double x, y;

  if (when_us < self->seen_us || when_us - self->seen_us > LONG_AGO_US)
    lk_tracker_reset (self); /* another film, or one that stood still */
  if (!self->is_seen || self->n_parts >= LK_TRACKER_WHOLE_FRAMES ||
      when_us - self->whole_us >= LK_TRACKER_WHOLE_US)
    return FALSE;
  /* Rounded up, so that it changes seldom; one that does not fit saves nothing. */
  side = (int) MIN (MARGIN * get_side (&self->last), least) + REGION_UNIT - 1;
  side = MIN (side / REGION_UNIT * REGION_UNIT, least);
  if (side < MARGIN / 2 * get_side (&self->last))
    return FALSE;
  x = self->last.x + self->last.width / 2 - side / 2.0;
  y = self->last.y + self->last.height / 2 - side / 2.0;
  region[0] = (int) CLAMP (x, 0, width - side);
  region[1] = (int) CLAMP (y, 0, height - side);
  region[2] = region[3] = side;
  return TRUE;
}

static void
smooth (LkTracker *self, gint64 when_us)
{
  double seconds = (double) MAX (when_us - self->seen_us, LEAST_GAP_US) / G_USEC_PER_SEC;
  double scale = get_side (&self->last);
  LkOneEuro *filter = self->filters;
  const LkFace *from = &self->last;
  LkFace *to = &self->face;
  double cx = lk_one_euro_run (filter++, from->x + from->width / 2, scale, seconds);
  double cy = lk_one_euro_run (filter++, from->y + from->height / 2, scale, seconds);

  to->width = lk_one_euro_run (filter++, from->width, scale, seconds);
  to->height = lk_one_euro_run (filter++, from->height, scale, seconds);
  to->x = cx - to->width / 2;
  to->y = cy - to->height / 2;
  to->score = from->score;
  for (int k = 0; k < LK_N_POINTS; k++)
    for (int i = 0; i < 2; i++)
      to->points[k][i] = lk_one_euro_run (filter++, from->points[k][i], scale, seconds);
}

static void
follow (LkTracker *self, const LkFace *face, gint64 when_us, gboolean is_new)
{
  if (is_new)
    {
      for (int i = 0; i < N_NUMBERS; i++)
        self->filters[i].is_set = FALSE;
      self->serial++;
      self->has_better = FALSE;
    }
  self->last = *face;
  self->has_last = self->is_seen = TRUE;
  smooth (self, when_us);
  self->seen_us = when_us;
}

static void
keep_others (LkTracker *self, const LkFace *seen, int n, int followed)
{
  self->n_others = 0;
  for (int i = 0; i < n && self->n_others < LK_TRACKER_MAX_FACES; i++)
    if (i != followed && (followed < 0 || lk_face_overlap (&seen[i], &seen[followed]) < SAME))
      self->others[self->n_others++] = seen[i];
}

/* Whether another has been clearly better for long enough. */
static gboolean
is_outdone (LkTracker *self, const LkFace *seen, int followed, int best, int width, int height,
            gint64 when_us)
{
  if (best == followed || get_rank (&seen[best], width, height) <=
                              LK_TRACKER_BETTER * get_rank (&seen[followed], width, height))
    {
      self->has_better = FALSE;
      return FALSE;
    }
  if (!self->has_better)
    self->better_us = when_us;
  self->has_better = TRUE;
  return when_us - self->better_us >= LK_TRACKER_BETTER_US;
}

gboolean
lk_tracker_update (LkTracker *self, int width, int height, gint64 when_us, const LkFace *seen,
                   int n, gboolean is_whole)
{
  int same = self->has_last ? find_same (self, seen, n) : -1;
  int best;

  if (!is_whole)
    {
      if (same < 0)
        return FALSE;
      self->n_parts++;
      follow (self, &seen[same], when_us, FALSE);
      return TRUE;
    }

  self->whole_us = when_us;
  self->n_parts = 0;
  self->is_seen = FALSE;
  best = lk_tracker_choose (seen, n, width, height);
  if (same >= 0 && !is_outdone (self, seen, same, best, width, height, when_us))
    follow (self, &seen[same], when_us, FALSE);
  else if (best >= 0 &&
           (same >= 0 || !self->has_last || when_us - self->seen_us >= LK_TRACKER_WAIT_US))
    follow (self, &seen[same = best], when_us, TRUE);
  keep_others (self, seen, n, same);
  return TRUE;
}

const LkFace *
lk_tracker_get_face (const LkTracker *self)
{
  return self->is_seen ? &self->face : NULL;
}

const LkFace *
lk_tracker_get_others (const LkTracker *self, int *n)
{
  *n = self->n_others;
  return self->others;
}

guint
lk_tracker_get_serial (const LkTracker *self)
{
  return self->serial;
}
