"""What an operator can get wrong: one clear line on standard error and a non-zero exit code."""

import asyncio
import multiprocessing
import os
import re
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import select

from campaigns.workbook_xlsx import read_xlsx
from locales import LANGUAGES, text
from sandbox import server
from storage.database import open_engine
from storage.tables import UnitRow
from tests.databases import Databases

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROOT = Path(__file__).parents[2]
TOKEN = "700000001:tests-only"
START_SECONDS = 60.0

_forks = multiprocessing.get_context("forkserver")
# The imports are paid once; every start after that is a fork of a process that did nothing else.
_forks.set_forkserver_preload(["bot.__main__"])


@dataclass(frozen=True)
class Ended:
    """How a program ended."""

    code: int
    out: list[str]
    err: list[str]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def url() -> AsyncIterator[str]:
    running = await server.start(port=0, tokens=[TOKEN], state_dir=None, limits=False)
    yield running.url
    await running.close()


def _run(arguments: list[str], environment: dict[str, str], output: str, error: str) -> None:
    for name in [name for name in os.environ if name not in ("PATH", "HOME")]:
        del os.environ[name]
    os.environ.update(environment)
    for number, path in ((1, output), (2, error)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), number)
    # Not at the top: only the program's own process needs it.
    from bot.__main__ import main

    sys.exit(main(arguments))


async def program(*arguments: str, **environment: str) -> Ended:
    """Run ``inspection-bot`` to its end, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        output, error = (str(Path(folder) / name) for name in ("out", "err"))
        process = _forks.Process(
            target=_run, args=(list(arguments), environment, output, error), daemon=True
        )
        await asyncio.to_thread(process.start)
        await asyncio.to_thread(process.join, START_SECONDS)
        code = process.exitcode
        if code is None:
            process.kill()
            raise AssertionError(f"{arguments} did not end")
        return Ended(
            code,
            *(Path(path).read_text(encoding="utf-8").splitlines() for path in (output, error)),
        )


async def script(*arguments: str, **environment: str) -> Ended:
    """Run a program as an operator's shell does."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        cwd=ROOT,
        env={**kept, "PYTHONUTF8": "1", **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), START_SECONDS)
    return Ended(process.returncode or 0, out.decode().splitlines(), err.decode().splitlines())


def settings(url: str, folder: Path, **changed: str) -> dict[str, str]:
    """A deployment that works, but for what is changed."""
    return {"BOT_TOKEN": TOKEN, "BOT_API_URL": url, "DATA_DIR": str(folder), **changed}


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port that another program listens on."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        yield int(holder.getsockname()[1])


async def test_token__refused_by_the_bot_api__says_where_to_copy_it_from(
    url: str, tmp_path: Path
) -> None:
    ended = await script(
        "-m", "bot", "run", **settings(url, tmp_path, BOT_TOKEN="700000001:other")
    )
    assert ended.err == [
        "inspection-bot: BOT_TOKEN was refused by the Bot API; copy it again from @BotFather"
    ]
    assert ended.code == 1
    assert list(tmp_path.iterdir()) == []


async def test_token__missing_or_of_another_form__says_so_without_showing_it(
    url: str, tmp_path: Path
) -> None:
    missing, wrong = await asyncio.gather(
        program("run", BOT_API_URL=url, DATA_DIR=str(tmp_path)),
        program("run", **settings(url, tmp_path, BOT_TOKEN="hunter2")),
    )
    assert missing.err == ["inspection-bot: BOT_TOKEN: is not set"]
    assert wrong.err == [
        "inspection-bot: BOT_TOKEN: must look like 123456:ABC, as @BotFather gives it"
    ]
    assert (missing.code, wrong.code) == (1, 1)


async def test_port__of_the_webhook_taken__names_the_setting(
    url: str, tmp_path: Path, taken_port: int
) -> None:
    ended = await program(
        "run",
        **settings(
            url,
            tmp_path,
            WEBHOOK_URL="https://bot.example.org/",
            WEBHOOK_SECRET="secret",
            WEBHOOK_LISTEN=f"127.0.0.1:{taken_port}",
            LOG_LEVEL="WARNING",
        ),
    )
    (line,) = ended.err
    assert re.fullmatch(
        rf"inspection-bot: WEBHOOK_LISTEN: 127\.0\.0\.1:{taken_port} cannot be used "
        r"\(Address already in use\); "
        r"choose another port or stop the program that uses it",
        line,
    )
    assert ended.code == 1


async def test_port__of_the_sandbox_taken__says_what_to_try(
    tmp_path: Path, taken_port: int
) -> None:
    alone, demo = await asyncio.gather(
        script("-m", "sandbox", "--port", str(taken_port)),
        program("sandbox", "--port", str(taken_port), "--data", str(tmp_path / "demo")),
    )
    (line,) = alone.err
    assert line.startswith(f"cannot listen on 127.0.0.1:{taken_port}: ")
    assert line.endswith("Address already in use")
    assert demo.err == [
        f"inspection-bot: port {taken_port} cannot be used: Address already in use. "
        "Choose another one: inspection-bot sandbox --port 8090, or make demo PORT=8090"
    ]
    assert (alone.code, demo.code) == (1, 1)
    assert not (tmp_path / "demo").exists()


async def test_database__that_is_no_database__says_what_to_check(url: str, tmp_path: Path) -> None:
    broken = tmp_path / "inspection.db"
    broken.write_bytes(b"this is no database\n" * 200)
    ended = await program("run", **settings(url, tmp_path, LOG_LEVEL="WARNING"))
    assert ended.err == [
        "inspection-bot: DATABASE_URL: the database cannot be opened (file is not a database); "
        "check that it runs and can be written, then start again"
    ]
    assert ended.code == 1
    assert broken.read_bytes() == b"this is no database\n" * 200


async def test_database__server_away__says_what_to_check_without_the_password(
    url: str, tmp_path: Path
) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
    ended = await program(
        "run",
        **settings(
            url,
            tmp_path,
            DATABASE_URL=f"postgresql+asyncpg://bot:hunter2@127.0.0.1:{port}/bot",
            LOG_LEVEL="WARNING",
        ),
    )
    assert len(ended.err) == 1
    assert ended.err[0].startswith("inspection-bot: DATABASE_URL: the database cannot be opened (")
    assert "hunter2" not in ended.err[0]
    assert ended.code == 1


async def test_secret_key__of_another_deployment__is_refused(
    url: str, tmp_path: Path, databases: Databases
) -> None:
    here = settings(url, tmp_path, DATABASE_URL=databases.sqlite_url())
    first = await program("migrate", **here, SECRET_KEY="one")
    assert (first.code, first.out) == (0, ["The database is up to date."])
    second = await program("migrate", **here, SECRET_KEY="two")
    assert second.err == [
        "inspection-bot: SECRET_KEY is not the key this database was written with; "
        "set the right key, or restore DATA_DIR/secret.key, then start again"
    ]
    assert second.code == 1


GARBAGE = {
    "BOOK_001": b"\x89PNG\r\n\x1a\n" + bytes(500),
    "BOOK_007": b"PK\x03\x04" + bytes(100),
}


@pytest.mark.parametrize("code", GARBAGE)
async def test_workbook__that_is_not_one__is_refused_with_one_sentence(code: str) -> None:
    workbook, issues = read_xlsx(GARBAGE[code])
    assert workbook is None
    assert [(issue.code, issue.severity) for issue in issues] == [(code, "error")]
    sentences = {text(locale, f"issue-{code.lower().replace('_', '-')}") for locale in LANGUAGES}
    assert len(sentences) == 2
    assert all(sentence.endswith((".", "。")) for sentence in sentences)


@pytest.mark.parametrize("code", GARBAGE)
async def test_import__workbook_that_is_not_one__says_what_to_do_and_imports_nothing(
    url: str, tmp_path: Path, databases: Databases, code: str
) -> None:
    path = tmp_path / "units.xlsx"
    path.write_bytes(GARBAGE[code])
    database = databases.sqlite_url()
    ended = await program(
        "import", "units", str(path), **settings(url, tmp_path, DATABASE_URL=database)
    )
    assert ended.code == 1
    assert [*ended.out, *ended.err] == [
        f"The workbook cannot be read ({code}). Save it as .xlsx in Excel or WPS and try again."
    ]
    engine = open_engine(database)
    async with engine.connect() as connection:
        assert (await connection.execute(select(UnitRow.__table__))).all() == []
    await engine.dispose()


async def test_campaign__plan_that_does_not_exist__says_how_to_list_them(
    url: str, tmp_path: Path
) -> None:
    ended = await program(
        "campaign", "open", "guangxi-1999", "--starts", "2026-09-01", **settings(url, tmp_path)
    )
    assert ended.code == 1
    assert [*ended.out, *ended.err] == [
        "inspection-bot: There is no plan called guangxi-1999. See the plans with: campaign list."
    ]
