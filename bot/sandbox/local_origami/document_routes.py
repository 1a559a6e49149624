"""The endpoints for session containers and the files uploaded into them."""

import base64
import binascii
import csv
import io

from aiohttp import web

from bot.sandbox.local_origami.answers import json_answer
from bot.sandbox.local_origami.bodies import UploadBody, UploadedFile, WorkspaceBody, parse
from bot.sandbox.local_origami.clock import timestamp
from bot.sandbox.local_origami.gate import ORG
from bot.sandbox.local_origami.inventions import slug
from bot.sandbox.local_origami.projections import container_json
from bot.sandbox.local_origami.records import Column, Container, Document, Lead, Table
from bot.sandbox.local_origami.refusals import Json, RefusalError, invalid
from bot.sandbox.local_origami.script import ColumnSpec
from bot.sandbox.local_origami.world import World

FILES_LIMIT = 10
"""Origami caps the files of a request without saying at how many."""


class DocumentRoutes:
    """Session containers and the files that are uploaded into them."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """The routes below the base path."""
        return [
            web.post("/workspaces", self.create),
            web.post("/workspaces/{id}/documents", self.upload),
            web.post("/workspaces/{id}/uploads", self.upload),
            web.get("/workspaces/{id}/documents", self.documents),
        ]

    async def create(self, request: web.Request) -> web.Response:
        """POST /workspaces: a container to upload to before there is an agent."""
        body = parse(WorkspaceBody, await request.read() or b"{}")
        container = self._world.add_container(request[ORG], body.name)
        return json_answer(container_json(self._world, container), status=201)

    async def documents(self, request: web.Request) -> web.Response:
        """GET /workspaces/{workspaceId}/documents."""
        container = self._world.container(request[ORG], request.match_info["id"])
        items = [_document_json(document) for document in container.documents.values()]
        return json_answer({"object": "list", "items": items, "nextCursor": None, "url": request.path})

    async def upload(self, request: web.Request) -> web.Response:
        """POST /workspaces/{workspaceId}/documents: all or nothing before, file by file after the checks."""
        container = self._world.container(request[ORG], request.match_info["id"])
        files = parse(UploadBody, await request.read()).files
        if len(files) > FILES_LIMIT:
            raise RefusalError(413, "TOO_MANY_FILES", f"At most {FILES_LIMIT} files per request")
        targets = [self._target(request, file) for file in files]
        results = [self._ingest(container, file, target) for file, target in zip(files, targets, strict=True)]
        if all(result["kind"] == "error" for result in results):
            raise RefusalError(422, "UPLOAD_FAILED", "No file could be read", details={"results": results})
        return json_answer({"results": results}, status=201)

    def _target(self, request: web.Request, file: UploadedFile) -> Table | None:
        is_csv = file.filename.lower().endswith(".csv")
        if file.mode in ("table", "append") and not is_csv:
            raise invalid(f"mode {file.mode} is for CSV files", code="INVALID_UPLOAD_MODE")
        if file.mode != "append":
            return None
        if file.tableId is None:
            raise invalid("mode append needs tableId", [{"path": "files.tableId", "message": "Required"}])
        return self._world.table(request[ORG], str(file.tableId))

    def _ingest(self, container: Container, file: UploadedFile, target: Table | None) -> Json:
        try:
            content = base64.b64decode(file.content, validate=True)
            if file.mode == "document" or not file.filename.lower().endswith(".csv"):
                return self._keep(container, file.filename, content)
            return self._import(container, file.filename, content, target)
        except (binascii.Error, csv.Error, UnicodeDecodeError) as error:
            return {"kind": "error", "filename": file.filename, "error": str(error), "code": "INVALID_FILE"}

    def _keep(self, container: Container, filename: str, content: bytes) -> Json:
        document = Document(self._world.new_id(), filename, content, self._world.clock.wall())
        container.documents[document.id] = document
        return {"kind": "document", "filename": filename, "document": _document_json(document)}

    def _import(self, container: Container, filename: str, content: bytes, target: Table | None) -> Json:
        header, *lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig")))) or [[]]
        now = self._world.clock.wall()
        table = target
        if table is None:
            new_id = self._world.new_id
            columns = [Column(new_id(), ColumnSpec(name, slug(name))) for name in header]
            name = filename.rsplit(".", 1)[0]
            table = Table(new_id(), container.org, name, now, now, new_id(), columns)
            self._world.add_table(table)
            container.table_ids.append(table.id)
        slugs = [slug(name) for name in header]
        for line in lines:
            values: dict[str, object] = dict(zip(slugs, line, strict=False))
            lead = Lead(self._world.new_id(), values, True, self._world.clock.work(), frozenset())  # noqa: FBT003
            table.leads.append(lead)
        table.updated = now
        summary = {"id": table.id, "slug": slug(table.name), "name": table.name}
        return {"kind": "table", "filename": filename, "table": summary, "rowsInserted": len(lines)}


def _document_json(document: Document) -> Json:
    created = timestamp(document.created)
    return {
        "object": "document",
        "id": document.id,
        "documentId": document.id,
        "filename": document.filename,
        "vfsPath": f"/uploads/{document.filename}",
        "kind": document.filename.rsplit(".", 1)[-1].lower() if "." in document.filename else "file",
        "status": "ready",
        "createdAt": created,
        "updatedAt": created,
    }
