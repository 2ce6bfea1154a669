"""The page families. Each module has `urls`; it may have `places` (header), `due(user, now)` (home), and
`finds` (the search box): prefixes of accession numbers and the names of the pages that take them."""

from types import ModuleType

from lims.web import (
    adjudication,
    ask,
    bench,
    contacts,
    corrections,
    downtime,
    enrolment,
    flow,
    institutions,
    item_queries,
    jobs,
    labels,
    ledger,
    one_request,
    outbox,
    parcel_items,
    parcels,
    patients,
    people_pages,
    reading,
    receipt,
    reminders,
    requests,
    statistics,
    tissue,
    tokens,
    trials,
)

FAMILIES: tuple[ModuleType, ...] = (
    reading,
    adjudication,
    enrolment,
    ask,
    requests,
    one_request,  # after its sisters: its address takes any accession
    outbox,
    parcels,
    receipt,
    parcel_items,
    item_queries,
    downtime,
    bench,
    tissue,
    labels,
    corrections,
    flow,
    statistics,
    people_pages,
    institutions,
    contacts,
    trials,
    reminders,
    jobs,
    ledger,
    tokens,
    patients,  # last: its address takes any trial and study id
)
