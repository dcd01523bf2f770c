"""Let ours and the rivals deliver the same leads, and write the table of it to docs/performance.md."""

import sys
from concurrent.futures import ThreadPoolExecutor
from math import ceil
from pathlib import Path

from tests.bench.report import Table, put_section
from tests.bench.rivals.contenders import BARE, RIVALS, Ours
from tests.bench.rivals.race import Course, Race, Result

PART = 120.0
"""Seconds after which a rival's course is cut short where the whole would take more than some minutes."""

PLAIN = (Course(1_000, 0.1), Course(10_000, 0.1), Course(1_000, 2.0), Course(10_000, 2.0))

PLAIN_FOR_RIVALS = (
    Course(1_000, 0.1),
    *(Course(course.leads, course.answer, stop_after=PART) for course in PLAIN[1:]),
)

ROUGH = tuple(Course(course.leads, course.answer, rough=True) for course in PLAIN)

ROUGH_FOR_RIVALS = (Course(1_000, 0.1, rough=True), Course(100, 2.0, rough=True))

HEADER = ("leads", "answer", "delivered by", "total s", "of what is allowed", "calls", "processor s", "lost", "doubled")

HEAD = """## Beside other queues

The same leads to the same practice CRM, which takes 100 calls in 10 s: none lost or doubled; at least 50 times fewer
calls; within 1.2 times what the limit and the answer time allow; deliveries again within 10 s of an outage's end.

"""

NOTES = f"""
- All at real time, by `make bench-rivals`; ours one course after another, the rivals' all at once, for they mostly
  wait. Each rival is a consumer process as its documentation has it, with retries, and posts one lead a call; it has no
  idempotency key, as most CRMs have none for single contacts. litequeue is 0.9, the last that runs on Python 3.11.
- *Total* is from the first call's beginning to the last lead's answer. With ≈ the course was cut off at {PART:.0f} s,
  and total, calls and processor time are reckoned up from the leads that had been delivered by then.
- *What is allowed* is as many calls as that way of delivering needs, at its number of calls at once, each taking the
  answer time alone, and no more than 100 of them in 10 s.
- *Bare calls* are the same calls as ours, made ready before, by a client that does nothing else: what they take beyond
  what is allowed is this practice CRM's own work on a hundred contacts, which comes on top of the answer time. Ours
  works some 18 ms on each call besides, for what is sent and what came of it is on the disk before and after; at 0.1 s
  an answer that shows, and is more than the 1.2 times that are wanted.
- *Processor* is the consumers' own, their start (half a second of ours) and those that were killed included.
- *Killed*: ten SIGKILLs at random moments of the work, each followed by a new consumer, and after the fifth the CRM is
  stopped and started again 30 s later. It goes as a network goes: the calls under way are done there, and their
  answers are lost. A total has those 30 s and ours the ten starts in it. *Lost*: in no contact
  when the consumer is idle and its queue is empty, or nothing moves for a minute. *Doubled*: leads with several
  contacts. The rivals' course at 2 s is of 100 leads, for 1,000 would take an hour. *First new lead*: the last five
  kills meet ours in the first seconds after the outage, one at each try; without them it is in *After an outage*.
- Huey takes a task out of its queue before it runs. A kill while the CRM works on the call costs it nothing here, for
  this CRM ends what it was asked; a kill before the call is out loses the lead, and one while
  its scheduler puts back what is due (deleted first, enqueued after) loses many. A lost answer doubles a lead.
- litequeue and persist-queue keep what they work on, and post it a second time after a kill or a lost answer, because
  they cannot know that the CRM has it already.
"""


def main() -> None:
    """Ours first, one after another; then the rivals."""
    ours = [Race(contender, course).run() for course in PLAIN for contender in (BARE, Ours())]
    ours += [Race(Ours(), course).run() for course in ROUGH]
    rivals = run_together(PLAIN_FOR_RIVALS) + run_together(ROUGH_FOR_RIVALS)
    text = HEAD + measure_undisturbed(ours + rivals) + "\n" + measure_killed(ours + rivals) + NOTES
    sys.stdout.write(text)
    put_section(Path("docs/performance.md"), "rivals", text)


def run_together(courses: tuple[Course, ...]) -> list[Result]:
    """All rivals on all *courses*, at once."""
    races = [Race(rival, course) for course in courses for rival in RIVALS]
    with ThreadPoolExecutor(len(races)) as pool:
        return list(pool.map(Race.run, races))


def measure_undisturbed(results: list[Result]) -> str:
    """The table of the plain courses."""
    table = Table(HEADER)
    for course in PLAIN:
        for result in results:
            if not result.course.rough and (result.course.leads, result.course.answer) == (course.leads, course.answer):
                table.add(*cells(result))
    return str(table)


def measure_killed(results: list[Result]) -> str:
    """The table of the courses with kills and an outage."""
    table = Table((*HEADER[:4], *HEADER[5:], "kills", "first new lead after the outage, s"))
    for result in results:
        if result.course.rough:
            row = cells(result)
            after = result.first_after_outage
            table.add(*row[:4], *row[5:], result.kills, "" if after is None else f"{after:.1f}")
    return str(table)


def cells(result: Result) -> tuple[str, ...]:
    """One row; what was cut short is reckoned up."""
    leads = result.course.leads
    times = leads / result.arrived if result.is_part else 1.0
    about = "≈ " if result.is_part else ""
    total = result.seconds * times
    return (
        f"{leads:,}",
        f"{result.course.answer:g} s",
        result.contender.name,
        f"{about}{total:,.1f}" if total < 100 else f"{about}{total:,.0f}",
        f"{total / allowed(result):.2f}",
        f"{about}{result.calls * times:,.0f}",
        f"{about}{result.processor * times:,.1f}",
        "" if result.is_part else str(result.lost),
        str(result.doubled),
    )


def allowed(result: Result) -> float:
    """Seconds that the limit and the answer time allow for so many leads, by that way of delivering them."""
    calls = ceil(result.course.leads / result.contender.a_call)
    answers = ceil(calls / result.contender.at_once) * result.course.answer
    return max(answers, (calls - 1) // 100 * 10.0 + result.course.answer)


if __name__ == "__main__":
    main()
