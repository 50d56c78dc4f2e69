# SPDX-License-Identifier: GPL-3.0-or-later
"""Muon, its rate, the mean of the weights, batches used twice."""
import copy
import os

import torch


class Muon(torch.optim.Optimizer):
    """Momentum whose matrix is made orthogonal, for kernels: in as many steps it comes further
    than AdamW.  K. Jordan et al., "Muon: An optimizer for hidden layers in neural networks",
    2024; the step's size and decay after J. Liu et al., "Muon is Scalable for LLM Training",
    2025, section 2.2."""

    def __init__(self, params, lr, weight_decay, momentum=0.95):
        super().__init__(params, dict(lr=lr, weight_decay=weight_decay, momentum=momentum))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for q in group["params"]:
                state = self.state[q]
                if not state:
                    state["momentum"] = torch.zeros_like(q)
                state["momentum"].lerp_(q.grad, 1 - group["momentum"])
                m = q.grad.lerp(state["momentum"], group["momentum"]).reshape(len(q), -1)
                # Newton-Schulz: all singular values to about 1.
                m = m / (m.norm() + 1e-7)
                turned = m.shape[0] > m.shape[1]
                m = m.T if turned else m
                for _ in range(5):
                    g = m @ m.T
                    m = 3.4445 * m + (-4.7750 * g + 2.0315 * g @ g) @ m
                m = m.T if turned else m
                q.mul_(1 - group["lr"] * group["weight_decay"])
                q.add_(m.reshape(q.shape), alpha=-group["lr"] * 0.2 * max(m.shape) ** 0.5)


class Training:
    """A network with its optimisers (Muon for kernels, AdamW for the last one and all that is no
    matrix), the mean of its weights over the last steps, and its checkpoint."""

    def __init__(self, net, last, rate, steps, checkpoint):
        self.net, self.rate, self.steps, self.checkpoint, self.step = net, rate, steps, checkpoint, 0
        kernels = [q for q in net.parameters() if q.ndim > 1 and q is not last]
        others = [q for q in net.parameters() if q.ndim <= 1 or q is last]
        self.optimisers = [Muon(kernels, lr=rate, weight_decay=0.02),
                           torch.optim.AdamW(others, lr=rate, weight_decay=0)]
        self.smooth = copy.deepcopy(net)
        self.epoch = 0
        if os.path.exists(checkpoint):
            state = torch.load(checkpoint)
            net.load_state_dict(state["net"])
            self.smooth.load_state_dict(state["smooth"])
            for o, s in zip(self.optimisers, state["optimisers"]):
                o.load_state_dict(s)
            self.epoch, self.step = state["epoch"] + 1, state["step"]

    def update(self, loss):
        # Straight down to nothing.
        rate = self.rate * min(1, (self.step + 1) / 100) * max(0, 1 - self.step / self.steps)
        self.net.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 10)
        for o in self.optimisers:
            o.param_groups[0]["lr"] = rate
            o.step()
        if self.step % 4 == 3:
            keep = min(0.992, self.step / (self.step + 50.0))
            with torch.no_grad():
                for s, q in zip(self.smooth.state_dict().values(), self.net.state_dict().values()):
                    s.mul_(keep).add_(q, alpha=1 - keep) if s.is_floating_point() else s.copy_(q)
        self.step += 1

    def save(self):
        state = {"net": self.net.state_dict(), "smooth": self.smooth.state_dict(), "epoch": self.epoch,
                 "step": self.step, "optimisers": [o.state_dict() for o in self.optimisers]}
        torch.save(state, self.checkpoint + ".new")
        os.replace(self.checkpoint + ".new", self.checkpoint)
        self.epoch += 1


def twice(loader, mirrored, behind=12):
    """Each batch, and some batches later its mirror image: drawing one costs as much as half a step."""
    waiting = []
    for batch in loader:
        yield batch
        waiting.append(batch)
        if len(waiting) > behind:
            yield mirrored(*waiting.pop(0))
    for batch in waiting:
        yield mirrored(*batch)


def ready(x):
    """[n, h, w, 3] bytes as the networks take them."""
    return x.permute(0, 3, 1, 2).float().div_(255).contiguous(memory_format=torch.channels_last)
