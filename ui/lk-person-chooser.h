/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/*
 * LkPersonChooser: who is being enrolled: one of those there are, or a new name.
 *
 * Passive.  A new name stays in the list although nothing is stored of it yet, until it
 * appears among those of lk_person_chooser_set_people() or another new name replaces it.
 * Its menu has, beside its own actions, those of the page that it lies in.
 *
 * Signals, of the user alone
 *   "chosen" (const char *name)
 *   "rename" (const char *from, const char *to)
 *   "export" (const char *name, GFile *file)
 *   "import-person" (GFile *file)
 *   "import-folder" (GFile *folder)   pictures in the documents' layout
 * Actions
 *   "person.rename", "person.export", "person.import", "person.import-folder"
 */
#define LK_TYPE_PERSON_CHOOSER (lk_person_chooser_get_type ())
G_DECLARE_FINAL_TYPE (LkPersonChooser, lk_person_chooser, LK, PERSON_CHOOSER, AdwBin)

/* @people: (element-type LkPerson); @selected: (nullable): NULL keeps the present one if it
 * is still there, else takes the first */
void lk_person_chooser_set_people (LkPersonChooser *self, GPtrArray *people, const char *selected);
const char *lk_person_chooser_get_person (LkPersonChooser *self); /* (nullable) */

/* Shows the entry for a new name, or hides it again where there is somebody to choose. */
void lk_person_chooser_ask_name (LkPersonChooser *self);

/* If the chosen one is a new name: takes it away and returns TRUE. */
gboolean lk_person_chooser_drop_new (LkPersonChooser *self);

/* Whether a second sitting of this person would be worth something. */
void lk_person_chooser_offer_sitting (LkPersonChooser *self, gboolean offered);

/* While something is being imported: a spinner turns. */
void lk_person_chooser_set_importing (LkPersonChooser *self, gboolean importing);

G_END_DECLS
