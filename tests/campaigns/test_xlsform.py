import pytest

from campaigns.expressions import Expression
from campaigns.workbook import Row, Sheet, Workbook
from campaigns.xlsform import read_form


def sheet(name, header, *rows):
    """Rows of cells under a header; the first row below it is row 2."""
    filled = [
        Row(number, {h: c for h, c in zip(header, cells, strict=False) if c})
        for number, cells in enumerate(rows, start=2)
        if any(cells)
    ]
    return Sheet(name, tuple(header), tuple(filled))


def book(header, *rows, choices=(), choices_header=None, settings=None):
    sheets = {"survey": sheet("survey", header.split("|"), *[row.split("|") for row in rows])}
    if choices:
        columns = (choices_header or "list_name|name|label::中文 (zh)").split("|")
        sheets["choices"] = sheet("choices", columns, *[row.split("|") for row in choices])
    given = settings or {"form_id": "f", "form_title": "检查表", "default_language": "中文 (zh)"}
    sheets["settings"] = sheet("settings", list(given), list(given.values()))
    return Workbook(sheets)


def found(workbook):
    """The issues as (code, sheet, row, column)."""
    return [(i.code, i.sheet, i.row, i.column) for i in read_form(workbook)[1]]


YESNO = ("yesno|yes|有", "yesno|no|无")
HEADER = "type|name|label::中文 (zh)"


def test_form__complete__is_read_as_written():
    workbook = book(
        "type|name|label::中文 (zh)|label::English (en)|hint::中文 (zh)|hint::English (en)"
        "|required|relevant|constraint|constraint_message::中文 (zh)"
        "|constraint_message::English (en)|calculation|default|x_item|x_part|x_ask|parameters",
        "begin_group|s1|第一部分|Part one",
        "select_one yesno|i03|买卖执照|Licence trade|||yes||||||no|3|main",
        "integer|n|人数|Persons|提示|Tip|yes|${i03} = 'yes'|. >= 1|至少一人|At least 1||||count",
        "image|photo|照片|Photo||||||||||3|photo|on_request|max-pixels=2048",
        "end_group",
        "calculate|double||||||||||coalesce(${n}, 0) * 2",
        "date|day|日期|Date|||||||||today()",
        choices=("yesno|yes|有|Yes|Y", "yesno|no|无|No|N"),
        choices_header="list_name|name|label::中文 (zh)|label::English (en)|official_code",
        settings={
            "form_id": "guangxi",
            "form_title": "检查表",
            "version": "3",
            "default_language": "中文 (zh)",
            "x_title::English (en)": "Checklist",
        },
    )
    form, issues = read_form(workbook)
    assert issues == []
    assert form is not None
    assert (form.form_id, form.version, form.title) == ("guangxi", "3", "检查表")
    assert (form.default_language, form.languages) == ("zh", ("zh", "en"))
    assert form.titles == {"en": "Checklist"}
    assert [question.name for question in form.questions] == ["i03", "n", "photo", "double", "day"]
    choice = form.by_name["i03"].choices[0]
    assert (choice.name, choice.labels["en"], choice.extra) == (
        "yes",
        "Yes",
        {"official_code": "Y"},
    )
    number = form.by_name["n"]
    assert number.group == "s1"
    assert number.required is True
    assert number.relevant is not None
    assert number.relevant.references == {"i03"}
    assert form.text(number.constraint_messages, "en-GB") == "At least 1"
    assert form.text(number.labels, "fr") == "人数"
    assert form.by_name["i03"].default == "no"
    assert isinstance(form.by_name["day"].default, Expression)
    assert form.by_name["photo"].parameters == {"max-pixels": "2048"}
    assert form.by_name["photo"].on_request
    assert [q.name for q in form.items["3"]] == ["i03", "photo"]
    assert form.groups[0].labels["en"] == "Part one"


@pytest.mark.parametrize(
    ("spelling", "kind"),
    [
        ("select_one yesno", "select_one"),
        ("select one yesno", "select_one"),
        ("select one from yesno", "select_one"),
        ("select_multiple yesno", "select_multiple"),
        ("select all that apply from yesno", "select_multiple"),
        ("int", "integer"),
        ("string", "text"),
        ("photo", "image"),
        ("location", "geopoint"),
    ],
)
def test_type__in_any_spelling__is_recognised(spelling, kind):
    form, issues = read_form(book(HEADER, f"{spelling}|a|甲", "note|b|乙", choices=YESNO))
    errors = [issue for issue in issues if issue.severity == "error"]
    assert errors == []
    assert form is not None
    assert form.by_name["a"].type == kind


@pytest.mark.parametrize(
    ("spelling", "code"),
    [
        ("begin_repeat", "FORM_007"),
        ("rank yesno", "FORM_007"),
        ("range", "FORM_007"),
        ("geotrace", "FORM_007"),
        ("geoshape", "FORM_007"),
        ("dateTime", "FORM_007"),
        ("barcode", "FORM_007"),
        ("select_one_from_file a.csv", "FORM_007"),
        ("select_one yesno or_other", "FORM_007"),
        ("select_one", "FORM_015"),
        ("select_one nolist", "FORM_015"),
        ("intger", "FORM_006"),
        ("Select_One yesno", "FORM_006"),
        ("Integer", "FORM_006"),
    ],
)
def test_type__that_cannot_run__is_refused_with_its_cell(spelling, code):
    rows = [f"{spelling}|a|甲", "text|b|乙"]
    if spelling == "begin_repeat":
        rows.append("end_repeat")
    form, issues = read_form(book(HEADER, *rows, choices=YESNO))
    assert form is None
    assert (code, "survey", 2, "type") in [(i.code, i.sheet, i.row, i.column) for i in issues]


def test_type__misspelt__is_refused_with_the_one_that_was_meant():
    _, issues = read_form(book(HEADER, "Intger|a|甲", "frobnicate|b|乙", "|c|丙"))
    assert [(i.code, i.row, i.params["meant"]) for i in issues] == [
        ("FORM_006", 2, "integer"),
        ("FORM_006", 3, "none"),
        ("FORM_006", 4, "none"),
    ]


@pytest.mark.parametrize("column", ["choice_filter", "repeat_count", "trigger", "save_to"])
def test_column__with_a_meaning_that_cannot_run__is_refused_where_it_is_used(column):
    header = f"{HEADER}|{column}"
    assert ("FORM_007", "survey", 3, column) in found(book(header, "text|a|甲", "text|b|乙|${a}"))
    assert found(book(header, "text|a|甲", "text|b|乙")) == []


def test_header__misspelt__is_an_error_with_the_one_that_was_meant():
    form, issues = read_form(book(f"{HEADER}|relevent|requird", "text|a|甲|1 = 1|yes"))
    assert form is None
    assert [(i.code, i.row, i.column, i.params["meant"]) for i in issues] == [
        ("FORM_003", 1, "relevent", "relevant"),
        ("FORM_003", 1, "requird", "required"),
    ]


def test_header__unknown__is_a_warning_and_our_prefix_is_kept():
    form, issues = read_form(book(f"{HEADER}|law_ref|x_law", "text|a|甲|1|2"))
    assert [(i.code, i.severity, i.column) for i in issues] == [("FORM_004", "warning", "law_ref")]
    assert form is not None
    assert form.by_name["a"].columns == {"x_law": "2"}


def test_headers__of_other_tools__are_understood():
    header = "Type|Name|label:English|Required Message:English|constraint message:English"
    form, issues = read_form(book(header, "text|a|One|R|C", settings={"form_id": "f"}))
    assert form is not None, issues
    question = form.by_name["a"]
    assert (question.labels, question.required_messages) == ({"en": "One"}, {"en": "R"})


def test_sheet__with_nearly_a_standard_name__is_named():
    workbook = book(HEADER, "select_one yesno|a|甲")
    sheets = {**workbook.sheets, "choice": sheet("choice", ["list_name", "name"], ["yesno", "y"])}
    assert ("FORM_002", "choice", None, None) in found(Workbook(sheets))


def test_expressions__broken__are_all_named_with_row_and_column():
    header = f"{HEADER}|relevant|constraint|calculation|required|default"
    rows = [
        "text|a|甲|. >= (",
        "text|b|乙||frobnicate(.)",
        "calculate|c||||${nobody} + 1",
        "text|d|丁|${a} = “x”",
        "text|e|戊||||if(1",
        "text|f|己|${a} ＝ 'x'",
        "text|g|庚|instance('x')/root/item[name = ${a}]",
        "text|h|辛|||||uuid()",
    ]
    assert found(book(header, *rows)) == [
        ("EXPR_001", "survey", 2, "relevant"),
        ("EXPR_002", "survey", 3, "constraint"),
        ("FORM_013", "survey", 4, "calculation"),
        ("EXPR_006", "survey", 5, "relevant"),
        ("EXPR_001", "survey", 6, "required"),
        ("EXPR_007", "survey", 7, "relevant"),
        ("FORM_025", "survey", 8, "relevant"),
        ("FORM_025", "survey", 8, "relevant"),
        ("FORM_025", "survey", 9, "default"),
    ]


def test_names__wrong_in_every_way__are_named():
    rows = ["text||甲", "text|a b|乙", "text|c|丙", "text|c|丁", "text|问题|戊", "text|9x|己"]
    assert found(book(HEADER, *rows)) == [
        ("FORM_008", "survey", 2, "name"),
        ("FORM_010", "survey", 3, "name"),
        ("FORM_009", "survey", 5, "name"),
        ("FORM_011", "survey", 6, "name"),
        ("FORM_010", "survey", 7, "name"),
    ]


def test_calculates__in_a_circle__are_found_with_their_names():
    header = f"{HEADER}|calculation|relevant"
    rows = [
        "calculate|a||${b} + 1",
        "calculate|b||${c} * 2",
        "calculate|c||${a}",
        "begin_group|g|组||${inside} = 1",
        "integer|inside|内",
        "end_group",
        "calculate|alone||${alone} + 1",
    ]
    _, issues = read_form(book(header, *rows))
    circles = {frozenset(str(i.params["names"]).split(" → ")) for i in issues}
    assert [i.code for i in issues] == ["FORM_014"] * 3
    assert circles == {frozenset("abc"), frozenset({"g", "inside"}), frozenset({"alone"})}


def test_choices__with_faults__are_named():
    rows = (
        "yesno|yes|有",
        "yesno|yes|是",
        "yesno||无",
        "|no|无",
        "yesno|not sure|不",
        "spare|x|余",
    )
    assert found(book(HEADER, "select_one yesno|a|甲", choices=rows)) == [
        ("FORM_017", "choices", 3, "name"),
        ("FORM_016", "choices", 4, "name"),
        ("FORM_016", "choices", 5, "list_name"),
        ("FORM_018", "choices", 6, "name"),
        ("FORM_031", "choices", 7, "list_name"),
    ]


def test_groups__not_closed_or_not_opened__are_named():
    assert ("FORM_019", "survey", 2, "type") in found(
        book(HEADER, "begin_group|g|组", "text|a|甲")
    )
    assert ("FORM_019", "survey", 3, "type") in found(book(HEADER, "text|a|甲", "end_group"))


def test_translation__empty_in_one_language__is_a_warning():
    form, issues = read_form(
        book(f"{HEADER}|label::English (en)", "text|a|甲|A", "text|b|乙", "calculate|c")
    )
    assert ("FORM_020", "warning", 3, "label::English (en)") in [
        (i.code, i.severity, i.row, i.column) for i in issues
    ]
    assert form is None  # a calculate without a calculation
    assert ("FORM_022", 4) in [(i.code, i.row) for i in issues]


def test_default__that_is_no_answer__is_named():
    header = f"{HEADER}|default"
    rows = [
        "integer|a|甲|many",
        "select_one yesno|b|乙|maybe",
        "date|c|丙|2026-02-30",
        "text|d|丁|x",
    ]
    assert [(code, row) for code, _, row, _ in found(book(header, *rows, choices=YESNO))] == [
        ("FORM_024", 2),
        ("FORM_024", 3),
        ("FORM_024", 4),
    ]


def test_own_columns__with_wrong_values__are_named():
    header = f"{HEADER}|x_ask|x_item"
    assert found(book(header, "text|a|甲|sometimes|1", "text|b|乙|always|第一项")) == [
        ("FORM_030", "survey", 2, "x_ask"),
        ("FORM_030", "survey", 3, "x_item"),
    ]


def test_label__that_mentions_a_question__is_checked():
    assert found(book(HEADER, "text|a|甲", "note|b|你好 ${a}，${nobody}")) == [
        ("FORM_013", "survey", 3, "label")
    ]


def test_row__left_empty__keeps_the_numbers_of_those_below():
    assert found(book(f"{HEADER}|relevant", "text|a|甲", "||", "text|b|乙|${x} = 1")) == [
        ("FORM_013", "survey", 4, "relevant")
    ]


def test_structure__that_only_pyxform_objects_to__becomes_an_issue():
    workbook = book(f"{HEADER}|parameters", "image|a|甲|max-pixels=lots")
    form, issues = read_form(workbook)
    assert form is None
    assert [i.code for i in issues] == ["FORM_027"]
    assert issues[0].params["text"]


def test_workbook__without_a_survey__says_so():
    assert found(Workbook({})) == [("FORM_001", "survey", None, None)]
    assert found(book("label", "甲")) == [
        ("FORM_001", "survey", 1, "type"),
    ]


def test_metadata_and_disabled_rows__are_tolerated():
    rows = ["start|start", "today|today", "username|username", "audit|audit", "text|a|甲|"]
    form, issues = read_form(book(f"{HEADER}|disabled", *rows, "text|a|重复|yes"))
    assert {issue.code for issue in issues} == {"FORM_028"}
    assert form is not None
    assert [q.name for q in form.questions] == ["start", "today", "username", "audit", "a"]


def test_long_form__of_600_questions_and_a_long_list__is_read_quickly():
    rows = [f"integer|q{n}|问{n}|${{q{n - 1}}} > 0" if n else "integer|q0|问0" for n in range(600)]
    choices = tuple(f"big|c{n}|选{n}" for n in range(5_000))
    form, issues = read_form(
        book(f"{HEADER}|relevant", *rows, "select_one big|last|末", choices=choices)
    )
    assert issues == []
    assert form is not None
    assert len(form.by_name["last"].choices) == 5_000
