"""image and file: keys of stored files; what the files hold lives outside the answers."""

import re

from campaigns.definition import Question
from campaigns.question_types.base import AnswerError, Moment, QuestionType

KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}")
# A phone sends albums of ten; five of them show any room of a clinic.
MAX_FILES = 50


def normalise(question: Question, raw: str, _moment: Moment) -> str:
    """Keep the keys in the order in which the files came, each once.

    The column ``x_files`` of the question lowers the number of files that it takes.
    """
    keys = list(dict.fromkeys(raw.split()))
    if not all(KEY.fullmatch(key) for key in keys):
        raise AnswerError("not_a_file")
    limit = question.columns.get("x_files", "")
    most = min(int(limit), MAX_FILES) if limit.isascii() and limit.isdigit() else MAX_FILES
    if len(keys) > most:
        raise AnswerError("too_many_files", most=most)
    return " ".join(keys)


IMAGE = QuestionType("image", normalise, aliases=("photo", "add image prompt"))
FILE = QuestionType("file", normalise)
