"""Whose badge this is, of those who are known by the same e-mail, id or payload; nobody's where that is in doubt."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from sqlite_utils import Database

from data.lead import Lead, lead_from
from data.same import contradict, say_the_same, words

KNOWN = """
    select leads.*,
           exists (select 1 from scans where lead_id = leads.id and payload_hash = :hash) as seen
      from identities
      join leads on leads.id = identities.lead_id
     where identities.event = :event and identities.identity = :identity
     order by identities.lead_id
     limit 50
"""
"""The oldest of those who share an identity: where a year is taken for an id, everybody does."""


@dataclass(slots=True)
class Candidate:
    """A lead that the badge may be of."""

    lead: Lead
    shared: str
    """The strongest identity by which it is known, and which the badge has too."""
    seen: bool
    """Whether this very payload was scanned for it; what people mended in it since then contradicts nothing."""

    def may_be(self, new: Lead) -> bool:
        """Whether nothing that the badge says is against it."""
        return self.seen or not contradict(self.lead, new, same_email=self.shared.startswith("email:"))


@dataclass(frozen=True, slots=True)
class Recognised:
    """Whose badge it is, or whom it must be kept apart from."""

    lead: Lead | None = None
    apart: Lead | None = None
    """Who has the same e-mail or id, and is somebody else."""
    shared: str = ""
    """The identity that both have."""


def recognise(db: Database, new: Lead, identities: Sequence[str], payload_hash: str) -> Recognised:
    """
    The lead that *new* is, known by one of *identities* (strongest first) or by its payload.

    Two people who share an id or an address stay two, and a badge that fits both is neither's.
    """
    known = candidates(db, new.event, [*identities, f"payload:{payload_hash}"], payload_hash)
    fitting = [candidate for candidate in known if candidate.may_be(new)]
    if words(new.contact.display_name) or new.contact.email:
        fitting = [candidate for candidate in fitting if candidate.seen] or fitting
    if any(contradict(one.lead, other.lead) for one, other in combinations(fitting, 2)):
        fitting = [candidate for candidate in fitting if say_the_same(candidate.lead, new)]
    if fitting:
        return Recognised(fitting[0].lead)
    return Recognised(None, known[0].lead, known[0].shared) if known else Recognised()


def candidates(db: Database, event: str, identities: Sequence[str], payload_hash: str) -> list[Candidate]:
    """Who is known by one of *identities*, those first who share the strongest, and of them the oldest."""
    found: dict[str, Candidate] = {}
    for identity in dict.fromkeys(identities):
        for row in db.execute(KNOWN, {"event": event, "identity": identity, "hash": payload_hash}):
            found.setdefault(row["id"], Candidate(lead_from(row), identity, bool(row["seen"])))
    return list(found.values())
