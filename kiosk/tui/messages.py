"""What threads tell the screen."""

from collections.abc import Sequence
from typing import Any

from textual.message import Message

from data.alerts import Alert
from kiosk.scanning.capture import ScanResult
from kiosk.status.status import KioskStatus


class BadgeScanned(Message):
    """A badge was shown, and this came of it."""

    def __init__(self, result: ScanResult) -> None:
        super().__init__()
        self.result = result


class PictureReady(Message):
    """The camera's picture of this moment: height x width x 3, RGB, uint8; only the newest matters."""

    def __init__(self, picture: Any) -> None:
        super().__init__()
        self.picture = picture

    def can_replace(self, message: Message) -> bool:
        """A newer picture takes the place of one that was not shown yet."""
        return isinstance(message, PictureReady)


class CameraChanged(Message):
    """The camera works, or does not, and this is why."""

    def __init__(self, name: str, problem: str = "") -> None:
        super().__init__()
        self.name = name
        self.problem = problem


class StatusUpdated(Message):
    """How everything stands now, and what is wrong."""

    def __init__(self, status: KioskStatus, alerts: Sequence[Alert] = ()) -> None:
        super().__init__()
        self.status = status
        self.alerts = alerts


class ThreadCrashed(Message):
    """A thread of the kiosk died by a mistake of ours."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error
