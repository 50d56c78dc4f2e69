/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-measures.h"

G_BEGIN_DECLS

/*
 * What was shown to the camera to be verified, and how often it opened: the owner's own
 * attacks and genuine tries.
 *
 * Rates are of the whole, as somebody meets it who comes to a locked page: an attack is wrong when
 * it opened, and the share of them is called APCER for short; a person is wrong when it did
 * not open, BPCER.  (ISO/IEC 30107-3 keeps APCER for the check of liveness alone, and calls what an
 * attack achieves against the whole IAPAR.  The two are one where every attack's face
 * matches.)  Each kind of attack has a rate of its own, and the worst of them is what counts:
 * an attacker chooses.  What was not seen well enough to be verified is no try.
 */
typedef enum
{
  LK_SHOWN_PERSON, /* no attack */
  LK_SHOWN_PRINT,
  LK_SHOWN_SCREEN, /* a picture on a phone or another screen */
  LK_SHOWN_FILM,   /* a film on one */
  LK_N_SHOWN
} LkShown;

/* "person", "print", "screen", "film": for files; never NULL. */
const char *lk_shown_to_string (LkShown shown);
/* -1: none of them. */
int lk_shown_from_string (const char *text);

/* Both answers of one try: it is told whether it would have opened, and asked to turn the head
 * then. */
typedef struct
{
  LkShown shown;
  gboolean matched; /* it would have opened without liveness */
  gboolean opened;  /* it opened with liveness; then it matched, too */
} LkPresentation;

enum
{
  LK_LIVENESS_OFF,
  LK_LIVENESS_ON,
};

typedef struct
{
  int n;              /* tries */
  int n_wrong[2];     /* by LK_LIVENESS_OFF, _ON */
  LkInterval rate[2]; /* APCER, of LK_SHOWN_PERSON BPCER: with Wilson's intervals at 95 %; all NAN
                         without tries */
} LkShownRates;

/* @rates: (out caller-allocates): [LK_N_SHOWN] */
void lk_presentations_count (const LkPresentation *tries, int n, LkShownRates *rates);

/* The kind of attack that passed most often with liveness @on (LK_LIVENESS_OFF, _ON), of those
 * tried; -1 without any. */
int lk_presentations_find_worst (const LkShownRates *rates, int on);

G_END_DECLS
