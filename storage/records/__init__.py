"""What we remember: one mapped dataclass a table.

Every record belongs to a workspace, and every query names it. States are plain strings,
spelled out in the ``StrEnum`` classes here, so that a newer version's value breaks no older reader.
"""

from storage.records.base import Base
from storage.records.books import AuditEntry, Budget, Feedback, InboxEntry
from storage.records.deliveries import DIRECT, IS_OWED, Delivery, DeliveryKind, DeliveryState
from storage.records.installations import bots, installations, oauth_states
from storage.records.results import Export, ExportState, Watch, WatchEnd
from storage.records.runs import (
    MAY_WANT_REMINDING,
    OPEN_STATES,
    RUN_IS_OPEN,
    Choice,
    ChoiceKind,
    ChoiceState,
    OurStatus,
    Run,
    RunState,
    Thread,
)
from storage.records.schedules import Schedule, ScheduleState
from storage.records.workspaces import Preference, Workspace

__all__ = [
    "DIRECT",
    "IS_OWED",
    "MAY_WANT_REMINDING",
    "OPEN_STATES",
    "RUN_IS_OPEN",
    "AuditEntry",
    "Base",
    "Budget",
    "Choice",
    "ChoiceKind",
    "ChoiceState",
    "Delivery",
    "DeliveryKind",
    "DeliveryState",
    "Export",
    "ExportState",
    "Feedback",
    "InboxEntry",
    "OurStatus",
    "Preference",
    "Run",
    "RunState",
    "Schedule",
    "ScheduleState",
    "Thread",
    "Watch",
    "WatchEnd",
    "Workspace",
    "bots",
    "installations",
    "oauth_states",
]
