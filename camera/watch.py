"""
The loop between light and badge: pictures in, codes out, and a source that fails is opened again.

It runs in a thread of its own, and never ends but by the source's end or because it is told to.
"""

import threading
import time
from collections.abc import Callable, Iterator

from camera.errors import CameraError, CameraGone, in_words
from camera.events import Ended, Event, Looked, Seen, Trouble, Working
from camera.health import FROZEN, Health
from camera.newest import Newest
from camera.payload import Decode
from camera.rest import Rest
from camera.sources.base import Shot, Source

REOPEN_SECONDS = 2.0
"""How often a source that failed is tried again."""


class Watch:
    """Watches one source for codes."""

    def __init__(
        self,
        open_source: Callable[[], Source],
        live: Decode,
        still: Decode,
        tell: Callable[[Event], None],
        *,
        rest_seconds: float,
        max_fps: float,
    ) -> None:
        """
        *live* decodes a picture that others follow, *still* one that stands alone; *tell* hears of every event.

        *open_source* raises CameraError while there are no pictures to be had.
        """
        self.open_source = open_source
        self.live = live
        self.still = still
        self.tell = tell
        self.rest = Rest(rest_seconds)
        self.shortest = 1.0 / max_fps
        self.stopping = threading.Event()
        self.newest: Newest | None = None
        self.trouble: str | None = None

    def run(self) -> None:
        """Watch until the source ends or `stop` is called; what goes wrong on the way is told, and mended."""
        while not self.stopping.is_set():
            try:
                self.watch(self.opened())
                if not self.stopping.is_set():
                    self.tell(Ended())
                return
            except CameraError as error:
                self.troubled(str(error))
                self.stopping.wait(REOPEN_SECONDS)

    def stop(self) -> None:
        """End with the picture that is being looked at."""
        self.stopping.set()
        if self.newest is not None:
            self.newest.let_go()

    def opened(self) -> Source:
        """
        The source, open.

        Raises:
            CameraError: there are no pictures to be had, for whatever reason.
        """
        try:
            return self.open_source()
        except (Exception, SystemExit) as error:  # a driver's library may ask the whole program to end
            raise in_words(error) from None

    def watch(self, source: Source) -> None:
        """
        Look at every picture of *source*, or at the newest where it is live.

        Raises:
            CameraError: there are no more, although it had not come to its end.
        """
        self.newest = Newest(source) if source.is_live else None
        pictures = self.newest or source
        health = Health() if source.kind == "camera" else None
        if self.stopping.is_set():
            pictures.close()
            return
        try:
            for shot in shots(pictures):
                if self.stopping.is_set():
                    return
                started = time.monotonic()
                self.look(shot, source, health, started)
                if source.is_live:
                    self.stopping.wait(max(0.0, self.shortest - (time.monotonic() - started)))
        finally:
            pictures.close()

    def look(self, shot: Shot, source: Source, health: Health | None, now: float) -> None:
        """Look for codes in one picture, and tell what is in it."""
        found = tuple((self.still if shot.is_still else self.live)(shot.frame))
        new = tuple(payload for payload in found if self.rest.is_new(payload.data, now))
        if new:
            self.tell(Seen(new, source.kind))
        self.tell(Looked(shot.frame, shot.name, found))
        if health is not None:
            health.look(shot.frame, now)
            if health.trouble == FROZEN:
                raise CameraGone(FROZEN)
            if health.trouble:
                self.troubled(health.trouble)
                return
        if self.trouble != "":
            self.trouble = ""
            self.tell(Working(source.name))

    def troubled(self, sentence: str) -> None:
        """Tell of trouble, once for each kind of it."""
        if sentence != self.trouble:
            self.trouble = sentence
            self.tell(Trouble(sentence))


def shots(pictures: Source | Newest) -> Iterator[Shot]:
    """
    The pictures.

    Raises:
        CameraError: there are no more, for whatever reason.
    """
    try:
        yield from pictures.shots()
    except Exception as error:
        raise in_words(error) from None
