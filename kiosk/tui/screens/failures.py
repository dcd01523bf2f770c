"""What a screen does in the background may fail by a mistake of ours; then it says so, and the kiosk keeps scanning."""

import logging

from textual.message_pump import MessagePump
from textual.worker import Worker, WorkerState

log = logging.getLogger(__name__)


class FailureReporter(MessagePump):
    """For screens and the app: writes down what their workers fail of, and says it."""

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Report a worker that failed: otherwise a key would do nothing, without a word."""
        error = event.worker.error
        if event.state is WorkerState.ERROR and error is not None:
            log.error("%s failed", event.worker.name, exc_info=error)
            self.app.notify(
                f"That did not work, by a mistake in the kiosk ({type(error).__name__}). Its log says more.",
                severity="error",
                markup=False,
            )
