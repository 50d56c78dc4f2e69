/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * Memory for keys and templates: not written to swap where the system lets us lock it
 * (RLIMIT_MEMLOCK), left out of core dumps, wiped when it is freed.  Zeroed, aligned to a
 * page.  Any thread.
 */

/* Returns: @size bytes, or NULL when memory is short */
void *lk_secret_alloc (size_t size);

/* Wipes and frees.  @size: as allocated.  Accepts NULL. */
void lk_secret_free (void *memory, size_t size);

/* Overwrites; the compiler does not leave it out. */
void lk_secret_wipe (void *memory, size_t size);

/* 0, or the errno that locking @size bytes gives: for a report to the person. */
int lk_secret_test_lock (size_t size);

/* A number below @n that nobody can foresee, without bias: for what an attacker must not
 * guess.  Any thread. */
uint32_t lk_secret_below (uint32_t n);
