"""Measure everything, print it, and write it to docs/performance.md."""

import os
import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.bench import decoding, delivery, footprint, listing, live, saving, waking
from tests.bench.report import put_section

HEAD = """# Performance

Measured by `make bench`{decode} on {date}, {machine}.
Times are of that run on that machine; what is promised is said as a bound or as a ratio inside the one run.

"""


def main() -> None:
    """Run one after another; with a folder of photographs as argument, reading too."""
    pictures = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("../shared/pictures")
    parts: list[tuple[str, str, Callable[[], object]]] = [
        ("Live pictures", "At least 200 pictures of 1280x720 a second on one core.", live.measure_live_pictures),
        (
            "From a picture to the lead",
            "p95 within 50 ms to the disk, and 100 ms to the screen.",
            saving.measure_from_picture,
        ),
        ("Saving", "p99 within twice a bare durable commit; the same at 100,000 leads.", saving.saving),
        (
            "Wake-up",
            "Delivery starts 20 ms after the save; the idle worker takes at most 0.5 %.",
            waking.measure_wake_up,
        ),
        ("Online and idle", "p95 within a second and the CRM's own answer.", delivery.measure_idle_delivery),
        ("A full outbox", "Within 1.3 times what the calls alone take.", delivery.measure_full_outbox),
        ("A slow CRM (2 to 5 s a call)", "Every badge saved under 200 ms; all delivered.", delivery.measure_slow_crm),
        ("After an outage", "All are delivered 10 s after the CRM's return.", waking.measure_outage),
        ("What it costs to stand there", "The viewfinder takes at most a quarter of one core.", footprint.idle),
    ]
    if pictures.is_dir():
        bound = "At least 96 % of the known texts, none wrong."
        parts.insert(0, ("Reading photographs", bound, lambda: decoding.read_photographs(pictures)))
    text = HEAD.format(
        decode=" and `make bench-decode PICTURES=folder`" if pictures.is_dir() else "",
        date=time.strftime("%Y-%m-%d"),
        machine=f"{os.cpu_count()} cores of {platform.machine()}, Python {platform.python_version()}",
    )
    for title, bound, measure in parts:
        section = f"## {title}\n\n{bound}\n\n{measure()}\n"
        sys.stdout.write(section)
        sys.stdout.flush()
        text += section
    put_section(Path("docs/performance.md"), "figures", text + NOTES)
    listing.main()


NOTES = """## How to read this

- *Reading photographs*: a text that is not in a picture's list is wrong, unless zxing-cpp and zbar, which share no
  code, both read exactly it in the picture as it is: then it is there, and the list is not complete. The picture is
  one of a double QR code, a small one inside a large one, and its list names the inner one only.
- *Live pictures* go through the kiosk's whole loop, on one core. A badge that is too blurred takes longest:
  everything is tried on it.
- *Saving* and two *bare commits* of one blob, durable like ours (WAL, synchronous=FULL), take turns on the same disk,
  so that a slow flush affects all of them. The last column is how far the two bare ones are apart, although they do the
  same work: what is less than that is this machine's noise. The ratio is to both together.
- Where a bare p99 is several milliseconds, the cores were busy with other work: all three waited for the processor,
  and a ratio near 1 says little. In eight quiet measurements of 3,000 saves it was 1.1 to 1.6.
- A save writes eleven pages or so, a bare commit one or two. The first save of a log that starts over is flushed
  twice, as SQLite has it: therefore the worker moves the log into the file only once it is long, and not after every
  drain.
- *Wake-up* is from the return of the save to the moment that the worker writes down as the call's beginning.
- *A full outbox*: the first ratio is to the calls one after another, the last to that many parallel calls.
- *The screen* is drawn by the real app without a terminal; how fast a terminal draws is its own affair.
- *The viewfinder alone* is the difference between the scan screen and the pending list in front of it.
"""

if __name__ == "__main__":
    main()
