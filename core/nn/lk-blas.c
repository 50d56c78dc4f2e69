/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-blas.h"

#include <cblas.h>
#include <pthread.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
use_one_thread (void)
{
  openblas_set_num_threads (1);
}

void
lk_blas_init (void)
{
  pthread_once (&once, use_one_thread);
}
