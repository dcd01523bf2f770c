"""The SQLite file that holds the truth: leads, scans, and the outbox of what still has to be sent."""

import sys

# sqlite-utils imports numpy if it is installed, to recognise its number types, which are never stored here. Without
# it every command starts 70 ms sooner, and every process needs 10 MB less.
_is_wanted_later = "numpy" not in sys.modules
if _is_wanted_later:
    sys.modules["numpy"] = None  # type: ignore[assignment]
try:
    import sqlite_utils as sqlite_utils
finally:
    if _is_wanted_later:
        del sys.modules["numpy"]
