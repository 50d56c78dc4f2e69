# SPDX-License-Identifier: GPL-3.0-or-later
"""The detector's network, its text for core/nn, and its decoding."""
import torch
import torch.nn as nn
import torch.nn.functional as F

STRIDES = (8, 16, 32)
OUTPUTS = 15  # score, box (x, y, w, h), five points (x, y)


class Block(nn.Module):
    """Convolution, batch norm, ReLU; with a sum before the ReLU if asked."""

    def __init__(self, i, o, stride=1, size=3):
        super().__init__()
        self.conv = nn.Conv2d(i, o, size, stride, size // 2, bias=False)
        self.norm = nn.BatchNorm2d(o, momentum=0.03)

    def forward(self, x, other=None):
        y = self.norm(self.conv(x))
        return F.relu(y if other is None else y + other, inplace=True)


class Neck(nn.Module):
    """A residual block through fewer channels: K. He et al., "Deep Residual Learning for Image
    Recognition", CVPR 2016, figure 5.  It begins as nothing."""

    def __init__(self, n, inner):
        super().__init__()
        self.less = Block(n, inner, size=1)
        self.mid = Block(inner, inner)
        self.more = Block(inner, n, size=1)
        nn.init.zeros_(self.more.norm.weight)

    def forward(self, x):
        return self.more(self.mid(self.less(x)), x)


class Detector(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem1 = Block(3, 16, 2)
        self.stem2 = Block(16, 32, 2)
        self.down8 = Block(32, 48, 2)
        self.mid8 = Block(48, 48)
        self.out8 = Block(48, 48)
        self.down16 = Block(48, 48, 2)
        self.out16 = Block(48, 48)
        self.neck16a = Neck(48, 24)
        self.neck16b = Neck(48, 24)
        self.out32 = Block(48, 48, 2)
        self.neck32 = Neck(48, 24)
        # One head for all strides, so no batch norm: its statistics would differ.
        self.head = nn.Conv2d(48, 32, 3, 1, 1)
        self.pred = nn.Conv2d(32, OUTPUTS, 1)
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")
        nn.init.normal_(self.pred.weight, std=0.01)
        nn.init.zeros_(self.head.bias)
        nn.init.zeros_(self.pred.bias)
        self.pred.bias.data[0] = -4.0

    def forward(self, x):
        c8 = self.down8(self.stem2(self.stem1(x)))
        c8 = self.out8(self.mid8(c8), c8)
        c16 = self.down16(c8)
        c16 = self.neck16b(self.neck16a(self.out16(c16, c16)))
        p32 = self.neck32(self.out32(c16))
        p16 = c16 + F.interpolate(p32, scale_factor=2, mode="nearest")
        p8 = c8 + F.interpolate(p16, scale_factor=2, mode="nearest")
        return [self.pred(F.relu(self.head(p))) for p in (p8, p16, p32)]


def cells(maps):
    """Centres and strides of all cells, [n, 3], and the outputs, [batch, n, 15]."""
    place, values = [], []
    for stride, m in zip(STRIDES, maps):
        h, w = m.shape[2:]
        y, x = torch.meshgrid(torch.arange(h) + 0.5, torch.arange(w) + 0.5, indexing="ij")
        place.append(torch.stack([x * stride, y * stride, torch.full_like(x, stride)], 2).reshape(-1, 3))
        values.append(m.permute(0, 2, 3, 1).reshape(m.shape[0], -1, OUTPUTS))
    return torch.cat(place), torch.cat(values, 1)


def decode(place, values):
    """Boxes [.., n, 4] as corners and points [.., n, 10], in pixels."""
    stride = place[:, 2:]
    centre = place[:, :2] + values[..., 1:3] * stride
    half = values[..., 3:5].clamp(-6, 6).exp() * stride * 2
    points = values[..., 5:15] * stride
    points = points + place[:, :2].repeat(1, 5)
    return torch.cat([centre - half, centre + half], -1), points
