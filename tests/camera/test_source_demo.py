"""The demo badges: drawn, shown as a camera would, and read by the real decoders."""

import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from camera.errors import NoCamera
from camera.events import CodesSeen, SourceEnded, SourceFailed, SourceWorking
from camera.payload import Frame, Payload
from camera.settings import DECODERS, CameraSettings
from camera.sources import open_source
from camera.sources.demo import DemoBadges, draw_card, draw_scene, place_card
from tests.support.decoders import make_live_decoder

VCARD = "\r\n".join(
    [
        "BEGIN:VCARD", "VERSION:3.0", "N:Müller;Zoë;;Dr.;", "FN:Dr. Zoë Müller", "ORG:Çelik & Søn A/S",
        "TITLE:Head of 日本 sales", "EMAIL:zoe.mueller@example.com", "TEL;TYPE=CELL:+49 151 0000000", "END:VCARD",
    ]
).encode()  # fmt: skip

PAYLOADS = [b"ID-000017", VCARD, "Łukasz|Żółć|lukasz@example.org".encode(), bytes(range(1, 40))]


def make_demo_badges(payloads: list[bytes], *, seconds_each: float = 0.8, endless: bool = False) -> DemoBadges:
    """Create demo badges in the size of a usual camera."""
    return DemoBadges(payloads, seconds_each, width=1280, height=720, endless=endless)


def list_seen_codes(events: list[Any]) -> list[bytes]:
    """Return the codes that were seen."""
    return [code.data for event in events if isinstance(event, CodesSeen) for code in event.payloads]


def test_each_badge_is_read_once_in_its_order_through_the_real_decoders(run_loop: Callable[..., Any]) -> None:
    """An ID, a vCard, a delimited badge, control characters; the stream ends after the last."""
    settings = CameraSettings(source="demo")
    events = run_loop(
        lambda: open_source(settings, lambda: make_demo_badges(PAYLOADS)),
        make_live_decoder(DECODERS, False),
        max_fps=30.0,
    ).wait_for_end()

    assert list_seen_codes(events) == PAYLOADS
    assert {event.source_kind for event in events if isinstance(event, CodesSeen)} == {"demo"}
    assert (
        [event for event in events if isinstance(event, SourceWorking)],
        [event for event in events if isinstance(event, SourceFailed)],
    ) == ([SourceWorking("demo badges")], [])
    assert events[-1] == SourceEnded()


def test_a_badge_stays_until_a_busy_machine_has_read_it(run_loop: Callable[..., Any]) -> None:
    """Here an image takes longer to decode than a badge has time; no badge is skipped."""
    decode = make_live_decoder(DECODERS, False)

    def decode_slowly(frame: Frame) -> list[Payload]:
        time.sleep(0.5)
        return list(decode(frame))

    badges = make_demo_badges(PAYLOADS, seconds_each=0.3)
    events = run_loop(lambda: badges, decode_slowly, max_fps=30.0).wait_for_end()

    assert list_seen_codes(events) == PAYLOADS


def test_a_badge_that_cannot_be_read_leaves_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """After at least three times its time, or nothing would follow it."""
    monkeypatch.setattr("camera.sources.demo._LONGER_STAY_SECONDS", 0.0)
    started = time.monotonic()

    assert list(make_demo_badges([b"anna"], seconds_each=0.2).read_shots())

    assert time.monotonic() - started >= 0.6


def test_an_endless_demo_starts_over_until_stopped(run_loop: Callable[..., Any]) -> None:
    """With the first badge, which counts again after its cooldown."""
    badges = make_demo_badges([b"anna", b"bert"], seconds_each=0.4, endless=True)
    running = run_loop(lambda: badges, make_live_decoder(DECODERS, False), rest_seconds=0.5, max_fps=30.0)
    running.wait_until(lambda: len(list_seen_codes(running.events)) >= 5)
    running.loop.stop()
    running.wait_for_end()

    assert list_seen_codes(running.events)[:5] == [b"anna", b"bert", b"anna", b"bert", b"anna"]
    assert badges.is_closed


def test_a_demo_without_badges_ends_even_if_it_is_endless() -> None:
    """It must not keep a core busy with nothing."""
    shots: list[Any] = []
    badges = make_demo_badges([], endless=True)
    thread = threading.Thread(target=lambda: shots.extend(badges.read_shots()), daemon=True)
    thread.start()
    thread.join(2.0)

    assert (thread.is_alive(), shots) == (False, [])


def test_the_demo_needs_badges_from_the_caller() -> None:
    """The camera package has no badges of its own."""
    with pytest.raises(NoCamera, match="Demo badges are not available"):
        open_source(CameraSettings(source="demo"))


def test_a_badge_arrives_stays_and_leaves() -> None:
    """The scene is empty before and after it, so that two badges are never in one image."""
    badges = make_demo_badges([b"anna"], seconds_each=2.0)
    positions = [badges.compute_position(at / 100) for at in range(201)]

    assert (positions[0], positions[75], positions[-1]) == (0.0, 1.0, 0.0)
    assert all(0.0 <= share <= 1.0 for share in positions)
    assert sorted(positions[:76]) == positions[:76]
    assert sum(share == 1.0 for share in positions) > 80
    assert np.array_equal(draw_scene(640, 360), place_card(draw_card(b"anna", 360), draw_scene(640, 360), 0.0))


@pytest.mark.parametrize(("width", "height"), [(64, 64), (320, 240), (640, 480), (1920, 1080), (480, 640), (64, 2000)])
@pytest.mark.parametrize("position", [0.0, 0.3, 1.0])
def test_a_card_is_placed_in_a_scene_of_any_shape(width: int, height: int, position: float) -> None:
    """It is cut off where it does not fit."""
    scene = draw_scene(width, height)
    before = scene.copy()

    frame = place_card(draw_card(VCARD, height), scene, position)

    assert (frame.shape, str(frame.dtype)) == ((height, width, 3), "uint8")
    assert np.array_equal(before, scene)


@pytest.mark.parametrize(("width", "height"), [(320, 240), (640, 480), (1280, 720), (1920, 1080)])
def test_a_card_in_the_middle_is_read_in_every_usual_size(width: int, height: int) -> None:
    """Even in the small image of a cheap camera."""
    frame = place_card(draw_card(b"ID-000017", height), draw_scene(width, height), 1.0)

    assert [code.data for code in make_live_decoder(DECODERS, False)(frame)] == [b"ID-000017"]
