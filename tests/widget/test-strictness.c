/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-strictness.h"
#include "widget-test.h"

#define NETWORK                                                                                    \
  "network tiny\n"                                                                                 \
  "image     input   size=4x4x3\n"                                                                 \
  "flat      flatten image\n"                                                                      \
  "embedding dense   flat units=2 activation=sigmoid\n"                                            \
  "score     l1-head embedding\n"

#define N_LOOKS 200

/* As in the meaning's own test: strangers' scores fill 0 .. 0.5, looks 0.4 .. 0.9. */
static LkMeaning *
make_meaning (int n_strangers)
{
  int n = n_strangers + N_LOOKS;
  g_autofree float *scores = g_new (float, n);
  g_autofree gboolean *same = g_new (gboolean, n);
  g_autoptr (GHashTable) meta = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (LkCalibration) calibration = NULL;
  g_autoptr (LkModel) untrained = lk_model_new_untrained (NETWORK, "tiny", 1, NULL), model = NULL;

  for (int i = 0; i < n; i++)
    {
      same[i] = i >= n_strangers;
      scores[i] = same[i] ? 0.4f + (float) (i - n_strangers + 1) / 400
                          : (float) (i + 1) / (2 * (float) n_strangers);
    }
  calibration = lk_calibration_new (scores, same, n, "made", NULL);
  g_hash_table_insert (meta, lk_calibration_fused_key (LK_FUSION_DEFAULT),
                       lk_calibration_to_text (calibration));
  model = lk_model_new (NETWORK, "tiny", lk_model_get_params (untrained), meta, NULL);
  return lk_meaning_new (model);
}

typedef struct
{
  int n;
  double threshold;
} Heard;

static void
on_changed (LkStrictness *strictness, double threshold, Heard *heard)
{
  heard->n++;
  heard->threshold = threshold;
}

static GtkToggleButton *
preset (GtkWidget *root, int i)
{
  GtkWidget *button = gtk_widget_get_first_child (widget_test_find (root, "presets"));

  while (i-- > 0)
    button = gtk_widget_get_next_sibling (button);
  return GTK_TOGGLE_BUTTON (button);
}

/* What the slider says to a screen reader is what stands beside it. */
static void
assert_says (GtkWidget *root, const char *strangers, const char *looks)
{
  g_autofree char *both = g_strconcat (strangers, " ", looks, NULL), *wrong = NULL;
  GtkAccessible *scale = GTK_ACCESSIBLE (widget_test_find (root, "scale"));

  g_assert_cmpstr (widget_test_text (root, "strangers_label"), ==, strangers);
  g_assert_cmpstr (widget_test_text (root, "looks_label"), ==, looks);
  wrong = gtk_test_accessible_check_property (scale, GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, both);
  g_assert_null (wrong);
}

static void
test_slider (void)
{
  GtkWidget *root = lk_strictness_new (), *window = widget_test_host (root, 360, 400);
  LkStrictness *self = LK_STRICTNESS (root);
  g_autoptr (LkMeaning) meaning = make_meaning (4000);
  GtkAdjustment *adjustment = gtk_range_get_adjustment (
      GTK_RANGE (widget_test_find (root, "scale")));
  Heard heard = { 0 };

  g_signal_connect (self, "threshold-changed", G_CALLBACK (on_changed), &heard);
  lk_strictness_set_meaning (self, meaning);
  lk_strictness_set_threshold (self, 3961 / 8000.0);
  g_assert_cmpint (heard.n, ==, 0); /* set, not chosen */
  assert_says (root, "About 1 stranger in 100 would pass.",
               "About 19 of 100 looks of the right person would be refused.");
  g_assert_cmpstr (widget_test_text (root, "counts_label"), ==,
                   "Counted on photographs of other people: 40 of 4000 strangers passed, 38 of 200 "
                   "looks were refused.");
  g_assert_false (gtk_widget_get_visible (widget_test_find (root, "person_label")));

  /* To where no stranger was: 0.6. */
  gtk_adjustment_set_value (adjustment, gtk_adjustment_get_upper (adjustment));
  g_assert_cmpint (heard.n, ==, 1);
  g_assert_cmpfloat (heard.threshold, >, 0.5);
  g_assert_cmpfloat (lk_strictness_get_threshold (self), ==, heard.threshold);
  g_assert_cmpstr (widget_test_text (root, "strangers_label"), ==,
                   "Fewer than 1 stranger in 1300 would pass.");
  widget_test_assert_named (root);
  widget_test_close (window, root);
}

static void
test_presets (void)
{
  GtkWidget *root = lk_strictness_new (), *window = widget_test_host (root, 360, 400);
  LkStrictness *self = LK_STRICTNESS (root);
  g_autoptr (LkMeaning) meaning = make_meaning (4000), few = make_meaning (200);
  Heard heard = { 0 };

  g_signal_connect (self, "threshold-changed", G_CALLBACK (on_changed), &heard);
  lk_strictness_set_meaning (self, meaning);
  lk_strictness_set_threshold (self, lk_meaning_get_default (meaning));
  g_assert_true (gtk_toggle_button_get_active (preset (root, 1)));
  g_assert_false (
      gtk_widget_get_visible (GTK_WIDGET (preset (root, 2)))); /* 4,000 do not bear it */

  gtk_toggle_button_set_active (preset (root, 0), TRUE);
  g_assert_cmpint (heard.n, ==, 1);
  g_assert_cmpfloat_with_epsilon (heard.threshold, 3961 / 8000.0, 1e-7);
  g_assert_false (gtk_toggle_button_get_active (preset (root, 1)));
  gtk_toggle_button_set_active (preset (root, 0), FALSE); /* one is not unchosen by pressing it */
  g_assert_true (gtk_toggle_button_get_active (preset (root, 0)));
  g_assert_cmpint (heard.n, ==, 1);

  lk_strictness_set_meaning (self, few); /* 200 strangers bear none */
  g_assert_false (gtk_widget_get_visible (widget_test_find (root, "presets")));
  widget_test_close (window, root);
}

static void
test_person (void)
{
  const float genuine[] = { 0.3f, 0.8f }, strangers[] = { 0.1f };
  GtkWidget *root = lk_strictness_new (), *window = widget_test_host (root, 360, 400);
  LkStrictness *self = LK_STRICTNESS (root);
  g_autoptr (LkMeaning) meaning = make_meaning (4000);

  lk_strictness_set_threshold (self, 0.5);
  g_assert_true (
      g_str_has_prefix (widget_test_text (root, "strangers_label"), "A score above 0.500 passes."));
  g_assert_false (gtk_widget_get_visible (widget_test_find (root, "looks_label")));

  lk_meaning_set_own (meaning, "Anna", lk_own_scores_new (genuine, 2, strangers, 1, TRUE));
  lk_strictness_set_meaning (self, meaning);
  g_assert_true (gtk_widget_get_visible (widget_test_find (root, "person_label")));
  g_assert_nonnull (
      strstr (widget_test_text (root, "person_label"), "1 of 2 looks of Anna would be refused"));
  lk_strictness_set_meaning (self, NULL);
  g_assert_false (gtk_widget_get_visible (widget_test_find (root, "person_label")));
  widget_test_close (window, root);
}

int
main (int argc, char *argv[])
{
  widget_test_init (&argc, &argv);
  g_test_add_func ("/strictness/slider", test_slider);
  g_test_add_func ("/strictness/presets", test_presets);
  g_test_add_func ("/strictness/person", test_person);
  return g_test_run ();
}
