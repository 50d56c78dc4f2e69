/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/*
 * LkCurves: curves in a square, from 0 to 1 either way, with the same ticks on both axes and
 * the diagonal: ROC and DET.
 *
 * Passive.  Assistive technology is told the title, and of each curve its name and the
 * sentence that comes with it.
 */
#define LK_TYPE_CURVES (lk_curves_get_type ())
G_DECLARE_FINAL_TYPE (LkCurves, lk_curves, LK, CURVES, GtkWidget)

typedef struct
{
  double place; /* 0 .. 1 */
  const char *text;
} LkCurvesTick;

GtkWidget *lk_curves_new (void);

/* @ticks: (array length=n_ticks): copied.  @title also names the drawing for assistive
 * technology. */
void lk_curves_set_axes (LkCurves *self, const char *title, const char *x_name, const char *y_name,
                         const LkCurvesTick *ticks, int n_ticks);

/* @points: (array length=n): x and y, copied.  @style: of lk-line-style.h. */
void lk_curves_add (LkCurves *self, const char *name, const char *sentence, int style,
                    const double (*points)[2], int n);
void lk_curves_clear (LkCurves *self);

G_END_DECLS
