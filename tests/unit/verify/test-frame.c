/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a frame to the verdict: what is taken from malloc on the way. */
#include "../count-allocations.h"
#include "../face/draw-face.h"
#include "face/lk-finder.h"
#include "verify/lk-verifier.h"

#define N_FRAMES 12
#define CROP     (3 * LK_FACE_CROP_SIDE * LK_FACE_CROP_SIDE) /* bytes */

static LkVerifier *
make_verifier (const LkImage *anchor)
{
  static const char text[] = "network small\n"
                             "image     input   size=100x100x3\n"
                             "conv1     conv2d  image filters=16 kernel=7 activation=relu\n"
                             "pool1     maxpool conv1 window=2 stride=2 padding=same\n"
                             "flat      flatten pool1\n"
                             "embedding dense   flat units=32 activation=sigmoid\n"
                             "score     l1-head embedding\n";
  g_autoptr (GError) error = NULL;
  g_autoptr (LkModel) model = lk_model_new_untrained (text, "small", 3, &error);
  g_autoptr (GPtrArray) anchors = g_ptr_array_new ();
  LkVerifier *verifier = lk_verifier_new (model, 2, &error);

  g_assert_no_error (error);
  for (int i = 0; i < 5; i++)
    g_ptr_array_add (anchors, (gpointer) anchor);
  g_assert_true (lk_verifier_set_anchors (verifier, anchors, &error));
  return verifier;
}

/* A face that moves a little is followed; then it is gone and searched for.  All that is
 * new each time is the crop and its handle, the check and its scores, or the advice. */
static void
test_allocations (void)
{
  const LkPolicy policy = LK_POLICY_DEFAULT;
  g_autoptr (LkFinder) finder = lk_finder_new ();
  g_autoptr (LkVerifier) verifier = NULL;
  LkImage *frames[N_FRAMES];

  if (!can_count ())
    return;
  for (int i = 0; i < N_FRAMES; i++)
    {
      DrawnFace face = { .x = 320 + i, .y = 200, .eyes = 70, .light = 1 };

      frames[i] = draw_faces (640, 480, &face, i < N_FRAMES - 2);
    }
  verifier = make_verifier (frames[0]);

  for (int i = 0; i < N_FRAMES; i++)
    {
      g_autoptr (LkCheck) check = NULL;
      g_autoptr (GError) advice = NULL;
      g_auto (LkSighting) seen = { 0 };
      gboolean found;
      int n;

      start_counting ();
      found = lk_finder_follow (finder, frames[i], i * G_USEC_PER_SEC / 30, LK_FACE_DETECT, NULL,
                                &seen, &advice);
      if (found)
        check = lk_verifier_check (verifier, &seen, &policy);
      n = stop_counting ();
      g_assert_true (found == (i < N_FRAMES - 2));
      if (i < 4) /* whole frames, then parts of them: each takes its memory once */
        continue;
      g_assert_cmpint (n, <=, found ? 4 : 2);
      g_assert_cmpuint (atomic_load (&largest_taken), <=, CROP);
      g_assert_true (!found || check->n_anchors == 5);
    }
  for (int i = 0; i < N_FRAMES; i++)
    lk_image_unref (frames[i]);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/frame/allocations", test_allocations);
  return g_test_run ();
}
