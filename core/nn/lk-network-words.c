/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-network-parse-private.h"

#include <stdarg.h>
#include <stdio.h>

__attribute__ ((format (printf, 2, 3))) int
lk_parser_fail (LkParser *self, const char *format, ...)
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

LkShown
lk_parser_show (const char *word)
{
  LkShown s;
  size_t n = 0;

  for (; word[n] != '\0' && n < 32; n++)
    s.text[n] = word[n] > ' ' && word[n] < 0x7f && word[n] != '"' ? word[n] : '?';
  snprintf (s.text + n, sizeof s.text - n, "%s", word[n] != '\0' ? "..." : "");
  return s;
}

long
lk_parser_read_int (const char *s, size_t length, long max)
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

int
lk_parser_read_number (const char *s, size_t length, double *out)
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
      e = lk_parser_read_int (s + i, length - i, 30);
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
