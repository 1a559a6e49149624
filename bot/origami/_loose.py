"""The base of every record read from Origami, and the field types it is made of."""

from datetime import datetime
from typing import Annotated, Self, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from bot.origami import _reading as reading
from bot.origami.errors import MalformedAnswer

ID_CHARACTERS = 200


class Loose(BaseModel):
    """A record that survives what it does not know: extra fields are ignored, odd ones default."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
        extra="ignore",
        frozen=True,
    )

    @classmethod
    def read(cls, value: object) -> Self:
        """The record in a parsed JSON value; raises MalformedAnswer if it lacks what makes it one."""
        try:
            return cls.model_validate(value)
        except ValidationError as exc:
            reason = f"{cls.__name__}: {exc.error_count()} unreadable parts"
        raise MalformedAnswer(reason)

    def to_json(self) -> str:
        """The record as text, for `from_json`."""
        return self.model_dump_json(exclude_defaults=True)

    @classmethod
    def from_json(cls, content: str) -> Self:
        """The record that `to_json` wrote; raises MalformedAnswer for anything else."""
        try:
            parsed = reading.parse_json(content.encode("utf-8", "replace"))
        except ValueError:
            parsed = None
        return cls.read(parsed)


Record = TypeVar("Record", bound=BaseModel)


def _identifier(value: object) -> str:
    found = reading.text(value)
    if not 0 < len(found) <= ID_CHARACTERS:
        raise ValueError("an id has 1 to 200 characters")
    return found


def _status(value: object) -> str:
    found = reading.line(value)
    if not found:
        raise ValueError("a status is not blank")
    return found


def _identifier_or_none(value: object) -> str | None:
    found = reading.text(value)
    return found if 0 < len(found) <= ID_CHARACTERS else None


def _optional_text(value: object) -> str | None:
    return reading.text(value) if isinstance(value, str) else None


def many(model: type[Record]) -> BeforeValidator:
    """A list of records, of which the broken ones are dropped."""
    return BeforeValidator(reading.each(model.model_validate))


def part(model: type[Record]) -> BeforeValidator:
    """A nested record whose absence, or whose wrong type, means one with nothing in it."""

    def read(value: object) -> Record:
        return value if isinstance(value, model) else model.model_validate(reading.mapping(value))

    return BeforeValidator(read)


def part_or_none(model: type[Record]) -> BeforeValidator:
    """A nested record that may be missing; one that cannot be read counts as missing."""

    def read(value: object) -> Record | None:
        if isinstance(value, model):
            return value
        if not isinstance(value, dict):
            return None
        try:
            return model.model_validate(value)
        except ValidationError:
            return None

    return BeforeValidator(read)


def _flag(value: object) -> bool:
    return value is True


def _count(value: object) -> int:
    return reading.count_or_none(value) or 0


def _amount(value: object) -> float:
    return reading.number(value) or 0.0


Identifier = Annotated[str, BeforeValidator(_identifier)]
"""Required: a record without it is no record."""
Status = Annotated[str, BeforeValidator(_status)]
"""Required, and an open set."""
OptionalIdentifier = Annotated[str | None, BeforeValidator(_identifier_or_none)]
Text = Annotated[str, BeforeValidator(reading.text)]
OptionalText = Annotated[str | None, BeforeValidator(_optional_text)]
Line = Annotated[str, BeforeValidator(reading.line)]
OptionalLine = Annotated[str | None, BeforeValidator(reading.line_or_none)]
Lines = Annotated[tuple[str, ...], BeforeValidator(reading.lines)]
Identifiers = Annotated[tuple[str, ...], BeforeValidator(reading.each(_identifier_or_none))]
Flag = Annotated[bool, BeforeValidator(_flag)]
Count = Annotated[int, BeforeValidator(_count)]
OptionalCount = Annotated[int | None, BeforeValidator(reading.count_or_none)]
Amount = Annotated[float, BeforeValidator(_amount)]
OptionalAmount = Annotated[float | None, BeforeValidator(reading.number)]
Moment = Annotated[datetime | None, BeforeValidator(reading.moment)]
Url = Annotated[str | None, BeforeValidator(reading.web_url)]
