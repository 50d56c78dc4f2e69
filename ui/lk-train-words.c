/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-train-words.h"

#include "train/lk-recipe.h"

#include <glib/gi18n.h>
#include <math.h>

static const char *const losses[] = { N_("Cross-entropy"),
    N_("Contrastive"), N_("Triplet"), N_("Circle"), N_("ArcFace"), N_("Distillation"), NULL };
static const char *const minings[] = { N_("Random"), N_("Semi-hard"), N_("Batch-hard"), NULL };
static const char *const distances[] = { N_("Cosine"), N_("Squared"), NULL };
static const char *const samplings[] = { N_("Pairs"), N_("Pictures"), N_("People"), NULL };
static const char *const pairs[] = { N_("Balanced"), N_("All"), NULL };
static const char *const optimizers[] = { N_("Adam"), N_("SGD, momentum"), N_("Muon"), NULL };
static const char *const schedules[] = {
  N_("Constant"), N_("−3 % in 200 steps"), N_("−1 % an epoch"),
                                                 N_("Cosine"),   N_("Level, falling"),    NULL };
static const char *const scorings[] = { N_("Head"), N_("Cosine"), NULL };
static const char *const judges[] = { N_("Lowest EER"), N_("Most trials won"), NULL };
static const char *const augments[] = {
  N_("No"), N_("As the paper"), N_("For faces"), N_("As the preset"), NULL };

const char *const *
lk_train_words_get_labels (const char *key)
{
  static const struct
  {
    const char *key;
    const char *const *labels;
  } all[] = {
    { "loss", losses },        { "mining", minings },   { "distillation", distances },
    { "sampling", samplings }, { "pairs", pairs },      { "optimizer", optimizers },
    { "schedule", schedules }, { "scoring", scorings }, { "judge", judges },
    { "augment", augments },
  };

  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    if (g_str_equal (all[i].key, key))
      return all[i].labels;
  return NULL;
}

/* JPEG's quality is a whole number: scaling rounds it. */
static gboolean
are_alike (const LkAugment *a, const LkAugment *b)
{
  const double x[] = { a->probability - b->probability,
                       a->rotation_deg - b->rotation_deg,
                       a->shear - b->shear,
                       a->scale - b->scale,
                       a->shift - b->shift,
                       a->gamma - b->gamma,
                       a->brightness - b->brightness,
                       a->contrast - b->contrast,
                       a->saturation - b->saturation,
                       a->shrink - b->shrink,
                       a->blur - b->blur,
                       a->noise - b->noise,
                       a->cutout - b->cutout };

  for (guint i = 0; i < G_N_ELEMENTS (x); i++)
    if (fabs (x[i]) > 1e-6)
      return FALSE;
  return a->flip == b->flip && abs (a->jpeg - b->jpeg) <= 1;
}

LkAugmentKind
lk_train_words_find_augment (const LkTrainOptions *options, double *strength)
{
  const LkAugment *const sets[] = { &lk_augment_paper, &lk_augment_faces };
  const LkAugment *own = &options->augment;

  if (strength != NULL)
    *strength = 1;
  if (lk_augment_is_none (own))
    return LK_AUGMENT_NONE;
  for (guint i = 0; i < G_N_ELEMENTS (sets); i++)
    {
      double ratio = round (own->rotation_deg / sets[i]->rotation_deg * 1e4) / 1e4;
      LkAugment scaled;

      if (!(ratio > 0 && ratio <= 2))
        continue;
      scaled = lk_augment_scaled (sets[i], ratio);
      if (!are_alike (own, &scaled))
        continue;
      if (strength != NULL)
        *strength = ratio;
      return i == 0 ? LK_AUGMENT_PAPER : LK_AUGMENT_FACES;
    }
  return LK_AUGMENT_OWN;
}

char *
lk_train_words_describe_loss (const LkTrainOptions *o)
{
  GString *text = g_string_new (o->network);

  g_string_append_printf (text, ", %s", _(losses[o->loss]));
  if (o->loss == LK_TRAIN_TRIPLET)
    g_string_append_printf (text, ", %s", _(minings[o->mining]));
  if (o->loss == LK_TRAIN_CONTRASTIVE || o->loss == LK_TRAIN_TRIPLET)
    g_string_append_printf (text, _(", margin %g"), o->margin);
  if (o->freeze)
    g_string_append (text, _(", head only"));
  return g_string_free (text, FALSE);
}

char *
lk_train_words_describe_batch (const LkTrainOptions *o)
{
  GString *text = g_string_new (NULL);

  if (o->sampling == LK_SAMPLING_PAIRS)
    g_string_append_printf (text, _("%d pairs a step"), o->batch_pairs);
  else if (o->sampling == LK_SAMPLING_PICTURES)
    g_string_append_printf (text, _("%d pictures a step"), o->batch_pictures);
  else
    g_string_append_printf (text, _("%d people a step, %d pictures of each"), o->batch_people,
                                     o->per_person);
  if (o->sampling == LK_SAMPLING_PEOPLE && lk_train_options_get_pairs (o) > 0)
    g_string_append_printf (text, _(", %d pairs"), lk_train_options_get_pairs (o));
  if (o->steps_per_epoch > 0)
    g_string_append_printf (text, _(", %d steps an epoch"), o->steps_per_epoch);
  return g_string_free (text, FALSE);
}

char *
lk_train_words_describe_steps (const LkTrainOptions *o)
{
  static const char *const names[] = { N_("Adam"), N_("SGD"), N_("Muon") };
  GString *text = g_string_new (_(names[o->optimizer]));

  g_string_append_printf (text, ", %g, %s", o->rate, _(schedules[o->schedule]));
  if (o->clip_value > 0)
    g_string_append_printf (text, _(", clipped at %g"), o->clip_value);
  if (o->clip_norm > 0)
    g_string_append_printf (text, _(", norm clipped at %g"), o->clip_norm);
  return g_string_free (text, FALSE);
}

char *
lk_train_words_describe_augment (const LkTrainOptions *o)
{
  double strength;
  LkAugmentKind kind = lk_train_words_find_augment (o, &strength);

  if (kind == LK_AUGMENT_NONE)
    return g_strdup (_("None"));
  if (strength == 1)
    return g_strdup (_(augments[kind]));
  return g_strdup_printf (_("%s, strength %g"), _(augments[kind]), strength);
}

char *
lk_train_words_describe_end (const LkTrainOptions *o)
{
  GString *text = g_string_new (NULL);

  g_string_append_printf (text,
                          ngettext ("A checkpoint every epoch", "A checkpoint every %d epochs",
                                    (gulong) o->checkpoint_epochs),
                          o->checkpoint_epochs);
  if (o->patience > 0)
    g_string_append_printf (text,
                            ngettext ("; ends after %d epoch without a better one",
                                      "; ends after %d epochs without a better one",
                                      (gulong) o->patience),
                            o->patience);
  return g_string_free (text, FALSE);
}
