#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes calibration.txt: values with labels, and what scikit-learn makes of them.

Needs Debian's python3-sklearn.  usage: make-calibration.py > calibration.txt
Each case: `case NAME N`, N lines `x same`, then `platt a b`, `isotonic y...` (in the order
of rising x), `bins` with the means and shares of calibration_curve, `end`.
"""
import numpy as np
from sklearn.calibration import calibration_curve
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

rng = np.random.default_rng(7)


def show(name, x, same):
    same = np.asarray(same, int)
    print(f"case {name} {len(x)}")
    for v, y in zip(x, same):
        print(f"{v:.17g} {y}")

    # Platt's targets are shares: each value twice, once as each answer, with that weight.
    n1 = same.sum()
    n0 = len(same) - n1
    target = np.where(same, (n1 + 1) / (n1 + 2), 1 / (n0 + 2))
    weight = np.where(same, 0.5 / n1, 0.5 / n0)
    fit = LogisticRegression(penalty=None, tol=1e-14, max_iter=100000, solver="newton-cholesky")
    fit.fit(np.r_[x, x][:, None], np.r_[np.ones(len(x)), np.zeros(len(x))],
            np.r_[weight * target, weight * (1 - target)])
    print(f"platt {fit.coef_[0, 0]:.17g} {fit.intercept_[0]:.17g}")

    order = np.argsort(x)
    iso = IsotonicRegression().fit(x, same, weight)
    print("isotonic", *(f"{v:.17g}" for v in iso.predict(x[order])))

    p = 1 / (1 + np.exp(-x))
    true, predicted = calibration_curve(same, p, n_bins=5)
    print("bins", *(f"{a:.17g} {b:.17g}" for a, b in zip(predicted, true)))
    print("end")


same = rng.integers(0, 2, 80)
show("overlapping", rng.normal(2.0 * same - 1, 1.5), same)
same = np.repeat([1, 0], [12, 90])
show("few-genuine", rng.normal(3.0 * same - 2, 1.0), same)
same = np.repeat([1, 0], 20)
show("apart", np.where(same, 2, -2) + rng.uniform(-0.5, 0.5, 40), same)
