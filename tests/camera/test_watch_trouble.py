"""A source that fails is told in a sentence, and opened again: the watch never ends for it."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from camera.capture_loop import CaptureLoop
from camera.errors import CameraBusy, CameraGone, NoCamera
from camera.events import CodesSeen, FrameProcessed, SourceEnded, SourceFailed, SourceWorking
from camera.image_health import BLACK_IMAGE, FROZEN_IMAGE
from camera.payload import Frame, Payload
from camera.sources.base import Shot

GOOD = np.full((64, 64, 3), 90, np.uint8)


def nothing(frame: Frame) -> list[Payload]:
    """No code in any picture."""
    return []


class Camera:
    """A live source that gives what *play* yields."""

    name, is_live = "camera 0", True

    def __init__(self, play: Callable[[], Iterator[Frame]], kind: str = "camera") -> None:
        self.play = play
        self.kind = kind
        self.closed = threading.Event()

    def shots(self) -> Iterator[Shot]:
        """The pictures of *play*, as long as it is open."""
        for frame in self.play():
            if self.closed.is_set():
                return
            yield Shot(frame)

    def close(self) -> None:
        """End with the next picture."""
        self.closed.set()


def noisy() -> Iterator[Frame]:
    """A booth, for ever, a hundred pictures a second."""
    rng = np.random.default_rng(3)
    while True:
        time.sleep(0.01)
        yield rng.integers(40, 200, (64, 64, 3), dtype=np.uint8)


def sentences(watched: Any) -> list[str]:
    """The troubles told."""
    return [event.message for event in watched.told(SourceFailed)]


def test_a_camera_that_is_not_there_is_told_once_and_found_when_it_comes(
    watch_it: Callable[..., Any], quick_to_reopen: None
) -> None:
    """The same sentence is not told with every try."""
    tries: list[int] = []

    def open_source() -> Camera:
        tries.append(1)
        if len(tries) < 6:
            raise NoCamera("There is no camera 0.")
        return Camera(noisy)

    watched = watch_it(open_source, nothing)
    watched.until(lambda: watched.told(SourceWorking))

    assert [event for event in watched.events if not isinstance(event, FrameProcessed)] == [
        SourceFailed("There is no camera 0."),
        SourceWorking("camera 0"),
    ]


def test_each_change_of_the_trouble_is_told(watch_it: Callable[..., Any], quick_to_reopen: None) -> None:
    """Not there, then busy, then there: three sentences on the screen."""
    failures = [NoCamera("none"), NoCamera("none"), CameraBusy("busy"), CameraBusy("busy"), NoCamera("none")]

    def open_source() -> Camera:
        if failures:
            raise failures.pop(0)
        return Camera(noisy)

    watched = watch_it(open_source, nothing)
    watched.until(lambda: watched.told(SourceWorking))

    assert sentences(watched) == ["none", "busy", "none"]


@pytest.mark.parametrize("is_live", [True, False])
@pytest.mark.parametrize(
    "failure", [CameraGone("It is gone."), RuntimeError("driver\nbroke \x1b[31m"), MemoryError(), StopIteration()]
)
def test_whatever_a_source_throws_becomes_trouble_and_it_is_opened_again(
    failure: Exception, is_live: bool, watch_it: Callable[..., Any], quick_to_reopen: None
) -> None:
    """Live or not; the sentence has no line breaks and nothing that a terminal obeys."""
    opened: list[Camera] = []

    def breaks() -> Iterator[Frame]:
        yield GOOD
        raise failure

    def open_source() -> Camera:
        opened.append(Camera(breaks if len(opened) < 2 else noisy))
        opened[-1].is_live = is_live
        return opened[-1]

    watched = watch_it(open_source, nothing, max_fps=100.0)
    watched.until(lambda: len(opened) == 3 and isinstance(watched.events[-1], FrameProcessed))

    assert all(sentence.isprintable() and sentence.endswith(".") for sentence in sentences(watched))
    assert sentences(watched) and all(camera.closed.is_set() for camera in opened[:2])
    assert not watched.told(SourceEnded)


@pytest.mark.parametrize("failure", [OSError("exec format error"), ImportError("no libcamera"), ValueError("bad")])
def test_whatever_opening_throws_becomes_trouble(
    failure: Exception, watch_it: Callable[..., Any], quick_to_reopen: None
) -> None:
    """A broken library of a camera is no reason to stop."""
    failures = [failure, failure]

    def open_source() -> Camera:
        if failures:
            raise failures.pop()
        return Camera(noisy)

    watched = watch_it(open_source, nothing)
    watched.until(lambda: watched.told(SourceWorking))

    assert sentences(watched) == [f"The camera failed ({failure}). The kiosk keeps retrying."]


def test_a_source_that_fails_on_closing_has_ended_all_the_same(watch_it: Callable[..., Any]) -> None:
    """What a driver throws then is lost, and nobody waits for its silence."""

    class Sticky(Camera):
        def close(self) -> None:
            super().close()
            raise OSError("no")

    events = watch_it(lambda: Sticky(lambda: iter([GOOD])), nothing).finish()

    assert [type(event) for event in events] == [FrameProcessed, SourceWorking, SourceEnded]


def test_a_code_still_rests_after_its_camera_was_opened_again(
    watch_it: Callable[..., Any], quick_to_reopen: None
) -> None:
    """A loose cable must not save the visitor in view twice."""
    opened: list[Camera] = []

    def breaks() -> Iterator[Frame]:
        yield GOOD
        raise CameraGone("gone")

    def open_source() -> Camera:
        opened.append(Camera(breaks if len(opened) < 3 else lambda: iter([GOOD])))
        return opened[-1]

    events = watch_it(open_source, lambda frame: [Payload(b"anna", "anna", "qr")], rest_seconds=60.0).finish()

    assert len(opened) == 4
    assert len([event for event in events if isinstance(event, CodesSeen)]) == 1


def test_a_camera_that_falls_silent_is_told_and_opened_again(
    watch_it: Callable[..., Any], quick_to_reopen: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its driver may hang for ever: it is left behind."""
    monkeypatch.setattr("camera.latest_frame.SILENCE_SECONDS", 0.1)
    freed = threading.Event()
    opened: list[Camera] = []

    def hangs() -> Iterator[Frame]:
        yield GOOD
        freed.wait(30.0)

    def open_source() -> Camera:
        opened.append(Camera(noisy if opened else hangs))
        return opened[-1]

    watched = watch_it(open_source, nothing)
    watched.until(lambda: len(watched.told(SourceWorking)) == 2)
    freed.set()

    (sentence,) = sentences(watched)
    assert sentence == "The camera has stopped sending images. Check its cable; the kiosk keeps retrying."


def test_a_camera_that_hangs_does_not_hold_up_the_end(watch_it: Callable[..., Any]) -> None:
    """Staff who quit because nothing happens need not wait for it to fall silent for good."""
    freed = threading.Event()

    def hangs() -> Iterator[Frame]:
        yield GOOD
        freed.wait(30.0)

    watched = watch_it(lambda: Camera(hangs), nothing)
    watched.until(lambda: watched.told(SourceWorking))
    started = time.monotonic()
    watched.watch.stop()
    watched.finish()
    took = time.monotonic() - started
    freed.set()

    assert took < 5.0  # a camera is silent after eight


def test_a_watch_that_is_stopped_while_it_waits_to_reopen_ends_at_once() -> None:
    """And one that was stopped before it began does not begin."""

    def open_source() -> Camera:
        watch.stop()
        raise NoCamera("none")

    told: list[Any] = []
    watch = CaptureLoop(open_source, nothing, nothing, told.append, rest_seconds=5.0, max_fps=30.0)
    started = time.monotonic()
    watch.run()
    watch.run()

    assert time.monotonic() - started < 1.5
    assert told == [SourceFailed("none")]


def test_a_watch_that_is_stopped_while_its_camera_opens_closes_it() -> None:
    """A camera can take seconds to open."""
    camera = Camera(noisy)

    def open_source() -> Camera:
        watch.stop()
        return camera

    told: list[Any] = []
    watch = CaptureLoop(open_source, nothing, nothing, told.append, rest_seconds=5.0, max_fps=30.0)
    watch.run()

    assert (camera.closed.wait(5.0), told) == (True, [])


def test_a_black_picture_is_told_and_taken_back_when_there_is_light(
    watch_it: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The camera stays open meanwhile, and is looked at: nothing is to be reopened."""
    monkeypatch.setattr("camera.image_health.FAULT_DELAY_SECONDS", 0.2)
    light = threading.Event()
    opened: list[Camera] = []

    def dark_then_light() -> Iterator[Frame]:
        while not light.is_set():
            time.sleep(0.01)
            yield np.zeros((64, 64, 3), np.uint8)
        yield from noisy()

    def open_source() -> Camera:
        opened.append(Camera(dark_then_light))
        return opened[-1]

    watched = watch_it(open_source, nothing)
    watched.until(lambda: watched.told(SourceFailed))
    light.set()
    watched.until(lambda: len(watched.told(SourceWorking)) == 2)

    assert [event for event in watched.events if not isinstance(event, FrameProcessed)] == [
        SourceWorking("camera 0"),
        SourceFailed(BLACK_IMAGE),
        SourceWorking("camera 0"),
    ]
    assert len(opened) == 1


def test_a_frozen_picture_is_told_and_the_camera_opened_again(
    watch_it: Callable[..., Any], quick_to_reopen: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A driver that repeats its last picture is cured by that."""
    monkeypatch.setattr("camera.image_health.FAULT_DELAY_SECONDS", 0.1)
    opened: list[Camera] = []

    def frozen() -> Iterator[Frame]:
        while True:
            time.sleep(0.01)
            yield GOOD.copy()

    def open_source() -> Camera:
        opened.append(Camera(noisy if opened else frozen))
        return opened[-1]

    watched = watch_it(open_source, nothing)
    watched.until(lambda: len(watched.told(SourceWorking)) == 2)

    assert sentences(watched) == [FROZEN_IMAGE]
    assert opened[0].closed.is_set()


@pytest.mark.parametrize("kind", ["stream", "demo"])
def test_only_a_camera_is_suspected_of_a_picture_that_stands_still(
    kind: str, watch_it: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A drawn scene may well be the same for a while."""
    monkeypatch.setattr("camera.image_health.FAULT_DELAY_SECONDS", 0.02)

    def still() -> Iterator[Frame]:
        for _ in range(30):
            time.sleep(0.01)
            yield GOOD

    events = watch_it(lambda: Camera(still, kind), nothing).finish()

    assert not [event for event in events if isinstance(event, SourceFailed)]
