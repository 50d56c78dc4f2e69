/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-network-parse-private.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define MAX_CHANNELS (1 << 20)
#define MAX_WINDOW   1024
#define MAX_FLOATS   (1u << 29) /* of parameters: the 2 GiB of LK_MODEL_MAX_SIZE */

int
lk_parser_find_layer (const LkNetwork *network, const char *name)
{
  for (int i = 0; i < network->n_layers; i++)
    if (strcmp (network->layers[i].name, name) == 0)
      return i;
  return -1;
}

/* Leaves *out alone when the option is absent. */
static int
take_int (LkParser *self, LkOption option, int max, int *out)
{
  const char *value = self->values[option];
  long n;

  if (value == NULL)
    return 1;
  n = lk_parser_read_int (value, strlen (value), max);
  if (n < 1)
    return lk_parser_fail (self, "%s=%s is not a whole number from 1 to %d.",
                           lk_option_to_string (option), lk_parser_show (value).text, max);
  *out = (int) n;
  return 1;
}

static int
take_float (LkParser *self, LkOption option, double min, double max, const char *range, float *out)
{
  const char *value = self->values[option];
  double number;

  if (value == NULL)
    return 1;
  if (!lk_parser_read_number (value, strlen (value), &number) || !(number >= min && number <= max))
    return lk_parser_fail (self, "%s=%s is not a number %s.", lk_option_to_string (option),
                           lk_parser_show (value).text, range);
  *out = (float) number;
  return 1;
}

static int
take_activation (LkParser *self, LkLayer *layer)
{
  const char *activation = self->values[LK_OPTION_ACTIVATION];
  int sigmoid = layer->op == LK_OP_CONV2D || layer->op == LK_OP_DENSE;

  if (activation == NULL || strcmp (activation, "linear") == 0)
    layer->activation = LK_ACTIVATION_LINEAR;
  else if (strcmp (activation, "relu") == 0)
    layer->activation = LK_ACTIVATION_RELU;
  else if (strcmp (activation, "sigmoid") == 0 && sigmoid)
    layer->activation = LK_ACTIVATION_SIGMOID;
  else
    return lk_parser_fail (self, "activation=%s is not known. It is relu%s or linear.",
                           lk_parser_show (activation).text, sigmoid ? ", sigmoid" : "");
  return 1;
}

static int
take_weights (LkParser *self, LkLayer *layer)
{
  const char *init = self->values[LK_OPTION_INIT], *bias = self->values[LK_OPTION_BIAS], *colon;

  layer->kernel_init.glorot = 1;
  if (init != NULL && strcmp (init, "glorot") != 0)
    {
      LkInit *k = &layer->kernel_init;

      if (strncmp (init, "normal:", 7) != 0 ||
          !lk_parser_read_number (init + 7, strlen (init + 7), &k->deviation) ||
          !(k->deviation >= 0 && k->deviation <= 100))
        return lk_parser_fail (
            self,
            "init=%s is not known. It is \"glorot\" or \"normal:\" and a standard "
            "deviation from 0 to 100, as in normal:0.01.",
            lk_parser_show (init).text);
      k->glorot = 0;
    }
  if (bias != NULL && strcmp (bias, "none") == 0 && layer->op != LK_OP_L1_HEAD)
    layer->no_bias = 1;
  else if (bias != NULL)
    {
      LkInit *b = &layer->bias_init;

      colon = strchr (bias, ':');
      if (colon == NULL || !lk_parser_read_number (bias, (size_t) (colon - bias), &b->mean) ||
          !lk_parser_read_number (colon + 1, strlen (colon + 1), &b->deviation) ||
          !(b->mean >= -100 && b->mean <= 100 && b->deviation >= 0 && b->deviation <= 100))
        return lk_parser_fail (
            self,
            "bias=%s is not MEAN:DEVIATION of the first biases, as in 0.5:0.01, each at "
            "most 100%s.",
            lk_parser_show (bias).text, layer->op != LK_OP_L1_HEAD ? ", nor \"none\"" : "");
    }
  return take_activation (self, layer) &&
         take_float (self, LK_OPTION_L2, 0, 1000, "from 0 to 1000", &layer->l2);
}

/* One side of a convolution or pooling.
 *
 * Source: "same" as TensorFlow's nn module documents it: ceil (n / stride) outputs,
 * an odd number of padded places puts the extra one behind. */
static int
slide (LkParser *self, const LkLayer *layer, int n, int *out, int *pad)
{
  *pad = self->padding;
  n += 2 * self->padding;
  if (self->same)
    {
      int total;

      *out = (n + layer->stride - 1) / layer->stride;
      total = (*out - 1) * layer->stride + layer->window - n;
      *pad = total > 0 ? total / 2 : 0;
      return 1;
    }
  if (n < layer->window)
    return 0;
  *out = (n - layer->window) / layer->stride + 1;
  return 1;
}

static int
take_window (LkParser *self, LkLayer *layer, const LkLayer *in, LkOption option)
{
  const char *padding = self->values[LK_OPTION_PADDING];

  if (!take_int (self, option, MAX_WINDOW, &layer->window))
    return 0;
  layer->stride = option == LK_OPTION_WINDOW ? layer->window : 1; /* Keras' defaults */
  if (!take_int (self, LK_OPTION_STRIDE, MAX_WINDOW, &layer->stride))
    return 0;
  self->same = padding != NULL && strcmp (padding, "same") == 0;
  self->padding = 0;
  if (padding != NULL && !self->same && strcmp (padding, "valid") != 0)
    {
      /* A window wholly in the padding would be a maximum of nothing. */
      long zeros = lk_parser_read_int (padding, strlen (padding), layer->window - 1);

      if (zeros < 0)
        return lk_parser_fail (
            self,
            "padding=%s is not known. It is valid, same or the number of rows and columns "
            "on each side, fewer than the %s has.",
            lk_parser_show (padding).text, lk_option_to_string (option));
      self->padding = (int) zeros;
    }
  if (!slide (self, layer, in->h, &layer->h, &layer->pad_top) ||
      !slide (self, layer, in->w, &layer->w, &layer->pad_left))
    return lk_parser_fail (
        self,
        "A %s of %dx%d does not fit into \"%s\", which is %dx%d. Make it smaller, or add "
        "padding=same.",
        lk_option_to_string (option), layer->window, layer->window, in->name, in->h, in->w);
  return 1;
}

/* Whole parts of HxWxC. */
static int
take_size (LkParser *self, LkLayer *layer)
{
  const char *value = self->values[LK_OPTION_SIZE], *s = value;
  long n[3];

  for (int i = 0; i < 3; i++)
    {
      size_t length = strcspn (s, "x");

      n[i] = lk_parser_read_int (s, length, i < 2 ? LK_NETWORK_MAX_SIDE : MAX_CHANNELS);
      s += length;
      if (n[i] < 1 || (i < 2 ? *s++ != 'x' : *s != '\0'))
        return lk_parser_fail (
            self, "size=%s is not HEIGHTxWIDTHxCHANNELS, as in 100x100x3, with sides up to %d.",
            lk_parser_show (value).text, LK_NETWORK_MAX_SIDE);
    }
  layer->h = self->height > 0 ? self->height : (int) n[0];
  layer->w = self->width > 0 ? self->width : (int) n[1];
  layer->c = (int) n[2];
  return 1;
}

static int
take_mirrored (LkParser *self, LkLayer *layer)
{
  const char *value = self->values[LK_OPTION_MIRRORED];

  layer->mirrored = value != NULL && strcmp (value, "yes") == 0;
  if (value != NULL && !layer->mirrored && strcmp (value, "no") != 0)
    return lk_parser_fail (self, "mirrored=%s is neither yes nor no.", lk_parser_show (value).text);
  return 1;
}

static int
add_param (LkParser *self, const LkLayer *layer, const char *what, int n_dims, const size_t *shape,
           int trainable, float l2, size_t *offset)
{
  LkNetwork *network = self->network;
  char *name = network->param_names[network->n_params];
  LkParam *param = &network->params[network->n_params++];
  uint64_t n = 1;

  /* At most 2^10 * 2^10 * 2^20 * 2^20 (conv2d) or 2^26 * 2^20 (dense). */
  for (int i = 0; i < n_dims; i++)
    n *= param->shape[i] = shape[i];
  if (n > MAX_FLOATS - network->size)
    return lk_parser_fail (
        self, "With this layer the network has more than %u parameters, the most allowed.",
        MAX_FLOATS);
  snprintf (name, sizeof network->param_names[0], "%s.%s", layer->name, what);
  param->name = name;
  param->n_dims = n_dims;
  param->offset = *offset = network->size;
  param->n = (size_t) n;
  param->trainable = trainable;
  param->l2 = l2;
  network->size += param->n;
  network->trainable += trainable ? param->n : 0;
  return 1;
}

static int
add_weights (LkParser *self, LkLayer *layer, int n_dims, const size_t *shape)
{
  return add_param (self, layer, "kernel", n_dims, shape, 1, layer->l2, &layer->kernel) &&
         (layer->no_bias ||
          add_param (self, layer, "bias", 1, &shape[n_dims - 1], 1, 0, &layer->bias));
}

static int
need_flat (LkParser *self, const LkLayer *in, int flat)
{
  if (in->flat == flat)
    return 1;
  if (flat)
    return lk_parser_fail (
        self, "Its input \"%s\" is a map of %dx%dx%d, not a vector. Put a flatten layer between.",
        in->name, in->h, in->w, in->c);
  return lk_parser_fail (self, "Its input \"%s\" is a vector of %d, not a map of rows and columns.",
                         in->name, in->c);
}

/* A kernel and bias that an earlier convolution has already. */
static int
share_weights (LkParser *self, LkLayer *layer, const LkLayer *in)
{
  const LkNetwork *network = self->network;
  int from = lk_parser_find_layer (network, self->values[LK_OPTION_WEIGHTS]);
  const LkLayer *other = from >= 0 ? &network->layers[from] : NULL;

  if (other == NULL || other->op != LK_OP_CONV2D || other->window != layer->window ||
      other->c != layer->c || network->layers[other->inputs[0]].c != in->c ||
      other->no_bias != layer->no_bias)
    return lk_parser_fail (
        self,
        "weights=%s does not name an earlier conv2d with the same kernel, filters, "
        "channels and bias=.",
        lk_parser_show (self->values[LK_OPTION_WEIGHTS]).text);
  layer->kernel = other->kernel;
  layer->bias = other->bias;
  layer->shared = 1;
  return 1;
}

static int
add_conv2d (LkParser *self, LkLayer *layer, const LkLayer *in)
{
  size_t shape[4];

  if (!need_flat (self, in, 0) || !take_int (self, LK_OPTION_FILTERS, MAX_CHANNELS, &layer->c) ||
      !take_window (self, layer, in, LK_OPTION_KERNEL) || !take_weights (self, layer))
    return 0;
  if (self->values[LK_OPTION_WEIGHTS] != NULL)
    return share_weights (self, layer, in);
  shape[0] = shape[1] = (size_t) layer->window;
  shape[2] = (size_t) in->c;
  shape[3] = (size_t) layer->c;
  return add_weights (self, layer, 4, shape);
}

static int
add_dense (LkParser *self, LkLayer *layer, const LkLayer *in)
{
  size_t shape[2];

  layer->h = layer->w = layer->flat = layer->c = 1; /* l1-head: one number */
  if (!need_flat (self, in, 1) || !take_int (self, LK_OPTION_UNITS, MAX_CHANNELS, &layer->c) ||
      !take_weights (self, layer))
    return 0;
  shape[0] = (size_t) in->c;
  shape[1] = (size_t) layer->c;
  return add_weights (self, layer, 2, shape);
}

static int
add_batchnorm (LkParser *self, LkLayer *layer, const LkLayer *in)
{
  size_t n = (size_t) in->c;

  layer->momentum = 0.99f; /* Keras' defaults */
  layer->epsilon = 1e-3f;
  return take_activation (self, layer) &&
         take_float (self, LK_OPTION_MOMENTUM, 0, 1, "from 0 to 1", &layer->momentum) &&
         take_float (self, LK_OPTION_EPSILON, 1e-12, 1, "from 1e-12 to 1", &layer->epsilon) &&
         add_param (self, layer, "gamma", 1, &n, 1, 0, &layer->gamma) &&
         add_param (self, layer, "beta", 1, &n, 1, 0, &layer->beta) &&
         add_param (self, layer, "mean", 1, &n, 0, 0, &layer->mean) &&
         add_param (self, layer, "variance", 1, &n, 0, 0, &layer->variance);
}

static int
add_upsample (LkParser *self, LkLayer *layer, const LkLayer *in)
{
  if (!need_flat (self, in, 0) || !take_int (self, LK_OPTION_TIMES, 16, &layer->window))
    return 0;
  layer->h *= layer->window;
  layer->w *= layer->window;
  if (layer->h > LK_NETWORK_MAX_SIDE || layer->w > LK_NETWORK_MAX_SIDE)
    return lk_parser_fail (self, "Its output of %dx%d has a side over the %d allowed.", layer->h,
                           layer->w, LK_NETWORK_MAX_SIDE);
  return 1;
}

static int
add_add (LkParser *self, LkLayer *layer, const LkLayer *in)
{
  const LkLayer *other = &self->network->layers[layer->inputs[1]];

  if (in->h != other->h || in->w != other->w || in->c != other->c || in->flat != other->flat)
    return lk_parser_fail (self, "Its inputs differ: \"%s\" is %dx%dx%d, \"%s\" is %dx%dx%d.",
                           in->name, in->h, in->w, in->c, other->name, other->h, other->w,
                           other->c);
  return take_activation (self, layer);
}

/* Its c is the floats of all maps together. */
static int
add_maps (LkParser *self, LkLayer *layer)
{
  uint64_t n = 0;

  for (int i = 0; i < layer->n_inputs; i++)
    {
      const LkLayer *map = &self->network->layers[layer->inputs[i]];

      if (!need_flat (self, map, 0))
        return 0;
      n += (uint64_t) map->h * (uint64_t) map->w * (uint64_t) map->c; /* under 2^26 each */
    }
  layer->h = layer->w = layer->flat = 1;
  layer->c = (int) n;
  return 1;
}

int
lk_parser_add_op (LkParser *self, LkLayer *layer, const LkLayer *in)
{
  if (in != NULL)
    {
      layer->h = in->h;
      layer->w = in->w;
      layer->c = in->c;
      layer->flat = in->flat;
    }
  switch (layer->op)
    {
    case LK_OP_INPUT:
      return take_size (self, layer) && take_mirrored (self, layer);
    case LK_OP_CONV2D:
      return add_conv2d (self, layer, in);
    case LK_OP_BATCHNORM:
      return add_batchnorm (self, layer, in);
    case LK_OP_MAXPOOL:
      return need_flat (self, in, 0) && take_window (self, layer, in, LK_OPTION_WINDOW);
    case LK_OP_DROPOUT:
      return take_float (self, LK_OPTION_RATE, 0, 0.99, "from 0 to 0.99", &layer->rate);
    case LK_OP_FLATTEN:
      layer->c = layer->h * layer->w * layer->c; /* under LK_NETWORK_MAX_ACTIVATION */
      layer->h = layer->w = layer->flat = 1;
      return 1;
    case LK_OP_DENSE:
    case LK_OP_L1_HEAD:
      return add_dense (self, layer, in);
    case LK_OP_UPSAMPLE:
      return add_upsample (self, layer, in);
    case LK_OP_ADD:
      return add_add (self, layer, in);
    case LK_OP_MAPS:
      return add_maps (self, layer);
    case LK_OP_NORMALIZE:
      return need_flat (self, in, 1);
    case LK_OP_RELU:
    case LK_OP_SIGMOID:
      return 1;
    }
  return 0;
}
