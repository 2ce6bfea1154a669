"""The page families. Each module has `urls`; it may have `places` (header), `due(user, now)` (home), and
`finds` (the search box): prefixes of accession numbers and the names of the pages that take them."""

from types import ModuleType

from lims.web import (
    adjudication,
    bench,
    corrections,
    downtime,
    enrolment,
    flow,
    institutions,
    item_queries,
    jobs,
    ledger,
    manifests,
    parcel_items,
    parcels,
    patients,
    people_pages,
    reading,
    receipt,
    statistics,
    tissue,
    tokens,
    trials,
)

FAMILIES: tuple[ModuleType, ...] = (
    reading,
    adjudication,
    enrolment,
    parcels,
    manifests,
    receipt,
    parcel_items,
    item_queries,
    downtime,
    bench,
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
