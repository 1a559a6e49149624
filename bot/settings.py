"""Every setting, read once from the environment.

A setting's description says what to put there. It is what a person reads in the README's table and,
word for word, in the line that names the setting when it is missing or wrong.
"""

from __future__ import annotations

import enum
from ipaddress import ip_address
from typing import TYPE_CHECKING, Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping


class SettingsError(Exception):
    """The settings cannot be used: one line per problem, each naming a setting, none quoting a value."""

    def __init__(self, problems: Collection[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class Need(enum.Enum):
    """What a command does, and so which settings it cannot do without."""

    DATABASE = enum.auto()
    """Reads the database's and the log's settings and no others (``migrate``)."""
    SEALED = enum.auto()
    """As DATABASE, and the keys that open what is encrypted there (``rotate-keys``)."""
    SEND = enum.auto()
    """Speaks to Slack and to Origami (``worker``)."""
    RECEIVE = enum.auto()
    """As SEND, and hears from Slack over Socket Mode or HTTP (``run``)."""
    RECEIVE_HTTP = enum.auto()
    """As SEND, and hears from Slack over HTTP even where Socket Mode is set up (``web``)."""
    LOOK = enum.auto()
    """Reads whatever is there and misses nothing (``doctor``)."""


_DATABASE_SETTINGS = frozenset({"DATABASE_URL", "LOG_LEVEL", "LOG_FORMAT", "SENTRY_DSN"})
_ONE_WORKSPACE = ("SLACK_BOT_TOKEN", "ORIGAMI_API_KEY")
_MANY_WORKSPACES = ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "PUBLIC_URL", "ENCRYPTION_KEYS")

_ASYNC_DRIVERS = {
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
}


def _secret_check(check: Callable[[str], object]) -> AfterValidator:
    def validate(secret: SecretStr) -> SecretStr:
        check(secret.get_secret_value())
        return secret

    return AfterValidator(validate)


def _begins_with(prefix: str) -> AfterValidator:
    def check(value: str) -> None:
        if not value.startswith(prefix) or value == prefix or not _is_one_word(value):
            raise ValueError(f"does not look like {prefix}…")

    return _secret_check(check)


def _is_one_word(value: str) -> bool:
    return value.isascii() and value.isprintable() and " " not in value


def _web_address(value: str) -> str:
    try:
        parts = urlsplit(value)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError("is not a web address") from None
    if parts.scheme not in {"http", "https"} or not host or port == 0 or not _is_one_word(value):
        raise ValueError("is not a web address")
    if parts.scheme == "http" and not _is_loopback(host):
        raise ValueError("does not begin with https://")
    return value


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _base_address(value: str) -> str:
    if {"?", "#", "@"} & set(_web_address(value)):
        raise ValueError("holds more than a host and a path")
    return value.rstrip("/")


def _check_sentry_dsn(value: str) -> None:
    if not urlsplit(_web_address(value)).username:
        raise ValueError("holds no public key")


def _async_address(value: str) -> str:
    scheme, _, rest = value.partition("://")
    driver = _ASYNC_DRIVERS.get(scheme.lower())
    if driver is None or scheme == value:
        raise ValueError("is not the address of a SQLite or PostgreSQL database")
    address = f"{driver}://{rest}"
    try:
        make_url(address)
    except (ArgumentError, ValueError):
        # SQLAlchemy's own words quote the address, and the password with it.
        raise ValueError("cannot be read as the address of a database") from None
    return address


def _split_at_commas(value: object) -> object:
    return [part.strip() for part in value.split(",")] if isinstance(value, str) else value


def _check_fernet_key(value: str) -> None:
    from cryptography.fernet import Fernet  # noqa: PLC0415 - 7 MB that settings without keys do without

    try:
        Fernet(value)
    except ValueError:
        raise ValueError("holds something that is not a Fernet key") from None


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


BotToken = Annotated[SecretStr, _begins_with("xoxb-")]
AppToken = Annotated[SecretStr, _begins_with("xapp-")]
OrigamiKey = Annotated[SecretStr, _begins_with("og_live_")]
BaseAddress = Annotated[str, AfterValidator(_base_address)]
SlackApiAddress = Annotated[BaseAddress, AfterValidator(lambda value: f"{value}/")]
DatabaseAddress = Annotated[SecretStr, _secret_check(_async_address)]
FernetKey = Annotated[SecretStr, _secret_check(_check_fernet_key)]
WebPage = Annotated[str, AfterValidator(_web_address)]
SentryDsn = Annotated[SecretStr, _secret_check(_check_sentry_dsn)]


class Settings(BaseModel):
    """Every setting; ``load`` reads them. A field's alias is the setting's name in the environment."""

    model_config = ConfigDict(frozen=True, alias_generator=str.upper, hide_input_in_errors=True)

    slack_bot_token: BotToken | None = Field(
        default=None,
        description="the Bot User OAuth Token (xoxb-…) from your app's OAuth & Permissions page",
    )
    slack_app_token: AppToken | None = Field(
        default=None,
        description="the app-level token (xapp-…) with connections:write from your app's Basic Information "
        "page, which turns Socket Mode on",
    )
    slack_signing_secret: SecretStr | None = Field(
        default=None,
        description="the Signing Secret from your app's Basic Information page",
    )
    slack_client_id: str | None = Field(
        default=None, description="the Client ID from your app's Basic Information page"
    )
    slack_client_secret: SecretStr | None = Field(
        default=None, description="the Client Secret from your app's Basic Information page"
    )
    public_url: BaseAddress | None = Field(
        default=None,
        description="the https:// address under which Slack and people's browsers reach this app",
    )
    slack_api_url: SlackApiAddress = Field(
        default="https://slack.com/api/",
        description="the https:// address of Slack's Web API (http:// on this machine only)",
    )
    origami_api_key: OrigamiKey | None = Field(
        default=None, description="the API key (og_live_…) from your Origami account's settings"
    )
    origami_base_url: BaseAddress = Field(
        default="https://origami.chat/api/v2",
        description="the https:// address of Origami's API (http:// on this machine only)",
    )
    database_url: DatabaseAddress = Field(
        default=SecretStr("sqlite:///origami.sqlite3"),
        description="sqlite:///FILE, or postgresql://USER:PASSWORD@HOST/DATABASE with the password's special "
        "characters percent-encoded",
    )
    encryption_keys: Annotated[tuple[FernetKey, ...], BeforeValidator(_split_at_commas)] = Field(
        default=(),
        description="Fernet keys (32 bytes each, as URL-safe base64), newest first, with commas between them",
    )
    host: str = Field(default="127.0.0.1", description="the address to listen on")
    port: int = Field(
        default=3000,
        ge=0,
        le=65535,
        description="the port to listen on, 1 to 65535, or 0 for any that is free",
    )
    metrics_port: int | None = Field(
        default=None,
        ge=1,
        le=65535,
        description="the port for Prometheus and health checks, 1 to 65535, or nothing to leave metrics off",
    )
    log_level: Annotated[
        Literal["debug", "info", "warning", "error", "critical"], BeforeValidator(_lower)
    ] = Field(default="info", description="debug, info, warning, error or critical")
    log_format: Annotated[Literal["auto", "console", "json"], BeforeValidator(_lower)] = Field(
        default="auto", description="console, json, or auto: console on a terminal and json elsewhere"
    )
    retention_days: int = Field(
        default=90, ge=1, le=3650, description="how many days finished runs are kept, 1 to 3650"
    )
    support_url: WebPage | None = Field(
        default=None,
        description="the https:// address of a page on which people find help, or nothing to name none",
    )
    sentry_dsn: SentryDsn | None = Field(
        default=None,
        description="the DSN (https://KEY@HOST/PROJECT) of a Sentry project, or nothing to leave Sentry off",
    )

    @classmethod
    def load(cls, environ: Mapping[str, str], *, need: Need = Need.RECEIVE) -> Self:
        """The settings in ``environ``, where a blank value counts as none.

        Raises SettingsError with every problem at once, also for what ``need`` misses.
        """
        names = {
            Need.DATABASE: _DATABASE_SETTINGS,
            Need.SEALED: _DATABASE_SETTINGS | {"ENCRYPTION_KEYS"},
        }.get(need, frozenset(name.upper() for name in cls.model_fields))
        given = {name: environ[name].strip() for name in sorted(names & environ.keys())}
        given = {name: value for name, value in given.items() if value}
        problems = list(_missing(given, need))
        try:
            settings = cls.model_validate(given)
        except ValidationError as error:
            problems += _wrong(error)
        if problems:
            raise SettingsError(list(dict.fromkeys(problems)))
        return settings

    @property
    def uses_socket_mode(self) -> bool:
        """Whether Slack is heard over Socket Mode rather than HTTP."""
        return self.slack_app_token is not None

    @property
    def uses_oauth(self) -> bool:
        """Whether many workspaces install the app, rather than one whose token is set here."""
        return self.slack_client_id is not None

    @property
    def async_database_url(self) -> str:
        """DATABASE_URL with SQLAlchemy's async driver, password included: never log it."""
        return _async_address(self.database_url.get_secret_value())


def _missing(given: Collection[str], need: Need) -> Iterator[str]:
    if need in {Need.DATABASE, Need.SEALED, Need.LOOK}:
        if need is Need.SEALED and "ENCRYPTION_KEYS" not in given:
            yield f"ENCRYPTION_KEYS is missing: put {_what_to_put('ENCRYPTION_KEYS')} there."
        return
    oauth = "SLACK_CLIENT_ID" in given or "SLACK_CLIENT_SECRET" in given
    if oauth and "SLACK_BOT_TOKEN" in given:
        yield (
            "SLACK_BOT_TOKEN is set beside SLACK_CLIENT_ID or SLACK_CLIENT_SECRET: keep the token to serve "
            "one workspace, or the other two to serve many."
        )
    for name in _MANY_WORKSPACES if oauth else _ONE_WORKSPACE:
        if name not in given:
            yield f"{name} is missing: put {_what_to_put(name)} there."
    hears_http = need is Need.RECEIVE_HTTP or (need is Need.RECEIVE and "SLACK_APP_TOKEN" not in given)
    if hears_http and "SLACK_SIGNING_SECRET" not in given:
        instead = ", or set SLACK_APP_TOKEN for Socket Mode" if need is Need.RECEIVE else ""
        yield f"SLACK_SIGNING_SECRET is missing: put {_what_to_put('SLACK_SIGNING_SECRET')} there{instead}."


def _wrong(error: ValidationError) -> Iterator[str]:
    for problem in error.errors(include_input=False, include_url=False):
        name = str(problem["loc"][0])
        reason = problem["ctx"]["error"] if problem["type"] == "value_error" else "is not usable"
        yield f"{name} {reason}: put {_what_to_put(name)} there."


def _what_to_put(name: str) -> str:
    description = Settings.model_fields[name.lower()].description
    assert description is not None
    return description
