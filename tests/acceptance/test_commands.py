"""The command line on the real program: scores, statuses, sentences."""
import json
import pathlib
import struct
import subprocess

import numpy as np

import driver
import faces


def picture(likeness, person, seed, name=None):
    path = likeness.home / (name or f"{person}-{seed}.bmp")
    faces.write_bmp(path, faces.draw(person, seed))
    return str(path)


def test_summary(likeness):
    text = likeness.run("summary", "siamese")
    assert "38,964,545" in text and "(None, 91, 91, 64)" in text and "37,752,832" in text, text
    bn = json.loads(likeness.run("summary", "--json", "siamese-bn"))
    assert bn["trainable"] == 27_643_329 and bn["embedding"] == 4096, bn
    assert "pool64" in likeness.run("summary", "siamese-pool64")
    assert "no-such" in likeness.run("summary", "no-such", status=2)


def test_bench(likeness):
    net = likeness.home / "small.net"
    net.write_text("network small\nimage input size=32x32x3\nc conv2d image filters=8 kernel=3 activation=relu\n"
                   "flat flatten c\nembed dense flat units=16 activation=sigmoid\nhead l1-head embed\n")
    likeness.env["LIKENESS_CPU"] = "portable"
    line = json.loads(likeness.run("bench", "--json", str(net)))
    assert line["network"] == "small" and line["instructions"] == "portable", line
    assert 0 < line["embed_ms"] < line["frame_to_verdict_ms"] < 1000, line
    assert 0 < line["embed_one_thread_ms"] < 1000 and 0 < line["train_step_ms"] < 1000, line
    assert 15999 < line["train_pairs_per_s"] * line["train_step_ms"] < 16001, line
    parameters = 3 * 3 * 3 * 8 + 8 + 30 * 30 * 8 * 16 + 16 + 16 + 1
    assert 16e-6 * parameters < line["train_memory_mb"] < 100, line
    text = likeness.run("bench", str(net))
    assert "frame to verdict" in text and "portable" in text, text
    assert "detector" in likeness.run("bench", "detector", status=2)


def test_verify(likeness):
    a, b = picture(likeness, "Ada", 1), picture(likeness, "Bob", 1)
    same = likeness.run("verify", "--model", "siamese", "--threshold", "0.4", a, a)
    assert "match" in same and "never been trained" in same, same
    one = json.loads(likeness.run("verify", "-m", "siamese", "-t", "0", "--json", a, b).splitlines()[0])
    two = json.loads(likeness.run("verify", "-m", "siamese", "-t", "0", "--json", b, a).splitlines()[0])
    assert one["score"] == two["score"] and 0 < one["score"] < 1 and not one["trained"], (one, two)
    likeness.run("verify", "-m", "siamese", "--threshold", "1", a, b, status=1)


def test_detect(likeness):
    good = picture(likeness, "Ada", 1)
    text = likeness.run("detect", good)
    assert "1 face" in text and "points" in text and "Sharpness" in text, text
    assert text.splitlines()[-1].strip() == "usable", text
    wrong = {"dark": ("under-exposure", "too dark"), 
             "cut": ("inside", "cut off"), "several": ("single-face", "several"),
             "blurred": ("sharpness", "blurred"), "nobody": ("no-face", "no face")}
    for how, (kind, reason) in wrong.items():
        path = likeness.home / f"{how}.bmp"
        faces.write_bmp(path, faces.spoil(faces.draw("Ada", 1, 640, 480), how))
        done = subprocess.run([driver.PROGRAM, "detect", "--json", str(path)], env=likeness.env,
                              capture_output=True, text=True, check=False)
        r = json.loads(done.stdout)  # whether a face is found in the dark is the weights' matter
        assert done.returncode == (r["faces"] == []), (how, r)
        assert r["usable"] == (how == "cut") and r["wrong"] == kind and reason in r["reason"], (how, r)
    r = json.loads(likeness.run("detect", "--json", good))
    (face,) = r["faces"]
    (ax, ay), (bx, by) = face["points"][:2]
    assert r["usable"] and r["chosen"] == 0 and r["wrong"] is None and r["reason"] is None, r
    assert abs(r["quality"]["eye-distance"] - ((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5) < 0.01, r
    assert face["box"][0] < ax < bx < face["box"][0] + face["box"][2] and face["score"] > 0.6, r
    drawn = likeness.home / "drawn.png"
    likeness.run("detect", good, "--draw", str(drawn))
    assert drawn.read_bytes()[:4] == b"\x89PNG" and drawn.stat().st_mode & 0o777 == 0o600
    assert json.loads(likeness.run("detect", "--json", str(drawn)))["faces"], "drawn over"
    likeness.run("detect", good, good, "--draw", str(drawn), status=2)
    likeness.run("detect", status=2)
    likeness.run("detect", "--threshold", "1", good, status=2)


def test_crop_ways(likeness):
    """A face off the middle is found; the guide frame sees the wall."""
    path, moved = likeness.home / "moved.bmp", likeness.home / "middle.bmp"
    middle = faces.draw("Ada", 1, 640, 480)
    faces.write_bmp(moved, middle)
    faces.write_bmp(path, np.roll(middle, 120, axis=1))

    def score(way):
        out = likeness.run("verify", "-m", "siamese", "-t", "0", "--json", "--crop", way, str(path), str(moved))
        return json.loads(out.splitlines()[0])["score"]

    assert score("detect") == score("auto") != score("guide")
    likeness.run("verify", "-m", "siamese", "--crop", "moon", str(path), str(path), status=2)


def test_errors(likeness):
    a = picture(likeness, "Ada", 1)
    # The network that comes with the program, and a program that comes without.
    assert "threshold" in likeness.run("verify", "--crop", "whole", a, a)
    likeness.without_model()
    assert "No network has been trained" in likeness.run("verify", a, a, status=2)
    broken = likeness.home / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff\xe0 not a picture")
    assert "broken.jpg" in likeness.run("verify", "-m", "siamese", a, str(broken), status=2)
    assert "nobody.jpg" in likeness.run("verify", "-m", "siamese", a, "nobody.jpg", status=2)
    likeness.run("verify", a, status=2)
    likeness.run("verify", "--threshold", "7", a, a, status=2)
    likeness.run("verify", "--no-such-option", a, a, status=2)
    assert "no command" in likeness.run("fly", status=2)
    for command in ("verify", "calibrate", "embed", "evaluate", "watch", "enrol", "train", "summary", "demo",
                    "bench", "detect"):
        assert "Usage" in likeness.run(command, "--help")


def test_embed(likeness):
    pictures = [picture(likeness, "Ada", 1), picture(likeness, "Bob", 1), "missing.jpg"]
    (likeness.home / "list.txt").write_text("\n".join(pictures) + "\n")
    output = likeness.home / "e.npy"
    likeness.run("embed", "-m", "siamese", "--list", str(likeness.home / "list.txt"), "--output",
                 str(output))
    rows = np.load(output)
    assert rows.shape == (3, 4096) and rows.dtype == np.float32
    assert np.isfinite(rows[:2]).all() and np.isnan(rows[2]).all()
    assert (rows[0] != rows[1]).any() and rows[:2].min() >= 0 and rows[:2].max() <= 1
    likeness.run("embed", "--list", "none.txt", "--output", str(output), status=2)

    # Whatever the processor can do, a crop's embeddings are the same to 2e-5.  (Where the face
    # lies may differ by a hair, and then a pixel of the crop by one.)
    for network in "siamese", "siamese-bn", "koch":
        rows = []
        for level in "portable", "avx2", "avx512":
            likeness.env["LIKENESS_CPU"] = level
            likeness.run("embed", "-m", network, "--crop", "guide", "--list",
                         str(likeness.home / "list.txt"), "--output", str(output))
            rows.append(np.load(output)[:2])
        assert abs(rows[1] - rows[0]).max() < 2e-5 and abs(rows[2] - rows[0]).max() < 2e-5, network


def test_evaluate(likeness):
    root = likeness.home / "lfw"
    for person in ("Ada", "Bob", "Eve"):
        for i in (1, 2):
            path = root / person / f"{person}_{i:04d}.jpg"
            path.parent.mkdir(parents=True, exist_ok=True)
            faces.write_bmp(path, faces.draw(person, i))
    pairs = likeness.home / "pairs.txt"
    pairs.write_text("3\t1\nAda\t1\t2\nAda\t1\tBob\t1\nBob\t1\t2\nBob\t2\tEve\t1\nEve\t1\t2\n"
                     "Eve\t2\tAda\t3\n")  # Ada_0003 is missing
    html, csv = likeness.home / "r.html", likeness.home / "r.csv"
    lfw = ["--pairs", str(pairs), "--root", str(root), "--crop", "whole"]
    text = likeness.run("evaluate", "siamese-bn", *lfw, "--json", "--html", str(html), "--csv", str(csv))
    r = next(json.loads(line) for line in text.splitlines() if line.startswith("{"))
    assert r["pairs"] == 6 and r["folds"] == 3 and r["failures_to_acquire"] == 1, r
    assert {"accuracy", "accuracy_se", "auc", "eer", "tar_at_far_1e-2", "tar_at_far_1e-3"} <= r.keys()
    assert "Ada_0003" in html.read_text() and csv.read_text().count("\npair,siamese-bn,") == 6
    text = likeness.run("evaluate", "siamese-bn", *lfw, "--baseline", "--threshold", "0.25")
    assert "nearest-neighbour" in text and "FAR 1e-2" in text, text
    text = likeness.run("evaluate", "siamese-bn", "--folders", str(root), "--crop", "whole",
                        "--one-shot", "3", "--trials", "30", "--json")
    r = next(json.loads(line) for line in text.splitlines() if line.startswith("{"))
    assert r["trials"] == 30 and 0 <= r["one_shot_accuracy"] <= 1, r
    for wrong in ([], lfw, ["siamese-bn"], ["siamese-bn", "--pairs", str(pairs)],
                  ["siamese-bn", *lfw, "--folders", str(root)], ["nobody", *lfw],
                  ["siamese-bn", "--folders", str(root), "--crop", "moon"],
                  ["siamese-bn", "--folders", str(root), "--crop", "whole", "--one-shot", "4"]):
        likeness.run("evaluate", *wrong, status=2)


def test_calibrate(likeness):
    root, out = likeness.home / "people", likeness.home / "calibrated.safetensors"
    for person in ("Ada", "Bob", "Eve", "Kim"):
        faces.write_folder(root / person, person, 8)
    args = ["calibrate", "siamese-bn", "--folders", str(root), "--crop", "guide", "-o", str(out)]
    text = likeness.run(*args, "--json")
    r = next(json.loads(line) for line in text.splitlines() if line.startswith("{"))
    assert r["genuine"] == 4 * 28 and r["impostor"] == 6 * 64 and r["held_out_log_loss_platt"] < 0.8, r
    assert [t["supported"] for t in r["thresholds"]] == [True, True, False, False], r
    text = likeness.run("evaluate", str(out), "--folders", str(root), "--crop", "guide")
    assert "pairs of its calibration" in text, text
    likeness.run("calibrate", "siamese-bn", "--folders", str(root), status=2)
    likeness.run(*args, "--fmr", "2", status=2)


def test_without_display(likeness):
    likeness.env = {k: v for k, v in likeness.env.items()
                    if k not in ("DISPLAY", "WAYLAND_DISPLAY", "GDK_BACKEND")}
    text = likeness.run(status=2)
    assert "no display" in text and "likeness verify" in text, text


def test_enrol_and_watch(likeness):
    ada = faces.write_folder(likeness.home / "ada", "Ada", 4)
    likeness.run("enrol", "Ada Lovelace", *map(str, sorted(ada.iterdir())))
    counts = {"person": "Ada Lovelace", "anchor": 4, "positive": 0, "negative": 0}
    assert json.loads(likeness.run("people", "list", "--json")) == counts
    likeness.run("enrol", "Ada Lovelace", "--kind", "positive", "--camera", f"files:{ada}",
                 "--count", "3", "--interval", "0")
    assert json.loads(likeness.run("people", "list", "--json")) == counts | {"positive": 3}
    stored = list((likeness.home / "data" / "likeness" / "captures").rglob("*.jpg"))
    assert len(stored) == 7 and all(p.stat().st_mode & 0o777 == 0o600 for p in stored)
    assert all(p.read_bytes().startswith(b"LKSEAL1\n") for p in stored)

    text = likeness.run("watch", "-m", "siamese", "--camera", f"files:{ada}", "--once", "--fps", "4",
                        "--threshold", "0", "--json")
    checks = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    assert len(checks) >= 2 and all(c["anchors"] == 4 for c in checks), text
    assert checks[-1]["accepted"], text
    assert "There is no" in likeness.run("watch", "-m", "siamese", "--camera", "files:/nowhere", status=2)
    likeness.run("people", "delete", "Ada Lovelace")
    assert likeness.run("people") == ""
    assert not list((likeness.home / "data").rglob("*.jpg"))


def test_key(likeness):
    """Where the key of the pictures is, and what happens without it."""
    def key(*args, status=0, passphrases=None):
        if passphrases is None:
            return likeness.run("key", *args, status=status)
        path = likeness.home / "passphrases"
        path.write_text("\n".join(passphrases) + "\n")
        with path.open() as lines:
            done = subprocess.run([driver.PROGRAM, "key", *args], capture_output=True, text=True,
                                  env=dict(likeness.env, LIKENESS_PASSPHRASE_FD=str(lines.fileno())),
                                  pass_fds=[lines.fileno()], check=False)
        assert done.returncode == status, done
        return done.stdout + done.stderr

    keyfile = likeness.env.pop("LIKENESS_KEY_FILE")
    likeness.env["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=/nowhere"
    ada = sorted(map(str, faces.write_folder(likeness.home / "ada", "Ada", 2).iterdir()))
    assert "likeness key passphrase" in likeness.run("enrol", "Ada", *ada, status=2)
    assert "no keyring" in key()
    assert not list((likeness.home / "data").rglob("*.jpg"))

    key("passphrase", passphrases=["horse"])
    assert "no terminal" in likeness.run("enrol", "Ada", *ada, status=2)
    assert json.loads(key("--json"))["place"] == "passphrase"
    backup = likeness.home / "backup"
    key("back-up", str(backup), passphrases=["horse", "words"])
    key("file", str(keyfile), passphrases=["horse"])
    likeness.run("enrol", "Ada", *ada)
    picture = next((likeness.home / "data").rglob("*.jpg"))
    likeness.run("verify", "-m", "siamese", "-t", "0", str(picture), str(picture))

    # Lost and restored; lost for good and begun anew.
    pathlib.Path(keyfile).unlink()
    assert "key" in likeness.run("verify", "-m", "siamese", str(picture), str(picture), status=2)
    key("restore", str(backup), passphrases=["wrong"], status=2)
    key("restore", str(backup), passphrases=["words"])
    assert "not the passphrase" in key("file", passphrases=["no", "nor this", "nor that"], status=2)
    key("file", passphrases=["words"])
    likeness.run("verify", "-m", "siamese", "-t", "0", str(picture), str(picture))
    assert "lost-" in key("reset")
    assert likeness.run("people") == ""
    assert list((likeness.home / "data").rglob("*.jpg")), "put aside, not deleted"
    likeness.run("key", "fly", status=2)


def test_train(likeness):
    data = likeness.home / "pictures"
    for kind, person, first in (("anchor", "Ada", 0), ("positive", "Ada", 50), ("negative", "Bob", 0),
                                ("negative", "Eve", 0), ("negative", "Kim", 0)):
        faces.write_folder(data / kind, person, 12, first, 160, 120)
    model = likeness.home / "ada.safetensors"
    text = likeness.run("train", "--network", "siamese", "--data", str(data), "--output", str(model),
                        "--epochs", "3", "--steps", "8", "--batch", "4", "--json")
    last = json.loads(text.splitlines()[-1])
    assert last["test_pairs"] > 0 and model.stat().st_mode & 0o777 == 0o600, text
    header_size, = struct.unpack("<Q", model.read_bytes()[:8])
    assert "trained" in json.loads(model.read_bytes()[8:8 + header_size])["__metadata__"]

    def score(a, b):
        return json.loads(likeness.run("verify", "-m", str(model), "-t", "0", "--json", a, b))["score"]

    ada, again = picture(likeness, "Ada", 90), picture(likeness, "Ada", 91)
    assert score(ada, again) > score(ada, picture(likeness, "Bob", 90))
    assert "writ" in likeness.run("train", "--data", str(data), "--output", "/proc/no/x.safetensors",
                                  "--epochs", "1", status=2)
    assert likeness.run("train", "--data", "/nowhere", "--output", str(model), status=2)


if __name__ == "__main__":
    driver.main([test_summary, test_bench, test_verify, test_crop_ways, test_detect, test_errors,
                 test_embed, test_evaluate, test_without_display, test_enrol_and_watch, test_key, test_train])
