"""
Huey with a task a lead, as its guide has it: retries with a delay, its own rate limit, its own consumer.

`python -m tests.bench.rivals.huey_tasks COUNT` enqueues; `huey_consumer tests.bench.rivals.huey_tasks.huey -w N` works.
"""

import os
import sys
from typing import Any

from huey import RetryTask, SqliteHuey

from tests.bench.rivals.crm import SHORT_PAUSE, TryAgain, client, leads, post

huey = SqliteHuey("rival", filename=os.environ["QUEUE"] + "/huey.db", results=False, fsync=True)
crm = client()


@huey.task(retries=20, retry_delay=SHORT_PAUSE)  # type: ignore[untyped-decorator]
def deliver(lead: dict[str, Any]) -> None:
    """Deliver *lead* within the CRM's limit; what the limit turns away does not count as a try."""
    with huey.rate_limit("crm", 100, per=10):
        try:
            post(crm, lead)
        except TryAgain as later:
            raise RetryTask(delay=later.seconds) from later


if __name__ == "__main__":
    from tests.bench.rivals.huey_tasks import deliver as task  # under the name by which the consumer knows it

    for each in leads(int(sys.argv[1])):
        task(each)
