/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-network-parse-private.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A text may come with a model file from anywhere: these bounds are far above any
 * use and keep every later product of sizes within 64 bits. */
#define MAX_TEXT   (64 * 1024)
#define MAX_TOKENS 24

#define BIT(op)  (1u << (op))
#define WEIGHTED (BIT (LK_OP_CONV2D) | BIT (LK_OP_DENSE) | BIT (LK_OP_L1_HEAD))

static const struct
{
  const char *key;
  unsigned ops, required_by;
} options[LK_N_OPTIONS] = {
  [LK_OPTION_SIZE] = { "size", BIT (LK_OP_INPUT), BIT (LK_OP_INPUT) },
  [LK_OPTION_MIRRORED] = { "mirrored", BIT (LK_OP_INPUT), 0 },
  [LK_OPTION_FILTERS] = { "filters", BIT (LK_OP_CONV2D), BIT (LK_OP_CONV2D) },
  [LK_OPTION_KERNEL] = { "kernel", BIT (LK_OP_CONV2D), BIT (LK_OP_CONV2D) },
  [LK_OPTION_WINDOW] = { "window", BIT (LK_OP_MAXPOOL), BIT (LK_OP_MAXPOOL) },
  [LK_OPTION_STRIDE] = { "stride", BIT (LK_OP_CONV2D) | BIT (LK_OP_MAXPOOL), 0 },
  [LK_OPTION_PADDING] = { "padding", BIT (LK_OP_CONV2D) | BIT (LK_OP_MAXPOOL), 0 },
  [LK_OPTION_TIMES] = { "times", BIT (LK_OP_UPSAMPLE), BIT (LK_OP_UPSAMPLE) },
  [LK_OPTION_WEIGHTS] = { "weights", BIT (LK_OP_CONV2D), 0 },
  [LK_OPTION_ACTIVATION] = { "activation",
                             BIT (LK_OP_CONV2D) | BIT (LK_OP_DENSE) | BIT (LK_OP_BATCHNORM) |
                                 BIT (LK_OP_ADD),
                             0 },
  [LK_OPTION_L2] = { "l2", WEIGHTED, 0 },
  [LK_OPTION_INIT] = { "init", WEIGHTED, 0 },
  [LK_OPTION_BIAS] = { "bias", WEIGHTED, 0 },
  [LK_OPTION_MOMENTUM] = { "momentum", BIT (LK_OP_BATCHNORM), 0 },
  [LK_OPTION_EPSILON] = { "epsilon", BIT (LK_OP_BATCHNORM), 0 },
  [LK_OPTION_RATE] = { "rate", BIT (LK_OP_DROPOUT), BIT (LK_OP_DROPOUT) },
  [LK_OPTION_UNITS] = { "units", BIT (LK_OP_DENSE), BIT (LK_OP_DENSE) },
};

static const char *const op_names[] = {
  [LK_OP_INPUT] = "input",         [LK_OP_CONV2D] = "conv2d",     [LK_OP_BATCHNORM] = "batchnorm",
  [LK_OP_MAXPOOL] = "maxpool",     [LK_OP_RELU] = "relu",         [LK_OP_SIGMOID] = "sigmoid",
  [LK_OP_DROPOUT] = "dropout",     [LK_OP_FLATTEN] = "flatten",   [LK_OP_DENSE] = "dense",
  [LK_OP_NORMALIZE] = "normalize", [LK_OP_UPSAMPLE] = "upsample", [LK_OP_ADD] = "add",
  [LK_OP_L1_HEAD] = "l1-head",     [LK_OP_MAPS] = "maps",
};
#define N_OPS ((int) (sizeof op_names / sizeof *op_names))

const char *
lk_option_to_string (LkOption option)
{
  return options[option].key;
}

const char *
lk_op_to_string (LkOp op)
{
  return op_names[op];
}

static int
is_name (const char *s)
{
  size_t n = strlen (s);

  return n > 0 && n < sizeof ((LkLayer *) 0)->name &&
         strspn (s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == n;
}

#define NAME_RULE "Names are 1 to 31 letters, digits, '-' and '_'."

/* Words with '=' in them; the rest of the line was taken already. */
static int
take_options (LkParser *self, LkOp op, char **words, int n)
{
  memset (self->values, 0, sizeof self->values);
  for (int i = 0; i < n; i++)
    {
      char *equals = strchr (words[i], '=');
      int k = 0;

      if (equals == NULL)
        return lk_parser_fail (self,
                               "\"%s\" comes after an option. Inputs come first, then KEY=VALUE.",
                               lk_parser_show (words[i]).text);
      *equals = '\0';
      while (k < LK_N_OPTIONS &&
             (strcmp (options[k].key, words[i]) != 0 || !(options[k].ops & BIT (op))))
        k++;
      if (k == LK_N_OPTIONS)
        return lk_parser_fail (self, "%s has no option \"%s\".", op_names[op],
                               lk_parser_show (words[i]).text);
      if (self->values[k] != NULL)
        return lk_parser_fail (self, "The option %s is given twice.", options[k].key);
      self->values[k] = equals + 1;
    }
  for (int k = 0; k < LK_N_OPTIONS; k++)
    if ((options[k].required_by & BIT (op)) && self->values[k] == NULL)
      return lk_parser_fail (self, "%s needs the option %s=.", op_names[op], options[k].key);
  return 1;
}

static int
take_inputs (LkParser *self, LkLayer *layer, char **words, int n)
{
  static const char *const counts[] = { "no input", "one input", "two inputs" };
  int wanted = layer->op == LK_OP_INPUT ? 0 : layer->op == LK_OP_ADD ? 2 : 1;

  if (layer->op == LK_OP_MAPS)
    {
      if (n < 1 || n > LK_LAYER_MAX_INPUTS)
        return lk_parser_fail (self, "maps takes 1 to %d inputs, but %d are named.",
                               LK_LAYER_MAX_INPUTS, n);
    }
  else if (n != wanted)
    return lk_parser_fail (self, "%s takes %s, but %d %s named.", op_names[layer->op],
                           counts[wanted], n, n == 1 ? "is" : "are");
  for (int i = 0; i < n; i++)
    {
      int from = lk_parser_find_layer (self->network, words[i]);

      if (from < 0)
        return lk_parser_fail (self, "No earlier line has the name \"%s\".",
                               lk_parser_show (words[i]).text);
      if (self->used[from] == 0)
        self->used[from] = self->network->n_layers;
      layer->inputs[i] = from;
    }
  layer->n_inputs = n;
  return 1;
}

static int
is_head (LkOp op)
{
  return op == LK_OP_L1_HEAD || op == LK_OP_MAPS;
}

static int
take_line (LkParser *self, char **words, int n_words)
{
  LkNetwork *network = self->network;
  LkLayer *layer = &network->layers[network->n_layers];
  int op = 0, n_inputs = 0;

  if (network->name[0] == '\0')
    {
      if (n_words != 2 || strcmp (words[0], "network") != 0 || !is_name (words[1]))
        return lk_parser_fail (self, "The first line is not \"network NAME\". " NAME_RULE);
      snprintf (network->name, sizeof network->name, "%s", words[1]);
      return 1;
    }
  if (n_words < 2)
    return lk_parser_fail (self, "\"%s\" stands alone. A line is NAME OP INPUT KEY=VALUE...",
                           lk_parser_show (words[0]).text);
  if (network->n_layers > 0 && is_head (network->layers[network->n_layers - 1].op))
    return lk_parser_fail (self, "Nothing can follow the head, \"%s\".",
                           network->layers[network->n_layers - 1].name);
  if (network->n_layers == LK_NETWORK_MAX_LAYERS)
    return lk_parser_fail (self, "The network has more than %d layers, the most allowed.",
                           LK_NETWORK_MAX_LAYERS);
  if (!is_name (words[0]))
    return lk_parser_fail (self, "\"%s\" cannot be a name. " NAME_RULE,
                           lk_parser_show (words[0]).text);
  if (lk_parser_find_layer (network, words[0]) >= 0)
    return lk_parser_fail (self, "The name \"%s\" is taken by an earlier line.", words[0]);
  while (op < N_OPS && strcmp (op_names[op], words[1]) != 0)
    op++;
  if (op == N_OPS)
    return lk_parser_fail (self, "There is no layer \"%s\".", lk_parser_show (words[1]).text);
  if ((op == LK_OP_INPUT) != (network->n_layers == 0))
    return lk_parser_fail (self, "The first layer, and no other, is an input.");

  snprintf (layer->name, sizeof layer->name, "%s", words[0]);
  layer->op = (LkOp) op;
  layer->line = self->line;
  while (2 + n_inputs < n_words && strchr (words[2 + n_inputs], '=') == NULL)
    n_inputs++;
  if (!take_inputs (self, layer, words + 2, n_inputs) ||
      !take_options (self, layer->op, words + 2 + n_inputs, n_words - 2 - n_inputs) ||
      !lk_parser_add_op (self, layer, n_inputs > 0 ? &network->layers[layer->inputs[0]] : NULL))
    return 0;
  /* Sides are under 2^14, channels under 2^26. */
  if ((uint64_t) layer->h * (uint64_t) layer->w * (uint64_t) layer->c > LK_NETWORK_MAX_ACTIVATION)
    return lk_parser_fail (self, "Its output of %dx%dx%d is over the %u numbers allowed.", layer->h,
                           layer->w, layer->c, LK_NETWORK_MAX_ACTIVATION);
  network->n_layers++;
  return 1;
}

static int
check_mirrored (LkParser *self)
{
  const LkNetwork *network = self->network;
  const LkLayer *head = &network->layers[network->n_layers - 1];

  self->line = network->layers[0].line;
  if (network->layers[0].mirrored &&
      (head->op == LK_OP_MAPS || network->layers[head->inputs[0]].op != LK_OP_NORMALIZE))
    return lk_parser_fail (self, "mirrored=yes is only for networks whose embedding is of unit "
                                 "length (normalize).");
  return 1;
}

/* What training cannot go back through. */
static int
check_embedding (LkParser *self)
{
  const LkNetwork *network = self->network;

  for (int i = 0; i < network->n_layers; i++)
    {
      const LkLayer *layer = &network->layers[i];

      self->line = layer->line;
      if (layer->op == LK_OP_UPSAMPLE || layer->shared)
        return lk_parser_fail (self, "%s is only for networks whose head is maps.",
                               layer->shared ? "weights=" : op_names[layer->op]);
    }
  return 1;
}

/* Maps have rows and columns throughout, and nothing that only training needs: a batch
 * norm is folded into its convolution before the network is written down. */
static int
check_maps (LkParser *self)
{
  const LkNetwork *network = self->network;

  for (int i = 1; i < network->n_layers - 1; i++)
    {
      const LkLayer *layer = &network->layers[i];

      self->line = layer->line;
      if (layer->op != LK_OP_CONV2D && layer->op != LK_OP_MAXPOOL && layer->op != LK_OP_RELU &&
          layer->op != LK_OP_SIGMOID && layer->op != LK_OP_UPSAMPLE && layer->op != LK_OP_ADD)
        return lk_parser_fail (self, "%s cannot be in a network whose head is maps.",
                               op_names[layer->op]);
    }
  return 1;
}

static int
parse (LkParser *self, char *text)
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
            return lk_parser_fail (self, "It has more than %d words.", MAX_TOKENS);
          words[n++] = w;
        }
      if (n > 0 && !take_line (self, words, n))
        return 0;
    }

  self->line = 0;
  if (network->n_layers == 0)
    return lk_parser_fail (self, "The network's text describes no layers.");
  if (!is_head (network->layers[network->n_layers - 1].op))
    return lk_parser_fail (self, "The network's text does not end with a head (l1-head or maps).");
  for (int i = 0; i < network->n_layers - 1; i++)
    if (self->used[i] == 0)
      {
        self->line = network->layers[i].line;
        return lk_parser_fail (self, "No later layer uses \"%s\".", network->layers[i].name);
      }
  if (!check_mirrored (self))
    return 0;
  return lk_network_has_maps (network) ? check_maps (self) : check_embedding (self);
}

LkNetwork *
lk_network_parse (const char *text, char *why, size_t why_size)
{
  return lk_network_parse_sized (text, 0, 0, why, why_size);
}

LkNetwork *
lk_network_parse_sized (const char *text, int height, int width, char *why, size_t why_size)
{
  LkParser parser = { .why = why, .why_size = why_size, .height = height, .width = width };
  char *copy;
  int ok;

  if (height > LK_NETWORK_MAX_SIDE || width > LK_NETWORK_MAX_SIDE)
    {
      lk_parser_fail (&parser, "A picture of %dx%d has a side over the %d allowed.", height, width,
                      LK_NETWORK_MAX_SIDE);
      return NULL;
    }
  if (strnlen (text, MAX_TEXT + 1) > MAX_TEXT)
    {
      lk_parser_fail (&parser, "The network's text is longer than the %d characters allowed.",
                      MAX_TEXT);
      return NULL;
    }
  copy = strdup (text);
  parser.network = calloc (1, sizeof *parser.network);
  if (copy == NULL || parser.network == NULL)
    ok = lk_parser_fail (&parser, "There is not enough memory to read the network's text.");
  else
    ok = parse (&parser, copy);
  free (copy);
  if (ok)
    return parser.network;
  lk_network_free (parser.network);
  return NULL;
}
