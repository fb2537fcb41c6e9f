"""Nothing is half there: every registered piece has its counterparts in the other rooms."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiogram.filters.callback_data import CallbackData
from fluent.syntax import FluentParser
from fluent.syntax import ast as ftl
from fluent.syntax.visitor import Visitor

import handlers
from bot.work import JOBS
from campaigns.question_types import QUESTION_TYPES
from handlers.inputs import LOCATION_INPUTS, TEXT_INPUTS
from handlers.pushes import PUSHES
from handlers.views import VIEWS
from handlers.widgets import WIDGETS
from locales import FOLDER, LANGUAGES
from tests.rooms.sources import argument, calls, literals, modules

assert handlers.ROUTERS  # importing the routers registers every view and push

# ---- question types ------------------------------------------------------------------------


def test_question_types__that_are_asked__have_a_widget() -> None:
    asked = {name for name, kind in QUESTION_TYPES.items() if kind.asked}
    assert asked <= WIDGETS.keys()
    assert WIDGETS.keys() <= QUESTION_TYPES.keys()


# ---- texts ---------------------------------------------------------------------------------


class Variables(Visitor):
    """Collects the names of the values that a message needs."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_VariableReference(self, node: ftl.VariableReference) -> None:  # noqa: N802
        self.names.add(node.id.name)


def messages(language: str) -> Iterator[tuple[str, ftl.Message, str]]:
    for path in sorted((FOLDER / language).glob("*.ftl")):
        for entry in FluentParser().parse(path.read_text(encoding="utf-8")).body:
            assert not isinstance(entry, ftl.Junk), f"{path.name}: {entry.content!r}"
            if isinstance(entry, ftl.Message):
                yield entry.id.name, entry, path.name


def variables(language: str) -> dict[str, set[str]]:
    found = {}
    for name, entry, _ in messages(language):
        visitor = Variables()
        visitor.visit(entry)
        found[name] = visitor.names
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_locale__every_message__is_said_once_and_not_empty(language: str) -> None:
    seen: dict[str, str] = {}
    for name, entry, file in messages(language):
        assert name not in seen, f"{name} is in {seen.get(name)} and in {file}"
        assert entry.value is not None, name
        seen[name] = file


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_locale__beside_the_first__has_the_same_keys_files_and_variables(language: str) -> None:
    assert {(n, f) for n, _, f in messages(language)} == {
        (n, f) for n, _, f in messages(LANGUAGES[0])
    }
    first, other = variables(LANGUAGES[0]), variables(language)
    assert {n: v for n, v in other.items() if v != first[n]} == {}


def test_locale__folders__are_the_languages() -> None:
    assert {path.parent.name for path in FOLDER.glob("*/*.ftl")} == set(LANGUAGES)


def written_keys() -> Iterator[tuple[str, str]]:
    for path, module in modules("bot", "handlers", "services"):
        for call in calls(module, "t"):
            yield from ((path, key) for key in literals(argument(call, 0, "key")))
        for call in calls(module, "text"):
            if len(call.args) > 1:
                yield from ((path, key) for key in literals(call.args[1]))
        for call in calls(module, "CampaignError"):
            yield from ((path, key) for key in literals(argument(call, 0, "key")))


def test_texts__that_code_names__exist() -> None:
    known = variables(LANGUAGES[0]).keys()
    assert {(path, key) for path, key in written_keys() if key not in known} == set()


# ---- cards, pushes, jobs -------------------------------------------------------------------


def test_views__that_handlers_show__are_registered() -> None:
    named = {
        (path, view)
        for path, module in modules("handlers")
        for call in calls(module, "show")
        for view in literals(argument(call, 0, "view"))
    }
    assert named, "no call of show() was found"
    assert {(path, view) for path, view in named if view not in VIEWS} == set()


def test_inputs__of_text_and_place__belong_to_a_view() -> None:
    assert TEXT_INPUTS.keys() | LOCATION_INPUTS.keys() <= VIEWS.keys()


def kinds(method: str, position: int) -> Iterator[tuple[str, str, bool]]:
    """(module, kind, whole): the kinds that code queues; only its beginning when computed."""
    for path, module in modules("bot", "handlers", "services"):
        for call in calls(module, method):
            kind = argument(call, position, "kind")
            if isinstance(kind, ast.JoinedStr) and isinstance(kind.values[0], ast.Constant):
                yield path, str(kind.values[0].value), False
            yield from ((path, name, True) for name in literals(kind))


def test_pushes__that_code_queues__have_a_renderer_and_the_reverse() -> None:
    queued = list(kinds("push", 3))
    for path, kind, whole in queued:
        known = kind in PUSHES if whole else any(name.startswith(kind) for name in PUSHES)
        assert known, f"{path} queues {kind}"
    used = {
        name
        for name in PUSHES
        if any(name == kind if whole else name.startswith(kind) for _, kind, whole in queued)
    }
    assert PUSHES.keys() - used == set()


def test_jobs__that_code_queues__are_exactly_those_that_a_worker_knows() -> None:
    queued = {kind for _, kind, _ in kinds("job", 2)}
    assert queued == JOBS.keys()


# ---- buttons -------------------------------------------------------------------------------

RECORD = 9_999_999_999
"""More records than a deployment will ever have."""
PLACE = 9_999
"""More questions, rows or pages than a card will ever count."""
CHAT = -1_009_999_999_999
"""The longest chat number. Source: Bot API, 52 significant bits; supergroups have 13 digits."""

LONGEST: dict[str, dict[str, object]] = {
    "go": {"to": "institutions"},
    "camp": {"act": "pack", "value": "x" * 40},
    "bind": {"act": "release", "value": CHAT},
    "inv": {"act": "campaign", "value": RECORD},
    "join": {"act": "back", "invite": RECORD},
    "lang": {"code": "zh-Hans-CN"},
    "act": {"membership": RECORD},
    "pick": {"act": "page", "value": RECORD},
    "reg": {"act": "level", "value": "independent"},
    "tb": {
        "act": "latest",
        "c": 99_999,
        "t": 99,
        "p": "w2026111620261122",
        "u": 999_999,
        "a": "9999.999",
    },
    "a": {"inspection": RECORD, "revision": PLACE, "question": PLACE, "option": PLACE, "on": 0},
    "x": {"inspection": RECORD, "question": PLACE, "on": 0},
    "k": {"inspection": RECORD, "revision": PLACE, "group": PLACE},
    "o": {"inspection": RECORD, "question": PLACE},
    "d": {"inspection": RECORD, "do": f"unstray-{RECORD}", "at": PLACE},
    "s": {"do": "institution", "at": RECORD, "institution": RECORD},
}
"""By prefix: the longest that a button of this kind can carry; a new kind needs its line."""


def buttons() -> list[type[CallbackData]]:
    return [kind for kind in CallbackData.__subclasses__() if kind.__module__[:9] == "handlers."]


def test_buttons__of_all_journeys__have_prefixes_of_their_own() -> None:
    prefixes = [kind.__prefix__ for kind in buttons()]
    assert len(prefixes) == len(set(prefixes))
    assert set(prefixes) == LONGEST.keys()


@pytest.mark.parametrize("prefix", LONGEST)
def test_buttons__at_their_longest__fit_into_64_bytes(prefix: str) -> None:
    kind = next(kind for kind in buttons() if kind.__prefix__ == prefix)
    values = {
        name: str(value) if kind.model_fields[name].annotation is str else value
        for name, value in LONGEST[prefix].items()
    }
    packed = kind(**values).pack()  # type: ignore[arg-type]  # pydantic checks the values
    assert len(packed.encode()) <= 64
    assert kind.unpack(packed) == kind(**values)  # type: ignore[arg-type]


def test_menu_buttons__that_are_drawn__open_something() -> None:
    drawn: set[str] = set()
    opened: set[str] = set()
    for _, module in modules("handlers"):
        for call in calls(module, "Go"):
            drawn |= set(literals(argument(call, 0, "to")))
        for call in calls(module, "filter"):
            if isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) == "Go":
                opened |= {
                    node.value
                    for node in ast.walk(call)
                    if isinstance(node, ast.Constant) and isinstance(node.value, str)
                }
    assert drawn
    assert drawn - opened == set()


def test_packs__in_the_repository__are_folders_with_a_checklist_or_a_campaign() -> None:
    packs = Path(handlers.__file__).parents[1] / "campaigns" / "packs"
    folders = [path for path in packs.iterdir() if path.is_dir() and path.name[0] not in "._"]
    assert folders
    assert {path.name for path in folders if not (path / "x_campaign.csv").is_file()} == set()
