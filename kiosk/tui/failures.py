"""Background tasks of the screens that fail because of a bug: staff see a message, and the kiosk keeps scanning."""

import logging

from textual.message_pump import MessagePump
from textual.worker import Worker, WorkerState

from data.language import _

log = logging.getLogger(__name__)


class FailureReporter(MessagePump):
    """Mixin for the app and its screens that logs and shows the failures of their workers."""

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Report a worker that failed; otherwise the key that started it would seem to do nothing."""
        error = event.worker.error
        if event.state is WorkerState.ERROR and error is not None:
            log.error("%s failed", event.worker.name, exc_info=error)
            self.app.notify(
                _("That did not work because of a bug in the kiosk ({error}). Details are in its log.").format(
                    error=type(error).__name__
                ),
                severity="error",
                markup=False,
            )
