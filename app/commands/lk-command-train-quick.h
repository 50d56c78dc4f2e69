/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-command.h"

G_BEGIN_DECLS

/* `likeness train --quick`: the head adapted to one person, and kept if that helps.
 * @model_name: (nullable): NULL for the one in use; @forget: undo it.  Returns: LK_EXIT_OK when it
 * was kept, LK_EXIT_NO_MATCH when it did not help */
int lk_command_train_quick (const char *person, const char *model_name, gboolean forget,
                            gboolean json);

G_END_DECLS
