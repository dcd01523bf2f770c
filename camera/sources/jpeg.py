"""What sources of JPEG images share: the markers of an image, and the limit for its size."""

JPEG_START, JPEG_END = b"\xff\xd8", b"\xff\xd9"
"""The first and last two bytes of a JPEG image."""

# Larger images are refused, or decoded at half their size: one takes some nine bytes per pixel while it is processed.
MAX_PIXELS = 20_000_000

MAX_MEGAPIXELS = MAX_PIXELS // 1_000_000
"""The same, as messages give it."""
