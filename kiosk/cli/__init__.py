"""The `kiosk` command: one file a family of commands, loaded only when one of them is called."""

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import click

COMMAND_MODULES = {
    "run": "run",
    "worker": "run",
    "practice-crm": "practice",
    "scan": "scan",
    "pending": "pending",
    "retry": "lead_actions",
    "discard": "lead_actions",
    "restore": "lead_actions",
    "sync": "sync",
    "pause": "pause",
    "resume": "pause",
    "status": "status",
    "attempts": "attempts",
    "history": "history",
    "check": "check",
    "serve": "serve",
    "token": "serve",
    "leads": "leads",
    "export": "leads",
    "backup": "backup",
    "import": "import_attendees",
    "badges": "badges",
    "loadtest": "loadtest",
    "demo": "demo",
}
"""Every command, and the module of this package that it is in."""

HELP_SECTIONS = {
    "At the booth": (
        *("run", "scan", "status", "pending", "attempts", "history"),
        *("sync", "pause", "resume", "retry", "discard", "restore"),
    ),
    "Before and after the show": ("check", "import", "badges", "leads", "export", "backup"),
    "Other devices": ("serve", "token"),
    "What it can carry": ("demo", "loadtest"),
    "Behind the scenes": ("worker", "practice-crm"),
}


@contextmanager
def _sanitize_click_errors() -> Iterator[None]:
    """What an error quotes of the command line reaches the terminal as text, never as a control sequence."""
    try:
        yield
    except click.ClickException as error:
        from kiosk.status.wording import sanitize_text

        error.message = sanitize_text(error.message)  # type: ignore[misc]  # click means others, not whoever shows it
        raise


class LazyGroup(click.Group):
    """A group whose commands are imported when they are asked for: `kiosk run` must not wait for the others."""

    def list_commands(self, context: click.Context) -> list[str]:
        """Their names, in the order in which help lists them."""
        return list(COMMAND_MODULES)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """The command called *name*."""
        if name not in COMMAND_MODULES:
            return None
        module = import_module(f"kiosk.cli.{COMMAND_MODULES[name]}")
        command: click.Command = getattr(module, name.replace("-", "_").replace("import", "import_"))
        return command

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Read the options that stand before the command."""
        with _sanitize_click_errors():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        with _sanitize_click_errors():
            return super().invoke(ctx)

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands by what people want to do."""
        for title, names in HELP_SECTIONS.items():
            with formatter.section(title):
                found = [(name, self.get_command(context, name)) for name in names]
                formatter.write_dl([(name, command.get_short_help_str(90)) for name, command in found if command])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--config", metavar="FILE", type=click.Path(), help="The settings; else $KIOSK_CONFIG, else ./kiosk.toml."
)
@click.version_option(package_name="booth-kiosk")
@click.pass_context
def cli(context: click.Context, config: str | None) -> None:
    """An offline-first booth kiosk: scan a badge, keep the lead, deliver it to the CRM when the WiFi allows."""
    context.obj = config


def main() -> None:
    """Run the command line; what goes wrong is one sentence, and the exit status says of which kind it was."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a name that this terminal's encoding lacks stops nothing
            stream.reconfigure(errors="backslashreplace")
    try:
        cli(prog_name="kiosk")
    except Exception as error:
        from kiosk.cli.error_exit import exit_with_error

        exit_with_error(error)
