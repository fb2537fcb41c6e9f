"""Every bad setting is one clear line, and no line repeats a value."""

from pathlib import Path

import pytest

from bot.database import prepare_database
from bot.errors import StartError
from bot.settings import NAMES, SettingsError, load_settings
from tests.world import TOKEN

GOOD = {"BOT_TOKEN": TOKEN}
NO_FILE = Path("no-env-file")


def lines(**changed: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load_settings(GOOD | changed, NO_FILE)
    return caught.value.lines


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("BOT_TOKEN", "abc", "must look like 123456:ABC, as @BotFather gives it"),
        ("BOT_TOKEN", "123456:", "must look like 123456:ABC, as @BotFather gives it"),
        ("BOT_API_URL", "api.telegram.org", "must begin with http:// or https://"),
        (
            "DATABASE_URL",
            "postgres://bot:geheim@db/inspection",
            "must begin with sqlite+aiosqlite:/// or postgresql+asyncpg://",
        ),
        (
            "DATABASE_URL",
            "geheim",
            "must begin with sqlite+aiosqlite:/// or postgresql+asyncpg://",
        ),
        ("BOT_ADMINS", "101, geheim", "must be Telegram user ids separated by commas"),
        ("TIMEZONE", "Asia/Guangxi", "must be a time zone name such as Asia/Shanghai"),
        ("WEBHOOK_LISTEN", "127.0.0.1:", "must be HOST:PORT"),
        ("WEBHOOK_LISTEN", "127.0.0.1:80800", "must be HOST:PORT"),
        ("METRICS_LISTEN", "127.0.0.1:x", "must be HOST:PORT"),
        (
            "PROXY_URL",
            "geheim:1080",
            "must be http://, socks4:// or socks5:// with host and port",
        ),
        ("LOG_LEVEL", "loud", "Input should be 'DEBUG', 'INFO', 'WARNING' or 'ERROR'"),
        ("LOG_FORMAT", "xml", "Input should be 'text' or 'json'"),
    ],
)
def test_setting__with_a_bad_value__is_one_line_without_the_value(
    name: str, value: str, line: str
) -> None:
    assert lines(**{name: value}) == [f"{name}: {line}"]


def test_several_mistakes__are_all_named_at_once() -> None:
    assert lines(TIMEZONE="x", LOG_FORMAT="x", BOT_ADMINS="x") == [
        "BOT_ADMINS: must be Telegram user ids separated by commas",
        "TIMEZONE: must be a time zone name such as Asia/Shanghai",
        "LOG_FORMAT: Input should be 'text' or 'json'",
    ]


def test_token__missing__is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BOT_TOKEN", raising=False)
    with pytest.raises(SettingsError) as caught:
        load_settings({}, NO_FILE)
    assert caught.value.lines == ["BOT_TOKEN: is not set"]


def test_webhook__without_its_secret__is_refused() -> None:
    assert lines(WEBHOOK_URL="https://bot.example.org/in") == [
        "WEBHOOK_SECRET: is needed when WEBHOOK_URL is set"
    ]


@pytest.mark.parametrize("root", ["https://api.telegram.org", "http://10.0.0.5:8081"])
def test_clock__of_a_server_elsewhere__is_refused(root: str) -> None:
    assert lines(BOT_API_URL=root, CLOCK_URL="http://127.0.0.1:8081/sandbox/clock") == [
        "CLOCK_URL: only a sandbox on this machine may move the clock"
    ]


@pytest.mark.parametrize("root", ["http://127.0.0.1:1", "http://localhost:1", "http://[::1]:1"])
def test_clock__of_a_sandbox_on_this_machine__is_accepted(root: str) -> None:
    made = load_settings({**GOOD, "BOT_API_URL": root, "CLOCK_URL": f"{root}/clock"}, NO_FILE)
    assert made.clock_url == f"{root}/clock"


def test_env_file__unknown_names_and_other_lines__are_named_with_their_number(
    tmp_path: Path,
) -> None:
    file = tmp_path / ".env"
    file.write_text(
        "# our bot\n\nBOT_TOKEN=1:a\nBOT_TOKN=geheim\nexport TIMEZONE='UTC'\njust words\n",
        encoding="utf-8",
    )
    with pytest.raises(SettingsError) as caught:
        load_settings({}, file)
    assert caught.value.lines == [
        ".env line 4: unknown name BOT_TOKN",
        ".env line 6: expected NAME=value",
    ]


def test_env_file__and_environment__the_environment_wins(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(
        f"BOT_TOKEN={TOKEN}\nexport TIMEZONE='UTC'\nLOG_LEVEL=DEBUG\n", encoding="utf-8"
    )
    made = load_settings({"LOG_LEVEL": "ERROR"}, file)
    assert (made.timezone, made.log_level, made.bot_id) == ("UTC", "ERROR", 700000001)


def test_names__of_the_contract__are_all_fields() -> None:
    made = load_settings(GOOD, NO_FILE)
    assert {name.lower() for name in NAMES} == set(type(made).model_fields)
    assert TOKEN.partition(":")[2] not in repr(made)


async def test_database__written_with_another_key__is_one_clear_line(
    database_url: str, tmp_path: Path
) -> None:
    environ = {**GOOD, "DATABASE_URL": database_url, "DATA_DIR": str(tmp_path)}
    engine, _ = await prepare_database(load_settings({**environ, "SECRET_KEY": "first"}, NO_FILE))
    await engine.dispose()
    with pytest.raises(StartError) as caught:
        await prepare_database(load_settings({**environ, "SECRET_KEY": "second"}, NO_FILE))
    assert str(caught.value) == (
        "SECRET_KEY is not the key this database was written with; "
        "set the right key, or restore DATA_DIR/secret.key, then start again"
    )
    engine, _ = await prepare_database(load_settings({**environ, "SECRET_KEY": "first"}, NO_FILE))
    await engine.dispose()
