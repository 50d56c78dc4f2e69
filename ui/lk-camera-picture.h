/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "face/lk-face.h"
#include "image/lk-image.h"
#include "lk-mark.h"

G_BEGIN_DECLS

/*
 * LkCameraPicture: what LkCameraView draws: a frame, and what lies over it.
 *
 * Plain state; who owns it draws anew when something was set.
 */
typedef struct
{
  GdkTexture *texture; /* (owned) (nullable): no frame yet */
  gboolean mirror;
  gboolean has_face;
  LkFace face;
  GArray *others; /* (owned): of LkFace */
  LkMark mark;
  GdkTexture *crop; /* (owned) (nullable): the face as the network sees it */
  gboolean crop_at_left;
  double flash; /* 0 .. 1: how white it is */
  double shade_from, shade,
      shade_done; /* how dark; done: 0 .. 1, of the way from one to the other */
} LkCameraPicture;

void lk_camera_picture_init (LkCameraPicture *self);
void lk_camera_picture_clear (LkCameraPicture *self);

/* Pixels are not copied.  Returns: whether it has another size than the one before */
gboolean lk_camera_picture_set_image (LkCameraPicture *self, const LkImage *image);
/* As lk_camera_view_set_face(), and _set_crop(). */
void lk_camera_picture_set_face (LkCameraPicture *self, const LkFace *face, const LkFace *others,
                                 int n_others, LkMark mark);
void lk_camera_picture_set_crop (LkCameraPicture *self, const LkImage *crop);
/* The way to it begins where it is now. */
void lk_camera_picture_set_shade (LkCameraPicture *self, double shade);

/* Width by height; that of most cameras before the first frame. */
double lk_camera_picture_get_ratio (const LkCameraPicture *self);

/* The frame alone, at @rect and cut to @clip; darkened, as it was asked for or, with @is_old, as
 * what is no more. */
void lk_camera_picture_snapshot (const LkCameraPicture *self, GtkSnapshot *snapshot,
                                 const graphene_rect_t *rect, const GskRoundedRect *clip,
                                 gboolean is_old);
/* The faces' frames and the crop over it; @widget: whose accent colour is used. */
void lk_camera_picture_snapshot_faces (LkCameraPicture *self, GtkSnapshot *snapshot,
                                       const graphene_rect_t *rect, GtkWidget *widget);

G_END_DECLS
