# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures with faces for the detector: loading, and augmentation.

A sample is a square canvas with its faces as rows of
x0 y0 x1 y1 | ten numbers of points | has points | ignored.
"""
import json
import os

import cv2
import numpy as np
import torch

cv2.setNumThreads(1)
MAX_FACES = 48
HARD = 0.6  # share of pictures of WIDER FACE
SMALLEST = 20  # pixels of the face that a canvas is made for
GRAIN_DEVIATION = 30
GRAIN = np.random.default_rng(1).normal(0, GRAIN_DEVIATION, 1 << 19).astype(np.float32)
MIRROR = [1, 0, 2, 4, 3]  # which point takes which place in a mirror


def load(folder, name):
    """A list of (RGB picture, faces [n, 16], source)."""
    pictures = []
    for line in open(os.path.join(folder, name + ".jsonl")):
        p = json.loads(line)
        rgb = cv2.imread(os.path.join(folder, name, p["file"]))[:, :, ::-1]
        rows = np.zeros((len(p["faces"]), 16), np.float32)
        for row, f in zip(rows, p["faces"]):
            x, y, w, h = f["box"]
            row[:4] = x, y, x + w, y + h
            if f["points"] is not None:
                row[4:14] = np.ravel(f["points"])
                row[14] = 1
            row[15] = f["ignore"]
        pictures.append((np.ascontiguousarray(rgb), rows, p["source"]))
    return pictures


def split(pictures):
    """Every 16th picture is kept for choosing, the others for training."""
    kept = [p for i, p in enumerate(pictures) if i % 16 == 7]
    return [p for i, p in enumerate(pictures) if i % 16 != 7], kept


def warp(rng, rgb, faces, size):
    """One picture under a random similarity onto a canvas of size (w, h)."""
    w, h = size
    good = np.flatnonzero(faces[:, 15] == 0)
    angle = np.deg2rad(rng.uniform(-38, 38) if rng.random() < 0.35 else rng.normal(0, 6))
    if len(good) and rng.random() < 0.93:
        sides = (faces[good, 2:4] - faces[good, :2]).max(1)
        chance = sides.clip(8, 40)  # faces that have pixels more often
        f = faces[rng.choice(good, p=chance / chance.sum())]
        side = max(f[2] - f[0], f[3] - f[1])
        top = 0.95 * min(w, h)
        wanted = np.exp(rng.uniform(np.log(min(SMALLEST, top / 2)), np.log(top)))
        # Most canvases are filled: little is learnt from an empty border.
        least = 0.15 if rng.random() < 0.15 else 0.9 * max(w / rgb.shape[1], h / rgb.shape[0])
        scale = np.clip(wanted / side, least, max(least, 3.5))
        cx, cy = (f[0] + f[2]) / 2, (f[1] + f[3]) / 2
        reach = scale * side / 2
        to = []
        for n, c, whole in zip(size, (cx, cy), rgb.shape[1::-1]):
            low, high = min(0.7 * reach, n / 2), max(n - 0.7 * reach, n / 2)
            if rng.random() < 0.85:  # no edge of the picture in sight, if it can be
                inner = max(low, n - scale * (whole - c)), min(high, scale * c)
                low, high = inner if inner[0] <= inner[1] else (low, high)
            to.append(rng.uniform(low, high))
    else:
        scale = np.exp(rng.uniform(np.log(0.5), np.log(2)))
        cx, cy = rng.uniform(0, rgb.shape[1]), rng.uniform(0, rgb.shape[0])
        to = [w / 2, h / 2]
    # Uneven scales a little: lenses and boxes vary.
    sx, sy = scale * np.exp(rng.normal(0, 0.03, 2))
    c, s = np.cos(angle), np.sin(angle)
    mirror = -1 if rng.random() < 0.5 else 1
    m = np.array([[mirror * sx * c, -sx * s], [mirror * sy * s, sy * c]])
    t = np.array(to) - m @ (cx, cy)
    source = rgb
    shrink = 1.0
    while scale * shrink < 0.5 and min(source.shape[:2]) > 8:  # no aliasing
        hh, ww = source.shape[0] // 2, source.shape[1] // 2
        source = cv2.resize(source[:2 * hh, :2 * ww], (ww, hh), interpolation=cv2.INTER_AREA)
        shrink *= 2
    # Pixel centres: place p of the picture is (p + .5) / shrink - .5 of the source.
    full = np.concatenate([m * shrink, (m @ [0.5 * shrink, 0.5 * shrink] + t - 0.5)[:, None]], 1)
    border = rng.integers(0, 256, 3).tolist() if rng.random() < 0.7 else [0, 0, 0]
    kind = cv2.INTER_CUBIC if scale > 1 and rng.random() < 0.5 else cv2.INTER_LINEAR
    canvas = cv2.warpAffine(source, full, size, flags=kind, borderMode=cv2.BORDER_CONSTANT,
                            borderValue=border)
    out = faces.copy()
    if not len(out):
        return canvas, out
    # A face is taken as the ellipse in its box: its bounding box after the map.
    centre = np.stack([(faces[:, 0] + faces[:, 2]) / 2, (faces[:, 1] + faces[:, 3]) / 2], 1) @ m.T + t
    half = np.stack([(faces[:, 2] - faces[:, 0]) / 2, (faces[:, 3] - faces[:, 1]) / 2], 1)
    half = np.sqrt(half ** 2 @ (m ** 2).T)
    out[:, :2], out[:, 2:4] = centre - half, centre + half
    points = faces[:, 4:14].reshape(-1, 5, 2) @ m.T + t
    if mirror < 0:
        points = points[:, MIRROR]
    out[:, 4:14] = points.reshape(-1, 10)
    area = (out[:, 2] - out[:, 0]) * (out[:, 3] - out[:, 1])
    out[:, 0:4:2] = out[:, 0:4:2].clip(0, w)
    out[:, 1:4:2] = out[:, 1:4:2].clip(0, h)
    sides = out[:, 2:4] - out[:, :2]
    share = sides[:, 0] * sides[:, 1] / area
    longer = sides.max(1)
    keep = (share > 0.03) & (longer > 2)
    out[(share < 0.45) | (longer < 10), 15] = 1
    return canvas, out[keep]


def light(rng, x):
    """Light, colour, blur and noise; x is RGB bytes.  In bytes all the way: quick, and cameras
    round as well."""
    h, w = x.shape[:2]
    m, add = np.eye(3), 0.0
    if rng.random() < 0.8:
        m = np.diag(np.exp(rng.normal(0, 0.12, 3)) * rng.uniform(0.8, 1.25))
        add = rng.normal(0, 0.06) * 255
    if rng.random() < 0.5:
        colour = 0 if rng.random() < 0.3 else rng.uniform(0.2, 1.3)
        m = (np.full((3, 3), (1 - colour) / 3) + colour * np.eye(3)) @ m
    x = cv2.transform(x, np.concatenate([m, np.full((3, 1), add)], 1))
    if rng.random() < 0.15:  # light from a side
        a = rng.uniform(0, 2 * np.pi)
        ramp = np.add.outer(np.sin(a) * np.linspace(-1, 1, h), np.cos(a) * np.linspace(-1, 1, w))
        ramp = cv2.merge([np.exp(rng.uniform(0, 0.8) * ramp).astype(np.float32)] * 3)
        x = cv2.multiply(x, ramp, dtype=cv2.CV_8U)
    r = rng.random()
    gamma = np.exp(rng.uniform(np.log(1.6), np.log(3.3))) if r < 0.2 else np.exp(rng.normal(0, 0.25))
    x = cv2.LUT(x, (255 * np.linspace(0, 1, 256) ** gamma + 0.5).astype(np.uint8))
    if rng.random() < 0.2:
        x = cv2.GaussianBlur(x, (0, 0), rng.uniform(0.5, 2.0))
    if rng.random() < 0.1:  # motion
        k = np.zeros((9, 9), np.float32)
        a, n = rng.uniform(0, np.pi), rng.uniform(1.5, 4)
        for d in np.linspace(-n, n, 25):
            k[int(round(4 + d * np.sin(a))), int(round(4 + d * np.cos(a)))] += 1
        x = cv2.filter2D(x, -1, k / k.sum())
    if rng.random() < 0.3:
        at = rng.integers(GRAIN.size - x.size)
        grain = GRAIN[at:at + x.size].reshape(x.shape)
        x = cv2.addWeighted(x, 1, grain, rng.uniform(0, 0.06) * 255 / GRAIN_DEVIATION, 0, dtype=cv2.CV_8U)
    if rng.random() < 0.25:
        x = cv2.imdecode(cv2.imencode(".jpg", x, [1, int(rng.integers(25, 90))])[1], 1)
    return x


def hide(rng, canvas, faces):
    """Something over a part of a face: a hand, a mask, a frame's edge."""
    for f in faces:
        if f[15] or rng.random() > 0.12:
            continue
        w, h = f[2] - f[0], f[3] - f[1]
        bw, bh = w * rng.uniform(0.2, 0.6), h * rng.uniform(0.2, 0.45)
        x, y = rng.uniform(f[0], f[2] - bw), rng.uniform(f[1], f[3] - bh)
        part = canvas[int(y):int(y + bh), int(x):int(x + bw)]
        part[:] = rng.integers(0, 256, 3) if rng.random() < 0.5 else rng.integers(0, 256, part.shape)


class Canvases(torch.utils.data.Dataset):
    """@n canvases.  Every draw is another: the generator is seeded by seed, epoch and index."""

    def __init__(self, pictures, side, seed, epoch, n):
        self.hard = [p for p in pictures if p[2] == "WIDER"]
        self.easy = [p for p in pictures if p[2] != "WIDER"]
        self.side, self.seed, self.epoch, self.n = side, seed, epoch, n

    def __len__(self):
        return self.n

    def draw(self, rng):
        which = self.hard if rng.random() < HARD else self.easy
        return which[rng.integers(len(which))][:2]

    def __getitem__(self, i):
        rng = np.random.default_rng((self.seed, self.epoch, i))
        side = self.side
        if rng.random() < 0.3:  # four pictures on one canvas
            x, y = rng.integers(side // 4, side * 3 // 4, 2)
            canvas, rows = np.zeros((side, side, 3), np.uint8), []
            for x0, y0, x1, y1 in (0, 0, x, y), (x, 0, side, y), (0, y, x, side), (x, y, side, side):
                part, f = warp(rng, *self.draw(rng), (int(x1 - x0), int(y1 - y0)))
                canvas[y0:y1, x0:x1] = part
                f[:, 0:14:2] += x0
                f[:, 1:14:2] += y0
                rows.append(f)
            faces = np.concatenate(rows)
        else:
            canvas, faces = warp(rng, *self.draw(rng), (side, side))
        hide(rng, canvas, faces)
        canvas = light(rng, canvas)
        # What does not fit is dropped, smallest first.
        order = np.argsort(-(faces[:, 2] - faces[:, 0]))[:MAX_FACES]
        table = np.zeros((MAX_FACES, 17), np.float32)
        table[:len(order), :16] = faces[order]
        table[:len(order), 16] = 1
        return torch.from_numpy(np.ascontiguousarray(canvas)), torch.from_numpy(table)
