"""Draws pictures of people who do not exist: enough for a network to tell them apart.

Written as BMP, which needs no library.
"""
import pathlib
import random
import struct

import numpy as np

# Skin, hair, background and the shape of face, eyes and mouth.
PEOPLE = {
    "Ada": ((226, 178, 140), (70, 45, 30), (90, 130, 170), 0.74, 0.16, 0.10),
    "Bob": ((120, 82, 60), (15, 15, 15), (190, 190, 180), 0.95, 0.20, 0.20),
    "Eve": ((245, 215, 200), (200, 90, 40), (60, 110, 70), 0.82, 0.13, 0.15),
    "Kim": ((205, 160, 110), (120, 120, 125), (150, 90, 110), 0.68, 0.18, 0.07),
}


def draw(person, seed, width=320, height=240):
    """One picture, [height, width, 3] bytes: the face fills the guide frame."""
    skin, hair, back, shape, eyes, mouth = PEOPLE[person]
    r = random.Random(f"{person} {seed}")
    side = min(width, height) * 250 / 480
    x0 = width / 2 + r.uniform(-0.05, 0.05) * side
    y0 = height / 2 + r.uniform(-0.05, 0.05) * side
    size = side * r.uniform(0.42, 0.48)
    light = r.uniform(0.85, 1.1)
    y, x = np.mgrid[0:height, 0:width].astype(float)
    u, v = (x - x0) / size, (y - y0) / size
    picture = np.empty((height, width, 3))
    picture[:] = back

    def paint(mask, colour):
        picture[mask] = colour

    paint((u / shape / 1.12) ** 2 + ((v + 0.12) / 1.1) ** 2 < 1, hair)
    paint((u / shape) ** 2 + ((v - 0.08) / 0.95) ** 2 < 1, skin)
    for left in (-1, 1):
        paint(((u - left * 0.33) / eyes) ** 2 + ((v + 0.1) / (eyes * 0.6)) ** 2 < 1, (250, 250, 250))
        paint((u - left * 0.33) ** 2 + (v + 0.1) ** 2 < (eyes * 0.45) ** 2, (30, 40, 50))
    paint((abs(u) < 0.07) & (v > 0) & (v < 0.3), tuple(c * 0.8 for c in skin))
    paint((u / 0.32) ** 2 + ((v - 0.5) / mouth) ** 2 < 1, (170, 60, 60))
    noise = np.random.default_rng(r.randrange(2 ** 32)).normal(0, 4, picture.shape)
    return np.clip(picture * light + noise, 0, 255).astype(np.uint8)


def spoil(picture, how):
    """The same picture, with something wrong with it."""
    height, width, _ = picture.shape
    if how == "dark":
        return (picture * 0.05).astype(np.uint8)
    if how == "cut":
        return np.ascontiguousarray(np.roll(picture, width * 3 // 8, axis=1)[:, width // 4:width * 31 // 32])
    if how == "several":
        return np.hstack([picture[:, width // 5:width * 4 // 5]] * 2)
    if how == "blurred":
        n, out = 31, picture.astype(int)
        for axis in (0, 1):
            pad = [(n, 0) if i == axis else (0, 0) for i in range(3)]
            sums = np.moveaxis(np.cumsum(np.pad(out, pad, "edge"), axis=axis), axis, 0)
            out = np.moveaxis((sums[n:] - sums[:-n]) // n, 0, axis)
        return out.astype(np.uint8)
    if how == "nobody":
        return np.full_like(picture, 128)
    raise ValueError(how)


def write_bmp(path, picture):
    height, width, _ = picture.shape
    stride = (3 * width + 3) // 4 * 4
    rows = np.zeros((height, stride), np.uint8)
    rows[:, :3 * width] = picture[::-1, :, ::-1].reshape(height, 3 * width)
    header = struct.pack("<2sIHHIIiiHHIIiiII", b"BM", 54 + rows.size, 0, 0, 54, 40, width, height,
                         1, 24, 0, rows.size, 2835, 2835, 0, 0)
    pathlib.Path(path).write_bytes(header + rows.tobytes())


def write_folder(folder, person, count, first=0, width=320, height=240):
    """count pictures of a person into a folder; returns it."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(first, first + count):
        write_bmp(folder / f"{person}_{i:04}.bmp", draw(person, i, width, height))
    return folder
