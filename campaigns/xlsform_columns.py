"""Column headers of the XLSForm sheets: their spellings, languages and slips of the pen."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from campaigns.issues import Issue
from campaigns.workbook import Sheet

TRANSLATED = frozenset(
    {
        "label",
        "hint",
        "guidance_hint",
        "required_message",
        "constraint_message",
        "image",
        "big-image",
        "audio",
        "video",
    }
)
# Source: xlsform.org/en/ref-table and the spellings that pyxform 4.5 accepts.
SURVEY_COLUMNS: Mapping[str, str] = {
    "type": "type",
    "command": "type",
    "name": "name",
    "label": "label",
    "caption": "label",
    "hint": "hint",
    "guidance_hint": "guidance_hint",
    "required": "required",
    "required_message": "required_message",
    "relevant": "relevant",
    "relevance": "relevant",
    "constraint": "constraint",
    "constraint_message": "constraint_message",
    "constraint message": "constraint_message",
    "constraint-msg": "constraint_message",
    "constraining_message": "constraint_message",
    "jr:constraintmsg": "constraint_message",
    "requiredmsg": "required_message",
    "jr:requiredmsg": "required_message",
    "calculation": "calculation",
    "calculate": "calculation",
    "default": "default",
    "appearance": "appearance",
    "parameters": "parameters",
    "read_only": "readonly",
    "readonly": "readonly",
    "choice_filter": "choice_filter",
    "repeat_count": "repeat_count",
    "count": "repeat_count",
    "jr:count": "repeat_count",
    "trigger": "trigger",
    "save_to": "save_to",
    "image": "image",
    "big-image": "big-image",
    "audio": "audio",
    "video": "video",
    "disabled": "disabled",
    "autoplay": "autoplay",
    "rows": "rows",
    "tag": "name",
    "intent": "intent",
    "note": "note",
}
CHOICES_COLUMNS: Mapping[str, str] = {
    "list_name": "list_name",
    "list name": "list_name",
    "name": "name",
    "value": "name",
    "label": "label",
    "caption": "label",
    "image": "image",
    "big-image": "big-image",
    "audio": "audio",
    "video": "video",
}
SETTINGS_COLUMNS: Mapping[str, str] = {
    name: name
    for name in (
        "form_title",
        "title",
        "set form title",
        "form_id",
        "id_string",
        "set form id",
        "version",
        "default_language",
        "style",
        "name",
        "instance_name",
        "namespaces",
        "public_key",
        "submission_url",
        "auto_send",
        "auto_delete",
        "allow_choice_duplicates",
        "clean_text_values",
        "sms_keyword",
        "sms_separator",
        "sms_allow_media",
        "sms_date_format",
        "sms_datetime_format",
        "sms_response",
        "omit_instanceid",
        "instance_id",
        "client_editable",
        "prefix",
        "delimiter",
    )
}
# Columns of the standard whose meaning would be lost if their cells were passed over.
NOT_YET = frozenset({"choice_filter", "repeat_count", "trigger", "save_to", "intent"})
# Columns that only dress a question; the form works without them.
NOT_SHOWN = frozenset({"guidance_hint", "image", "big-image", "audio", "video"})

LANGUAGE_CODE = re.compile(r"\(([A-Za-z]{2,3}(?:[-_][A-Za-z0-9]+)*)\)\s*$")
LANGUAGE_NAMES = {
    "english": "en",
    "中文": "zh",
    "汉语": "zh",
    "chinese": "zh",
    "français": "fr",
    "french": "fr",
    "español": "es",
    "spanish": "es",
    "arabic": "ar",
    "العربية": "ar",
    "壮文": "za",
    "vietnamese": "vi",
}
UNNAMED_LANGUAGE = "default"


@dataclass(frozen=True, slots=True)
class Column:
    """What a header means.

    Args:
        header: As the sheet has it.
        kind: Canonical column, such as ``label``; an empty text for columns we do not know.
        language: Language code of a translated column.
    """

    header: str
    kind: str
    language: str = ""


def language_code(name: str) -> str:
    """Give the code of a language as XLSForm writes it: ``中文 (zh)`` is ``zh``."""
    match = LANGUAGE_CODE.search(name.strip())
    if match:
        return match[1].replace("_", "-")
    plain = name.strip()
    return LANGUAGE_NAMES.get(plain.lower(), plain) or UNNAMED_LANGUAGE


def _parts(header: str) -> list[str]:
    """Split ``media::image::English (en)``, also written with single colons or blanks around."""
    if header.lower().startswith("jr:"):
        return [header]
    separator = "::" if "::" in header else ":"
    parts = [part.strip() for part in header.split(separator)]
    if len(parts) > 1 and parts[0].lower() == "media":
        parts = parts[1:]
    return parts


def read_columns(
    sheet: Sheet, known: Mapping[str, str], default_language: str
) -> tuple[list[Column], list[Issue]]:
    """Understand a sheet's headers.

    A misspelt header is an error, since its cells would silently mean nothing; an unknown one is
    a warning, since other tools have columns of their own.
    """
    columns: list[Column] = []
    issues: list[Issue] = []
    seen: dict[tuple[str, str], str] = {}
    for header in sheet.header:
        if not header:
            continue
        if header.startswith("x_"):
            columns.append(Column(header, "x_"))
            continue
        parts = _parts(header)
        first = parts[0].lower()
        kind = known.get(first) or known.get(first.replace(" ", "_"), "")
        language = ""
        if kind in TRANSLATED:
            language = language_code(parts[1]) if len(parts) > 1 else default_language
        elif len(parts) > 1:
            # ``body::`` and ``bind::`` reach into the XForm, which this engine does not run.
            kind = ""
        if not kind:
            issues.append(_unknown(sheet.name, header, parts, known))
        elif (kind, language) in seen:
            issues.append(
                Issue("FORM_005", "error", sheet.name, 1, header, {"other": seen[kind, language]})
            )
            continue
        else:
            seen[kind, language] = header
        columns.append(Column(header, kind, language))
    return columns, issues


def _unknown(sheet: str, header: str, parts: list[str], known: Mapping[str, str]) -> Issue:
    first = parts[0].lower()
    near = get_close_matches(first.replace(" ", "_"), known, n=1, cutoff=0.8)
    if near and first not in ("body", "bind", "instance"):
        meant = header.replace(parts[0], near[0], 1)
        return Issue("FORM_003", "error", sheet, 1, header, {"meant": meant}, "mend-rename-column")
    mend = None if len(parts) > 1 else "mend-prefix-column"
    return Issue("FORM_004", "warning", sheet, 1, header, {}, mend)


def languages_of(columns: Iterable[Column], default_language: str) -> tuple[str, ...]:
    """List the language codes of translated columns, the default first."""
    codes = [column.language for column in columns if column.language]
    return tuple(dict.fromkeys([default_language, *codes] if default_language in codes else codes))
