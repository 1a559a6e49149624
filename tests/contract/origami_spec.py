"""Requests and answers against Origami's own OpenAPI file."""

import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import jsonschema
import yaml

Json = Mapping[str, Any]

_FORMATS = jsonschema.FormatChecker(formats=())


@_FORMATS.checks("uuid", raises=ValueError)
def _is_uuid(value: object) -> bool:
    return not isinstance(value, str) or str(uuid.UUID(value)) == value.lower()


@_FORMATS.checks("date-time", raises=ValueError)
def _is_date_time(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@_FORMATS.checks("uri", raises=ValueError)
def _is_uri(value: object) -> bool:
    return not isinstance(value, str) or bool(urlsplit(value).scheme and urlsplit(value).netloc)


@dataclass(frozen=True)
class Operation:
    """One method of one path of the file, with the parameters of this call."""

    template: str
    method: str
    definition: Json
    parameters: tuple[Json, ...]
    path_values: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.method} {self.template}"


class Contract:
    """The file, with its `$ref`s resolved and `nullable` said in JSON Schema's words.

    Objects that name their properties allow no others here, so that a misspelt field is found: Origami
    drops unknown ones in silence.
    """

    def __init__(self, spec: Json) -> None:
        self._spec = spec

    @classmethod
    def load(cls, path: Path) -> "Contract":
        return cls(yaml.safe_load(path.read_text(encoding="utf-8")))

    def operations(self) -> Iterator[str]:
        for template, item in self._spec["paths"].items():
            yield from (f"{name.upper()} {template}" for name in item if name in _METHODS)

    def operation(self, method: str, path: str) -> Operation | None:
        """The operation that a path below the base URL means; a literal segment beats a parameter."""
        for template in sorted(self._spec["paths"], key=lambda known: known.count("{")):
            names = re.findall(r"{(\w+)}", template)
            pattern = re.sub(r"{\w+}", "([^/]+)", template)
            found = re.fullmatch(pattern, urlsplit(path).path)
            item = self._spec["paths"][template]
            if found is not None and method.lower() in item:
                definition = item[method.lower()]
                parameters = [*item.get("parameters", []), *definition.get("parameters", [])]
                values = dict(zip(names, map(unquote, found.groups()), strict=True))
                resolved = tuple(self._resolve(parameter) for parameter in parameters)
                return Operation(template, method, definition, resolved, values)
        return None

    def validate_request(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> list[str]:
        """What is wrong with a request; `path` is below the base URL and may carry a query string."""
        operation = self.operation(method, path)
        if operation is None:
            return [f"{method} {path} is not in the file"]
        problems = [*self._parameter_problems(operation, path, headers or {})]
        declared = operation.definition.get("requestBody")
        if declared is None:
            return problems + (["a body where none is declared"] if body is not None else [])
        if body is None:
            return problems + (["no body"] if declared.get("required") else [])
        schema = self._schema(declared["content"]["application/json"]["schema"], strict=True)
        return problems + _problems(schema, body)

    def validate_answer(
        self, operation: Operation, status: int, content_type: str, body: object
    ) -> list[str]:
        """What is wrong with an answer; errors that the operation does not declare must fit the envelope."""
        declared = operation.definition["responses"].get(str(status))
        if declared is None:
            return [f"status {status} is not declared"] if status < 400 else self.validate_error(body)
        response = self._resolve(declared)
        media = response.get("content", {}).get(content_type)
        if media is not None:
            return _problems(self._schema(media["schema"], strict=status < 400), body)
        if status < 400:
            return [f"{content_type} is not declared"] if response.get("content") else []
        code = body.get("code") if isinstance(body, dict) else None
        unnamed = [] if str(code) in response["description"] else [f"code {code} is not named for {status}"]
        return unnamed + self.validate_error(body)

    def validate_error(self, body: object) -> list[str]:
        """What is wrong with a body as an error of no operation in particular."""
        return _problems(self._schema({"$ref": "#/components/schemas/ErrorEnvelope"}, strict=False), body)

    def _parameter_problems(
        self, operation: Operation, path: str, headers: Mapping[str, str]
    ) -> Iterator[str]:
        query = dict(parse_qsl(urlsplit(path).query, keep_blank_values=True))
        known = {parameter["name"]: parameter for parameter in operation.parameters}
        named = {name.lower(): value for name, value in headers.items()}
        yield from (f"query {name} is not declared" for name in query if name not in known)
        for name, parameter in known.items():
            places = {"query": query, "path": operation.path_values, "header": named}
            value = places[parameter["in"]].get(name.lower() if parameter["in"] == "header" else name)
            if value is None:
                yield from [f"{name} is missing"] if parameter.get("required") else []
                continue
            schema = self._schema(parameter["schema"], strict=False)
            given: object = int(value) if schema.get("type") == "integer" and value.isdigit() else value
            yield from (f"{name}: {problem}" for problem in _problems(schema, given))

    def _resolve(self, node: Any) -> Any:
        while isinstance(node, dict) and "$ref" in node:
            target: Any = self._spec
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            node = {**target, **{key: value for key, value in node.items() if key != "$ref"}}
        return node

    def _schema(self, node: Any, *, strict: bool) -> Any:
        node = self._resolve(node)
        if isinstance(node, list):
            return [self._schema(item, strict=strict) for item in node]
        if not isinstance(node, dict):
            return node
        plain: dict[str, Any] = {}
        for key, value in node.items():
            if key == "properties":
                plain[key] = {name: self._schema(item, strict=strict) for name, item in value.items()}
            elif key == "allOf":
                # The parts see the whole object, so only the composition may forbid other properties.
                plain[key] = [self._part(item, strict=strict) for item in value]
            elif key not in ("nullable", "example", "description"):
                plain[key] = self._schema(value, strict=strict)
        if strict and ("properties" in plain or "allOf" in plain) and "additionalProperties" not in plain:
            plain["unevaluatedProperties"] = False
        return {"anyOf": [plain, {"type": "null"}]} if node.get("nullable") else plain

    def _part(self, node: Any, *, strict: bool) -> Any:
        part = self._schema(node, strict=strict)
        part.pop("unevaluatedProperties", None)
        for nested in part.get("allOf", []):
            nested.pop("unevaluatedProperties", None)
        return part


_METHODS = {"get", "post", "put", "patch", "delete"}


def _problems(schema: Any, value: object) -> list[str]:
    validator = jsonschema.Draft202012Validator(schema, format_checker=_FORMATS)
    return [
        f"{'/'.join(map(str, error.absolute_path)) or '(whole)'}: {error.message[:200]}"
        for error in validator.iter_errors(value)
    ]
