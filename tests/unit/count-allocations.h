/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Counts what is taken from malloc and its like, over all threads; for one file of a
 * program. */

#include <errno.h>
#include <glib.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#  define SANITIZED 1
#elif defined(__has_feature)
#  if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#    define SANITIZED 1
#  endif
#endif

static atomic_int n_taken, is_counting;
static atomic_size_t largest_taken; /* bytes */

#ifndef SANITIZED /* their own malloc is not to be replaced */
/* A program's own definitions are those that its libraries call too. */
void *__libc_malloc (size_t size);
void *__libc_calloc (size_t n, size_t size);
void *__libc_realloc (void *old, size_t size);
void *__libc_memalign (size_t align, size_t size);

static void
count_one (size_t size)
{
  if (!atomic_load (&is_counting))
    return;
  atomic_fetch_add (&n_taken, 1);
  if (size > atomic_load (&largest_taken))
    atomic_store (&largest_taken, size);
}

void *
malloc (size_t size)
{
  count_one (size);
  return __libc_malloc (size);
}

void *
calloc (size_t n, size_t size)
{
  count_one (n * size);
  return __libc_calloc (n, size);
}

void *
realloc (void *old, size_t size)
{
  count_one (size);
  return __libc_realloc (old, size);
}

void *
aligned_alloc (size_t align, size_t size)
{
  count_one (size);
  return __libc_memalign (align, size);
}

int
posix_memalign (void **out, size_t align, size_t size)
{
  count_one (size);
  *out = __libc_memalign (align, size);
  return *out != NULL ? 0 : ENOMEM;
}
#endif

static void
start_counting (void)
{
  atomic_store (&n_taken, 0);
  atomic_store (&largest_taken, 0);
  atomic_store (&is_counting, 1);
}

/* Returns: how often since then */
static int
stop_counting (void)
{
  atomic_store (&is_counting, 0);
  return atomic_load (&n_taken);
}

/* Whether there is anything to be counted with. */
static gboolean
count_is_possible (void)
{
  void *volatile memory; /* or the compiler leaves it out */
  int n;

  start_counting ();
  memory = malloc (1);
  free (memory);
  memory = aligned_alloc (64, 64);
  free (memory);
  n = stop_counting ();
  g_assert_true (n == 0 || n == 2);
  return n > 0;
}

/* The same; skips the test where there is not. */
G_GNUC_UNUSED static gboolean
can_count (void)
{
  gboolean can = count_is_possible ();

  if (!can)
    g_test_skip ("The sanitizer's own malloc cannot be counted.");
  return can;
}
