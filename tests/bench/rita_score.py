# SPDX-License-Identifier: Apache-2.0
"""The beacon score that RITA 5 publishes, from its documented formulas, for the timing grid only.

score = (ts + ds + dur + hist) / 4 over the last 24 hours of one pair; a pair needs four distinct seconds.
ts and ds: (1 - |Bowley skew| + (median - MAD) / median) / 2 of the gaps and of the bytes sent; hist: regularity of
24 bins; dur: the part of the span that is covered. Its modifiers (prevalence, first seen ...) are left out: they speak
of the peer, not of the rhythm.
"""
import math

DAY = 86400.0
BINS = 24
LEAST = 4              # distinct seconds
MOST = 86400           # from so many on it is a strobe, and no beacon
BARS_FOR_DURATION = 6
BARS_FOR_TWO_MODES = 11
LONGEST_RUN = 12       # bins


def quantile(ordered, share):
    """Linear between the two next values."""
    at = share * (len(ordered) - 1)
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (at - low) * (ordered[high] - ordered[low])


def regular(values, without):
    """Skew and MAD score of numbers, in [0, 1]; without: what the MAD score is where the median is below 1."""
    ordered = sorted(values)
    q1, q2, q3 = (quantile(ordered, share) for share in (0.25, 0.5, 0.75))
    skew = 0.0
    if q3 - q1 >= 10 and q2 not in (q1, q3):
        skew = (q1 + q3 - 2 * q2) / (q3 - q1)
    mad = quantile(sorted(abs(v - q2) for v in ordered), 0.5)
    mad_score = without if q2 < 1 else max(0.0, (q2 - mad) / q2)
    return (1 - abs(skew) + mad_score) / 2


def bins_of(times, begin):
    bins = [0] * BINS
    for t in times:
        bins[min(BINS - 1, int((t - begin) / DAY * BINS))] += 1
    return bins


def histogram_score(bins):
    mean = sum(bins) / BINS
    spread = math.sqrt(sum((b - mean) ** 2 for b in bins) / BINS) / mean
    score = max(0.0, 1 - spread)
    bars = [b for b in bins if b > 0]
    if len(bars) >= BARS_FOR_TWO_MODES:
        size = math.ceil(0.05 * max(bars))
        heights = {}
        for b in bars:
            heights[b // size] = heights.get(b // size, 0) + 1
        top = sorted(heights.values(), reverse=True)[:2]
        score = max(score, min(1.0, sum(top) / max(1, len(bars) - 1)))
    return score


def duration_score(times, bins):
    if sum(b > 0 for b in bins) < BARS_FOR_DURATION:
        return 0.0
    run = longest = 0
    for b in bins + bins:  # it wraps around
        run = run + 1 if b > 0 else 0
        longest = max(longest, run)
    return max(min(1.0, (times[-1] - times[0]) / DAY), min(1.0, min(longest, BINS) / LONGEST_RUN))


def score(times, sizes, begin):
    """The score of the connections of one pair within a day from begin; 0 where it does not apply."""
    inside = [(t, s) for t, s in zip(times, sizes) if begin <= t < begin + DAY]
    seconds = sorted({int(t) for t, _ in inside})
    if len(seconds) < LEAST or len(inside) >= MOST:
        return 0.0
    gaps = [b - a for a, b in zip(seconds, seconds[1:])]
    bins = bins_of([t for t, _ in inside], begin)
    parts = (regular(gaps, 1.0), regular([s for _, s in inside], 0.0),
             duration_score(seconds, bins), histogram_score(bins))
    return round(sum(parts) / 4, 3)


def best(times, sizes, begin):
    """The best score of any day since begin, and of the last 24 hours."""
    last = max(times)
    days = [begin + DAY * i for i in range(int((last - begin) / DAY) + 1)] + [last - DAY + 1]
    return max(score(times, sizes, day) for day in days)
