/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-lock-words.h"

#include "base/lk-error.h"

#include <glib/gi18n.h>
#include <math.h>

const char *
lk_lock_words_reason (LkLockReason reason)
{
  switch (reason)
    {
    case LK_LOCK_BY_HAND:
      return _("It was locked by hand.");
    case LK_LOCK_LEFT:
      return _("The face has left.");
    case LK_LOCK_NO_CAMERA:
      return _("The camera sends no pictures.");
    case LK_LOCK_TOO_DARK:
      return _("It is too dark to see anybody.");
    case LK_LOCK_NOBODY:
      return _("Nobody was seen.");
    case LK_LOCK_UNUSABLE:
      return _("A face was seen, but never well enough.");
    case LK_LOCK_OUT_OF_TIME:
      return _("It took too long.");
    case LK_LOCK_WAITED:
      return _("The wait is over.");
    case LK_LOCK_NEW:
    default:
      return _("It opens for the enrolled face.");
    }
}

char *
lk_lock_words_title (const LkLockStatus *status, const char *person)
{
  switch (status->state)
    {
    case LK_LOCK_STARTING:
      return g_strdup (_("Waiting for the Camera"));
    case LK_LOCK_LOOKING:
      return g_strdup (_("Look into the Camera"));
    case LK_LOCK_ADVICE:
      return g_strdup (_("Not Quite"));
    case LK_LOCK_CHECKING:
      return g_strdup (_("Checking…"));
    case LK_LOCK_CHALLENGE:
      return g_strdup (_("Are You There?"));
    case LK_LOCK_ACCEPTED:
      return person != NULL ? g_strdup_printf (_("This Is %s"), person) : g_strdup (_("A Match"));
    case LK_LOCK_REFUSED:
      if (status->sentence != NULL) /* the face matched, the challenge was not met */
        return g_strdup (_("Not Opened"));
      return person != NULL ? g_strdup_printf (_("This Is Not %s"), person)
                            : g_strdup (_("No Match"));
    case LK_LOCK_LOCKED_OUT:
      return g_strdup (_("Locked Out"));
    case LK_LOCK_LOCKED:
    default:
      return g_strdup (_("Locked"));
    }
}

/* @us as a person says it: tenths for what is short. */
static char *
format_time (gint64 us)
{
  double seconds = (double) us / G_USEC_PER_SEC;

  return seconds < 10 ? g_strdup_printf (_("%.1f seconds"), seconds)
                      : g_strdup_printf (_("%.0f seconds"), seconds);
}

char *
lk_lock_words_wait (gint64 wait_us)
{
  gint64 seconds = (wait_us + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC;
  gint64 minutes = (seconds + 59) / 60;

  if (seconds < 120)
    return g_strdup_printf (ngettext ("%d second", "%d seconds", (gulong) seconds), (int) seconds);
  return g_strdup_printf (ngettext ("%d minute", "%d minutes", (gulong) minutes), (int) minutes);
}

char *
lk_lock_words_odds (double margin)
{
  double times = exp (CLAMP (margin, 0, log (1000)));

  return times < 9.95 ? g_strdup_printf (_("%.1f times"), times)
                      : g_strdup_printf (_("%.0f times"), times);
}

static char *
count_anchors (const LkTally *tally)
{
  return g_strdup_printf (
      ngettext ("%d of %d anchor matches", "%d of %d anchors match", (gulong) tally->n_anchors),
      tally->n_matches, tally->n_anchors);
}

static char *
tell_accepted (const LkLockStatus *status)
{
  const LkTally *tally = &status->tally;
  g_autofree char *took = format_time (status->took_us);
  g_autofree char *why = NULL, *odds = NULL;

  if (tally->way == LK_WAY_VOTE)
    why = count_anchors (tally);
  else
    why = g_strdup_printf (_("a score of %.2f"), tally->score);
  if (tally->other == NULL)
    /* Translators: "0.4 seconds", "4 of 5 anchors match" */
    return g_strdup_printf (_("Opened in %s; %s."), took, why);
  odds = lk_lock_words_odds (tally->margin);
  /* Translators: the last two: "12 times", "Grace" */
  return g_strdup_printf (_("Opened in %s; %s, %s as likely as %s."), took, why, odds,
                             tally->other);
}

/* What a vote lacked. */
static char *
tell_vote (const LkTally *tally)
{
  if (tally->lacks == LK_LACKS_FRAMES)
    /* Translators: "1 of the last 8 pictures matched, and 5 are needed." */
    return g_strdup_printf (ngettext ("%d of the last %d pictures matched, and %d is needed.",
                                      "%d of the last %d pictures matched, and %d are needed.",
                                      (gulong) tally->n_enough),
                            tally->n_accepted, tally->n_frames, tally->n_enough);
  return g_strdup_printf (
      _("In the last pictures %.0f %% of the anchors matched, and more than %.0f %% are needed."),
         floor (tally->share * 100), tally->needed * 100);
}

/* What the fused score lacked. */
static char *
tell_score (const LkTally *tally)
{
  if (tally->lacks == LK_LACKS_FRAMES)
    return g_strdup_printf (ngettext ("Only %d picture could be compared, and %d are needed.",
                                      "Only %d pictures could be compared, and %d are needed.",
                                      (gulong) tally->n_frames),
                            tally->n_frames, tally->n_enough);
  return g_strdup_printf (_("A score of %.2f, and more than %.2f is needed."),
                             floor (tally->score * 100) / 100, tally->threshold);
}

/* Why it was refused: what really decided (lk_ballot_count()). */
static char *
tell_why (const LkTally *tally)
{
  if (tally->other != NULL && tally->n_accepted == 0 && tally->margin < LK_POLICY_MARGIN &&
      tally->score > tally->threshold)
    return g_strdup_printf (_("It could be %s, and as well %s."), tally->name, tally->other);
  if (tally->lacks == LK_LACKS_NEWEST)
    return g_strdup (_("The last picture did not match."));
  return tally->way == LK_WAY_VOTE ? tell_vote (tally) : tell_score (tally);
}

static char *
tell_refused (const LkLockStatus *status, int n_left)
{
  g_autofree char *why = status->sentence != NULL ? g_strdup (status->sentence)
                                                  : tell_why (&status->tally);
  g_autofree char *left = NULL;

  if (n_left == 0)
    return g_steal_pointer (&why);
  left = g_strdup_printf (ngettext ("%d more refusal brings a wait.",
                                    "%d more refusals bring a wait.", (gulong) n_left),
                          n_left);
  return g_strdup_printf ("%s %s", why, left);
}

char *
lk_lock_words_detail (const LkLockStatus *status, int n_left)
{
  g_autofree char *wait = NULL;

  switch (status->state)
    {
    case LK_LOCK_STARTING:
      return g_strdup (_("Without a picture there is nothing to verify."));
    case LK_LOCK_LOOKING:
      return g_strdup (_("Bring your face into the picture."));
    case LK_LOCK_CHECKING:
      return g_strdup (_("Hold still for a moment."));
    case LK_LOCK_ADVICE:
    case LK_LOCK_CHALLENGE:
      return g_strdup (status->sentence != NULL ? status->sentence
                                                : _("Hold still for a moment."));
    case LK_LOCK_ACCEPTED:
      return tell_accepted (status);
    case LK_LOCK_REFUSED:
      return tell_refused (status, n_left);
    case LK_LOCK_LOCKED_OUT:
      wait = lk_lock_words_wait (status->wait_us);
      return g_strdup_printf (_("There were too many refused attempts. Try again in %s."), wait);
    case LK_LOCK_LOCKED:
    default:
      return g_strdup (lk_lock_words_reason (status->reason));
    }
}

GError *
lk_lock_words_lockout_error (gint64 wait_us)
{
  g_autofree char *wait = lk_lock_words_wait (wait_us);

  return g_error_new (LK_ERROR, LK_ERROR_LOCKED_OUT,
                      _("There were too many refused attempts. Try again in %s."), wait);
}
