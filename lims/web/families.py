"""The page families. Each module has `urls`; it may have `places` (header), `due(user, now)` (home), and
`finds` (the search box): prefixes of accession numbers and the names of the pages that take them."""

from types import ModuleType

from lims.web import (
    adjudication,
    bench,
    corrections,
    disposals,
    downtime,
    enrolment,
    flow,
    institutions,
    item_queries,
    jobs,
    ledger,
    parcel_items,
    parcels,
    patients,
    people_pages,
    putting,
    reading,
    receipt,
    statistics,
    store,
    tissue,
    tokens,
    trials,
)

FAMILIES: tuple[ModuleType, ...] = (
    reading,
    adjudication,
    enrolment,
    parcels,
    receipt,
    parcel_items,
    item_queries,
    downtime,
    bench,
    putting,
    store,  # after putting: its address takes any place's number
    disposals,
    tissue,
    corrections,
    flow,
    statistics,
    people_pages,
    institutions,
    trials,
    jobs,
    ledger,
    tokens,
    patients,  # last: its address takes any trial and study id
)
