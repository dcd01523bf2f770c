"""`kiosk scan`: read badges from pictures, a video, a stream, or a USB scanner."""

import sys
from collections.abc import Callable, Iterator
from itertools import groupby

import click

from camera.payload import Payload
from kiosk.badges import read_badge
from kiosk.badges.badge import Badge, RefusedPayload
from kiosk.cli.context import json_option, load_command_settings, print_json
from kiosk.cli.layout_repair import repair_typed_cards
from kiosk.cli.save_scans import ScanReport, ScanSaver
from kiosk.cli.stdin_payloads import group_payloads, read_lines
from kiosk.config.load import Settings
from kiosk.status.wording import sanitize_text

_NO_CODE_RESULT = {"kind": "nothing", "who": "no code found", "ok": False}


@click.command()
@click.argument("sources", metavar="SOURCE...", nargs=-1, required=True)
@click.option("--save", is_flag=True, help="Save what is read as leads; without it nothing is kept.")
@json_option
@click.pass_context
def scan(context: click.Context, sources: tuple[str, ...], save: bool, as_json: bool) -> None:
    """
    Read the badges in pictures, folders of pictures, a video or a stream; `-` reads payloads from standard input.

    On standard input each line is a payload, as a USB scanner types it; a vCard may have many lines.
    Exit status: 1 when there was no code, a badge was refused, or something was not saved.
    """
    settings = load_command_settings(context)
    results: list[ScanReport] = []

    def tell(result: ScanReport) -> None:
        results.append(result)
        if not as_json:
            click.echo(sanitize_text(f"{result['source']}: {format_result(result)}"))

    saver = ScanSaver(settings, tell) if save else None
    read = saver or make_reader(settings)
    for place, payload in _read_sources(sources, settings):
        tell({"source": place, **(read(place, payload) if payload else _NO_CODE_RESULT)})
    forgiven = ("not saved",) if saver and saver.flush_held() else ()  # it was saved later
    failed = [result for result in results if not result["ok"] and result["kind"] not in forgiven]
    if as_json:
        print_json(results)
    sys.exit(0 if results and not failed else 1)


def _read_sources(sources: tuple[str, ...], settings: Settings) -> Iterator[tuple[str, Payload | None]]:
    """Each code with the place that it was found in; None for a picture without one."""
    for is_typed, names in groupby(sources, lambda name: name == "-"):
        if is_typed:
            yield from read_typed_payloads(settings)
        else:
            from kiosk.cli.decode_files import decode_sources

            yield from decode_sources(tuple(names), settings.camera)


def read_typed_payloads(settings: Settings) -> Iterator[tuple[str, Payload | None]]:
    """Each payload on standard input, with the line that it begins on; None for a line that no code can hold."""
    from camera.text import decode_text

    def is_badge(line: bytes) -> bool:
        return read_badge(line, decode_text(line), settings.badges).kind != "unknown"

    if sys.stdin is None:
        raise click.UsageError("There is no standard input to read from.")
    for number, data in group_payloads(repair_typed_cards(read_lines(sys.stdin.buffer)), is_badge):
        yield f"line {number}", Payload(data, decode_text(data), "typed") if data else None


def make_reader(settings: Settings) -> Callable[[str, Payload], ScanReport]:
    """What reads a payload and keeps nothing."""

    def read(place: str, payload: Payload) -> ScanReport:
        badge = read_badge(payload.data, payload.text, settings.badges)
        return {"symbology": payload.symbology, "kind": badge.kind, **describe_badge(badge, payload)}

    return read


def describe_badge(badge: Badge | RefusedPayload, payload: Payload) -> ScanReport:
    """What a badge says, for a person and for a script; of what was refused, nothing."""
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


def format_result(result: ScanReport) -> str:
    """One result for a person."""
    symbology = f" ({result['symbology']}, {result['kind']})" if "symbology" in result else ""
    unread = "" if result["kind"] == "unknown" else ", ".join(result.get("unread", ()))
    return f"{result['who']}{symbology}" + (f"; not understood: {unread}" if unread else "")
