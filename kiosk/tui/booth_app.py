"""The part of the app that screens and widgets may use, so that they need not import the app itself."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from textual.app import App
from textual.binding import Binding
from textual.dom import DOMNode
from textual.notifications import Notification, SeverityLevel
from textual.screen import ModalScreen, Screen

from data.clock import Clock
from data.database_thread import DatabaseThread
from data.errors import StoreError
from data.language import _
from data.store import Store
from kiosk.config.load import Settings
from kiosk.status.status import KioskStatus
from kiosk.tui.booth_driver import BoothDriver
from kiosk.tui.failures import FailureReporter
from kiosk.tui.themes import build_themes, choose_palette, name_theme

_Result = TypeVar("_Result")
_ScreenResult = TypeVar("_ScreenResult")

# How long to wait for a locked database. Short, or the status line would be outdated meanwhile.
_DB_WAIT_SECONDS = 2.0

# The topic of notifications about sending: whether it is paused, and the result of "sync now".
SENDING_TOPIC = "sending"  # not shown: the topic

# The topic of notifications about the latest badge.
BADGE_TOPIC = "badge"  # not shown: the topic

# The topic of hints: why a key did nothing.
_HINT_TOPIC = "hint"  # not shown: the topic

# How long a hint stays on the screen.
_HINT_SECONDS = 4.0


class BoothApp(FailureReporter, App[None]):
    """The app as its screens see it: settings, the kiosk status, the database, and notifications."""

    def __init__(self, settings: Settings, clock: Clock, wake_worker: Callable[[], None]) -> None:
        super().__init__(driver_class=BoothDriver)
        translate_bindings(self)
        for theme in build_themes():
            self.register_theme(theme)
        self.theme = name_theme(choose_palette(settings.screen.theme))
        self.settings = settings
        self.clock = clock
        self.wake_worker = wake_worker
        """Called after each change of a lead, so that it is sent at once."""
        self.database = DatabaseThread(settings.database_file, "screen", _DB_WAIT_SECONDS)
        self.status: KioskStatus | None = None
        """The kiosk status as it was read last; None until it was read once."""
        self._notification_by_topic: dict[str, Notification] = {}
        self._held_notifications: list[Notification] = []

    @property
    def operator(self) -> str:
        """Who is scanning."""
        raise NotImplementedError

    @operator.setter
    def operator(self, name: str) -> None:
        raise NotImplementedError

    @property
    def has_undecided_keys(self) -> bool:
        """Whether keys are held back because a scanner may have typed them."""
        raise NotImplementedError

    def set_picture_size(self, width: int, height: int) -> None:
        """Set the size in pixels of the camera images to show; 0 x 0 while none are visible."""
        raise NotImplementedError

    async def refresh_status(self) -> None:
        """Read the kiosk status now, and show it."""
        raise NotImplementedError

    async def run_in_database(self, work: Callable[[Store], _Result]) -> _Result | None:
        """Run *work* in the database thread; if that fails, say so on the screen and return None."""
        try:
            return await self.database.run(work)
        except (StoreError, KeyError) as error:
            self.notify(str(error), severity="error", markup=False)
            return None

    def show_hint(self, sentence: str) -> None:
        """Say why a key did nothing, in place of the previous hint."""
        self.replace_notification(_HINT_TOPIC, sentence, timeout=_HINT_SECONDS)

    def replace_notification(
        self, topic: str, text: str, severity: SeverityLevel = "information", timeout: float | None = None
    ) -> None:
        """
        Show *text* in place of the previous notification on *topic*.

        Badges come faster than notifications expire, so each replaces the one before. A notification that a person
        asked for is on another topic, and stays until it could be read.
        """
        seconds = self.NOTIFICATION_TIMEOUT if timeout is None else timeout
        notification = Notification(text, severity=severity, timeout=seconds, markup=False)
        if previous := self._notification_by_topic.get(topic):
            self._held_notifications = [held for held in self._held_notifications if held is not previous]
            self._unnotify(previous, refresh=False)
        self._notification_by_topic[topic] = notification
        # Not App.notify(): it only queues the notification, and the next one could not remove it before it is shown.
        self._notifications.add(notification)
        self._refresh_notifications()

    def _refresh_notifications(self) -> None:
        """Show the notifications; while a modal screen is in front, only errors and the result of the latest badge."""
        # The others would cover what the modal screen asks or explains. They are shown once it is closed: Textual also
        # calls this when a screen comes to the front.
        if self.screen_stack and isinstance(self.screen_stack[-1], BoothModal):
            waiting = [notification for notification in self._notifications if not self._is_urgent(notification)]
            for notification in waiting:
                self._unnotify(notification, refresh=False)
            self._held_notifications += waiting
        else:
            for notification in self._held_notifications:
                # The time that it could not be seen does not count.
                notification.raised_at = time.time()
                self._notifications.add(notification)
            self._held_notifications.clear()
        super()._refresh_notifications()

    def _is_urgent(self, notification: Notification) -> bool:
        return notification.severity == "error" or notification is self._notification_by_topic.get(BADGE_TOPIC)


class StatusView:
    """Something in front of the staff that can follow the kiosk status."""

    def show_status(self, status: KioskStatus | None, held_count: int) -> None:
        """
        Show the kiosk status, None if it cannot be read, and the number of badges that could not be saved yet.

        Called each second while this screen is in front. By default nothing changes.
        """


class BoothScreen(StatusView, FailureReporter, Screen[_ScreenResult]):
    """A screen of the kiosk."""

    app: BoothApp

    def __init__(self) -> None:
        super().__init__()
        translate_bindings(self)


class BoothModal(StatusView, FailureReporter, ModalScreen[_ScreenResult]):
    """A modal screen of the kiosk, shown on top of another one."""

    app: BoothApp

    def __init__(self) -> None:
        super().__init__()
        translate_bindings(self)


def translate_bindings(node: DOMNode) -> None:
    """Translate the keys of *node* and what they do, as the footer shows them."""
    # BINDINGS are evaluated at import, before the language is known.
    for key, bindings in node._bindings.key_to_bindings.items():
        translated = [_translate_binding(binding) for binding in bindings]
        node._bindings.key_to_bindings[key] = translated


def _translate_binding(binding: Binding) -> Binding:
    """Translate what *binding* does, and the name of its key."""
    key = binding.key_display
    return replace(binding, description=_(binding.description), key_display=_(key) if key else key)
