"""Messages from the threads to the app."""

from collections.abc import Sequence
from typing import Any

from textual.message import Message

from data.alerts import Alert
from kiosk.scanning.scan_result import ScanResult
from kiosk.status.status import KioskStatus


class BadgeScanned(Message):
    """A badge was shown; *result* says what happened to it."""

    def __init__(self, result: ScanResult) -> None:
        super().__init__()
        self.result = result


class PictureReady(Message):
    """An image of the camera: height x width x 3, RGB, uint8."""

    def __init__(self, picture: Any) -> None:
        super().__init__()
        self.picture = picture

    def can_replace(self, message: Message) -> bool:
        """Let a newer image replace one that was not shown yet, so that a slow screen never lags behind."""
        return isinstance(message, PictureReady)


class CameraChanged(Message):
    """The camera *name* works, or does not because of *problem*."""

    def __init__(self, name: str, problem: str = "") -> None:
        super().__init__()
        self.name = name
        self.problem = problem


class StatusUpdated(Message):
    """The kiosk status and the current alerts were read."""

    def __init__(self, status: KioskStatus, alerts: Sequence[Alert] = ()) -> None:
        super().__init__()
        self.status = status
        self.alerts = alerts


class ThreadCrashed(Message):
    """A thread of the kiosk died because of a bug."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error
