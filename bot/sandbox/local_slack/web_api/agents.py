"""agents.sessions.* and assistant.threads.*."""

from typing import Any, Final

from bot.sandbox.local_slack.errors import SlackError
from bot.sandbox.local_slack.presentation import session_json
from bot.sandbox.local_slack.web_api.call import SPECIAL, TIER_3, Call, Method
from bot.sandbox.local_slack.world import AgentSession

Json = dict[str, Any]
STATUSES: Final = frozenset({"active", "processing", "suspended", "closed"})
TITLE_CHARACTERS: Final = 200
LOADING_MESSAGES: Final = 10
PROMPTS: Final = 4


def set_status(call: Call) -> Json:
    """The lifecycle status of a session, which is created if need be."""
    status = call.text("status", "")
    if status not in STATUSES:
        raise SlackError.with_messages("invalid_arguments", [f"[ERROR] invalid status: {status}"])
    session, created = session_of(call)
    if created and call.text("title", ""):
        session.title = title_of(call)
    session.status = status
    told(call, session)
    answer: Json = {"status": status, "agent_status": status, "title": session.title}
    if "agent_session_stopped" not in call.core.app.events:
        answer["warning"] = "missing_agent_session_stopped_event_subscription"
    return answer


def rename(call: Call) -> Json:
    """The title of a session that exists."""
    key = (call.text("channel_id"), call.text("thread_ts"))
    if key not in call.core.world.sessions:
        raise SlackError("session_not_found")
    session, _ = session_of(call)
    session.title = title_of(call)
    told(call, session)
    return {"title": session.title}


def assistant_status(call: Call) -> Json:
    """The older status line below a thread; an empty status clears it."""
    messages = call.json("loading_messages") or []
    if not isinstance(messages, list) or len(messages) > LOADING_MESSAGES:
        raise SlackError("invalid_arguments")
    session, _ = session_of(call)
    session.assistant_status = str(call.args.get("status") or "")
    session.loading_messages = [str(message) for message in messages]
    told(call, session)
    return {}


def suggested_prompts(call: Call) -> Json:
    """Prompts in the person's DM with the app."""
    channel = call.channel("channel_id")
    prompts = call.json("prompts")
    if not isinstance(prompts, list) or not 1 <= len(prompts) <= PROMPTS:
        raise SlackError("invalid_arguments")
    if any(not isinstance(p, dict) or not p.get("title") or not p.get("message") for p in prompts):
        raise SlackError("invalid_arguments")
    if channel.kind != "im":
        raise SlackError("method_not_supported_for_channel_type")
    shown = {"title": call.text("title", ""), "prompts": prompts}
    call.core.world.prompts[channel.channel_id, call.text("thread_ts", "")] = shown
    call.core.feed.publish("prompts", channel=channel.channel_id, **shown)
    return {}


def session_of(call: Call) -> tuple[AgentSession, bool]:
    """The session of the thread named by the arguments, and whether it is new."""
    if not call.core.app.is_agent:
        raise SlackError("not_allowed")
    channel = call.channel("channel_id")
    thread_ts = call.text("thread_ts")
    if call.bot.bot_user_id not in channel.members:
        raise SlackError("not_in_channel")
    if thread_ts not in channel.posted:
        raise SlackError("thread_not_found")
    key = (channel.channel_id, thread_ts)
    sessions = call.core.world.sessions
    created = key not in sessions
    if created:
        sessions[key] = AgentSession(
            channel_id=channel.channel_id, thread_ts=thread_ts, team_id=call.bot.team_id
        )
    return sessions[key], created


def title_of(call: Call) -> str:
    """The `title` argument, at most 200 characters."""
    title = call.text("title")
    if len(title) > TITLE_CHARACTERS:
        raise SlackError.with_messages("invalid_arguments", ["[ERROR] title is too long"])
    return title


def told(call: Call, session: AgentSession) -> None:
    """Publish the change."""
    call.core.feed.publish("session", session=session_json(session))


METHODS: Final = (
    Method("agents.sessions.setStatus", set_status, scopes=("chat:write",), per_minute=TIER_3),
    Method("agents.sessions.rename", rename, scopes=("chat:write",), per_minute=TIER_3),
    Method(
        "assistant.threads.setStatus",
        assistant_status,
        scopes=("chat:write", "assistant:write"),
        per_minute=SPECIAL,
    ),
    Method(
        "assistant.threads.setSuggestedPrompts",
        suggested_prompts,
        scopes=("assistant:write",),
        per_minute=SPECIAL,
    ),
)
