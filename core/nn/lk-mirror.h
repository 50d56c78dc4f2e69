/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * Two looks at a picture, the second one at its mirror image: the embedding of a network whose
 * text says mirrored=yes is the direction of both ones' sum.  A face has two sides that light
 * and pose treat differently; the mean of both looks is nearer to other pictures of it.
 */

/* @in, @out: [n, height, width, channels], not the same */
void lk_mirror_pictures (const float *in, int n, int height, int width, int channels, float *out);

/* @looks: [n, 2, d], of unit length: of each picture and of its mirror image.  @out: [n, d].  Two
 * that point exactly against each other have no direction: all zeros. */
void lk_mirror_join (int n, int d, const float *looks, float *out);
