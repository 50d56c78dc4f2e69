/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-secret.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static size_t
round_up (size_t size)
{
  size_t page = (size_t) sysconf (_SC_PAGESIZE);

  return size > SIZE_MAX - page ? 0 : (size + page - 1) / page * page;
}

void *
lk_secret_alloc (size_t size)
{
  size_t all = round_up (size > 0 ? size : 1);
  void *memory;

  if (all == 0)
    return NULL;
  memory = mmap (NULL, all, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    return NULL;
  /* Both make it better and neither is a condition: see lk_secret_test_lock(). */
  (void) mlock (memory, all);
  (void) madvise (memory, all, MADV_DONTDUMP);
  return memory;
}

void
lk_secret_free (void *memory, size_t size)
{
  if (memory == NULL)
    return;
  size = round_up (size > 0 ? size : 1);
  sodium_memzero (memory, size);
  munmap (memory, size);
}

void
lk_secret_wipe (void *memory, size_t size)
{
  sodium_memzero (memory, size);
}

int
lk_secret_test_lock (size_t size)
{
  size_t all = round_up (size);
  void *memory = mmap (NULL, all, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  int code = 0;

  if (memory == MAP_FAILED)
    return errno;
  if (mlock (memory, all) != 0)
    code = errno;
  munmap (memory, all);
  return code;
}

uint32_t
lk_secret_below (uint32_t n)
{
  if (sodium_init () < 0)
    abort (); /* the system has no source of random numbers: no secret would be one */
  return randombytes_uniform (n);
}
