"""Somebody before the camera who can turn the head, or holds up a picture of a face.

A thread writes one picture anew, thirty times a second, that the file camera plays: with noise of its own each time, as
a camera's have, and never quite at rest.
"""
import json
import threading
import time

import driver
import faces
import numpy as np

SPEED = 90  # degrees a second
REACH = 40
SECONDS = 1 / 30
PEOPLE = driver.FACES / "people"


def sample(image, x, y):
    """The pixels of image [h, w, 3] at x and y [h, w], in between by straight lines."""
    height, width, _ = image.shape
    x, y = np.clip(x, 0, width - 1.001), np.clip(y, 0, height - 1.001)
    u, v = x.astype(int), y.astype(int)
    a, b = (x - u)[..., None], (y - v)[..., None]
    return (1 - b) * ((1 - a) * image[v, u] + a * image[v, u + 1]) + b * ((1 - a) * image[v + 1, u] + a * image[v + 1, u + 1])


def find(likeness, path):
    """The picture, [h, w, 3], its face's five points, and how far it is turned to the picture's right."""
    row = json.loads(likeness.run("detect", "--json", str(path)).splitlines()[0])
    ppm = driver.subprocess.run(["convert", str(path), "-depth", "8", "ppm:-"], check=True, capture_output=True).stdout
    _, size, _, pixels = ppm.split(b"\n", 3)
    width, height = map(int, size.split())
    points = np.array(row["faces"][row["chosen"]]["points"])
    sign = 1 if points[2, 0] > points[:2, 0].mean() else -1
    return np.frombuffer(pixels, np.uint8).reshape(height, width, 3).astype(float), points, sign * row["quality"]["yaw"]


def played(likeness, session):
    """Views of a head that turned, by degrees: what there is of it in the frames of a session of real video, from the
    straightest to the one that is turned most; and for the other side their mirror images."""
    frames = sorted((find(likeness, path) for path in session.glob("*.jpg")), key=lambda frame: frame[2])
    straight = min(range(len(frames)), key=lambda i: abs(frames[i][2]))
    ways = [frames[straight:], frames[straight::-1]]
    way = max(ways, key=lambda way: abs(way[-1][2] - way[0][2]))
    views = {}
    for image, _, yaw in way:
        turned = abs(yaw - way[0][2])
        views[turned] = image if yaw >= way[0][2] else image[:, ::-1]
        views[-turned] = views[turned][:, ::-1]
    return views


def turned_print(likeness, session):
    """Views of the session's straightest frame on flat paper that is turned, held before the camera at eight times the
    distance of the eyes."""
    image, points, _ = min((find(likeness, path) for path in session.glob("*.jpg")), key=lambda frame: abs(frame[2]))
    return {degrees: turn_paper(image, points, 1.6 * degrees) for degrees in range(-REACH, REACH + 1, 2)}


def turn_paper(image, points, degrees):
    eyes, t = np.linalg.norm(points[1] - points[0]), np.radians(degrees)
    middle = points.mean(axis=0)
    v, u = np.mgrid[0:image.shape[0], 0:image.shape[1]].astype(float)
    at, down = (u - middle[0]) / eyes, (v - middle[1]) / eyes
    dx = at / (np.cos(t) + at / 8 * np.sin(t))
    near = 1 - dx * np.sin(t) / 8
    return sample(image, middle[0] + eyes * dx, middle[1] + eyes * down * near)


class Sitter:
    """views: pictures by the degrees that the head, or the paper, is turned in them: above 0 to the picture's right, the
    person's left.  pans: how far it is moved to and fro, in pixels."""

    def __init__(self, likeness, views, pans=0):
        self.path = likeness.home / "sitter.bmp"
        self.source = f"files:{self.path}"
        self.turn_into(views, pans)
        self.target, self.degrees, self.frame, self.when, self.at = 0, 0, 0, time.monotonic(), np.zeros(2)
        self.random = np.random.default_rng(1)
        self.noise = self.random.normal(0, 2, (8, *views[0].shape)).round().astype(np.int16)
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self._sit, daemon=True)
        self._show()

    def turn_into(self, views, pans=0):
        """Another takes the place; the pictures are of the same size."""
        self.views, self.pans = {degrees: view.astype(np.int16) for degrees, view in views.items()}, pans

    def _show(self):
        now = time.monotonic()
        step = np.clip(SPEED * (now - self.when), 0, 10)
        self.when, self.frame = now, self.frame + 1
        self.degrees += np.clip(self.target - self.degrees, -step, step)
        self.at = 0.9 * self.at + self.random.normal(0, 0.4, 2)  # nobody is quite at rest
        views = self.views
        view = views[min(views, key=lambda degrees: abs(degrees - self.degrees))]
        x, y = (self.at + (self.pans * np.sin(2 * now), 0)).round().astype(int)
        noise = np.roll(self.noise[self.random.integers(len(self.noise))], self.random.integers(1000))
        new = self.path.with_suffix(".new")
        faces.write_bmp(new, np.clip(np.roll(view, (y, x), (0, 1)) + noise, 0, 255).astype(np.uint8))
        new.rename(self.path)

    def _sit(self):
        while not self.stopped.wait(SECONDS):
            self._show()

    def follow(self, sentence):
        """Does what is asked."""
        self.target = REACH if "to the left" in sentence else -REACH if "to the right" in sentence else 0

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        self.thread.join()
