/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-network-private.h"

/* Shared by the files that read a network's text: lk-network-parse.c (lines and words),
 * lk-network-layers.c (what each layer wants) and lk-network-words.c. */

#define LK_NETWORK_MAX_ACTIVATION (1u << 26) /* floats that one layer puts out for one picture */
#define LK_NETWORK_MAX_SIDE       16384

typedef enum
{
  LK_OPTION_SIZE,
  LK_OPTION_MIRRORED,
  LK_OPTION_FILTERS,
  LK_OPTION_KERNEL,
  LK_OPTION_WINDOW,
  LK_OPTION_STRIDE,
  LK_OPTION_PADDING,
  LK_OPTION_TIMES,
  LK_OPTION_WEIGHTS,
  LK_OPTION_ACTIVATION,
  LK_OPTION_L2,
  LK_OPTION_INIT,
  LK_OPTION_BIAS,
  LK_OPTION_MOMENTUM,
  LK_OPTION_EPSILON,
  LK_OPTION_RATE,
  LK_OPTION_UNITS,
  LK_N_OPTIONS
} LkOption;

typedef struct
{
  LkNetwork *network;
  int line;
  int height, width;                /* instead of the text's; 0: as the text says */
  int used[LK_NETWORK_MAX_LAYERS];  /* the first layer to read this one's output, 0: none yet */
  const char *values[LK_N_OPTIONS]; /* of the line in hand, NULL where not given */
  int same, padding;                /* its padding: TensorFlow's rule, or zeros on each side */
  char *why;
  size_t why_size;
} LkParser;

/* Always 0, to be returned. */
__attribute__ ((format (printf, 2, 3))) int lk_parser_fail (LkParser *self, const char *format,
                                                            ...);

/* A word of the text, fit to be shown: short, and printable ASCII only. */
typedef struct
{
  char text[40];
} LkShown;

LkShown lk_parser_show (const char *word);

/* Decimal digits alone; -1 if it is anything else or above @max. */
long lk_parser_read_int (const char *s, size_t length, long max);

/* 12, 0.3, 1e-3: strtod() would read them by the user's locale. */
int lk_parser_read_number (const char *s, size_t length, double *out);

const char *lk_option_to_string (LkOption option);

/* -1: none */
int lk_parser_find_layer (const LkNetwork *network, const char *name);

/* What the layer's op wants: shape, options, parameters. */
int lk_parser_add_op (LkParser *self, LkLayer *layer, const LkLayer *in);
