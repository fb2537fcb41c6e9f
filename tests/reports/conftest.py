"""One typesetter for all tests of the room, as in the running process."""

import pytest

from reports.fonts import FontSet, load_fonts
from reports.typeset import Typesetter


@pytest.fixture(scope="session")
def fonts() -> FontSet:
    return load_fonts()


@pytest.fixture(scope="session")
def setter(fonts: FontSet) -> Typesetter:
    return Typesetter(fonts)
