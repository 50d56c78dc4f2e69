/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-trainer.h"

G_BEGIN_DECLS

/*
 * LkTrainReport: brings progress from the trainer's thread to the main context.
 *
 * Every epoch's end and every change of state arrives; of the rest the newest, at
 * most ten a second.
 */
typedef struct _LkTrainReport LkTrainReport;

LkTrainReport *lk_train_report_new (LkTrainFunc progress, gpointer data);

/* @error: (transfer full) (nullable).  From the trainer's thread. */
void lk_train_report_post (LkTrainReport *self, const LkTrainProgress *progress, GError *error);

/* In the thread of the main context, when nobody posts any more. */
void lk_train_report_free (LkTrainReport *self);

G_END_DECLS
