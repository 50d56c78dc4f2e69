/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "image/lk-image.h"

/* A drawn face: no real one is in the repository.  The same @person has the same
 * hair, skin and shirt; @pose moves and turns it a little. */
LkImage *cartoon_new (int width, int height, int person, int pose);
