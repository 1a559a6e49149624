"""The workspaces that the sandbox and the tests start with."""

from typing import Final

from bot.sandbox.local_slack.world import Channel, User, UserGroup, Workspace, World

HOME_TEAM: Final = "T0NORTHWND1"
PARTNER_TEAM: Final = "T0CONTOSO01"
CREATED: Final = 1_735_689_600

PEOPLE: Final = (
    User(user_id="U0ANAREP001", team_id=HOME_TEAM, alias="rep", name="ana", real_name="Ana Kovač"),
    User(
        user_id="U0BENCOLL01",
        team_id=HOME_TEAM,
        alias="colleague",
        name="ben",
        real_name="Ben Okafor",
        tz="Europe/London",
        tz_label="Greenwich Mean Time",
        tz_offset=0,
        locale="en-GB",
    ),
    User(
        user_id="U0CLAADMIN1",
        team_id=HOME_TEAM,
        alias="admin",
        name="clara",
        real_name="Clara Lindqvist",
        tz="Europe/Stockholm",
        tz_label="Central European Time",
        tz_offset=3600,
        is_admin=True,
        is_owner=True,
    ),
    User(
        user_id="U0GIAGUEST1",
        team_id=HOME_TEAM,
        alias="guest",
        name="gia",
        real_name="Gia Romano",
        tz="Europe/Rome",
        tz_label="Central European Time",
        tz_offset=3600,
        guest="multi",
    ),
    User(
        user_id="U0DOVOUTSI1",
        team_id=PARTNER_TEAM,
        alias="outsider",
        name="dov",
        real_name="Dov Mizrahi",
        tz="Asia/Jerusalem",
        tz_label="Israel Standard Time",
        tz_offset=7200,
    ),
    User(
        user_id="U0EVIADMIN2",
        team_id=PARTNER_TEAM,
        alias="other_admin",
        name="evi",
        real_name="Evi Papadaki",
        tz="Europe/Athens",
        tz_label="Eastern European Time",
        tz_offset=7200,
        locale="el-GR",
        is_admin=True,
        is_owner=True,
    ),
)
GROUPS: Final = (
    UserGroup(
        group_id="S0SALESTEAM",
        team_id=HOME_TEAM,
        handle="sales-team",
        name="Sales team",
        users=["U0ANAREP001", "U0CLAADMIN1"],
    ),
)
WITH_BOT: Final = frozenset(
    {"C0LEADS0001", "C0SALES0001", "C0OLDLEADS1", "C0PARTNERS1", "C0ANNOUNCE1", "C0EUROPE001"}
)


def default_world() -> World:
    """Two workspaces: Northwind (rep, colleague, admin, guest) and Contoso (outsider, other_admin).

    Northwind's channels: `#leads` (public, with the bot), `#general` (public, without it), `#sales` (private,
    with), `#finance` (private, without), `#old-leads` (archived), `#partners` (shared with Contoso),
    `#announcements` (read only). Contoso's: `#europe`. Northwind's user group: `@sales-team` (rep, admin).
    """
    world = World()
    for workspace in (
        Workspace(team_id=HOME_TEAM, name="Northwind", domain="northwind"),
        Workspace(team_id=PARTNER_TEAM, name="Contoso", domain="contoso"),
    ):
        world.workspaces[workspace.team_id] = workspace
    for person in PEOPLE:
        world.users[person.user_id] = User(**vars(person))
    for group in GROUPS:
        world.usergroups[group.group_id] = UserGroup(**(vars(group) | {"users": list(group.users)}))
    for channel in default_channels():
        channel.created, channel.creator = CREATED, min(channel.members)
        world.channels[channel.channel_id] = channel
    return world


def default_channels() -> list[Channel]:
    """The channels above, with their members but without the bot."""
    ours = {"U0ANAREP001", "U0BENCOLL01", "U0CLAADMIN1"}
    theirs = {"U0DOVOUTSI1", "U0EVIADMIN2"}
    return [
        Channel(channel_id="C0LEADS0001", team_id=HOME_TEAM, name="leads", members={*ours, "U0GIAGUEST1"}),
        Channel(channel_id="C0GENERAL01", team_id=HOME_TEAM, name="general", members=set(ours)),
        Channel(
            channel_id="C0SALES0001",
            team_id=HOME_TEAM,
            name="sales",
            kind="private",
            members={"U0ANAREP001", "U0CLAADMIN1"},
        ),
        Channel(
            channel_id="C0FINANCE01",
            team_id=HOME_TEAM,
            name="finance",
            kind="private",
            members={"U0ANAREP001", "U0CLAADMIN1"},
        ),
        Channel(
            channel_id="C0OLDLEADS1", team_id=HOME_TEAM, name="old-leads", members=set(ours), archived=True
        ),
        Channel(
            channel_id="C0PARTNERS1",
            team_id=HOME_TEAM,
            name="partners",
            members={"U0ANAREP001", "U0BENCOLL01", "U0CLAADMIN1", "U0DOVOUTSI1"},
            shared_with=(PARTNER_TEAM,),
        ),
        Channel(
            channel_id="C0ANNOUNCE1",
            team_id=HOME_TEAM,
            name="announcements",
            members=set(ours),
            read_only=True,
        ),
        Channel(channel_id="C0EUROPE001", team_id=PARTNER_TEAM, name="europe", members=set(theirs)),
    ]
