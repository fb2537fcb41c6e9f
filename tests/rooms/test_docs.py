"""The papers say what the code says: settings, commands, folders, files, both languages alike."""

import argparse
import re
from pathlib import Path

import pytest

from bot.__main__ import make_parser
from bot.settings import NAMES
from tests.rooms.sources import ROOMS, ROOT, tracked

OPERATIONS = ("docs/OPERATIONS.md", "docs/OPERATIONS.zh-CN.md")
READMES = ("README.md", "README.zh-CN.md")
PAPERS = tuple(
    sorted(
        path.relative_to(ROOT).as_posix()
        for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"))
    )
)
PLACES = (*ROOMS, "tests", "benchmarks", "docs", ".ci")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def first_cells(text: str) -> list[str]:
    """The code in the first cell of every row of every table."""
    return re.findall(r"^\| `([^`]+)`", text, re.MULTILINE)


def commands() -> set[str]:
    parser = make_parser()
    offered = next(a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    return set(offered.choices)


@pytest.mark.parametrize("paper", OPERATIONS)
def test_operations__table_of_settings__has_every_name_once_and_no_other(paper: str) -> None:
    listed = [cell for cell in first_cells(read(paper)) if re.fullmatch(r"[A-Z_]+", cell)]
    assert sorted(listed) == sorted(NAMES)


@pytest.mark.parametrize("paper", OPERATIONS + READMES)
def test_papers__table_of_commands__has_every_command_and_no_other(paper: str) -> None:
    listed = {cell.split()[0] for cell in first_cells(read(paper)) if re.match(r"[a-z]+\b", cell)}
    listed = {name for name in listed if "/" not in name and "." not in name}
    assert listed == commands()


@pytest.mark.parametrize(("one", "other"), [READMES, OPERATIONS])
def test_papers__in_both_languages__have_the_same_shape(one: str, other: str) -> None:
    def shape(name: str) -> tuple[list[str], list[str], int]:
        text = read(name)
        blocks = re.findall(r"^ *```\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)
        headings = re.findall(r"^(#+) ", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.M)
        return headings, blocks, len(re.findall(r"^\|", text, re.MULTILINE))

    assert shape(one) == shape(other)


@pytest.mark.parametrize("paper", PAPERS)
def test_papers__links__lead_to_files(paper: str) -> None:
    folder = (ROOT / paper).parent
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", read(paper))
    local = [link for link in links if "://" not in link]
    assert [link for link in local if not (folder / link).exists()] == []


def named_paths(text: str) -> set[str]:
    """Paths in backticks that begin with one of our folders."""
    found = re.findall(r"`([\w.-]+/[^`\s]*)`", text)
    return {path for path in found if path.split("/")[0] in PLACES}


@pytest.mark.parametrize("paper", PAPERS)
def test_papers__paths__exist(paper: str) -> None:
    missing = []
    for path in named_paths(read(paper)):
        known = re.split(r"[<*{]|NNNN", path)[0]
        place = ROOT / (known if known == path else known.rpartition("/")[0])
        if not place.exists():
            missing.append(path)
    assert missing == []


@pytest.mark.parametrize("paper", PAPERS)
def test_papers__make_commands__are_targets(paper: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))
    code = re.findall(r"`([^`\n]+)`|^ *(make .+)$", read(paper), re.MULTILINE)
    named = {
        match[1]
        for part in code
        for text in part
        if (match := re.match(r"make ([a-z-]+)(?![\w=])", text))
    }
    assert named - targets == set()


def test_architecture__rooms__are_all_named() -> None:
    text = read("docs/ARCHITECTURE.md")
    assert [room for room in ROOMS if f"\n{room}/" not in text] == []


def test_decisions__files__are_numbered_without_a_gap_and_have_four_parts() -> None:
    files = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [int(path.name[:4]) for path in files] == list(range(1, len(files) + 1))
    parts = ("**Context.**", "**Decision.**", "**Rejected.**", "**Consequences.**")
    for path in files:
        text = path.read_text(encoding="utf-8")
        assert [part for part in parts if part not in text] == [], path.name
        assert text.startswith(f"# {path.name[:4]} ")


FORBIDDEN = (
    # A path that exists on one machine only. Written in pieces, or this file would find itself.
    re.compile("/" + r"(work|root|home|Users|opt)/(?!item|name)[\w.-]"),
    re.compile("[A-Z]:" + r"\\Users"),
    # Where packages come from is the machine's business.
    re.compile(r"--(extra-)?index" + "-url|pypi-" + "more|/sim" + "ple/"),
    # How the work was organised says nothing to a reader.
    re.compile(r"\bissues? (show|list|note)\b|\bissue #?\d+\b", re.IGNORECASE),
    re.compile("story" + r"board|shared/(research|seeds)|\bsub" + "agent", re.IGNORECASE),
    # Keys and tokens: a Bot API token has 35 characters behind the colon.
    re.compile(r"\b\d{8,10}:[A-Za-z0-9_-]{35}\b"),
    re.compile("-----BEGIN " + "[A-Z ]*PRIVATE KEY"),
)
BINARY = {".png", ".jpg", ".xlsx", ".pdf", ".ico"}


def test_files__under_version_control__hold_nothing_of_one_machine_and_no_secret() -> None:
    found: list[str] = []
    for path in tracked():
        if path.suffix in BINARY:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            found += [
                f"{path.relative_to(ROOT).as_posix()}:{number}: {pattern.pattern}"
                for pattern in FORBIDDEN
                if pattern.search(line)
            ]
    assert found == []


def test_files__under_version_control__are_small_and_no_data_of_a_deployment() -> None:
    names = [path.relative_to(ROOT) for path in tracked()]
    kept = [
        str(name)
        for name in names
        if name.suffix in {".db", ".key", ".ttf", ".otf"} or name.name == ".env"
    ]
    assert kept == []
    assert [str(n) for n in names if (ROOT / n).stat().st_size > 1 << 20] == []


def test_licence__of_the_project__is_the_one_it_names() -> None:
    assert "Apache License" in read("LICENSE")
    assert 'license = "Apache-2.0"' in Path(ROOT / "pyproject.toml").read_text(encoding="utf-8")
