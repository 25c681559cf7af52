"""What a view computes, in chunks if it takes long: a hand sees it grow, moves on in the middle of it, or stops it."""

from time import perf_counter

import numpy as np

CHUNK, BETWEEN_PICTURES = 0.012, 0.04  # seconds; with the step that ends it, a chunk takes at most 0.025


class Computation:
    """What a view's `compute` returns for these values; if that is a generator of (share, *results), one by one.

    The first chunk is one step, so that a picture is there soon; every other goes on until CHUNK seconds are over. A
    picture is due after the first chunk, after the last, and when the work has gone on for BETWEEN_PICTURES since the
    one before, or for as long as that took if it took longer: where a processor is shared, runs too must get on.
    """

    @np.errstate(all="ignore")
    def __init__(self, view, values):
        self.view, self.values, results = view, values, view.compute(values)
        self._steps = results if view.long else iter([(1, *results)])
        self.share, self.results, self.ended, self.stopped = 0, None, False, False
        self._due = self._next_picture = 0

    @np.errstate(all="ignore")
    def work(self, whole=False):
        """Work through one chunk, or the `whole`; whether a picture is due."""
        start = perf_counter()
        if self._due:  # the picture has been drawn since
            self._next_picture, self._due = start + max(BETWEEN_PICTURES, start - self._due), 0
        end = start + CHUNK if self.results else 0
        for self.share, *self.results in self._steps:  # noqa: B020
            if not whole and self.share < 1 and perf_counter() > end:
                break
        else:
            self.ended = True
        self.place = "" if self.ended else f"{'Stopped at' if self.stopped else 'At'} {self.share:.0%}: "
        if due := self.ended or self.stopped or perf_counter() > self._next_picture:
            self._due = perf_counter()
        return due
