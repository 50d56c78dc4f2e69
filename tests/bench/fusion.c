/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which way of fusing anchors and frames errs least: FNMR at FMR 1e-3, people enrolled from
 * their first session (all of its frames are anchors), verified on the others; impostors are
 * the other people's sessions.  One JSON line a way, of single frames and of whole sessions.
 *
 *   usage: fusion MODEL PEOPLE [INDEX]
 *
 * PEOPLE: PERSON/SESSION/pictures.  INDEX: a folder with an index.csv, whose val people are
 * the cohort of S-norm, one picture of each.
 */
#include "base/lk-error.h"
#include "eval/lk-evaluation.h"
#include "face/lk-finder.h"
#include "nn/lk-infer.h"
#include "train/lk-dataset.h"
#include "verify/lk-fusion.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_COHORT 400
#define N_TOP      100 /* of the cohort's scores that S-norm looks at */
#define FMR        1e-3

typedef struct
{
  int person, session;
  float *embedding; /* (owned) */
  float weight;     /* of the frame's quality */
  LkCohortSpread cohort[2];
} Frame;

/* The frames of one sitting: items[first .. first+n-1]. */
typedef struct
{
  int person, first, n;
} Sitting;

static LkInfer *infer;
static int size, height, width, channels;
static GArray *frames, *sittings; /* of Frame, of Sitting */
static GPtrArray *cohort;         /* of float * */

G_NORETURN static void
die (const char *what)
{
  fprintf (stderr, "fusion: %s\n", what);
  exit (2);
}

static float *
embed (const LkImage *crop)
{
  g_autofree float *input = g_new (float, (gsize) height *width *channels);
  float *out = g_new (float, size);

  lk_face_to_input (crop, height, width, channels, input);
  lk_infer_embed (infer, input, 1, out);
  return out;
}

static double
cosine (const float *a, const float *b)
{
  double ab = 0, aa = 0, bb = 0;

  for (int i = 0; i < size; i++)
    {
      ab += (double) a[i] * (double) b[i];
      aa += (double) a[i] * (double) a[i];
      bb += (double) b[i] * (double) b[i];
    }
  return ab / sqrt (MAX (1e-30, aa * bb));
}

/* @base: 0: the head's log odds, 1: the cosine */
static float
score (int base, const float *a, const float *b)
{
  float p;

  if (base == 1)
    return (float) cosine (a, b);
  lk_infer_score (infer, a, b, 1, &p);
  return (float) log ((MAX ((double) p, 1e-12)) / MAX (1 - (double) p, 3e-8));
}

/* ---- pictures ---- */

static void
load_people (const char *folder)
{
  g_autoptr (LkFinder) finder = lk_finder_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (LkProtocol) protocol = lk_protocol_load_folders (folder, &error);
  int n_lost = 0;

  if (protocol == NULL)
    die (error->message);
  for (guint i = 0; i < protocol->pictures->len; i++)
    {
      const LkProtocolPicture *picture = &g_array_index (protocol->pictures, LkProtocolPicture, i);
      g_autoptr (LkImage) image = lk_image_load (picture->path, NULL);
      g_auto (LkSighting) seen = { 0 };
      Frame frame = { picture->person, picture->session, NULL, 1, { { 0 } } };
      double eyes, sharp;

      if (image == NULL || !lk_finder_look (finder, image, LK_FACE_DETECT, NULL, &seen, NULL))
        {
          n_lost++;
          continue;
        }
      frame.embedding = embed (seen.crop);
      eyes = seen.quality.values[LK_QUALITY_EYE_DISTANCE];
      sharp = seen.quality.values[LK_QUALITY_SHARPNESS];
      frame.weight = (float) (CLAMP (eyes / 30, 0.1, 1) * CLAMP (sharp, 0.1, 1));
      if (sittings->len == 0 ||
          g_array_index (frames, Frame, frames->len - 1).session != frame.session)
        {
          Sitting sitting = { frame.person, (int) frames->len, 0 };

          g_array_append_val (sittings, sitting);
        }
      g_array_append_val (frames, frame);
      g_array_index (sittings, Sitting, sittings->len - 1).n++;
    }
  fprintf (stderr, "%u frames of %u sessions of %u people, %d failures to acquire\n", frames->len,
           sittings->len, protocol->people->len, n_lost);
}

static void
load_cohort (const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LkDataset) set = lk_dataset_open (folder, 0, &error);
  g_autofree gboolean *taken = NULL;
  LkEvaluationOptions how = { 0 };
  g_autoptr (LkProtocol) protocol = lk_protocol_new ("cohort", LK_PICTURE_ALIGNED);

  if (set == NULL)
    die (error->message);
  taken = g_new0 (gboolean, lk_dataset_get_n_people (set));
  for (int i = 0; i < lk_dataset_get_n_samples (set) && cohort->len < MAX_COHORT; i++)
    {
      const LkSample *sample = lk_dataset_get_sample (set, i);
      g_autoptr (LkImage) crop = NULL;

      if (sample->part != LK_PART_VALIDATION || sample->person < 0 || taken[sample->person])
        continue;
      taken[sample->person] = TRUE;
      crop = lk_evaluation_load (protocol, lk_protocol_add_picture (protocol, sample->path, 0, -1),
                                 &how, NULL);
      if (crop != NULL)
        g_ptr_array_add (cohort, embed (crop));
    }
  for (guint i = 0; i < frames->len; i++)
    for (int base = 0; base < 2; base++)
      {
        Frame *frame = &g_array_index (frames, Frame, i);
        g_autofree float *with = g_new (float, cohort->len);

        for (guint c = 0; c < cohort->len; c++)
          with[c] = score (base, frame->embedding, cohort->pdata[c]);
        lk_cohort_measure (with, (int) cohort->len, N_TOP, &frame->cohort[base]);
      }
}

/* ---- ways ---- */

typedef struct
{
  const char *name;
  LkFusion how;
  int k;
  gboolean template, weighted, normalised;
  double pair_fmr; /* of single pairs at the vote's detection threshold */
} Way;

static const Way ways[] = {
  { "max", LK_FUSION_MAX, 0, FALSE, FALSE, FALSE, 0 },
  { "best-2", LK_FUSION_BEST, 2, FALSE, FALSE, FALSE, 0 },
  { "best-3", LK_FUSION_BEST, 3, FALSE, FALSE, FALSE, 0 },
  { "half", LK_FUSION_HALF, 0, FALSE, FALSE, FALSE, 0 },
  { "mean", LK_FUSION_MEAN, 0, FALSE, FALSE, FALSE, 0 },
  { "mean-embedding", LK_FUSION_MEAN, 0, TRUE, FALSE, FALSE, 0 },
  { "mean-quality", LK_FUSION_MEAN, 0, FALSE, TRUE, FALSE, 0 },
  { "mean-embedding-quality", LK_FUSION_MEAN, 0, TRUE, TRUE, FALSE, 0 },
  { "max-snorm", LK_FUSION_MAX, 0, FALSE, FALSE, TRUE, 0 },
  { "mean-snorm", LK_FUSION_MEAN, 0, FALSE, FALSE, TRUE, 0 },
  { "vote-3e-2", LK_FUSION_VOTE, 0, FALSE, FALSE, FALSE, 3e-2 },
  { "vote-1e-2", LK_FUSION_VOTE, 0, FALSE, FALSE, FALSE, 1e-2 },
  { "vote-1e-3", LK_FUSION_VOTE, 0, FALSE, FALSE, FALSE, 1e-3 },
};

/* The score of frames [first, first+n) with a person's anchors. */
static double
fuse (const Way *way, int base, const Sitting *anchors, int first, int n, double detection)
{
  const Frame *a = &g_array_index (frames, Frame, anchors->first);
  const Frame *f = &g_array_index (frames, Frame, first);
  g_autofree float *scores = g_new (float, anchors->n *n),
                   *weights = g_new (float, MAX (n, anchors->n));

  if (way->template)
    {
      g_autofree float *all = g_new (float, (gsize) size *(gsize) MAX (n, anchors->n));
      g_autofree float *gallery = g_new (float, size), *probe = g_new (float, size);

      for (int i = 0; i < anchors->n; i++)
        {
          memcpy (all + (gsize) i * (gsize) size, a[i].embedding, (gsize) size * sizeof *all);
          weights[i] = a[i].weight;
        }
      lk_fuse_embeddings (all, way->weighted ? weights : NULL, anchors->n, size, gallery);
      for (int i = 0; i < n; i++)
        {
          memcpy (all + (gsize) i * (gsize) size, f[i].embedding, (gsize) size * sizeof *all);
          weights[i] = f[i].weight;
        }
      lk_fuse_embeddings (all, way->weighted ? weights : NULL, n, size, probe);
      return (double) score (base, gallery, probe);
    }
  for (int i = 0; i < n; i++)
    {
      weights[i] = f[i].weight;
      for (int j = 0; j < anchors->n; j++)
        {
          double s = (double) score (base, f[i].embedding, a[j].embedding);

          if (way->normalised)
            s = lk_cohort_normalise (s, &a[j].cohort[base], &f[i].cohort[base]);
          scores[i * anchors->n + j] = (float) s;
        }
    }
  return lk_fuse_scores (way->how, scores, way->weighted ? weights : NULL, n, anchors->n, way->k,
                         detection);
}

/* All genuine and impostor trials of single frames, or of whole sessions. */
static void
score_all (const Way *way, int base, gboolean whole, double detection, GArray *scores, GArray *same)
{
  g_array_set_size (scores, 0);
  g_array_set_size (same, 0);
  for (guint e = 0; e < sittings->len; e++)
    {
      const Sitting *anchors = &g_array_index (sittings, Sitting, e);

      if (e > 0 && (anchors - 1)->person == anchors->person)
        continue; /* enrolled from the first session alone */
      for (guint s = 1; s < sittings->len; s++)
        {
          const Sitting *probe = &g_array_index (sittings, Sitting, s);

          if ((probe - 1)->person != probe->person)
            continue; /* a first session */
          for (int i = 0; i < (whole ? 1 : probe->n); i++)
            {
              float value = (float) fuse (way, base, anchors, probe->first + i,
                                          whole ? probe->n : 1, detection);
              gboolean genuine = probe->person == anchors->person;

              g_array_append_val (scores, value);
              g_array_append_val (same, genuine);
            }
        }
    }
}

static void
print_way (const Way *way, int base, gboolean whole, double detection)
{
  g_autoptr (GArray) scores = g_array_new (FALSE, FALSE, sizeof (float));
  g_autoptr (GArray) same = g_array_new (FALSE, FALSE, sizeof (gboolean));
  g_autoptr (GArray) roc = NULL;
  LkConfusion c;
  LkInterval fnmr;
  double threshold;

  score_all (way, base, whole, detection, scores, same);
  roc = lk_roc ((float *) scores->data, (gboolean *) same->data, (int) scores->len);
  threshold = lk_roc_threshold_at_fmr (roc, FMR);
  lk_confusion_count ((float *) scores->data, (gboolean *) same->data, (int) scores->len, threshold,
                      &c);
  fnmr = lk_interval_of_share (c.false_negatives, c.false_negatives + c.true_positives);
  printf (
      "{\"fusion\": \"%s\", \"base\": \"%s\", \"frames\": %d, \"genuine\": %d, \"impostor\": %d, "
      "\"false_matches\": %d, \"missed\": %d, \"fnmr_at_1e-3\": %.4f, \"low\": %.4f, \"high\": "
      "%.4f, "
      "\"eer\": %.4f}\n",
      way->name, base == 0 ? "head" : "cosine", whole ? 5 : 1, c.false_negatives + c.true_positives,
      c.false_positives + c.true_negatives, c.false_positives, c.false_negatives, fnmr.value,
      fnmr.low, fnmr.high, lk_roc_eer (roc));
  fflush (stdout);
}

/* Single pairs, for the detection thresholds of the votes. */
static GArray *
make_pairs_roc (int base)
{
  g_autoptr (GArray) scores = g_array_new (FALSE, FALSE, sizeof (float));
  g_autoptr (GArray) same = g_array_new (FALSE, FALSE, sizeof (gboolean));

  for (guint i = 0; i < frames->len; i += 3)
    for (guint j = i + 1; j < frames->len; j += 7)
      {
        const Frame *a = &g_array_index (frames, Frame, i), *b = &g_array_index (frames, Frame, j);
        gboolean genuine = a->person == b->person;
        float value = score (base, a->embedding, b->embedding);

        g_array_append_val (scores, value);
        g_array_append_val (same, genuine);
      }
  return lk_roc ((float *) scores->data, (gboolean *) same->data, (int) scores->len);
}

int
main (int argc, char *argv[])
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LkModel) model = NULL;
  LkPool *pool;

  if (argc < 3)
    die ("usage: fusion MODEL PEOPLE [INDEX]");
  model = lk_model_load (argv[1], &error);
  if (model == NULL)
    die (error->message);
  pool = lk_pool_new (0, 0);
  infer = lk_infer_new (lk_model_get_network (model), lk_model_get_params (model), 1, pool);
  if (infer == NULL)
    die ("not enough memory");
  lk_network_get_input (lk_model_get_network (model), &height, &width, &channels);
  size = lk_network_get_embedding_size (lk_model_get_network (model));
  frames = g_array_new (FALSE, FALSE, sizeof (Frame));
  sittings = g_array_new (FALSE, FALSE, sizeof (Sitting));
  cohort = g_ptr_array_new_with_free_func (g_free);
  load_people (argv[2]);
  if (argc > 3)
    load_cohort (argv[3]);

  for (int base = 0; base < 2; base++)
    {
      g_autoptr (GArray) roc = make_pairs_roc (base);

      for (guint w = 0; w < G_N_ELEMENTS (ways); w++)
        for (int whole = 0; whole < 2 && (!ways[w].normalised || cohort->len > 0); whole++)
          print_way (&ways[w], base, whole, lk_roc_threshold_at_fmr (roc, ways[w].pair_fmr));
    }
  for (guint i = 0; i < frames->len; i++)
    g_free (g_array_index (frames, Frame, i).embedding);
  g_array_unref (frames);
  g_array_unref (sittings);
  g_ptr_array_unref (cohort);
  lk_infer_free (infer);
  lk_pool_free (pool);
  return 0;
}
