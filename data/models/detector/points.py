#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trains the network that places the five points of a found face; writes ../points.safetensors.

    ./points.py --data ../../../../shared/faces [--from ../points.safetensors]

It takes up where it stopped: points.pt holds everything after each epoch.  Places are measured
from the corner of the top left pixel, the centre of a pixel is half a unit away.
"""
import argparse
import ctypes
import math
import os
import sys
import time

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
ctypes.CDLL(None).mallopt(-3, 1 << 30)  # M_MMAP_THRESHOLD, M_TRIM_THRESHOLD: as in train.py
ctypes.CDLL(None).mallopt(-1, (1 << 31) - 1)

import cv2
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

import export
import optimiser
import pictures
from network import Block

SIDE = 64
TEMPLATE = np.array([[34.19, 46.16], [65.65, 45.98], [50.02, 64.05], [37.10, 82.47], [63.15, 82.32]])
IN_CROP = (TEMPLATE - [50, 62]) * 0.6 + [32, 33]  # where the second crop has the points
ROUND = 1.32  # the first crop's side of the box's


class Points(nn.Module):
    """[n, 3, 64, 64] of 0 .. 1 to [n, 10]: five points from the middle, in halves of the crop."""

    def __init__(self):
        super().__init__()
        self.c1 = Block(3, 16, 2)
        self.c2 = Block(16, 32, 2)
        self.c3 = Block(32, 32)
        self.c4 = Block(32, 48, 2)
        self.c5 = Block(48, 48)
        self.c6 = Block(48, 64, 2)
        self.out = nn.Conv2d(64, 10, 4)
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")
        nn.init.normal_(self.out.weight, std=0.01)
        nn.init.zeros_(self.out.bias)

    def forward(self, x):
        x = self.c2(self.c1(x))
        x = self.c3(x, x)
        x = self.c4(x)
        x = self.c5(x, x)
        return self.out(self.c6(x)).flatten(1)


def umeyama(p, q):
    """The similarity, [2, 3], that brings @p to @q: core/face/lk-align.c."""
    pc, qc = p.mean(0), q.mean(0)
    a, b = p - pc, q - qc
    d = (a ** 2).sum()
    c, s = (a * b).sum() / d, (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum() / d
    r = np.array([[c, -s], [s, c]])
    return np.concatenate([r, (qc - r @ pc)[:, None]], 1)


def from_box(b):
    """A box into the first crop."""
    k = SIDE / (ROUND * math.sqrt((b[2] - b[0]) * (b[3] - b[1])))
    return np.array([[k, 0, 32 - k * (b[0] + b[2]) / 2], [0, k, 32 - k * (b[1] + b[3]) / 2]])


def apply(m, p):
    return p @ m[:, :2].T + m[:, 2]


def warp(rgb, m):
    k, source, shrink = math.sqrt(abs(np.linalg.det(m[:, :2]))), rgb, 1.0
    while k * shrink < 0.6 and min(source.shape[:2]) > 8:  # no aliasing
        h, w = source.shape[0] // 2, source.shape[1] // 2
        source = cv2.resize(source[:2 * h, :2 * w], (w, h), interpolation=cv2.INTER_AREA)
        shrink *= 2
    t = m[:, 2] + m[:, :2] @ [0.5 * shrink, 0.5 * shrink] - 0.5
    return cv2.warpAffine(source, np.concatenate([m[:, :2] * shrink, t[:, None]], 1), (SIDE, SIDE),
                          flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def faces_of(which, least=20):
    return [(rgb, f[:4], f[4:14].reshape(5, 2)) for rgb, rows, _ in which for f in rows
            if f[14] and not f[15] and max(f[2] - f[0], f[3] - f[1]) >= least]


def draw(rng, rgb, box, points):
    """A crop as one of the two steps gives it, and where the points are in it."""
    points = points.astype(np.float64)
    if rng.random() < 0.5:
        base, spread, shift = from_box(box), 0.13, 4.0
        roll = rng.normal(0, 0.6 if rng.random() < 0.3 else 0.25)
    else:
        base, spread, shift, roll = umeyama(points, IN_CROP), 0.08, 2.5, rng.normal(0, 0.12)
    k = np.exp(rng.normal(0, spread))
    kx, c, s = k * np.exp(rng.normal(0, 0.03)), np.cos(roll), np.sin(roll)
    r = np.array([[c * kx, -s * k], [s * kx, c * k]])
    mirror = rng.random() < 0.5
    if mirror:
        r = np.diag([-1.0, 1.0]) @ r
    t = 32 - r @ [32, 32] + rng.normal(0, shift, 2)
    m = np.concatenate([r @ base[:, :2], (r @ base[:, 2] + t)[:, None]], 1)
    q = apply(m, points)
    if mirror:
        q = q[pictures.MIRROR]
    if rng.random() < 0.25:  # fewer pixels
        f = rng.uniform(0.25, 0.9) * min(1, math.sqrt(abs(np.linalg.det(m[:, :2]))))
        h, w = max(8, int(rgb.shape[0] * f)), max(8, int(rgb.shape[1] * f))
        m = m * [rgb.shape[1] / w, rgb.shape[0] / h, 1]
        rgb = cv2.resize(rgb, (w, h), interpolation=cv2.INTER_AREA)
    x = warp(rgb, m)
    if rng.random() < 0.2:  # something over it
        w, h = rng.integers(6, 28, 2)
        x0, y0 = rng.integers(0, SIDE - w), rng.integers(0, SIDE - h)
        x[y0:y0 + h, x0:x0 + w] = rng.integers(0, 256, 3 if rng.random() < 0.5 else (h, w, 3))
    return pictures.light(rng, x), q


class Crops(torch.utils.data.Dataset):
    """Each face @times times, always another crop."""

    def __init__(self, faces, times, seed, epoch):
        self.faces, self.times, self.seed, self.epoch = faces, times, seed, epoch

    def __len__(self):
        return len(self.faces) * self.times

    def __getitem__(self, i):
        rng = np.random.default_rng((self.seed, self.epoch, i))
        x, q = draw(rng, *self.faces[i % len(self.faces)])
        return torch.from_numpy(np.ascontiguousarray(x)), torch.from_numpy(((q - 32) / 32).astype(np.float32))


def mirrored(x, y):
    return x.flip(2), y[:, pictures.MIRROR] * torch.tensor([-1.0, 1.0])


def predict(net, rgb, box, steps=2):
    """As core/face/lk-points.c: each crop and its mirror image, and the mean of all."""
    m, total = from_box(box), 0
    for k in range(steps):
        x = warp(rgb, m)
        both = torch.from_numpy(np.stack([x, x[:, ::-1]])).permute(0, 3, 1, 2).float() / 255
        with torch.no_grad():
            q = net(both).numpy().reshape(2, 5, 2)
        q = (q[0] + q[1][pictures.MIRROR] * [-1, 1]) / 2 * 32 + 32
        p = apply(np.linalg.inv(np.vstack([m, [0, 0, 1]]))[:2], q)
        total = total + p
        m = umeyama(p, IN_CROP)
    return total / steps


def errors(net, which, steps=2):
    """Of large faces, in shares of the eye distance, with boxes that are a little off."""
    rng, out = np.random.default_rng(5), []
    for rgb, box, points in which:
        if max(box[2] - box[0], box[3] - box[1]) >= 0.1 * max(rgb.shape[:2]):
            w = box[2] - box[0]
            off = box + np.tile(rng.normal(0, 0.04, 2), 2) * w + rng.normal(0, 0.03, 4) * w
            e = np.hypot(*(predict(net, rgb, off, steps) - points).T).mean()
            out.append(e / np.hypot(*(points[0] - points[1])))
    return np.array(out)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--data", default="../../../../shared/faces")
    p.add_argument("--from", dest="begin", help="weights to go on from: a safetensors file")
    p.add_argument("--epochs", type=int, default=60)
    p.add_argument("--times", type=int, default=4, help="each face, an epoch")
    p.add_argument("--batch", type=int, default=64)
    p.add_argument("--rate", type=float, default=2e-3)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--checkpoint", default="points.pt")
    p.add_argument("--out", default="../points.safetensors")
    p.add_argument("--golden", default="../../../tests/golden/points.safetensors")
    a = p.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(a.seed)
    train, kept = (faces_of(s) for s in pictures.split(pictures.load(os.path.join(a.data, "detect"), "train")))
    net = Points().to(memory_format=torch.channels_last)
    n = 2 * (len(train) * a.times // a.batch)
    if a.begin:
        some = Crops(train, 1, a.seed, 0)
        x = optimiser.ready(torch.stack([some[i][0] for i in range(0, len(train), 8)]))
        export.read(net, a.begin, x)
    t = optimiser.Training(net, net.out.weight, a.rate, a.epochs * n, a.checkpoint)
    for epoch in range(t.epoch, a.epochs):
        torch.manual_seed(a.seed * 1000 + epoch)
        net.train()
        loader = torch.utils.data.DataLoader(Crops(train, a.times, a.seed, epoch), a.batch, shuffle=True,
                                             drop_last=True, num_workers=1, prefetch_factor=4)
        total, then = 0.0, time.time()
        for x, y in optimiser.twice(loader, mirrored):
            with torch.autocast("cpu", dtype=torch.bfloat16):
                found = net(optimiser.ready(x))
            loss = F.smooth_l1_loss(found.float(), y.flatten(1), beta=0.02)
            t.update(10 * loss)
            total += loss.item()
        print(f"epoch {epoch}: {total / n:.4f}, {time.time() - then:.0f} s", flush=True)
        t.save()
        if epoch % 8 == 7 or epoch == a.epochs - 1:
            e = [errors(t.smooth.eval(), kept, steps) for steps in (1, 2)]
            print("  kept, one step and two:", [(round(v.mean(), 4), round(np.median(v), 4)) for v in e], flush=True)
    smooth = t.smooth
    export.write_points(smooth.eval(), a.out)
    export.write_crop_golden(smooth, a.golden, "points")


if __name__ == "__main__":
    sys.exit(main())
