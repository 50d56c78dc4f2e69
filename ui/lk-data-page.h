/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/*
 * LkDataPage: what the program keeps and where, with a way to look at it and to get rid of it;
 * a page of the preferences.
 *
 * Passive: its owner tells what there is and hears what is wished.
 *
 * Properties
 *   "keep-refused" (gboolean, FALSE)  pictures of refused attempts are kept
 *   "keep-days" (int, 7)              for so many days
 * Signals
 *   "open" (int kind)     a LkDataKind's folder shall be shown
 *   "delete" (int kind)   a LkDataKind shall go
 */
#define LK_TYPE_DATA_PAGE (lk_data_page_get_type ())
G_DECLARE_FINAL_TYPE (LkDataPage, lk_data_page, LK, DATA_PAGE, AdwPreferencesPage)

typedef enum
{
  LK_DATA_PEOPLE,
  LK_DATA_MODELS,
  LK_DATA_REFUSED, /* pictures of refused attempts */
  LK_DATA_KEY,
  LK_DATA_SETTINGS,
} LkDataKind;
#define LK_N_DATA_KINDS 5

GtkWidget *lk_data_page_new (void);

/* @sentence: what there is of it
 * @path: where
 * @can_delete: whether there is something to delete */
void lk_data_page_show (LkDataPage *self, LkDataKind kind, const char *sentence, const char *path,
                        gboolean can_delete);

G_END_DECLS
