/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Tells OpenBLAS to use one thread, once: the parallelism is ours, one level above.
 * To be called before any cblas function.  Thread-safe. */
void lk_blas_init (void);
