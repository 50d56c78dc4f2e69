#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes a checkpoint as safetensors with core/nn's text, batch norm folded; and beside it
what the network makes of a drawn picture, for the golden test.

    ./export.py [checkpoint.pt [../detector.safetensors [../../../tests/golden/detector.safetensors]]]
"""
import json
import struct
import sys

import numpy as np
import torch

import network

TRAINED = ("Trained from nothing by data/models/detector/train.py on pictures of WIDER FACE and "
           "CelebA; see detector.md.")


def fold(block):
    """Kernel [kh, kw, in, out] and bias of a convolution with its batch norm."""
    n = block.norm
    scale = n.weight / torch.sqrt(n.running_var + n.eps)
    kernel = block.conv.weight * scale[:, None, None, None]
    return kernel.permute(2, 3, 1, 0), n.bias - n.running_mean * scale


def plain(conv):
    return conv.weight.permute(2, 3, 1, 0), conv.bias


def describe(net):
    """The text, and the tensors it names."""
    lines = ["# Faces at strides of 8, 16 and 32 pixels.  For each cell: score (a logit), box (centre",
             "# from the cell's, logarithms of sides / 4) and five points, in strides.",
             "network detector", "picture input size=256x320x3"]
    tensors = {}

    def conv(name, of, weights, size=3, stride=1, relu=True, shared=None):
        kernel, bias = weights
        lines.append(f"{name} conv2d {of} filters={len(bias)} kernel={size}"
                     + (f" stride={stride}" if stride > 1 else "")
                     + (" padding=1" if size == 3 else "") + (" activation=relu" if relu else "")
                     + (f" weights={shared}" if shared else ""))
        if not shared:
            tensors[name + ".kernel"], tensors[name + ".bias"] = kernel, bias

    conv("stem1", "picture", fold(net.stem1), stride=2)
    conv("stem2", "stem1", fold(net.stem2), stride=2)
    conv("down8", "stem2", fold(net.down8), stride=2)
    conv("mid8", "down8", fold(net.mid8))
    conv("add8", "mid8", fold(net.out8), relu=False)
    lines.append("out8 add add8 down8 activation=relu")
    conv("down16", "out8", fold(net.down16), stride=2)
    conv("add16", "down16", fold(net.out16), relu=False)
    lines.append("out16 add add16 down16 activation=relu")
    conv("out32", "out16", fold(net.out32), stride=2)
    lines += ["up32 upsample out32 times=2", "sum16 add up32 out16",
              "up16 upsample sum16 times=2", "sum8 add up16 out8"]
    for of, stride in (("sum8", 8), ("sum16", 16), ("out32", 32)):
        shared = stride > 8
        conv(f"head{stride}", of, plain(net.head), shared="head8" if shared else None)
        conv(f"map{stride}", f"head{stride}", plain(net.pred), 1, relu=False,
             shared="map8" if shared else None)
    lines.append("maps maps map8 map16 map32")
    return "\n".join(lines) + "\n", tensors


def draw():
    """A face as a child would, [64, 96, 3], 0 .. 1."""
    y, x = np.mgrid[0:64, 0:96].astype(np.float64) * 1.5
    rgb = np.stack([0.3 + 0.002 * x, 0.4 + 0.003 * y, 0.5 - 0.001 * x], 2)

    def spot(cx, cy, rx, ry, colour):
        inside = ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 < 1
        rgb[inside] = colour

    spot(62, 46, 26, 34, (0.45, 0.3, 0.2))   # hair
    spot(62, 50, 21, 28, (0.9, 0.7, 0.6))
    spot(54, 44, 4, 2.5, (0.2, 0.15, 0.1))
    spot(71, 44, 4, 2.5, (0.2, 0.15, 0.1))
    spot(62.5, 54, 3, 4, (0.8, 0.55, 0.45))
    spot(62.5, 65, 9, 3, (0.7, 0.25, 0.25))
    return rgb.astype(np.float32)


def write_golden(net, path):
    rgb = draw()
    with torch.no_grad():
        maps = net.double()(torch.from_numpy(rgb).double().permute(2, 0, 1)[None])
    # As the engine puts them out: one map behind the other, rows, columns, channels.
    flat = torch.cat([m[0].permute(1, 2, 0).reshape(-1) for m in maps])
    write_file(path, {}, {"picture": torch.from_numpy(rgb), "maps": flat})
    net.float()


def write(net, path):
    text, tensors = describe(net.float())
    write_file(path, {"format": "likeness-model-1", "architecture": text,
                      "preprocessing": "rgb 256x320 /255", "trained": TRAINED}, tensors)


def write_file(path, meta, tensors):
    header = {"__metadata__": meta}
    data = b""
    for name, t in tensors.items():
        raw = np.ascontiguousarray(t.detach().numpy().astype("<f4")).tobytes()
        header[name] = {"dtype": "F32", "shape": list(t.shape),
                        "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    head = json.dumps(header).encode()
    head += b" " * (-len(head) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(head)) + head + data)


if __name__ == "__main__":
    net = network.Detector()
    source = sys.argv[1] if len(sys.argv) > 1 else "checkpoint.pt"
    net.load_state_dict(torch.load(source, map_location="cpu")["smooth"])
    write(net.eval(), sys.argv[2] if len(sys.argv) > 2 else "../detector.safetensors")
    write_golden(net, sys.argv[3] if len(sys.argv) > 3 else "../../../tests/golden/detector.safetensors")
