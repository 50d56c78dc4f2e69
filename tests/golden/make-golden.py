#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the golden files beside it: what PyTorch computes for the networks below.

    usage: /usr/bin/python3 tests/golden/make-golden.py [NAME...]

Debian's python3-torch.  The small networks are worked out in float64, so that the files
say what the formulas give and the test's tolerances are about our float32 alone; the
full-size ones in float32, as PyTorch is used: over millions of maxima, float64 takes
other sides of near ties, and no float32 follows it.  Nothing here
calls the engine: the text is read again, dropout's places are drawn again, Adam is
written out as Keras has it.  Files are safetensors; arrays as the engine lays them
out (NHWC; kernels [kh, kw, in, out]).
"""
import json
import math
import pathlib
import struct
import sys

import numpy as np
import torch
import torch.nn.functional as F

HERE = pathlib.Path(__file__).parent
STEPS = 10
FULL_STEPS = 20
torch.set_default_dtype(torch.float64)
torch.set_num_threads(2)

# --- random numbers, as core/base/lk-random.h and core/nn/lk-elementwise.h define them

M64 = (1 << 64) - 1


def real(a):
    """An array that holds float32 values, in the precision in hand."""
    return torch.from_numpy(np.asarray(a, dtype=np.float32)).to(torch.get_default_dtype())


def splitmix(z):
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & M64
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & M64
    return z ^ (z >> 31)


class Xoshiro:
    def __init__(self, seed):
        self.s = [splitmix((seed + (i + 1) * 0x9E3779B97F4A7C15) & M64) for i in range(4)]

    def next(self):
        s, rotl = self.s, lambda x, k: ((x << k) | (x >> (64 - k))) & M64
        result, t = (rotl(s[1] * 5 & M64, 7) * 9) & M64, (s[1] << 17) & M64
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = rotl(s[3], 45)
        return result


def dropout_factor(shape, rate, key):
    n = int(np.prod(shape))
    i = np.arange(n, dtype=np.uint64)
    with np.errstate(over="ignore"):
        z = np.uint64(key) + (i >> np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    half = (z >> ((i & np.uint64(1)) * np.uint64(32))) & np.uint64(0xFFFFFFFF)
    keep = half >= np.uint64(int(float(np.float32(rate)) * 2**32))
    return real(keep.reshape(shape)) / (1 - rate)


def hash32(x):
    """An integer hash that the C test repeats, for what is too large to store."""
    x = np.asarray(x, dtype=np.uint32).copy()
    with np.errstate(over="ignore"):
        x ^= x >> np.uint32(16)
        x *= np.uint32(0x7FEB352D)
        x ^= x >> np.uint32(15)
        x *= np.uint32(0x846CA68B)
        x ^= x >> np.uint32(16)
    return x


# --- networks


class Network:
    def __init__(self, text):
        self.layers = []  # (name, op, input names, options)
        self.shapes = {}  # name -> (h, w, c) or (c,)
        self.params = []  # (name, shape, trainable, l2, limit)
        for line in text.splitlines():
            words = line.split("#")[0].split()
            if not words or words[0] == "network":
                continue
            name, op, rest = words[0], words[1], words[2:]
            options = dict(w.split("=") for w in rest if "=" in w)
            inputs = [w for w in rest if "=" not in w]
            self.add(name, op, inputs, options)
        self.offsets, at = {}, 0
        for p in self.params:
            self.offsets[p[0]] = at
            at += int(np.prod(p[1]))
        self.size = at

    def add(self, name, op, sources, o):
        x = self.shapes[sources[0]] if sources else None
        if op == "input":
            x = tuple(int(s) for s in o["size"].split("x"))
        elif op in ("conv2d", "maxpool"):
            k = int(o["kernel" if op == "conv2d" else "window"])
            s = int(o.get("stride", 1 if op == "conv2d" else k))
            same, zeros = o.get("padding") == "same", o.get("padding", "")
            zeros = int(zeros) if zeros.isdigit() else 0
            o["pads"] = [0, 0, 0, 0]
            sides = []
            for axis in (0, 1):
                if same:
                    out = -(-x[axis] // s)
                    total = max((out - 1) * s + k - x[axis], 0)
                    o["pads"][2 * (1 - axis) : 2 * (1 - axis) + 2] = [total // 2, total - total // 2]
                else:
                    out = (x[axis] + 2 * zeros - k) // s + 1
                    o["pads"][2 * (1 - axis) : 2 * (1 - axis) + 2] = [zeros, zeros]
                sides.append(out)
            c = int(o["filters"]) if op == "conv2d" else x[2]
            if op == "conv2d":
                self.weights(name, (k, k, x[2], c), o, k * k * (x[2] + c))
            x = (sides[0], sides[1], c)
        elif op == "dense":
            self.weights(name, (x[0], int(o["units"])), o, x[0] + int(o["units"]))
            x = (int(o["units"]),)
        elif op == "l1-head":
            self.weights(name, (x[0], 1), o, x[0] + 1)
            x = (1,)
        elif op == "batchnorm":
            for what in ("gamma", "beta", "mean", "variance"):
                self.params.append((f"{name}.{what}", (x[-1],), what in ("gamma", "beta"), 0, None))
        elif op == "flatten":
            x = (int(np.prod(x)),)
        self.shapes[name] = x
        self.layers.append((name, op, sources, o))

    def weights(self, name, shape, o, fans):
        self.params.append((name + ".kernel", shape, True, float(o.get("l2", 0)), math.sqrt(6 / fans)))
        if o.get("bias") != "none":
            self.params.append((name + ".bias", shape[-1:], True, 0, None))

    def trainable(self, name):
        return next(p[2] for p in self.params if p[0] == name)

    def split(self, flat):
        return {n: flat[self.offsets[n] : self.offsets[n] + int(np.prod(s))].reshape(s) for n, s, *_ in self.params}

    def forward(self, p, images, towers, training, random, kept=None):
        """Embeddings; running statistics in p change as Keras 2 changes them."""
        y = {}
        for name, op, sources, o in self.layers[:-1]:
            x = images if op == "input" else y[sources[0]]
            bias = p.get(name + ".bias", 0)
            if op == "conv2d":
                x = F.pad(x.permute(0, 3, 1, 2), o["pads"])
                x = F.conv2d(x, p[name + ".kernel"].permute(3, 2, 0, 1), stride=int(o.get("stride", 1)))
                x = x.permute(0, 2, 3, 1) + bias
            elif op == "dense":
                x = x @ p[name + ".kernel"] + bias
            elif op == "add":
                x = x + y[sources[1]]
            elif op == "normalize":
                x = x / torch.sqrt((x * x).sum(1, keepdim=True) + 1e-12)
            elif op == "maxpool":
                x = F.pad(x.permute(0, 3, 1, 2), o["pads"], value=-math.inf)
                x = F.max_pool2d(x, int(o["window"]), int(o.get("stride", o["window"]))).permute(0, 2, 3, 1)
            elif op == "batchnorm":
                x = self.batch_norm(p, name, x, towers if training else 0, o)
            elif op == "flatten":
                x = x.reshape(x.shape[0], -1)
            elif op == "dropout" and training and float(o["rate"]) > 0:
                x = x * dropout_factor(x.shape, float(o["rate"]), random.next())
            activation = op if op in ("relu", "sigmoid") else o.get("activation")
            x = torch.relu(x) if activation == "relu" else torch.sigmoid(x) if activation == "sigmoid" else x
            y[name] = x
            if kept is not None and op != "input":
                kept[name] = x.detach()
        return x

    def batch_norm(self, p, name, x, towers, o):
        axes, epsilon = tuple(range(x.dim() - 1)), float(o.get("epsilon", 1e-3))
        gamma, beta = p[name + ".gamma"], p[name + ".beta"]
        running_mean, running_variance = p[name + ".mean"], p[name + ".variance"]
        if towers == 0:
            return gamma * (x - running_mean) / torch.sqrt(running_variance + epsilon) + beta
        out, m = [], float(o.get("momentum", 0.99))
        for part in x.chunk(towers):
            rows = part.numel() // part.shape[-1]
            mean, variance = part.mean(axes), part.var(axes, unbiased=False)
            out.append(gamma * (part - mean) / torch.sqrt(variance + epsilon) + beta)
            with torch.no_grad():
                running_mean.mul_(m).add_((1 - m) * mean)
                running_variance.mul_(m).add_((1 - m) * variance * rows / (rows - 1))
        return torch.cat(out)

    def logits(self, p, e, pairs):
        name = self.layers[-1][0]
        d = torch.abs(e[pairs[:, 0]] - e[pairs[:, 1]]) + 1e-6
        return (d @ p[name + ".kernel"])[:, 0] + p[name + ".bias"][0]

    def penalty(self, p):
        return sum((l2 * (p[n] ** 2).sum() for n, _, _, l2, _ in self.params if l2), torch.zeros(()))


def cross_entropy(z, pairs):
    return F.binary_cross_entropy_with_logits(z, pairs[:, 2].to(z.dtype))


class Adam:
    """Keras' formula, not PyTorch's: epsilon is added to the uncorrected root of v."""

    def __init__(self, n):
        self.m, self.v, self.t = torch.zeros(n), torch.zeros(n), 0

    def step(self, w, g, rate):
        self.t += 1
        self.m += (g - self.m) * (1 - 0.9)
        self.v += (g * g - self.v) * (1 - 0.999)
        w -= rate * math.sqrt(1 - 0.999**self.t) / (1 - 0.9**self.t) * self.m / (torch.sqrt(self.v) + 1e-7)


def train(network, flat, images, pairs, rate, clip, seed, first, steps=STEPS):
    """Trains for so many steps; flat changes; returns the losses.  @first gets the first step."""
    random, adam, losses = Xoshiro(seed), Adam(network.size), []
    trainable = torch.cat([torch.full((int(np.prod(s)),), float(t)) for _, s, t, *_ in network.params])
    for step in range(steps):
        w = flat.clone().requires_grad_(True)
        p = network.split(w)
        for name, _, is_trained, *_ in network.params:
            if not is_trained:
                p[name] = p[name].detach().clone()
        kept = {} if step == 0 else None
        e = network.forward(p, images, 2, True, random, kept)
        e.retain_grad()
        z = network.logits(p, e, pairs)
        loss, penalty = cross_entropy(z, pairs), network.penalty(p)
        if kept is not None:
            loss.backward(retain_graph=True)
            first.update({f"activation.{n}": a for n, a in kept.items()})
            first["d_embedding"] = e.grad.clone()
            first["grads"] = w.grad.clone() * trainable
            first["loss"] = torch.stack([loss.detach(), penalty.detach()])
            first["scores"] = torch.sigmoid(z.detach())
            w.grad = None
        (loss + penalty).backward()
        with torch.no_grad():
            for name, s, is_trained, *_ in network.params:
                if not is_trained:
                    at = network.offsets[name]
                    flat[at : at + int(np.prod(s))] = p[name].reshape(-1)
            g = w.grad * trainable
            adam.step(flat, g.clamp(-clip, clip) if clip else g, rate(step))
        losses.append(float(loss + penalty))
        print(f"  step {step}: {losses[-1]:.6f}", flush=True)
    return losses


# --- files


def write(name, tensors, meta):
    header, blobs, at = {"__metadata__": meta}, [], 0
    for key, t in tensors.items():
        a = t.detach().numpy() if torch.is_tensor(t) else np.asarray(t)
        a = a.astype("<i8" if a.dtype.kind == "i" else "<f4")
        header[key] = {"dtype": "I64" if a.dtype.kind == "i" else "F32", "shape": list(a.shape),
                       "data_offsets": [at, at + a.nbytes]}
        blobs.append(a.tobytes())
        at += a.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    (HERE / f"{name}.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + b"".join(blobs))
    print(f"{name}: {8 + len(text) + at} bytes")


PAIRS = np.array([[0, 3, 1], [1, 4, 0], [2, 5, 1]])


def small(name, layers, size="9x8x2", rate=1e-3, clip=0):
    """Everything of a small network: stored whole."""
    text = f"network {name}\ni input size={size}\n{layers}"
    network, rng = Network(text), np.random.default_rng(abs(hash32([sum(name.encode())])[0]))
    flat = []
    for key, shape, _, _, limit in network.params:
        what, n = key.split(".")[1], int(np.prod(shape))
        flat.append({"kernel": lambda: rng.uniform(-1, 1, n) * limit,
                     "bias": lambda: rng.uniform(-0.2, 0.2, n),
                     "gamma": lambda: rng.uniform(0.5, 1.5, n),
                     "beta": lambda: rng.uniform(-0.5, 0.5, n),
                     "mean": lambda: rng.uniform(-0.5, 0.5, n),
                     "variance": lambda: rng.uniform(0.5, 1.5, n)}[what]())
    flat = real(np.concatenate(flat))
    h, w, c = network.shapes["i"]
    images = real(rng.integers(0, 256, (6, h, w, c)) / 255)
    pairs = torch.from_numpy(PAIRS)
    out = {"images": images, "pairs": PAIRS, "params": flat.clone()}
    out["losses"] = np.array(train(network, flat, images, pairs, lambda _: rate, clip, 77, out))
    out["params_after"] = flat
    with torch.no_grad():
        out["embedding_after"] = network.forward(network.split(flat), images, 2, False, None)
    write(name, out, {"architecture": text, "rate": repr(rate), "clip": repr(clip), "seed": "77"})


def full(name, rate, clip):
    """A network of data/models: parameters and pictures by hash32(), few numbers stored."""
    torch.set_default_dtype(torch.float32)
    network = Network((HERE / f"../../data/models/{name}.net").read_text())
    flat = np.zeros(network.size, dtype=np.float32)
    for key, shape, _, _, limit in network.params:
        at, n, what = network.offsets[key], int(np.prod(shape)), key.split(".")[1]
        u = (hash32(np.arange(at, at + n)) >> 8).astype(np.float32) / np.float32(1 << 23) - np.float32(1)
        scale = {"kernel": limit, "bias": 0.01}.get(what, 0)
        flat[at : at + n] = u * np.float32(scale) + np.float32(what in ("gamma", "variance"))
    h, w, c = network.shapes[network.layers[0][0]]
    picture, y, x, k = np.meshgrid(np.arange(8), np.arange(h), np.arange(w), np.arange(c), indexing="ij")
    fine = hash32(((picture * h + y) * w + x) * c + k + 1000000) & 255
    coarse = hash32(((picture * 10 + y // 10) * 10 + x // 10) * c + k) & 255
    images = ((coarse * 3 + fine) // 4).astype(np.float32) / np.float32(255)
    images, flat = real(images), real(flat)
    pairs = np.array([[0, 4, 1], [1, 5, 0], [2, 6, 1], [3, 7, 0]])
    first = {}
    losses = train(network, flat, images, torch.from_numpy(pairs), rate, clip, 77, first, FULL_STEPS)
    with torch.no_grad():
        after = network.forward(network.split(flat), images, 2, False, None)
    out = {"pairs": pairs, "losses": np.array(losses), "scores": first["scores"]}
    for key, e in (("embedding", first["activation.embedding"]), ("embedding_after", after)):
        e = e.double()
        out[key + ".first"], out[key + ".sum"], out[key + ".squares"] = e[:, :16], e.sum(1), (e * e).sum(1)
    for n, a in ((key, first["grads"][network.offsets[key] :][: int(np.prod(s))]) for key, s, *_ in network.params):
        a = a.double()
        if network.trainable(n):
            out["norm." + n], out["peak." + n] = (a * a).sum().sqrt().reshape(1), a.abs().max().reshape(1)
    write("full-" + name, out, {"clip": repr(clip), "seed": "77"})
    torch.set_default_dtype(torch.float64)


def losses_case():
    """The losses over plain vectors."""
    rng = np.random.default_rng(5)
    e0 = rng.uniform(0, 1, (8, 37)).astype(np.float32).astype(np.float64)
    pairs = torch.from_numpy(np.array([[0, 1, 1], [0, 2, 0], [3, 4, 0], [1, 3, 1], [6, 5, 0], [7, 2, 0]]))
    triplets = torch.from_numpy(np.array([[0, 1, 2], [3, 4, 1], [2, 0, 4], [1, 0, 3], [5, 6, 7], [7, 1, 0]]))
    out = {"embeddings": e0, "pairs": pairs, "triplets": triplets}

    def far(e, a, b):
        return torch.sqrt(((e[a] - e[b]) ** 2).sum(1))

    def contrastive(e):
        d, y = far(e, pairs[:, 0], pairs[:, 1]), pairs[:, 2].double()
        return (y * d**2 + (1 - y) * torch.clamp(2.5 - d, min=0) ** 2).mean()

    def triplet(e):
        return F.triplet_margin_loss(e[triplets[:, 0]], e[triplets[:, 1]], e[triplets[:, 2]], margin=0.1, eps=0)

    people = torch.from_numpy(np.array([0, 0, 1, 1, 0, 1, 2, 2]))
    targets = torch.from_numpy(rng.uniform(0, 1, (8, 37)).astype(np.float32).astype(np.float64))
    out["people"], out["targets"] = people[:, None].expand(8, 3), targets

    def circle(e):
        """Sun et al., CVPR 2020: m 0.25, gamma 16; every row is an anchor."""
        u, total = F.normalize(e), []
        s = u @ u.T
        for i in range(8):
            same, other = people == people[i], people != people[i]
            same[i] = False
            sp, sn = s[i][same], s[i][other]
            ap, an = torch.relu(1.25 - sp).detach(), torch.relu(sn + 0.25).detach()
            total.append(F.softplus(torch.logsumexp(16 * an * (sn - 0.25), 0) + torch.logsumexp(-16 * ap * (sp - 0.75), 0)))
        return torch.stack(total).mean()

    def cosine(e):
        return (1 - F.cosine_similarity(e, targets)).mean()

    def squared(e):
        return ((e - targets) ** 2).sum(1).mean()

    # Row 5 does not count, classes 0 and 3 are left out of each other's sums, and centre 1 is
    # nearly opposite to its row 2, where the margin goes beyond pi.
    c0 = np.random.default_rng(6).uniform(-1, 1, (4, 37)).astype(np.float32).astype(np.float64)
    c0[1] = (-e0[2] + 0.05 * c0[1]).astype(np.float32)
    classes = [0, 1, 1, 3, 2, -1, 0, 3]
    out["centres"], out["classes"] = c0, torch.tensor(classes)[:, None].expand(8, 3)

    def arcface(e, centres):
        """Deng et al., CVPR 2019, equation 3: m 0.5, s 16."""
        cosines, total = F.normalize(e) @ F.normalize(centres).T, []
        for i, y in enumerate(classes):
            if y < 0:
                continue
            own, row = cosines[i, y], []
            own = torch.cos(torch.acos(own) + 0.5) if own > np.cos(np.pi - 0.5) else own - 0.5 * np.sin(0.5)
            for j in range(4):
                if j == y or {j, y} != {0, 3}:
                    row.append(16 * (own if j == y else cosines[i, j]))
            total.append(torch.logsumexp(torch.stack(row), 0) - 16 * own)
        return torch.stack(total).mean()

    e, c = (torch.from_numpy(a.copy()).requires_grad_(True) for a in (e0, c0))
    value = arcface(e, c)
    value.backward()
    out["arcface"], out["arcface.gradient"], out["arcface.centres"] = value.detach().reshape(1), e.grad, c.grad

    for name, loss in (("contrastive", contrastive), ("triplet", triplet), ("circle", circle),
                       ("cosine", cosine), ("squared", squared)):
        e = torch.from_numpy(e0.copy()).requires_grad_(True)
        value = loss(e)
        value.backward()
        out[name], out[name + ".gradient"] = value.detach().reshape(1), e.grad
    write("losses", out, {"contrastive-margin": "2.5", "triplet-margin": "0.1", "circle-margin": "0.25", "circle-scale": "16"})


def orthogonalise(m):
    """The source's five steps, with the long matrix itself."""
    x = m / (m.norm() + 1e-7)
    for _ in range(5):
        a = x @ x.T if x.shape[0] <= x.shape[1] else x.T @ x
        p = -4.7750 * a + 2.0315 * a @ a
        x = 3.4445 * x + (p @ x if x.shape[0] <= x.shape[1] else x @ p)
    return x


MUON = """network muon
i input size=6x6x2
a conv2d i filters=5 kernel=2
b conv2d a filters=7 kernel=3 l2=0.01
f flatten b
c dense f units=9
d dense c units=20
e dense d units=20
s l1-head e
"""


def muon_case():
    """Steps of the optimiser alone, along drawn gradients."""
    network, rng = Network(MUON), np.random.default_rng(6)
    rate, decay, momentum, steps = 0.02, 0.5, 0.95, 6
    flat, grads = real(rng.uniform(-1, 1, network.size)), real(rng.normal(0, 0.3, (steps, network.size)))
    out = {"params": flat.clone(), "grads": grads}
    adam = Adam(network.size)
    m = torch.zeros(network.size)
    for step in range(steps):
        before, g = flat.clone(), grads[step].clone()
        for name, shape, _, l2, _ in network.params:
            at, n = network.offsets[name], int(np.prod(shape))
            g[at : at + n] += 2 * l2 * before[at : at + n]
        adam.step(flat, g, rate)
        m += (1 - momentum) * (g - m)
        for name, shape, *_ in network.params:
            if not name.endswith(".kernel") or name in ("a.kernel", "s.kernel"):
                continue
            at, n = network.offsets[name], int(np.prod(shape))
            u = (g + momentum * (m - g))[at : at + n].reshape(-1, shape[-1])
            u = orthogonalise(u) * 0.2 * math.sqrt(max(u.shape))
            flat[at : at + n] = before[at : at + n] * (1 - rate * decay) - rate * u.reshape(-1)
    out["params_after"] = flat
    write("muon", out, {"architecture": MUON, "rate": repr(rate), "decay": repr(decay)})


# No layer ends in a plain sum whose bias the head's difference or a batch norm cancels: its
# gradient would be 0 and Adam would follow the rounding.
TAIL = "f flatten x\ns l1-head f\n"
CASES = {
    "conv": "a conv2d i filters=5 kernel=3 activation=relu\nb conv2d a filters=4 kernel=4 padding=same "
    "activation=sigmoid\nx conv2d b filters=3 kernel=3 stride=2 "
    "padding=same activation=sigmoid\n" + TAIL,
    "conv-stride": "a conv2d i filters=4 kernel=2 stride=2\nx conv2d a filters=5 kernel=1 stride=3 l2=0.02 "
    "activation=sigmoid\n" + TAIL,
    "maxpool": "a conv2d i filters=4 kernel=2 activation=relu\nb maxpool a window=2 stride=2 padding=same\n"
    "c conv2d b filters=5 kernel=2 activation=relu\nd maxpool c window=3 stride=1\nx sigmoid d\n" + TAIL,
    "maxpool-wide": "a conv2d i filters=4 kernel=2 activation=relu\nb maxpool a window=64 stride=2 padding=same\n"
    "x conv2d b filters=5 kernel=2 activation=sigmoid\n" + TAIL,
    "batchnorm": "a conv2d i filters=4 kernel=3 activation=relu\nb batchnorm a\nc conv2d b filters=3 kernel=3 "
    "activation=relu\n"
    "d batchnorm c momentum=0.9 epsilon=1e-5\nx relu d\n" + TAIL,
    "dropout": "a conv2d i filters=4 kernel=3 activation=relu\nb dropout a rate=0.3\nc conv2d b filters=4 kernel=2\n"
    "d sigmoid c\nx dropout d rate=0.5\n" + TAIL,
    "add": "a conv2d i filters=4 kernel=3 padding=1 activation=relu\nb conv2d a filters=4 kernel=2 padding=same "
    "activation=sigmoid\nc add a b\nd relu c\ng add d c\nx add g g activation=relu\n" + TAIL,
    "normalize": "f flatten i\na dense f units=9 activation=relu\nb normalize a\nc dense b units=8\n"
    "e normalize c\ns l1-head e\n",
    "dense": "f flatten i\na dense f units=9 activation=relu l2=0.01\nb dropout a rate=0.25\nc dense b units=8 "
    "activation=sigmoid\nd batchnorm c\ne dense d units=6 activation=sigmoid\ns l1-head e l2=0.005\n",
}
SIAMESE = """a conv2d i filters=4 kernel=5 activation=relu
b maxpool a window={0} stride=2 padding=same
c conv2d b filters=5 kernel=4 activation=relu
d maxpool c window={0} stride=2 padding=same
e conv2d d filters=5 kernel=2 activation=relu
g maxpool e window={0} stride=2 padding=same
h conv2d g filters=6 kernel=2 activation=relu
f flatten h
embedding dense f units=24 activation=sigmoid
s l1-head embedding
"""
SIAMESE_BN = """a conv2d i filters=4 kernel=5 activation=relu l2=0.01
n batchnorm a
b maxpool n window=2 stride=2 padding=same
p dropout b rate=0.3
c conv2d p filters=5 kernel=3 activation=relu
d maxpool c window=2 stride=2 padding=same
q dropout d rate=0.3
e conv2d q filters=5 kernel=3 activation=relu
g maxpool e window=2 stride=2 padding=same
r dropout g rate=0.3
h conv2d r filters=6 kernel=2 activation=relu
f flatten h
embedding dense f units=24 activation=sigmoid
s l1-head embedding
"""
# Blocks with the input added, with a shortcut of its own, sizes that halve unevenly; batch
# norms behind sums and before the embedding, which is of unit length.
RESIDUAL = """a conv2d i filters=6 kernel=3 stride=2 padding=1 bias=none
an batchnorm a activation=relu
b1 conv2d an filters=6 kernel=3 padding=1 bias=none l2=0.001
bn1 batchnorm b1 activation=relu
b2 conv2d bn1 filters=6 kernel=3 padding=1 bias=none
bn2 batchnorm b2
b add bn2 an activation=relu
c1 conv2d b filters=8 kernel=3 stride=2 padding=1 bias=none
cn1 batchnorm c1 activation=relu
c2 conv2d cn1 filters=8 kernel=3 padding=1 bias=none
cn2 batchnorm c2
c3 conv2d b filters=8 kernel=1 stride=2 bias=none
cn3 batchnorm c3
c add cn2 cn3 activation=relu
d conv2d c filters=8 kernel=3 stride=2 padding=1 activation=relu
f flatten d
g dense f units=12 bias=none
gn batchnorm g
embedding normalize gn
s l1-head embedding
"""

jobs = {f"layer-{n}": (lambda n=n, t=t: small("layer-" + n, t)) for n, t in CASES.items()}
jobs["small-siamese"] = lambda: small("small-siamese", SIAMESE.format(2), "28x26x3")
jobs["small-siamese-pool64"] = lambda: small("small-siamese-pool64", SIAMESE.format(64), "28x26x3")
jobs["small-siamese-bn"] = lambda: small("small-siamese-bn", SIAMESE_BN, "28x26x3", clip=0.02)
jobs["small-residual"] = lambda: small("small-residual", RESIDUAL, "21x19x3")
jobs["losses"] = losses_case
jobs["muon"] = muon_case
jobs["full-siamese"] = lambda: full("siamese", lambda _: 1e-4, 0)
jobs["full-siamese-bn"] = lambda: full("siamese-bn", lambda step: 5e-5 * 0.97 ** (step / 200), 1)

for job in sys.argv[1:] or jobs:
    jobs[job]()
