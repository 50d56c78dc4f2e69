/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/lk-model.h"
#include "model/lk-safetensors.h"

G_BEGIN_DECLS

/*
 * LkCohort: embeddings of people who are strangers to everybody who enrols: what a person's own
 * false matches are measured on, and what a head is adapted against.  No picture.
 *
 * A safetensors file beside the model's, NAME.cohort beside NAME.safetensors, made by
 * `likeness calibrate --cohort`: one tensor `cohort` [n, size] of 16-bit floats, a person each,
 * and in the metadata the hash of the model that embedded them: with any other model they are
 * noise, so they are refused.
 *
 * Immutable.
 */
typedef struct
{
  int n, size;
  float *embeddings; /* (owned): [n, size] */
  char *about;       /* (owned): where they are from, one line */
} LkCohort;

/* People at most. */
#define LK_COHORT_MAX 100000

void lk_cohort_free (LkCohort *self); /* accepts NULL */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkCohort, lk_cohort_free)

/* (transfer full) (nullable): the file that a model's cohort is, or would be, in; NULL for a model
 * without a file */
char *lk_cohort_get_path (const LkModel *model);
/* (transfer full): the same of a model's file */
char *lk_cohort_path_of (const char *model_path);

/* Returns: (transfer full): or %NULL with %LK_ERROR_NO_DATA (there is none), %LK_ERROR_FORMAT,
 * %LK_ERROR_SHAPE (of another model) or %G_FILE_ERROR */
LkCohort *lk_cohort_load (LkModel *model, GError **error);
/* The same from a file that was read, which is untrusted. */
LkCohort *lk_cohort_parse (LkSafetensors *file, LkModel *model, GError **error);

/**
 * lk_cohort_save:
 * @path: written whole, 0600
 * @model: that @embeddings are by: with the numbers that its file has (lk_model_to_half())
 * @embeddings: [@n, its size], 1 to LK_COHORT_MAX of them
 * @about: one line
 */
gboolean lk_cohort_save (const char *path, LkModel *model, const float *embeddings, int n,
                         const char *about, GError **error);

G_END_DECLS
