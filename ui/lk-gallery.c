/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-gallery"

#include "lk-gallery.h"

#include <glib/gi18n.h>

#define SIDE 76 /* of a thumbnail, in logical pixels */

/* One capture as the grid's model has it.  Its texture is only there while a cell shows
 * it. */
#define LK_TYPE_GALLERY_ITEM (lk_gallery_item_get_type ())
G_DECLARE_FINAL_TYPE (LkGalleryItem, lk_gallery_item, LK, GALLERY_ITEM, GObject)

struct _LkGalleryItem
{
  GObject parent_instance;

  LkCapture *capture;
  GtkPicture *cell; /* (nullable): borrowed, while bound */
  GdkTexture *texture;
  int wanted; /* atomic: a cell still waits for it */
};

G_DEFINE_FINAL_TYPE (LkGalleryItem, lk_gallery_item, G_TYPE_OBJECT)

static void
lk_gallery_item_finalize (GObject *object)
{
  LkGalleryItem *self = LK_GALLERY_ITEM (object);

  g_clear_object (&self->texture);
  lk_capture_free (self->capture);
  G_OBJECT_CLASS (lk_gallery_item_parent_class)->finalize (object);
}

static void
lk_gallery_item_class_init (LkGalleryItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = lk_gallery_item_finalize;
}

static void
lk_gallery_item_init (LkGalleryItem *self)
{
}

static LkGalleryItem *
item_new (const LkCapture *capture)
{
  LkGalleryItem *item = g_object_new (LK_TYPE_GALLERY_ITEM, NULL);

  item->capture = lk_capture_copy (capture);
  return item;
}

struct _LkGallery
{
  AdwBin parent_instance;

  GtkStack *stack; /* template children: borrowed */
  GtkScrolledWindow *scroller;
  GtkGridView *grid;
  GtkLabel *empty_title, *empty_label;

  GListStore *store; /* of LkGalleryItem, newest first */
  GtkSelectionModel *selection;
};

G_DEFINE_FINAL_TYPE (LkGallery, lk_gallery, ADW_TYPE_BIN)

enum
{
  PROP_N_CAPTURES = 1,
  PROP_N_SELECTED,
  N_PROPS
};
static GParamSpec *props[N_PROPS];

enum
{
  DELETE,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
load_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  LkGalleryItem *item = source;
  int side = GPOINTER_TO_INT (data);
  g_autoptr (LkImage) image = NULL, small = NULL;
  GError *error = NULL;

  if (!g_atomic_int_get (&item->wanted)) /* scrolled away before its turn */
    {
      g_task_return_pointer (task, NULL, NULL);
      return;
    }
  image = lk_image_load (item->capture->path, &error);
  if (image == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  small = lk_image_resize (image, side, side, LK_FILTER_AREA);
  g_task_return_pointer (task,
                         gdk_memory_texture_new (small->width, small->height, GDK_MEMORY_R8G8B8,
                                                 small->bytes, (gsize) small->width * 3),
                         g_object_unref);
}

static void
on_loaded (GObject *source, GAsyncResult *result, gpointer data)
{
  LkGalleryItem *item = LK_GALLERY_ITEM (source);
  g_autoptr (GError) error = NULL;
  g_autoptr (GdkTexture) texture = g_task_propagate_pointer (G_TASK (result), &error);

  if (item->cell == NULL)
    return;
  if (error != NULL) /* gone or damaged: its place stays, so that it can be deleted */
    gtk_widget_set_tooltip_text (GTK_WIDGET (item->cell), error->message);
  else if (texture != NULL)
    {
      g_set_object (&item->texture, texture);
      gtk_picture_set_paintable (item->cell, GDK_PAINTABLE (texture));
    }
}

static void
on_setup (GtkSignalListItemFactory *factory, GtkListItem *list_item)
{
  GtkWidget *picture = gtk_picture_new ();

  gtk_widget_set_size_request (picture, SIDE, SIDE);
  gtk_widget_set_halign (picture, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (picture, GTK_ALIGN_CENTER);
  gtk_widget_set_overflow (picture, GTK_OVERFLOW_HIDDEN);
  gtk_widget_add_css_class (picture, "lk-thumbnail");
  gtk_list_item_set_child (list_item, picture);
}

static void
on_bind (GtkSignalListItemFactory *factory, GtkListItem *list_item, LkGallery *self)
{
  LkGalleryItem *item = gtk_list_item_get_item (list_item);
  GtkWidget *picture = gtk_list_item_get_child (list_item), *cell;
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->store));
  g_autofree char *name = g_strdup_printf (_("Picture %u of session %s"),
                                              n - gtk_list_item_get_position (list_item),
                                              item->capture->session);
  g_autoptr (GTask) task = NULL;

  gtk_accessible_update_property (GTK_ACCESSIBLE (picture), GTK_ACCESSIBLE_PROPERTY_LABEL, name,
                                  -1);
  cell = gtk_widget_get_parent (picture);
  if (cell != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (cell), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_widget_set_tooltip_text (picture, NULL);
  item->cell = GTK_PICTURE (picture);
  g_atomic_int_set (&item->wanted, TRUE);
  gtk_picture_set_paintable (item->cell, GDK_PAINTABLE (item->texture));
  if (item->texture != NULL)
    return;
  task = g_task_new (item, NULL, on_loaded, NULL);
  g_task_set_source_tag (task, on_bind);
  g_task_set_task_data (task, GINT_TO_POINTER (SIDE * gtk_widget_get_scale_factor (picture)), NULL);
  g_task_run_in_thread (task, load_in_thread);
}

static void
on_unbind (GtkSignalListItemFactory *factory, GtkListItem *list_item)
{
  LkGalleryItem *item = gtk_list_item_get_item (list_item);

  g_atomic_int_set (&item->wanted, FALSE);
  item->cell = NULL;
  g_clear_object (&item->texture); /* 13,000 of them would be 300 MB */
}

static void
on_changed (LkGallery *self)
{
  guint n = lk_gallery_get_n_captures (self);

  gtk_stack_set_visible_child_name (self->stack, n > 0 ? "pictures" : "empty");
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_N_CAPTURES]);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "gallery.delete",
                                 lk_gallery_get_n_selected (self) > 0);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_N_SELECTED]);
}

static void
on_selection_changed (LkGallery *self)
{
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "gallery.delete",
                                 lk_gallery_get_n_selected (self) > 0);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_N_SELECTED]);
}

static void
on_delete (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  g_autoptr (GPtrArray) captures = lk_gallery_get_selected (LK_GALLERY (widget));

  if (captures->len > 0)
    g_signal_emit (widget, signals[DELETE], 0, captures);
}

static void
lk_gallery_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  LkGallery *self = LK_GALLERY (object);

  if (id == PROP_N_CAPTURES)
    g_value_set_uint (value, lk_gallery_get_n_captures (self));
  else if (id == PROP_N_SELECTED)
    g_value_set_uint (value, lk_gallery_get_n_selected (self));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
lk_gallery_dispose (GObject *object)
{
  LkGallery *self = LK_GALLERY (object);

  if (self->store != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->store, self);
      g_signal_handlers_disconnect_by_data (self->selection, self);
    }
  adw_bin_set_child (ADW_BIN (object), NULL); /* the template would free it behind the bin */
  gtk_widget_dispose_template (GTK_WIDGET (self), LK_TYPE_GALLERY);
  g_clear_object (&self->selection);
  g_clear_object (&self->store);
  G_OBJECT_CLASS (lk_gallery_parent_class)->dispose (object);
}

static void
lk_gallery_class_init (LkGalleryClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = lk_gallery_get_property;
  object_class->dispose = lk_gallery_dispose;

  props[PROP_N_CAPTURES] = g_param_spec_uint ("n-captures", NULL, NULL, 0, G_MAXUINT, 0,
                                              G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  props[PROP_N_SELECTED] = g_param_spec_uint ("n-selected", NULL, NULL, 0, G_MAXUINT, 0,
                                              G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);

  signals[DELETE] = g_signal_new ("delete", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 1, G_TYPE_PTR_ARRAY);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/likeness/Likeness/ui/lk-gallery.ui");
  gtk_widget_class_bind_template_child (widget_class, LkGallery, stack);
  gtk_widget_class_bind_template_child (widget_class, LkGallery, scroller);
  gtk_widget_class_bind_template_child (widget_class, LkGallery, grid);
  gtk_widget_class_bind_template_child (widget_class, LkGallery, empty_title);
  gtk_widget_class_bind_template_child (widget_class, LkGallery, empty_label);
  gtk_widget_class_install_action (widget_class, "gallery.delete", NULL, on_delete);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Delete, 0, "gallery.delete", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_KP_Delete, 0, "gallery.delete", NULL);
}

static void
lk_gallery_init (LkGallery *self)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
  self->store = g_list_store_new (LK_TYPE_GALLERY_ITEM);
  self->selection = GTK_SELECTION_MODEL (
      gtk_multi_selection_new (G_LIST_MODEL (g_object_ref (self->store))));
  g_signal_connect (factory, "setup", G_CALLBACK (on_setup), NULL);
  g_signal_connect_object (factory, "bind", G_CALLBACK (on_bind), self, 0);
  g_signal_connect (factory, "unbind", G_CALLBACK (on_unbind), NULL);
  gtk_grid_view_set_factory (self->grid, factory);
  gtk_grid_view_set_model (self->grid, self->selection);
  g_signal_connect_swapped (self->store, "items-changed", G_CALLBACK (on_changed), self);
  g_signal_connect_swapped (self->selection, "selection-changed", G_CALLBACK (on_selection_changed),
                            self);
  g_object_unref (factory);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "gallery.delete", FALSE);
}

GtkWidget *
lk_gallery_new (void)
{
  return g_object_new (LK_TYPE_GALLERY, NULL);
}

void
lk_gallery_set_empty (LkGallery *self, const char *title, const char *sentence)
{
  g_return_if_fail (LK_IS_GALLERY (self));

  gtk_label_set_text (self->empty_title, title);
  gtk_label_set_text (self->empty_label, sentence);
}

void
lk_gallery_set_captures (LkGallery *self, GPtrArray *captures)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);
  guint n = lk_gallery_get_n_captures (self), same = 0;

  g_return_if_fail (LK_IS_GALLERY (self));

  /* The usual case: nothing has changed, and the grid need not start anew. */
  if (n == captures->len)
    for (; same < n; same++)
      {
        g_autoptr (LkGalleryItem)
            item = g_list_model_get_item (G_LIST_MODEL (self->store), n - 1 - same);

        if (g_strcmp0 (item->capture->path, ((LkCapture *) captures->pdata[same])->path) != 0)
          break;
      }
  if (n == captures->len && same == n)
    return;

  for (guint i = captures->len; i > 0; i--)
    g_ptr_array_add (items, item_new (captures->pdata[i - 1]));
  g_list_store_splice (self->store, 0, n, items->pdata, items->len);
}

void
lk_gallery_add (LkGallery *self, const LkCapture *capture)
{
  g_autoptr (LkGalleryItem) item = NULL;

  g_return_if_fail (LK_IS_GALLERY (self));

  item = item_new (capture);
  g_list_store_insert (self->store, 0, item);
  gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (self->scroller), 0);
}

guint
lk_gallery_get_n_captures (LkGallery *self)
{
  g_return_val_if_fail (LK_IS_GALLERY (self), 0);
  return g_list_model_get_n_items (G_LIST_MODEL (self->store));
}

guint
lk_gallery_get_n_selected (LkGallery *self)
{
  g_autoptr (GtkBitset) bits = NULL;

  g_return_val_if_fail (LK_IS_GALLERY (self), 0);
  bits = gtk_selection_model_get_selection (self->selection);
  return (guint) gtk_bitset_get_size (bits);
}

void
lk_gallery_select (LkGallery *self, guint position, gboolean selected)
{
  g_return_if_fail (LK_IS_GALLERY (self));

  if (selected)
    gtk_selection_model_select_item (self->selection, position, FALSE);
  else
    gtk_selection_model_unselect_item (self->selection, position);
}

GPtrArray *
lk_gallery_get_selected (LkGallery *self)
{
  GPtrArray *captures = g_ptr_array_new_with_free_func ((GDestroyNotify) lk_capture_free);
  g_autoptr (GtkBitset) bits = NULL;
  GtkBitsetIter iter;
  guint position;

  g_return_val_if_fail (LK_IS_GALLERY (self), captures);

  bits = gtk_selection_model_get_selection (self->selection);
  if (gtk_bitset_iter_init_first (&iter, bits, &position))
    do
      {
        g_autoptr (LkGalleryItem)
            item = g_list_model_get_item (G_LIST_MODEL (self->store), position);

        g_ptr_array_add (captures, lk_capture_copy (item->capture));
      }
    while (gtk_bitset_iter_next (&iter, &position));
  return captures;
}
