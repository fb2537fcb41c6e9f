"""What is sealed opens with the same key for the same place only."""

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.vault import KEY_FILE, NONCE_BYTES, Vault, WrongKeyError, load_secret


@given(data=st.binary(max_size=300), place=st.binary(max_size=40))
def test_sealed__any_record__opens_to_the_same(data: bytes, place: bytes) -> None:
    vault = Vault(b"key")
    assert vault.open(vault.seal(data, place), place) == data


@given(data=st.binary(min_size=8, max_size=300))
def test_sealed__does_not_show_what_it_holds_and_never_repeats(data: bytes) -> None:
    vault = Vault(b"key")
    first, second = vault.seal(data, b"p"), vault.seal(data, b"p")
    assert data not in first
    assert first != second
    assert first[:NONCE_BYTES] != second[:NONCE_BYTES]


@pytest.mark.parametrize(
    ("secret", "place"), [(b"another", b"inbox:1:2"), (b"key", b"inbox:1:3"), (b"key", b"")]
)
def test_sealed__other_key_or_place__does_not_open(secret: bytes, place: bytes) -> None:
    sealed = Vault(b"key").seal(b"data", b"inbox:1:2")
    with pytest.raises(WrongKeyError):
        Vault(secret).open(sealed, place)


@given(position=st.integers(0, 31), bit=st.integers(0, 7))
def test_sealed__one_bit_changed__does_not_open(position: int, bit: int) -> None:
    vault = Vault(b"key")
    sealed = bytearray(vault.seal(b"data", b"p"))
    sealed[position % len(sealed)] ^= 1 << bit
    with pytest.raises(WrongKeyError):
        vault.open(bytes(sealed), b"p")


def test_sealed__cut_short__does_not_open() -> None:
    vault = Vault(b"key")
    sealed = vault.seal(b"data", b"p")
    for length in range(len(sealed)):
        with pytest.raises(WrongKeyError):
            vault.open(sealed[:length], b"p")


def test_fingerprint__tells_keys_apart_without_showing_them() -> None:
    assert Vault(b"key").fingerprint == Vault(b"key").fingerprint
    assert Vault(b"key").fingerprint != Vault(b"kez").fingerprint
    assert Vault(b"key").derive("records") != Vault(b"key").derive("fingerprint")
    assert b"key".hex() not in Vault(b"key").fingerprint


def test_secret__unset__is_made_once_for_the_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    made = load_secret(folder, None)
    file = folder / KEY_FILE
    assert len(made) == 64
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert load_secret(folder, None) == made
    assert [path.name for path in folder.iterdir()] == [KEY_FILE]
    assert load_secret(tmp_path / "other", None) != made


def test_secret__configured__wins_and_leaves_no_file(tmp_path: Path) -> None:
    assert load_secret(tmp_path, "configured") == b"configured"
    assert list(tmp_path.iterdir()) == []


def test_secret__a_file_that_is_empty__is_refused(tmp_path: Path) -> None:
    # A key of nothing would open for everybody.
    (tmp_path / KEY_FILE).write_text("\n", encoding="ascii")
    with pytest.raises(OSError, match="is empty; restore it"):
        load_secret(tmp_path, None)
