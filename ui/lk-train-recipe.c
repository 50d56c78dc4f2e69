/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-train-recipe"

#include "lk-train-recipe.h"

#include "lk-train-rows.h"
#include "lk-train-words.h"
#include "train/lk-recipe.h"
#include "train/lk-train-options.h"

#include <glib/gi18n.h>

typedef struct
{
  char *id, *description;
} Preset;

struct _LkTrainRecipe
{
  AdwBin parent_instance;

  GtkWidget *top, *preset_row, *reset_button; /* borrowed from the tree */
  GtkWidget *folds[LK_N_SECTIONS];
  gboolean made[LK_N_SECTIONS];                                     /* its rows */
  GtkWidget *rows[LK_MAX_TRAIN_ROWS], *controls[LK_MAX_TRAIN_ROWS]; /* NULL: not made */
  GArray *presets;                                                  /* (element-type Preset) */
  GtkStringList *preset_names, *networks;                           /* (owned) */
  LkTrainOptions preset_options, options;
  gboolean quiet; /* widgets are being set: nobody chose */
};

G_DEFINE_FINAL_TYPE (LkTrainRecipe, lk_train_recipe, ADW_TYPE_BIN)

enum
{
  PRESET_WANTED,
  CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
preset_clear (gpointer data)
{
  g_free (((Preset *) data)->id);
  g_free (((Preset *) data)->description);
}

static const LkRecipeKey *
find_key (const char *name)
{
  for (const LkRecipeKey *key = lk_recipe_get_keys (); key->key != NULL; key++)
    if (g_str_equal (key->key, name))
      return key;
  return NULL;
}

/* The number of the word among those of its key. */
static guint
find_word (const LkTrainOptions *options, const char *key)
{
  g_auto (GStrv) words = g_strsplit (find_key (key)->values, "|", -1);
  g_autofree char *value = lk_recipe_get (options, key);
  guint i = 0;

  while (words[i] != NULL && g_strcmp0 (words[i], value) != 0)
    i++;
  return words[i] != NULL ? i : 0;
}

/* ---- what is shown ---- */

static void
show_network (LkTrainRecipe *self, int i)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->networks)), at = 0;

  while (at < n &&
         g_strcmp0 (gtk_string_list_get_string (self->networks, at), self->options.network) != 0)
    at++;
  if (at == n && self->options.network != NULL) /* a model to go on with */
    gtk_string_list_append (self->networks, self->options.network);
  adw_combo_row_set_selected (ADW_COMBO_ROW (self->rows[i]), at);
}

static void
show_row (LkTrainRecipe *self, int i)
{
  const LkTrainRow *spec = &lk_train_rows[i];
  g_autofree char *value = lk_recipe_get (&self->options, spec->key);
  double strength;

  gtk_widget_set_visible (self->rows[i], lk_train_row_is_relevant (spec, &self->options));
  switch (spec->kind)
    {
    case LK_ROW_NUMBER:
      gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->controls[i]), g_ascii_strtod (value, NULL));
      break;
    case LK_ROW_WORD:
      adw_combo_row_set_selected (ADW_COMBO_ROW (self->rows[i]),
                                  find_word (&self->options, spec->key));
      break;
    case LK_ROW_SWITCH:
      gtk_switch_set_active (GTK_SWITCH (self->controls[i]), g_strcmp0 (value, "yes") == 0);
      break;
    case LK_ROW_NETWORK:
      show_network (self, i);
      break;
    case LK_ROW_AUGMENT:
      adw_combo_row_set_selected (ADW_COMBO_ROW (self->rows[i]),
                                  lk_train_words_find_augment (&self->options, NULL));
      break;
    case LK_ROW_STRENGTH:
    default:
      lk_train_words_find_augment (&self->options, &strength);
      gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->controls[i]), strength);
      break;
    }
}

static void
show_summaries (LkTrainRecipe *self)
{
  char *(*const describe[LK_N_SECTIONS]) (const LkTrainOptions *) = {
    [LK_SECTION_LOSS] = lk_train_words_describe_loss,
    [LK_SECTION_BATCH] = lk_train_words_describe_batch,
    [LK_SECTION_STEPS] = lk_train_words_describe_steps,
    [LK_SECTION_AUGMENT] = lk_train_words_describe_augment,
    [LK_SECTION_END] = lk_train_words_describe_end,
  };

  for (int s = LK_SECTION_LOSS; s < LK_N_SECTIONS; s++)
    {
      g_autofree char *text = describe[s](&self->options);

      adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (self->folds[s]), text);
    }
}

static void
show_preset (LkTrainRecipe *self)
{
  guint i = adw_combo_row_get_selected (ADW_COMBO_ROW (self->preset_row));
  gboolean changed = lk_train_recipe_is_changed (self);
  const char *description = i < self->presets->len
                                ? g_array_index (self->presets, Preset, i).description
                                : "";
  g_autofree char *text = changed ? g_strdup_printf (_("%s Changed below."), description) : NULL;

  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->preset_row),
                               text != NULL ? text : description);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "recipe.reset", changed);
}

static void
show (LkTrainRecipe *self)
{
  self->quiet = TRUE;
  for (int i = 0; lk_train_rows[i].key != NULL; i++)
    if (self->rows[i] != NULL)
      show_row (self, i);
  self->quiet = FALSE;
  show_summaries (self);
  show_preset (self);
}

/* ---- what is chosen ---- */

static void
set (LkTrainRecipe *self, const char *key, const char *value)
{
  if (!lk_recipe_set (&self->options, key, value, NULL))
    return;
  show (self); /* one option may set others, or make them matter */
  g_signal_emit (self, signals[CHANGED], 0);
}

static int
get_row_number (gpointer widget)
{
  return GPOINTER_TO_INT (g_object_get_data (G_OBJECT (widget), "row"));
}

static void
set_augment (LkTrainRecipe *self, LkAugmentKind kind, double strength)
{
  static const char *const words[] = { "none", "paper", "faces" };
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  if (kind == LK_AUGMENT_OWN)
    self->options.augment = self->preset_options.augment;
  else
    {
      lk_recipe_set (&self->options, "augment", words[kind], NULL);
      if (kind != LK_AUGMENT_NONE)
        lk_recipe_set (&self->options, "augment-strength",
                       g_ascii_formatd (text, sizeof text, "%.4f", strength), NULL);
    }
  show (self);
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
on_number (GtkSpinButton *spin, LkTrainRecipe *self)
{
  const LkTrainRow *spec = &lk_train_rows[get_row_number (spin)];
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  double value = gtk_spin_button_get_value (spin);

  if (self->quiet)
    return;
  if (spec->kind == LK_ROW_STRENGTH)
    {
      if (value > 0) /* nothing is left of it at 0: that is “none” */
        set_augment (self, lk_train_words_find_augment (&self->options, NULL), value);
      return;
    }
  set (self, spec->key,
       g_ascii_formatd (text, sizeof text, spec->digits ? "%.10g" : "%.0f", value));
}

static void
on_switch (GtkSwitch *widget, GParamSpec *spec, LkTrainRecipe *self)
{
  if (!self->quiet)
    set (self, lk_train_rows[get_row_number (widget)].key,
         gtk_switch_get_active (widget) ? "yes" : "no");
}

static void
on_word (AdwComboRow *row, GParamSpec *unused, LkTrainRecipe *self)
{
  const LkTrainRow *spec = &lk_train_rows[get_row_number (row)];
  guint i = adw_combo_row_get_selected (row);

  if (self->quiet || i == GTK_INVALID_LIST_POSITION)
    return;
  if (spec->kind == LK_ROW_NETWORK)
    {
      g_autofree char *name = g_strdup (gtk_string_list_get_string (self->networks, i));

      set (self, spec->key, name);
    }
  else if (spec->kind == LK_ROW_AUGMENT)
    set_augment (self, (LkAugmentKind) i, 1);
  else
    {
      g_auto (GStrv) words = g_strsplit (find_key (spec->key)->values, "|", -1);

      if (i < g_strv_length (words))
        set (self, spec->key, words[i]);
    }
}

static void
on_preset (AdwComboRow *row, GParamSpec *spec, LkTrainRecipe *self)
{
  guint i = adw_combo_row_get_selected (row);

  if (!self->quiet && i < self->presets->len)
    g_signal_emit (self, signals[PRESET_WANTED], 0, g_array_index (self->presets, Preset, i).id);
}

static void
on_reset (GtkWidget *widget, const char *action, GVariant *parameter)
{
  LkTrainRecipe *self = LK_TRAIN_RECIPE (widget);

  lk_train_options_clear (&self->options);
  lk_train_options_copy (&self->preset_options, &self->options);
  show (self);
  g_signal_emit (self, signals[CHANGED], 0);
}

/* ---- construction ---- */

static GtkStringList *
make_labels (const LkTrainRow *spec)
{
  GtkStringList *labels = gtk_string_list_new (NULL);
  const char *const *words = lk_train_words_get_labels (spec->key);

  for (int i = 0; words[i] != NULL; i++)
    gtk_string_list_append (labels, _(words[i]));
  return labels;
}

static GtkWidget *
make_row (LkTrainRecipe *self, int i)
{
  const LkTrainRow *spec = &lk_train_rows[i];
  gboolean combo = spec->kind == LK_ROW_WORD || spec->kind == LK_ROW_NETWORK ||
                   spec->kind == LK_ROW_AUGMENT;
  GtkWidget *row = combo ? adw_combo_row_new () : adw_action_row_new (), *control = NULL;

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _(spec->title));
  if (spec->subtitle != NULL)
    adw_action_row_set_subtitle (ADW_ACTION_ROW (row), _(spec->subtitle));
  if (combo)
    {
      g_autoptr (GtkStringList) labels = spec->kind == LK_ROW_NETWORK
                                             ? g_object_ref (self->networks)
                                             : make_labels (spec);

      adw_combo_row_set_model (ADW_COMBO_ROW (row), G_LIST_MODEL (labels));
      g_signal_connect (row, "notify::selected", G_CALLBACK (on_word), self);
    }
  else if (spec->kind == LK_ROW_SWITCH)
    {
      control = gtk_switch_new ();
      g_signal_connect (control, "notify::active", G_CALLBACK (on_switch), self);
    }
  else
    {
      control = gtk_spin_button_new_with_range (spec->lower, spec->upper, spec->step);
      gtk_spin_button_set_digits (GTK_SPIN_BUTTON (control), (guint) spec->digits);
      g_signal_connect (control, "value-changed", G_CALLBACK (on_number), self);
    }
  if (control != NULL)
    {
      gtk_widget_set_valign (control, GTK_ALIGN_CENTER);
      adw_action_row_add_suffix (ADW_ACTION_ROW (row), control);
      adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), control);
      g_object_set_data (G_OBJECT (control), "row", GINT_TO_POINTER (i));
      gtk_widget_set_name (control, spec->key);
    }
  g_object_set_data (G_OBJECT (row), "row", GINT_TO_POINTER (i));
  gtk_widget_set_name (row, spec->key);
  self->rows[i] = row;
  self->controls[i] = control;
  return row;
}

static void
make_section (LkTrainRecipe *self, LkTrainSection section)
{
  for (int i = 0; lk_train_rows[i].key != NULL; i++)
    if (lk_train_rows[i].section == section && find_key (lk_train_rows[i].key) != NULL)
      {
        GtkWidget *row = make_row (self, i);

        if (section == LK_SECTION_TOP)
          adw_preferences_group_add (ADW_PREFERENCES_GROUP (self->top), row);
        else
          adw_expander_row_add_row (ADW_EXPANDER_ROW (self->folds[section]), row);
      }
}

/* Most people never look: rows are made when somebody does. */
static void
on_expanded (AdwExpanderRow *fold, GParamSpec *spec, LkTrainRecipe *self)
{
  int section = get_row_number (fold);

  if (!adw_expander_row_get_expanded (fold) || self->made[section])
    return;
  self->made[section] = TRUE;
  self->quiet = TRUE;
  make_section (self, (LkTrainSection) section);
  self->quiet = FALSE;
  show (self);
}

static void
make_folds (LkTrainRecipe *self, GtkWidget *group)
{
  for (int s = LK_SECTION_LOSS; s < LK_N_SECTIONS; s++)
    {
      self->folds[s] = adw_expander_row_new ();
      g_object_set (self->folds[s], "use-markup", FALSE, "title",
                    _(lk_train_section_titles[s]), NULL);
      g_object_set_data (G_OBJECT (self->folds[s]), "row", GINT_TO_POINTER (s));
      g_signal_connect (self->folds[s], "notify::expanded", G_CALLBACK (on_expanded), self);
      adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), self->folds[s]);
    }
}

static void
lk_train_recipe_dispose (GObject *object)
{
  LkTrainRecipe *self = LK_TRAIN_RECIPE (object);

  self->quiet = TRUE;
  adw_bin_set_child (ADW_BIN (self), NULL);
  g_clear_object (&self->preset_names);
  g_clear_object (&self->networks);
  G_OBJECT_CLASS (lk_train_recipe_parent_class)->dispose (object);
}

static void
lk_train_recipe_finalize (GObject *object)
{
  LkTrainRecipe *self = LK_TRAIN_RECIPE (object);

  g_array_unref (self->presets);
  lk_train_options_clear (&self->preset_options);
  lk_train_options_clear (&self->options);
  G_OBJECT_CLASS (lk_train_recipe_parent_class)->finalize (object);
}

static void
lk_train_recipe_class_init (LkTrainRecipeClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lk_train_recipe_dispose;
  G_OBJECT_CLASS (klass)->finalize = lk_train_recipe_finalize;
  signals[PRESET_WANTED] = g_signal_new ("preset-wanted", G_TYPE_FROM_CLASS (klass),
                                         G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                         G_TYPE_STRING);
  signals[CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_install_action (GTK_WIDGET_CLASS (klass), "recipe.reset", NULL, on_reset);
}

static void
lk_train_recipe_init (LkTrainRecipe *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 24);
  GtkWidget *top = adw_preferences_group_new (), *rest = adw_preferences_group_new ();

  self->presets = g_array_new (FALSE, FALSE, sizeof (Preset));
  g_array_set_clear_func (self->presets, preset_clear);
  self->preset_names = gtk_string_list_new (NULL);
  self->networks = gtk_string_list_new (NULL);
  lk_train_options_init (&self->preset_options, "siamese");
  lk_train_options_init (&self->options, "siamese");

  self->top = top;
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (top), _("Recipe"));
  self->preset_row = adw_combo_row_new ();
  g_object_set (self->preset_row, "use-markup", FALSE, "title",
                _("Preset"), "subtitle-lines", 4, "model", self->preset_names, "name", "preset",
                   NULL);
  g_signal_connect (self->preset_row, "notify::selected", G_CALLBACK (on_preset), self);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (top), self->preset_row);

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (rest), _("Advanced"));
  self->reset_button = gtk_button_new_with_label (_("Reset"));
  g_object_set (self->reset_button, "action-name", "recipe.reset", "name", "reset", "valign",
                GTK_ALIGN_CENTER, "tooltip-text",
                _("Undoes what was changed since the preset"), NULL);
  gtk_widget_add_css_class (self->reset_button, "flat");
  adw_preferences_group_set_header_suffix (ADW_PREFERENCES_GROUP (rest), self->reset_button);
  make_section (self, LK_SECTION_TOP);
  make_folds (self, rest);
  gtk_box_append (GTK_BOX (box), top);
  gtk_box_append (GTK_BOX (box), rest);
  adw_bin_set_child (ADW_BIN (self), box);
  show (self);
}

GtkWidget *
lk_train_recipe_new (void)
{
  return g_object_new (LK_TYPE_TRAIN_RECIPE, NULL);
}

void
lk_train_recipe_set_presets (LkTrainRecipe *self, const LkPresetInfo *presets, int n)
{
  guint n_old = g_list_model_get_n_items (G_LIST_MODEL (self->preset_names));

  g_return_if_fail (LK_IS_TRAIN_RECIPE (self));

  self->quiet = TRUE;
  g_array_set_size (self->presets, 0);
  gtk_string_list_splice (self->preset_names, 0, n_old, NULL);
  for (int i = 0; i < n; i++)
    {
      Preset preset = { g_strdup (presets[i].id), g_strdup (presets[i].description) };

      g_array_append_val (self->presets, preset);
      gtk_string_list_append (self->preset_names, presets[i].title);
    }
  self->quiet = FALSE;
  show_preset (self);
}

void
lk_train_recipe_set_networks (LkTrainRecipe *self, const char *const *names)
{
  g_return_if_fail (LK_IS_TRAIN_RECIPE (self));

  self->quiet = TRUE;
  gtk_string_list_splice (self->networks, 0,
                          g_list_model_get_n_items (G_LIST_MODEL (self->networks)), names);
  self->quiet = FALSE;
  show (self);
}

void
lk_train_recipe_set_options (LkTrainRecipe *self, const char *preset, const LkTrainOptions *options)
{
  guint at = 0;

  g_return_if_fail (LK_IS_TRAIN_RECIPE (self));

  lk_train_options_clear (&self->preset_options);
  lk_train_options_copy (options, &self->preset_options);
  g_clear_pointer (&self->preset_options.data, g_free);
  g_clear_pointer (&self->preset_options.output, g_free);
  self->preset_options.resume = FALSE;
  lk_train_options_clear (&self->options);
  lk_train_options_copy (&self->preset_options, &self->options);
  while (at < self->presets->len &&
         g_strcmp0 (g_array_index (self->presets, Preset, at).id, preset) != 0)
    at++;
  self->quiet = TRUE;
  adw_combo_row_set_selected (ADW_COMBO_ROW (self->preset_row),
                              at < self->presets->len ? at : GTK_INVALID_LIST_POSITION);
  self->quiet = FALSE;
  show (self);
  g_signal_emit (self, signals[CHANGED], 0);
}

const char *
lk_train_recipe_get_preset (LkTrainRecipe *self)
{
  guint i;

  g_return_val_if_fail (LK_IS_TRAIN_RECIPE (self), NULL);
  i = adw_combo_row_get_selected (ADW_COMBO_ROW (self->preset_row));
  return i < self->presets->len ? g_array_index (self->presets, Preset, i).id : NULL;
}

gboolean
lk_train_recipe_is_changed (LkTrainRecipe *self)
{
  g_return_val_if_fail (LK_IS_TRAIN_RECIPE (self), FALSE);

  for (const LkRecipeKey *key = lk_recipe_get_keys (); key->key != NULL; key++)
    {
      g_autofree char *now = lk_recipe_get (&self->options, key->key);
      g_autofree char *then = lk_recipe_get (&self->preset_options, key->key);

      if (g_strcmp0 (now, then) != 0)
        return TRUE;
    }
  return FALSE;
}

const LkTrainOptions *
lk_train_recipe_get_options (LkTrainRecipe *self)
{
  g_return_val_if_fail (LK_IS_TRAIN_RECIPE (self), NULL);
  return &self->options;
}
