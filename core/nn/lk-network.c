/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-network-private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
lk_network_free (LkNetwork *self)
{
  free (self);
}

const char *
lk_network_get_name (const LkNetwork *self)
{
  return self->name;
}

void
lk_network_get_input (const LkNetwork *self, int *height, int *width, int *channels)
{
  *height = self->layers[0].h;
  *width = self->layers[0].w;
  *channels = self->layers[0].c;
}

int
lk_network_get_embedding_size (const LkNetwork *self)
{
  const LkLayer *head = &self->layers[self->n_layers - 1];

  return head->op == LK_OP_MAPS ? head->c : self->layers[head->inputs[0]].c;
}

int
lk_network_has_maps (const LkNetwork *self)
{
  return self->layers[self->n_layers - 1].op == LK_OP_MAPS;
}

int
lk_network_is_mirrored (const LkNetwork *self)
{
  return self->layers[0].mirrored;
}

int
lk_network_get_map (const LkNetwork *self, int i, int *height, int *width, int *channels)
{
  const LkLayer *head = &self->layers[self->n_layers - 1], *map;

  if (head->op != LK_OP_MAPS || i < 0 || i >= head->n_inputs)
    return 0;
  map = &self->layers[head->inputs[i]];
  if (height != NULL)
    *height = map->h;
  if (width != NULL)
    *width = map->w;
  if (channels != NULL)
    *channels = map->c;
  return 1;
}

int
lk_network_get_n_params (const LkNetwork *self)
{
  return self->n_params;
}

const LkParam *
lk_network_get_param (const LkNetwork *self, int i)
{
  return i >= 0 && i < self->n_params ? &self->params[i] : NULL;
}

const LkParam *
lk_network_find_param (const LkNetwork *self, const char *name)
{
  for (int i = 0; i < self->n_params; i++)
    if (strcmp (self->params[i].name, name) == 0)
      return &self->params[i];
  return NULL;
}

size_t
lk_network_get_size (const LkNetwork *self)
{
  return self->size;
}

size_t
lk_network_get_trainable (const LkNetwork *self)
{
  return self->trainable;
}

int
lk_network_get_n_layers (const LkNetwork *self)
{
  return self->n_layers;
}

const LkLayer *
lk_network_get_layer (const LkNetwork *self, int i)
{
  return i >= 0 && i < self->n_layers ? &self->layers[i] : NULL;
}

static void
fill (float *out, size_t n, float value)
{
  for (size_t i = 0; i < n; i++)
    out[i] = value;
}

/* @fans: fan in plus fan out, for Glorot's rule. */
static void
draw (float *out, size_t n, const LkInit *init, double fans, LkRandom *random)
{
  double limit = init->glorot ? sqrt (6.0 / fans) : 0;

  if (!init->glorot && init->deviation == 0) /* takes no numbers: zero biases */
    fill (out, n, (float) init->mean);
  else
    for (size_t i = 0; i < n; i++)
      out[i] = (float) (init->glorot ? lk_random_range (random, -limit, limit)
                                     : init->mean + init->deviation * lk_random_normal (random));
}

void
lk_network_init (const LkNetwork *self, float *params, LkRandom *random)
{
  for (int i = 0; i < self->n_layers; i++)
    {
      const LkLayer *layer = &self->layers[i];
      size_t c = (size_t) layer->c;

      if (layer->shared)
        continue;
      switch (layer->op)
        {
        case LK_OP_CONV2D:
        case LK_OP_DENSE:
        case LK_OP_L1_HEAD:
          {
            double in = self->layers[layer->inputs[0]].c, out = layer->c;
            double taps = layer->op == LK_OP_CONV2D ? (double) layer->window * layer->window : 1;

            draw (params + layer->kernel, (size_t) (taps * in * out), &layer->kernel_init,
                  taps * (in + out), random);
            if (!layer->no_bias)
              draw (params + layer->bias, c, &layer->bias_init, 0, random);
            break;
          }
        case LK_OP_BATCHNORM:
          fill (params + layer->gamma, c, 1);
          fill (params + layer->beta, c, 0);
          fill (params + layer->mean, c, 0);
          fill (params + layer->variance, c, 1);
          break;
        default:
          break;
        }
    }
}

/* 38964545 as 38,964,545. */
static const char *
group_digits (size_t n, char out[32])
{
  char digits[24];
  int length = snprintf (digits, sizeof digits, "%zu", n), o = 0;

  for (int i = 0; i < length; i++)
    {
      out[o++] = digits[i];
      if (i + 1 < length && (length - i - 1) % 3 == 0)
        out[o++] = ',';
    }
  out[o] = '\0';
  return out;
}

static void
print_row (FILE *out, const char *name, const char *type, const LkLayer *shape, size_t n)
{
  char first[64], dims[64], number[32];

  snprintf (first, sizeof first, "%s (%s)", name, type);
  if (shape->flat)
    snprintf (dims, sizeof dims, "(None, %d)", shape->c);
  else
    snprintf (dims, sizeof dims, "(None, %d, %d, %d)", shape->h, shape->w, shape->c);
  fprintf (out, " %-32s %-24s %13s\n", first, dims, group_digits (n, number));
}

#define RULE "========================================================================"

char *
lk_network_summary (const LkNetwork *self)
{
  static const char *const types[] = {
    [LK_OP_INPUT] = "Input",
    [LK_OP_CONV2D] = "Conv2D",
    [LK_OP_BATCHNORM] = "BatchNormalization",
    [LK_OP_MAXPOOL] = "MaxPooling2D",
    [LK_OP_RELU] = "ReLU",
    [LK_OP_SIGMOID] = "Sigmoid",
    [LK_OP_DROPOUT] = "Dropout",
    [LK_OP_FLATTEN] = "Flatten",
    [LK_OP_NORMALIZE] = "UnitNormalization",
    [LK_OP_UPSAMPLE] = "UpSampling2D",
    [LK_OP_ADD] = "Add",
    [LK_OP_DENSE] = "Dense",
    [LK_OP_L1_HEAD] = "Dense", /* behind the L1 distance, which gets a row of its own */
    [LK_OP_MAPS] = "Maps",
  };
  char *text = NULL, number[32];
  size_t length = 0;
  FILE *out = open_memstream (&text, &length);

  if (out == NULL)
    return NULL;
  fprintf (out, "Model: \"%s\"\n" RULE "\n %-32s %-24s %13s\n" RULE "\n", self->name,
           "Layer (type)", "Output Shape", "Param #");
  for (int i = 0; i < self->n_layers; i++)
    {
      const LkLayer *layer = &self->layers[i];
      size_t prefix = strlen (layer->name), n = 0;

      for (int k = 0; k < self->n_params; k++)
        if (strncmp (self->params[k].name, layer->name, prefix) == 0 &&
            self->params[k].name[prefix] == '.')
          n += self->params[k].n;
      if (layer->op == LK_OP_L1_HEAD)
        print_row (out, "distance", "L1Dist", &self->layers[layer->inputs[0]], 0);
      print_row (out, layer->name, types[layer->op], layer, n);
    }
  fprintf (out, RULE "\nTotal parameters: %s (%.1f MiB)\n", group_digits (self->size, number),
           (double) self->size * sizeof (float) / (1 << 20));
  fprintf (out, "Trainable parameters: %s\n", group_digits (self->trainable, number));
  fprintf (out, "Non-trainable parameters: %s\n",
           group_digits (self->size - self->trainable, number));
  if (fclose (out) != 0)
    {
      free (text);
      return NULL;
    }
  return text;
}
