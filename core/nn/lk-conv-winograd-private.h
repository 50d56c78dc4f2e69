/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "kernels/lk-kernels.h"
#include "kernels/lk-winograd.h"
#include "lk-conv-private.h"

/* Shared by lk-conv-winograd.c and lk-conv-winograd-backward.c. */

/* How the work is cut: pictures into rows x columns tiles of 4 x 4 outputs each. */
typedef struct
{
  const LkWinograd *winograd;
  const LkKernels *kernels;
  int rows, columns;
  int n_tiles;  /* of all pictures */
  int n_panels; /* of output channels, kernels->width each; the last may not be full */
} LkWinogradCut;

LkWinogradCut lk_winograd_cut (const LkConv *cv);

/* Where a tile's outputs begin. */
typedef struct
{
  int n, y, x;
} LkWinogradPlace;

LkWinogradPlace lk_winograd_place (const LkWinogradCut *cut, int tile);

/* Transforms all channels of the tile of x that gives the outputs there, step floats from number to
 * number. */
void lk_winograd_transform_input (const LkConv *cv, const LkWinogradCut *cut, const float *x,
                                  const LkWinogradPlace *place, float *numbers, size_t step);

/* Floats from number to number of n tiles with c channels: 16 more than they take, to keep
 * the numbers out of each other's cache lines. */
size_t lk_winograd_step (int n, int c);
