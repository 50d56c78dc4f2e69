/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-anchor-strip"

#include "lk-anchor-strip.h"

#include "lk-mark.h"

#include <glib/gi18n.h>
#include <math.h>

#define PICTURE     64
#define TILE_HEIGHT 88 /* the picture and a line of text */
#define SPACING     6
#define TELL_MS     500 /* assistive technology is told scores this often */

/* Somebody else's anchors are shown once they have been the most alike for so long. */
#define LEAD_US (G_USEC_PER_SEC / 2)

/* One anchor: its picture, its score, and a mark that is not colour alone. */
#define LK_TYPE_ANCHOR_TILE (lk_anchor_tile_get_type ())
G_DECLARE_FINAL_TYPE (LkAnchorTile, lk_anchor_tile, LK, ANCHOR_TILE, GtkWidget)

struct _LkAnchorTile
{
  GtkWidget parent_instance;

  int number; /* from 1 */
  GdkTexture *texture;
  PangoLayout *layout;
  int hundredths; /* of the score as drawn; -1: none */
  LkMark mark;
};

G_DEFINE_FINAL_TYPE (LkAnchorTile, lk_anchor_tile, GTK_TYPE_WIDGET)

static void
lk_anchor_tile_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  LkAnchorTile *self = LK_ANCHOR_TILE (widget);
  graphene_rect_t rect = GRAPHENE_RECT_INIT (0, 0, PICTURE, PICTURE);
  GskRoundedRect clip;
  GdkRGBA colour, fore;
  int text_width, text_height;

  lk_mark_get_colour (self->mark, widget, &colour);
  lk_mark_get_colour (LK_MARK_NEUTRAL, widget, &fore);
  gsk_rounded_rect_init_from_rect (&clip, &rect, 8);
  gtk_snapshot_push_rounded_clip (snapshot, &clip);
  if (self->mark == LK_MARK_BAD)
    gtk_snapshot_push_opacity (snapshot, 0.55);
  gtk_snapshot_append_texture (snapshot, self->texture, &rect);
  if (self->mark == LK_MARK_BAD)
    gtk_snapshot_pop (snapshot);
  gtk_snapshot_pop (snapshot);
  if (self->mark == LK_MARK_GOOD)
    gtk_snapshot_append_border (snapshot, &clip, (const float[]){ 3, 3, 3, 3 },
                                (const GdkRGBA[]){ colour, colour, colour, colour });

  if (self->layout == NULL)
    {
      PangoAttrList *attrs = pango_attr_list_new ();

      self->layout = gtk_widget_create_pango_layout (widget, NULL);
      pango_attr_list_insert (attrs, pango_attr_font_features_new ("tnum=1"));
      pango_attr_list_insert (attrs, pango_attr_scale_new (0.85));
      pango_layout_set_attributes (self->layout, attrs);
      pango_attr_list_unref (attrs);
    }
  if (self->hundredths < 0)
    pango_layout_set_text (self->layout, "–", -1);
  else
    {
      g_autofree char *text = g_strdup_printf ("%s %d.%02d", self->mark == LK_MARK_GOOD ? "✓" : "✗",
                                               self->hundredths / 100, self->hundredths % 100);

      pango_layout_set_text (self->layout, text, -1);
    }
  pango_layout_get_pixel_size (self->layout, &text_width, &text_height);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (
      snapshot, &GRAPHENE_POINT_INIT ((PICTURE - text_width) / 2,
                                      PICTURE + (TILE_HEIGHT - PICTURE - text_height) / 2));
  gtk_snapshot_append_layout (snapshot, self->layout, self->mark == LK_MARK_GOOD ? &colour : &fore);
  gtk_snapshot_restore (snapshot);
}

static void
lk_anchor_tile_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                        int *natural, int *minimum_baseline, int *natural_baseline)
{
  *minimum = *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? PICTURE : TILE_HEIGHT;
}

static void
lk_anchor_tile_css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (lk_anchor_tile_parent_class)->css_changed (widget, change);
  g_clear_object (&LK_ANCHOR_TILE (widget)->layout); /* the font may be another */
  gtk_widget_queue_draw (widget);
}

static void
lk_anchor_tile_dispose (GObject *object)
{
  LkAnchorTile *self = LK_ANCHOR_TILE (object);

  g_clear_object (&self->texture);
  g_clear_object (&self->layout);
  G_OBJECT_CLASS (lk_anchor_tile_parent_class)->dispose (object);
}

static void
lk_anchor_tile_class_init (LkAnchorTileClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lk_anchor_tile_dispose;
  widget_class->snapshot = lk_anchor_tile_snapshot;
  widget_class->measure = lk_anchor_tile_measure;
  widget_class->css_changed = lk_anchor_tile_css_changed;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
lk_anchor_tile_init (LkAnchorTile *self)
{
  self->hundredths = -1;
}

static void
tile_tell (LkAnchorTile *self)
{
  g_autofree char *text = NULL;

  if (self->hundredths < 0)
    text = g_strdup_printf (_("Anchor %d"), self->number);
  else if (self->mark == LK_MARK_GOOD)
    text = g_strdup_printf (_("Anchor %d: %.2f, a match"), self->number, self->hundredths / 100.0);
  else
    text = g_strdup_printf (_("Anchor %d: %.2f, no match"), self->number,
                               self->hundredths / 100.0);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
}

struct _LkAnchorStrip
{
  AdwBin parent_instance;

  GtkScrolledWindow *scroller;
  GtkBox *box;
  GPtrArray *anchors; /* (element-type LkImage): of everybody */
  GPtrArray *tiles;   /* (element-type LkAnchorTile): borrowed from the box; of those shown */
  int first;          /* of those shown, among the anchors */
  int leader;         /* the first anchor of who is most alike; -1 before a check */
  gint64 leader_us;   /* since when */
  GArray *scores;     /* of float; empty: none */
  double threshold;
  gint64 told_us;
};

G_DEFINE_FINAL_TYPE (LkAnchorStrip, lk_anchor_strip, ADW_TYPE_BIN)

/* Brings the tiles that can be seen up to date. */
static void
update_visible (LkAnchorStrip *self)
{
  GtkAdjustment *adjustment = gtk_scrolled_window_get_hadjustment (self->scroller);
  double value = gtk_adjustment_get_value (adjustment),
         page = gtk_adjustment_get_page_size (adjustment);
  gboolean rtl = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
  int n = self->tiles->len, step = PICTURE + SPACING;
  gint64 now = g_get_monotonic_time ();
  gboolean tell = now - self->told_us >= TELL_MS * 1000;
  int first, last;

  if (rtl)
    value = gtk_adjustment_get_upper (adjustment) - page - value;
  first = CLAMP ((int) (value / step) - 1, 0, n);
  last = page > 0 ? CLAMP ((int) ((value + page) / step) + 2, 0, n) : n;
  for (int i = first; i < last; i++)
    {
      LkAnchorTile *tile = self->tiles->pdata[i];
      gboolean scored = self->scores->len > 0;
      double score = scored ? (double) g_array_index (self->scores, float, i) : NAN;
      int hundredths = isfinite (score) ? (int) floor (CLAMP (score, 0, 1) * 100) : -1;
      LkMark mark = hundredths < 0            ? LK_MARK_NEUTRAL
                    : score > self->threshold ? LK_MARK_GOOD
                                              : LK_MARK_BAD;

      if (hundredths != tile->hundredths || mark != tile->mark)
        {
          tile->hundredths = hundredths;
          tile->mark = mark;
          gtk_widget_queue_draw (GTK_WIDGET (tile));
        }
      if (tell)
        tile_tell (tile);
    }
  if (tell)
    self->told_us = now;
}

static void
lk_anchor_strip_dispose (GObject *object)
{
  LkAnchorStrip *self = LK_ANCHOR_STRIP (object);

  g_clear_pointer (&self->anchors, g_ptr_array_unref);
  g_clear_pointer (&self->tiles, g_ptr_array_unref);
  g_clear_pointer (&self->scores, g_array_unref);
  G_OBJECT_CLASS (lk_anchor_strip_parent_class)->dispose (object);
}

static void
on_scrolled (LkAnchorStrip *self)
{
  if (self->tiles != NULL)
    update_visible (self);
}

static void
lk_anchor_strip_class_init (LkAnchorStripClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lk_anchor_strip_dispose;
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
lk_anchor_strip_init (LkAnchorStrip *self)
{
  GtkAdjustment *adjustment;

  self->anchors = g_ptr_array_new_with_free_func ((GDestroyNotify) lk_image_unref);
  self->tiles = g_ptr_array_new ();
  self->scores = g_array_new (FALSE, FALSE, sizeof (float));
  self->box = GTK_BOX (gtk_box_new (GTK_ORIENTATION_HORIZONTAL, SPACING));
  self->scroller = GTK_SCROLLED_WINDOW (gtk_scrolled_window_new ());
  gtk_scrolled_window_set_policy (self->scroller, GTK_POLICY_AUTOMATIC, GTK_POLICY_NEVER);
  gtk_scrolled_window_set_child (self->scroller, GTK_WIDGET (self->box));
  gtk_widget_set_focusable (GTK_WIDGET (self->scroller), TRUE); /* Ctrl+Left and Right scroll */
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->scroller), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Scores of the anchors"), -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Anchors"), -1);
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (self->scroller));
  adjustment = gtk_scrolled_window_get_hadjustment (self->scroller);
  g_signal_connect_object (adjustment, "value-changed", G_CALLBACK (on_scrolled), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (adjustment, "changed", G_CALLBACK (on_scrolled), self,
                           G_CONNECT_SWAPPED);
}

GtkWidget *
lk_anchor_strip_new (void)
{
  return g_object_new (LK_TYPE_ANCHOR_STRIP, NULL);
}

/* @n tiles, for the anchors from @first on. */
static void
make_tiles (LkAnchorStrip *self, int first, int n)
{
  for (guint i = 0; i < self->tiles->len; i++)
    gtk_box_remove (self->box, self->tiles->pdata[i]);
  g_ptr_array_set_size (self->tiles, 0);
  g_array_set_size (self->scores, 0);
  self->first = first;
  for (int i = 0; i < n; i++)
    {
      const LkImage *image = self->anchors->pdata[first + i];
      LkAnchorTile *tile = g_object_new (LK_TYPE_ANCHOR_TILE, "valign", GTK_ALIGN_CENTER, NULL);

      tile->number = i + 1;
      tile->texture = gdk_memory_texture_new (image->width, image->height, GDK_MEMORY_R8G8B8,
                                              image->bytes, (gsize) image->width * 3);
      tile_tell (tile);
      gtk_box_append (self->box, GTK_WIDGET (tile));
      g_ptr_array_add (self->tiles, tile);
    }
}

void
lk_anchor_strip_set_anchors (LkAnchorStrip *self, GPtrArray *images)
{
  g_return_if_fail (LK_IS_ANCHOR_STRIP (self));

  g_ptr_array_set_size (self->anchors, 0);
  for (guint i = 0; i < images->len; i++)
    g_ptr_array_add (self->anchors, lk_image_ref (images->pdata[i]));
  self->leader = -1;
  make_tiles (self, 0, (int) images->len);
}

int
lk_anchor_strip_get_n_anchors (LkAnchorStrip *self)
{
  g_return_val_if_fail (LK_IS_ANCHOR_STRIP (self), 0);
  return (int) self->tiles->len;
}

static void
follow_leader (LkAnchorStrip *self, const LkMatch *leader)
{
  gint64 now_us = g_get_monotonic_time ();
  gboolean is_first = self->leader < 0;

  if (leader->first != self->leader)
    {
      self->leader = leader->first;
      self->leader_us = now_us;
    }
  if ((is_first || now_us - self->leader_us >= LEAD_US) &&
      (leader->first != self->first || leader->n_anchors != (int) self->tiles->len))
    make_tiles (self, leader->first, leader->n_anchors);
}

void
lk_anchor_strip_show_check (LkAnchorStrip *self, const LkCheck *check)
{
  g_return_if_fail (LK_IS_ANCHOR_STRIP (self));

  if (check != NULL && check->n_anchors != (int) self->anchors->len)
    check = NULL;
  if (check != NULL && check->best >= 0)
    follow_leader (self, &check->people[check->best]);
  g_array_set_size (self->scores, 0);
  if (check != NULL)
    {
      g_array_append_vals (self->scores, check->scores + self->first, self->tiles->len);
      self->threshold = check->policy.detection;
    }
  update_visible (self);
}
