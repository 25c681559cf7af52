"""The verdict on an answer: one printed sentence, with a hint made for the mistake actually seen."""

import functools
import textwrap
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from vaelib.lessons.answer import NoAnswer, answer_of, numbers_of, untried

NOT_TRIED = "Not tried yet: put your answer in the place of the three dots."
CLOSE = {"rtol": 1e-5, "atol": 1e-9}  # float32 rounds by less, and no mistake is nearer than 1e-3
LINE_LENGTH_MAX = 240


def printed(verdict):
    """Let the function print the verdict that it returns: one line, and nothing raises, whatever the answer does."""

    @functools.wraps(verdict)
    def printing(*args):
        try:
            with np.errstate(all="ignore"):
                line = verdict(*args)
        except KeyboardInterrupt:
            raise
        except BaseException:
            line = "Not yet: your answer cannot be read."
        line = textwrap.shorten(line[: 2 * LINE_LENGTH_MAX], LINE_LENGTH_MAX, placeholder=" ...")
        print(line.encode(errors="replace").decode())

    return printing


@dataclass(eq=False)
class Exercise:
    """Judges an attempt by `table`, a function of the same arguments: the right number, and what mistakes give instead.

    Mistakes go by their hints. Where a pair is wanted, the table has a pair of numbers and a pair of mistakes.
    """

    table: Callable
    praise: str  # with braces for the right numbers of the first case
    cases: list | tuple = ()  # the arguments to ask at; none if the attempt is no function
    parts: tuple = ()  # what the numbers of a pair are called
    where: str = ""  # what stands before a fault, with braces for the arguments of its case

    def __post_init__(self):
        self.__name__ = self.table.__name__
        self.__doc__ = self.table.__doc__

    @printed
    def __call__(self, attempt):
        """Print whether the attempt is right in every case, or else what is wrong."""
        answers = [answer_of(attempt, *case) for case in (*self.cases, *self.cases[:1])] or [attempt]
        if any(map(untried, answers)):
            return NOT_TRIED
        rights, mistakes = self.expected()
        fault = self._fault([numbers_of(answer, self.parts) for answer in answers], rights, mistakes)
        return f"Not yet: {fault}" if fault else f"Right: {self.praise.format(*rights[0])}"

    def expected(self):
        """The right numbers, an array (cases, parts), and the mistakes of each part in each case."""
        rights, mistakes = zip(*(self.table(*case) for case in self.cases or [()]), strict=True)
        return np.array(rights).reshape(len(rights), -1), mistakes if self.parts else [[each] for each in mistakes]

    def _fault(self, answers, rights, mistakes):
        """What is wrong in one sentence, the first part first; none if nothing is."""
        given = np.array(answers, dtype=float)
        if not np.allclose(given[0], given[-1], **CLOSE, equal_nan=True):
            return "two calls give two answers: use what you are given, no random numbers of your own."
        wrong = np.argwhere(~np.isclose(given[: len(rights)], rights, **CLOSE).T)
        if not wrong.size:
            return ""
        part, case = wrong[0]
        where = self.where.format(*self.cases[case]) if self.where else ""
        if isinstance(answers[case][part], NoAnswer):
            return f"{where}{answers[case][part]}"
        name = f"the {self.parts[part]}: " if self.parts else ""
        hint = _hint(given[:, part], case, [of_case[part] for of_case in mistakes])
        size = "small" if given[case, part] < rights[case, part] else "large"
        return f"{where}{name}{hint or f'{given[case, part]:.6g} is too {size}.'}"


def _hint(given, wrong, mistakes):
    """The first hint for the case that is `wrong` with whose mistake all cases that have this hint agree, if any."""
    for hint in mistakes[wrong]:
        cases = [case for case, hints in enumerate(mistakes) if hint in hints]
        if np.allclose(given[cases], [mistakes[case][hint] for case in cases], **CLOSE, equal_nan=True):
            return hint
    return ""


def exercise(**asked):
    """Make an `Exercise` of the table below."""
    return functools.partial(Exercise, **asked)
