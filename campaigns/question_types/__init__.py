"""Every question type that a form may have: one file per idea, one line per type."""

from campaigns.question_types import (
    date,
    decimal,
    files,
    geopoint,
    integer,
    select_multiple,
    select_one,
    silent,
    text,
)
from campaigns.question_types.base import AnswerError, Moment, QuestionType

__all__ = ["QUESTION_TYPES", "UNSUPPORTED", "AnswerError", "Moment", "QuestionType"]

ALL = (
    select_one.TYPE,
    select_multiple.TYPE,
    integer.TYPE,
    decimal.TYPE,
    text.TYPE,
    date.TYPE,
    files.IMAGE,
    files.FILE,
    geopoint.TYPE,
    silent.NOTE,
    silent.CALCULATE,
    silent.HIDDEN,
    silent.START,
    silent.END,
    silent.TODAY,
    silent.USERNAME,
    silent.DEVICE,
    silent.PHONE,
    silent.EMAIL,
    silent.SUBSCRIBER,
    silent.SIM,
    silent.AUDIT,
)

QUESTION_TYPES: dict[str, QuestionType] = {kind.name: kind for kind in ALL}

#: Types of the standard that do not run here yet; a workbook with one is refused with its cell.
UNSUPPORTED = frozenset(
    {
        "acknowledge",
        "audio",
        "background-audio",
        "background-geopoint",
        "barcode",
        "csv-external",
        "datetime",
        "dateTime",
        "geoshape",
        "geotrace",
        "osm",
        "range",
        "rank",
        "select_multiple_from_file",
        "select_one_external",
        "select_one_from_file",
        "start-geopoint",
        "time",
        "trigger",
        "video",
        "xml-external",
    }
)
