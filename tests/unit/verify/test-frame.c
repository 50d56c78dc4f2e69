/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a frame to the verdict: what is taken from malloc on the way. */
#include "../count-allocations.h"
#include "../face/draw-face.h"
#include "face/lk-finder.h"
#include "verify/lk-verifier.h"

#define N_FRAMES 12
#define SIZE     32 /* of an embedding */

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
  static const char *const people[] = { "Ada", "Ada", "Ada", "Bob", "Bob" };
  float embeddings[G_N_ELEMENTS (people) * SIZE];
  LkVerifier *verifier = lk_verifier_new (model, 2, &error);

  g_assert_no_error (error);
  for (gsize i = 0; i < G_N_ELEMENTS (people); i++)
    lk_verifier_embed (verifier, anchor, embeddings + SIZE * i);
  g_assert_true (
      lk_verifier_set_gallery (verifier, embeddings, people, G_N_ELEMENTS (people), &error));
  return verifier;
}

/* A face that moves a little is followed; then it is gone and searched for.  What is made for
 * each frame goes round; all that is new is the words of the advice where there is no face. */
static void
test_allocations (gconstpointer data)
{
  const LkFaceRule rule = GPOINTER_TO_INT (data);
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
      const LkPolicy policy = { 0.5, 0.5, i % 2 ? LK_WAY_FUSED : LK_WAY_VOTE };
      g_autoptr (LkCheck) check = NULL;
      g_autoptr (GError) advice = NULL;
      g_auto (LkSighting) seen = { 0 };
      gboolean found;
      int n;

      start_counting ();
      found = lk_finder_follow (finder, frames[i], i * G_USEC_PER_SEC / 30, rule, NULL, &seen,
                                &advice);
      if (found)
        check = lk_verifier_check (verifier, &seen, &policy);
      n = stop_counting ();
      g_assert_true (found == (i < N_FRAMES - 2 || rule == LK_FACE_GUIDE));
      if (i < 4) /* whole frames, then parts of them: each takes its memory once */
        continue;
      g_assert_cmpint (n, <=, found ? 0 : 2);
      g_assert_true (!found || (check->n_anchors == 5 && check->n_people == 2));
    }
  for (int i = 0; i < N_FRAMES; i++)
    lk_image_unref (frames[i]);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/frame/allocations", GINT_TO_POINTER (LK_FACE_DETECT), test_allocations);
  g_test_add_data_func ("/frame/guide-allocations", GINT_TO_POINTER (LK_FACE_GUIDE),
                        test_allocations);
  return g_test_run ();
}
