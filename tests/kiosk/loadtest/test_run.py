"""A load on a real kiosk, and its result."""

import sqlite3
from collections import Counter
from contextlib import closing

import pytest

from kiosk.loadtest.clients import CrowdOutcome
from kiosk.loadtest.load_run import LoadPlan, LoadResult, compute_percentile, encode_post, run_load, summarize_load
from kiosk.loadtest.target import LeadCounts, RunningKiosk
from kiosk.loadtest.throwaway_kiosk import ThrowawayKiosk


def test_posts_of_many_clients_are_saved_and_delivered_once(own: ThrowawayKiosk) -> None:
    """Each single post is a lead in the database and a contact in the CRM."""
    reported: list[int] = []

    found = run_load(LoadPlan(5, 3), own, lambda: reported.append(1))

    assert (
        found.acknowledged, found.saved, found.delivered, found.duplicates, found.failures,
    ) == (15, 15, 15, 0, 0)  # fmt: skip
    assert len(reported) == 15
    assert 0 < found.p50 <= found.p95 <= found.p99 <= found.max
    assert found.is_clean


def test_a_bulk_post_is_a_hundred_leads(own: ThrowawayKiosk) -> None:
    """All are counted."""
    found = run_load(LoadPlan(2, 1, bulk=True), own)

    assert (found.posts, found.contacts, found.saved, found.delivered) == (2, 200, 200, 200)


def test_duplicates_in_the_crm_are_counted(own: ThrowawayKiosk) -> None:
    """By e-mail, in any case; contacts of other loads are not counted."""
    run_load(LoadPlan(1, 2), own)
    with closing(sqlite3.connect(own.crm_file, isolation_level=None)) as crm:
        crm.execute("""
            insert into contacts (client_id, fields, times_sent, created_at, updated_at)
            values ('x', '{"email": "VISITOR.1@MINE.EXAMPLE"}', 1, 0, 0),
                   ('y', '{"email": "visitor.1@mine.example"}', 1, 0, 0)
        """)

    assert own.count_leads("mine.example") == LeadCounts(saved=0, delivered=1, duplicates=1)


def test_a_running_kiosk_reports_the_same_counts(own: ThrowawayKiosk) -> None:
    """Saved and delivered, page by page; duplicates in the CRM are unknown."""
    pointed = RunningKiosk(f"http://localhost:{own.port}", own.token)

    found = run_load(LoadPlan(3, 1, bulk=True), pointed)

    assert (found.saved, found.delivered, found.duplicates) == (300, 300, None)
    assert found.is_clean


@pytest.mark.parametrize(
    ("outcome", "found"),
    [
        (CrowdOutcome([1.0], acknowledged=1), LeadCounts(0, 0, 0)),
        (CrowdOutcome([1.0], acknowledged=1), LeadCounts(1, 2, 1)),
        (CrowdOutcome([], Counter(["status 500"])), LeadCounts(0, 0, 0)),
    ],
)
def test_lost_duplicated_or_failed_posts_are_not_clean(outcome: CrowdOutcome, found: LeadCounts) -> None:
    """Whatever else succeeded."""
    assert not summarize_load(LoadPlan(1, 1), outcome, found).is_clean


def test_all_contacts_are_different_people() -> None:
    """Also within a bulk post."""
    texts = [
        encode_post(LoadPlan(1, 1, bulk=True), f"{person}.{post}", "m").decode()
        for person in range(3)
        for post in range(3)
    ]
    emails = [word for text in texts for word in text.split('"') if word.endswith("@m")]

    assert 900 == len(emails) == len(set(emails))


def test_percentiles_are_measured_times() -> None:
    """By nearest rank: at least that share of the posts was as fast."""
    hundred = [float(number) for number in range(1, 101)]

    assert tuple(compute_percentile(hundred, part) for part in (0.5, 0.95, 0.99, 1.0)) == (50.0, 95.0, 99.0, 100.0)
    assert (compute_percentile([7.0], 0.01), compute_percentile([], 0.5)) == (7.0, 0.0)


def test_a_load_without_a_saved_post_has_a_result() -> None:
    """All figures are zero."""
    found: LoadResult = summarize_load(LoadPlan(1, 1), CrowdOutcome(), LeadCounts(0, 0, 0))

    assert (found.mean, found.p99, found.contacts_a_second) == (0.0, 0.0, 0.0)
