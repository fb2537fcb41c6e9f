"""geopoint: a place as ``latitude longitude altitude accuracy`` in degrees and metres."""

import re
from decimal import Decimal

from campaigns.definition import Question
from campaigns.question_types.base import AnswerError, Moment, QuestionType
from campaigns.question_types.widths import narrow

NUMBER = re.compile(r"-?\d{1,9}(?:\.\d{1,15})?", re.ASCII)


def normalise(_question: Question, raw: str, _moment: Moment) -> str:
    """Accept two to four numbers; altitude and accuracy are 0 when they are not given.

    Source: ODK XForms specification, data type geopoint.
    """
    parts = [part for part in re.split(r"[\s,;]+", narrow(raw)) if part]
    if not 2 <= len(parts) <= 4 or not all(NUMBER.fullmatch(part) for part in parts):
        raise AnswerError("bad_place")
    latitude, longitude = Decimal(parts[0]), Decimal(parts[1])
    if abs(latitude) > 90 or abs(longitude) > 180:
        raise AnswerError("bad_place")
    return " ".join([*parts, "0", "0"][:4])


TYPE = QuestionType("geopoint", normalise, aliases=("gps", "location"))
