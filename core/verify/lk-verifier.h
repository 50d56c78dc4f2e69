/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "face/lk-finder.h"
#include "lk-head.h"

G_BEGIN_DECLS

/*
 * LkVerifier: from a frame to a verdict.
 *
 * Holds a model made ready, and the gallery: the anchors of the person to be
 * verified, embedded once.  Belongs to one thread, which is the inference thread
 * in the window and the main one on the command line.  After the gallery is set and
 * some checks were made, another takes no memory from malloc.
 */
typedef struct _LkVerifier LkVerifier;

/**
 * LkWay: how a frame is decided on
 * @LK_WAY_VOTE: the documents' two thresholds: enough anchors match
 * @LK_WAY_FUSED: one score of all anchors (LK_FUSION_DEFAULT), above one threshold: the way
 *   whose errors were measured
 */
typedef enum
{
  LK_WAY_VOTE,
  LK_WAY_FUSED,
} LkWay;

/**
 * LkPolicy:
 * @detection: a pair counts as a match when its score is above this, 0 .. 1; with
 *   LK_WAY_FUSED the person is accepted when the fused score is above it
 * @verification: with LK_WAY_VOTE the person is accepted when more than this share of the
 *   anchors match, 0 .. 1
 */
typedef struct
{
  double detection;
  double verification;
  LkWay way;
} LkPolicy;

#define LK_POLICY_DEFAULT ((LkPolicy){ .detection = 0.5, .verification = 0.5, .way = LK_WAY_VOTE })

/* Where two people would be accepted, the better one's log odds must be ahead by this: the odds
 * be twice as high. */
#define LK_POLICY_MARGIN 0.693

/* One of the gallery's people, in a check. */
typedef struct
{
  const char *name; /* (nullable): lives as long as the check */
  int first;        /* their anchors: first .. first + n_anchors - 1 */
  int n_anchors;
  float score;       /* fused, or with LK_WAY_VOTE the mean of the scores with them */
  int n_matches;     /* of them above policy.detection */
  gboolean accepted; /* the policy's decision */
} LkMatch;

/* One checked frame: one block of memory with its arrays, which goes back to its verifier's
 * (lk-recycler.h). */
typedef struct
{
  LkFace face;       /* where it was, in pixels of the frame */
  LkImage *crop;     /* (owned): 100x100, as the network sees it */
  LkPolicy policy;   /* that decided */
  int n_anchors;     /* 0: nobody is enrolled; there are no scores then */
  float *scores;     /* [n_anchors], in the order of the gallery */
  GPtrArray *names;  /* (owned) (nullable): of the people */
  int n_people;      /* 0: the anchors are one person's, who has no name */
  LkMatch *people;   /* [n_people], in the order of the gallery */
  int best, second;  /* of the people: who is most alike, and who is next; -1 without */
  double margin;     /* the best one's log odds less the next one's; NAN without */
  float score;       /* of the best: the match score that is shown */
  int n_matches;     /* of the best */
  gboolean accepted; /* the best is, and nobody else as well as they */
  gint64 find_us;    /* time for finding and cutting out the face */
  gint64 embed_us;   /* time for the embedding */
  gint64 match_us;   /* time for the comparison with all anchors */
} LkCheck;

LkCheck *lk_check_copy (const LkCheck *self);
void lk_check_free (LkCheck *self); /* any thread, also after the verifier; accepts NULL */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkCheck, lk_check_free)

/* @model: a reference is kept; @n_threads: as lk_pool_new().  Returns: NULL with
 * %LK_ERROR_TOO_LARGE when memory is short */
LkVerifier *lk_verifier_new (LkModel *model, int n_threads, GError **error);
void lk_verifier_free (LkVerifier *self); /* accepts NULL */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkVerifier, lk_verifier_free)

/**
 * lk_verifier_embed:
 * @face: a picture from lk_finder_extract(), any size
 * @out: (out caller-allocates): lk_verifier_get_size() floats
 */
void lk_verifier_embed (LkVerifier *self, const LkImage *face, float *out);
int lk_verifier_get_size (const LkVerifier *self);
LkModel *lk_verifier_get_model (LkVerifier *self); /* (transfer none) */

/**
 * lk_verifier_set_gallery:
 * @embeddings: [@n, lk_verifier_get_size()]: of this model; copied
 * @people: (nullable): [@n]: the names of whom they show, each one's side by side; NULL: all
 *   show one person
 *
 * Makes the anchors with these embeddings the gallery.
 *
 * Returns: FALSE with %LK_ERROR_TOO_LARGE when memory is short; the gallery is then empty
 */
gboolean lk_verifier_set_gallery (LkVerifier *self, const float *embeddings,
                                  const char *const *people, int n, GError **error);
/* The same with @anchors (element-type LkImage: faces, not frames), which are embedded now. */
gboolean lk_verifier_set_anchors (LkVerifier *self, GPtrArray *anchors, GError **error);
int lk_verifier_get_n_anchors (const LkVerifier *self);

/* Another head than the model's for one person of the gallery, adapted to them, until there is
 * another gallery.  @person: in the gallery's order, 0 for one without a name; @head: copied;
 * (nullable): NULL for the model's own; of lk_verifier_get_size() */
void lk_verifier_set_head (LkVerifier *self, int person, const LkHead *head);
int lk_verifier_get_n_people (const LkVerifier *self); /* 1 for one without a name */

/**
 * lk_verifier_check:
 * @seen: a frame's face, that can be used (lk_finder_follow())
 *
 * Returns: (transfer full): the result; its find_us is 0, for the caller to fill in
 */
LkCheck *lk_verifier_check (LkVerifier *self, const LkSighting *seen, const LkPolicy *policy);

/* The decision alone, from scores: fills in policy, people, best, second, margin, score,
 * n_matches and accepted.  Cheap: for a slider that moves without a new frame. */
void lk_policy_decide (const LkPolicy *self, LkCheck *check);

/* Score of one pair of faces, 0 .. 1; leaves the gallery alone. */
float lk_verifier_compare (LkVerifier *self, const LkImage *a, const LkImage *b);

G_END_DECLS
