"""`kiosk status`: where the leads are, what is wrong, and whether it is safe to pack up."""

import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import NoReturn

import click

from data import attendees, metrics, repairs
from data.alerts import Alert
from data.language import _, format_number, ngettext
from data.metrics import Metrics
from data.store import Store
from kiosk.alerts.current import read_alerts
from kiosk.cli.context import CLOCK, json_option, load_command_settings, open_command_database, print_json
from kiosk.config.load import Settings
from kiosk.printing.demo_people import build_demo_attendees
from kiosk.status.status import KioskStatus, read_kiosk_status
from kiosk.status.wording import describe_cause, format_duration, sanitize_text


@click.command(
    name="status",
    short_help=_("Is all well? Is it safe to pack up?"),
    help=_(
        "Show how many leads are where, whether sending works, what is wrong, and whether it is safe to pack up.\n\n"
        "Exit status: 0 if it is safe to pack up, 1 if leads are still waiting."
    ),
)
@json_option
@click.pass_context
def status(context: click.Context, as_json: bool) -> None:
    """Print the kiosk's status."""
    settings = load_command_settings(context)
    db = open_command_database(settings)
    kiosk_status = read_kiosk_status(db, settings, CLOCK)
    figures = metrics.read_metrics(db, settings.crm.connector, CLOCK)
    alerts = read_alerts(db, settings, CLOCK)
    if as_json:
        _print_status_json(db, settings, kiosk_status, figures, alerts)
    else:
        _print_status(db, settings, kiosk_status, figures, alerts)
    _exit_with_status(kiosk_status)


def _exit_with_status(status: KioskStatus) -> NoReturn:
    """Exit with status 0 if it is safe to pack up, else 1."""
    sys.exit(0 if status.has_nothing_waiting else 1)


def _print_status_json(
    db: Store, settings: Settings, status: KioskStatus, figures: Metrics, alerts: list[Alert]
) -> None:
    """Print everything as one JSON object."""
    repair = repairs.find_latest_repair(db)
    alert_fields = ("cause", "sentence", "advice", "since")
    print_json(
        {
            **status.as_json(),
            **asdict(figures),
            "alerts": [{name: getattr(alert, name) for name in alert_fields} for alert in alerts],
            "database": str(settings.database_file),
            "practice": settings.is_practice,
            "repaired": asdict(repair) if repair else None,
        }
    )


def _print_status(db: Store, settings: Settings, status: KioskStatus, figures: Metrics, alerts: list[Alert]) -> None:
    """Print a line for each topic, then the alerts and the verdict."""
    if settings.is_practice:
        click.echo(_("Practice mode: leads only go to the practice CRM on this device."))
    for title, text in _list_topics(db, settings, status, figures):
        click.echo(sanitize_text(f"{title:<12} {text}"))
    title = _("ALERT")
    for alert in alerts:
        click.secho(sanitize_text(f"{title:<12} {alert.sentence} {alert.advice}"), bold=True)
    click.echo(sanitize_text(status.sentence))
    click.secho(_describe_safety(status), bold=True)


def _list_topics(db: Store, settings: Settings, status: KioskStatus, figures: Metrics) -> Iterator[tuple[str, str]]:
    """Yield each topic's title and text, in the order in which they are printed."""
    scanned = ngettext("{event}, {count} scan today", "{event}, {count} scans today", status.scanned_today)
    yield _("Event"), scanned.format(event=settings.event.name, count=format_number(status.scanned_today))
    yield _("Leads"), _describe_counts(status)
    yield _("CRM"), ", ".join(part for part in (status.crm_summary, status.last_success_text) if part)
    yield from _describe_delivery(figures, status.now)
    yield _("Attendees"), _describe_attendees(db, settings)
    database = str(settings.database_file)
    yield (
        _("Database"),
        database if settings.database_file.exists() else _("{file} (not created yet)").format(file=database),
    )
    if repair := repairs.find_latest_repair(db):
        text = _("{time} ago. {sentence}")
        yield _("Repaired"), text.format(time=format_duration(status.now - repair.at), sentence=repair.sentence)


def _describe_attendees(db: Store, settings: Settings) -> str:
    """Return how many people are on the attendee list, and whether it is only that of the demo badges."""
    event = settings.event.name
    listed = attendees.count_attendees(db, event)
    demo_ids = [person[0] for person in build_demo_attendees(settings.practice.badges)] if settings.is_practice else []
    is_demo = 0 < listed == len(demo_ids) and all(attendees.find_contact(db, event, one) for one in demo_ids)
    text = _("{count} on the list (demo)") if is_demo else _("{count} on the list")
    return text.format(count=format_number(listed))


def _describe_counts(status: KioskStatus) -> str:
    """Return how many leads are in each state."""
    counts = status.counts
    needs_you = ngettext("{count} needs you", "{count} need you", counts.needs_you)
    return _("{total}: {delivered} delivered, {waiting} waiting, {needs_you}, {discarded} discarded").format(
        total=format_number(counts.total),
        delivered=format_number(counts.delivered),
        waiting=format_number(counts.waiting),
        needs_you=needs_you.format(count=format_number(counts.needs_you)),
        discarded=format_number(counts.discarded),
    )


def _describe_safety(status: KioskStatus) -> str:
    """Say whether it is safe to pack up."""
    if status.has_nothing_waiting:
        return _("Safe to pack up: yes.")
    waiting = status.counts.waiting
    if status.paused:
        sentence = ngettext(
            "Safe to pack up: no, {count} lead has not been sent yet: sending is paused.",
            "Safe to pack up: no, {count} leads have not been sent yet: sending is paused.",
            waiting,
        )
    else:
        sentence = ngettext(
            "Safe to pack up: no, {count} lead has not been sent yet.",
            "Safe to pack up: no, {count} leads have not been sent yet.",
            waiting,
        )
    return sentence.format(count=format_number(waiting))


def _describe_delivery(figures: Metrics, now: float) -> Iterator[tuple[str, str]]:
    """Yield a title and a text for each known figure about delivery."""
    if figures.oldest_waiting is not None:
        yield _("Oldest"), _("waiting for {time}").format(time=format_duration(figures.oldest_waiting))
    if figures.success_rate is not None:
        text = _("{percent}% of the attempts in the last hour")
        yield _("Success"), text.format(percent=format_number(100 * figures.success_rate))
    if figures.error_rate:
        text = _("{percent}% failed because of the CRM or the network")
        yield _("Errors"), text.format(percent=format_number(100 * figures.error_rate))
    if figures.answer_median is not None and figures.answer_p95 is not None:
        text = _("half within {median} s, 95% within {p95} s")
        median, p95 = format_number(figures.answer_median, 1), format_number(figures.answer_p95, 1)
        yield _("Responses"), text.format(median=median, p95=p95)
    if figures.attempts:
        outcomes = (
            f"{describe_cause(outcome)} {format_number(number)}" for outcome, number in figures.attempts.items()
        )
        # Otherwise more would seem to be delivered than there are leads.
        yield _("Attempts"), _("{outcomes} (an edited lead is sent again)").format(outcomes=", ".join(outcomes))
    for number, change in enumerate(figures.history[:5]):
        ago, cause = format_duration(now - change.at), describe_cause(change.cause)
        connected, disconnected = _("{time} ago: CRM connected"), _("{time} ago: {cause}: {sentence}")
        text = connected if change.is_open else disconnected
        yield "" if number else _("Connection"), text.format(time=ago, cause=cause, sentence=change.sentence)
