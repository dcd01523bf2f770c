"""`kiosk scan`: read badges from pictures, a video, a stream, or a USB scanner."""

import sys
from collections.abc import Callable, Iterator
from itertools import groupby

import click

from camera.errors import CameraError
from camera.payload import Payload
from data.language import _, translate_error
from kiosk.badges.badge import Badge, RefusedPayload
from kiosk.badges.reading import read_badge
from kiosk.cli.context import json_option, load_command_settings, print_json
from kiosk.cli.error_exit import print_error
from kiosk.cli.layout_repair import repair_typed_cards
from kiosk.cli.save_scans import ScanReport, ScanSaver
from kiosk.cli.stdin_payloads import group_payloads, read_lines
from kiosk.config.load import Settings
from kiosk.status.wording import sanitize_text


@click.command(
    short_help=_("Read badges from pictures, videos or a USB scanner."),
    help=_(
        "Read the badges in pictures, folders of pictures, a video or a stream. `-` reads standard input.\n\n"
        "On standard input each line is one badge, as a USB scanner types it; a vCard may have several lines. Exit "
        "status: 1 if there was no code, a badge was refused, or something was not saved."
    ),
)
@click.argument("sources", metavar="SOURCE...", nargs=-1, required=True)
@click.option("--save", is_flag=True, help=_("Save the badges as leads. Default: only show them."))
@json_option
@click.pass_context
def scan(context: click.Context, sources: tuple[str, ...], save: bool, as_json: bool) -> None:
    """Read the sources, report each code, and exit."""
    settings = load_command_settings(context)
    results: list[ScanReport] = []

    def report(result: ScanReport) -> None:
        results.append(result)
        if not as_json:
            click.echo(sanitize_text(f"{result['source']}: {_format_report(result)}"))

    saver = ScanSaver(settings, report) if save else None
    read = saver or _make_reader(settings)
    for place, found in _read_sources(sources, settings):
        if isinstance(found, CameraError):
            results.append({"source": place, **_report_unreadable(found)})
        else:
            report({"source": place, **(read(place, found) if found else _build_no_code_report())})
    # A badge that was reported as not saved does not count as a failure if it was saved later.
    ignored_kinds = ("not saved",) if saver and saver.flush_held() else ()  # not shown: a kind of result
    failed = [result for result in results if not result["ok"] and result["kind"] not in ignored_kinds]
    if not results:
        print_error(_("Nothing was read: standard input is empty."))
    if as_json:
        print_json(results)
    sys.exit(0 if results and not failed else 1)


def _read_sources(sources: tuple[str, ...], settings: Settings) -> Iterator[tuple[str, Payload | CameraError | None]]:
    """Yield each place, and what was found there: a code, why it cannot be read, or None for no code."""
    for is_typed, names in groupby(sources, lambda name: name == "-"):
        if is_typed:
            yield from _read_typed_payloads(settings)
        else:
            from kiosk.cli.decode_files import decode_sources

            yield from decode_sources(tuple(names), settings.camera)


def _read_typed_payloads(settings: Settings) -> Iterator[tuple[str, Payload | None]]:
    """Yield each payload on standard input with its first line's number, and None for a line too long for a code."""
    from camera.text import decode_text

    def is_badge(line: bytes) -> bool:
        return read_badge(line, decode_text(line), settings.badges).kind != "unknown"

    if sys.stdin is None:
        raise click.UsageError(_("There is no standard input to read from."))
    for number, data in group_payloads(repair_typed_cards(read_lines(sys.stdin.buffer)), is_badge):
        yield _("line {number}").format(number=number), Payload(data, decode_text(data), "typed") if data else None


def _report_unreadable(error: CameraError) -> ScanReport:
    """Print why a source could not be read, and return the report on it for scripts."""
    sentence = sanitize_text(translate_error(error.once))
    print_error(sentence)
    return {"kind": "nothing", "who": sentence, "ok": False}


def _build_no_code_report() -> ScanReport:
    """Return the report on a picture without a code."""
    return {"kind": "nothing", "who": _("no code found"), "ok": False}


def _make_reader(settings: Settings) -> Callable[[str, Payload], ScanReport]:
    """Return a function that reads a payload without saving it."""

    def read(place: str, payload: Payload) -> ScanReport:
        badge = read_badge(payload.data, payload.text, settings.badges)
        return {"symbology": payload.symbology, "kind": badge.kind, **_describe_badge(badge, payload)}

    return read


def _describe_badge(badge: Badge | RefusedPayload, payload: Payload) -> ScanReport:
    """Return what a badge says, for people and scripts; nothing of it if the payload was refused."""
    if isinstance(badge, RefusedPayload):
        return {"who": badge.message, "ok": False}
    contact = badge.contact
    fields = {name: getattr(contact, name) for name in contact.__slots__ if getattr(contact, name)}
    who = ", ".join(part for part in (contact.display_name, contact.company, contact.email) if part)
    text = payload.text if badge.stored_payload is None else badge.stored_payload.decode("utf-8", "replace")
    return {
        "who": who or badge.badge_id or text,
        "contact": fields,
        "badge_id": badge.badge_id,
        "answers": dict(badge.answers),
        "unread": list(badge.unread),
        "text": text,
        "ok": True,
    }


def _format_report(result: ScanReport) -> str:
    """Format a report as a line for people."""
    # A badge that was saved begins with what happened to it, so that its kind would only say that again.
    kinds = [result[name] for name in ("symbology", *(() if "lead" in result else ("kind",))) if name in result]
    symbology = f" ({', '.join(kinds)})" if "symbology" in result else ""
    line = f"{result['who']}{symbology}"
    unread = "" if result["kind"] == "unknown" else ", ".join(result.get("unread", ()))
    return _("{line}; not understood: {unread}").format(line=line, unread=unread) if unread else line
