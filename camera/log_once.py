"""What is tried again every two seconds is written down once."""

import logging

_logged_sentences: set[str] = set()


def log_once(log: logging.Logger, sentence: str) -> None:
    """Write *sentence* to *log*, unless this process has written it already."""
    if sentence not in _logged_sentences:
        _logged_sentences.add(sentence)
        log.warning("%s", sentence)
