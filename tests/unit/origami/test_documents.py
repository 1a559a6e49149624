"""Uploading files: the body, and what Origami makes of it."""

import base64
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.origami import (
    InvalidRequest,
    MalformedAnswer,
    Outcome,
    Run,
    Uploaded,
    UploadFailed,
    agent_body,
    upload_body,
)
from tests.unit.origami import samples

DOCUMENT = {"kind": "document", "filename": "a.md", "document": {"id": "d1"}}
TABLE = {"kind": "table", "filename": "a.csv", "table": {"id": "t1", "slug": "a"}}
ERROR = {"kind": "error", "filename": "a.csv", "error": "not UTF-8"}


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=400), st.binary(max_size=200))
def test_any_file_becomes_a_body_that_origami_can_read(name, content):
    [file] = json.loads(upload_body(f"{name}.csv", content))["files"]
    assert base64.b64decode(file["content"], validate=True) == content
    assert 1 <= len(file["filename"]) <= 255
    assert file["filename"].endswith(".csv")
    assert not set("/\\\n") & set(file["filename"])
    assert file["mode"] == "table"


@pytest.mark.parametrize(("name", "mode"), [("A.CSV", "table"), ("a.xlsx", "document"), ("csv", "table")])
def test_only_rows_become_a_table(name, mode):
    assert json.loads(upload_body(name, b""))["files"][0]["mode"] == mode


async def test_an_upload_says_what_became_of_the_file(fake, origami):
    fake.tell({"results": [TABLE]}, 201)
    body = upload_body("a.csv", b"Name")
    assert await origami.upload("w/1", body, idempotency_key="k-1") == Uploaded("table", "t1")
    assert (fake.last.path, fake.last.body) == ("/api/v2/workspaces/w%2F1/documents", body)
    assert fake.last.headers["idempotency-key"] == "k-1"
    fake.tell({"results": [DOCUMENT]}, 201)
    assert await origami.upload("w1", body, idempotency_key="k-2") == Uploaded("document", "d1")


@pytest.mark.parametrize("status", [201, 422])
async def test_a_file_that_cannot_be_read_says_why(fake, origami, status):
    refusal = {"error": "No file could be read", "code": "UPLOAD_FAILED", "details": {"results": [ERROR]}}
    fake.tell(refusal if status == 422 else {"results": [ERROR]}, status)
    with pytest.raises(UploadFailed) as raised:
        await origami.upload("w1", b"{}", idempotency_key="k")
    assert raised.value.problems == ("not UTF-8",)
    assert isinstance(raised.value, InvalidRequest)


@pytest.mark.parametrize(
    "answer", [{}, [], {"results": []}, {"results": [{"kind": "table"}]}, {"results": "x"}]
)
async def test_an_answer_that_names_no_file_is_malformed(fake, origami, answer):
    fake.tell(answer, 201)
    with pytest.raises(MalformedAnswer):
        await origami.upload("w1", b"{}", idempotency_key="k")


@pytest.mark.parametrize("wrapped", [True, False])
async def test_a_container_is_known_by_its_id(fake, origami, wrapped):
    fake.tell({"workspace": {"id": "w1"}} if wrapped else {"id": "w1"}, 201)
    assert await origami.create_workspace("Leads", idempotency_key="k") == "w1"
    assert json.loads(fake.last.body) == {"name": "Leads"}


def test_a_new_agent_is_begun_where_its_files_are():
    assert json.loads(agent_body("Find", workspace_id="w1"))["workspaceId"] == "w1"
    assert "workspaceId" not in json.loads(agent_body("Find"))


def test_a_slug_names_a_table_as_far_as_names_tell():
    tables = [samples.table(id="t1", name="Austin: Seed Founders!"), samples.table(id="t2", name="Scratch")]
    actions = [{"type": "leads_added", "tableId": "t1", "leadCount": 9}]
    outcome = Outcome.of(Run.read(samples.run(response={"tables": tables, "actions": actions})))
    named = [outcome.table_called(slug) for slug in ("austin-seed-founders", "scratch", "gone", "", None)]
    assert [table and table.id for table in named] == ["t1", "t2", "t1", "t1", "t1"]
    assert Outcome.of(Run.read(samples.run())).table_called("scratch") is None
