/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "train/lk-adapt.h"
#include <adwaita.h>

G_BEGIN_DECLS

/*
 * LkAdaptCard: the quick training: the network's last step fitted to one person, and what came of
 * it, in numbers either way.
 *
 * Passive.
 *
 * Signals
 *   "adapt" (const char *person)    the owner answers with lk_adapt_card_begin(), and with a result
 *                                   or an error
 *   "forget" (const char *person)   what was kept is to go again
 *   "person-chosen" (const char *person)   the owner says whether there is something to forget
 * Actions
 *   "adapt.start", "adapt.forget"
 */
#define LK_TYPE_ADAPT_CARD (lk_adapt_card_get_type ())
G_DECLARE_FINAL_TYPE (LkAdaptCard, lk_adapt_card, LK, ADAPT_CARD, AdwBin)

GtkWidget *lk_adapt_card_new (void);

/* @names: who is enrolled; nobody: the card is not there.  Emits nothing. */
void lk_adapt_card_set_people (LkAdaptCard *self, const char *const *names);
const char *lk_adapt_card_get_person (LkAdaptCard *self); /* (nullable) */

/* Whether the chosen person has an adapted head now. */
void lk_adapt_card_set_kept (LkAdaptCard *self, gboolean kept);

void lk_adapt_card_begin (LkAdaptCard *self);
void lk_adapt_card_show_result (LkAdaptCard *self, const LkAdaptation *adaptation,
                                const char *person);
void lk_adapt_card_show_error (LkAdaptCard *self, const GError *error);

/* (transfer full): what it says of a result: whole sentences */
char *lk_adapt_card_describe (const LkAdaptation *adaptation, const char *person);

G_END_DECLS
