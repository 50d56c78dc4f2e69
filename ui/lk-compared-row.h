/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/*
 * LkComparedRow: whom a face is compared with: everybody, or one of those who are enrolled.
 *
 * Passive.  Hides itself where there is nothing to choose: nobody, or one person only.
 *
 * Signals
 *   "person-chosen" (const char *name)   (nullable): NULL for everybody
 */
#define LK_TYPE_COMPARED_ROW (lk_compared_row_get_type ())
G_DECLARE_FINAL_TYPE (LkComparedRow, lk_compared_row, LK, COMPARED_ROW, AdwComboRow)

/* @people: (element-type LkPerson): copied; those without an anchor are left out.
 * @selected: (nullable): NULL, or nobody of them: everybody.  Emits nothing. */
void lk_compared_row_set_people (LkComparedRow *self, GPtrArray *people, const char *selected);
/* Of them, who have an anchor. */
int lk_compared_row_get_n_people (LkComparedRow *self);
/* (nullable): who was chosen, or is the only one; NULL for everybody, or when there is nobody */
const char *lk_compared_row_get_person (LkComparedRow *self);
/* Chooses the next; everybody after the last. */
void lk_compared_row_choose_next (LkComparedRow *self);

G_END_DECLS
