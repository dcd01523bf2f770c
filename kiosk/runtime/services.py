"""The processes beside the screen: the worker, and in a practice its CRM."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from data.clock import SystemClock
from kiosk.alerts.schedule import StandIn
from kiosk.config.load import Settings
from kiosk.runtime.child_process import Child


@contextmanager
def parts_running(settings: Settings, config: Path | None) -> Iterator[None]:
    """Keep the worker running, the practice CRM where leads go to it, and the API where it is wanted; it ends first."""
    named = ["--config", str(config.resolve())] if config else []
    with ExitStack() as stack:
        if settings.is_practice:
            stack.enter_context(
                running(Child([*named, "practice-crm", "--with-parent"], log_file(settings, "practice-crm")))
            )
        stack.enter_context(running(Child([*named, "worker", "--with-parent"], log_file(settings, "worker"))))
        stack.enter_context(StandIn(settings, SystemClock()))
        if settings.intake.enabled:
            stack.enter_context(running(Child([*named, "serve", "--with-parent"], log_file(settings, "intake"))))
        yield


@contextmanager
def running(child: Child) -> Iterator[Child]:
    """Start *child*, and stop it at the end."""
    child.start()
    try:
        yield child
    finally:
        child.stop()


def log_file(settings: Settings, name: str) -> Path:
    """Where the process called *name* writes what happens."""
    return settings.folder / f"{name}.log"
