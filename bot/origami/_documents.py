"""Files for an agent: the body that uploads one, and what Origami makes of it."""

import base64
from dataclasses import dataclass
from typing import Literal, Self

import orjson

from bot.origami import _reading as reading
from bot.origami.errors import MalformedAnswer, UploadFailed

FILENAME_LIMIT = 255
"""Origami: 1 to 255 characters."""


@dataclass(frozen=True)
class Uploaded:
    """An uploaded file: a table made of its rows, or a document."""

    kind: Literal["table", "document"]
    id: str

    @classmethod
    def read(cls, value: object) -> Self:
        """The first of an answer's `results`.

        Raises UploadFailed where it says that the file could not be read, and MalformedAnswer where it names
        neither a table nor a document.
        """
        results = reading.sequence(reading.mapping(value).get("results"))
        result = reading.mapping(results[0] if results else None)
        if result.get("kind") == "error":
            raise UploadFailed(
                reading.line(result.get("error")), code="UPLOAD_FAILED", body={"results": results}
            )
        kinds: tuple[Literal["table", "document"], ...] = ("table", "document")
        for kind in kinds:
            made = reading.mapping(result.get(kind))
            found = reading.line(made.get("id")) or reading.line(result.get(f"{kind}Id"))
            if found:
                return cls(kind, found)
        raise MalformedAnswer("Uploaded: neither a table nor a document in the answer")


def upload_body(filename: str, content: bytes) -> bytes:
    """The body that uploads one file: a `.csv` becomes a table, anything else a document.

    Put together by hand: base64 needs no escaping, and each further copy would be as large as the file.
    """
    name = reading.line(filename.replace("/", "_").replace("\\", "_"))
    stem, dot, extension = name.rpartition(".")
    kept = f"{stem[: FILENAME_LIMIT - len(extension) - 1]}{dot}{extension}"[-FILENAME_LIMIT:]
    mode = b"table" if extension.lower() == "csv" else b"document"
    head = b'{"files":[{"mode":"' + mode + b'","filename":' + orjson.dumps(kept) + b',"content":"'
    return b"".join([head, base64.b64encode(content), b'"}]}'])
