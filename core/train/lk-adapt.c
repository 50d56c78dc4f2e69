/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-adapt.h"

#include "base/lk-error.h"
#include "base/lk-logistic.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RUNS          4 /* that the pictures of a single sitting are cut into */
#define MAX_TURNS     5
#define LEAST_LEARNT  3     /* pictures to learn from in a turn */
#define LEAST_LOOKS   5     /* held out in all */
#define MAX_IMPOSTORS 12000 /* pairs to learn from in a turn */

/* How close to the shipped head, in parts of what its weights are on average.  Chosen on people
 * of the validation split (30 pictures and more each), FNMR at FMR 1e-3: 1: as shipped; 0.1 to
 * 0.01: better for two in five people, worse for one in eight; below 0.003: worse for as many. */
#define RIDGE 0.03

typedef struct
{
  const LkHead *shipped;
  LkFusion how;
  const LkOwnPictures *own;
  const LkCohort *cohort;
  int n_turns;
  int *turn_of;       /* [own->n]: when each is held out */
  double *sum;        /* [size + 1]: of the turns' heads */
  GArray *genuine[2]; /* of float: held-out fused log odds: before, after */
  GArray *strangers[2];
} Work;

void
lk_adaptation_free (LkAdaptation *self)
{
  if (self == NULL)
    return;
  lk_head_free (self->head);
  lk_own_scores_free (self->before);
  lk_own_scores_free (self->after);
  g_free (self);
}

static void
work_clear (Work *self)
{
  g_free (self->turn_of);
  g_free (self->sum);
  for (int k = 0; k < 2; k++)
    {
      g_array_unref (self->genuine[k]);
      g_array_unref (self->strangers[k]);
    }
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Work, work_clear)

static const float *
own_at (const Work *self, int i)
{
  return self->own->embeddings + (gsize) i * (gsize) self->shipped->size;
}

static const float *
stranger_at (const Work *self, int i)
{
  return self->cohort->embeddings + (gsize) i * (gsize) self->shipped->size;
}

/* Whole sittings in turn; the pictures of a single one in runs, as those side by side in time are
 * the most alike. */
static void
deal (Work *self)
{
  const LkOwnPictures *own = self->own;
  g_autoptr (GArray) seen = g_array_new (FALSE, FALSE, sizeof (int));
  guint n_sessions;

  for (int i = 0; i < own->n; i++)
    {
      guint k = 0;

      while (k < seen->len && g_array_index (seen, int, k) != own->sessions[i])
        k++;
      if (k == seen->len)
        g_array_append_val (seen, own->sessions[i]);
      self->turn_of[i] = (int) k % MAX_TURNS;
    }
  n_sessions = seen->len;
  self->n_turns = MIN ((int) n_sessions, MAX_TURNS);
  if (n_sessions >= 2)
    return;
  self->n_turns = RUNS;
  for (int i = 0; i < own->n; i++)
    self->turn_of[i] = i * RUNS / own->n;
}

/* ---- learning ---- */

typedef struct
{
  float *x; /* [n, size] */
  int *yes;
  float *weights;
  int n, n_genuine;
} Pairs;

static void
pairs_clear (Pairs *self)
{
  g_free (self->x);
  g_free (self->yes);
  g_free (self->weights);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Pairs, pairs_clear)

static void
add_pair (const Work *self, Pairs *pairs, const float *a, const float *b, gboolean same)
{
  float *x = pairs->x + (gsize) pairs->n * (gsize) self->shipped->size;

  for (int j = 0; j < self->shipped->size; j++)
    x[j] = fabsf (a[j] - b[j]) + 1e-6f; /* as the head has it */
  pairs->n_genuine += same ? 1 : 0;
  pairs->yes[pairs->n++] = same;
}

/* Pairs of the pictures that are not held out in @turn: with each other, of two sittings where
 * there are any, and with strangers. */
static gboolean
make_pairs (const Work *self, int turn, Pairs *pairs)
{
  const LkOwnPictures *own = self->own;
  g_autofree int *learnt = g_new (int, own->n);
  int n = 0, n_across = 0, n_strangers = 0, room, step;

  for (int i = 0; i < own->n; i++)
    if (self->turn_of[i] != turn)
      learnt[n++] = i;
  for (int i = 0; i < n; i++)
    for (int j = i + 1; j < n; j++)
      n_across += own->sessions[learnt[i]] != own->sessions[learnt[j]];
  for (int c = 0; c < self->cohort->n; c++)
    n_strangers += c % self->n_turns != turn;
  step = 1 + n * n_strangers / MAX_IMPOSTORS; /* of one's own pictures, with strangers */
  room = n * (n - 1) / 2 + (n + step - 1) / step * n_strangers;
  pairs->x = g_try_new (float, (gsize) room *(gsize) self->shipped->size);
  pairs->yes = g_try_new (int, room);
  pairs->weights = g_try_new (float, room);
  if (pairs->x == NULL || pairs->yes == NULL || pairs->weights == NULL)
    return FALSE;

  for (int i = 0; i < n; i++)
    for (int j = i + 1; j < n; j++)
      if (n_across == 0 || own->sessions[learnt[i]] != own->sessions[learnt[j]])
        add_pair (self, pairs, own_at (self, learnt[i]), own_at (self, learnt[j]), TRUE);
  for (int i = 0; i < n; i += step)
    for (int c = 0; c < self->cohort->n; c++)
      if (c % self->n_turns != turn)
        add_pair (self, pairs, own_at (self, learnt[i]), stranger_at (self, c), FALSE);
  for (int i = 0; i < pairs->n; i++) /* both kinds count alike, and all together 1 */
    pairs->weights[i] = 0.5f /
                        (float) (pairs->yes[i] ? pairs->n_genuine : pairs->n - pairs->n_genuine);
  return TRUE;
}

/* (transfer full) (nullable): NULL when memory is short */
static LkHead *
fit (const Work *self, const Pairs *pairs)
{
  int size = self->shipped->size;
  g_autofree double *prior = g_new (double, size + 1), *w = g_new (double, size + 1);
  g_autofree float *alpha = g_new (float, size);
  double squares = 0;

  for (int j = 0; j < size; j++)
    {
      prior[j] = (double) self->shipped->alpha[j];
      squares += prior[j] * prior[j];
    }
  prior[size] = (double) self->shipped->bias;
  if (!lk_logistic_fit (pairs->x, pairs->yes, pairs->weights, pairs->n, size,
                        RIDGE / MAX (squares / size, 1e-12), prior, w))
    return NULL;
  for (int j = 0; j < size; j++)
    alpha[j] = (float) w[j];
  return lk_head_new (alpha, size, (float) w[size]);
}

/* ---- judging ---- */

/* The fused log odds of @frame with the pictures that the frames of @turn are compared with: the
 * anchors that are not held out; where all are, the other pictures. */
static float
fuse (const Work *self, const LkHead *head, int turn, const float *frame, float *odds)
{
  const LkOwnPictures *own = self->own;
  int n = 0;

  for (int anchors = 1; anchors >= 0 && n == 0; anchors--)
    for (int i = 0; i < own->n; i++)
      if (self->turn_of[i] != turn && (!anchors || own->is_anchor[i]))
        odds[n++] = (float) lk_head_compare (head, frame, own_at (self, i));
  return (float) lk_fuse_scores (self->how, odds, NULL, 1, n, 0, 0);
}

static void
measure (const float *values, guint n, double *mean, double *deviation)
{
  double sum = 0, squares = 0;

  for (guint i = 0; i < n; i++)
    sum += (double) values[i];
  *mean = sum / MAX (1, n);
  for (guint i = 0; i < n; i++)
    squares += ((double) values[i] - *mean) * ((double) values[i] - *mean);
  *deviation = sqrt (squares / MAX (1, n));
}

/* Strangers that are held out, with either head; then @head is stretched so that they lie where
 * they lay. */
static void
judge_strangers (Work *self, int turn, LkHead *head, float *odds)
{
  guint begin = self->strangers[0]->len;
  double mean[2], deviation[2], by, shift;

  for (int c = 0; c < self->cohort->n; c++)
    for (int k = 0; k < 2 && c % self->n_turns == turn; k++)
      {
        float value = fuse (self, k == 0 ? self->shipped : head, turn, stranger_at (self, c), odds);

        g_array_append_val (self->strangers[k], value);
      }
  for (int k = 0; k < 2; k++)
    measure ((float *) self->strangers[k]->data + begin, self->strangers[k]->len - begin, &mean[k],
             &deviation[k]);
  by = deviation[0] / MAX (deviation[1], 1e-9);
  shift = mean[0] - by * mean[1];
  for (guint i = begin; i < self->strangers[1]->len; i++)
    {
      float *value = &g_array_index (self->strangers[1], float, i);

      *value = (float) (by * (double) *value + shift);
    }
  for (int j = 0; j < head->size; j++)
    head->alpha[j] = (float) (by * (double) head->alpha[j]);
  head->bias = (float) (by * (double) head->bias + shift);
}

static void
judge_looks (Work *self, int turn, const LkHead *head, float *odds)
{
  for (int i = 0; i < self->own->n; i++)
    for (int k = 0; k < 2 && self->turn_of[i] == turn; k++)
      {
        float value = fuse (self, k == 0 ? self->shipped : head, turn, own_at (self, i), odds);

        g_array_append_val (self->genuine[k], value);
      }
}

/* Returns: FALSE when memory is short */
static gboolean
take_turn (Work *self, int turn, float *odds)
{
  g_auto (Pairs) pairs = { NULL };
  g_autoptr (LkHead) head = NULL;

  if (!make_pairs (self, turn, &pairs) || (head = fit (self, &pairs)) == NULL)
    return FALSE;
  judge_strangers (self, turn, head, odds);
  judge_looks (self, turn, head, odds);
  for (int j = 0; j < head->size; j++)
    self->sum[j] += (double) head->alpha[j];
  self->sum[head->size] += (double) head->bias;
  return TRUE;
}

/* Looks at or below the stranger whom a share of @fmr would not let in. */
static int
count_refused (const LkOwnScores *scores, double fmr)
{
  int n = scores->n_strangers, allowed = (int) floor (fmr * n + 1e-9), refused = 0;
  float bar = scores->strangers[n - 1 - MIN (allowed, n - 1)];

  for (int i = 0; i < scores->n_genuine; i++)
    refused += scores->genuine[i] <= bar;
  return refused;
}

static LkOwnScores *
collect (const Work *self, int k)
{
  gboolean across = FALSE;

  for (int i = 1; i < self->own->n; i++)
    across = across || self->own->sessions[i] != self->own->sessions[0];
  for (int pass = 0; pass < 2; pass++)
    {
      GArray *odds = pass == 0 ? self->genuine[k] : self->strangers[k];

      for (guint i = 0; i < odds->len; i++)
        g_array_index (odds, float,
                       i) = (float) lk_probability ((double) g_array_index (odds, float, i));
    }
  return lk_own_scores_new ((float *) self->genuine[k]->data, (int) self->genuine[k]->len,
                            (float *) self->strangers[k]->data, (int) self->strangers[k]->len,
                            across);
}

static LkAdaptation *
conclude (const Work *self, int n_turns, double threshold)
{
  LkAdaptation *out = g_new0 (LkAdaptation, 1);
  int size = self->shipped->size;
  g_autofree float *alpha = g_new (float, size);

  for (int j = 0; j < size; j++)
    alpha[j] = (float) (self->sum[j] / n_turns);
  out->head = lk_head_new (alpha, size, (float) (self->sum[size] / n_turns));
  out->before = collect (self, 0);
  out->after = collect (self, 1);
  out->n_looks = out->before->n_genuine;
  out->n_strangers = out->before->n_strangers;
  out->refused = (LkAdaptCount){ count_refused (out->before, 1e-3),
                                 count_refused (out->after, 1e-3) };
  out->refused_loose = (LkAdaptCount){ count_refused (out->before, 1e-2),
                                       count_refused (out->after, 1e-2) };
  out->passed =
      (LkAdaptCount){ lk_count_at_least (out->before->strangers, out->n_strangers, threshold),
                      lk_count_at_least (out->after->strangers, out->n_strangers, threshold) };
  out->better = out->refused.after < out->refused.before &&
                out->refused_loose.after <= out->refused_loose.before &&
                out->passed.after <= out->passed.before;
  return out;
}

LkAdaptation *
lk_adapt (const LkHead *head, LkFusion how, const LkOwnPictures *own, const LkCohort *cohort,
          double threshold, GCancellable *cancellable, GError **error)
{
  g_auto (Work) work = { .shipped = head, .how = how, .own = own, .cohort = cohort };
  g_autofree float *odds = g_new (float, MAX (1, own->n));
  int n_turns = 0;

  g_return_val_if_fail (cohort->size == head->size, NULL);

  work.turn_of = g_new0 (int, MAX (1, own->n));
  work.sum = g_new0 (double, head->size + 1);
  for (int k = 0; k < 2; k++)
    {
      work.genuine[k] = g_array_new (FALSE, FALSE, sizeof (float));
      work.strangers[k] = g_array_new (FALSE, FALSE, sizeof (float));
    }
  if (own->n >= LK_ADAPT_LEAST)
    deal (&work);
  for (int turn = 0; turn < work.n_turns; turn++)
    {
      int n_out = 0;

      for (int i = 0; i < own->n; i++)
        n_out += work.turn_of[i] == turn;
      if (n_out == 0 || own->n - n_out < LEAST_LEARNT)
        continue;
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return NULL;
      if (!take_turn (&work, turn, odds))
        {
          g_set_error_literal (error, LK_ERROR, LK_ERROR_TOO_LARGE,
                               _ ("There is not enough memory to adapt to this person.  Close "
                                  "other programs."));
          return NULL;
        }
      n_turns++;
    }
  if (work.genuine[0]->len < LEAST_LOOKS || work.strangers[0]->len == 0)
    {
      g_set_error (
          error, LK_ERROR, LK_ERROR_NO_DATA,
          _ ("There are %d pictures of this person, and at least %d are needed to adapt and to "
             "tell whether it helped.  Take more, best on another day."),
             own->n, LK_ADAPT_LEAST);
      return NULL;
    }
  return conclude (&work, n_turns, threshold);
}
