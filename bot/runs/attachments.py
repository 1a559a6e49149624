"""Files that people hand to the agent: which are taken, and how they are kept with a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from bot.origami import Attachment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from storage.records import Run, Workspace

Item = dict[str, Any]
"""One of ``Run.attachments``."""

KINDS = frozenset({"csv", "tsv", "txt", "xlsx", "pdf", "docx", "json", "md"})
"""Extensions of files that say something about leads; pictures and the like do not."""
SNIPPETS = {"text": "txt", "markdown": "md"}
"""Slack's own names for what one pastes as a snippet, which needs no extension."""
MOST_FILES = 5
MOST_BYTES = 10 * 2**20
"""Slack: 10 MB a file in a form. Origami names no limit; it takes files as base64 in one JSON body."""
NAME_LIMIT = 200
SLACK_FILE, LEFT_OUT = "slack_file", "left_out"


class FileRefusedError(Exception):
    """A file can never be handed over; ``reason`` is kept with the run that ends for it."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.reason: dict[str, Any] = {"code": code, **facts}


class FileLaterError(Exception):
    """Slack cannot hand a file over just now; ``retry_after`` is in seconds, None where it does not say."""

    def __init__(self, why: str, *, retry_after: float | None = None) -> None:
        super().__init__(why)
        self.retry_after = retry_after


class Files(Protocol):
    """What people have shared in Slack."""

    async def fetch(self, workspace: Workspace, file_id: str, *, limit: int) -> bytes:
        """A file's content, of at most ``limit`` bytes. Raises FileRefusedError and FileLaterError."""


@dataclass(frozen=True, slots=True)
class SharedFile:
    """A file of a message or a form, as Slack tells of it; ``filetype`` is Slack's own, ``size`` in bytes."""

    id: str
    name: str
    filetype: str = ""
    size: int = 0

    @property
    def kind(self) -> str:
        """Its extension, or what Slack takes it for."""
        extension = self.name.rpartition(".")[2].lower() if "." in self.name else ""
        return extension if extension in KINDS else SNIPPETS.get(self.filetype, self.filetype).lower()

    @property
    def full_name(self) -> str:
        """Its name, with an extension, by which Origami tells tables from documents."""
        name = " ".join(self.name.split())[-NAME_LIMIT:] or "file"
        return name if name.lower().endswith(f".{self.kind}") else f"{name}.{self.kind}"


def kept(files: Iterable[SharedFile]) -> list[Item]:
    """The files as a run keeps them: to be handed over, or left out with the reason (type, size, many)."""
    items: list[Item] = []
    for file in files:
        taken = sum(item["kind"] == SLACK_FILE for item in items)
        if file.kind not in KINDS:
            why = "type"
        elif file.size > MOST_BYTES:
            why = "size"
        elif taken >= MOST_FILES:
            why = "many"
        else:
            items.append({"kind": SLACK_FILE, "id": file.id, "name": file.full_name})
            continue
        items.append({"kind": LEFT_OUT, "name": file.name[:NAME_LIMIT], "why": why})
    # Slack takes ten files a message: more than that is nobody's message.
    return items[: 2 * MOST_FILES]


def handed_in(items: Iterable[Item]) -> list[Item]:
    """Without what was left out."""
    return [item for item in items if item["kind"] != LEFT_OUT]


def pending(run: Run) -> list[Item]:
    """What Origami has not got yet."""
    return [item for item in run.attachments if item["kind"] == SLACK_FILE]


def for_origami(run: Run) -> list[Attachment]:
    """What the agent is to look at."""
    return [
        Attachment(item["kind"], item["id"])
        for item in run.attachments
        if item["kind"] in {"document", "table"}
    ]


def container(run: Run) -> str | None:
    """Where its files were uploaded to: a new agent is begun there, to see them."""
    return next((item["container"] for item in run.attachments if item.get("container")), None)


def back_to_slack(items: Sequence[Item]) -> list[Item]:
    """The same files, to be handed over once more: their agent is gone, and they may be with it."""
    return [
        {"kind": SLACK_FILE, "id": item["slack_file"], "name": item["name"]} if "slack_file" in item else item
        for item in items
    ]
