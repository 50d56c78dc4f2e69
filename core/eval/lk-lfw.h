/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * The protocol of Labeled Faces in the Wild: lists of pairs, and how they are counted.
 *
 * Source: G. B. Huang, M. Ramesh, T. Berg, E. Learned-Miller, "Labeled Faces in the
 * Wild", University of Massachusetts, Amherst, technical report 07-49, 2007, section 2
 * (views, folds, and the standard error of their accuracies).
 */
typedef struct
{
  char *a, *b;   /* paths */
  gboolean same; /* one person */
  int fold;      /* 0 .. n_folds-1 */
} LkLfwPair;

typedef struct
{
  GArray *pairs; /* (element-type LkLfwPair) */
  int n_folds;   /* 1: there are none */
} LkLfwList;

/* No list with more pairs is read. */
#define LK_LFW_MAX_PAIRS 10000000

/**
 * lk_lfw_list_load:
 * @path: pairs.txt ("FOLDS N", then for each fold N lines of genuine and N of impostor
 *   pairs) or pairsDev*.txt ("N", and the same once), or without that first line.
 *   Lines: NAME I J, NAME I NAME J.
 * @root: where the pictures are: ROOT/NAME/NAME_000I.jpg
 *
 * The pictures are not looked for.
 *
 * Returns: (transfer full): or %NULL with %G_FILE_ERROR, %LK_ERROR_FORMAT (with the
 *   line's number) or %LK_ERROR_TOO_LARGE
 */
LkLfwList *lk_lfw_list_load (const char *path, const char *root, GError **error);
void lk_lfw_list_free (LkLfwList *self); /* accepts NULL */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkLfwList, lk_lfw_list_free)

typedef struct
{
  int n_pairs, n_right;
  double accuracy;
  double accuracy_se; /* of the mean of the folds; without folds: of a share */
  double low, high;   /* 95 %: Wilson's interval over all pairs */
  double threshold;   /* mean of the folds' thresholds; without folds: the given one */
} LkLfwResult;

/**
 * lk_lfw_evaluate:
 * @scores: [@n], higher is more alike; NAN: no face was found, which is no match
 * @folds: [@n] (nullable): 0 .. @n_folds-1; NULL when @n_folds is 1
 * @threshold: used when there are no folds; it must have been chosen elsewhere
 *
 * Accuracy: of each fold at the threshold that is right most often on all the others,
 * then the mean.
 */
void lk_lfw_evaluate (const float *scores, const gboolean *same, const int *folds, int n,
                      int n_folds, double threshold, LkLfwResult *result);

G_END_DECLS
