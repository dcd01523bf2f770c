"""One contender delivers: undisturbed, or killed ten times and with the CRM gone for half a minute."""

import os
import random
import signal
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.bench.rivals.contenders import Contender
from tests.bench.rivals.query import rows
from tests.conftest import PracticeCrm

KILLS = 10
OUTAGE = 30.0
"""Seconds without the CRM."""

STUCK = 60.0
"""Seconds without any change after which nothing more is expected."""

LOOK = 0.02
"""Seconds between two looks."""


@dataclass(frozen=True, slots=True)
class Course:
    """What is to be done."""

    leads: int
    answer: float
    """Seconds that the CRM takes for an answer."""
    rough: bool = False
    """Whether there are kills and an outage."""
    stop_after: float | None = None
    """Seconds after which the rest is reckoned from what was done until then."""


@dataclass(slots=True)
class Result:
    """How it went."""

    contender: Contender
    course: Course
    arrived: int
    """Leads that the CRM has."""
    seconds: float
    """From the beginning of the first call to the answer that brought the last lead."""
    calls: int
    processor: float
    """Seconds of processor time of all the consumer's processes, their start too."""
    doubled: int
    """Leads that the CRM has more than once."""
    is_part: bool
    """Whether it was stopped before its end."""
    kills: int
    first_after_outage: float | None
    """Seconds from the CRM's return to the first lead that it got then."""
    last_after_outage: float | None

    @property
    def lost(self) -> int:
        """Leads that are neither in the CRM nor will be."""
        return self.course.leads - self.arrived


class Race:
    """A contender on a course, in a folder of its own."""

    def __init__(self, contender: Contender, course: Course) -> None:
        self.contender = contender
        self.course = course
        self.random = random.Random(7)
        self.kills = 0
        self.processor = 0.0
        self.calls_before = 0
        """Calls to the CRM before it was last started."""
        self.back_at: float | None = None
        self.folder: Path
        self.crm: PracticeCrm
        self.consumer: subprocess.Popen[bytes]

    def run(self) -> Result:
        """Fill the queue, deliver, and look at what the CRM has."""
        with tempfile.TemporaryDirectory() as name:
            self.folder = Path(name)
            self.crm = PracticeCrm(self.folder / "practice")
            self.crm.start(delay=[self.course.answer] * 2, rate_limit=100)
            try:
                self.contender.fill(self.folder, self.crm, self.course.leads)
                self.consumer = self.contender.start(self.folder, self.crm)
                if self.course.rough:
                    self.disturb()
                is_part = not self.wait_until_idle()
                self.end(signal.SIGTERM)
                return self.result(is_part)
            finally:
                self.crm.stop()

    def disturb(self) -> None:
        """Kill it ten times while it delivers, spread over its work, and take the CRM away in the middle."""
        for number in range(1, KILLS + 1):
            if not self.wait_for_work(self.course.leads * (number - 1) / (KILLS + 2)):
                return
            time.sleep(self.random.uniform(0, self.course.answer))
            self.end(signal.SIGKILL)
            self.kills += 1
            self.consumer = self.contender.start(self.folder, self.crm)
            if number == KILLS // 2 and self.wait_for_work(0):
                self.take_the_crm_away()

    def wait_for_work(self, arrived: float) -> bool:
        """Wait until so many leads have *arrived* and this consumer has made a call; False where nothing is left."""
        before = self.calls()
        wait_until(
            lambda: (self.arrived() >= arrived and self.calls() > before) or not self.contender.left(self.folder),
            STUCK + self.course.leads,
        )
        return self.contender.left(self.folder) > 0

    def take_the_crm_away(self) -> None:
        """Half a minute without the CRM. It begins as with WiFi: what is under way is done, and its answer lost."""
        port = int(self.crm.url.rsplit(":", 1)[1])
        before = self.calls()
        self.crm.set_faults(lost_answers=1)
        wait_until(lambda: self.calls() > before, STUCK)
        time.sleep(self.course.answer + 0.05)
        self.calls_before = self.calls()
        self.crm.stop()
        time.sleep(OUTAGE)
        self.crm.start(port, delay=[self.course.answer] * 2, rate_limit=100)
        self.back_at = time.time()

    def wait_until_idle(self) -> bool:
        """Wait until it has nothing to do, or is stuck; False where it was cut short."""
        began = changed = time.monotonic()
        state = None
        while True:
            now, left = time.monotonic(), self.contender.left(self.folder)
            if (left, self.arrived()) != state:
                state, changed = (left, self.arrived()), now
            if now - changed > (STUCK if left else 2 * self.course.answer + 1.0):
                return True
            if self.course.stop_after and now - began > self.course.stop_after:
                return False
            time.sleep(0.2)

    def end(self, how: int) -> None:
        """End the consumer, and note what it has cost."""
        os.kill(self.consumer.pid, how)
        _, status, usage = os.wait4(self.consumer.pid, 0)
        self.consumer.returncode = os.waitstatus_to_exitcode(status)
        self.processor += usage.ru_utime + usage.ru_stime

    def arrived(self) -> int:
        """How many contacts the CRM has."""
        return int(rows(self.crm.folder / "practice-crm.db", "select count(*) from contacts")[0][0])

    def calls(self) -> int:
        """How many calls there have been."""
        return self.calls_before + self.crm.stats()["calls"]

    def result(self, is_part: bool) -> Result:
        """What the CRM has in the end."""
        sql = "select json_extract(fields, '$.email'), created_at from contacts order by created_at"
        contacts = rows(self.crm.folder / "practice-crm.db", sql)
        times = [moment for _, moment in contacts]
        copies = Counter(email for email, _ in contacts)
        firsts = sorted(dict(reversed(contacts)).values())
        later = [moment for moment in times if self.back_at and moment > self.back_at]
        return Result(
            contender=self.contender,
            course=self.course,
            arrived=len(copies),
            seconds=firsts[-1] - firsts[0] + self.course.answer,
            calls=self.calls(),
            processor=self.processor,
            doubled=sum(number > 1 for number in copies.values()),
            is_part=is_part,
            kills=self.kills,
            first_after_outage=later[0] - self.back_at if later and self.back_at else None,
            last_after_outage=firsts[-1] - self.back_at if later and self.back_at else None,
        )


def wait_until(true: Callable[[], bool], seconds: float) -> bool:
    """Whether *true* became so within *seconds*."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if true():
            return True
        time.sleep(LOOK)
    return False
