/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-session"

#include "eval/lk-presentations.h"
#include "lk-lock-words.h"
#include "lk-session-private.h"
#include "store/lk-tries.h"

#include <glib/gi18n.h>

#define TRY_US                                                                                     \
  (20 * G_USEC_PER_SEC) /* until a face is accepted; the challenge has time of its own */
#define PAUSE_MS 2500   /* between two tries: to take it away */

/* The owner's own attacks, as the Evaluate tab counts them. */
struct _LkSessionAttacks
{
  LkKeeper *keeper; /* (nullable): of the try, or of the last one */
  GArray *tries;    /* of LkPresentation: those with the model in use */
  GArray *gone;     /* (nullable): that were forgotten, to be undone */
  gboolean is_shown;

  gboolean is_running, is_over; /* tries go on; this one is over */
  LkShown shown;
  int i, n; /* this try, of so many */
  gboolean matched;
  guint pause;
};

static LkAttackPage *
get_page (LkSession *self)
{
  return lk_evaluate_page_get_attacks (self->evaluate);
}

static void
show_rates (LkSession *self)
{
  const GArray *tries = self->attacks->tries;
  LkShownRates rates[LK_N_SHOWN];

  lk_presentations_count ((const LkPresentation *) (gpointer) tries->data, (int) tries->len, rates);
  lk_attack_page_show_rates (get_page (self), rates, self->model);
}

static LkDatabase *
get_database (LkSession *self)
{
  return self->store != NULL && self->model != NULL ? lk_store_get_database (self->store) : NULL;
}

static void
on_found (const char *shown, gboolean matched, gboolean opened, gpointer data)
{
  int kind = lk_shown_from_string (shown);
  const LkPresentation what = { (LkShown) MAX (kind, 0), matched, opened };

  if (kind >= 0)
    g_array_append_val ((GArray *) data, what);
}

/* What was counted before, with the model that is in use now. */
static void
load_tries (LkSession *self)
{
  LkDatabase *database = get_database (self);
  GArray *tries = self->attacks->tries;
  g_autoptr (GError) error = NULL;

  g_array_set_size (tries, 0);
  if (database != NULL && !lk_database_list_tries (database, self->model, on_found, tries, &error))
    lk_session_report (self, error);
  show_rates (self);
}

static void
keep (LkSession *self, const LkPresentation *what)
{
  LkDatabase *database = get_database (self);
  g_autoptr (GError) error = NULL;

  g_array_append_vals (self->attacks->tries, what, 1);
  if (database != NULL &&
      !lk_database_add_try (database, self->model, lk_shown_to_string (what->shown), what->matched,
                            what->opened, &error))
    lk_session_report (self, error);
  show_rates (self);
}

static void
stop (LkSession *self)
{
  LkSessionAttacks *attacks = self->attacks;

  g_clear_handle_id (&attacks->pause, g_source_remove);
  attacks->is_over = TRUE;
  attacks->is_running = FALSE;
  lk_camera_view_set_face (lk_attack_page_get_view (get_page (self)), NULL, NULL, 0,
                           LK_MARK_NEUTRAL);
  lk_attack_page_show_ready (
      get_page (self),
      self->can_unlock ? NULL : _ ("Enrol somebody first, and use a trained network."));
  lk_session_choose_wants (self);
}

static void begin_try (LkSession *self);

static gboolean
on_pause_over (gpointer data)
{
  LkSession *self = data;

  self->attacks->pause = 0;
  if (++self->attacks->i <= self->attacks->n)
    begin_try (self);
  else
    stop (self);
  return G_SOURCE_REMOVE;
}

/* @what: (nullable): NULL: nothing that counts */
static void
end_try (LkSession *self, const LkPresentation *what, const char *why)
{
  LkSessionAttacks *attacks = self->attacks;

  attacks->is_over = TRUE;
  if (what != NULL)
    keep (self, what);
  lk_attack_page_show_end (get_page (self), attacks->i, attacks->n, what, why);
  attacks->pause = g_timeout_add (PAUSE_MS, on_pause_over, self);
}

static void
on_kept (LkKeeper *keeper, gpointer data)
{
  LkSession *self = data;
  LkSessionAttacks *attacks = self->attacks;
  LkPresentation what = { .shown = attacks->shown };
  LkLockStatus status;

  if (attacks->is_over)
    return;
  lk_keeper_get_status (keeper, &status);
  attacks->matched |= status.state == LK_LOCK_CHALLENGE;
  what.matched = attacks->matched;
  if (status.state == LK_LOCK_ACCEPTED)
    {
      what.opened = TRUE;
      end_try (self, &what, NULL);
    }
  else if (status.state == LK_LOCK_REFUSED || status.state == LK_LOCK_LOCKED_OUT)
    {
      g_autofree char *why = lk_lock_words_detail (&status, 0);

      end_try (self, &what, status.state == LK_LOCK_REFUSED ? why : NULL);
    }
  else if (status.state == LK_LOCK_LOCKED)
    end_try (self, NULL, lk_lock_words_reason (status.reason));
  else
    lk_attack_page_show_try (get_page (self), attacks->i, attacks->n, &status);
}

/* By a keeper of its own without a database: no attempt is written down, and nobody is locked
 * out. */
static void
begin_try (LkSession *self)
{
  LkSessionAttacks *attacks = self->attacks;
  LkLockRules rules;

  lk_lock_rules_init_once (&rules, TRY_US);
  lk_keeper_set_challenges (&rules, TRUE);
  lk_keeper_free (attacks->keeper);
  attacks->keeper = lk_keeper_new (NULL, &rules, on_kept, self);
  attacks->is_over = attacks->matched = FALSE;
  lk_keeper_begin (attacks->keeper);
}

static void
on_start (LkAttackPage *page, LkSession *self)
{
  LkSessionAttacks *attacks = self->attacks;

  if (attacks->is_running || !self->can_unlock)
    return;
  attacks->is_running = TRUE;
  attacks->shown = lk_attack_page_get_shown (page);
  attacks->n = lk_attack_page_get_n_tries (page);
  attacks->i = 1;
  lk_session_choose_wants (self);
  begin_try (self);
}

static void
on_stop (LkAttackPage *page, LkSession *self)
{
  stop (self);
}

static void
undo_forget (LkSession *self)
{
  g_autoptr (GArray) gone = g_steal_pointer (&self->attacks->gone);

  for (guint i = 0; gone != NULL && i < gone->len; i++)
    keep (self, &g_array_index (gone, LkPresentation, i));
}

static void
on_forget (LkAttackPage *page, LkSession *self)
{
  LkSessionAttacks *attacks = self->attacks;
  LkDatabase *database = get_database (self);
  g_autoptr (GError) error = NULL;

  if (database != NULL && !lk_database_delete_tries (database, self->model, &error))
    {
      lk_session_report (self, error);
      return;
    }
  g_clear_pointer (&attacks->gone, g_array_unref);
  attacks->gone = g_steal_pointer (&attacks->tries);
  attacks->tries = g_array_new (FALSE, FALSE, sizeof (LkPresentation));
  show_rates (self);
  lk_session_toast_undo (self, _ ("The numbers are forgotten"), undo_forget);
}

static void
on_shown (LkEvaluatePage *page, gboolean is_shown, LkSession *self)
{
  self->attacks->is_shown = is_shown;
  lk_session_turn_attacks (self);
}

void
lk_session_turn_attacks (LkSession *self)
{
  stop (self);
  if (self->attacks->is_shown)
    load_tries (self);
}

gboolean
lk_session_is_attacked (LkSession *self)
{
  return self->attacks != NULL && self->attacks->is_running;
}

void
lk_session_show_attack (LkSession *self, const LkFrame *frame, const LkSighting *seen,
                        const LkCheck *check, const GError *advice)
{
  LkMark mark = advice != NULL ? LK_MARK_ADVICE
                : check != NULL && check->n_anchors > 0
                    ? (check->accepted ? LK_MARK_GOOD : LK_MARK_BAD)
                    : LK_MARK_NEUTRAL;

  lk_camera_view_set_face (lk_attack_page_get_view (get_page (self)),
                           seen->has_face ? &seen->face : NULL, seen->others, seen->n_others, mark);
  if (!self->attacks->is_over)
    lk_keeper_show (self->attacks->keeper, frame, seen, check, advice);
}

void
lk_session_lose_attack (LkSession *self)
{
  if (lk_session_is_attacked (self) && !self->attacks->is_over)
    lk_keeper_lose_camera (self->attacks->keeper);
}

void
lk_session_start_attacks (LkSession *self)
{
  LkAttackPage *page = get_page (self);

  self->attacks = g_new0 (LkSessionAttacks, 1);
  self->attacks->tries = g_array_new (FALSE, FALSE, sizeof (LkPresentation));
  g_signal_connect (self->evaluate, "attacks-shown", G_CALLBACK (on_shown), self);
  g_signal_connect (page, "start", G_CALLBACK (on_start), self);
  g_signal_connect (page, "stop", G_CALLBACK (on_stop), self);
  g_signal_connect (page, "forget", G_CALLBACK (on_forget), self);
}

void
lk_session_stop_attacks (LkSession *self)
{
  LkSessionAttacks *attacks = g_steal_pointer (&self->attacks);

  if (attacks == NULL)
    return;
  g_signal_handlers_disconnect_by_data (get_page (self), self);
  g_clear_handle_id (&attacks->pause, g_source_remove);
  lk_keeper_free (attacks->keeper);
  g_array_unref (attacks->tries);
  g_clear_pointer (&attacks->gone, g_array_unref);
  g_free (attacks);
}
