#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures a checkpoint of the detector as tests/bench/detect does, in PyTorch.

    ./measure.py [checkpoint.pt] [--data ../../../../shared/faces/detect] [--set val]
    ./measure.py --set val --hard    # turned and dark: recall at the score of 0.03 a picture
"""
import argparse
import math

import cv2
import numpy as np
import torch

import network
import pictures

OVERLAP = 0.45  # of two boxes that are one face
LARGE = 0.1     # share of the picture's longer side above which a face must be found


def overlaps(a, b):
    low, high = np.maximum(a[:, None, :2], b[None, :, :2]), np.minimum(a[:, None, 2:4], b[None, :, 2:4])
    both = (high - low).clip(0).prod(2)
    size = lambda r: (r[:, 2:4] - r[:, :2]).prod(1)
    return both / (size(a)[:, None] + size(b)[None] - both + 1e-9)


def suppress(found):
    """Rows x0 y0 x1 y1, ten of points, score: each group of overlapping boxes becomes
    its mean weighted by score.  V. Bazarevsky et al., "BlazeFace", 2019, section 3.4."""
    found = found[np.argsort(-found[:, 14], kind="stable")]
    out = []
    while len(found):
        group = overlaps(found[:1], found)[0] > OVERLAP
        group[0] = True
        rows = found[group]
        weight = rows[:, 14:]
        mean = (rows[:, :14] * weight).sum(0) / weight.sum()
        out.append(np.append(mean, rows[0, 14]))
        found = found[~group]
    return np.array(out).reshape(-1, 15)


def detect(net, rgb, least=0.05):
    h, w = rgb.shape[:2]
    x = np.zeros((-(-h // 32) * 32, -(-w // 32) * 32, 3), np.float32)
    x[:h, :w] = rgb / np.float32(255)
    with torch.no_grad():
        place, values = network.cells(net(torch.from_numpy(x).permute(2, 0, 1)[None]))
        boxes, points = network.decode(place, values[0])
    score = values[0, :, 0].sigmoid()
    keep = score > least
    return suppress(torch.cat([boxes, points, score[:, None]], 1)[keep].numpy())


def compare(found, faces, longer):
    """Rows (score, +1 a large face, 0 another, -1 nothing; error of its points)."""
    rows, taken = [], np.zeros(len(faces), bool)
    iou = overlaps(found, faces) if len(found) and len(faces) else np.zeros((len(found), len(faces)))
    for d, o in zip(found, iou):
        o = np.where(taken, 0, o)
        k = int(o.argmax()) if len(o) else -1
        if k < 0 or o[k] < 0.5:
            rows.append((d[14], -1, np.nan))
            continue
        f = faces[k]
        taken[k] = True
        large = max(f[2] - f[0], f[3] - f[1]) >= LARGE * longer and not f[15]
        error = np.nan
        if f[14]:
            p, q = d[4:14].reshape(5, 2), f[4:14].reshape(5, 2)
            error = np.hypot(*(p - q).T).mean() / max(1e-6, np.hypot(*(q[0] - q[1])))
        rows.append((d[14], 1 if large else 0, error if large else np.nan))
    return rows


def measure(net, pictures_, smallest=0.0):
    """@smallest: boxes whose longer side is a smaller share of the picture's are left out."""
    rows, wanted = [], 0
    for rgb, faces, _ in pictures_:
        longer = max(rgb.shape[:2])
        found = detect(net, rgb)
        found = found[(found[:, 2:4] - found[:, :2]).max(1) >= smallest * longer]
        rows += compare(found, faces, longer)
        sides = (faces[:, 2:4] - faces[:, :2]).max(1)
        wanted += int(((sides >= LARGE * longer) & (faces[:, 15] == 0)).sum())
    rows = np.array(sorted(rows, reverse=True)).reshape(-1, 3)
    hits, wrong = np.cumsum(rows[:, 1] == 1), np.cumsum(rows[:, 1] < 0)
    out = {"wanted": wanted, "pictures": len(pictures_)}
    for rate in (0.01, 0.03, 0.1):
        ok = np.flatnonzero(wrong <= rate * len(pictures_))
        k = ok[-1] if len(ok) else 0
        out[rate] = (hits[k] / wanted, rows[k, 0], np.nanmean(rows[:k + 1, 2]), np.nanmedian(rows[:k + 1, 2]))
    return out


def turn(picture, degrees):
    """The picture turned about its middle, nothing cut off; a face's box is taken as an ellipse."""
    rgb, faces, source = picture
    h, w = rgb.shape[:2]
    a = np.deg2rad(degrees)
    m = np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])
    size = np.abs(m) @ (w, h)
    t = size / 2 - m @ (w / 2, h / 2)
    index = np.concatenate([m, (m @ (0.5, 0.5) + t - 0.5)[:, None]], 1)
    canvas = cv2.warpAffine(rgb, index, tuple(int(math.ceil(s)) for s in size))
    out = faces.copy()
    half = (faces[:, 2:4] - faces[:, :2]) / 2
    centre = (faces[:, 2:4] + faces[:, :2]) / 2 @ m.T + t
    half = np.sqrt(half ** 2 @ (m ** 2).T)
    out[:, :2], out[:, 2:4] = centre - half, centre + half
    out[:, 4:14] = (faces[:, 4:14].reshape(-1, 5, 2) @ m.T + t).reshape(-1, 10)
    return canvas, out, source


def hard(net, which, score):
    """Recall and false boxes a picture at that score, turned and in dim light."""
    for name, change in ([(f"turned {d}", lambda p, d=d: turn(p, d)) for d in (-30, -20, -10, 0, 10, 20, 30)]
                         + [(f"gamma {g}", lambda p, g=g: (
                             (255 * (p[0] / 255.0) ** g + 0.5).astype(np.uint8), p[1], p[2])) for g in (2, 3)]):
        hits = wanted = wrong = 0
        for p in which:
            rgb, faces, _ = change(p)
            longer = max(p[0].shape[:2])
            rows = compare(detect(net, rgb, score), faces, longer)
            hits += sum(r[1] == 1 for r in rows)
            wrong += sum(r[1] < 0 for r in rows)
            sides = (faces[:, 2:4] - faces[:, :2]).max(1)
            wanted += int(((sides >= LARGE * longer) & (faces[:, 15] == 0)).sum())
        print(f"{name}: recall {hits / wanted:.4f} of {wanted}, {wrong / len(which):.3f} false a picture",
              flush=True)


def line(m):
    return f"{m['wanted']} faces, {m['pictures']} pictures; " + "; ".join(
        f"{r}/picture: recall {m[r][0]:.4f} (score {m[r][1]:.2f}, NME {m[r][2]:.4f}, "
        f"median {m[r][3]:.4f})" for r in (0.01, 0.03, 0.1))


def main():
    p = argparse.ArgumentParser()
    p.add_argument("checkpoint", nargs="?", default="checkpoint.pt")
    p.add_argument("--data", default="../../../../shared/faces/detect")
    p.add_argument("--set", default="kept", choices=["kept", "val"])
    p.add_argument("--hard", action="store_true")
    a = p.parse_args()
    torch.set_num_threads(1)
    net = network.Detector()
    net.load_state_dict(torch.load(a.checkpoint, map_location="cpu")["smooth"])
    net.eval()
    if a.set == "val":
        which = pictures.load(a.data, "val")
    else:
        which = pictures.split(pictures.load(a.data, "train"))[1]
    if a.hard:
        hard(net, which, measure(net, which)[0.03][1])
        return
    for smallest in (0.0, 0.08):
        print("boxes from", smallest, line(measure(net, which, smallest)))
    for source in sorted({s for _, _, s in which}):
        print(source, line(measure(net, [p for p in which if p[2] == source], 0.08)))


if __name__ == "__main__":
    main()
