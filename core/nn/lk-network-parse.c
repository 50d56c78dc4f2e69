/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-network-private.h"

#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A text may come with a model file from anywhere: these bounds are far above any
 * use and keep every later product of sizes within 64 bits. */
#define MAX_TEXT       (64 * 1024)
#define MAX_TOKENS     24
#define MAX_SIDE       16384
#define MAX_CHANNELS   (1 << 20)
#define MAX_WINDOW     1024
#define MAX_ACTIVATION (1u << 26) /* floats that one layer puts out for one picture */
#define MAX_FLOATS     (1u << 29) /* of parameters: the 2 GiB of LK_MODEL_MAX_SIZE */

typedef enum
{
  OPT_SIZE,
  OPT_FILTERS,
  OPT_KERNEL,
  OPT_WINDOW,
  OPT_STRIDE,
  OPT_PADDING,
  OPT_ACTIVATION,
  OPT_L2,
  OPT_INIT,
  OPT_BIAS,
  OPT_MOMENTUM,
  OPT_EPSILON,
  OPT_RATE,
  OPT_UNITS,
  N_OPTIONS
} Option;

#define BIT(op)  (1u << (op))
#define WEIGHTED (BIT (LK_OP_CONV2D) | BIT (LK_OP_DENSE) | BIT (LK_OP_L1_HEAD))

static const struct
{
  const char *key;
  unsigned ops, required_by;
} options[N_OPTIONS] = {
  [OPT_SIZE] = { "size", BIT (LK_OP_INPUT), BIT (LK_OP_INPUT) },
  [OPT_FILTERS] = { "filters", BIT (LK_OP_CONV2D), BIT (LK_OP_CONV2D) },
  [OPT_KERNEL] = { "kernel", BIT (LK_OP_CONV2D), BIT (LK_OP_CONV2D) },
  [OPT_WINDOW] = { "window", BIT (LK_OP_MAXPOOL), BIT (LK_OP_MAXPOOL) },
  [OPT_STRIDE] = { "stride", BIT (LK_OP_CONV2D) | BIT (LK_OP_MAXPOOL), 0 },
  [OPT_PADDING] = { "padding", BIT (LK_OP_CONV2D) | BIT (LK_OP_MAXPOOL), 0 },
  [OPT_ACTIVATION] = { "activation", BIT (LK_OP_CONV2D) | BIT (LK_OP_DENSE), 0 },
  [OPT_L2] = { "l2", WEIGHTED, 0 },
  [OPT_INIT] = { "init", WEIGHTED, 0 },
  [OPT_BIAS] = { "bias", WEIGHTED, 0 },
  [OPT_MOMENTUM] = { "momentum", BIT (LK_OP_BATCHNORM), 0 },
  [OPT_EPSILON] = { "epsilon", BIT (LK_OP_BATCHNORM), 0 },
  [OPT_RATE] = { "rate", BIT (LK_OP_DROPOUT), BIT (LK_OP_DROPOUT) },
  [OPT_UNITS] = { "units", BIT (LK_OP_DENSE), BIT (LK_OP_DENSE) },
};

static const char *const op_names[] = {
  [LK_OP_INPUT] = "input",     [LK_OP_CONV2D] = "conv2d",   [LK_OP_BATCHNORM] = "batchnorm",
  [LK_OP_MAXPOOL] = "maxpool", [LK_OP_RELU] = "relu",       [LK_OP_SIGMOID] = "sigmoid",
  [LK_OP_DROPOUT] = "dropout", [LK_OP_FLATTEN] = "flatten", [LK_OP_DENSE] = "dense",
  [LK_OP_L1_HEAD] = "l1-head",
};
#define N_OPS ((int) (sizeof op_names / sizeof *op_names))

const char *
lk_op_to_string (LkOp op)
{
  return op_names[op];
}

typedef struct
{
  LkNetwork *network;
  int line;
  int used[LK_NETWORK_MAX_LAYERS]; /* the layer that reads this one's output, 0: none yet */
  const char *values[N_OPTIONS];   /* of the line in hand, NULL where not given */
  int same;                        /* its padding */
  char *why;
  size_t why_size;
} Parser;

/* Always 0, to be returned. */
__attribute__ ((format (printf, 2, 3))) static int
fail (Parser *self, const char *format, ...)
{
  va_list args;
  int n = 0;

  if (self->why == NULL || self->why_size == 0)
    return 0;
  if (self->line > 0)
    n = snprintf (self->why, self->why_size, "Line %d of the network's text: ", self->line);
  if (n < 0 || (size_t) n >= self->why_size)
    return 0;
  va_start (args, format);
  vsnprintf (self->why + n, self->why_size - (size_t) n, format, args);
  va_end (args);
  return 0;
}

/* A word of the text, fit to be shown: short, and printable ASCII only. */
typedef struct
{
  char text[40];
} Shown;

static Shown
show (const char *word)
{
  Shown s;
  size_t n = 0;

  for (; word[n] != '\0' && n < 32; n++)
    s.text[n] = word[n] > ' ' && word[n] < 0x7f && word[n] != '"' ? word[n] : '?';
  snprintf (s.text + n, sizeof s.text - n, "%s", word[n] != '\0' ? "..." : "");
  return s;
}

/* Decimal digits alone; -1 if it is anything else or above @max. */
static long
read_int (const char *s, size_t length, long max)
{
  long value = 0;

  if (length == 0 || length > 9)
    return -1;
  for (size_t i = 0; i < length; i++)
    {
      if (s[i] < '0' || s[i] > '9')
        return -1;
      value = value * 10 + (s[i] - '0');
    }
  return value <= max ? value : -1;
}

/* 12, 0.3, 1e-3: strtod() would read them by the user's locale. */
static int
read_number (const char *s, size_t length, double *out)
{
  double mantissa = 0, scale = 1;
  int negative = length > 0 && *s == '-', digits = 0, after_point = 0, exponent = 0;
  size_t i = negative;

  for (; i < length && ((s[i] >= '0' && s[i] <= '9') || (s[i] == '.' && !after_point)); i++)
    {
      if (s[i] == '.')
        {
          after_point = 1;
          continue;
        }
      if (++digits > 15) /* what a double holds exactly */
        return 0;
      mantissa = mantissa * 10 + (s[i] - '0');
      exponent -= after_point;
    }
  if (digits == 0)
    return 0;
  if (i < length)
    {
      int down;
      long e;

      if (s[i] != 'e' && s[i] != 'E')
        return 0;
      i++;
      down = i < length && s[i] == '-';
      i += i < length && (s[i] == '-' || s[i] == '+');
      e = read_int (s + i, length - i, 30);
      if (e < 0)
        return 0;
      exponent += down ? -(int) e : (int) e;
    }
  for (int k = exponent < 0 ? -exponent : exponent; k > 0; k--)
    scale *= 10;
  /* One division by a power of ten that is exact up to 1e22: rounded once. */
  *out = (negative ? -1 : 1) * (exponent < 0 ? mantissa / scale : mantissa * scale);
  return 1;
}

static int
is_name (const char *s)
{
  size_t n = strlen (s);

  return n > 0 && n < sizeof ((LkLayer *) 0)->name &&
         strspn (s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == n;
}

#define NAME_RULE "Names are 1 to 31 letters, digits, '-' and '_'."

/* Leaves *out alone when the option is absent. */
static int
take_int (Parser *self, Option option, int max, int *out)
{
  const char *value = self->values[option];
  long n;

  if (value == NULL)
    return 1;
  n = read_int (value, strlen (value), max);
  if (n < 1)
    return fail (self, "%s=%s is not a whole number from 1 to %d.", options[option].key,
                 show (value).text, max);
  *out = (int) n;
  return 1;
}

static int
take_float (Parser *self, Option option, double min, double max, const char *range, float *out)
{
  const char *value = self->values[option];
  double number;

  if (value == NULL)
    return 1;
  if (!read_number (value, strlen (value), &number) || !(number >= min && number <= max))
    return fail (self, "%s=%s is not a number %s.", options[option].key, show (value).text, range);
  *out = (float) number;
  return 1;
}

static int
take_weights (Parser *self, LkLayer *layer)
{
  const char *init = self->values[OPT_INIT], *bias = self->values[OPT_BIAS], *activation, *colon;

  layer->kernel_init.glorot = 1;
  if (init != NULL && strcmp (init, "glorot") != 0)
    {
      LkInit *k = &layer->kernel_init;

      if (strncmp (init, "normal:", 7) != 0 ||
          !read_number (init + 7, strlen (init + 7), &k->deviation) ||
          !(k->deviation >= 0 && k->deviation <= 100))
        return fail (self,
                     "init=%s is not known. It is \"glorot\" or \"normal:\" and a standard "
                     "deviation from 0 to 100, as in normal:0.01.",
                     show (init).text);
      k->glorot = 0;
    }
  if (bias != NULL)
    {
      LkInit *b = &layer->bias_init;

      colon = strchr (bias, ':');
      if (colon == NULL || !read_number (bias, (size_t) (colon - bias), &b->mean) ||
          !read_number (colon + 1, strlen (colon + 1), &b->deviation) ||
          !(b->mean >= -100 && b->mean <= 100 && b->deviation >= 0 && b->deviation <= 100))
        return fail (self,
                     "bias=%s is not MEAN:DEVIATION of the first biases, as in 0.5:0.01, each at "
                     "most 100.",
                     show (bias).text);
    }
  activation = self->values[OPT_ACTIVATION];
  if (activation == NULL || strcmp (activation, "linear") == 0)
    layer->activation = LK_ACTIVATION_LINEAR;
  else if (strcmp (activation, "relu") == 0)
    layer->activation = LK_ACTIVATION_RELU;
  else if (strcmp (activation, "sigmoid") == 0)
    layer->activation = LK_ACTIVATION_SIGMOID;
  else
    return fail (self, "activation=%s is not known. It is relu, sigmoid or linear.",
                 show (activation).text);
  return take_float (self, OPT_L2, 0, 1000, "from 0 to 1000", &layer->l2);
}

/* One side of a convolution or pooling.
 *
 * Source: "same" as TensorFlow's nn module documents it: ceil (n / stride) outputs,
 * an odd number of padded places puts the extra one behind. */
static int
slide (Parser *self, const LkLayer *layer, int n, int *out, int *pad)
{
  *pad = 0;
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
take_window (Parser *self, LkLayer *layer, const LkLayer *in, Option option)
{
  const char *padding = self->values[OPT_PADDING];

  if (!take_int (self, option, MAX_WINDOW, &layer->window))
    return 0;
  layer->stride = option == OPT_WINDOW ? layer->window : 1; /* Keras' defaults */
  if (!take_int (self, OPT_STRIDE, MAX_WINDOW, &layer->stride))
    return 0;
  self->same = padding != NULL && strcmp (padding, "same") == 0;
  if (padding != NULL && !self->same && strcmp (padding, "valid") != 0)
    return fail (self, "padding=%s is not known. It is valid or same.", show (padding).text);
  if (!slide (self, layer, in->h, &layer->h, &layer->pad_top) ||
      !slide (self, layer, in->w, &layer->w, &layer->pad_left))
    return fail (self,
                 "A %s of %dx%d does not fit into \"%s\", which is %dx%d. Make it smaller, or add "
                 "padding=same.",
                 options[option].key, layer->window, layer->window, in->name, in->h, in->w);
  return 1;
}

/* Whole parts of HxWxC. */
static int
take_size (Parser *self, LkLayer *layer)
{
  const char *value = self->values[OPT_SIZE], *s = value;
  long n[3];

  for (int i = 0; i < 3; i++)
    {
      size_t length = strcspn (s, "x");

      n[i] = read_int (s, length, i < 2 ? MAX_SIDE : MAX_CHANNELS);
      s += length;
      if (n[i] < 1 || (i < 2 ? *s++ != 'x' : *s != '\0'))
        return fail (self,
                     "size=%s is not HEIGHTxWIDTHxCHANNELS, as in 100x100x3, with sides up to %d.",
                     show (value).text, MAX_SIDE);
    }
  layer->h = (int) n[0];
  layer->w = (int) n[1];
  layer->c = (int) n[2];
  return 1;
}

static int
add_param (Parser *self, const LkLayer *layer, const char *what, int n_dims, const size_t *shape,
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
    return fail (self, "With this layer the network has more than %u parameters, the most allowed.",
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
add_weights (Parser *self, LkLayer *layer, int n_dims, const size_t *shape)
{
  return add_param (self, layer, "kernel", n_dims, shape, 1, layer->l2, &layer->kernel) &&
         add_param (self, layer, "bias", 1, &shape[n_dims - 1], 1, 0, &layer->bias);
}

static int
need_flat (Parser *self, const LkLayer *in, int flat)
{
  if (in->flat == flat)
    return 1;
  if (flat)
    return fail (
        self, "Its input \"%s\" is a map of %dx%dx%d, not a vector. Put a flatten layer between.",
        in->name, in->h, in->w, in->c);
  return fail (self, "Its input \"%s\" is a vector of %d, not a map of rows and columns.", in->name,
               in->c);
}

static int
add_conv2d (Parser *self, LkLayer *layer, const LkLayer *in)
{
  size_t shape[4];

  if (!need_flat (self, in, 0) || !take_int (self, OPT_FILTERS, MAX_CHANNELS, &layer->c) ||
      !take_window (self, layer, in, OPT_KERNEL) || !take_weights (self, layer))
    return 0;
  shape[0] = shape[1] = (size_t) layer->window;
  shape[2] = (size_t) in->c;
  shape[3] = (size_t) layer->c;
  return add_weights (self, layer, 4, shape);
}

static int
add_dense (Parser *self, LkLayer *layer, const LkLayer *in)
{
  size_t shape[2];

  layer->h = layer->w = layer->flat = layer->c = 1; /* l1-head: one number */
  if (!need_flat (self, in, 1) || !take_int (self, OPT_UNITS, MAX_CHANNELS, &layer->c) ||
      !take_weights (self, layer))
    return 0;
  shape[0] = (size_t) in->c;
  shape[1] = (size_t) layer->c;
  return add_weights (self, layer, 2, shape);
}

static int
add_batchnorm (Parser *self, LkLayer *layer, const LkLayer *in)
{
  size_t n = (size_t) in->c;

  layer->momentum = 0.99f; /* Keras' defaults */
  layer->epsilon = 1e-3f;
  return take_float (self, OPT_MOMENTUM, 0, 1, "from 0 to 1", &layer->momentum) &&
         take_float (self, OPT_EPSILON, 1e-12, 1, "from 1e-12 to 1", &layer->epsilon) &&
         add_param (self, layer, "gamma", 1, &n, 1, 0, &layer->gamma) &&
         add_param (self, layer, "beta", 1, &n, 1, 0, &layer->beta) &&
         add_param (self, layer, "mean", 1, &n, 0, 0, &layer->mean) &&
         add_param (self, layer, "variance", 1, &n, 0, 0, &layer->variance);
}

static int
add_op (Parser *self, LkLayer *layer, const LkLayer *in)
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
      return take_size (self, layer);
    case LK_OP_CONV2D:
      return add_conv2d (self, layer, in);
    case LK_OP_BATCHNORM:
      return add_batchnorm (self, layer, in);
    case LK_OP_MAXPOOL:
      return need_flat (self, in, 0) && take_window (self, layer, in, OPT_WINDOW);
    case LK_OP_DROPOUT:
      return take_float (self, OPT_RATE, 0, 0.99, "from 0 to 0.99", &layer->rate);
    case LK_OP_FLATTEN:
      layer->c = layer->h * layer->w * layer->c; /* under MAX_ACTIVATION */
      layer->h = layer->w = layer->flat = 1;
      return 1;
    case LK_OP_DENSE:
    case LK_OP_L1_HEAD:
      return add_dense (self, layer, in);
    case LK_OP_RELU:
    case LK_OP_SIGMOID:
      return 1;
    }
  return 0;
}

static int
find_layer (const LkNetwork *network, const char *name)
{
  for (int i = 0; i < network->n_layers; i++)
    if (strcmp (network->layers[i].name, name) == 0)
      return i;
  return -1;
}

/* Words with '=' in them; the rest of the line was taken already. */
static int
take_options (Parser *self, LkOp op, char **words, int n)
{
  memset (self->values, 0, sizeof self->values);
  for (int i = 0; i < n; i++)
    {
      char *equals = strchr (words[i], '=');
      int k = 0;

      if (equals == NULL)
        return fail (self, "\"%s\" comes after an option. Inputs come first, then KEY=VALUE.",
                     show (words[i]).text);
      *equals = '\0';
      while (k < N_OPTIONS &&
             (strcmp (options[k].key, words[i]) != 0 || !(options[k].ops & BIT (op))))
        k++;
      if (k == N_OPTIONS)
        return fail (self, "%s has no option \"%s\".", op_names[op], show (words[i]).text);
      if (self->values[k] != NULL)
        return fail (self, "The option %s is given twice.", options[k].key);
      self->values[k] = equals + 1;
    }
  for (int k = 0; k < N_OPTIONS; k++)
    if ((options[k].required_by & BIT (op)) && self->values[k] == NULL)
      return fail (self, "%s needs the option %s=.", op_names[op], options[k].key);
  return 1;
}

static int
take_inputs (Parser *self, LkLayer *layer, char **words, int n)
{
  int wanted = layer->op == LK_OP_INPUT ? 0 : 1;

  if (n != wanted)
    return fail (self, "%s takes %s, but %d %s named.", op_names[layer->op],
                 wanted == 0 ? "no input" : "one input", n, n == 1 ? "is" : "are");
  for (int i = 0; i < n; i++)
    {
      int from = find_layer (self->network, words[i]);

      if (from < 0)
        return fail (self, "No earlier line has the name \"%s\".", show (words[i]).text);
      if (self->used[from] != 0)
        return fail (
            self, "\"%s\" is the input of \"%s\" already, and can be the input of one layer only.",
            words[i], self->network->layers[self->used[from]].name);
      self->used[from] = self->network->n_layers;
      layer->inputs[i] = from;
    }
  layer->n_inputs = n;
  return 1;
}

static int
take_line (Parser *self, char **words, int n_words)
{
  LkNetwork *network = self->network;
  LkLayer *layer = &network->layers[network->n_layers];
  int op = 0, n_inputs = 0;

  if (network->name[0] == '\0')
    {
      if (n_words != 2 || strcmp (words[0], "network") != 0 || !is_name (words[1]))
        return fail (self, "The first line is not \"network NAME\". " NAME_RULE);
      snprintf (network->name, sizeof network->name, "%s", words[1]);
      return 1;
    }
  if (n_words < 2)
    return fail (self, "\"%s\" stands alone. A line is NAME OP INPUT KEY=VALUE...",
                 show (words[0]).text);
  if (network->n_layers > 0 && network->layers[network->n_layers - 1].op == LK_OP_L1_HEAD)
    return fail (self, "Nothing can follow the head, \"%s\".",
                 network->layers[network->n_layers - 1].name);
  if (network->n_layers == LK_NETWORK_MAX_LAYERS)
    return fail (self, "The network has more than %d layers, the most allowed.",
                 LK_NETWORK_MAX_LAYERS);
  if (!is_name (words[0]))
    return fail (self, "\"%s\" cannot be a name. " NAME_RULE, show (words[0]).text);
  if (find_layer (network, words[0]) >= 0)
    return fail (self, "The name \"%s\" is taken by an earlier line.", words[0]);
  while (op < N_OPS && strcmp (op_names[op], words[1]) != 0)
    op++;
  if (op == N_OPS)
    return fail (self, "There is no layer \"%s\".", show (words[1]).text);
  if ((op == LK_OP_INPUT) != (network->n_layers == 0))
    return fail (self, "The first layer, and no other, is an input.");

  snprintf (layer->name, sizeof layer->name, "%s", words[0]);
  layer->op = (LkOp) op;
  layer->line = self->line;
  while (2 + n_inputs < n_words && strchr (words[2 + n_inputs], '=') == NULL)
    n_inputs++;
  if (!take_inputs (self, layer, words + 2, n_inputs) ||
      !take_options (self, layer->op, words + 2 + n_inputs, n_words - 2 - n_inputs) ||
      !add_op (self, layer, n_inputs > 0 ? &network->layers[layer->inputs[0]] : NULL))
    return 0;
  /* Sides are under 2^14, channels under 2^26. */
  if ((uint64_t) layer->h * (uint64_t) layer->w * (uint64_t) layer->c > MAX_ACTIVATION)
    return fail (self, "Its output of %dx%dx%d is over the %u numbers allowed.", layer->h, layer->w,
                 layer->c, MAX_ACTIVATION);
  network->n_layers++;
  return 1;
}

static int
parse (Parser *self, char *text)
{
  const LkNetwork *network = self->network;

  for (char *line = text, *next; line != NULL; line = next)
    {
      char *words[MAX_TOKENS], *save = NULL;
      int n = 0;

      self->line++;
      next = strchr (line, '\n');
      if (next != NULL)
        *next++ = '\0';
      line[strcspn (line, "#")] = '\0';
      for (char *w = strtok_r (line, " \t\r", &save); w != NULL;
           w = strtok_r (NULL, " \t\r", &save))
        {
          if (n == MAX_TOKENS)
            return fail (self, "It has more than %d words.", MAX_TOKENS);
          words[n++] = w;
        }
      if (n > 0 && !take_line (self, words, n))
        return 0;
    }

  self->line = 0;
  if (network->n_layers == 0)
    return fail (self, "The network's text describes no layers.");
  if (network->layers[network->n_layers - 1].op != LK_OP_L1_HEAD)
    return fail (self, "The network's text does not end with a head (l1-head).");
  for (int i = 0; i < network->n_layers - 1; i++)
    if (self->used[i] == 0)
      {
        self->line = network->layers[i].line;
        return fail (self, "No later layer uses \"%s\".", network->layers[i].name);
      }
  return 1;
}

LkNetwork *
lk_network_parse (const char *text, char *why, size_t why_size)
{
  Parser parser = { .why = why, .why_size = why_size };
  char *copy;
  int ok;

  if (strnlen (text, MAX_TEXT + 1) > MAX_TEXT)
    {
      fail (&parser, "The network's text is longer than the %d characters allowed.", MAX_TEXT);
      return NULL;
    }
  copy = strdup (text);
  parser.network = calloc (1, sizeof *parser.network);
  if (copy == NULL || parser.network == NULL)
    ok = fail (&parser, "There is not enough memory to read the network's text.");
  else
    ok = parse (&parser, copy);
  free (copy);
  if (ok)
    return parser.network;
  lk_network_free (parser.network);
  return NULL;
}
