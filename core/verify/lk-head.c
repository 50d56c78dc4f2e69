/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-head.h"

#include "base/lk-secret.h"

#include <math.h>
#include <string.h>

static gsize
get_bytes (const LkHead *self)
{
  return sizeof *self->alpha * (gsize) self->size;
}

LkHead *
lk_head_new (const float *alpha, int size, float bias)
{
  LkHead *self = g_new (LkHead, 1);

  self->size = size;
  self->alpha = lk_secret_alloc (get_bytes (self));
  if (self->alpha == NULL)
    g_error ("There is no memory left."); /* as g_new() */
  memcpy (self->alpha, alpha, get_bytes (self));
  self->bias = bias;
  return self;
}

LkHead *
lk_head_copy (const LkHead *self)
{
  return lk_head_new (self->alpha, self->size, self->bias);
}

void
lk_head_free (LkHead *self)
{
  if (self == NULL)
    return;
  lk_secret_free (self->alpha, get_bytes (self));
  g_free (self);
}

LkHead *
lk_head_of_model (const LkModel *model)
{
  const LkNetwork *network = lk_model_get_network (model);
  const float *params = lk_model_get_params (model);
  int n = lk_network_get_n_params (network);

  if (lk_network_has_maps (network))
    return NULL;
  /* The head is a network's last line, and so its kernel and its bias are the last. */
  return lk_head_new (params + lk_network_get_param (network, n - 2)->offset,
                      lk_network_get_embedding_size (network),
                      params[lk_network_get_param (network, n - 1)->offset]);
}

double
lk_head_compare (const LkHead *self, const float *a, const float *b)
{
  double sum = (double) self->bias;

  for (int j = 0; j < self->size; j++)
    sum += (double) self->alpha[j] * (double) (fabsf (a[j] - b[j]) + 1e-6f);
  return sum;
}
