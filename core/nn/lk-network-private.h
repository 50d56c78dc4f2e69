/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-layer.h"

/* Shared by lk-network.c and lk-network-parse.c alone. */

#define LK_NETWORK_MAX_PARAMS (4 * LK_NETWORK_MAX_LAYERS)

struct _LkNetwork
{
  char name[32];
  int n_layers, n_params;
  size_t size, trainable; /* floats */
  LkLayer layers[LK_NETWORK_MAX_LAYERS];
  LkParam params[LK_NETWORK_MAX_PARAMS];
  char param_names[LK_NETWORK_MAX_PARAMS][48];
};
