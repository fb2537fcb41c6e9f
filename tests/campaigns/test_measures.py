"""Tables one and two of a made-up week, equal to figures counted by hand.

The expected figures below were worked out on paper from the visits, not by the code under test.
"""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.campaign import load_pack, read_campaign
from campaigns.categories import InstitutionFacts, categorise, in_table, is_aimed_at
from campaigns.measures import (
    InspectionFacts,
    compile_figures,
    contributions,
    headline,
    inspection_facts,
    most_frequent,
)
from campaigns.periods import Period, to_date, week_of
from campaigns.workbook import Row, Sheet, Workbook

GUANGXI, _ = read_campaign(load_pack("guangxi-2020"))
TABLE_ONE, TABLE_TWO = GUANGXI.tables

YES_NO = [f"{n:02}" for n in (3, 4, *range(7, 30))]
YES_NO += ["06a", "06b", "30a", "30b", "31a", "31b", "32a", "32b", "32c"]

# name: ownership, level, type
PLACES = {
    "A": ("public", "3", "general"),
    "B": ("public", "2", "tcm"),
    "C": ("public", "1", "general"),
    "D": ("public", "0", "clinic"),
    "E": ("private", "2", "specialty"),
    "F": ("private", "0", "checkup"),
    "G": ("private", "1", "general"),
    "H": ("public", "2", "mch"),
    "J": ("private", "0", "independent"),
    "K": ("public", "2", "primary"),
    "L": ("public", "3", "general"),
}

# (place, kind, day of September 2026, day of the decision, what was found)
VISITS = [
    ("A", "joint", 7, 9, {"i01": (20, 2), "i04": 1, "i06a": 1, "i18": (3, 1), "i28": "0.20"}),
    ("A", "spot", 10, None, {"i01": (20, 1), "i14": 1, "i28": "1.05", "i30a": 2}),
    ("B", "joint", 8, None, {}),
    ("C", "covert", 13, None, {"i02": (15, 4), "i20": 3, "i27": 1, "i31b": 1}),
    ("D", "cross", 9, None, {"i13": 1, "i14": 1, "i28": "0"}),
    ("D", "spot", 11, None, {"i28": "0.3"}),
    ("E", "joint", 11, 14, {"i24": 1, "i26": 1, "i32c": 2}),
    ("E", "spot", 11, None, {"i24": 1, "i18": (0, 2)}),
    ("F", "spot", 7, None, {"i10": 1, "i29": 1}),
    ("G", "joint", 12, None, {"i05": (8, 8), "i16": 1, "i17": 1, "i32a": 1, "i30b": 3}),
    ("G", "recheck", 13, None, {"i16": 1}),
    ("H", "self", 8, None, {"i03": 1, "i28": "5"}),
    ("J", "joint", 4, 8, {"i25": 1, "i28": "0.1", "i32b": 1}),
    ("K", "joint", 14, None, {"i07": 1}),
    ("L", "joint", 13, None, {"i28": "0.05"}),
]

WEEK = Period(date(2026, 9, 7), date(2026, 9, 13), "week")

INSPECTED_IN_WEEK = {
    "public2_general": 2,  # A (twice), L
    "public2_specialty": 0,
    "public2_tcm": 1,  # B
    "public2_mch": 0,  # H inspected itself only
    "public2_other": 0,  # K comes a day later
    "public_other_primary": 1,  # C, level 1 whatever its type
    "public_other_clinic": 1,  # D (twice)
    "public_other_other": 0,
    "private2_general": 0,
    "private2_specialty": 1,  # E (twice)
    "private2_tcm": 0,
    "private2_other": 0,
    "private_other_checkup": 1,  # F
    "private_other_independent": 0,  # J was inspected the week before
    "private_other_small": 1,  # G; its recheck does not count
}

FOUND_IN_WEEK = {
    # public 2+, other public, private 2+, other private
    "i01": (3, 0, 0, 0),
    "i02": (0, 4, 0, 0),
    "i03": (0, 0, 0, 0),
    "i04": (1, 0, 0, 0),
    "i05": (0, 0, 0, 8),
    "i06a": (1, 0, 0, 0),
    "i06b": (0, 0, 0, 0),
    "i07": (0, 0, 0, 0),
    "i08": (0, 0, 0, 0),
    "i09": (0, 0, 0, 0),
    "i10": (0, 0, 0, 1),
    "i11": (0, 0, 0, 0),
    "i12": (0, 0, 0, 0),
    "i13": (0, 1, 0, 0),
    "i14": (1, 1, 0, 0),
    "i15": (0, 0, 0, 0),
    "i16": (0, 0, 0, 1),
    "i17": (0, 0, 0, 1),
    "i18_ads": (3, 0, 0, 0),
    "i18_media": (1, 0, 2, 0),
    "i19": (0, 0, 0, 0),
    "i20": (0, 3, 0, 0),
    "i21": (0, 0, 0, 0),
    "i22": (0, 0, 0, 0),
    "i23": (0, 0, 0, 0),
    "i24": (0, 0, 2, 0),
    "i25": (0, 0, 0, 0),
    "i26": (0, 0, 0, 0),  # E's licence is revoked on the 14th
    "i27": (0, 1, 0, 0),
    "i28": (2, 1, 0, 1),  # A and L; D once, its confiscation is no fine; J, decided on the 8th
    "punished": (2, 2, 0, 2),  # A, L; C, D; F, J
    "fine_total": ("1.30", "0.30", "0.00", "0.10"),
    "i30a": (2, 0, 0, 0),
    "i30b": (0, 0, 0, 3),
    "i31a": (0, 0, 0, 0),
    "i31b": (0, 1, 0, 0),
    "i32a": (0, 0, 0, 1),
    "i32b": (0, 0, 0, 1),
    "i32c": (0, 0, 0, 0),
    "i33a": (2, 1, 0, 3),
    "i33b": (0, 0, 0, 2),
}


def answers(found):
    """The submitted answers of a visit that found only this."""
    values = {f"i{item}": "no" for item in YES_NO}
    for item in ("i01", "i02", "i05"):
        values |= {f"{item}_n": "20", f"{item}_m": "0"}
    for item, what in found.items():
        if item in ("i01", "i02", "i05"):
            values |= {f"{item}_n": str(what[0]), f"{item}_m": str(what[1])}
            continue
        values[item] = "yes"
        if item == "i18":
            values |= {"i18_ads": str(what[0]), "i18_media": str(what[1])}
        elif item == "i28":
            values |= {"i28_fine": what, "i28_confiscated": "设备1台"}
        elif item == "i20" or item[1:3] in ("30", "31", "32"):
            values[f"{item}_n"] = str(what)
    return values


def facts_of(place):
    ownership, level, kind = PLACES[place]
    return InstitutionFacts(kind, level, ownership)


def compiled(table, period):
    """Add up contributions the plain way: sums, and sets of institutions for distinct ones."""
    sums, institutions = defaultdict(Decimal), defaultdict(set)
    for place, kind, day, decided, found in VISITS:
        values = answers(found) | {"inspected_on": f"2026-09-{day:02}"}
        if decided:
            values["decided_on"] = f"2026-09-{decided:02}"
        facts = inspection_facts(
            GUANGXI,
            values,
            kind=kind,
            inspected_on=date(2026, 9, day),
            category=categorise(GUANGXI, facts_of(place)),
        )
        for entry in contributions(GUANGXI, values, facts):
            if entry.table_id == table.table_id and entry.counted_on in period:
                if entry.distinct:
                    institutions[entry.measure, entry.category].add(place)
                else:
                    sums[entry.measure, entry.category] += entry.amount
    counted = {key: len(places) for key, places in institutions.items()}
    return compile_figures(table, sums | counted, unknown={"registered"})


def test_table_one__made_up_week__equals_the_hand_count():
    figures = compiled(TABLE_ONE, WEEK)
    assert figures.column_keys == ("registered", "inspected")
    assert figures.row_keys == tuple(INSPECTED_IN_WEEK)
    assert {key: figures.cell(key, "inspected") for key in figures.row_keys} == INSPECTED_IN_WEEK
    assert {figures.cell(key, "registered") for key in figures.row_keys} == {None}
    assert figures.unplaced == {}


def test_table_two__made_up_week__equals_the_hand_count():
    figures = compiled(TABLE_TWO, WEEK)
    assert figures.column_keys == ("public2", "public_other", "private2", "private_other")
    assert figures.row_keys == tuple(FOUND_IN_WEEK)
    as_printed = {
        key: tuple(str(cell) for cell in line)
        for key, line in zip(figures.row_keys, figures.cells, strict=True)
    }
    assert as_printed == {key: tuple(map(str, line)) for key, line in FOUND_IN_WEEK.items()}
    assert figures.unplaced == {}


def test_tables__campaign_to_date__hold_the_week_before_too():
    period = to_date(date(2026, 9, 1), date(2026, 9, 13))
    assert compiled(TABLE_TWO, period).cell("i25", "private_other") == 1
    assert compiled(TABLE_TWO, period).cell("i28", "private_other") == 1
    assert compiled(TABLE_ONE, period).cell("private_other_independent", "inspected") == 1
    assert compiled(TABLE_ONE, period).total(column="inspected") == 9


def test_tables__week_after__hold_what_was_decided_then():
    after = compiled(TABLE_TWO, week_of(date(2026, 9, 14)))
    assert after.cell("i26", "private2") == 1
    assert after.cell("i32c", "private2") == 2
    assert after.cell("i33b", "private2") == 2
    assert after.cell("i24", "private2") == 0
    assert after.cell("i07", "public2") == 1


def test_figures__of_the_mondays_message__equal_the_hand_count():
    by_id = {figure.figure_id: figure for figure in GUANGXI.figures}
    one, two = compiled(TABLE_ONE, WEEK), compiled(TABLE_TWO, WEEK)
    assert headline(by_id["inspected"], one) == 8
    assert headline(by_id["findings"], two) == 25
    assert headline(by_id["fined"], two) == 4
    assert str(headline(by_id["fines"], two)) == "1.70"
    assert headline(by_id["transferred"], two) == 2
    assert most_frequent(by_id["most"], two) == (("i05", 8), ("i02", 4), ("i01", 3))


@pytest.mark.parametrize("kind", ["self", "recheck", "unheard_of"])
def test_contributions__kind_that_does_not_count__is_nothing(kind):
    facts = InspectionFacts(kind, date(2026, 9, 7), None, "public2_general")
    assert contributions(GUANGXI, answers({"i04": 1, "i28": "3"}), facts) == ()


def test_contributions__clean_visit__is_only_the_inspected_institution():
    facts = InspectionFacts("joint", date(2026, 9, 7), None, "public2_general")
    (entry,) = contributions(GUANGXI, answers({}), facts)
    assert (entry.table_id, entry.measure, entry.amount) == ("table1", "inspected", 1)
    assert (entry.category, entry.distinct) == ("public2_general", True)


def test_contributions__category_unknown__is_kept_and_listed():
    facts = InspectionFacts("joint", date(2026, 9, 7), None, None)
    entries = contributions(GUANGXI, answers({"i04": 1}), facts)
    assert [(e.table_id, e.measure, e.category) for e in entries] == [
        ("table1", "inspected", ""),
        ("table2", "i04", ""),
    ]
    figures = compile_figures(TABLE_TWO, {("i04", ""): 1})
    assert figures.unplaced == {("i04", ""): 1}
    assert figures.total() == 0


@given(st.lists(st.decimals(0, 10_000, places=2), min_size=1, max_size=30))
def test_contributions__fines__add_up_to_the_cent(fines):
    total = Decimal(0)
    for fine in fines:
        facts = InspectionFacts("joint", date(2026, 9, 7), None, "public2_general")
        entries = contributions(GUANGXI, answers({"i28": str(fine)}), facts)
        total += sum((e.amount for e in entries if e.measure == "fine_total"), Decimal(0))
        assert any(e.measure == "i28" for e in entries) is (fine > 0)
        assert any(e.measure == "punished" for e in entries)
    assert total == sum(fines)


def test_compile__nothing_known__is_blank_and_not_zero():
    figures = compile_figures(TABLE_TWO, {}, unknown={"i30a"})
    assert figures.cell("i30a", "public2") is None
    assert figures.cell("i33a", "public2") is None
    assert figures.cell("i33b", "public2") == 0
    assert figures.total(["i30a"]) is None


# What the registry's facts mean, one line for each row of table one, first hit from the top.
CATEGORY_OF = {
    ("public", "23"): {
        "general": "public2_general",
        "specialty": "public2_specialty",
        "tcm": "public2_tcm",
        "mch": "public2_mch",
        "": "public2_other",
    },
    ("public", "1"): {"": "public_other_primary"},
    ("public", "0"): {
        "primary": "public_other_primary",
        "clinic": "public_other_clinic",
        "": "public_other_other",
    },
    ("private", "23"): {
        "general": "private2_general",
        "specialty": "private2_specialty",
        "tcm": "private2_tcm",
        "": "private2_other",
    },
    ("private", "01"): {
        "checkup": "private_other_checkup",
        "independent": "private_other_independent",
        "": "private_other_small",
    },
}
TYPES = ["general", "specialty", "tcm", "mch", "primary", "clinic", "checkup", "independent"]


@pytest.mark.parametrize(("ownership", "levels"), CATEGORY_OF)
def test_categorise__every_institution__is_in_the_documents_row(ownership, levels):
    expected = CATEGORY_OF[ownership, levels]
    for level, kind in product(levels, TYPES):
        found = categorise(GUANGXI, InstitutionFacts(kind, level, ownership))
        assert found == expected.get(kind, expected[""]), (level, kind)


def test_categorise__ownership_unknown__is_no_category():
    assert categorise(GUANGXI, InstitutionFacts("general", "3", "")) is None


def test_in_table__table_two__shows_the_coarse_category():
    by_id = GUANGXI.category_by_id
    assert in_table(TABLE_TWO, by_id, "private_other_small") == "private_other"
    assert in_table(TABLE_ONE, by_id, "private_other_small") == "private_other_small"
    assert in_table(TABLE_TWO, by_id, None) == ""
    assert in_table(TABLE_TWO, by_id, "gone") == ""


def test_targets__hospitals_and_others__are_about_each_institution_once():
    hospitals, others = GUANGXI.targets
    for kind in TYPES:
        facts = InstitutionFacts(kind, "0", "private")
        is_hospital = kind in ("general", "specialty", "tcm", "mch")
        assert is_aimed_at(hospitals, facts) is is_hospital
        assert is_aimed_at(others, facts) is not is_hospital


def small_campaign(**row):
    """Guangxi's form with one table of one column, as plans without categories have it."""
    pack = load_pack("guangxi-2020")
    labels = {"label::中文 (zh)": "甲", "label::English (en)": "A"}
    head = dict(labels)
    for column in ("title", "period_line", "period_line_days"):
        head |= {f"{column}::中文 (zh)": "甲", f"{column}::English (en)": "A"}
    rows = [{"row_key": "one", **row}, {"row_key": "sum", "aggregate": "total", "parts": "one"}]

    def sheet(name, cells):
        header = tuple(dict.fromkeys(key for each in cells for key in each))
        lines = tuple(Row(n, each) for n, each in enumerate(cells, start=2))
        return Sheet(name, header, lines)

    own = {
        "x_tables": sheet("x_tables", [{"table_id": "t", **head}]),
        "x_table_rows": sheet("x_table_rows", [{"table_id": "t", **labels, **r} for r in rows]),
        "x_table_columns": sheet(
            "x_table_columns", [{"table_id": "t", "column_key": "count", **labels}]
        ),
    }
    without = {k: v for k, v in pack.sheets.items() if k not in ("x_pushes", "x_figures")}
    definition, issues = read_campaign(Workbook({**without, **own}))
    assert issues == []
    return definition


def test_table__one_column_without_categories__counts_every_institution_together():
    definition = small_campaign(
        aggregate="sum", amount="${i28_fine} * 3 div 7", decimals="4", filter="${i04} = 'yes'"
    )
    facts = InspectionFacts("spot", date(2026, 9, 7), None, "public2_general")
    (entry,) = contributions(definition, answers({"i04": 1, "i28": "0.1"}), facts)
    assert (entry.amount, entry.category) == (Decimal("0.0429"), "")
    assert contributions(definition, answers({"i28": "0.1"}), facts) == ()
    figures = compile_figures(definition.tables[0], {("one", ""): entry.amount})
    assert figures.cells == ((Decimal("0.0429"),), (Decimal("0.0429"),))


def test_table__manual_row__is_blank_until_somebody_supplements_it():
    table = small_campaign(aggregate="manual").tables[0]
    assert compile_figures(table, {}).cells == ((None,), (None,))
    assert compile_figures(table, {("one", ""): 0}).cells == ((0,), (0,))
