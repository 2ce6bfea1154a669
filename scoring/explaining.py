"""Why a score is what it is: the sentence, the tables, its reads and controls, what would change it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from scoring.models import Read, Score
from scoring.rules import types, why
from scoring.rules.editions import Edition, edition
from scoring.rules.model import Inputs, Verdict, assess
from scoring.rules.vocabulary import Assay, ClearCell
from scoring.views import ReadView, read_view
from specimens.actors import Actor
from specimens.deeds import require
from specimens.models import ControlResult


@dataclass(frozen=True, slots=True)
class ScoreWhy:
    """One score explained. `reads`: those it came from, decisions included; `sources`: as stored."""

    sentence: str
    statement: str
    edition: Edition
    verdict: Verdict
    inputs: Inputs
    conditions: tuple[why.Condition, ...]
    rows: tuple[why.CompartmentRow, ...]
    changes: tuple[why.Change, ...]
    reads: tuple[ReadView, ...]
    controls: tuple[ControlResult, ...]
    sources: Mapping[str, Any]


def score_why(viewer: Actor, score: Score) -> ScoreWhy:
    """Why `score` says what it says. Two queries. Raises Forbidden for who may not see scores."""
    require(viewer, "scoring.view_scores", "Scores are shown to coordinators and statisticians.")
    under = edition(score.model, score.edition)
    inputs = inputs_of(score)
    verdict = assess(inputs, under)
    return ScoreWhy(
        sentence=why.sentence(verdict),
        statement=under.statement,
        edition=under,
        verdict=verdict,
        inputs=inputs,
        conditions=why.conditions(inputs, under, type_label=type_label(score.histologic_type)),
        rows=why.compartment_rows(verdict, inputs, under),
        changes=why.what_would_change(inputs, under),
        reads=reads_of(score),
        controls=controls_of(score),
        sources=score.inputs,
    )


def inputs_of(score: Score) -> Inputs:
    """The rule's inputs as they were stored, unrounded."""
    values = dict(score.inputs["values"])
    clear_cell = values.pop("clear_cell")
    evaluable = values.pop("caix_evaluable")
    numbers = {name: None if value is None else Decimal(value) for name, value in values.items()}
    return Inputs(clear_cell=ClearCell(clear_cell) if clear_cell else None, caix_evaluable=evaluable, **numbers)


def type_label(key: str) -> str:
    term = types.BY_KEY.get(key)
    return f"{term.code} {term.label}" if term else ""


def parts_of(score: Score) -> list[dict[str, Any]]:
    """What is stored of each assay that the score came from."""
    return [part for part in (score.inputs["histology"], score.inputs["caix"]) if part]


def read_ids(score: Score) -> set[int]:
    """The reads it came from, decisions included."""
    return {pk for part in parts_of(score) for pk in (*part["reads"], part["decision"]) if pk}


def reads_of(score: Score) -> tuple[ReadView, ...]:
    found = Read.objects.filter(pk__in=read_ids(score))
    rows = found.select_related("case", "downtime_form").order_by("case__assay", "slot")
    return tuple(read_view(Assay(read.case.assay), read, stands=True, names=True) for read in rows)


def controls_of(score: Score) -> tuple[ControlResult, ...]:
    ids = {pk for part in parts_of(score) for pk in part.get("controls", [])}
    return tuple(ControlResult.objects.filter(pk__in=ids).select_related("run").order_by("id"))
