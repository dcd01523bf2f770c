"""Which codes count: new ones, different ones, several in one image."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pytest

from camera.capture_loop import CaptureLoop
from camera.events import CodesSeen, FrameProcessed, SourceEnded, SourceWorking
from camera.payload import Frame, Payload
from camera.settings import DECODERS
from camera.sources.base import Shot
from tests.support.decoders import make_live_decoder


class Film:
    """Images that are all processed, like those of a file."""

    name, kind, is_live = "film", "video", False

    def __init__(self, frames: Sequence[Frame], *, is_still: bool = False) -> None:
        self.frames = frames
        self.is_still = is_still
        self.closed = 0

    def read_shots(self) -> Iterator[Shot]:
        """Yield each frame, named by its number."""
        for number, frame in enumerate(self.frames):
            yield Shot(frame, str(number), self.is_still)

    def close(self) -> None:
        """Count the calls."""
        self.closed += 1


def draw_numbers(*numbers: int) -> Frame:
    """Return an image whose first points say which codes `find_codes` finds in it."""
    frame = np.zeros((64, 64, 3), np.uint8)
    frame[0, : len(numbers), 0] = numbers
    return frame


def find_codes(frame: Frame) -> list[Payload]:
    """Find one code for each number in the frame."""
    return [Payload(b"%d" % number, str(number), "qr") for number in frame[0, :, 0] if number]


def list_new_texts(events: list[Any]) -> list[tuple[str, ...]]:
    """Return the texts of the codes reported as new, image by image."""
    return [tuple(code.text for code in event.payloads) for event in events if isinstance(event, CodesSeen)]


def test_badges_are_read_by_the_real_decoders(draw: Callable[..., Frame], run_loop: Callable[..., Any]) -> None:
    """The text is the badge's, the kind is the source's, and the end is reported last."""
    frames = [draw(), draw("Ána Žižek".encode()), draw(), draw(b"ID-7")]

    events = run_loop(lambda: Film(frames), make_live_decoder(DECODERS, False)).wait_for_end()

    assert list_new_texts(events) == [("Ána Žižek",), ("ID-7",)]
    assert {event.source_kind for event in events if isinstance(event, CodesSeen)} == {"video"}
    assert events[-1] == SourceEnded()


def test_two_badges_in_one_image_both_count(draw: Callable[..., Frame], run_loop: Callable[..., Any]) -> None:
    """Colleagues show their badges together: one event, both codes."""
    frame = draw(b"anna", b"bert", width=1280, height=720)

    events = run_loop(lambda: Film([frame]), make_live_decoder(DECODERS, False)).wait_for_end()

    assert [sorted(texts) for texts in list_new_texts(events)] == [["anna", "bert"]]


def test_a_code_in_view_counts_once_and_a_second_one_beside_it_at_once(run_loop: Callable[..., Any]) -> None:
    """Ignoring one code does not ignore others, in whatever order they come and go."""
    frames = [
        draw_numbers(1),
        draw_numbers(1),
        draw_numbers(1, 2),
        draw_numbers(2),
        draw_numbers(2, 1),
        draw_numbers(3),
        draw_numbers(1),
    ]

    events = run_loop(lambda: Film(frames), find_codes).wait_for_end()

    assert list_new_texts(events) == [("1",), ("2",), ("3",)]


def test_every_code_in_an_image_is_reported_with_it(run_loop: Callable[..., Any]) -> None:
    """New or not, because the viewfinder outlines all of them."""
    frames = [draw_numbers(1), draw_numbers(1, 2), draw_numbers()]

    events = run_loop(lambda: Film(frames), find_codes).wait_for_end()
    looked = [event for event in events if isinstance(event, FrameProcessed)]

    assert [(event.file_name, [code.text for code in event.codes]) for event in looked] == [
        ("0", ["1"]),
        ("1", ["1", "2"]),
        ("2", []),
    ]
    assert all(event.frame is frame for event, frame in zip(looked, frames, strict=True))


def test_a_code_counts_again_after_its_cooldown(run_loop: Callable[..., Any]) -> None:
    """Without a cooldown every sighting counts."""
    frames = [draw_numbers(1), draw_numbers(1), draw_numbers(1)]

    assert len(list_new_texts(run_loop(lambda: Film(frames), find_codes, rest_seconds=0.0).wait_for_end())) == 3
    assert len(list_new_texts(run_loop(lambda: Film(frames), find_codes, rest_seconds=3600.0).wait_for_end())) == 1


def test_a_badge_is_reported_before_its_image(run_loop: Callable[..., Any]) -> None:
    """Saving comes before showing."""
    events = run_loop(lambda: Film([draw_numbers(1)]), find_codes).wait_for_end()

    assert [type(event) for event in events] == [CodesSeen, FrameProcessed, SourceWorking, SourceEnded]


def test_stills_and_videos_get_their_own_decoder() -> None:
    """Only in a video does a better image of the same badge follow."""
    asked: list[str] = []

    def decoder(name: str) -> Any:
        return lambda frame: asked.append(name) or []  # type: ignore[func-returns-value]

    for film in (Film([draw_numbers()]), Film([draw_numbers()], is_still=True)):
        CaptureLoop(
            lambda film=film: film,  # type: ignore[misc]
            decoder("live"),
            decoder("still"),
            lambda event: None,
            rest_seconds=5.0,
            max_fps=30.0,
        ).run()

    assert asked == ["live", "still"]


def test_no_image_of_a_file_is_skipped_for_a_slow_decoder(run_loop: Callable[..., Any]) -> None:
    """A badge that is only in one image of a video is found."""

    def slowly(frame: Frame) -> list[Payload]:
        time.sleep(0.005)
        return find_codes(frame)

    events = run_loop(
        lambda: Film([draw_numbers(number) for number in range(1, 41)]), slowly, max_fps=1.0
    ).wait_for_end()

    assert [(str(number),) for number in range(1, 41)] == list_new_texts(events)


def test_a_source_is_closed_at_its_end(run_loop: Callable[..., Any]) -> None:
    """Also if the loop is stopped in the middle."""
    short, long = Film([draw_numbers(1)]), Film([draw_numbers(1)] * 1_000_000)

    run_loop(lambda: short, find_codes).wait_for_end()
    running = run_loop(lambda: long, find_codes)
    running.wait_until(lambda: running.events_of(FrameProcessed))
    running.loop.stop()
    running.wait_for_end()

    assert (short.closed, long.closed) == (1, 1)
    assert running.events_of(SourceEnded) == []


def test_an_error_of_the_listener_is_not_a_camera_error() -> None:
    """A full disk must not be reported as a broken camera. The caller handles it, and the source is closed."""
    film = Film([draw_numbers(1)])
    reported: list[Any] = []

    def tell(event: Any) -> None:
        reported.append(event)
        raise OSError("disk full")

    watch = CaptureLoop(lambda: film, find_codes, find_codes, tell, rest_seconds=5.0, max_fps=30.0)
    with pytest.raises(OSError, match="disk full"):
        watch.run()

    assert ([type(event) for event in reported], film.closed) == ([CodesSeen], 1)
