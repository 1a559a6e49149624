"""The requests of the product's own client, held against the vendor's file."""

from bot.origami import Attachment, Origami, agent_body, http_client, run_body, upload_body
from bot.sandbox.local_origami import DEFAULT_KEY, LocalOrigami, LocalOrigamiSettings
from tests.contract.origami_report import Report
from tests.contract.origami_spec import Contract
from tests.contract.origami_tour import request_problems


async def client_tour(contract: Contract, report: Report) -> None:
    """Call every method of the client once or more, and check what reached the server."""
    settings = LocalOrigamiSettings(step_seconds=1, now=lambda: 1_790_000_000.0)
    async with LocalOrigami(settings) as server, http_client() as http:
        client = Origami(http, base_url=server.url, key=DEFAULT_KEY)
        await _use(client, server)
        for name, problems in request_problems(contract, server).items():
            report.check(f"client {name}", problems)
        refused = [
            f"{record.method} {record.path}: {record.status}"
            for record in server.requests
            if record.status not in (200, 201, 202)
        ]
        report.check("client: nothing was refused", refused)


async def _use(client: Origami, server: LocalOrigami) -> None:
    brief = "find 50 SaaS founders in Austin who raised seed"
    admission = await client.create_agent(agent_body(brief, name="Brief abc123"), idempotency_key="one")
    agent_id = admission.agent.id
    await client.run(agent_id, admission.run.id)
    server.clock.advance(60)
    await client.run(agent_id, admission.run.id, include=("stats", "transcript"))
    [table] = await client.tables()
    await client.table(table.id)
    await client.table(table.id, stats=True)
    page = await client.rows(table.id, limit=5)
    await client.rows(table.id, cursor=page.next_cursor)
    follow_up = run_body(
        "find more",
        model="origami-lite",
        focus_table_ids=[table.id],
        attachments=[Attachment("table", table.id)],
    )
    await client.send_run(agent_id, follow_up, idempotency_key="two")
    await client.cancel(agent_id)
    await client.runs(agent_id)
    await client.agent(agent_id)
    await client.agents(search="abc123")
    space = await client.create_workspace("Uploads", idempotency_key="space")
    for name in ("customers.csv", "notes.md"):
        uploaded = await client.upload(space, upload_body(name, b"Name\nAcme\n"), idempotency_key=name)
    begun = agent_body("x", workspace_id=space, attachments=[Attachment(uploaded.kind, uploaded.id)])
    await client.create_agent(begun, idempotency_key="with-files")
    await client.account()
    await client.credits()
    everything = agent_body("x", name="n", model="origami-max", focus_table_ids=[table.id])
    await client.create_agent(everything, idempotency_key="three")
