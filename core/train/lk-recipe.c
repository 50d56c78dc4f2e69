/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-recipe.h"

#include "base/lk-error.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define GROUP    "training"
#define MAX_FILE 65536

typedef enum
{
  KIND_STRING,
  KIND_INT,
  KIND_DOUBLE,
  KIND_BOOL,
  KIND_SEED,
  KIND_WORD,
  KIND_LOSS,    /* a word that sets others' values */
  KIND_AUGMENT, /* none, or a set of numbers */
  KIND_STRENGTH,
} Kind;

typedef struct
{
  Kind kind;
  gsize offset;
  const char *const *words; /* in the order of the enumeration */
} Field;

static const char *const losses[] = { "cross-entropy", "contrastive",  "triplet", "circle",
                                      "arcface",       "distillation", NULL };
static const char *const samplings[] = { "pairs", "pictures", "people", NULL };
static const char *const minings[] = { "random", "semi-hard", "batch-hard", NULL };
static const char *const pair_kinds[] = { "balanced", "all", NULL };
static const char *const distillations[] = { "cosine", "squared", NULL };
static const char *const schedules[] = {
  "constant", "exponential", "paper", "cosine", "level", NULL
};
static const char *const optimizers[] = { "adam", "sgd", "muon", NULL };
static const char *const judges[] = { "eer", "one-shot", NULL };
static const char *const scorings[] = { "head", "cosine", NULL };

#define FIELD(kind, member, words)                                                                 \
  {                                                                                                \
    KIND_##kind, G_STRUCT_OFFSET (LkTrainOptions, member), words                                   \
  }

/* Both tables go side by side. */
/* clang-format builds stairs of tables with N_(). */
/* clang-format off */
static const LkRecipeKey keys[] = {
  { "network", "NAME", N_("siamese, siamese-bn, siamese-pool64, koch, likeness, or a model to go on with") },
  { "loss", "cross-entropy|contrastive|triplet|circle|arcface|distillation",
    N_("What is learnt from; sets sampling, margin, scale and scoring to what suits it") },
  { "augment", "none|paper|faces", N_("How training pictures are changed at random") },
  { "augment-strength", "X", N_("Times every amount of the augmentation") },
  { "augment-probability", "X", N_("Of each change, 0 to 1") },
  { "augment-rotation", "X", N_("Degrees") },
  { "augment-shear", "X", N_("Tangent") },
  { "augment-scale", "X", N_("Share") },
  { "augment-shift", "X", N_("Pixels") },
  { "augment-flip", "yes|no", N_("Left and right exchanged") },
  { "augment-gamma", "X", N_("Exponents e^-x to e^x") },
  { "augment-brightness", "X", N_("Share of the range") },
  { "augment-contrast", "X", N_("Share") },
  { "augment-saturation", "X", N_("Share") },
  { "augment-shrink", "X", N_("Share of the side that low resolution takes away") },
  { "augment-blur", "X", N_("Deviation in pixels") },
  { "augment-noise", "X", N_("Deviation, share of the range") },
  { "augment-jpeg", "N", N_("Least quality") },
  { "augment-cutout", "X", N_("Share of the side") },
  { "data", "FOLDER", N_("Pictures: anchor/, positive/, negative/, a folder a person, or index.csv") },
  { "output", "FILE", N_("Model to write") },
  { "teacher", "FILE", N_("Distillation: .npy with a row a picture (teacher.npy of the data)") },
  { "distillation", "cosine|squared", N_("Distance from the teacher's embedding") },
  { "identity-weight", "X", N_("Distillation: of ArcFace's loss beside it") },
  { "whiten", "X", N_("Where the head is fitted at once: how much the scatter within people counts, 0 to 0.99") },
  { "margin", "X", N_("Of contrastive, triplet, circle and ArcFace loss") },
  { "scale", "X", N_("Of circle and ArcFace loss") },
  { "mining", "random|semi-hard|batch-hard", N_("Which triplets") },
  { "pairs", "balanced|all", N_("Which pairs of a batch, with sampling=people") },
  { "freeze", "yes|no", N_("Train the head alone") },
  { "sampling", "pairs|pictures|people", N_("What a batch is made of") },
  { "batch", "N", N_("Pairs a step") },
  { "pictures", "N", N_("Pictures a step, with sampling=pictures") },
  { "people", "N", N_("People a step, with sampling=people") },
  { "per-person", "N", N_("Pictures of each, with sampling=people") },
  { "epochs", "N", N_("Epochs") },
  { "steps", "N", N_("Steps an epoch; 0 for once through the pictures") },
  { "optimizer", "adam|sgd|muon", N_("How parameters are moved") },
  { "rate", "X", N_("Learning rate") },
  { "momentum", "X", N_("Of SGD") },
  { "decay", "X", N_("Muon: what a step takes from the weights, as a share of them times the rate") },
  { "schedule", "constant|exponential|paper|cosine|level", N_("How the rate goes on") },
  { "warmup", "N", N_("Steps in which the rate rises first") },
  { "fall", "N", N_("Last epochs in which the rate of schedule=level falls to 0") },
  { "clip", "X", N_("Clip every gradient to ±X; 0 for not at all") },
  { "clip-norm", "X", N_("Clip all gradients together; 0 for not at all") },
  { "patience", "N", N_("Stop after so many epochs without a better EER, and keep the best; 0: not") },
  { "average", "X", N_("Validate and write the parameters' exponential mean, 0.999 say; 0 for none") },
  { "judge", "eer|one-shot", N_("What the best epoch is chosen by") },
  { "one-shot", "N", N_("Candidates of a one-shot trial in validation; 0 for none") },
  { "trials", "N", N_("One-shot trials") },
  { "scoring", "head|cosine", N_("By what validation scores two pictures") },
  { "evaluation-pairs", "N", N_("Pairs drawn for validation, and for the test") },
  { "blend", "X", N_("How much of what was learnt is taken, 0 to 1; the rest is the network that it began with") },
  { "checkpoint", "N", N_("Epochs between checkpoints") },
  { "seed", "N", N_("Of everything random") },
  { "threads", "N", N_("0 for one a core") },
  { NULL, NULL, NULL },
};
/* clang-format on */

static const Field fields[] = {
  FIELD (STRING, network, NULL),
  FIELD (LOSS, loss, losses),
  FIELD (AUGMENT, augment, NULL),
  FIELD (STRENGTH, augment, NULL),
  FIELD (DOUBLE, augment.probability, NULL),
  FIELD (DOUBLE, augment.rotation_deg, NULL),
  FIELD (DOUBLE, augment.shear, NULL),
  FIELD (DOUBLE, augment.scale, NULL),
  FIELD (DOUBLE, augment.shift, NULL),
  FIELD (BOOL, augment.flip, NULL),
  FIELD (DOUBLE, augment.gamma, NULL),
  FIELD (DOUBLE, augment.brightness, NULL),
  FIELD (DOUBLE, augment.contrast, NULL),
  FIELD (DOUBLE, augment.saturation, NULL),
  FIELD (DOUBLE, augment.shrink, NULL),
  FIELD (DOUBLE, augment.blur, NULL),
  FIELD (DOUBLE, augment.noise, NULL),
  FIELD (INT, augment.jpeg, NULL),
  FIELD (DOUBLE, augment.cutout, NULL),
  FIELD (STRING, data, NULL),
  FIELD (STRING, output, NULL),
  FIELD (STRING, teacher, NULL),
  FIELD (WORD, distillation, distillations),
  FIELD (DOUBLE, identity_weight, NULL),
  FIELD (DOUBLE, whiten, NULL),
  FIELD (DOUBLE, margin, NULL),
  FIELD (DOUBLE, scale, NULL),
  FIELD (WORD, mining, minings),
  FIELD (WORD, pairs, pair_kinds),
  FIELD (BOOL, freeze, NULL),
  FIELD (WORD, sampling, samplings),
  FIELD (INT, batch_pairs, NULL),
  FIELD (INT, batch_pictures, NULL),
  FIELD (INT, batch_people, NULL),
  FIELD (INT, per_person, NULL),
  FIELD (INT, epochs, NULL),
  FIELD (INT, steps_per_epoch, NULL),
  FIELD (WORD, optimizer, optimizers),
  FIELD (DOUBLE, rate, NULL),
  FIELD (DOUBLE, momentum, NULL),
  FIELD (DOUBLE, decay, NULL),
  FIELD (WORD, schedule, schedules),
  FIELD (INT, warmup_steps, NULL),
  FIELD (INT, fall_epochs, NULL),
  FIELD (DOUBLE, clip_value, NULL),
  FIELD (DOUBLE, clip_norm, NULL),
  FIELD (INT, patience, NULL),
  FIELD (DOUBLE, average, NULL),
  FIELD (WORD, judge, judges),
  FIELD (INT, one_shot_ways, NULL),
  FIELD (INT, one_shot_trials, NULL),
  FIELD (WORD, scoring, scorings),
  FIELD (INT, evaluation_pairs, NULL),
  FIELD (DOUBLE, blend, NULL),
  FIELD (INT, checkpoint_epochs, NULL),
  FIELD (SEED, seed, NULL),
  FIELD (INT, n_threads, NULL),
};
G_STATIC_ASSERT (G_N_ELEMENTS (keys) == G_N_ELEMENTS (fields) + 1);
G_STATIC_ASSERT (sizeof (LkTrainLoss) == sizeof (int) && sizeof (gboolean) == sizeof (int));

const LkRecipeKey *
lk_recipe_get_keys (void)
{
  return keys;
}

static int
find_key (const char *key)
{
  for (int i = 0; keys[i].key != NULL; i++)
    if (strcmp (keys[i].key, key) == 0)
      return i;
  return -1;
}

static gboolean
read_int (const char *value, int *out)
{
  gint64 number;

  if (!g_ascii_string_to_signed (value, 10, -G_MAXINT, G_MAXINT, &number, NULL))
    return FALSE;
  *out = (int) number;
  return TRUE;
}

static gboolean
read_double (const char *value, double *out)
{
  char *end;

  *out = g_ascii_strtod (value, &end);
  return end != value && *end == '\0' && isfinite (*out);
}

static gboolean
read_bool (const char *value, gboolean *out)
{
  *out = g_str_equal (value, "yes") || g_str_equal (value, "true");
  return *out || g_str_equal (value, "no") || g_str_equal (value, "false");
}

static gboolean
read_word (const char *value, const char *const *words, int *out)
{
  for (*out = 0; words[*out] != NULL; *out += 1)
    if (g_str_equal (words[*out], value))
      return TRUE;
  return FALSE;
}

static gboolean
read_augment (const char *value, LkAugment *out)
{
  if (g_str_equal (value, "paper"))
    *out = lk_augment_paper;
  else if (g_str_equal (value, "faces"))
    *out = lk_augment_faces;
  else
    *out = (LkAugment){ 0 };
  return !lk_augment_is_none (out) || g_str_equal (value, "none");
}

static gboolean
read_strength (const char *value, LkAugment *out)
{
  double strength;

  if (!read_double (value, &strength) || strength < 0 || strength > 2)
    return FALSE;
  *out = lk_augment_scaled (out, strength);
  return TRUE;
}

static gboolean
set_field (LkTrainOptions *options, const Field *field, const char *value)
{
  gpointer at = G_STRUCT_MEMBER_P (options, field->offset);
  int word;

  switch (field->kind)
    {
    case KIND_STRING:
      g_free (*(char **) at);
      *(char **) at = g_strdup (value);
      return value[0] != '\0';
    case KIND_INT:
      return read_int (value, at);
    case KIND_DOUBLE:
      return read_double (value, at);
    case KIND_BOOL:
      return read_bool (value, at);
    case KIND_SEED:
      return g_ascii_string_to_unsigned (value, 10, 0, G_MAXUINT64, at, NULL);
    case KIND_WORD:
      return read_word (value, field->words, at);
    case KIND_LOSS:
      if (!read_word (value, field->words, &word))
        return FALSE;
      lk_train_options_set_loss (options, (LkTrainLoss) word);
      return TRUE;
    case KIND_AUGMENT:
      return read_augment (value, at);
    case KIND_STRENGTH:
    default:
      return read_strength (value, at);
    }
}

gboolean
lk_recipe_set (LkTrainOptions *options, const char *key, const char *value, GError **error)
{
  int i = find_key (key);

  if (i < 0)
    g_set_error (error, LK_ERROR, LK_ERROR_FORMAT,
                 _ ("There is no training option called “%s”. “likeness train --help” lists them."),
                    key);
  else if (!set_field (options, &fields[i], value))
    g_set_error (error, LK_ERROR, LK_ERROR_FORMAT,
                 _ ("“%s” is no value for the training option %s. It should be %s: %s."), value,
                    key, keys[i].values, keys[i].help);
  else
    return TRUE;
  return FALSE;
}

char *
lk_recipe_get (const LkTrainOptions *options, const char *key)
{
  int i = find_key (key);
  const Field *field = i >= 0 ? &fields[i] : NULL;
  gconstpointer at = i >= 0 ? G_STRUCT_MEMBER_P (options, field->offset) : NULL;
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  if (i < 0)
    return NULL;
  switch (field->kind)
    {
    case KIND_STRING:
      return g_strdup (*(char *const *) at);
    case KIND_INT:
      return g_strdup_printf ("%d", *(const int *) at);
    case KIND_DOUBLE:
      return g_strdup (g_ascii_dtostr (text, sizeof text, *(const double *) at));
    case KIND_BOOL:
      return g_strdup (*(const gboolean *) at ? "yes" : "no");
    case KIND_SEED:
      return g_strdup_printf ("%" G_GUINT64_FORMAT, *(const guint64 *) at);
    case KIND_WORD:
    case KIND_LOSS:
      return g_strdup (field->words[*(const int *) at]);
    default: /* the amounts that they stand for have keys of their own */
      return NULL;
    }
}

/* Every key must be known before one is set. */
static gboolean
check_keys (GKeyFile *file, const char *path, GError **error)
{
  g_auto (GStrv) groups = g_key_file_get_groups (file, NULL);
  g_auto (GStrv) names = g_key_file_get_keys (file, GROUP, NULL, NULL);

  if (names == NULL || g_strv_length (groups) != 1)
    {
      g_set_error (error, LK_ERROR, LK_ERROR_FORMAT,
                   _ ("The recipe %s should have one group, [%s], and nothing else."), path, GROUP);
      return FALSE;
    }
  for (int i = 0; names[i] != NULL; i++)
    if (find_key (names[i]) < 0)
      {
        g_set_error (error, LK_ERROR, LK_ERROR_FORMAT,
                     _ ("The recipe %s names an option “%s”, which there is not. “likeness train "
                        "--help” lists them."),
                        path, names[i]);
        return FALSE;
      }
  return TRUE;
}

gboolean
lk_recipe_load (LkTrainOptions *options, const char *path, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GError) failure = NULL;
  g_autofree char *text = NULL;

  if (!g_file_test (path, G_FILE_TEST_IS_REGULAR))
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
                   _ ("There is no recipe %s. Name a file with a group [%s]."), path, GROUP);
      return FALSE;
    }
  if (!g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, &failure))
    {
      g_set_error (error, LK_ERROR, LK_ERROR_FORMAT,
                   _ ("The recipe %s cannot be read: %s."), path, failure->message);
      return FALSE;
    }
  if (!check_keys (file, path, error))
    return FALSE;
  text = g_key_file_get_string (file, GROUP, "network", NULL);
  if (text != NULL)
    {
      lk_train_options_clear (options);
      lk_train_options_init (options, text);
    }
  for (int i = 0; keys[i].key != NULL; i++)
    {
      g_autofree char *value = g_key_file_get_string (file, GROUP, keys[i].key, NULL);

      if (value != NULL && !lk_recipe_set (options, keys[i].key, g_strstrip (value), error))
        {
          g_prefix_error (error, _ ("Recipe %s: "), path);
          return FALSE;
        }
    }
  return TRUE;
}
