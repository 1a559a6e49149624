"""The bodies of requests, with Origami's bounds; unknown fields are dropped without a word."""

from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from bot.sandbox.local_origami.refusals import invalid

PROMPT_LIMIT = 10_000
NAME_LIMIT = 80


def _at_most(limit: int) -> AfterValidator:
    def check(text: str) -> str:
        # UTF-16 units, as a JavaScript server counts: the stricter reading of the documented limit.
        if len(text.encode("utf-16-le", "surrogatepass")) // 2 > limit:
            raise ValueError(f"must be at most {limit} characters")
        return text

    return AfterValidator(check)


class _Body(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class DocumentAttachment(_Body):
    """A document for the agent to read."""

    kind: Literal["document"]
    documentId: UUID  # noqa: N815 - Origami's own field names


class TableAttachment(_Body):
    """A table to focus on."""

    kind: Literal["table"]
    tableId: UUID  # noqa: N815 - Origami's own field names


Attachment = Annotated[DocumentAttachment | TableAttachment, Field(discriminator="kind")]


class SendRunBody(_Body):
    """POST /agents/{id}/runs."""

    prompt: Annotated[str, Field(min_length=1), _at_most(PROMPT_LIMIT)]
    focusTableIds: Annotated[list[UUID], Field(max_length=50)] = []  # noqa: N815 - Origami's own field names
    attachments: Annotated[list[Attachment], Field(max_length=20)] = []
    model: Literal["origami-lite", "origami-max", "origami-fast", "origami-mid"] | None = None


class CreateAgentBody(SendRunBody):
    """POST /agents."""

    name: Annotated[str, _at_most(NAME_LIMIT)] | None = None
    workspaceId: UUID | None = None  # noqa: N815 - Origami's own field names


class WorkspaceBody(_Body):
    """POST /workspaces."""

    name: Annotated[str, _at_most(NAME_LIMIT)] = "Untitled"


class UploadedFile(_Body):
    """A file, base64 in JSON."""

    filename: Annotated[str, Field(min_length=1, max_length=255)]
    content: str
    mode: Literal["table", "append", "document"] | None = None
    tableId: UUID | None = None  # noqa: N815 - Origami's own field names


class UploadBody(_Body):
    """POST /workspaces/{id}/documents."""

    files: Annotated[list[UploadedFile], Field(min_length=1)]


_B = TypeVar("_B", bound=_Body)


def parse(kind: type[_B], raw: bytes) -> _B:
    """Read a body, or raise 400 VALIDATION_ERROR with `details.issues`."""
    try:
        return kind.model_validate_json(raw)
    except ValidationError as error:
        raise invalid("Invalid request body", [_issue(found) for found in error.errors()]) from None


def _issue(found: Any) -> dict[str, str]:  # noqa: ANN401 - pydantic's own shape
    return {"path": ".".join(map(str, found["loc"])), "message": str(found["msg"])}
