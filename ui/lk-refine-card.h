/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/*
 * LkRefineCard: offers to add pictures of who was just verified to theirs.
 *
 * Passive.  Its buttons do the Verify page's actions "verify.add-pictures" and
 * "verify.forget-pictures".  Hidden as long as nothing is offered.
 */
#define LK_TYPE_REFINE_CARD (lk_refine_card_get_type ())
G_DECLARE_FINAL_TYPE (LkRefineCard, lk_refine_card, LK, REFINE_CARD, AdwBin)

GtkWidget *lk_refine_card_new (void);

/* @pictures: (element-type LkImage): pixels are not copied */
void lk_refine_card_offer (LkRefineCard *self, const char *person, GPtrArray *pictures);
void lk_refine_card_clear (LkRefineCard *self);

G_END_DECLS
