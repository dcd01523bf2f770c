"""`kiosk scan`: pictures, folders of them, and what is neither."""

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import pytest

from tests.kiosk.cli.conftest import ANA, Kiosk

BOB = "MECARD:N:Bob;EMAIL:bob@x.example;;"


def test_a_picture_is_read(kiosk: Kiosk, write_badge: Callable[..., Path]) -> None:
    """It prints the person, the symbology and the kind of badge; JSON output has each field."""
    path = write_badge("ana.png", ANA)

    done, [found] = kiosk("scan", str(path)), kiosk.json("scan", str(path))

    assert (done.exit_code, done.output) == (0, f"{path}: Ana Lopez, Initech, ana@initech.example (qr, vcard)\n")
    assert found["contact"] == {
        "first_name": "Ana",
        "last_name": "Lopez",
        "company": "Initech",
        "email": "ana@initech.example",
    }
    assert [found[name] for name in ("source", "symbology", "kind", "text", "ok")] == [
        str(path), "qr", "vcard", ANA, True,
    ]  # fmt: skip


def test_two_codes_in_a_picture_both_count(kiosk: Kiosk, write_badge: Callable[..., Path]) -> None:
    """Each is reported on a line."""
    found = kiosk.json("scan", str(write_badge("two.png", ANA, BOB)))

    assert sorted(result["kind"] for result in found) == ["mecard", "vcard"]


def test_a_folder_is_read_by_name_whatever_is_in_it(kiosk: Kiosk, write_badge: Callable[..., Path]) -> None:
    """Pictures that are damaged or have no code are reported, and the next is read."""
    write_badge("badges/a.png", ANA)
    write_badge("badges/b.jpg")
    (kiosk.folder / "badges" / "c.png").write_bytes(b"no picture")
    (kiosk.folder / "badges" / "notes.txt").write_text("nothing to look at")
    write_badge("badges/d.webp", BOB)

    done = kiosk("scan", str(kiosk.folder / "badges"), "--save")

    assert done.exit_code == 1
    assert [
        line.removeprefix(f"{kiosk.folder}/badges/") for line in done.stdout.splitlines()
    ] == ["a.png: Saved: Ana Lopez, Initech (qr)", "b.jpg: no code found",
            "d.webp: Saved: Bob (qr)"]  # fmt: skip
    assert [entry.lead.label for entry in kiosk.entries()] == ["Ana Lopez", "Bob"]


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("nowhere.png", None, "nowhere.png: there is no such file."),
        ("x" * 300 + ".png", None, "File name too long"),
        ("y" * 300, None, " not found."),
        ("nowhere", None, ": there is no such file."),
        ("garbage.png", b"\x89PNG rubbish", "not an image, or damaged."),
        ("empty.jpg", b"", "not an image, or damaged."),
        ("garbage.mp4", b"rubbish" * 1000, "garbage.mp4"),
        ("noise", b"\x00" * 5000, "noise"),
    ],
    ids=str,
)
def test_what_cannot_be_read_is_reported_and_the_next_is_read(
    kiosk: Kiosk, write_badge: Callable[..., Path], name: str, content: bytes | None, sentence: str
) -> None:
    """One sentence on standard error and status 1; standard output stays readable for scripts."""
    path = kiosk.folder / name
    if content is not None:
        path.write_bytes(content)

    done = kiosk("scan", str(path), str(write_badge("bob.png", BOB)), "--json")

    assert done.exit_code == 1
    assert [result["kind"] for result in json.loads(done.stdout)] == ["nothing", "mecard"]
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("demo", "Demo badges are only available in `kiosk run`."),
        ("/dev/video63", "Camera 63 not found."),
        ("63", "Camera 63 not found."),
    ],
)
def test_a_source_of_the_kiosk_is_not_taken_for_a_file(kiosk: Kiosk, source: str, said: str) -> None:
    """The sentence is about what was meant, and does not promise to retry."""
    done = kiosk("scan", source)

    assert (done.exit_code, done.output) == (1, f"Error: {said}\n")


def test_a_stream_that_does_not_respond_is_not_retried(kiosk: Kiosk) -> None:
    """Unlike `kiosk run`, the command ends, and does not promise to retry."""
    done = kiosk("scan", "http://127.0.0.1:9/video")

    assert (done.exit_code, done.stderr) == (1, "Error: The stream from 127.0.0.1:9 does not respond.\n")


def test_an_empty_folder_and_one_that_may_not_be_opened_are_sentences(kiosk: Kiosk, powerless: list[str]) -> None:
    """Each sentence has the reason."""
    (kiosk.folder / "empty").mkdir()
    (kiosk.folder / "closed").mkdir(mode=0)

    done = kiosk.run("scan", str(kiosk.folder / "empty"), str(kiosk.folder / "closed"), prefix=powerless)

    assert done.returncode == 1
    assert f"Error: No images in {kiosk.folder / 'empty'}.\n" in done.stderr
    assert f"Error: Cannot open {kiosk.folder / 'closed'} (Permission denied).\n" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_video_reports_each_badge_once(kiosk: Kiosk, write_badge: Callable[..., Path]) -> None:
    """However many frames the badge is in."""
    path = kiosk.folder / "walk.avi"
    video = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (640, 480))
    for name, payload in (("1.png", ANA), ("2.png", BOB), ("1.png", ANA)):
        frame = cv2.imread(str(write_badge(name, payload)))
        for _ in range(4):
            video.write(frame)
    video.release()

    found = kiosk.json("scan", str(path))

    assert [result["kind"] for result in found] == ["vcard", "mecard"]


def test_pictures_and_standard_input_can_be_mixed(kiosk: Kiosk, write_badge: Callable[..., Path]) -> None:
    """They are read in the given order."""
    found = kiosk.json("scan", "-", str(write_badge("ana.png", ANA)), stdin=BOB)

    assert [result["kind"] for result in found] == ["mecard", "vcard"]


def test_a_hostile_badge_reaches_no_terminal(kiosk: Kiosk, write_badge: Callable[..., Path]) -> None:
    """Neither the text nor the JSON output has control sequences or forged lines."""
    path = write_badge("evil.png", "MECARD:N:\x1b]0;pwned\x07\x1b[31mEve\u202e;NOTE:x;;")

    people, script = kiosk("scan", str(path)), kiosk("scan", str(path), "--json")

    assert people.stdout.count("\n") == 1
    assert not {"\x1b", "\x07", "\u202e"} & set(people.stdout + script.stdout)


def test_what_is_refused_is_not_shown(kiosk: Kiosk, write_badge: Callable[..., Path]) -> None:
    """Not even the output of the command contains a WiFi key."""
    done = kiosk("scan", str(write_badge("wifi.png", "WIFI:S:hall;P:topsecret;;")), "--json")

    assert done.exit_code == 1
    assert "topsecret" not in done.output


def test_a_secret_in_a_badge_is_shown_as_its_hash(kiosk: Kiosk, write_badge: Callable[..., Path]) -> None:
    """The ticket on an eventyay badge lets people in."""
    secret = "5uhbd49wms2fakafn5nzq7pcqpbjun2v"
    badge = json.dumps({"ticket": secret, "lead": "PZD97WTMFJ"})

    done = kiosk("scan", str(write_badge("ticket.png", badge)), "--json")

    assert "PZD97WTMFJ" in done.stdout
    assert secret not in done.output
