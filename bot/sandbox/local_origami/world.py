"""Everything that the local Origami knows, and how it comes about."""

import random
from functools import partial

from bot.sandbox.local_origami.clock import Clock
from bot.sandbox.local_origami.progress import settle
from bot.sandbox.local_origami.records import PLANS, Agent, Container, Org, Run, Session, Table
from bot.sandbox.local_origami.refusals import (
    RefusalError,
    account_blocked,
    budget_exceeded,
    not_found,
    subscription_required,
)
from bot.sandbox.local_origami.settings import LocalOrigamiSettings

APP_URL = "https://origami.chat"


class World:
    """Everything that the local Origami knows: organisations, agents, runs and tables.

    What belongs to one organisation does not exist for another: its ids are 404 there.
    """

    def __init__(self, settings: LocalOrigamiSettings, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self.app_url = settings.app_url or APP_URL
        self.retry_after_seconds = settings.retry_after_seconds
        self.orgs: dict[str, Org] = {}
        self.keys: dict[str, Org] = {}
        self.containers: dict[str, Container] = {}
        self._agents: dict[str, Agent] = {}
        self._tables: dict[str, Table] = {}
        self._live: list[Run] = []
        self._add_reserved_keys()
        self.add_key(settings.key, org="local", plan=settings.plan, credits=settings.credits)

    def add_key(
        self,
        key: str,
        *,
        org: str = "local",
        plan: str = "pro",
        credits: float = 2_000.0,  # noqa: A002 - Origami's word
        slots: int | None = None,
    ) -> Org:
        """Let `key` (og_live_…) in for the organisation named `org`.

        One that does not exist yet is made with `plan`, `credits` and `slots` (None: as the plan says).
        """
        if not key.startswith("og_live_"):
            raise ValueError("Origami's keys begin with og_live_")
        found = self.orgs.get(org)
        if found is None:
            limits = PLANS[plan]
            free = limits.concurrent_runs if slots is None else slots
            found = Org(id=self.new_id(), name=org, plan=limits, credits=credits, slots=free)
            self.orgs[org] = found
        self.keys[key] = found
        return found

    def hold_slots(self, org: str, count: int, *, name: str = "Roofers in Austin") -> None:
        """Let colleagues in Origami's app hold `count` of the organisation's slots; 0 gives them back."""
        started = self.clock.wall() - 60
        self.orgs[org].held = [Session(self.new_id(), name, started) for _ in range(count)]

    def new_id(self) -> str:
        """A fresh UUID."""
        return str(self.settings.new_id())

    def random_for(self, *names: object) -> random.Random:
        """The randomness that belongs to `names`: the same for the same seed and names."""
        return random.Random(":".join(map(str, (self.settings.seed, *names))))  # noqa: S311 - invented data # nosec B311

    def add_container(self, org: Org, name: str, *, container_id: str | None = None) -> Container:
        """Make a session container."""
        container = Container(container_id or self.new_id(), org, name, self.clock.wall())
        self.containers[container.id] = container
        return container

    def add_agent(self, agent: Agent) -> None:
        """Remember a new agent."""
        self._agents[agent.id] = agent

    def add_run(self, run: Run) -> None:
        """Let a run begin."""
        run.agent.runs.append(run)
        self._live.append(run)

    def add_table(self, table: Table) -> None:
        """Remember a new table."""
        self._tables[table.id] = table

    def agents(self, org: Org) -> list[Agent]:
        """The organisation's agents, newest first."""
        self.settle()
        return [agent for agent in reversed(self._agents.values()) if agent.org is org]

    def agent(self, org: Org, agent_id: str) -> Agent:
        """One agent, or 404 AGENT_NOT_FOUND."""
        self.settle()
        found = self._agents.get(agent_id)
        if found is None or found.org is not org:
            raise not_found("Agent")
        return found

    def run(self, org: Org, agent_id: str, run_id: str) -> Run:
        """One run of an agent, or 404 RUN_NOT_FOUND."""
        try:
            runs = self.agent(org, agent_id).runs
        except RefusalError:
            runs = []
        found = next((run for run in runs if run.id == run_id), None)
        if found is None:
            raise not_found("Run")
        return found

    def tables(self, org: Org) -> list[Table]:
        """The organisation's tables, newest first."""
        self.settle()
        return [table for table in reversed(self._tables.values()) if table.org is org]

    def table(self, org: Org, table_id: str) -> Table:
        """One table, or 404 TABLE_NOT_FOUND."""
        self.settle()
        found = self._tables.get(table_id)
        if found is None or found.org is not org:
            raise not_found("Table")
        return found

    def container(self, org: Org, container_id: str) -> Container:
        """One container, or 404 WORKSPACE_NOT_FOUND."""
        found = self.containers.get(container_id)
        if found is None or found.org is not org:
            raise not_found("Workspace")
        return found

    def runs(self, org: Org | None = None) -> list[Run]:
        """All runs that were ever admitted, oldest first, of one organisation or of all."""
        self.settle()
        every = (run for agent in self._agents.values() for run in agent.runs)
        return sorted(
            (run for run in every if org is None or run.agent.org is org), key=lambda run: run.started
        )

    def active_sessions(self, org: Org) -> list[Session]:
        """Who holds the organisation's slots now: colleagues in the app, then runs."""
        self.settle()
        live = (run for run in self._live if run.agent.org is org)
        return org.held + [Session(run.agent.id, run.agent.name, run.started) for run in live]

    def settle(self) -> None:
        """Bring every run to where it stands at this moment."""
        work = self.clock.work()
        for run in self._live:
            settle(run, work, self)
        self._live = [run for run in self._live if run.is_running]

    def _add_reserved_keys(self) -> None:
        for plan in PLANS:
            self.add_key(f"og_live_{plan}", org=plan, plan=plan)
        barred = self.add_key("og_live_no_subscription", org="no subscription", plan="starter")
        barred.barred = lambda: subscription_required(self.app_url)
        self.add_key("og_live_no_credits", org="no credits", credits=2.0)
        unable = self.add_key("og_live_budget_exceeded", org="budget exceeded")
        unable.unable_to_run = partial(budget_exceeded, "Marketing Q3")
        for reason in ("payment_failed", "spend_limit_reached", "settlement_pending"):
            blocked = self.add_key(f"og_live_{reason}", org=reason.replace("_", " "))
            blocked.unable_to_run = partial(account_blocked, reason)
        self.add_key("og_live_no_slots", org="no slots", plan="starter")
        self.hold_slots("no slots", 1)
