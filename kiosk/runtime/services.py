"""The processes beside the screen: the worker, and in a practice its CRM."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from data.clock import SystemClock
from kiosk.alerts.schedule import StandInAlerts
from kiosk.config.load import Settings
from kiosk.runtime.child_process import ChildProcess


@contextmanager
def run_services(settings: Settings, config: Path | None) -> Iterator[None]:
    """Keep the worker running, the practice CRM where leads go to it, and the API where it is wanted; it ends first."""
    named = ["--config", str(config.resolve())] if config else []
    with ExitStack() as stack:
        if settings.is_practice:
            stack.enter_context(
                _run_child(
                    ChildProcess([*named, "practice-crm", "--with-parent"], build_log_path(settings, "practice-crm"))
                )
            )
        stack.enter_context(
            _run_child(ChildProcess([*named, "worker", "--with-parent"], build_log_path(settings, "worker")))
        )
        stack.enter_context(StandInAlerts(settings, SystemClock()))
        if settings.api.enabled:
            stack.enter_context(
                _run_child(ChildProcess([*named, "serve", "--with-parent"], build_log_path(settings, "intake")))
            )
        yield


@contextmanager
def _run_child(child: ChildProcess) -> Iterator[ChildProcess]:
    """Start *child*, and stop it at the end."""
    child.start()
    try:
        yield child
    finally:
        child.stop()


def build_log_path(settings: Settings, name: str) -> Path:
    """Where the process called *name* writes what happens."""
    return settings.folder / f"{name}.log"
