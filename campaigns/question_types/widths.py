"""Brings what Chinese keyboards type to the plain form that answers are kept in."""

import unicodedata

MINUS_SIGNS = str.maketrans({"−": "-", "–": "-", "—": "-", "﹣": "-"})


def narrow(text: str) -> str:
    """Turn full-width digits, letters and signs into plain ones: ``１２．５`` becomes ``12.5``."""
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return plain.translate(MINUS_SIGNS).replace("。", ".").strip()


def same_label(left: str, right: str) -> bool:
    """Tell whether two labels are the same to a reader: width, case and spaces do not count."""
    return fold(left) == fold(right)


def fold(text: str) -> str:
    """The form in which labels are compared."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
