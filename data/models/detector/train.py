#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trains the face detector and writes ../detector.safetensors.

    apt-get install python3-torch python3-opencv python3-numpy
    ./train.py --data ../../../../shared/faces/detect

One command, from nothing to the weights that ship.  It takes up where it stopped:
checkpoint.pt holds everything after each epoch.
"""
import argparse
import copy
import ctypes
import os
import sys
import time

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # a busy machine: no spinning at barriers
ctypes.CDLL(None).mallopt(-3, 1 << 30)  # M_MMAP_THRESHOLD: large tensors are used again,
ctypes.CDLL(None).mallopt(-1, (1 << 31) - 1)  # M_TRIM_THRESHOLD: not given back each time

import numpy as np
import torch
import torch.nn.functional as F

import export
import measure
import network
import pictures

# The longer side of a face, in pixels, that each stride is to find.
RANGES = ((0, 64), (40, 144), (104, 1e9))


def assign(place, faces):
    """For each canvas and cell: the face it is to find, -1 none, -2 do not care."""
    c = place[None, :, None, :2]
    stride = place[None, :, None, 2]
    lo = torch.tensor([r[0] for r in RANGES])[(place[:, 2].log2() - 3).long()][None, :, None]
    hi = torch.tensor([r[1] for r in RANGES])[(place[:, 2].log2() - 3).long()][None, :, None]
    box = faces[:, None, :, :4]
    real = (faces[:, None, :, 16] > 0) & (faces[:, None, :, 15] == 0)
    blind = (faces[:, None, :, 16] > 0) & (faces[:, None, :, 15] > 0)
    side = (box[..., 2:] - box[..., :2]).amax(-1)
    away = (c - (box[..., :2] + box[..., 2:]) / 2).abs().amax(-1)
    inside = ((c > box[..., :2]) & (c < box[..., 2:])).all(-1)
    near = (away < 1.5 * stride) & (away <= 0.36 * side) & real
    mine = near & (side >= lo) & (side <= hi)
    almost = near & ~mine & (side >= lo / 1.5) & (side <= hi * 1.5)
    # Of several faces the smallest: the larger has other cells.
    size = torch.where(mine, side, torch.full_like(side, 1e9))
    least, which = size.min(2)
    which = torch.where(least < 1e9, which, torch.full_like(which, -1))
    care_not = (which < 0) & ((inside & blind).any(2) | almost.any(2))
    return torch.where(care_not, torch.full_like(which, -2), which)


def iou_loss(a, b):
    """IoU, and the EIoU loss: Y.-F. Zhang et al., "Focal and Efficient IOU Loss for
    Accurate Bounding Box Regression", Neurocomputing 2022, section 4."""
    wa, wb = a[:, 2:] - a[:, :2], b[:, 2:] - b[:, :2]
    both = (torch.min(a[:, 2:], b[:, 2:]) - torch.max(a[:, :2], b[:, :2])).clamp(min=0).prod(1)
    iou = both / (wa.prod(1) + wb.prod(1) - both + 1e-6)
    hull = torch.max(a[:, 2:], b[:, 2:]) - torch.min(a[:, :2], b[:, :2])
    apart = ((a[:, :2] + a[:, 2:] - b[:, :2] - b[:, 2:]) / 2).pow(2).sum(1)
    loss = (1 - iou + apart / (hull.pow(2).sum(1) + 1e-6) +
            ((wa - wb).pow(2) / (hull.pow(2) + 1e-6)).sum(1))
    return iou, loss


def losses(maps, faces):
    place, values = network.cells(maps)
    faces = faces[:, :max(1, int(faces[:, :, 16].sum(1).max()))]
    which = assign(place, faces)
    score = values[..., 0]
    target = torch.zeros_like(score)
    n, k = torch.nonzero(which >= 0, as_tuple=True)
    many = max(1, len(n))
    box_loss = point_loss = values.sum() * 0
    if len(n):
        wanted = faces[n, which[n, k]]
        boxes, points = network.decode(place[k], values[n, k])
        iou, loss = iou_loss(boxes, wanted[:, :4])
        target[n, k] = iou.detach().clamp(0, 1)
        box_loss = loss.mean()
        size = (wanted[:, 2:4] - wanted[:, :2]).prod(1).clamp(min=1).sqrt()
        error = (points - wanted[:, 4:14]) / size[:, None]
        loss = F.smooth_l1_loss(error, torch.zeros_like(error), reduction="none", beta=0.03).mean(1)
        point_loss = (loss * wanted[:, 14]).sum() / wanted[:, 14].sum().clamp(min=1)
    # Quality focal loss: X. Li et al., "Generalized Focal Loss", NeurIPS 2020, eq. 3.
    care = (which != -2).float()
    cls = F.binary_cross_entropy_with_logits(score, target, reduction="none")
    cls = (cls * (target - score.sigmoid()).pow(2) * care).sum() / many
    return cls, box_loss, point_loss


def side_at(done):
    """The canvas's side by the share of the training that is done: small ones first, for more
    steps in the time."""
    return 160 if done < 0.6 else 192 if done < 0.9 else 256


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--data", default="../../../../shared/faces/detect")
    p.add_argument("--epochs", type=int, default=400)
    p.add_argument("--steps", type=int, default=100, help="an epoch")
    p.add_argument("--batch", type=int, default=16)
    p.add_argument("--rate", type=float, default=2e-3)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--checkpoint", default="checkpoint.pt")
    p.add_argument("--out", default="../detector.safetensors")
    p.add_argument("--golden", default="../../../tests/golden/detector.safetensors")
    a = p.parse_args()
    torch.set_num_threads(1)  # with the worker, two cores
    torch.manual_seed(a.seed)
    train, kept = pictures.split(pictures.load(a.data, "train"))
    net = network.Detector().to(memory_format=torch.channels_last)
    smooth = copy.deepcopy(net)
    weights = [q for q in net.parameters() if q.ndim > 1]
    others = [q for q in net.parameters() if q.ndim <= 1]
    optimiser = torch.optim.AdamW([{"params": weights, "weight_decay": 0.02},
                                   {"params": others, "weight_decay": 0}], lr=a.rate)
    start = 0
    if os.path.exists(a.checkpoint):
        state = torch.load(a.checkpoint)
        net.load_state_dict(state["net"])
        smooth.load_state_dict(state["smooth"])
        optimiser.load_state_dict(state["optimiser"])
        start = state["epoch"] + 1
    for epoch in range(start, a.epochs):
        torch.manual_seed(a.seed * 1000 + epoch)
        net.train()
        canvases = pictures.Canvases(train, side_at(epoch / a.epochs), a.seed, epoch, a.steps * a.batch)
        loader = torch.utils.data.DataLoader(canvases, a.batch, num_workers=1, prefetch_factor=4)
        sums, then = np.zeros(3), time.time()
        for i, (x, faces) in enumerate(loader):
            step = epoch * a.steps + i
            # Level, then straight down over the last half: more epochs can be added to a level.
            left = min(1, 2 * (1 - step / (a.epochs * a.steps)))
            for g in optimiser.param_groups:
                g["lr"] = a.rate * min(1, (step + 1) / 300) * left
            x = x.permute(0, 3, 1, 2).float().div_(255).contiguous(memory_format=torch.channels_last)
            cls, box, point = losses(net(x), faces)
            optimiser.zero_grad()
            (cls + 2 * box + 8 * point).backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 10)
            optimiser.step()
            keep = min(0.998, step / (step + 50.0))
            with torch.no_grad():
                for s, q in zip(smooth.state_dict().values(), net.state_dict().values()):
                    s.mul_(keep).add_(q, alpha=1 - keep) if s.is_floating_point() else s.copy_(q)
            sums += cls.item(), box.item(), point.item()
        sums /= a.steps
        print(f"epoch {epoch}: score {sums[0]:.4f} box {sums[1]:.4f} points {sums[2]:.4f}, "
              f"{time.time() - then:.0f} s", flush=True)
        state = {"net": net.state_dict(), "smooth": smooth.state_dict(),
                 "optimiser": optimiser.state_dict(), "epoch": epoch}
        torch.save(state, a.checkpoint + ".new")
        os.replace(a.checkpoint + ".new", a.checkpoint)
        if epoch + 1 == a.epochs // 2:  # where a longer training would go on
            torch.save(state, a.checkpoint + ".level")
        if epoch % 8 == 7 or epoch == a.epochs - 1:
            print("  kept:", measure.line(measure.measure(smooth.eval(), kept)), flush=True)
    export.write(smooth.eval(), a.out)
    export.write_golden(smooth, a.golden)


if __name__ == "__main__":
    sys.exit(main())
