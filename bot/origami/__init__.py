"""Origami's API v2, typed; knows neither Slack nor the database."""

import importlib
from typing import TYPE_CHECKING

from bot.origami._account import Account, Capabilities, Credits, Organization, Plan
from bot.origami._documents import Uploaded, upload_body
from bot.origami._parts import (
    Action,
    LeftOut,
    NextAction,
    PendingQuestion,
    Request,
    Response,
    Steps,
    Todo,
    ToolCall,
    TranscriptMessage,
)
from bot.origami._tables import (
    Cell,
    Column,
    ColumnQualification,
    ColumnStats,
    Funnel,
    LeadSource,
    Qualification,
    Row,
    Table,
    TableStats,
)
from bot.origami.bodies import PROMPT_LIMIT, Attachment, EmptyPrompt, PromptTooLong, agent_body, run_body
from bot.origami.budget import Priority, ceiling, poll_interval
from bot.origami.errors import (
    AccountBlocked,
    ActiveSession,
    AgentBusy,
    AgentNotFound,
    BudgetExceeded,
    Conflict,
    Handoff,
    IdempotencyConflict,
    InsufficientCredits,
    InvalidRequest,
    Issue,
    KeyRefused,
    MalformedAnswer,
    ModelNotAvailable,
    NoFreeSlot,
    NotFound,
    OrigamiError,
    PaymentRequired,
    Refused,
    RunNotFound,
    SubscriptionRequired,
    TableNotFound,
    Throttled,
    TooManyRequests,
    Unavailable,
    Unreachable,
    UploadFailed,
)
from bot.origami.models import Agent, Run, RunSummary
from bot.origami.next_actions import ActionType, reaches_people
from bot.origami.outcome import Outcome
from bot.origami.saved_view import ROWS as PREVIEW_ROWS
from bot.origami.saved_view import SavedView, bounded_table

if TYPE_CHECKING:
    from bot.origami.client import Admission, Exchange, Origami, Polled, RowPage
    from bot.origami.transport import Http, http_client
else:
    _OF_THE_CLIENT = {
        **dict.fromkeys(("Admission", "Exchange", "Origami", "Polled", "RowPage"), "client"),
        **dict.fromkeys(("Http", "http_client"), "transport"),
    }

    def __getattr__(name: str) -> object:
        """The client, loaded by whoever speaks to Origami: most of the operator's commands do not."""
        if name not in _OF_THE_CLIENT:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(importlib.import_module(f"{__name__}.{_OF_THE_CLIENT[name]}"), name)


__all__ = [
    "PREVIEW_ROWS",
    "PROMPT_LIMIT",
    "Account",
    "AccountBlocked",
    "Action",
    "ActionType",
    "ActiveSession",
    "Admission",
    "Agent",
    "AgentBusy",
    "AgentNotFound",
    "Attachment",
    "BudgetExceeded",
    "Capabilities",
    "Cell",
    "Column",
    "ColumnQualification",
    "ColumnStats",
    "Conflict",
    "Credits",
    "EmptyPrompt",
    "Exchange",
    "Funnel",
    "Handoff",
    "Http",
    "IdempotencyConflict",
    "InsufficientCredits",
    "InvalidRequest",
    "Issue",
    "KeyRefused",
    "LeadSource",
    "LeftOut",
    "MalformedAnswer",
    "ModelNotAvailable",
    "NextAction",
    "NoFreeSlot",
    "NotFound",
    "Organization",
    "Origami",
    "OrigamiError",
    "Outcome",
    "PaymentRequired",
    "PendingQuestion",
    "Plan",
    "Polled",
    "Priority",
    "PromptTooLong",
    "Qualification",
    "Refused",
    "Request",
    "Response",
    "Row",
    "RowPage",
    "Run",
    "RunNotFound",
    "RunSummary",
    "SavedView",
    "Steps",
    "SubscriptionRequired",
    "Table",
    "TableNotFound",
    "TableStats",
    "Throttled",
    "Todo",
    "TooManyRequests",
    "ToolCall",
    "TranscriptMessage",
    "Unavailable",
    "Unreachable",
    "UploadFailed",
    "Uploaded",
    "agent_body",
    "bounded_table",
    "ceiling",
    "http_client",
    "poll_interval",
    "reaches_people",
    "run_body",
    "upload_body",
]
