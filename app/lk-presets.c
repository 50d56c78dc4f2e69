/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-presets.h"

#include "base/lk-error.h"
#include "lk-models.h"
#include "store/lk-paths.h"
#include "train/lk-recipe.h"

#include <glib/gi18n.h>

const LkPreset *
lk_presets_get (void)
{
  static const LkPreset presets[] = {
    { "siamese",
      N_("001 Siamese"), N_("Four convolutions, pairs, cross-entropy. A good first choice.") },
      { "siamese-bn",
        N_("000 Siamese BN"),
            N_("With batch normalisation and dropout: slower, and learns more surely.") },
        { "contrastive",
          N_("003/004 Contrastive"),
              N_("Draws pictures of one person together, and others a margin apart.") },
          { "triplet",
            N_("003 Triplet"),
                N_("Compares each picture with one of the same person and one of another.") },
            { "koch", N_("Koch et al., 2015"),
                          N_("The paper’s own: grey, bent and turned pictures, judged by one-shot trials.") },
              { "head", N_("Ours: Adapt the Head"),
                            N_("Likeness’ own network stays as it is; only how scores are weighed is learnt.") },
                { "distil", N_("Ours: Distillation"),
                                N_("Likeness’ own network learns from a teacher’s embeddings beside the pictures.") },
                  { "identity", N_("Ours: Identity"),
                                    N_("Goes on from a distilled network, so that people who look alike are told apart.") },
                    { NULL, NULL, NULL },
                  };

  return presets;
}

gboolean
lk_preset_load (const char *id, LkTrainOptions *options, GError **error)
{
  g_autofree char *file = g_strconcat (id, ".recipe", NULL);
  g_autofree char *path = lk_paths_data (error, "recipes", file, NULL);

  lk_train_options_init (options, "siamese");
  if (path == NULL || !lk_recipe_load (options, path, error))
    return FALSE;
  if (lk_models_has_network (options->network))
    return TRUE;
  g_set_error (error, LK_ERROR, LK_ERROR_NO_MODEL,
               _("The network “%s” of this recipe is not installed."), options->network);
  return FALSE;
}
