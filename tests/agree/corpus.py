"""Which captures of the corpora an agreement test looks at with tshark.

All that another tool's stored reading (truth/) speaks of are compared each time. Running tshark over
every other capture as well takes half an hour, so of those only every N-th is taken, N from the
environment variable DWELL_AGREE_EVERY (1: all; what ./test sets: see tests/run.py). The choice
depends on the capture's name alone.
"""
import os
import zlib

EVERY = max(1, int(os.environ.get('DWELL_AGREE_EVERY', '1')))


def chosen(capture):
    """Whether the capture (its path below the corpora) is one of every EVERY."""
    return zlib.crc32(capture.encode()) % EVERY == 0


def has_truth(corpora, capture, *logs):
    """Whether Zeek's logs of the capture hold one of these."""
    folder = os.path.join(corpora, 'truth', 'zeek-run', capture)
    return any(os.path.isfile(os.path.join(folder, log)) for log in logs)
