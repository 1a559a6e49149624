import base64
import string
import traceback

import pytest
from cryptography.fernet import Fernet
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from sqlalchemy.engine import make_url

from bot.settings import Need, Settings, SettingsError

quickly = settings(max_examples=100, deadline=None)

ONE_WORKSPACE = {
    "SLACK_BOT_TOKEN": "xoxb-1-abc",
    "SLACK_APP_TOKEN": "xapp-1-abc",
    "ORIGAMI_API_KEY": "og_live_abc",
}
MANY_WORKSPACES = {
    "SLACK_CLIENT_ID": "111.222",
    "SLACK_CLIENT_SECRET": "client-secret",
    "SLACK_SIGNING_SECRET": "signing-secret",
    "PUBLIC_URL": "https://leads.example.com",
    "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
}


def refusal(environ, need):
    try:
        Settings.load(environ, need=need)
    except SettingsError as error:
        return error
    return None


def problems(environ, need=Need.RECEIVE):
    refused = refusal(environ, need)
    assert refused is not None
    assert str(refused).splitlines() == list(refused.problems)
    return refused.problems


def test_one_workspace_needs_three_settings_and_gets_the_defaults():
    loaded = Settings.load(ONE_WORKSPACE)
    assert loaded.uses_socket_mode
    assert not loaded.uses_oauth
    assert loaded.slack_api_url == "https://slack.com/api/"
    assert loaded.origami_base_url == "https://origami.chat/api/v2"
    assert loaded.async_database_url == "sqlite+aiosqlite:///origami.sqlite3"
    assert (loaded.host, loaded.port, loaded.metrics_port) == ("127.0.0.1", 3000, None)
    assert (loaded.log_level, loaded.log_format, loaded.retention_days) == ("info", "auto", 90)
    assert loaded.sentry_dsn is None
    assert loaded.encryption_keys == ()


def test_many_workspaces_need_no_token_and_no_key():
    loaded = Settings.load(MANY_WORKSPACES)
    assert loaded.uses_oauth
    assert not loaded.uses_socket_mode


def test_nothing_set_names_every_setting_that_is_needed():
    token, key, signing_secret = problems({})
    assert token == (
        "SLACK_BOT_TOKEN is missing: put the Bot User OAuth Token (xoxb-…) from your app's "
        "OAuth & Permissions page there."
    )
    assert key == (
        "ORIGAMI_API_KEY is missing: put the API key (og_live_…) from your Origami account's settings there."
    )
    assert signing_secret == (
        "SLACK_SIGNING_SECRET is missing: put the Signing Secret from your app's Basic Information page "
        "there, or set SLACK_APP_TOKEN for Socket Mode."
    )


@pytest.mark.parametrize("name", sorted(MANY_WORKSPACES.keys() - {"SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET"}))
def test_half_of_oauth_names_the_missing_part(name):
    (problem,) = problems({key: value for key, value in MANY_WORKSPACES.items() if key != name})
    assert problem.startswith(f"{name} is missing: put ")


@pytest.mark.parametrize("name", ["SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET"])
def test_either_half_of_the_client_means_oauth(name):
    (problem,) = problems({key: value for key, value in MANY_WORKSPACES.items() if key != name})
    assert problem.startswith(f"{name} is missing: put ")


def test_a_bot_token_beside_oauth_is_a_contradiction():
    (problem,) = problems(MANY_WORKSPACES | ONE_WORKSPACE)
    assert problem.startswith("SLACK_BOT_TOKEN is set beside SLACK_CLIENT_ID")


def test_a_blank_value_counts_as_missing_and_spaces_around_a_value_do_not_count():
    (problem,) = problems(ONE_WORKSPACE | {"ORIGAMI_API_KEY": "  "})
    assert problem.startswith("ORIGAMI_API_KEY is missing")
    assert Settings.load(ONE_WORKSPACE | {"PORT": " 8080\n"}).port == 8080


def test_the_database_commands_read_nothing_but_their_own_settings():
    loaded = Settings.load(
        {"SLACK_BOT_TOKEN": "nonsense", "DATABASE_URL": "postgres://h/d"}, need=Need.DATABASE
    )
    assert loaded.async_database_url == "postgresql+psycopg://h/d"
    assert loaded.slack_bot_token is None
    (problem,) = problems({"DATABASE_URL": "nonsense"}, Need.DATABASE)
    assert problem.startswith("DATABASE_URL ")


def test_a_worker_hears_nothing_and_needs_no_signing_secret():
    without_app_token = {name: value for name, value in ONE_WORKSPACE.items() if name != "SLACK_APP_TOKEN"}
    assert Settings.load(without_app_token, need=Need.SEND).slack_signing_secret is None


def test_http_needs_the_signing_secret_even_where_socket_mode_is_set_up():
    (problem,) = problems(ONE_WORKSPACE, Need.RECEIVE_HTTP)
    assert problem.startswith("SLACK_SIGNING_SECRET is missing")
    assert "SLACK_APP_TOKEN" not in problem


WRONG = {
    "SLACK_BOT_TOKEN": ["xoxp-1-abc", "xoxb-", "xoxb-1 abc", "Bearer xoxb-1"],
    "SLACK_APP_TOKEN": ["xoxb-1-abc", "xapp-"],
    "ORIGAMI_API_KEY": ["og_test_abc", "og_live_", "og_live_a\u200bb"],
    "SLACK_API_URL": [
        "slack.com/api",
        "http://slack.com/api/",
        "ftp://slack.com",
        "https://",
        "https://[::1",
    ],
    "ORIGAMI_BASE_URL": ["http://origami.chat", "https://o.example?key=1", "https://user:pw@o.example"],
    "PUBLIC_URL": [
        "http://leads.example.com",
        "https://h:notaport",
        "https://h:0",
        "https://h/#x",
        "https://h h",
    ],
    "DATABASE_URL": [
        "mysql://h/d",
        "postgresql+asyncpg://h/d",
        "origami.sqlite3",
        "postgres",
        "postgres://h:port/d",
    ],
    "ENCRYPTION_KEYS": ["abc", "ä", ",", "abc," + "A" * 43 + "="],
    "PORT": ["-1", "65536", "http", "3000.5"],
    "METRICS_PORT": ["0", "65536", "off"],
    "LOG_LEVEL": ["loud"],
    "LOG_FORMAT": ["xml"],
    "RETENTION_DAYS": ["0", "-1", "3651", "ninety"],
    "SUPPORT_URL": ["help.example", "http://help.example", "mailto:help@example.com", "javascript:alert(1)"],
    "SENTRY_DSN": ["https://sentry.example/1", "key@sentry.example"],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name in WRONG for value in WRONG[name]])
def test_a_wrong_value_is_named_with_what_to_put_there(name, value):
    (problem,) = problems(ONE_WORKSPACE | {name: value})
    description = Settings.model_fields[name.lower()].description
    assert problem.startswith(f"{name} ")
    assert problem.endswith(f": put {description} there.")


def test_the_line_says_what_is_wrong_and_what_is_right():
    token, level = problems(ONE_WORKSPACE | {"SLACK_BOT_TOKEN": "xoxp-1", "LOG_LEVEL": "loud"})
    assert token == (
        "SLACK_BOT_TOKEN does not look like xoxb-…: put the Bot User OAuth Token (xoxb-…) from your app's "
        "OAuth & Permissions page there."
    )
    assert level == "LOG_LEVEL is not usable: put debug, info, warning, error or critical there."


def test_missing_and_wrong_settings_are_reported_together():
    named = [line.split()[0] for line in problems({"SLACK_BOT_TOKEN": "x", "PORT": "x", "LOG_LEVEL": "x"})]
    assert named == ["ORIGAMI_API_KEY", "SLACK_SIGNING_SECRET", "SLACK_BOT_TOKEN", "PORT", "LOG_LEVEL"]


def test_several_wrong_keys_make_one_line():
    (problem,) = problems(ONE_WORKSPACE | {"ENCRYPTION_KEYS": "a,b"})
    assert problem.startswith("ENCRYPTION_KEYS ")


@pytest.mark.parametrize(
    ("given_url", "kept"),
    [
        ("https://slack.example/api", "https://slack.example/api/"),
        ("https://slack.example/api//", "https://slack.example/api/"),
        ("http://127.0.0.1:4000/api/", "http://127.0.0.1:4000/api/"),
        ("http://localhost:4000/api", "http://localhost:4000/api/"),
        ("http://[::1]:4000/api", "http://[::1]:4000/api/"),
    ],
)
def test_slacks_address_ends_in_one_slash_and_may_be_plain_http_on_this_machine(given_url, kept):
    assert Settings.load(ONE_WORKSPACE | {"SLACK_API_URL": given_url}).slack_api_url == kept


def test_the_other_addresses_end_without_a_slash():
    addresses = {"ORIGAMI_BASE_URL": "http://127.0.0.1:1/api/v2/", "PUBLIC_URL": "https://h.example/"}
    loaded = Settings.load(ONE_WORKSPACE | addresses)
    assert loaded.origami_base_url == "http://127.0.0.1:1/api/v2"
    assert loaded.public_url == "https://h.example"


def test_encryption_keys_keep_their_order():
    keys = [Fernet.generate_key().decode() for _ in range(3)]
    loaded = Settings.load(ONE_WORKSPACE | {"ENCRYPTION_KEYS": " , ".join(keys)})
    assert [key.get_secret_value() for key in loaded.encryption_keys] == keys


def test_words_are_read_whatever_their_case():
    loaded = Settings.load(ONE_WORKSPACE | {"LOG_LEVEL": "WARNING", "LOG_FORMAT": "Json"})
    assert (loaded.log_level, loaded.log_format) == ("warning", "json")


def test_settings_cannot_be_changed():
    loaded = Settings.load(ONE_WORKSPACE)
    with pytest.raises(ValidationError):
        loaded.port = 1


def test_every_setting_says_what_to_put_there():
    for name, field in Settings.model_fields.items():
        assert field.alias == name.upper()
        assert field.description
        assert not field.description.endswith(".")


passwords = st.text(string.ascii_letters + string.digits + "%2F%40~._-", max_size=20).filter(
    lambda text: "%" not in text or all(part[:2] in {"2F", "40"} for part in text.split("%")[1:])
)
names = st.from_regex(r"[a-z][a-z0-9_]{0,15}", fullmatch=True)


@quickly
@given(
    st.sampled_from(["postgres", "postgresql", "postgresql+psycopg", "Postgres"]),
    names,
    passwords,
    names,
    st.none() | st.integers(1, 65535),
    names,
    st.sampled_from(["", "?sslmode=require", "?sslmode=require&application_name=x"]),
)
def test_every_form_of_a_postgresql_address_means_the_same_database(
    scheme, user, password, host, port, name, query
):
    rest = f"{user}:{password}@{host}{f':{port}' if port else ''}/{name}{query}"
    loaded = Settings.load({"DATABASE_URL": f"{scheme}://{rest}"}, need=Need.DATABASE)
    assert loaded.async_database_url == f"postgresql+psycopg://{rest}"
    url = make_url(loaded.async_database_url)
    assert (url.username, url.host, url.port, url.database) == (user, host, port, name)


@quickly
@given(
    st.sampled_from(["sqlite", "sqlite+aiosqlite", "SQLite"]),
    st.from_regex(r"/?[a-z0-9_./ -]{1,30}", fullmatch=True),
)
def test_every_form_of_a_sqlite_address_means_the_same_file(scheme, path):
    path = path.strip() or "f"
    loaded = Settings.load({"DATABASE_URL": f"{scheme}:///{path}"}, need=Need.DATABASE)
    url = make_url(loaded.async_database_url)
    assert (url.drivername, url.database) == ("sqlite+aiosqlite", path)


@quickly
@given(st.text(max_size=60) | st.text(max_size=40).map("postgresql://".__add__))
def test_any_database_address_is_taken_or_refused_in_one_line(address):
    refused = refusal({"DATABASE_URL": address}, Need.DATABASE)
    if refused is None:
        make_url(Settings.load({"DATABASE_URL": address}, need=Need.DATABASE).async_database_url)
    else:
        assert len(str(refused).splitlines()) == 1


# Of an alphabet that no message is written in: wherever it turns up, it has leaked.
secret_text = st.text("ДЖЩЮЯ0123456789", min_size=8, max_size=40)
prefixes = st.sampled_from(["", "xoxb-", "xapp-", "og_live_", "postgresql://u:", "sqlite:///", "https://k@"])


@quickly
@given(
    secret=secret_text,
    prefix=prefixes,
    suffix=st.sampled_from(["", "@h/d", "@h:x/d", ",,", "\n"]),
    name=st.sampled_from([name.upper() for name in Settings.model_fields]),
    need=st.sampled_from(Need),
)
def test_no_value_is_ever_quoted_in_an_error(secret, prefix, suffix, name, need):
    refused = refusal({name: prefix + secret + suffix}, need)
    if refused is not None:
        assert secret not in "".join(traceback.format_exception(refused))


@quickly
@given(st.text(string.ascii_letters, min_size=12, max_size=40), st.binary(min_size=32, max_size=32))
def test_no_secret_shows_in_a_settings_repr(text, key_bytes):
    key = base64.urlsafe_b64encode(key_bytes).decode()
    loaded = Settings.load(
        {
            "SLACK_BOT_TOKEN": f"xoxb-{text}",
            "SLACK_APP_TOKEN": f"xapp-{text}",
            "SLACK_SIGNING_SECRET": text,
            "ORIGAMI_API_KEY": f"og_live_{text}",
            "DATABASE_URL": f"postgres://u:{text}@h/d",
            "ENCRYPTION_KEYS": key,
            "SENTRY_DSN": f"https://{text}@sentry.example/1",
        }
    )
    for shown in (repr(loaded), str(loaded), repr(loaded.model_dump()), loaded.model_dump_json()):
        assert text not in shown
        assert key not in shown
    oauth = Settings.load(MANY_WORKSPACES | {"SLACK_CLIENT_SECRET": text})
    assert text not in repr(oauth)
