"""Believable people and businesses that do not exist, at addresses that are reserved for examples."""

import random
import re

from bot.sandbox.local_origami.script import ColumnSpec


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_FIRST = _words(
    "Amara Bruno Celine Dario Elif Farid Greta Hana Ivo Jolene Kofi Lena Marek Nadia Oren Priya Quentin "
    "Rosa Soren Talia Umar Vera Wanda Xiomara Yusuf Zofia"
)
_LAST = _words(
    "Abernathy Bellweather Castellane Drummond Eastlake Fairbourne Grenville Hollowell Inverness Jessamy "
    "Kettering Lindqvist Marchbanks Northcote Okonjo Pemberley Quillfeather Ravensworth Silverton "
    "Thistlewood Underhill Vandermeer Whitlock Yarrow Zellweg"
)
_ROOT = _words(
    "Amber Birch Cobalt Delta Ember Fable Grove Harbor Indigo Juniper Kestrel Lumen Maple Nimbus Onyx "
    "Pioneer Quarry Ridge Summit Timber"
)
_TAIL = _words("ledger loop stack wise path works flow signal forge desk line cast")
_TITLES = ("Founder & CEO", "Co-founder", "Co-founder & CTO", "Founder")
_STREETS = ("Alder Street", "Station Road", "Mill Lane", "Market Square", "Old Quay")

PEOPLE_COLUMNS = (
    ColumnSpec("Name", "name"),
    ColumnSpec("Title", "title"),
    ColumnSpec("Company", "company"),
    ColumnSpec("Website", "website"),
    ColumnSpec("City", "city"),
    ColumnSpec("Work email", "work-email", "enrichment"),
    ColumnSpec("LinkedIn", "linkedin", "enrichment"),
    ColumnSpec("Funding", "funding", "enrichment"),
    ColumnSpec("Fit", "fit", "score"),
)
BUSINESS_COLUMNS = (
    ColumnSpec("Business", "business"),
    ColumnSpec("Phone", "phone"),
    ColumnSpec("Website", "website"),
    ColumnSpec("Address", "address"),
    ColumnSpec("Owner", "owner", "enrichment"),
    ColumnSpec("Email", "email", "enrichment"),
    ColumnSpec("Fit", "fit", "score"),
)


def slug(name: str) -> str:
    """A name as Origami writes slugs: lower case, hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "table"


def person(rng: random.Random, place: str, *, seed_round: bool = True) -> dict[str, object]:
    """Values for PEOPLE_COLUMNS: one lead in five has no e-mail, as happens in life."""
    first, last = rng.choice(_FIRST), rng.choice(_LAST)
    company = rng.choice(_ROOT) + rng.choice(_TAIL)
    domain = f"{company.lower()}.example"
    raised = f"Seed, ${rng.randrange(8, 60) / 10:.1f}M, {rng.choice(('January', 'March', 'May', 'July'))}"
    return {
        "name": f"{first} {last}",
        "title": rng.choice(_TITLES),
        "company": company,
        "website": f"https://{domain}",
        "city": place,
        "work-email": f"{first.lower()}@{domain}" if rng.random() < 0.8 else None,
        "linkedin": f"https://linkedin.example/in/{slug(f'{first} {last}')}",
        "funding": raised if seed_round else None,
        "fit": rng.randrange(60, 100),
    }


def business(rng: random.Random, place: str, kind: str) -> dict[str, object]:
    """Values for BUSINESS_COLUMNS; the telephone numbers are from the range kept for fiction."""
    name = f"{rng.choice(_ROOT)} {rng.choice(('Street', 'Park', 'Quay', 'Hill'))} {kind.title()}"
    domain = f"{slug(name)}.example"
    return {
        "business": name,
        "phone": f"+1 512 555 01{rng.randrange(100):02d}",
        "website": f"https://{domain}",
        "address": f"{rng.randrange(1, 240)} {rng.choice(_STREETS)}, {place}",
        "owner": f"{rng.choice(_FIRST)} {rng.choice(_LAST)}",
        "email": f"hello@{domain}" if rng.random() < 0.7 else None,
        "fit": rng.randrange(55, 100),
    }
