"""The `kiosk` command: one file a family of commands, loaded only when one of them is called."""

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import click

COMMANDS = {
    "run": "run",
    "worker": "run",
    "practice-crm": "practice",
    "scan": "scan",
    "pending": "pending",
    "retry": "verbs",
    "discard": "verbs",
    "restore": "verbs",
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
    "import": "imports",
    "badges": "badges",
    "loadtest": "loadtest",
    "demo": "demo",
}
"""Every command, and the module of this package that it is in."""

FAMILIES = {
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
def arguments_made_plain() -> Iterator[None]:
    """What an error quotes of the command line reaches the terminal as text, never as a control sequence."""
    try:
        yield
    except click.ClickException as error:
        from kiosk.status.wording import plain

        error.message = plain(error.message)  # type: ignore[misc]  # click means others, not whoever shows it
        raise


class Commands(click.Group):
    """A group whose commands are imported when they are asked for: `kiosk run` must not wait for the others."""

    def list_commands(self, context: click.Context) -> list[str]:
        """Their names, in the order in which help lists them."""
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """The command called *name*."""
        if name not in COMMANDS:
            return None
        module = import_module(f"kiosk.cli.{COMMANDS[name]}")
        command: click.Command = getattr(module, name.replace("-", "_").replace("import", "import_"))
        return command

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Read the options that stand before the command."""
        with arguments_made_plain():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        with arguments_made_plain():
            return super().invoke(ctx)

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands by what people want to do."""
        for title, names in FAMILIES.items():
            with formatter.section(title):
                found = [(name, self.get_command(context, name)) for name in names]
                formatter.write_dl([(name, command.get_short_help_str(90)) for name, command in found if command])


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
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
        from kiosk.cli.failing import fail

        fail(error)
