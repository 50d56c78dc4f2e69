/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-face.h"

G_BEGIN_DECLS

/*
 * LkTracker: which face is followed from frame to frame, and where to look for it.
 *
 * Pure bookkeeping: it sees what a detector found, not pictures.  For each frame,
 * lk_tracker_plan() tells what has to be searched and lk_tracker_update() takes what was
 * found there.  The face that is followed is the largest, the nearest to the middle among
 * equals; another takes its place only when it is clearly larger for a while, so that the
 * choice does not flicker.  One that is gone for a moment is waited for.  Its box and
 * points are smoothed (lk-one-euro.h).  For one thread; takes no memory after
 * lk_tracker_new().
 */
typedef struct _LkTracker LkTracker;

#define LK_TRACKER_MAX_FACES 16

/* A face is searched for near where it was for so many frames, and for so long, at most,
 * before the whole frame is searched again: others may have come. */
#define LK_TRACKER_WHOLE_FRAMES 8
#define LK_TRACKER_WHOLE_US     (400 * 1000)

/* A face that is gone is waited for so long before another is followed in its place. */
#define LK_TRACKER_WAIT_US (500 * 1000)

/* Another face takes over when its rank is so many times the followed one's for so long. */
#define LK_TRACKER_BETTER    1.5
#define LK_TRACKER_BETTER_US (700 * 1000)

LkTracker *lk_tracker_new (void);
void lk_tracker_free (LkTracker *self); /* accepts NULL */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkTracker, lk_tracker_free)

/* Forgets everything: another camera. */
void lk_tracker_reset (LkTracker *self);

/**
 * lk_tracker_plan:
 * @width, @height: of the frame that comes now
 * @when_us: its time
 * @region: (out caller-allocates): x, y, width, height: a square inside the frame, three times the
 *   face's longer side
 *
 * Returns: whether to search in @region alone; FALSE: in the whole frame
 */
gboolean lk_tracker_plan (LkTracker *self, int width, int height, gint64 when_us, int region[4]);

/**
 * lk_tracker_update:
 * @seen: (array length=n): the faces that were found
 * @is_whole: whether the whole frame was searched
 *
 * Returns: FALSE when a part was searched and the face was not in it: search the whole
 *   frame and call again
 */
gboolean lk_tracker_update (LkTracker *self, int width, int height, gint64 when_us,
                            const LkFace *seen, int n, gboolean is_whole);

/* The face that is followed, smoothed; NULL when there is none in this frame. */
const LkFace *lk_tracker_get_face (const LkTracker *self);

/* The other faces, as they were when the whole frame was searched last. */
const LkFace *lk_tracker_get_others (const LkTracker *self, int *n);

/* Counts the faces that were followed: another number is another face. */
guint lk_tracker_get_serial (const LkTracker *self);

/**
 * lk_tracker_choose:
 *
 * Returns: which of the faces is followed when none was before, -1 for none: the highest rank,
 *   the box's area weighted down towards the edges, exp (-2 d^2) with the distance from the
 *   middle d in halves of the longer side
 */
int lk_tracker_choose (const LkFace *faces, int n, int width, int height);

/* Intersection over union of the boxes, 0 .. 1. */
double lk_face_overlap (const LkFace *a, const LkFace *b);

G_END_DECLS
