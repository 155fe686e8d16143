"""One line that tells for how long something has been going on."""

from __future__ import annotations

import contextlib
import logging
import sys
import threading
import time
from collections.abc import Iterator

__all__ = ["elapsed"]

EVERY_S = 1.0
"""Between two looks at the clock."""


@contextlib.contextmanager
def elapsed(words: str) -> Iterator[None]:
    """Log `words`, and show the seconds that have passed until the block ends.

    A console gets one line that counts on; anything else, such as a file, a line at the beginning and one at the end.
    Nothing is shown unless the package's logger is at the level INFO, as on the command line.

    Parameters
    ----------
    words : str
    """
    news, start, ended = logging.getLogger("selective_firing"), time.monotonic(), threading.Event()
    if not (news.isEnabledFor(logging.INFO) and sys.stderr is not None and sys.stderr.isatty()):
        news.info("%s ...", words)
        yield
        news.info("%s: %.0f s", words, time.monotonic() - start)
        return

    def tick() -> None:
        while not ended.wait(EVERY_S):
            print(f"\r{words} ... {time.monotonic() - start:.0f} s", end="", file=sys.stderr, flush=True)

    print(f"{words} ...", end="", file=sys.stderr, flush=True)
    clock = threading.Thread(target=tick, daemon=True)
    clock.start()
    try:
        yield
    finally:
        ended.set()
        clock.join()
        print(f"\r{words}: {time.monotonic() - start:.0f} s   ", file=sys.stderr, flush=True)
