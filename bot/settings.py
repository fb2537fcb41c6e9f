"""What an operator sets, from the environment or ``.env``; each mistake is one clear line.

The names are a contract with operators; docs/OPERATIONS.md lists them.
"""

from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

NAMES = (
    "BOT_TOKEN",
    "BOT_API_URL",
    "DATABASE_URL",
    "DATA_DIR",
    "BOT_ADMINS",
    "SECRET_KEY",
    "TIMEZONE",
    "WEBHOOK_URL",
    "WEBHOOK_SECRET",
    "WEBHOOK_LISTEN",
    "SMTP_URL",
    "CLOCK_URL",
    "PROXY_URL",
    "METRICS_LISTEN",
    "ALARM_URL",
    "LOG_LEVEL",
    "LOG_FORMAT",
)
"""Every name that ``.env`` may contain."""


DATABASES = ("sqlite+aiosqlite:///", "postgresql+asyncpg://")


class SettingsError(Exception):
    """The settings cannot be used; ``lines`` says why, one sentence each."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("; ".join(lines))
        self.lines = lines


def is_loopback(url: str) -> bool:
    """Whether a URL points to this machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


class Settings(BaseSettings):
    """The deployment as its operator described it."""

    model_config = SettingsConfigDict(extra="ignore", case_sensitive=False)

    bot_token: SecretStr
    bot_api_url: str = "https://api.telegram.org"
    database_url: SecretStr | None = None
    data_dir: Path = Path("data")
    bot_admins: Annotated[frozenset[int], NoDecode] = frozenset()
    secret_key: SecretStr | None = None
    timezone: str = "Asia/Shanghai"
    webhook_url: str | None = None
    webhook_secret: SecretStr | None = None
    webhook_listen: str = "127.0.0.1:8080"
    smtp_url: SecretStr | None = None
    clock_url: str | None = None
    proxy_url: SecretStr | None = None
    metrics_listen: str | None = None
    alarm_url: SecretStr | None = None
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["text", "json"] = "text"

    @field_validator("bot_token")
    @classmethod
    def _token_has_an_id(cls, value: SecretStr) -> SecretStr:
        number, _, rest = value.get_secret_value().partition(":")
        if not number.isdecimal() or not rest:
            raise ValueError("must look like 123456:ABC, as @BotFather gives it")
        return value

    @field_validator("bot_admins", mode="before")
    @classmethod
    def _admins_are_numbers(cls, value: object) -> object:
        if isinstance(value, str):
            parts = [part.strip() for part in value.replace(";", ",").split(",")]
            if any(part and not part.isdecimal() for part in parts):
                raise ValueError("must be Telegram user ids separated by commas")
            return frozenset(int(part) for part in parts if part)
        return value

    @field_validator("timezone")
    @classmethod
    def _zone_exists(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("must be a time zone name such as Asia/Shanghai")
        return value

    @field_validator("database_url")
    @classmethod
    def _database_is_known(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().startswith(DATABASES):
            raise ValueError("must begin with " + " or ".join(DATABASES))
        return value

    @field_validator("bot_api_url", "clock_url")
    @classmethod
    def _url_is_http(cls, value: str | None) -> str | None:
        if value is None:
            return None
        if urlsplit(value).scheme not in ("http", "https"):
            raise ValueError("must begin with http:// or https://")
        return value.rstrip("/")

    @field_validator("proxy_url")
    @classmethod
    def _proxy_is_usable(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            parts = urlsplit(value.get_secret_value())
            if parts.scheme not in ("http", "socks4", "socks5") or not parts.hostname:
                raise ValueError("must be http://, socks4:// or socks5:// with host and port")
        return value

    @field_validator("webhook_listen", "metrics_listen")
    @classmethod
    def _listen_has_a_port(cls, value: str | None) -> str | None:
        if value is not None:
            _, _, port = value.rpartition(":")
            if not port.isdecimal() or not 0 <= int(port) < 65_536:
                raise ValueError("must be HOST:PORT")
        return value

    @model_validator(mode="after")
    def _parts_agree(self) -> Self:
        if self.clock_url is not None and not is_loopback(self.bot_api_url):
            raise ValueError("CLOCK_URL: only a sandbox on this machine may move the clock")
        if self.webhook_url is not None and self.webhook_secret is None:
            raise ValueError("WEBHOOK_SECRET: is needed when WEBHOOK_URL is set")
        return self

    @property
    def bot_id(self) -> int:
        """The bot's user id, which its token begins with."""
        return int(self.bot_token.get_secret_value().partition(":")[0])

    @property
    def zone(self) -> ZoneInfo:
        """The deployment's time zone."""
        return ZoneInfo(self.timezone)

    @property
    def database(self) -> str:
        """SQLAlchemy URL; by default a SQLite file under DATA_DIR."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite+aiosqlite:///{(self.data_dir / 'inspection.db').resolve()}"


def read_env_file(path: Path) -> dict[str, str]:
    """Read ``NAME=value`` lines; an unknown name or a line of another form is an error.

    Raises:
        SettingsError: With one line per mistake.
    """
    found: dict[str, str] = {}
    problems: list[str] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        name, sign, value = text.partition("=")
        name = name.removeprefix("export ").strip()
        if not sign:
            problems.append(f"{path.name} line {number}: expected NAME=value")
        elif name not in NAMES:
            problems.append(f"{path.name} line {number}: unknown name {name}")
        else:
            found[name] = value.strip().strip("'\"")
    if problems:
        raise SettingsError(problems)
    return found


def load_settings(environ: Mapping[str, str], env_file: Path = Path(".env")) -> Settings:
    """Read and check the settings; the environment wins over ``.env``.

    Raises:
        SettingsError: With one line per mistake, never with a value.
    """
    values = read_env_file(env_file) if env_file.is_file() else {}
    values.update({name: environ[name] for name in NAMES if environ.get(name)})
    try:
        return Settings.model_validate({k.lower(): v for k, v in values.items() if v})
    except ValidationError as error:
        raise SettingsError([_line(problem) for problem in error.errors()]) from None


def _line(problem: object) -> str:
    assert isinstance(problem, dict)  # noqa: S101 - shape fixed by pydantic
    name = "".join(str(part) for part in problem["loc"][:1]).upper()
    if problem["type"] == "missing":
        return f"{name}: is not set"
    message = str(problem["msg"]).removeprefix("Value error, ")
    return f"{name}: {message}" if name else message
