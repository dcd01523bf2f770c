"""
A consumer of litequeue: pop, deliver, done; what the last consumer held when it died is put back at the start.

`python -m tests.bench.rivals.litequeue_consumer COUNT` enqueues; without COUNT it works.
"""

import json
import os
import sys
import time

from litequeue import LiteQueue

from tests.bench.rivals.crm import TryAgain, client, leads, post


def consume(queue: LiteQueue) -> None:
    """Deliver whatever is in *queue*, for ever."""
    crm = client()
    for message in list(queue.list_locked(threshold_seconds=0)):
        queue.retry(message.message_id)
    while True:
        message = queue.pop()
        if message is None:
            time.sleep(0.1)
            continue
        try:
            post(crm, json.loads(message.data))
        except TryAgain as later:
            queue.retry(message.message_id)
            time.sleep(later.seconds)
        else:
            queue.done(message.message_id)


if __name__ == "__main__":
    opened = LiteQueue(os.environ["QUEUE"] + "/litequeue.db")
    if sys.argv[1:]:
        for each in leads(int(sys.argv[1])):
            opened.put(json.dumps(each))
    else:
        consume(opened)
