/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-face-quality.h"
#include "lk-tracker.h"

G_BEGIN_DECLS

/*
 * LkFinder: the one way from a picture to what a network sees, for the camera, files,
 * enrolment and training alike.
 *
 * It belongs to one thread.  Where the detector is asked, its weights are loaded when the
 * first finder needs them, and shared by all.  Pictures of one size after the other take no
 * memory from malloc, but for the words of the advice where there is any.
 */
typedef struct _LkFinder LkFinder;

/* What was seen in one picture.  All zero holds nothing. */
typedef struct
{
  gboolean has_face; /* the guide frame is always one */
  LkFace face;       /* the one that is taken: in pixels of the picture */
  LkFace others[LK_TRACKER_MAX_FACES];
  int n_others;
  guint serial;      /* live: another number is another face */
  LkQuality quality; /* all NaN without a face */
  int warning;       /* LkQualityKind worth a word, or -1 */
  LkImage *image;    /* (owned) (nullable): the face, square: what is stored of it.  Aligned:
                        100x100; otherwise at the resolution that the picture has it */
  LkImage *crop;     /* (owned) (nullable): 100x100 */
} LkSighting;

void lk_sighting_clear (LkSighting *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LkSighting, lk_sighting_clear)

/* Cheap: nothing is loaded yet. */
LkFinder *lk_finder_new (void);
void lk_finder_free (LkFinder *self); /* accepts NULL */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkFinder, lk_finder_free)

/**
 * lk_finder_look:
 * @limits: (nullable): NULL to take a face however bad its picture is
 * @sighting: (out): cleared first; set even when a %LK_RETRY follows, with the face and its
 *   crop where there are any, so that they can be shown
 *
 * Finds the face of a single picture; nothing is remembered.
 *
 * Returns: FALSE with %LK_RETRY (advice: there is no face, or it cannot be used), or, when
 *   the detector cannot be loaded, its error
 */
gboolean lk_finder_look (LkFinder *self, const LkImage *picture, LkFaceRule rule,
                         const LkQualityLimits *limits, LkSighting *sighting, GError **error);

/**
 * lk_finder_follow:
 * @when_us: the frame's time
 *
 * The same for the frames of a camera, one after the other: the face is followed (see
 * lk-tracker.h).
 */
gboolean lk_finder_follow (LkFinder *self, const LkImage *frame, gint64 when_us, LkFaceRule rule,
                           const LkQualityLimits *limits, LkSighting *sighting, GError **error);

/**
 * lk_finder_extract:
 * @face: (out) (optional)
 *
 * lk_finder_look() without limits but for the guide frame's: too dark, too bright.
 *
 * Returns: (transfer full): the sighting's image, or NULL
 */
LkImage *lk_finder_extract (LkFinder *self, const LkImage *picture, LkFaceRule rule, LkFace *face,
                            GError **error);

G_END_DECLS
