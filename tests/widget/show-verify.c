/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "show-verify.h"

#include "base/lk-error.h"
#include "cartoon.h"
#include "widget-test.h"

#include <math.h>

#define N_ANCHORS 5

/* Ada, Edith and Grace, with as many anchors each. */
static const char *const names[] = { "Ada Lovelace", "Edith Clarke", "Grace Hopper" };

static LkMatch people[3];
static float scores[3 * N_ANCHORS];

static void
show_check (LkVerifyPage *page, LkCheck *check, int n_people, LkWay way, double height,
            const LkImage *crop)
{
  const LkPolicy policy = { .detection = way == LK_WAY_FUSED ? 0.91 : 0.5,
                            .verification = 0.5,
                            .way = way };

  for (int i = 0; i < n_people * N_ANCHORS; i++)
    scores[i] = (float) CLAMP (
        (i < N_ANCHORS ? height : 0.3 - 0.1 * (i / N_ANCHORS)) + 0.04 * sin (i * 2.3), 0, 1);
  for (int i = 0; i < n_people; i++)
    people[i] = (LkMatch){ names[i], N_ANCHORS * i, N_ANCHORS };
  *check = (LkCheck){ .crop = (LkImage *) crop,
                      .n_anchors = n_people * N_ANCHORS,
                      .scores = scores,
                      .people = people,
                      .n_people = n_people,
                      .find_us = 3120,
                      .embed_us = 1840,
                      .match_us = 22 };
  lk_policy_decide (&policy, check);
  lk_verify_page_set_policy (page, &policy);
  lk_verify_page_show_check (page, check);
}

/* Some seconds of scores that come to @height. */
static void
show_history (LkVerifyPage *page, int n_people, LkWay way, double from, double height,
              const LkImage *crop)
{
  LkCheck check;

  for (int i = 0; i < 45; i++)
    {
      double at = from + (height - from) * MIN (1, i / 30.0);

      show_check (page, &check, n_people, way, at + 0.03 * sin (i * 1.7), crop);
      widget_test_spin (25);
    }
}

static void
fill_tally (LkLockStatus *status, LkWay way, double score, int n_people)
{
  status->tally = (LkTally){ .n_frames = 8,
                             .n_accepted = score > 0.5 ? 5 : 0,
                             .n_enough = 5,
                             .needed = 0.5,
                             .lacks = score > 0.5           ? LK_LACKS_NOTHING
                                      : way == LK_WAY_FUSED ? LK_LACKS_SCORE
                                                            : LK_LACKS_FRAMES,
                             .name = names[0],
                             .score = score,
                             .threshold = way == LK_WAY_FUSED ? 0.91 : 0.5,
                             .way = way,
                             .n_anchors = N_ANCHORS,
                             .n_matches = score > 0.5 ? 4 : 1,
                             .share = score > 0.5 ? 0.8 : 0.2,
                             .margin = n_people > 1 ? 3.1 : (double) NAN,
                             .other = n_people > 1 ? names[2] : NULL };
}

static GPtrArray *
make_people (int n)
{
  return n == 1 ? widget_test_people (N_ANCHORS, names[0], NULL)
                : widget_test_people (N_ANCHORS, names[0], names[1], names[2], NULL);
}

static GPtrArray *
make_anchors (int n_people)
{
  GPtrArray *anchors = g_ptr_array_new_with_free_func ((GDestroyNotify) lk_image_unref);

  for (int i = 0; i < n_people * N_ANCHORS; i++)
    g_ptr_array_add (anchors, cartoon_new (100, 100, i / N_ANCHORS, i));
  return anchors;
}

static void
enrol (LkVerifyPage *page, int n_people)
{
  g_autoptr (GPtrArray) list = make_people (n_people), anchors = make_anchors (n_people);

  lk_verify_page_set_people (page, list, NULL);
  lk_verify_page_set_anchors (page, anchors);
}

static void
show_camera_error (LkWindow *window, LkError code, const char *sentence)
{
  g_autoptr (GError) error = g_error_new_literal (LK_ERROR, (int) code, sentence);

  lk_window_show_camera_error (window, error);
}

static void
show_empty (LkWindow *window, LkVerifyPage *page, const LkImage *frame,
            void (*shoot) (const char *name))
{
  g_autoptr (GPtrArray) nobody = g_ptr_array_new ();

  shoot ("verify-starting");
  lk_window_show_frame (window, frame);
  shoot ("verify-no-model");
  lk_verify_page_set_model (page, "siamese", FALSE, NULL);
  shoot ("verify-untrained");
  lk_verify_page_set_model (page, "siamese-1", TRUE, "50 epochs on 3 people");
  lk_verify_page_set_people (page, nobody, NULL);
  shoot ("verify-nobody");
}

static void
show_locks (LkWindow *window, LkVerifyPage *page, const LkImage *ada, const LkImage *grace,
            void (*shoot) (const char *name))
{
  g_autoptr (LkImage) crop = cartoon_new (100, 100, 0, 3), other = cartoon_new (100, 100, 1, 3);
  LkSighting seen = { .has_face = TRUE, .warning = -1 };
  LkLockStatus status = { .state = LK_LOCK_LOCKED, .reason = LK_LOCK_LEFT, .may_begin = TRUE };

  lk_face_guide (640, 480, &seen.face);
  lk_verify_page_show_rate (page, 30, 29.7, 2, 11400);
  lk_verify_page_show_lock (page, &status, 0);
  shoot ("verify-locked");
  status = (LkLockStatus){ .state = LK_LOCK_LOOKING, .is_trying = TRUE };
  lk_verify_page_show_lock (page, &status, 0);
  shoot ("verify-looking");
  status = (LkLockStatus){ .state = LK_LOCK_ADVICE,
                           .is_trying = TRUE,
                           .sentence = "Your face is too far away. Come closer." };
  lk_verify_page_show_sighting (page, &seen,
                                &(GError){ LK_RETRY, LK_RETRY_TOO_FAR, (char *) status.sentence });
  lk_verify_page_show_lock (page, &status, 0);
  shoot ("verify-advice");
  lk_verify_page_show_sighting (page, &seen, NULL);
  show_history (page, 1, LK_WAY_VOTE, 0.35, 0.82, crop);
  status = (LkLockStatus){ .state = LK_LOCK_CHECKING, .is_trying = TRUE, .progress = 0.6 };
  lk_verify_page_show_lock (page, &status, 0);
  shoot ("verify-checking");
  status = (LkLockStatus){ .state = LK_LOCK_CHALLENGE,
                           .is_trying = TRUE,
                           .turn = -1,
                           .progress = 0.35,
                           .sentence = "Turn your head to the left." };
  lk_verify_page_show_lock (page, &status, 0);
  shoot ("verify-challenge");
  status = (LkLockStatus){ .state = LK_LOCK_REFUSED,
                           .may_begin = TRUE,
                           .sentence = "The face moved as a picture on paper does. Try again, and "
                                       "turn a little further." };
  fill_tally (&status, LK_WAY_VOTE, 0.82, 1);
  lk_verify_page_show_lock (page, &status, 3);
  shoot ("verify-challenge-failed");
  status = (LkLockStatus){ .state = LK_LOCK_ACCEPTED, .took_us = 430 * 1000 };
  status.spent_us[LK_LOCK_LOOKING] = 1200 * 1000;
  status.spent_us[LK_LOCK_CHECKING] = 430 * 1000;
  fill_tally (&status, LK_WAY_VOTE, 0.82, 1);
  lk_verify_page_show_lock (page, &status, 0);
  shoot ("verify-accepted");
  {
    g_autoptr (GPtrArray) pictures = make_anchors (1);

    g_ptr_array_set_size (pictures, 3);
    lk_verify_page_offer_pictures (page, names[0], pictures);
    shoot ("verify-offer");
    lk_verify_page_offer_pictures (page, NULL, NULL);
  }

  lk_window_show_frame (window, grace);
  show_history (page, 1, LK_WAY_VOTE, 0.7, 0.24, other);
  status = (LkLockStatus){ .state = LK_LOCK_REFUSED, .took_us = 2000 * 1000, .may_begin = TRUE };
  fill_tally (&status, LK_WAY_VOTE, 0.24, 1);
  lk_verify_page_show_lock (page, &status, 3);
  shoot ("verify-refused");
  status.state = LK_LOCK_LOCKED_OUT;
  status.may_begin = FALSE;
  status.wait_us = 60 * G_USEC_PER_SEC;
  lk_verify_page_show_lock (page, &status, 0);
  status.wait_us = 42 * G_USEC_PER_SEC;
  lk_verify_page_show_lock (page, &status, 0);
  shoot ("verify-locked-out");

  /* Among several, by the fused score. */
  enrol (page, 3);
  lk_window_show_frame (window, ada);
  show_history (page, 3, LK_WAY_FUSED, 0.7, 0.96, crop);
  status = (LkLockStatus){ .state = LK_LOCK_ACCEPTED, .took_us = 380 * 1000 };
  fill_tally (&status, LK_WAY_FUSED, 0.96, 3);
  lk_verify_page_show_lock (page, &status, 0);
  shoot ("verify-several");
}

void
show_verify_states (LkWindow *window, void (*shoot) (const char *name))
{
  LkVerifyPage *page = lk_window_get_verify_page (window);
  LkLockStatus status = { .state = LK_LOCK_STARTING, .is_trying = TRUE };
  g_autoptr (LkImage) ada = cartoon_new (640, 480, 0, 0), grace = cartoon_new (640, 480, 1, 2);

  lk_window_set_page (window, "verify");
  show_empty (window, page, ada, shoot);
  enrol (page, 1);
  lk_verify_page_set_preparing (page, TRUE);
  shoot ("verify-preparing");
  lk_verify_page_set_preparing (page, FALSE);
  show_locks (window, page, ada, grace, shoot);
  lk_verify_page_show_waiting (page);
  lk_verify_page_show_lock (page, &status, 0);
  lk_window_show_camera_ended (window);
  shoot ("verify-ended");
  show_camera_error (window, LK_ERROR_CAMERA_NOT_FOUND,
                     "No camera was found. Connect one, or play a folder of pictures instead.");
  shoot ("verify-no-camera");
  show_camera_error (window, LK_ERROR_CAMERA_BUSY,
                     "“Integrated Camera” is used by another program. Close it there.");
  shoot ("verify-busy");
  show_camera_error (window, LK_ERROR_CAMERA_PERMISSION,
                     "You may not open /dev/video0. Ask for membership of the group “video”.");
  shoot ("verify-permission");
}
