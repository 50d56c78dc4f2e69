#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes metrics.txt: verification scores and what scikit-learn makes of them.

Needs Debian's python3-sklearn.  usage: make-metrics.py > metrics.txt
Each case: `case NAME N`, N lines `score same`, then lines `what value...`, then `end`.
"""
import numpy as np
from sklearn import metrics

rng = np.random.default_rng(4)


def show(name, scores, same):
    scores = np.asarray(scores, np.float32)
    same = np.asarray(same, int)
    print(f"case {name} {len(scores)}")
    for s, y in zip(scores, same):
        print(f"{s:.9g} {y}")

    print(f"auc {metrics.roc_auc_score(same, scores):.17g}")
    fpr, tpr, thresholds = metrics.roc_curve(same, scores, drop_intermediate=False)
    for f, t, h in list(zip(fpr, tpr, thresholds))[1:]:  # the first is above all scores
        print(f"roc {h:.9g} {f:.17g} {1 - t:.17g}")

    # EER: where the polygon of (FMR, TAR) crosses TAR = 1 - FMR, by bisection on the path.
    low, high = 0.0, float(len(fpr) - 1)
    steps = np.arange(len(fpr))
    for _ in range(200):
        mid = (low + high) / 2
        if np.interp(mid, steps, fpr) >= 1 - np.interp(mid, steps, tpr):
            high = mid
        else:
            low = mid
    print(f"eer {np.interp(high, steps, fpr):.17g}")
    for far in (0.01, 0.1, 0.3):
        print(f"tar {far} {max(tpr[fpr <= far]):.17g}")

    precision, recall, at = metrics.precision_recall_curve(same, scores)
    f1 = [metrics.f1_score(same, scores >= t) for t in at]
    print(f"best-f1 {max(t for t, f in zip(at, f1) if f >= max(f1) - 1e-12):.9g} {max(f1):.17g}")
    for threshold in (0.3, 0.5, float(scores[0])):
        match = (scores >= threshold).astype(int)
        tn, fp, fn, tp = metrics.confusion_matrix(same, match, labels=[0, 1]).ravel()
        print(f"at {threshold:.9g} {tp} {fp} {tn} {fn}"
              f" {metrics.accuracy_score(same, match):.17g}"
              f" {metrics.precision_score(same, match, zero_division=0):.17g}"
              f" {metrics.recall_score(same, match):.17g} {metrics.f1_score(same, match):.17g}")
    print("end")


same = rng.integers(0, 2, 60)
show("overlapping", np.clip(rng.normal(0.4 + 0.25 * same, 0.2), 0, 1), same)
same = rng.integers(0, 2, 80)
show("ties", np.round(np.clip(rng.normal(0.4 + 0.3 * same, 0.25), 0, 1) * 8) / 8, same)
same = rng.integers(0, 2, 30)
show("worse-than-chance", rng.normal(-0.5 * same, 0.5), same)
same = np.repeat([1, 0], [5, 40])
show("few-genuine", rng.uniform(0, 1, 45) * np.where(same, 1, 0.7), same)
