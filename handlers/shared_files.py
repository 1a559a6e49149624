"""Files as Slack describes them beside messages and in forms."""

from __future__ import annotations

from bot.runs.attachments import SharedFile


def shared_files(described: object) -> tuple[SharedFile, ...]:
    """What a list of Slack's file objects names; of another organisation's file there may be only an id."""
    items = described if isinstance(described, list) else []
    return tuple(
        SharedFile(
            id=str(item["id"]),
            name=str(item.get("name") or item.get("title") or ""),
            filetype=str(item.get("filetype") or ""),
            size=item["size"] if isinstance(item.get("size"), int) else 0,
        )
        for item in items
        if isinstance(item, dict) and item.get("id")
    )
