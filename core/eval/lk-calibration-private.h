/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-calibration.h"

G_BEGIN_DECLS

typedef struct
{
  double score, p;
} LkCalibrationStep;

typedef struct
{
  double score;
  int matched, missed; /* impostors at or above it, genuine pairs below it */
} LkCalibrationPoint;

struct _LkCalibration
{
  char *about;
  int n_genuine, n_impostor;
  double a, b, balanced;
  GArray *steps; /* (element-type LkCalibrationStep): scores rise, p does not fall */
  GArray *curve; /* (element-type LkCalibrationPoint): scores rise */
};

LkCalibration *lk_calibration_alloc (void);

G_END_DECLS
