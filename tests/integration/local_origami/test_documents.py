import base64

from tests.integration.local_origami.caller import Caller

CSV = b"Company Name,Website\nAcme,https://acme.example\nBirch,https://birch.example\n"


def file(filename: str, content: bytes = CSV, **more: str) -> dict[str, str]:
    return {"filename": filename, "content": base64.b64encode(content).decode(), **more}


async def workspace(caller: Caller) -> str:
    created = await caller.post("/workspaces", {"name": "Uploads"})
    assert created.status == 201
    return created.json["id"]


async def test_a_csv_becomes_a_table_that_an_agent_in_the_container_has(caller: Caller):
    container = await workspace(caller)
    uploaded = await caller.post(f"/workspaces/{container}/documents", {"files": [file("customers.csv")]})

    assert uploaded.status == 201
    table = uploaded.json["results"][0]["table"]
    rows = (await caller.get(f"/tables/{table['id']}/rows?cells=flat")).json
    assert [row["company-name"] for row in rows["items"]] == ["Acme", "Birch"]
    run = await caller.run_to_end("find founders in Austin", workspaceId=container)
    assert run["workspaceId"] == container
    tables = (await caller.get(f"/agents/{run['agentId']}/tables")).json["items"]
    assert table["id"] in [entry["id"] for entry in tables]


async def test_a_csv_can_be_appended(caller: Caller):
    container = await workspace(caller)
    path = f"/workspaces/{container}/documents"
    table = (await caller.post(path, {"files": [file("a.csv")]})).json["results"][0]["table"]

    await caller.post(path, {"files": [file("b.csv", mode="append", tableId=table["id"])]})
    assert (await caller.get(f"/tables/{table['id']}")).json["leadCount"] == 4


async def test_another_file_is_a_document_that_can_be_attached(caller: Caller):
    container = await workspace(caller)
    path = f"/workspaces/{container}/documents"
    uploaded = await caller.post(
        path, {"files": [file("notes.txt", b"hello"), file("bad.csv", b"\xff\xfe\xff")]}
    )

    assert [result["kind"] for result in uploaded.json["results"]] == ["document", "error"]
    document_id = uploaded.json["results"][0]["document"]["id"]
    assert [item["id"] for item in (await caller.get(path)).json["items"]] == [document_id]
    attachment = {"kind": "document", "documentId": document_id}
    assert (await caller.create("use the notes", attachments=[attachment])).status == 202
    foreign = await caller.with_key("og_live_scale").create("use the notes", attachments=[attachment])
    assert foreign.code == "INVALID_ATTACHMENT"


async def test_uploads_that_cannot_work_are_refused_as_a_whole(caller: Caller):
    path = f"/workspaces/{await workspace(caller)}/documents"

    async def refusal(*files: dict[str, str]) -> tuple[int, str]:
        answer = await caller.post(path, {"files": list(files)})
        return answer.status, answer.code

    assert await refusal() == (400, "VALIDATION_ERROR")
    assert await refusal(file("x.txt", mode="table")) == (400, "INVALID_UPLOAD_MODE")
    assert await refusal(file("x.csv", mode="append")) == (400, "VALIDATION_ERROR")
    assert await refusal(*[file("x.txt")] * 11) == (413, "TOO_MANY_FILES")
    assert await refusal({"filename": "x.txt", "content": "not base64!"}) == (422, "UPLOAD_FAILED")
    missing = await caller.post(
        "/workspaces/6a1f0c0e-0000-4000-8000-000000000001/documents", {"files": [file("x.csv")]}
    )
    assert missing.code == "WORKSPACE_NOT_FOUND"
