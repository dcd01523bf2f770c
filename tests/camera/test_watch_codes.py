"""Which codes count: new ones, different ones, several in one picture."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pytest

from camera.capture_loop import CaptureLoop
from camera.decoders import make_live_decoder
from camera.events import CodesSeen, FrameProcessed, SourceEnded, SourceWorking
from camera.payload import Frame, Payload
from camera.settings import DECODERS
from camera.sources.base import Shot


class Film:
    """Pictures that are all looked at, as those of a file are."""

    name, kind, is_live = "film", "video", False

    def __init__(self, frames: Sequence[Frame], *, is_still: bool = False) -> None:
        self.frames = frames
        self.is_still = is_still
        self.closed = 0

    def shots(self) -> Iterator[Shot]:
        """Each frame, called by its number."""
        for number, frame in enumerate(self.frames):
            yield Shot(frame, str(number), self.is_still)

    def close(self) -> None:
        """Count."""
        self.closed += 1


def numbered(*numbers: int) -> Frame:
    """A picture whose first points say which codes `codes` finds in it."""
    frame = np.zeros((64, 64, 3), np.uint8)
    frame[0, : len(numbers), 0] = numbers
    return frame


def codes(frame: Frame) -> list[Payload]:
    """One code for each number in the frame."""
    return [Payload(b"%d" % number, str(number), "qr") for number in frame[0, :, 0] if number]


def seen(events: list[Any]) -> list[tuple[str, ...]]:
    """The texts of the codes told as new, picture by picture."""
    return [tuple(code.text for code in event.payloads) for event in events if isinstance(event, CodesSeen)]


def test_badges_in_pictures_are_seen_through_the_real_decoders(
    draw: Callable[..., Frame], watch_it: Callable[..., Any]
) -> None:
    """The text is the badge's, the kind is the source's, and the end is told last."""
    frames = [draw(), draw("Ána Žižek".encode()), draw(), draw(b"ID-7")]

    events = watch_it(lambda: Film(frames), make_live_decoder(DECODERS, False)).finish()

    assert seen(events) == [("Ána Žižek",), ("ID-7",)]
    assert {event.source_kind for event in events if isinstance(event, CodesSeen)} == {"video"}
    assert events[-1] == SourceEnded()


def test_two_badges_in_one_picture_both_count(draw: Callable[..., Frame], watch_it: Callable[..., Any]) -> None:
    """Colleagues show their badges together: one event, both codes."""
    frame = draw(b"anna", b"bert", width=1280, height=720)

    events = watch_it(lambda: Film([frame]), make_live_decoder(DECODERS, False)).finish()

    assert [sorted(texts) for texts in seen(events)] == [["anna", "bert"]]


def test_a_code_in_view_counts_once_and_a_second_one_beside_it_at_once(watch_it: Callable[..., Any]) -> None:
    """Ignoring one code ignores no other, in whatever order they come and go."""
    frames = [numbered(1), numbered(1), numbered(1, 2), numbered(2), numbered(2, 1), numbered(3), numbered(1)]

    events = watch_it(lambda: Film(frames), codes).finish()

    assert seen(events) == [("1",), ("2",), ("3",)]


def test_every_code_in_a_picture_is_told_with_it_new_or_not(watch_it: Callable[..., Any]) -> None:
    """The viewfinder outlines also the codes that rest."""
    frames = [numbered(1), numbered(1, 2), numbered()]

    events = watch_it(lambda: Film(frames), codes).finish()
    looked = [event for event in events if isinstance(event, FrameProcessed)]

    assert [(event.name, [code.text for code in event.codes]) for event in looked] == [
        ("0", ["1"]),
        ("1", ["1", "2"]),
        ("2", []),
    ]
    assert all(event.frame is frame for event, frame in zip(looked, frames, strict=True))


def test_a_code_counts_again_after_its_rest(watch_it: Callable[..., Any]) -> None:
    """With no rest at all every look counts."""
    frames = [numbered(1), numbered(1), numbered(1)]

    assert len(seen(watch_it(lambda: Film(frames), codes, rest_seconds=0.0).finish())) == 3
    assert len(seen(watch_it(lambda: Film(frames), codes, rest_seconds=3600.0).finish())) == 1


def test_a_badge_is_told_before_the_picture_that_it_is_in(watch_it: Callable[..., Any]) -> None:
    """Saving comes before showing."""
    events = watch_it(lambda: Film([numbered(1)]), codes).finish()

    assert [type(event) for event in events] == [CodesSeen, FrameProcessed, SourceWorking, SourceEnded]


def test_a_still_picture_gets_the_thorough_decoder_and_a_video_the_quick_one() -> None:
    """A better picture of the same badge follows only in a video."""
    asked: list[str] = []

    def decoder(name: str) -> Any:
        return lambda frame: asked.append(name) or []  # type: ignore[func-returns-value]

    for film in (Film([numbered()]), Film([numbered()], is_still=True)):
        CaptureLoop(
            lambda film=film: film,  # type: ignore[misc]
            decoder("live"),
            decoder("still"),
            lambda event: None,
            rest_seconds=5.0,
            max_fps=30.0,
        ).run()

    assert asked == ["live", "still"]


def test_no_picture_of_a_file_is_passed_over_however_slow_the_decoder(watch_it: Callable[..., Any]) -> None:
    """A badge that is in one picture of a video only is found."""

    def slowly(frame: Frame) -> list[Payload]:
        time.sleep(0.005)
        return codes(frame)

    events = watch_it(lambda: Film([numbered(number) for number in range(1, 41)]), slowly, max_fps=1.0).finish()

    assert [(str(number),) for number in range(1, 41)] == seen(events)


def test_a_source_that_has_shown_all_is_closed(watch_it: Callable[..., Any]) -> None:
    """Also the one that is told to stop in the middle."""
    short, long = Film([numbered(1)]), Film([numbered(1)] * 1_000_000)

    watch_it(lambda: short, codes).finish()
    watched = watch_it(lambda: long, codes)
    watched.until(lambda: watched.told(FrameProcessed))
    watched.watch.stop()
    watched.finish()

    assert (short.closed, long.closed) == (1, 1)
    assert watched.told(SourceEnded) == []


def test_what_the_listener_throws_is_the_listeners_and_not_the_cameras() -> None:
    """A full disk must not be told as a broken camera: the caller deals with it, and the source is closed."""
    film = Film([numbered(1)])
    told: list[Any] = []

    def tell(event: Any) -> None:
        told.append(event)
        raise OSError("disk full")

    watch = CaptureLoop(lambda: film, codes, codes, tell, rest_seconds=5.0, max_fps=30.0)
    with pytest.raises(OSError, match="disk full"):
        watch.run()

    assert ([type(event) for event in told], film.closed) == ([CodesSeen], 1)
