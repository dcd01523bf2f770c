"""How an attack becomes root in a namespace of its own."""

import os
from pathlib import Path

ROOT = Path(__file__).parents[2]


AS_ROOT = [] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--mount"]
"""A disk of one's own takes root, or a namespace in which one is."""
