"""Regular expressions that a workbook may bring along, kept from running away.

Python's engine tries every way to match: ``(a+)+`` on thirty letters takes longer than a person
waits. Patterns in which a repeated group repeats inside are refused, as are look-behind and
back-references, which the engines of other XLSForm tools do not share.
"""

import re

from campaigns.expressions.errors import UNSAFE_PATTERN, ExpressionError

MAX_PATTERN = 500
# Each unbounded repetition multiplies the work by the length of the text.
MAX_REPETITIONS = 12


def compile_pattern(source: str) -> re.Pattern[str]:
    """Compile a pattern for whole-text matching.

    Raises:
        ExpressionError: When it is not a pattern or could run for too long.
    """
    if len(source) > MAX_PATTERN or _runs_away(source):
        raise ExpressionError(UNSAFE_PATTERN)
    try:
        return re.compile(source)
    except (re.error, OverflowError, RecursionError) as error:
        raise ExpressionError(UNSAFE_PATTERN) from error


def _runs_away(source: str) -> bool:
    """Tell whether a repeated group holds a repetition or alternatives, or there are too many."""
    if re.search(r"\(\?(?:<[=!]|P=|\()|\\[1-9]", source):
        return True
    bare = re.sub(r"\\.", "x", source)
    bare = re.sub(r"\[\^?\]?[^\]]*\]", "x", bare)
    risky_groups: list[bool] = []
    repetitions = 0
    place = 0
    while place < len(bare):
        letter = bare[place]
        place += 1
        risky = False
        if letter == "(":
            risky_groups.append(False)
            continue
        if letter == ")":
            risky = risky_groups.pop() if risky_groups else False
        elif letter == "|" and risky_groups:
            risky_groups[-1] = True
        repeat = re.match(r"[*+]|\{\d*,\d*\}|\{\d+\}", bare[place:])
        if letter not in "|(?" and repeat is not None:
            grows = _grows(repeat[0])
            if risky and grows:
                return True
            repetitions += grows
            place += len(repeat[0])
            if risky_groups and grows:
                risky_groups[-1] = True
        if letter == ")" and risky and risky_groups:
            risky_groups[-1] = True
    return repetitions > MAX_REPETITIONS


def _grows(repeat: str) -> bool:
    """Tell whether a repetition can take many forms: ``*``, ``+``, ``{2,}``, ``{1,30}``."""
    if repeat in "*+":
        return True
    least, comma, most = repeat[1:-1].partition(",")
    return bool(comma) and (not most or int(most) - int(least or 0) > 10)
