"""Devices that post."""

from data.devices import Device

PHONE = Device("0a1b2c3d", "phone-1", "post", b"", 0.0, None, None)
