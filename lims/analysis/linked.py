"""Linked patients, and what is told of them together: response by category, trend, subgroups, flow, gaps. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from statsmodels.stats.contingency_tables import Table

from lims.analysis.agreement import bland_altman, icc_2_1
from lims.analysis.contingency import Association, TwoByTwo, associate, proportion
from lims.analysis.survival import Subject

RESPONDED = {"CR": True, "PR": True, "R": True, "SD": False, "PD": False, "NE": False, "NR": False}
RISKS = ("good", "intermediate", "poor")
MARKERS = {
    "caix_percent": "CA-IX, % positive", "h_score": "CA-IX H-score", "alveolar_percent": "Alveolar, %",
    "granular_percent": "Granular, %", "papillary_percent": "Papillary, %",
}  # fmt: skip
ENDPOINTS = {"response": "Objective response", "os_event": "Death", "pfs_event": "Progression or death"}
Told = Mapping[str, object]
"""One patient: a row of the patients table, by the dictionary's names; unknown is None."""


@dataclass(frozen=True, slots=True)
class Share:
    """Responders among the patients of one group, with the exact interval."""

    group: str
    responders: int
    n: int
    low: float | None
    high: float | None

    @property
    def share(self) -> float | None:
        return self.responders / self.n if self.n else None


@dataclass(frozen=True, slots=True)
class Trend:
    """The linear-by-linear (Cochran-Armitage) test of response over ordered groups; None where it is undefined."""

    z: float | None
    p: float | None


@dataclass(frozen=True, slots=True)
class Subgroup:
    """The association of favourable against unfavourable with response among some patients."""

    name: str
    table: TwoByTwo
    said: Association


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the flow after REMARK: how many are left, and how many were lost on the way to it, and why."""

    name: str
    left: int
    lost: int
    why: str


@dataclass(frozen=True, slots=True)
class Gap:
    name: str
    missing: int
    n: int


def responded(row: Told) -> bool | None:
    return RESPONDED.get(str(row["response"] or ""))


def by_group(rows: Iterable[Told], column: str, groups: Sequence[str]) -> list[Share]:
    """Response in each group, in their order; patients without response or group are left out."""
    found = []
    for group in groups:
        here = [said for row in rows if row[column] == group and (said := responded(row)) is not None]
        found.append(Share(group, sum(here), len(here), *proportion(sum(here), len(here))))
    return found


def trend(shares: Sequence[Share]) -> Trend:
    counts = np.array([[share.responders, share.n - share.responders] for share in shares if share.n])
    if len(counts) < 2 or not counts.sum(axis=0).all():
        return Trend(None, None)
    found = Table(counts, shift_zeros=False).test_ordinal_association()
    return Trend(float(found.zscore), float(found.pvalue))


def two_by_two(rows: Iterable[Told], column: str, exposed: str, unexposed: str) -> TwoByTwo:
    count = Counter(
        (row[column] == exposed, said)
        for row in rows
        if row[column] in (exposed, unexposed) and (said := responded(row)) is not None
    )
    return TwoByTwo(count[True, True], count[True, False], count[False, True], count[False, False])


def forest(rows: Sequence[Told], columns: Mapping[str, str]) -> list[Subgroup]:
    """Favourable against unfavourable: all patients, then each value of each column (name to title)."""
    parts: list[tuple[str, Callable[[Told], bool]]] = [("all patients", lambda row: True)]
    parts += [
        (f"{title}: {value}", partial(has, column, value))
        for column, title in columns.items()
        for value in sorted({str(row[column]) for row in rows if row[column] is not None})
    ]
    found = []
    for name, takes in parts:
        table = two_by_two([row for row in rows if takes(row)], "compartment", "favourable", "unfavourable")
        if sum(map(sum, table.rows())):
            found.append(Subgroup(name, table, associate(table)))
    return found


def has(column: str, value: str, row: Told) -> bool:
    return row[column] == value


def subjects(rows: Iterable[Told], endpoint: str, by: str) -> list[Subject]:
    """Times to an endpoint (`os` or `pfs`) with the group of a column; without time, event or group left out."""
    return [
        Subject(float(str(row[f"{endpoint}_time"])), bool(row[f"{endpoint}_event"]), str(row[by]))
        for row in rows
        if row[f"{endpoint}_time"] is not None and row[f"{endpoint}_event"] is not None and row[by] is not None
    ]


def pairs(rows: Iterable[Told], marker: str, endpoint: str) -> list[tuple[float, bool]]:
    """(marker, outcome) of every patient who has both."""
    found = []
    for row in rows:
        said = responded(row) if endpoint == "response" else row[endpoint]
        if row[marker] is not None and said is not None:
            found.append((float(str(row[marker])), bool(said)))
    return found


def flow(rows: Sequence[Told]) -> list[Stage]:
    """The flow of patients after REMARK, item 12: each step keeps those of the step before that have what it asks."""
    steps: list[tuple[str, str, Callable[[Told], bool]]] = [
        ("enrolled", "", lambda row: True),
        ("tissue that can speak", "no specimen, or none adequate", lambda row: row["specimen"] is not None),
        ("histology decided", "not read, or still disputed", lambda row: row["histology_decided"] is not None),
        ("pathology risk decided", "an input is missing", lambda row: row["risk"] in RISKS),
        ("compartment decided", "CA-IX missing or not evaluable where it is needed",
         lambda row: row["compartment"] in ("favourable", "unfavourable")),
        ("response known", "no outcome, or response not recorded", lambda row: responded(row) is not None),
    ]  # fmt: skip
    found, here = [], list(rows)
    for name, why, keeps in steps:
        kept = [row for row in here if keeps(row)]
        found.append(Stage(name, len(kept), len(here) - len(kept), why if len(kept) < len(here) else ""))
        here = kept
    return found


def gaps(rows: Sequence[Told], columns: Sequence[str]) -> list[Gap]:
    return [Gap(name, sum(row[name] is None for row in rows), len(rows)) for name in columns]


@dataclass(frozen=True, slots=True)
class Compared:
    """Site against core over specimens that both estimated: mean difference (site less core) with Bland-Altman limits,
    and ICC(2,1); in points of percent, None where undefined."""

    name: str
    n: int
    mean_difference: float | None
    low: float | None
    high: float | None
    icc: float | None


def compared(pairs_by_name: Mapping[str, Sequence[tuple[float, float]]]) -> list[Compared]:
    """One line a percentage that has pairs."""
    found = []
    for name, told in pairs_by_name.items():
        limits = bland_altman(told)
        if told:
            found.append(Compared(
                name, len(told), limits.mean if limits else None, limits.low if limits else None,
                limits.high if limits else None, icc_2_1(told),
            ))  # fmt: skip
    return found
