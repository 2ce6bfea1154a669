"""The agreement report as rows: what pages offer as CSV and programs get as JSON, under the same names."""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from lims.analysis import figures
from lims.export.spelling import FORMULA
from scoring.agreement_desk import Opinion, Pair, Pairs
from scoring.rules.editions import Edition

Row = dict[str, Any]
SAID = ("adequate", "type", "risk", "grade", "evaluable", "caix", "level")


def figure_rows(found: Pairs, edition: Edition) -> list[Row]:
    return [asdict(each) for each in figures.figures(found)]


def slice_rows(slices: Sequence[figures.Slice]) -> list[Row]:
    rows = [asdict(each) for each in slices]
    for row in rows:
        row["lower_limit"], row["upper_limit"] = row.pop("limits") or (None, None)
    return rows


def pair_rows(found: Pairs, edition: Edition) -> list[Row]:
    """Each pair: who, when, what both said and what the case concluded with; then the repeats."""
    concluded = [pair_row(pair, "two readers") for pair in (*found.histology, *found.caix)]
    return concluded + [pair_row(pair, "repeat") for pair in found.repeats]


def pair_row(pair: Pair, kind: str) -> Row:
    row: Row = {"case": pair.code, "kind": kind, "assay": str(pair.assay), "month": pair.month}
    row |= {"reader_a": pair.readers[0], "reader_b": pair.readers[1]}
    for name in SAID:
        for side, opinion in (("a", pair.first), ("b", pair.second), ("concluded", pair.value or Opinion())):
            value = getattr(opinion, name)
            row[f"{name}_{side}"] = float(value) if name == "caix" and value is not None else value
    a, b = pair.first.caix, pair.second.caix
    apart = None if a is None or b is None else float(a - b)
    return row | {"difference": apart, "synthetic": pair.synthetic}


def bin_rows(found: Pairs, edition: Edition) -> list[Row]:
    return [
        {"mean_above": b.low, "mean_to": b.high, "pairs": b.n, "on_different_sides": b.apart, "share": b.share}
        for b in figures.around(found.caix, edition)
    ]


def drift_rows(found: Pairs, edition: Edition) -> list[Row]:
    return [asdict(each) | {"out": each.out} for each in figures.drift(found.caix)]


TABLES: dict[str, Callable[[Pairs, Edition], list[Row]]] = {
    "figures": figure_rows,
    "by_readers": lambda found, edition: slice_rows(figures.by_readers(found)),
    "by_month": lambda found, edition: slice_rows(figures.by_month(found)),
    "repeats": lambda found, edition: slice_rows(figures.by_repeats(found)),
    "around_cutoff": bin_rows,
    "drift": drift_rows,
    "pairs": pair_rows,
}


def as_csv(rows: Sequence[Row]) -> str:
    """Unknown is empty; what a spreadsheet would take for a formula gets an apostrophe before it."""
    text = io.StringIO()
    if rows:
        sheet = csv.DictWriter(text, list(rows[0]), lineterminator="\r\n")
        sheet.writeheader()
        sheet.writerows({name: spelled(value) for name, value in row.items()} for row in rows)
    return text.getvalue()


def spelled(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
