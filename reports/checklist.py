"""The filled official checklist form, for signature: as PDF and as spreadsheet.

Services fill a `FormSheet` from an inspection; the print template of each result cell comes from
the campaign's workbook and is parsed here. Both outputs are made from the same table model as all
other official tables.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from reports.model import (
    Align,
    Blank,
    Box,
    Cell,
    Column,
    Grid,
    Line,
    Role,
    Segment,
    Text,
    Value,
    Wording,
)
from reports.text import clean_text, display_width
from reports.typeset import Typesetter, render_pdf
from reports.xlsx import render_xlsx

_HOLE = re.compile(r"\{([^{}]*)\}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_LABEL_END = re.compile(r"[^\s（(，,；;：:]*\Z")
_DEFAULT_BLANK = 3
_LONG_REMARK = 160
"""Half-width characters; longer remarks stand in full on a page of their own, so that the form
keeps its two or three pages and no row outgrows a page."""
_WIDTHS = (7.0, 27.0, 18.0, 24.0, 22.0)


class PrintTemplateError(ValueError):
    """A print template of the workbook cannot be understood."""


@dataclass(frozen=True, slots=True)
class FormRow:
    """One line of the form: one item, or one part of an item."""

    label: str
    """The item as printed, with its number; rows that follow each other and agree in it are
    merged when they have sub-labels."""
    result: tuple[Segment, ...]
    sublabel: str = ""
    instruction: str = ""
    """What the document itself prints in the remarks column."""
    remark: str = ""
    photo_count: int = 0


@dataclass(frozen=True, slots=True)
class FormSection:
    """A block of items whose name stands merged at the left."""

    label: str
    rows: tuple[FormRow, ...]


@dataclass(frozen=True, slots=True)
class FormSheet:
    """One checklist form, blank or filled."""

    title: str
    head: tuple[Line, ...]
    sections: tuple[FormSection, ...]
    attachment: str = ""
    reference: str = ""
    """Such as the inspection's number and revision, printed on every page."""
    headings: tuple[str, str, str, str] = ("项目", "检查内容", "检查结果", "备注")
    notes: tuple[str, ...] = ()
    sign_off: tuple[Line, ...] = ()
    sheet_name: str = "检查表"
    wording: Wording = field(default_factory=Wording)


def parse_print(
    template: str, values: Mapping[str, str], *, main: str = ""
) -> tuple[Segment, ...]:
    """Fills the print template of a result cell or head line.

    `{box:V}` is a box, ticked when the row's main answer is V. `{box:name=V}` is ticked when the
    question `name` has the answer V or, where several may be chosen, has V among them. `{name}`
    is the answer to a question, or a line to write on when there is none; `{name:6}` makes that
    line six Chinese characters long.

    Args:
        template: Such as `有{box:yes} 无{box:no}，{i30a_n} 人`.
        values: Answers by question name; an absent or empty answer leaves the line.
        main: Answer to the row's main question.

    Raises:
        PrintTemplateError: The template has an unpaired brace or something unknown in braces.
    """
    segments: list[Segment] = []
    for kind, text, detail in _parts(template):
        match kind:
            case "text":
                segments.append(Text(text))
            case "box":
                answer = values.get(text, "") if text else main
                label = _take_label(segments)
                segments.append(Box(detail in answer.split() or detail == answer, label))
            case _:
                answer = clean_text(values.get(text, "")).strip()
                width = int(detail) if detail else _DEFAULT_BLANK
                segments.append(Value(answer) if answer else Blank(width))
    return tuple(segments)


def print_names(template: str) -> tuple[str, ...]:
    """Lists the questions that a print template names, for the check of a workbook.

    Raises:
        PrintTemplateError: As `parse_print`.
    """
    return tuple(
        dict.fromkeys(text for kind, text, _ in _parts(template) if kind != "text" and text)
    )


def _parts(template: str) -> Iterator[tuple[str, str, str]]:
    """Cuts a template into (text, words, ""), (box, question, value), (value, question, width)."""
    position = 0
    for hole in _HOLE.finditer(template):
        if hole.start() > position:
            yield "text", _plain(template[position : hole.start()]), ""
        yield _hole(hole[1])
        position = hole.end()
    if position < len(template):
        yield "text", _plain(template[position:]), ""


def _plain(text: str) -> str:
    if "{" in text or "}" in text:
        raise PrintTemplateError("a brace stands alone")
    return text


def _hole(inside: str) -> tuple[str, str, str]:
    name, colon, detail = inside.strip().partition(":")
    if name == "box" and colon:
        question, equals, value = detail.partition("=")
        if not equals:
            question, value = "", detail
        if value and (not question or _NAME.fullmatch(question)):
            return "box", question, value
    elif _NAME.fullmatch(name) and (not colon or (detail.isdecimal() and int(detail) > 0)):
        return "value", name, detail
    raise PrintTemplateError(f"{{{inside}}} is neither a box nor a question")


def _take_label(segments: list[Segment]) -> str:
    """Takes the words right before a box off the text, so that they stay together in print."""
    if not segments or not isinstance(segments[-1], Text):
        return ""
    text = segments[-1].text
    found = _LABEL_END.search(text)
    label = found[0] if found else ""
    rest = text[: len(text) - len(label)]
    segments[-1:] = [Text(rest)] if rest else []
    return label


def checklist_pdf(setter: Typesetter, sheet: FormSheet) -> bytes:
    """Sets the form as PDF on upright A4, boxes and writing lines drawn, ready for signature."""
    return render_pdf(setter, checklist_grid(sheet))


def checklist_xlsx(sheet: FormSheet, *, written_at: datetime) -> bytes:
    """Writes the form as spreadsheet with □ and ■ for boxes.

    Args:
        sheet: The form.
        written_at: Aware instant for the document's properties.
    """
    return render_xlsx([checklist_grid(sheet)], written_at=written_at)


def checklist_grid(sheet: FormSheet) -> Grid:
    """Lays the form out as a table: section, item, part of the item, result, remark."""
    first, second, third, fourth = sheet.headings
    cells = [
        Cell(0, 0, first, role=Role.HEADER),
        Cell(0, 1, second, colspan=2, role=Role.HEADER),
        Cell(0, 3, third, role=Role.HEADER),
        Cell(0, 4, fourth, role=Role.HEADER),
    ]
    annex: list[tuple[str, str]] = []
    line = 1
    for section in sheet.sections:
        cells.append(Cell(line, 0, section.label, rowspan=len(section.rows), role=Role.GROUP))
        for index, row in enumerate(section.rows):
            cells += _labels(line, section.rows, index)
            cells.append(Cell(line, 3, row.result, align=Align.LEFT))
            cells.append(Cell(line, 4, _remark(row, annex, sheet.wording), align=Align.LEFT))
            line += 1
    return Grid(
        title=sheet.title,
        attachment=sheet.attachment,
        reference=sheet.reference,
        sheet_name=sheet.sheet_name,
        columns=tuple(Column(width) for width in _WIDTHS),
        cells=tuple(cells),
        label_columns=3,
        head=sheet.head,
        notes=sheet.notes,
        sign_off=sheet.sign_off,
        annex=tuple(annex),
        text_size=10.5,
        title_size=20.0,
        row_padding=5.0,
        wording=sheet.wording,
    )


def _labels(line: int, rows: tuple[FormRow, ...], index: int) -> list[Cell]:
    row = rows[index]
    if not row.sublabel:
        return [Cell(line, 1, row.label, colspan=2, role=Role.LABEL)]
    cells = [Cell(line, 2, row.sublabel, role=Role.LABEL)]
    if index and _belong_together(rows[index - 1], row):
        return cells
    height = 1
    while index + height < len(rows) and _belong_together(row, rows[index + height]):
        height += 1
    return [Cell(line, 1, row.label, rowspan=height, role=Role.LABEL), *cells]


def _belong_together(one: FormRow, other: FormRow) -> bool:
    return bool(one.sublabel and other.sublabel) and one.label == other.label


def _remark(row: FormRow, annex: list[tuple[str, str]], wording: Wording) -> str:
    """Words of the remarks column; long remarks go to the annex in full."""
    remark = clean_text(row.remark).strip()
    if display_width(remark) > _LONG_REMARK or remark.count("\n") > 6:
        annex.append((row.label + (f"　{row.sublabel}" if row.sublabel else ""), remark))
        remark = remark[: _LONG_REMARK // 4].replace("\n", " ") + "…" + wording.see_annex
    photos = (
        wording.photo_count.replace("{count}", str(row.photo_count)) if row.photo_count else ""
    )
    return "\n".join(part for part in (row.instruction, remark, photos) if part)
