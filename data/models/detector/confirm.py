#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trains the network that looks again at what the detector may have found: is it a face, and
where exactly; writes ../confirm.safetensors.

    ./confirm.py --data ../../../../shared/faces/detect

It learns on what the detector in ../detector.safetensors takes for faces in the pictures of
training (candidates.pkl, made when it is not there), and on faces that it does not find.  It takes
up where it stopped: confirm.pt holds everything after each epoch.
"""
import argparse
import ctypes
import math
import os
import pickle
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
import measure
import network
import optimiser
import pictures
from network import Block
from points import SIDE, apply, warp
from train import iou_loss

ROUND = 1.7        # the crop's side of the box's: what is around a face tells of it too
USUAL = SIDE / ROUND / 2  # half a box's side in the crop, from which logarithms are
LEAST = 0.3        # score of the detector that is looked at again: core/face/lk-detector.c
MOST = 4           # of them in a picture
SHARE = 0.3        # of the logit: core/face/lk-confirm.c
NEAR = 0.35        # IoU with a face from which on a box is to become its


class Confirm(nn.Module):
    """[n, 3, 64, 64] of 0 .. 1 to [n, 15]: score (a logit), box (centre from the middle in halves of
    the crop, logarithms of half sides), five points from the middle in halves of the crop."""

    def __init__(self):
        super().__init__()
        self.c1 = Block(3, 16, 2)
        self.c2 = Block(16, 32, 2)
        self.c3 = Block(32, 32)
        self.c4 = Block(32, 64, 2)
        self.c5 = Block(64, 64)
        self.c6 = Block(64, 64)
        self.c7 = Block(64, 96, 2)
        self.c8 = Block(96, 96)
        self.out = nn.Conv2d(96, network.OUTPUTS, 4)
        self.drop = nn.Dropout2d(0.1)
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")
        nn.init.normal_(self.out.weight, std=0.01)
        nn.init.zeros_(self.out.bias)

    def forward(self, x):
        x = self.c2(self.c1(x))
        x = self.c3(x, x)
        x = self.c4(x)
        x = self.c6(self.c5(x), x)
        x = self.c7(x)
        x = self.c8(x, x)
        return self.out(self.drop(x)).flatten(1)


def from_box(b):
    """A box into its crop."""
    k = SIDE / (ROUND * math.sqrt(max(1.0, (b[2] - b[0]) * (b[3] - b[1]))))
    return np.array([[k, 0, 32 - k * (b[0] + b[2]) / 2], [0, k, 32 - k * (b[1] + b[3]) / 2]])


def candidates(net, which, turns=2, least=0.02, most=24):
    """For each picture the boxes and scores of what may be faces in it, as it is and as other
    sizes, lights and its mirror image show it: rows of x0 y0 x1 y1 score, one array a look."""
    out = []
    for n, (rgb, _, _) in enumerate(which):
        rng, (h, w), rows = np.random.default_rng(n), rgb.shape[:2], []
        for k in range(1 + turns):
            seen = rgb
            if k > 0:
                scale, gamma = np.exp(rng.uniform(np.log(0.6), np.log(1.4))), np.exp(rng.normal(0, 0.35))
                seen = cv2.resize(rgb, (max(32, int(w * scale)), max(32, int(h * scale))),
                                  interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
                seen = (255 * (seen / 255.0) ** gamma + 0.5).astype(np.uint8)
            if k % 2:
                seen = np.ascontiguousarray(seen[:, ::-1])
            f = measure.detect(net, seen, least)[:most, [0, 1, 2, 3, 14]]
            if k % 2:
                f[:, [0, 2]] = seen.shape[1] - f[:, [2, 0]]
            f[:, 0:4:2] *= w / seen.shape[1]
            f[:, 1:4:2] *= h / seen.shape[0]
            rows.append(f)
        out.append([r.astype(np.float32) for r in rows])
    return out


class Crops(torch.utils.data.Dataset):
    """@n crops: faces (boxes that the detector found for them, or their own shifted), what it took
    for faces, and parts of faces.  Every draw is another."""

    def __init__(self, which, found, seed, epoch, n):
        self.which, self.seed, self.epoch, self.n = which, seed, epoch, n
        self.faces, chance = [], []   # picture, face, boxes that are near it
        self.others, doubt = [], []   # picture, box
        for i, ((rgb, faces, source), rows) in enumerate(zip(which, found)):
            rows = np.concatenate(rows)
            o = measure.overlaps(rows, faces) if len(faces) else np.zeros((len(rows), 0))
            best = o.max(1) if len(faces) else np.zeros(len(rows))
            for k, f in enumerate(faces):
                side = max(f[2] - f[0], f[3] - f[1])
                if f[15] or side < 14:
                    continue
                near = rows[(o[:, k] >= NEAR) & (o[:, k] == best)]
                sure = near[:, 4].max() if len(near) else 0
                self.faces.append((i, k, near))
                # Those that the detector is not sure of, and those that have pixels.
                chance.append((3.0 if source == "WIDER" else 1.0) * (1.6 - sure) * min(1, side / 28))
            for r in rows[best < NEAR]:
                self.others.append((i, r[:4]))
                doubt.append(max(0.1, r[4]) * (1.5 if source == "WIDER" else 1.0))
        self.chance = np.cumsum(chance) / np.sum(chance)
        self.doubt = np.cumsum(doubt) / np.sum(doubt)

    def __len__(self):
        return self.n

    def draw(self, rng):
        r = rng.random()
        if r < 0.5:
            i, k, near = self.faces[np.searchsorted(self.chance, rng.random())]
            box = self.which[i][1][k, :4]
            if len(near) and rng.random() < 0.6:
                return i, near[rng.integers(len(near)), :4], 0.04
            return i, box, 0.09
        if r < 0.92:
            i, box = self.others[np.searchsorted(self.doubt, rng.random())]
            return i, box, 0.06
        i, k, _ = self.faces[np.searchsorted(self.chance, rng.random())]  # a part, or face and more
        box = self.which[i][1][k, :4].astype(np.float64)
        c, s = (box[:2] + box[2:]) / 2, (box[2:] - box[:2]) * np.exp(rng.choice([-1, 1]) * rng.uniform(0.2, 0.9))
        c = c + rng.uniform(-0.8, 0.8, 2) * (box[2:] - box[:2])
        return i, np.concatenate([c - s / 2, c + s / 2]), 0.05

    def __getitem__(self, n):
        rng = np.random.default_rng((self.seed, self.epoch, n))
        i, box, spread = self.draw(rng)
        rgb, faces = self.which[i][:2]
        base = from_box(box)
        roll = rng.normal(0, 0.45 if rng.random() < 0.25 else 0.1)
        k = np.exp(rng.normal(0, spread))
        r = k * np.array([[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]])
        r = r @ np.diag(np.exp(rng.normal(0, 0.03, 2)))
        mirror = rng.random() < 0.5
        if mirror:
            r = np.diag([-1.0, 1.0]) @ r
        t = 32 - r @ [32, 32] + rng.normal(0, spread, 2) * 2 * USUAL
        m = np.concatenate([r @ base[:, :2], (r @ base[:, 2] + t)[:, None]], 1)
        # Every face as the ellipse in its box, as in pictures.py.
        centre = apply(m, (faces[:, :2] + faces[:, 2:4]) / 2)
        half = np.sqrt(((faces[:, 2:4] - faces[:, :2]) / 2) ** 2 @ (m[:, :2] ** 2).T)
        boxes = np.concatenate([centre - half, centre + half], 1)
        usual = np.array([[32 - USUAL, 32 - USUAL, 32 + USUAL, 32 + USUAL]])
        o = measure.overlaps(usual, boxes)[0] if len(faces) else np.zeros(0)
        label = np.zeros(17, np.float32)  # box, points, IoU, has points, care
        label[16] = 1
        if len(o) and o.max() > 0:
            f = int(o.argmax())
            label[:4], label[14] = boxes[f], o[f]
            p = apply(m, faces[f, 4:14].reshape(5, 2))
            label[4:14] = (p[pictures.MIRROR] if mirror else p).reshape(-1)
            label[15] = faces[f, 14]
            inside = ((boxes[:, :2] < 32) & (boxes[:, 2:] > 32)).all(1) & (faces[:, 15] > 0)
            label[16] = not (faces[f, 15] and o[f] > 0.2 or o[f] < NEAR and inside.any())
        if rng.random() < 0.25:  # fewer pixels
            s = rng.uniform(0.3, 0.9) * min(1, math.sqrt(abs(np.linalg.det(m[:, :2]))))
            h, w = max(8, int(rgb.shape[0] * s)), max(8, int(rgb.shape[1] * s))
            m = m * [rgb.shape[1] / w, rgb.shape[0] / h, 1]
            rgb = cv2.resize(rgb, (w, h), interpolation=cv2.INTER_AREA)
        x = warp(rgb, m)
        if rng.random() < 0.15:  # something over it
            w, h = rng.integers(6, 26, 2)
            x0, y0 = rng.integers(0, SIDE - w), rng.integers(0, SIDE - h)
            x[y0:y0 + h, x0:x0 + w] = rng.integers(0, 256, 3 if rng.random() < 0.5 else (h, w, 3))
        return torch.from_numpy(np.ascontiguousarray(pictures.light(rng, x))), torch.from_numpy(label)


def mirrored(x, label):
    label = label.clone()
    label[:, [0, 2]] = SIDE - label[:, [2, 0]]
    points = label[:, 4:14].reshape(-1, 5, 2)[:, pictures.MIRROR]
    points[..., 0] = SIDE - points[..., 0]
    label[:, 4:14] = points.flatten(1)
    return x.flip(2), label


def boxes_of(y):
    centre, half = 32 + 32 * y[:, 1:3], USUAL * y[:, 3:5].clamp(-3, 3).exp()
    return torch.cat([centre - half, centre + half], 1)


def losses(y, label):
    target = torch.zeros(len(y))
    box = point = y.sum() * 0
    near = (label[:, 14] >= NEAR) & (label[:, 16] > 0)
    if near.any():
        iou, loss = iou_loss(boxes_of(y[near]), label[near, :4])
        box = loss.mean()
        # A face is one when its box fits in the end.
        target[near] = ((iou.detach() - 0.3) / 0.3).clamp(0, 1)
        has = label[near, 15:16]
        error = (y[near, 5:] - (label[near, 4:14] - 32) / 32) * has
        point = F.smooth_l1_loss(error, torch.zeros_like(error), beta=0.02, reduction="sum") / (10 * has.sum().clamp(min=1))
    score = F.binary_cross_entropy_with_logits(y[:, 0], target, weight=label[:, 16])
    return score, box, point


def look(net, rgb, rows):
    """Of boxes: the network's logits and boxes."""
    maps = [from_box(r) for r in rows]
    x = np.stack([warp(rgb, m) for m in maps])
    with torch.no_grad():
        y = net(torch.from_numpy(x).permute(0, 3, 1, 2).float() / 255)
    boxes = boxes_of(y).numpy()
    for b, m in zip(boxes, maps):
        b[:2], b[2:] = (b[:2] - m[:, 2]) / m[0, 0], (b[2:] - m[:, 2]) / m[0, 0]
    return y[:, 0].numpy(), boxes


def kept_rows(net, which, found):
    out = []
    for (rgb, _, _), rows in zip(which, found):
        rows = rows[0]
        rows = rows[np.argsort(-rows[:, 4])]
        rows = rows[rows[:, 4] > LEAST][:MOST]
        out.append((rows, *look(net, rgb, rows)) if len(rows) else (rows, np.zeros(0), np.zeros((0, 4))))
    return out


def tell(looked, which, share, refine=True):
    """[recall, of WIDER FACE's alone, score] at rates of false boxes, when every box is looked at
    again: the logit is the mean of both's, @share of it the second one's."""
    all_rows, wanted = [], np.zeros(2)
    for (rows, logits, boxes), (rgb, faces, source) in zip(looked, which):
        longer = max(rgb.shape[:2])
        first = np.log(rows[:, 4] / (1 - rows[:, 4]))
        score = (1 - share) * first + share * logits
        r = np.zeros((len(rows), 15))
        r[:, :4] = boxes if refine else rows[:, :4]
        r[:, 14] = 1 / (1 + np.exp(-score))
        r = measure.suppress(r)
        hits = measure.compare(r, faces, longer)
        large = ((faces[:, 2:4] - faces[:, :2]).max(1) >= measure.LARGE * longer) & (faces[:, 15] == 0)
        wanted += large.sum() * np.array([1, source == "WIDER"])
        all_rows += [(s, k, source == "WIDER") for s, k, _ in hits]
    a = np.array(sorted(all_rows, reverse=True))
    good, hard = np.cumsum(a[:, 1] == 1), np.cumsum((a[:, 1] == 1) & (a[:, 2] > 0))
    wrong, out = np.cumsum(a[:, 1] < 0), []
    for rate in (0.01, 0.03, 0.06, 0.1):
        k = np.flatnonzero(wrong <= rate * len(which))[-1]
        out.append((round(good[k] / wanted[0], 4), round(hard[k] / max(1, wanted[1]), 3), round(a[k, 0], 2)))
    return out


def held(which):
    """Which pictures are kept from this training: those of the detector's, and as many others."""
    return np.array([i % 16 in (7, 15) for i in range(len(which))])


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--data", default="../../../../shared/faces/detect")
    p.add_argument("--detector", default="../detector.safetensors")
    p.add_argument("--candidates", default="candidates.pkl")
    p.add_argument("--epochs", type=int, default=60)
    p.add_argument("--steps", type=int, default=200, help="an epoch")
    p.add_argument("--batch", type=int, default=64)
    p.add_argument("--rate", type=float, default=2e-3)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--checkpoint", default="confirm.pt")
    p.add_argument("--out", default="../confirm.safetensors")
    p.add_argument("--golden", default="../../../tests/golden/confirm.safetensors")
    a = p.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(a.seed)
    whole = pictures.load(a.data, "train")
    if not os.path.exists(a.candidates):
        net, some = network.Detector(), pictures.Canvases(whole, 192, a.seed, 0, 16)
        export.read(net, a.detector, optimiser.ready(torch.stack([some[i][0] for i in range(16)])))
        with open(a.candidates, "wb") as f:
            pickle.dump(candidates(net.eval(), whole), f)
    found = pickle.load(open(a.candidates, "rb"))
    out = held(whole)
    train = [p for p, o in zip(whole, out) if not o], [f for f, o in zip(found, out) if not o]
    folds = [([p for i, p in enumerate(whole) if i % 16 == k], [f for i, f in enumerate(found) if i % 16 == k])
             for k in (7, 15)]
    net = Confirm().to(memory_format=torch.channels_last)
    t = optimiser.Training(net, net.out.weight, a.rate, a.epochs * a.steps * 2, a.checkpoint)
    for epoch in range(t.epoch, a.epochs):
        torch.manual_seed(a.seed * 1000 + epoch)
        net.train()
        crops = Crops(*train, a.seed, epoch, a.steps * a.batch)
        loader = torch.utils.data.DataLoader(crops, a.batch, num_workers=1, prefetch_factor=4)
        sums, then = np.zeros(3), time.time()
        for x, label in optimiser.twice(loader, mirrored):
            with torch.autocast("cpu", dtype=torch.bfloat16):
                y = net(optimiser.ready(x))
            score, box, point = losses(y.float(), label)
            t.update(score + 0.5 * box + 3 * point)
            sums += score.item(), box.item(), point.item()
        sums /= 2 * a.steps
        print(f"epoch {epoch}: score {sums[0]:.4f} box {sums[1]:.4f} points {sums[2]:.4f}, {time.time() - then:.0f} s",
              flush=True)
        t.save()
        if epoch % 6 == 5 or epoch == a.epochs - 1:
            for which, rows in folds:
                looked = kept_rows(t.smooth.eval(), which, rows)
                for share in (0, SHARE, 1):
                    print("  kept", share, tell(looked, which, share, share > 0), flush=True)
    export.write_confirm(t.smooth.eval(), a.out)
    export.write_crop_golden(t.smooth, a.golden, "face")


if __name__ == "__main__":
    sys.exit(main())
