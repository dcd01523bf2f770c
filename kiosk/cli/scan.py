"""`kiosk scan`: read badges from pictures, a video, a stream, or a USB scanner."""

import sys
from collections.abc import Callable, Iterator
from itertools import groupby

import click

from camera.payload import Payload
from kiosk.badges import read_badge
from kiosk.badges.badge import Badge, Refused
from kiosk.cli.context import json_option, say_json, settings_of
from kiosk.cli.lines import lines_of, payload_lines
from kiosk.cli.saving import Result, Saver
from kiosk.cli.typed_cards import mend_cards
from kiosk.config.load import Settings
from kiosk.status.wording import plain

NOTHING = {"kind": "nothing", "who": "no code found", "ok": False}


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
    settings = settings_of(context)
    results: list[Result] = []

    def tell(result: Result) -> None:
        results.append(result)
        if not as_json:
            click.echo(plain(f"{result['source']}: {said(result)}"))

    saver = Saver(settings, tell) if save else None
    read = saver or reader(settings)
    for place, payload in found_in(sources, settings):
        tell({"source": place, **(read(place, payload) if payload else NOTHING)})
    forgiven = ("not saved",) if saver and saver.finish() else ()  # it was saved later
    failed = [result for result in results if not result["ok"] and result["kind"] not in forgiven]
    if as_json:
        say_json(results)
    sys.exit(0 if results and not failed else 1)


def found_in(sources: tuple[str, ...], settings: Settings) -> Iterator[tuple[str, Payload | None]]:
    """Each code with the place that it was found in; None for a picture without one."""
    for is_typed, names in groupby(sources, lambda name: name == "-"):
        if is_typed:
            yield from typed(settings)
        else:
            from kiosk.cli.looking import codes_in

            yield from codes_in(tuple(names), settings.camera)


def typed(settings: Settings) -> Iterator[tuple[str, Payload | None]]:
    """Each payload on standard input, with the line that it begins on; None for a line that no code can hold."""
    from camera.text import text_of

    def is_badge(line: bytes) -> bool:
        return read_badge(line, text_of(line), settings.badges).kind != "unknown"

    if sys.stdin is None:
        raise click.UsageError("There is no standard input to read from.")
    for number, data in payload_lines(mend_cards(lines_of(sys.stdin.buffer)), is_badge):
        yield f"line {number}", Payload(data, text_of(data), "typed") if data else None


def reader(settings: Settings) -> Callable[[str, Payload], Result]:
    """What reads a payload and keeps nothing."""

    def read(place: str, payload: Payload) -> Result:
        badge = read_badge(payload.data, payload.text, settings.badges)
        return {"symbology": payload.symbology, "kind": badge.kind, **about(badge, payload)}

    return read


def about(badge: Badge | Refused, payload: Payload) -> Result:
    """What a badge says, for a person and for a script; of what was refused, nothing."""
    if isinstance(badge, Refused):
        return {"who": badge.sentence, "ok": False}
    contact = badge.contact
    fields = {name: getattr(contact, name) for name in contact.__slots__ if getattr(contact, name)}
    who = ", ".join(part for part in (contact.display_name, contact.company, contact.email) if part)
    text = payload.text if badge.keep is None else badge.keep.decode("utf-8", "replace")
    return {
        "who": who or badge.badge_id or text,
        "contact": fields,
        "badge_id": badge.badge_id,
        "answers": dict(badge.answers),
        "unread": list(badge.unread),
        "text": text,
        "ok": True,
    }


def said(result: Result) -> str:
    """One result for a person."""
    symbology = f" ({result['symbology']}, {result['kind']})" if "symbology" in result else ""
    unread = "" if result["kind"] == "unknown" else ", ".join(result.get("unread", ()))
    return f"{result['who']}{symbology}" + (f"; not understood: {unread}" if unread else "")
