"""Logs a repeated warning once."""

import logging

_logged_sentences: set[str] = set()


def log_once(log: logging.Logger, sentence: str) -> None:
    """Log *sentence* as a warning, unless this process has logged it before."""
    if sentence not in _logged_sentences:
        _logged_sentences.add(sentence)
        log.warning("%s", sentence)
