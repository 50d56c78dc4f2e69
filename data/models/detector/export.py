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

def fold(block):
    """Kernel [kh, kw, in, out] and bias of a convolution with its batch norm."""
    n = block.norm
    scale = n.weight / torch.sqrt(n.running_var + n.eps)
    kernel = block.conv.weight * scale[:, None, None, None]
    return kernel.permute(2, 3, 1, 0), n.bias - n.running_mean * scale


def plain(conv):
    return conv.weight.permute(2, 3, 1, 0), conv.bias


class Text:
    """The lines of a network's text, and the tensors they name."""

    def __init__(self, *lines):
        self.lines, self.tensors = list(lines), {}

    def conv(self, name, of, weights, stride=1, relu=True, shared=None):
        kernel, bias = weights
        size = kernel.shape[0]
        self.lines.append(f"{name} conv2d {of} filters={len(bias)} kernel={size}"
                          + (f" stride={stride}" if stride > 1 else "")
                          + (" padding=1" if size == 3 else "") + (" activation=relu" if relu else "")
                          + (f" weights={shared}" if shared else ""))
        if not shared:
            self.tensors[name + ".kernel"], self.tensors[name + ".bias"] = kernel, bias

    def neck(self, name, of, net):
        self.conv(name + "-less", of, fold(net.less))
        self.conv(name + "-mid", name + "-less", fold(net.mid))
        self.conv(name + "-more", name + "-mid", fold(net.more), relu=False)
        self.lines.append(f"{name} add {name}-more {of} activation=relu")

    def text(self):
        return "\n".join(self.lines) + "\n"


def describe(net):
    t = Text("# Faces at strides of 8, 16 and 32 pixels.  For each cell: score (a logit), box (centre",
             "# from the cell's, logarithms of sides / 4) and five points, in strides.",
             "network detector", "picture input size=256x320x3")
    conv, lines = t.conv, t.lines

    conv("stem1", "picture", fold(net.stem1), stride=2)
    conv("stem2", "stem1", fold(net.stem2), stride=2)
    conv("down8", "stem2", fold(net.down8), stride=2)
    conv("mid8", "down8", fold(net.mid8))
    conv("add8", "mid8", fold(net.out8), relu=False)
    lines.append("out8 add add8 down8 activation=relu")
    conv("down16", "out8", fold(net.down16), stride=2)
    conv("add16", "down16", fold(net.out16), relu=False)
    lines.append("out16 add add16 down16 activation=relu")
    t.neck("neck16a", "out16", net.neck16a)
    t.neck("neck16b", "neck16a", net.neck16b)
    conv("out32", "neck16b", fold(net.out32), stride=2)
    t.neck("neck32", "out32", net.neck32)
    lines += ["up32 upsample neck32 times=2", "sum16 add up32 neck16b",
              "up16 upsample sum16 times=2", "sum8 add up16 out8"]
    for of, stride in (("sum8", 8), ("sum16", 16), ("neck32", 32)):
        shared = stride > 8
        conv(f"head{stride}", of, plain(net.head), shared="head8" if shared else None)
        conv(f"map{stride}", f"head{stride}", plain(net.pred), relu=False,
             shared="map8" if shared else None)
    lines.append("maps maps map8 map16 map32")
    return t


def describe_points(net):
    t = Text("# Eyes, nose tip and corners of the mouth of the face in a crop, from its middle in halves",
             "# of its side.", "network points", "crop input size=64x64x3")
    t.conv("c1", "crop", fold(net.c1), stride=2)
    t.conv("c2", "c1", fold(net.c2), stride=2)
    t.conv("add3", "c2", fold(net.c3), relu=False)
    t.lines.append("c3 add add3 c2 activation=relu")
    t.conv("c4", "c3", fold(net.c4), stride=2)
    t.conv("add5", "c4", fold(net.c5), relu=False)
    t.lines.append("c5 add add5 c4 activation=relu")
    t.conv("c6", "c5", fold(net.c6), stride=2)
    t.conv("out", "c6", plain(net.out), relu=False)
    t.lines.append("points maps out")
    return t


def describe_confirm(net):
    t = Text("# Of a crop around a box: a logit (is it a face?), its box (centre from the crop's in halves of its",
             "# side, logarithms of half sides by the usual ones) and five points as the centre.",
             "network confirm", "crop input size=64x64x3")
    t.conv("c1", "crop", fold(net.c1), stride=2)
    t.conv("c2", "c1", fold(net.c2), stride=2)
    t.conv("add3", "c2", fold(net.c3), relu=False)
    t.lines.append("c3 add add3 c2 activation=relu")
    t.conv("c4", "c3", fold(net.c4), stride=2)
    t.conv("c5", "c4", fold(net.c5))
    t.conv("add6", "c5", fold(net.c6), relu=False)
    t.lines.append("c6 add add6 c4 activation=relu")
    t.conv("c7", "c6", fold(net.c7), stride=2)
    t.conv("add8", "c7", fold(net.c8), relu=False)
    t.lines.append("c8 add add8 c7 activation=relu")
    t.conv("out", "c8", plain(net.out), relu=False)
    t.lines.append("face maps out")
    return t


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


def read(net, path, x):
    """The weights of @path into @net, to go on training.  Batch norms were folded into the
    convolutions: they get the means and deviations of @x, and put out what the file's would."""
    with open(path, "rb") as f:
        header = json.loads(f.read(struct.unpack("<Q", f.read(8))[0]))
        values = np.frombuffer(f.read(), "<f4")
    header.pop("__metadata__", None)
    tensors = iter([values[o["data_offsets"][0] // 4:o["data_offsets"][1] // 4].reshape(o["shape"])
                    for o in header.values()])
    blocks = [m for m in net.modules() if isinstance(m, network.Block)]
    norm_of = {m.conv: m.norm for m in blocks}

    def measure(conv, _, y):
        n, bias = norm_of[conv], norm_of[conv].bias.clone()
        n.running_mean.copy_(y.mean((0, 2, 3)))
        n.running_var.copy_(y.var((0, 2, 3)))
        n.weight.copy_(torch.sqrt(n.running_var + n.eps))
        n.bias.copy_(n.running_mean + bias)

    with torch.no_grad():
        for m in net.modules():  # in the text's order
            if isinstance(m, torch.nn.Conv2d):
                m.weight.copy_(torch.tensor(next(tensors)).permute(3, 2, 0, 1))
                (norm_of[m] if m in norm_of else m).bias.copy_(torch.tensor(next(tensors)))
        hooks = [m.conv.register_forward_hook(measure) for m in blocks]
        net.eval()(x)
    for h in hooks:
        h.remove()


def write_golden(net, path):
    rgb = draw()
    with torch.no_grad():
        maps = net.double()(torch.from_numpy(rgb).double().permute(2, 0, 1)[None])
    # As the engine puts them out: one map behind the other, rows, columns, channels.
    flat = torch.cat([m[0].permute(1, 2, 0).reshape(-1) for m in maps])
    write_file(path, {}, {"picture": torch.from_numpy(rgb), "maps": flat})
    net.float()


def write(net, path):
    write_model(path, describe(net.float()), "rgb 256x320 /255",
                "Trained from nothing by data/models/detector/train.py on pictures of WIDER FACE and "
                "CelebA; see detector.md.")


def write_points(net, path):
    write_model(path, describe_points(net.float()), "rgb 64x64 /255",
                "Trained from nothing by data/models/detector/points.py on faces of WIDER FACE and "
                "CelebA; see detector.md.")


def write_confirm(net, path):
    write_model(path, describe_confirm(net.float()), "rgb 64x64 /255",
                "Trained from nothing by data/models/detector/confirm.py on faces of WIDER FACE and "
                "CelebA, and what the detector took for faces in their pictures; see detector.md.")


def write_crop_golden(net, path, name):
    """What a network of crops makes of the drawn face, as @name."""
    rgb = torch.from_numpy(np.ascontiguousarray(draw()[:, 30:94]))
    with torch.no_grad():
        out = net.double()(rgb.double().permute(2, 0, 1)[None])[0]
    write_file(path, {}, {"crop": rgb, name: out})
    net.float()


def write_model(path, t, preprocessing, trained):
    write_file(path, {"format": "likeness-model-1", "architecture": t.text(),
                      "preprocessing": preprocessing, "trained": trained}, t.tensors)


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
