"""
A consumer of persist-queue's queue with acknowledgements: get, deliver, ack; what was not acked it takes back itself.

`python -m tests.bench.rivals.persist_queue_consumer COUNT` enqueues; without COUNT it works.
"""

import os
import sys
import time

from persistqueue import Empty, SQLiteAckQueue

from tests.bench.rivals.crm import TryAgain, client, leads, post


def consume(queue: SQLiteAckQueue) -> None:
    """Deliver whatever is in *queue*, for ever."""
    crm = client()
    while True:
        try:
            lead = queue.get(block=False)
        except Empty:
            time.sleep(0.1)
            continue
        try:
            post(crm, lead)
        except TryAgain as later:
            queue.nack(lead)
            time.sleep(later.seconds)
        else:
            queue.ack(lead)


if __name__ == "__main__":
    opened = SQLiteAckQueue(os.environ["QUEUE"] + "/persist-queue")
    if sys.argv[1:]:
        for each in leads(int(sys.argv[1])):
            opened.put(each)
    else:
        consume(opened)
