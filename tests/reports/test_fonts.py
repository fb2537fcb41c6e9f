import unicodedata
from pathlib import Path

import pytest

from reports.fonts import FontError, FontSet, load_fonts


def test_fonts__all_of_gb_2312__covered(fonts: FontSet) -> None:
    letters = [
        bytes((high, low)).decode("gb2312", errors="ignore")
        for high in range(0xA1, 0xF8)
        for low in range(0xA1, 0xFF)
    ]
    known = "".join(letter for letter in letters if letter)
    assert len(known) > 7000
    assert fonts.missing(known) == frozenset()


def test_fonts__characters_of_forms_and_rare_names__covered(fonts: FontSet) -> None:
    assert fonts.missing("公文䶮㛃鿍㎡℃〔〕①√□■〓—…") == frozenset()


def test_fonts__outside_the_fonts__named(fonts: FontSet) -> None:
    assert fonts.missing("好😀☑") == frozenset("😀☑")
    assert unicodedata.category("\u200d") == "Cf"
    assert fonts.missing("a\u200db\ufe0f") == frozenset()


def test_load_fonts__folder_absent__packaged_fonts_serve(tmp_path: Path, fonts: FontSet) -> None:
    assert load_fonts(tmp_path / "none") == fonts


def test_load_fonts__own_folder__searched_first(tmp_path: Path, fonts: FontSet) -> None:
    own = tmp_path / "fonts"
    own.mkdir()
    (own / "own.otf").write_bytes((fonts.folders[0] / "NotoSansSC-Regular.otf").read_bytes())
    (own / "licence.txt").write_text("not a font")
    assert load_fonts(own).folders == (own, *fonts.folders)


@pytest.mark.parametrize("name", ["broken.ttf", "broken.ttc"])
def test_load_fonts__damaged_file__refused_by_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"OTTO damaged")
    with pytest.raises(FontError, match=name):
        load_fonts(tmp_path)


def test_choose__families_wanted__those_present_in_order(fonts: FontSet) -> None:
    assert fonts.choose(["SimSun", "Noto Serif SC", "Noto Sans SC"]) == [
        "Noto Serif SC",
        "Noto Sans SC",
    ]
