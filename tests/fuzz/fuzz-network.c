/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nn/lk-network.h"

#include <glib.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* Any text is a network or an error with a sentence, and a network's parameters lie one after
 * the other. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  char why[256] = "";
  LkNetwork *network = lk_network_parse (text, why, sizeof why);

  if (network == NULL)
    g_assert_cmpuint (strlen (why), >, 0);
  else
    {
      g_assert_cmpuint (lk_network_get_trainable (network), <=, lk_network_get_size (network));
      g_assert_cmpint (lk_network_get_embedding_size (network), >=, 0);
    }
  lk_network_free (network);
  return 0;
}
