/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-own-scores.h"

G_BEGIN_DECLS

/*
 * LkPersonal: what was learnt of one person beside the model: the adapted head, and how it scored
 * on what was held out, which is what this person's rates are then told from (the strangers of the
 * cohort have been learnt from, and prove nothing any more).
 *
 * As bytes: a little-endian GVariant "(ssaddadadb)": format, the hash of the model that it belongs
 * to, alpha, bias, held-out scores of the person and of strangers, whether across sittings.
 */
typedef struct
{
  LkHead *head;        /* (owned) */
  LkOwnScores *scores; /* (owned) */
} LkPersonal;

void lk_personal_free (LkPersonal *self); /* accepts NULL */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkPersonal, lk_personal_free)

/* (transfer full) */
GBytes *lk_personal_to_bytes (LkModel *model, const LkHead *head, const LkOwnScores *scores);

/* (transfer full) (nullable): NULL for what is of another model, or damaged: then the model's own
 * head serves.  The bytes are untrusted. */
LkPersonal *lk_personal_parse (LkModel *model, GBytes *bytes);

G_END_DECLS
