/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nn/lk-layer.h"

#include <glib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static LkNetwork *
parse (const char *text)
{
  char why[256] = "";
  LkNetwork *network = lk_network_parse (text, why, sizeof why);

  g_assert_cmpstr (why, ==, "");
  g_assert_nonnull (network);
  return network;
}

static LkNetwork *
load (const char *name)
{
  g_autofree char *file = g_strconcat (name, ".net", NULL);
  g_autofree char *path = g_build_filename (g_getenv ("LIKENESS_DATA_DIR"), "models", file, NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  return parse (text);
}

/* The documents' figures, and the paper's network with one channel instead of three. */
static void
test_counts (void)
{
  static const struct
  {
    const char *name;
    size_t total, trainable;
    int embedding, flat;
  } cases[] = {
    { "siamese", 38964545, 38964545, 4096, 9216 },
    { "siamese-pool64", 38964545, 38964545, 4096, 9216 },
    { "siamese-bn", 27643329 + 128, 27643329, 4096, 6400 },
    { "koch", 38964545 - 10 * 10 * 2 * 64, 38964545 - 10 * 10 * 2 * 64, 4096, 9216 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      LkNetwork *network = load (cases[i].name);
      size_t sum = 0;

      g_assert_cmpstr (lk_network_get_name (network), ==, cases[i].name);
      g_assert_cmpuint (lk_network_get_size (network), ==, cases[i].total);
      g_assert_cmpuint (lk_network_get_trainable (network), ==, cases[i].trainable);
      g_assert_cmpint (lk_network_get_embedding_size (network), ==, cases[i].embedding);
      for (int k = 0; k < lk_network_get_n_params (network); k++)
        {
          const LkParam *param = lk_network_get_param (network, k);

          g_assert_cmpuint (param->offset, ==, sum); /* packed, in order */
          sum += param->n;
        }
      g_assert_cmpuint (sum, ==, cases[i].total);
      for (int k = 0; k < lk_network_get_n_layers (network); k++)
        if (lk_network_get_layer (network, k)->op == LK_OP_FLATTEN)
          g_assert_cmpint (lk_network_get_layer (network, k)->c, ==, cases[i].flat);
      lk_network_free (network);
    }
}

/* Our own: what the rest of the program and its limits ask of it. */
static void
test_likeness (void)
{
  LkNetwork *network = load ("likeness");
  int n = lk_network_get_n_layers (network), h, w, c;

  lk_network_get_input (network, &h, &w, &c);
  g_assert_cmpint (h * 10000 + w * 100 + c, ==, 1010003);
  g_assert_cmpuint (lk_network_get_size (network), <=, 2000000);
  g_assert_cmpint (lk_network_get_embedding_size (network), ==, 192); /* the teacher's */
  g_assert_cmpint (lk_network_get_layer (network, n - 2)->op, ==, LK_OP_NORMALIZE);
  /* A bias before a batch norm would be a number that nothing can learn. */
  for (int i = 1; i < n - 1; i++)
    g_assert_true (lk_network_get_layer (network, i)->op != LK_OP_CONV2D ||
                   lk_network_get_layer (network, i)->no_bias);
  lk_network_free (network);
}

/* Column by column what seeds/001 prints. */
static void
test_summary (void)
{
  static const char *const rows[] = {
    "image (Input)|(None, 100, 100, 3)|0",
    "conv1 (Conv2D)|(None, 91, 91, 64)|19,264",
    "pool1 (MaxPooling2D)|(None, 46, 46, 64)|0",
    "conv2 (Conv2D)|(None, 40, 40, 128)|401,536",
    "pool2 (MaxPooling2D)|(None, 20, 20, 128)|0",
    "conv3 (Conv2D)|(None, 17, 17, 128)|262,272",
    "pool3 (MaxPooling2D)|(None, 9, 9, 128)|0",
    "conv4 (Conv2D)|(None, 6, 6, 256)|524,544",
    "flat (Flatten)|(None, 9216)|0",
    "embedding (Dense)|(None, 4096)|37,752,832",
    "distance (L1Dist)|(None, 4096)|0",
    "score (Dense)|(None, 1)|4,097",
  };
  LkNetwork *network = load ("siamese"), *bn = load ("siamese-bn");
  char *summary = lk_network_summary (network), *other = lk_network_summary (bn);
  const char *at = summary;

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (GStrv) cells = g_strsplit (rows[i], "|", -1);

      for (int k = 0; k < 3; k++)
        {
          at = strstr (at, cells[k]);
          g_assert_nonnull (at);
          at += strlen (cells[k]);
          g_assert_true (*at == ' ' || *at == '\n');
        }
    }
  g_assert_nonnull (strstr (at, "\nTotal parameters: 38,964,545 (148.6 MiB)\n"
                                "Trainable parameters: 38,964,545\n"
                                "Non-trainable parameters: 0\n"));
  g_assert_nonnull (strstr (other, "\nTotal parameters: 27,643,457 (105.5 MiB)\n"
                                   "Trainable parameters: 27,643,329\n"
                                   "Non-trainable parameters: 128\n"));
  free (summary);
  free (other);
  lk_network_free (network);
  lk_network_free (bn);
}

/* TensorFlow's SAME rule, worked by hand. */
static void
test_shapes (void)
{
  static const struct
  {
    const char *line;
    int h, w, pad_top, pad_left;
  } cases[] = {
    { "x conv2d i filters=2 kernel=3", 7, 12, 0, 0 },
    { "x conv2d i filters=2 kernel=3 stride=2", 4, 6, 0, 0 },
    { "x conv2d i filters=2 kernel=3 padding=same", 9, 14, 1, 1 },
    { "x conv2d i filters=2 kernel=4 padding=same", 9, 14, 1, 1 },
    { "x conv2d i filters=2 kernel=3 stride=2 padding=same", 5, 7, 1, 0 },
    { "x conv2d i filters=2 kernel=1 stride=4 padding=same", 3, 4, 0, 0 },
    { "x maxpool i window=2", 4, 7, 0, 0 },
    { "x maxpool i window=2 stride=2 padding=same", 5, 7, 0, 0 },
    { "x maxpool i window=3 stride=1", 7, 12, 0, 0 },
    { "x maxpool i window=64 stride=2 padding=same", 5, 7, 31, 31 },
    { "x maxpool i window=9 stride=9", 1, 1, 0, 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strdup_printf ("network t\ni input size=9x14x3\n%s\nf flatten x\n"
                                               "e dense f units=2\ns l1-head e\n",
                                               cases[i].line);
      LkNetwork *network = parse (text);
      const LkLayer *x = lk_network_get_layer (network, 1);

      g_test_message ("%s", cases[i].line);
      g_assert_cmpint (x->h, ==, cases[i].h);
      g_assert_cmpint (x->w, ==, cases[i].w);
      g_assert_cmpint (x->pad_top, ==, cases[i].pad_top);
      g_assert_cmpint (x->pad_left, ==, cases[i].pad_left);
      lk_network_free (network);
    }
}

static void
test_params (void)
{
  LkNetwork *network = parse ("\n# a comment\nnetwork t # another\r\n"
                              "i\tinput size=6x6x3\n"
                              "c conv2d i filters=4 kernel=2 l2=0.25\n"
                              "b batchnorm c momentum=0.9 epsilon=1e-5\n"
                              "r relu b\nd dropout r rate=0.3\nf flatten d\n"
                              "e dense f activation=sigmoid units=7 l2=2.5e-3\n"
                              "s l1-head e");
  static const char *const names[] = { "c.kernel",   "c.bias",   "b.gamma", "b.beta",   "b.mean",
                                       "b.variance", "e.kernel", "e.bias",  "s.kernel", "s.bias" };
  const LkParam *param;
  int h, w, c;

  g_assert_false (lk_network_get_layer (network, 1)->no_bias);
  lk_network_get_input (network, &h, &w, &c);
  g_assert_cmpint (h * 10000 + w * 100 + c, ==, 60603);
  g_assert_cmpint (lk_network_get_n_params (network), ==, G_N_ELEMENTS (names));
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_assert_cmpstr (lk_network_get_param (network, (int) i)->name, ==, names[i]);
      g_assert_true (lk_network_find_param (network, names[i]) ==
                     lk_network_get_param (network, (int) i));
    }
  g_assert_null (lk_network_find_param (network, "c.gamma"));
  g_assert_null (lk_network_get_param (network, 10));
  g_assert_null (lk_network_get_param (network, -1));

  param = lk_network_find_param (network, "c.kernel");
  g_assert_cmpint (param->n_dims, ==, 4);
  g_assert_cmpuint (param->shape[0] * 1000 + param->shape[1] * 100 + param->shape[2] * 10 +
                        param->shape[3],
                    ==, 2234);
  g_assert_cmpfloat (param->l2, ==, 0.25f);
  g_assert_true (param->trainable);
  param = lk_network_find_param (network, "e.kernel");
  g_assert_cmpint (param->n_dims, ==, 2);
  g_assert_cmpuint (param->shape[0], ==, 100);
  g_assert_cmpuint (param->shape[1], ==, 7);
  g_assert_cmpfloat (param->l2, ==, 2.5e-3f);
  g_assert_cmpfloat (lk_network_find_param (network, "e.bias")->l2, ==, 0);
  g_assert_false (lk_network_find_param (network, "b.mean")->trainable);
  g_assert_false (lk_network_find_param (network, "b.variance")->trainable);
  g_assert_cmpfloat (lk_network_get_layer (network, 2)->momentum, ==, 0.9f);
  g_assert_cmpfloat (lk_network_get_layer (network, 2)->epsilon, ==, 1e-5f);
  g_assert_cmpfloat (lk_network_get_layer (network, 4)->rate, ==, 0.3f);
  lk_network_free (network);
}

/* Each @text must be refused with a sentence that begins so. */
static void
test_errors (void)
{
#define HEAD "network t\ni input size=8x8x3\n"
  static const struct
  {
    const char *text, *why;
  } cases[] = {
    { "", "The network's text describes no layers." },
    { "network t\n", "The network's text describes no layers." },
    { "i input size=8x8x3\n", "Line 1 of the network's text: The first line is not" },
    { "\n\nnetwork a b\n", "Line 3 of the network's text: The first line is not" },
    { "network a/b\n", "Line 1 of the network's text: The first line is not" },
    { HEAD, "The network's text does not end with a head" },
    { HEAD "x\n", "Line 3 of the network's text: \"x\" stands alone." },
    { HEAD "x warp i\n", "Line 3 of the network's text: There is no layer \"warp\"." },
    { HEAD "x\001\377 relu i\n", "Line 3 of the network's text: \"x\?\?\" cannot be a name." },
    { HEAD "x.y relu i\n", "Line 3 of the network's text: \"x.y\" cannot be a name." },
    { HEAD "aaaaaaaaaabbbbbbbbbbaaaaaaaaaabb relu i\n",
      "Line 3 of the network's text: \"aaaaaaaaaabbbbbbbbbbaaaaaaaaaabb\" cannot be a name." },
    { HEAD "i relu i\n", "Line 3 of the network's text: The name \"i\" is taken" },
    { HEAD "x relu j\n", "Line 3 of the network's text: No earlier line has the name \"j\"." },
    { HEAD "x relu x\n", "Line 3 of the network's text: No earlier line has the name \"x\"." },
    { HEAD "x relu\n", "Line 3 of the network's text: relu takes one input, but 0 are named." },
    { HEAD "x relu i i\n", "Line 3 of the network's text: relu takes one input, but 2 are named." },
    { HEAD "x relu i\nf flatten i\ns l1-head f\n",
      "Line 3 of the network's text: No later layer uses \"x\"." },
    { HEAD "x add i i activation=sigmoid\n",
      "Line 3 of the network's text: activation=sigmoid is not known. It is relu or linear." },
    { HEAD "x batchnorm i activation=sigmoid\n",
      "Line 3 of the network's text: activation=sigmoid is not known. It is relu or linear." },
    { HEAD "x normalize i\n", "Line 3 of the network's text: Its input \"i\" is a map" },
    { HEAD "x relu i\ny relu x\nf flatten x\ns l1-head f\n",
      "Line 4 of the network's text: No later layer uses \"y\"." },
    { HEAD "x upsample i times=2\nf flatten x\ns l1-head f\n",
      "Line 3 of the network's text: upsample is only for networks whose head is maps." },
    { HEAD "x conv2d i filters=3 kernel=1\ny conv2d x filters=3 kernel=1 weights=x\nf flatten y\n"
           "s l1-head f\n",
      "Line 4 of the network's text: weights= is only for networks whose head is maps." },
    { HEAD "x add i\n", "Line 3 of the network's text: add takes two inputs, but 1 is named." },
    { HEAD "x maxpool i window=2\ny add x i\n", "Line 4 of the network's text: Its inputs differ" },
    { HEAD "x upsample i times=17\n", "Line 3 of the network's text: times=17 is not" },
    { HEAD "x conv2d i filters=3 kernel=3 padding=3\n",
      "Line 3 of the network's text: padding=3 is not known." },
    { HEAD "x conv2d i filters=3 kernel=3 padding=-1\n",
      "Line 3 of the network's text: padding=-1 is not known." },
    { HEAD "x conv2d i filters=3 kernel=1\ny conv2d x filters=4 kernel=1 weights=x\n",
      "Line 4 of the network's text: weights=x does not name" },
    { HEAD "x conv2d i filters=3 kernel=1 weights=x\n",
      "Line 3 of the network's text: weights=x does not name" },
    { HEAD "x conv2d i filters=3 kernel=1 weights=i\n",
      "Line 3 of the network's text: weights=i does not name" },
    { HEAD "x maps\n", "Line 3 of the network's text: maps takes 1 to 4 inputs, but 0 are" },
    { HEAD "x maps i i i i i\n", "Line 3 of the network's text: maps takes 1 to 4 inputs, but 5" },
    { HEAD "f flatten i\nx maps f\n", "Line 4 of the network's text: Its input \"f\" is a vector" },
    { HEAD "d dropout i rate=0.1\nx maps d\n",
      "Line 3 of the network's text: dropout cannot be in a network whose head is maps." },
    { HEAD "x maps i\ny relu x\n", "Line 4 of the network's text: Nothing can follow the head" },
    { HEAD "x input size=8x8x3\n", "Line 3 of the network's text: The first layer, and no other," },
    { "network t\nx relu i\n", "Line 2 of the network's text: The first layer, and no other," },
    { "network t\ni input\n", "Line 2 of the network's text: input needs the option size=." },
    { "network t\ni input i size=8x8x3\n", "Line 2 of the network's text: input takes no input," },
    { "network t\ni input size=8x8\n", "Line 2 of the network's text: size=8x8 is not" },
    { "network t\ni input size=8x8x3x1\n", "Line 2 of the network's text: size=8x8x3x1 is not" },
    { "network t\ni input size=8x0x3\n", "Line 2 of the network's text: size=8x0x3 is not" },
    { "network t\ni input size=8x-8x3\n", "Line 2 of the network's text: size=8x-8x3 is not" },
    { "network t\ni input size=\n", "Line 2 of the network's text: size= is not" },
    { "network t\ni input size=99999999999999999999x8x3\n",
      "Line 2 of the network's text: size=99999999999999999999x8x3 is not" },
    { "network t\ni input size=16384x16384x3\n", "Line 2 of the network's text: Its output of" },
    { HEAD "x relu i rate=1\n", "Line 3 of the network's text: relu has no option \"rate\"." },
    { HEAD "x conv2d i filters=4 kernel=2 kernel=3\n",
      "Line 3 of the network's text: The option kernel is given twice." },
    { HEAD "x conv2d i filters=4 kernel=2 y\n",
      "Line 3 of the network's text: \"y\" comes after an option." },
    { HEAD "x conv2d i kernel=2\n",
      "Line 3 of the network's text: conv2d needs the option filters" },
    { HEAD "x conv2d i filters=4\n",
      "Line 3 of the network's text: conv2d needs the option kernel" },
    { HEAD "x conv2d i filters=0 kernel=2\n", "Line 3 of the network's text: filters=0 is not a" },
    { HEAD "x conv2d i filters=4 kernel=2x2\n", "Line 3 of the network's text: kernel=2x2 is not" },
    { HEAD "x conv2d i filters=4 kernel=9\n",
      "Line 3 of the network's text: A kernel of 9x9 does not fit into \"i\", which is 8x8." },
    { HEAD "x maxpool i window=9\n",
      "Line 3 of the network's text: A window of 9x9 does not fit into \"i\", which is 8x8." },
    { HEAD "x maxpool i window=2 padding=full\n",
      "Line 3 of the network's text: padding=full is not known." },
    { HEAD "x conv2d i filters=4 kernel=2 activation=tanh\n",
      "Line 3 of the network's text: activation=tanh is not known." },
    { HEAD "x conv2d i filters=4 kernel=2 l2=-1\n",
      "Line 3 of the network's text: l2=-1 is not a" },
    { HEAD "x conv2d i filters=4 kernel=2 l2=nan\n",
      "Line 3 of the network's text: l2=nan is not" },
    { HEAD "x conv2d i filters=4 kernel=2 l2=0,1\n",
      "Line 3 of the network's text: l2=0,1 is not" },
    { HEAD "x conv2d i filters=4 kernel=2 init=normal:\n",
      "Line 3 of the network's text: init=normal: is not known." },
    { HEAD "x conv2d i filters=4 kernel=2 bias=1\n",
      "Line 3 of the network's text: bias=1 is not" },
    { HEAD "f flatten i\ns l1-head f bias=none\n", "Line 4 of the network's text: bias=none is" },
    { HEAD "x dropout i rate=1\n", "Line 3 of the network's text: rate=1 is not a number" },
    { HEAD "x dense i units=4\n",
      "Line 3 of the network's text: Its input \"i\" is a map of 8x8x3, not a vector." },
    { HEAD "x l1-head i\n", "Line 3 of the network's text: Its input \"i\" is a map" },
    { HEAD "f flatten i\nx conv2d f filters=4 kernel=1\n",
      "Line 4 of the network's text: Its input \"f\" is a vector of 192, not a map" },
    { HEAD "f flatten i\nx maxpool f window=1\n",
      "Line 4 of the network's text: Its input \"f\" is a vector" },
    { HEAD "f flatten i\ns l1-head f\nx relu s\n",
      "Line 5 of the network's text: Nothing can follow the head, \"s\"." },
    { HEAD "f flatten i\nx dense f units=1048576\ny dense x units=1048576\n",
      "Line 5 of the network's text: With this layer the network has more than 536870912" },
    { HEAD "f flatten i\nx dense f units=1048576\ny dense x units=330\n",
      "Line 5 of the network's text: With this layer the network has more than 536870912" },
    { "network t\ni input size=64x64x1048576\n", "Line 2 of the network's text: Its output of" },
    { HEAD
      "x conv2d i filters=1048576 kernel=8\ny conv2d x filters=1048576 kernel=1024 padding=same\n",
      "Line 4 of the network's text: With this layer the network has more than" },
    { HEAD "x relu i a=1 b=1 c=1 d=1 e=1 f=1 g=1 h=1 i=1 j=1 k=1 l=1 m=1 n=1 o=1 p=1 q=1 r=1 s=1 "
           "t=1 u=1 v=1 w=1\n",
      "Line 3 of the network's text: It has more than 24 words." },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      char why[256] = "";

      g_test_message ("%" G_GSIZE_FORMAT, i);
      g_assert_null (lk_network_parse (cases[i].text, why, sizeof why));
      if (!g_str_has_prefix (why, cases[i].why))
        g_assert_cmpstr (why, ==, cases[i].why);
      g_assert_true (g_str_is_ascii (why));
      g_assert_true (g_str_has_suffix (why, "."));
    }
}

static void
test_limits (void)
{
  g_autoptr (GString) text = g_string_new ("network t\ni input size=8x8x3\nl0 relu i\n");
  g_autofree char *large = g_strnfill (70000, '#');
  char why[256] = "", short_why[12] = "";

  g_assert_null (lk_network_parse (large, why, sizeof why));
  g_assert_true (g_str_has_prefix (why, "The network's text is longer than the 65536 characters"));
  for (int i = 1; i < 300; i++)
    g_string_append_printf (text, "l%d relu l%d\n", i, i - 1);
  g_assert_null (lk_network_parse (text->str, why, sizeof why));
  g_assert_true (
      g_str_has_prefix (why, "Line 258 of the network's text: The network has more than 256"));

  /* A short place for the sentence is not overrun; no place is allowed. */
  g_assert_null (lk_network_parse (text->str, short_why, sizeof short_why));
  g_assert_cmpstr (short_why, ==, "Line 258 of");
  g_assert_null (lk_network_parse (text->str, NULL, 0));
}

/* Any bytes at all: no crash, no overrun (the sanitizers watch), always a sentence. */
static void
test_mutations (void)
{
  static const char text[] = "network t\ni input size=8x8x3\nc conv2d i filters=4 kernel=3 l2=0.1\n"
                             "p maxpool c window=2 padding=same\nf flatten p\n"
                             "e dense f units=5 init=normal:0.2 bias=0.5:0.01\ns l1-head e\n";
  int refused = 0;

  for (int round = 0; round < 20000; round++)
    {
      char copy[sizeof text], why[128] = "";
      LkNetwork *network;

      memcpy (copy, text, sizeof text);
      for (int k = g_test_rand_int_range (1, 5); k > 0; k--)
        {
          int at = g_test_rand_int_range (0, sizeof text - 1);

          if (g_test_rand_bit ())
            copy[at] = (char) g_test_rand_int_range (1, 256);
          else
            copy[at] = copy[g_test_rand_int_range (0, sizeof text - 1)];
        }
      network = lk_network_parse (copy, why, sizeof why);
      g_assert_true ((network == NULL) == (why[0] != '\0'));
      refused += network == NULL;
      lk_network_free (network);
    }
  g_assert_cmpint (refused, >, 10000);
}

/* What is not there takes no room, and nobody misses it. */
static void
test_no_bias (void)
{
  LkNetwork *network = parse (
      "network t\ni input size=6x6x3\n"
      "c conv2d i filters=4 kernel=2 bias=none\nb batchnorm c activation=relu\n"
      "f flatten b\nd dense f units=7 bias=none\ne normalize d\ns l1-head e");
  float params[2 * 2 * 3 * 4 + 4 * 4 + 5 * 5 * 4 * 7 + 7 + 1 + 1];
  LkRandom random;

  g_assert_null (lk_network_find_param (network, "c.bias"));
  g_assert_null (lk_network_find_param (network, "d.bias"));
  g_assert_cmpuint (lk_network_get_size (network), ==, G_N_ELEMENTS (params) - 1);
  g_assert_cmpint (lk_network_get_embedding_size (network), ==, 7);
  for (gsize i = 0; i < G_N_ELEMENTS (params); i++)
    params[i] = 1234;
  lk_random_seed (&random, 1);
  lk_network_init (network, params, &random);
  for (gsize i = 0; i < G_N_ELEMENTS (params) - 1; i++)
    g_assert_cmpfloat (params[i], !=, 1234);
  g_assert_cmpfloat (params[G_N_ELEMENTS (params) - 1], ==, 1234);
  lk_network_free (network);
}

static void
moments (const float *x, size_t n, double *mean, double *deviation, double *peak)
{
  double sum = 0, sum2 = 0;

  *peak = 0;
  for (size_t i = 0; i < n; i++)
    {
      sum += x[i];
      sum2 += (double) x[i] * x[i];
      *peak = MAX (*peak, fabs ((double) x[i]));
    }
  *mean = sum / n;
  *deviation = sqrt (sum2 / n - *mean * *mean);
}

static void
test_init (void)
{
  LkNetwork *network = parse ("network t\ni input size=12x12x8\n"
                              "c conv2d i filters=40 kernel=5\nb batchnorm c\nf flatten b\n"
                              "e dense f units=50 init=normal:0.2 bias=0.5:0.01\ns l1-head e\n");
  size_t size = lk_network_get_size (network);
  g_autofree float *params = g_new (float, size), *again = g_new (float, size);
  double mean, deviation, peak, limit = sqrt (6.0 / (25 * 8 + 25 * 40));
  LkRandom random;
#define PARAM(name) params + lk_network_find_param (network, name)->offset
#define COUNT(name) lk_network_find_param (network, name)->n

  lk_random_seed (&random, 5);
  lk_network_init (network, params, &random);
  lk_random_seed (&random, 5);
  lk_network_init (network, again, &random);
  g_assert_cmpmem (params, size * sizeof *params, again, size * sizeof *again);

  moments (PARAM ("c.kernel"), COUNT ("c.kernel"), &mean, &deviation, &peak);
  g_assert_cmpfloat (peak, <=, limit);
  g_assert_cmpfloat (peak, >, 0.999 * limit);
  g_assert_cmpfloat_with_epsilon (deviation, limit / sqrt (3), 0.02 * limit);
  g_assert_cmpfloat_with_epsilon (mean, 0, 0.03 * limit);
  moments (PARAM ("c.bias"), COUNT ("c.bias"), &mean, &deviation, &peak);
  g_assert_cmpfloat (peak, ==, 0);
  moments (PARAM ("e.kernel"), COUNT ("e.kernel"), &mean, &deviation, &peak);
  g_assert_cmpfloat_with_epsilon (mean, 0, 0.005);
  g_assert_cmpfloat_with_epsilon (deviation, 0.2, 0.002);
  g_assert_cmpfloat (peak, >, 0.6);
  moments (PARAM ("e.bias"), COUNT ("e.bias"), &mean, &deviation, &peak);
  g_assert_cmpfloat_with_epsilon (mean, 0.5, 0.01);
  g_assert_cmpfloat_with_epsilon (deviation, 0.01, 0.004);
  for (int i = 0; i < 40; i++)
    {
      g_assert_cmpfloat ((PARAM ("b.gamma"))[i], ==, 1);
      g_assert_cmpfloat ((PARAM ("b.beta"))[i], ==, 0);
      g_assert_cmpfloat ((PARAM ("b.mean"))[i], ==, 0);
      g_assert_cmpfloat ((PARAM ("b.variance"))[i], ==, 1);
    }
  lk_network_free (network);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/network/documents-counts", test_counts);
  g_test_add_func ("/network/likeness", test_likeness);
  g_test_add_func ("/network/summary", test_summary);
  g_test_add_func ("/network/shapes", test_shapes);
  g_test_add_func ("/network/params", test_params);
  g_test_add_func ("/network/errors", test_errors);
  g_test_add_func ("/network/limits", test_limits);
  g_test_add_func ("/network/mutations", test_mutations);
  g_test_add_func ("/network/init", test_init);
  g_test_add_func ("/network/no-bias", test_no_bias);
  return g_test_run ();
}
