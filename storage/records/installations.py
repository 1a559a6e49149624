"""slack_sdk's own tables of installations and OAuth states, wide enough for sealed tokens."""

from __future__ import annotations

from slack_sdk.oauth.installation_store.sqlalchemy import AsyncSQLAlchemyInstallationStore
from slack_sdk.oauth.state_store.sqlalchemy import AsyncSQLAlchemyOAuthStateStore
from sqlalchemy import Text

from storage.records.base import Base

SECRETS = ("bot_token", "bot_refresh_token", "user_token", "user_refresh_token", "incoming_webhook_url")
"""The columns that are sealed."""

installations = AsyncSQLAlchemyInstallationStore.build_installations_table(
    Base.metadata, "slack_installations"
)
bots = AsyncSQLAlchemyInstallationStore.build_bots_table(Base.metadata, "slack_bots")
oauth_states = AsyncSQLAlchemyOAuthStateStore.build_oauth_states_table(Base.metadata, "slack_oauth_states")

for _table in (installations, bots):
    for _column in SECRETS:
        if _column in _table.c:
            _table.c[_column].type = Text()
