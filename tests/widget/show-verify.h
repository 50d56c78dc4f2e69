/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-window.h"

/* The states of the Verify page, each shown for @shoot to take. */
void show_verify_states (LkWindow *window, void (*shoot) (const char *name));
