"""A kiosk in a folder of its own, as the tests of the command line have it."""

from tests.kiosk.cli.conftest import kiosk

__all__ = ["kiosk"]
