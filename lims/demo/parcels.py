"""Synthetic receipts: the parcels that bring real blocks and diagnostic slides from their sites.

The blocks and slides are real, courier, tracking number, days and condition are not; no public
source has them. A parcel of blocks arrives before the first of its portions was recorded at the core.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from lims.demo.chance import Chance
from lims.demo.kirc import Cohort
from lims.demo.sections import workday

MOST_ITEMS = 24
ODD_SHARE = 0.02
ODD = {"wet": 0.4, "broken": 0.3, "label_mismatch": 0.3}
COURIERS = ("Northline Courier", "Meridian Medical Freight", "Harbour Road Express")
INTACT, BROKEN = "intact", "broken"


@dataclass(frozen=True, slots=True)
class ParcelItem:
    """One line. kind: block (a portion's barcode) or he_slide (a diagnostic slide's identifier).

    condition is None when the item did not arrive; `announced` is False for one that came unannounced.
    """

    kind: str
    label: str
    patient: str
    condition: str | None
    announced: bool = True


@dataclass(frozen=True, slots=True)
class Parcel:
    """One parcel from a tissue source site to the core; received is None while it is awaited."""

    reference: str
    site: str
    courier: str
    tracking: str
    announced: date
    shipped: date
    received: date | None
    items: tuple[ParcelItem, ...]
    synthetic: bool = True


@dataclass(frozen=True, slots=True)
class _Thing:
    kind: str
    label: str
    patient: str
    site: str
    day: date


def parcels(cohort: Cohort, awaited: Collection[str], seed: int, as_of: date) -> tuple[Parcel, ...]:
    """Every solid-tissue block and diagnostic slide in one parcel, by site and month, in order of dispatch.

    The diagnostic slides of the `awaited` patients are announced and not received. One parcel of
    slides arrives one short, with one extra and one broken, a few days before `as_of`.
    """
    blocks = [_parcel(batch, seed) for batch in _batched(_blocks(cohort))]
    slides = list(_slides(cohort))
    came = [_parcel(batch, seed) for batch in _batched(s for s in slides if s.patient not in awaited)]
    under_way = [_parcel(batch, seed, as_of) for batch in _batched(s for s in slides if s.patient in awaited)]
    troubled = max((p for p in came if len(p.items) >= 4), key=lambda p: (p.shipped, p.reference))
    came = [_just_now(_short_extra_broken(p), as_of) if p is troubled else p for p in came]
    return tuple(sorted((*blocks, *came, *under_way), key=lambda p: (p.shipped, p.reference)))


def _blocks(cohort: Cohort) -> Iterable[_Thing]:
    solid = {sample.barcode for sample in cohort.samples if sample.tissue != "blood"}
    sites = {patient.barcode: patient.site for patient in cohort.patients}
    for portion in cohort.portions:
        if portion.sample in solid:
            yield _Thing("block", portion.barcode, portion.patient, sites[portion.patient], portion.created)


def _slides(cohort: Cohort) -> Iterable[_Thing]:
    """A diagnostic slide follows about six weeks after its patient's first portion."""
    first: dict[str, date] = {}
    for portion in cohort.portions:
        first[portion.patient] = min(portion.created, first.get(portion.patient, portion.created))
    sites = {patient.barcode: patient.site for patient in cohort.patients}
    for slide in cohort.diagnostic_slides:
        day = first[slide.patient] + timedelta(days=45)
        yield _Thing("he_slide", slide.uuid, slide.patient, sites[slide.patient], day)


def _batched(things: Iterable[_Thing]) -> list[list[_Thing]]:
    groups: dict[tuple[str, int, int], list[_Thing]] = defaultdict(list)
    for thing in things:
        groups[thing.site, thing.day.year, thing.day.month].append(thing)
    ordered = [sorted(group, key=lambda t: (t.day, t.label)) for _, group in sorted(groups.items())]
    return [group[at : at + MOST_ITEMS] for group in ordered for at in range(0, len(group), MOST_ITEMS)]


def _parcel(things: list[_Thing], seed: int, awaited_on: date | None = None) -> Parcel:
    first = things[0]
    chance = Chance(seed, first.label, "parcel")
    received = workday((awaited_on or first.day) - timedelta(days=chance.whole(1, 4)), -1)
    shipped = workday(received - timedelta(days=chance.whole(1, 3)), -1)
    arrived = awaited_on is None
    return Parcel(
        reference=f"SYN-{first.site}-{shipped:%Y%m%d}-{first.label[-11:]}",
        site=first.site,
        courier=chance.pick(COURIERS),
        tracking=f"SYN{chance.whole(0, 9999999999):010}",
        announced=workday(shipped - timedelta(days=1), -1),
        shipped=shipped,
        received=received if arrived else None,
        items=tuple(_item(thing, seed, arrived) for thing in things),
    )


def _item(thing: _Thing, seed: int, arrived: bool) -> ParcelItem:
    """Blocks come intact: their real slides were read. Of the slides a few do not."""
    chance = Chance(seed, thing.label, "condition")
    odd = thing.kind != "block" and chance.under(ODD_SHARE)
    condition = chance.weighted(ODD) if odd else INTACT
    return ParcelItem(thing.kind, thing.label, thing.patient, condition if arrived else None)


def _just_now(parcel: Parcel, as_of: date) -> Parcel:
    """The same parcel, of these days: somebody is still at it."""
    received = workday(as_of - timedelta(days=2), -1)
    shipped = workday(received - timedelta(days=2), -1)
    return replace(parcel, announced=workday(shipped - timedelta(days=1), -1), shipped=shipped, received=received)


def _short_extra_broken(parcel: Parcel) -> Parcel:
    first, second, *rest, last = parcel.items
    missing, broken = replace(first, condition=None), replace(second, condition=BROKEN)
    return replace(parcel, items=(missing, broken, *rest, replace(last, announced=False, condition=INTACT)))
