/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/*
 * LkPlot: named lines over one pair of axes.
 *
 * Passive.  Axes fit themselves to the points, with round ticks; a line may have
 * its own colour and dashes; a marker stands on one x.  Colours follow the style
 * (light, dark, high contrast).  Drawing costs no more than a few points for each
 * pixel of width, however many there are.  Assistive technology is told the last
 * value of each line.
 */
#define LK_TYPE_PLOT (lk_plot_get_type ())
G_DECLARE_FINAL_TYPE (LkPlot, lk_plot, LK, PLOT, GtkWidget)

GtkWidget *lk_plot_new (void);

/* What the axes are; shown small beside them.  @title also names the plot for
 * assistive technology. */
void lk_plot_set_labels (LkPlot *self, const char *title, const char *x_label);

/* Fixed limits of the y axis; low == high (the default): fit to the points. */
void lk_plot_set_y_range (LkPlot *self, double low, double high);

/* Returns: the number of the new line, from 0; at most 6.  Each number has its own
 * colour and dashes. */
int lk_plot_add_series (LkPlot *self, const char *name);

/* @x must not be below the line's last x.  A point that is not finite is a gap. */
void lk_plot_append (LkPlot *self, int series, double x, double y);
int lk_plot_get_n_points (LkPlot *self, int series);
/* Takes a line's points from @x on away: what they show is done once more. */
void lk_plot_rewind (LkPlot *self, int series, double x);

/* A vertical line at @x with a word to it; @label NULL takes it away. */
void lk_plot_set_marker (LkPlot *self, double x, const char *label);

/* Forgets all points and the marker; keeps the lines' names. */
void lk_plot_clear (LkPlot *self);

G_END_DECLS
