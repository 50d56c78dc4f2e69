/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-evaluation.h"
#include "verify/lk-fusion.h"
#include "verify/lk-head.h"

G_BEGIN_DECLS

/*
 * Fused scores, as the program decides on them: somebody is enrolled with so many anchors, and
 * one more picture, theirs or a stranger's, is compared with all of them.
 *
 * A threshold that was measured on single pairs does not hold for the mean of several: it is
 * what these are for.
 */

/* Anchors that a person is enrolled with here. */
#define LK_GALLERIES_ANCHORS 5

typedef struct
{
  int n_galleries; /* sets of anchors */
  int n_people;    /* they are of */
  int n;
  float *scores;  /* (owned): [n], 0 .. 1 */
  gboolean *same; /* (owned): [n] */
} LkGalleries;

void lk_galleries_clear (LkGalleries *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LkGalleries, lk_galleries_clear)

/**
 * lk_galleries_score:
 * @evaluation: with the embeddings kept, of the model in its first run
 * @max_genuine: genuine scores a person at most
 * @n_impostor: impostor scores at most
 * @only: (nullable): [people]: those that have @half alone, galleries and strangers, as in
 *   a check on others
 *
 * Cuts each person's pictures, in a random order within sessions, into sets of
 * LK_GALLERIES_ANCHORS, as long as one more is left, and fuses (@how) their scores with every other
 * picture of the person, and with pictures of others; not of look-alikes (lk_protocol_exclude()).
 * Where somebody's pictures are of several sessions, a set is of as few as can be, and genuine ones
 * are of others.
 */
void lk_galleries_score (const LkEvaluation *evaluation, const LkHead *head, LkFusion how,
                         int max_genuine, int n_impostor, const int *only, int half, guint64 seed,
                         LkGalleries *out);

/* The first usable picture of each person, @n of them at random: (transfer full): [n_found, size]
 * of the evaluation's first run */
float *lk_galleries_draw_strangers (const LkEvaluation *evaluation, int n, guint64 seed,
                                    int *n_found);

G_END_DECLS
