"""How the local Origami behaves."""

import ipaddress
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

DEFAULT_KEY = "og_live_local"


@dataclass(frozen=True, kw_only=True)
class LocalOrigamiSettings:
    """How the local Origami behaves; the defaults are Origami's own numbers.

    Times are seconds. `step_seconds` is the length of one scripted step at speed 1 and `speed` how fast
    scripted work passes; `slot_fallback_seconds` is the `Retry-After` of a full organisation that has no
    finished run yet (Origami: 60). Limits are requests a minute (Origami: 100 per organisation, 300 per
    address). `seed` decides the invented data; ids come from `new_id`, because ids that repeat after a
    restart would meet those that a client has stored. `app_url` is where links for people lead: None
    means the pages of this server. `now` gives Unix seconds.
    """

    host: str = "127.0.0.1"
    port: int = 0
    key: str = DEFAULT_KEY
    plan: str = "pro"
    credits: float = 2_000.0
    retry_after_seconds: float = 15
    slot_fallback_seconds: float = 60
    step_seconds: float = 2.0
    speed: float = 1.0
    seed: int = 1
    requests_per_minute: int = 100
    requests_per_minute_and_address: int = 300
    requests_remembered: int = 10_000
    app_url: str | None = "https://origami.chat"
    now: Callable[[], float] = time.time
    new_id: Callable[[], uuid.UUID] = uuid.uuid4

    def __post_init__(self) -> None:
        if not ipaddress.ip_address(self.host).is_loopback:
            raise ValueError(f"the local Origami listens on loopback only, not on {self.host}")
