/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/lk-jpeg.h"
#include "lk-report-private.h"
#include "lk-svg.h"

#define N_SHOWN 6 /* pairs of a kind */

static void
add_picture (const LkReport *self, const LkEvaluationOptions *options, int picture, GString *out)
{
  g_autoptr (LkImage)
      crop = lk_evaluation_load (self->evaluation->protocol, picture, options, NULL);
  g_autoptr (GBytes) jpeg = crop != NULL ? lk_jpeg_encode (crop, 90, NULL) : NULL;
  g_autofree char *text = NULL;
  gsize size;
  const guchar *data;

  if (jpeg == NULL)
    return;
  data = g_bytes_get_data (jpeg, &size);
  text = g_base64_encode (data, size);
  g_string_append_printf (out, "<img alt=\"\" src=\"data:image/jpeg;base64,%s\"/>", text);
}

static void
add_kind (const LkReport *self, const LkReportModel *model, const LkEvaluationOptions *options,
          gboolean same, gboolean highest, const char *title, GString *out)
{
  const LkProtocol *protocol = self->evaluation->protocol;
  int n = (int) protocol->pairs->len, found[N_SHOWN], n_found;
  g_autofree gboolean *kinds = g_new (gboolean, MAX (1, n));

  for (int i = 0; i < n; i++)
    kinds[i] = g_array_index (protocol->pairs, LkProtocolPair, i).same;
  n_found = lk_find_extremes (model->run->scores, kinds, n, same, highest, found, N_SHOWN);
  g_string_append_printf (out, "<h3>%s</h3>\n<div class=\"row pairs\">\n", title);
  for (int i = 0; i < n_found; i++)
    {
      const LkProtocolPair *pair = &g_array_index (protocol->pairs, LkProtocolPair, found[i]);
      int people[2] = { g_array_index (protocol->pictures, LkProtocolPicture, pair->a).person,
                        g_array_index (protocol->pictures, LkProtocolPicture, pair->b).person };

      g_string_append (out, "<figure>");
      add_picture (self, options, pair->a, out);
      add_picture (self, options, pair->b, out);
      g_string_append_printf (out, "<figcaption>%.4f: ", (double) model->run->scores[found[i]]);
      lk_svg_append_text (out, protocol->people->pdata[people[0]]);
      if (people[1] != people[0])
        {
          g_string_append (out, ", ");
          lk_svg_append_text (out, protocol->people->pdata[people[1]]);
        }
      g_string_append (out, "</figcaption></figure>\n");
    }
  g_string_append (out, "</div>\n");
}

void
lk_report_add_faces (const LkReport *self, const LkEvaluationOptions *faces, GString *out)
{
  g_string_append (out,
                   "<h2>Pairs</h2>\n<p>These are faces of people, stored in this file. Give it to "
                   "nobody who may not have them.</p>\n");
  for (guint i = 0; i < self->models->len; i++)
    {
      const LkReportModel *model = self->models->pdata[i];
      static const struct
      {
        gboolean same, highest;
        const char *title;
      } kinds[] = { { TRUE, FALSE, "one person, least alike" },
                    { FALSE, TRUE, "two people, most alike" },
                    { TRUE, TRUE, "one person, most alike" },
                    { FALSE, FALSE, "two people, least alike" } };

      for (guint k = 0; k < G_N_ELEMENTS (kinds); k++)
        {
          g_autofree char *name = g_markup_escape_text (model->run->name, -1);
          g_autofree char *title = g_strdup_printf ("%s: %s", name, kinds[k].title);

          add_kind (self, model, faces, kinds[k].same, kinds[k].highest, title, out);
        }
    }
}
