"""How far the assays of each specimen are, joined with what floor 1 knows, as one SQL statement a patient a row.

The parts are ordinary query sets; only their joining is spelled here. It runs alike on PostgreSQL and SQLite.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Value, When

from scoring.flow_stops import (
    CANCELLED,
    DECLINED,
    IN_ORDER,
    INADEQUATE,
    INADEQUATE_REASONS,
    NO_TISSUE,
    NO_TISSUE_REASONS,
    NOT_SENT,
    OPEN_STATES,
    QUARANTINED,
    Came,
    Consent,
    Facts,
    Level,
    Shelf,
)
from scoring.models import Read, ReadingCase, Score
from scoring.phases import open_disputes
from scoring.rules.editions import CURRENT
from scoring.rules.vocabulary import Assay, YesNo
from specimens import flow_facts, queries
from specimens.flow_facts import number
from specimens.models import ControlResult, Staining
from specimens.scope import Scope
from specimens.vocabulary import RequestState

SLOT_WEIGHT = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose tissue: patients treated within `scope`; codes of trial and treating site, blank for all."""

    scope: Scope
    today: date
    trial: str = ""
    site: str = ""


# ---- this floor's parts ----
def stainings() -> QuerySet[Any]:
    """(specimen, stain, run_id) of every stained slide."""
    return Staining.objects.order_by().values("run_id", specimen=F("slide__block__specimen_id"), stain=F("run__stain"))


def runs() -> QuerySet[Any]:
    """(run_id, kinds, bad): how many kinds of control have a latest result, and whether one of them failed."""
    newer = ControlResult.objects.filter(run_id=OuterRef("run_id"), kind=OuterRef("kind"), id__gt=OuterRef("id"))
    latest = ControlResult.objects.filter(~Exists(newer))
    bad = Max(number(When(passed=False, then=Value(1))))
    return latest.order_by().values("run_id").annotate(kinds=Count("kind"), bad=bad)


def standing_cases() -> QuerySet[Any]:
    """(id, specimen_id, assay, readers_required, run) of the case that stands for each specimen and assay."""
    mine = Q(slide__block__specimen_id=F("specimen_id"))
    newer = ReadingCase.objects.filter(
        mine,
        specimen_id=OuterRef("specimen_id"),
        assay=OuterRef("assay"),
        id__gt=OuterRef("id"),
        repeats__isnull=True,
    )
    found = ReadingCase.objects.filter(mine, ~Exists(newer), repeats__isnull=True).order_by()
    return found.values("id", "specimen_id", "assay", "readers_required", run=F("slide__staining__run_id"))


def places() -> QuerySet[Any]:
    """(case_id, filled): how many of a case's places for readers are taken; they fill in order and stay so."""
    first = Read.objects.filter(supersedes__isnull=True, slot__in=[1, 2])
    return first.order_by().values("case_id").annotate(filled=Max("slot"))


def inadequate() -> QuerySet[Any]:
    """(specimen, said): specimens whose current score rests on an inadequate section, and its reason's number above
    SLOT_WEIGHT times the place of who gave it: who decided is heard before the readers."""
    newer = Score.objects.filter(
        specimen_id=OuterRef("specimen_id"), model=CURRENT.model, edition=CURRENT.edition, id__gt=OuterRef("id")
    )
    found = Score.objects.filter(~Exists(newer), adequate=False, model=CURRENT.model, edition=CURRENT.edition)
    reasons = number(
        *(When(findings__inadequate_reason=reason.value, then=Value(n)) for n, reason in enumerate(INADEQUATE_REASONS)),
        default=len(INADEQUATE_REASONS) - 1,
    )
    later = ReadingCase.objects.filter(
        specimen_id=OuterRef("case__specimen_id"),
        assay=Assay.HISTOLOGY,
        id__gt=OuterRef("case_id"),
        repeats__isnull=True,
    )
    reads = Read.objects.filter(
        ~Exists(later),
        case__repeats__isnull=True,
        case__assay=Assay.HISTOLOGY,
        case__specimen_id__in=found.values("specimen_id"),
        successor__isnull=True,
        findings__adequate=YesNo.NO.value,
    )
    said = Max(F("slot") * SLOT_WEIGHT + reasons)
    return reads.order_by().values(specimen=F("case__specimen_id")).annotate(said=said)


def parts(today: date) -> dict[str, QuerySet[Any]]:
    """Each part of the statement that speaks of many rows, by the name it has there."""
    states = {state.value: n for state, n in OPEN_STATES.items()}
    states |= {RequestState.CANCELLED: CANCELLED, RequestState.NO_TISSUE: NO_TISSUE, RequestState.DECLINED: DECLINED}
    states[RequestState.NOT_SENT] = NOT_SENT
    reasons = {reason.value: n for n, reason in enumerate(NO_TISSUE_REASONS)}
    came = {each.name.lower(): each.value for each in Came}
    return {
        "consents": flow_facts.consents(Consent.GIVEN, Consent.WITHDRAWN),
        "requests": flow_facts.requests(states, reasons),
        "receipts": flow_facts.receipts(came),
        "announced": flow_facts.announced(came),
        "came_stained": flow_facts.came_stained(),
        "sections": flow_facts.newest_sections(unknown=today),
        "blocks": flow_facts.blocks_left(),
        "stainings": stainings(),
        "runs": runs(),
        "cases": standing_cases(),
        "places": places(),
    }


def exceptions() -> dict[str, str]:
    """What is true of few: asked for by itself, where an index finds them, and written into the statement."""
    disputes = sorted(set(open_disputes().values_list("case_id", flat=True)))
    return {
        "disputes (case_id)": values([(case,) for case in disputes], 1),
        "inadequate (specimen, said)": values(inadequate().values_list("specimen", "said"), 2),
    }


def values(rows: Iterable[tuple[int, ...]], width: int) -> str:
    """These whole numbers as SQL; without rows, one that fits nothing."""
    listed = [f"({', '.join(str(int(each)) for each in row)})" for row in rows]
    return f"VALUES {', '.join(listed)}" if listed else f"VALUES ({', '.join(['-1'] * width)})"


# ---- the statement ----
RUN_STATE = (
    f"CASE WHEN {{0}}.bad = 1 THEN {Level.FAILED} WHEN {{0}}.kinds >= 2 THEN {Level.STAINED} ELSE {Level.PENDING} END"
)
JOINED = f"""
levels AS (
  SELECT specimen, max(CASE WHEN assay = 'histology' THEN level ELSE 0 END) AS he,
         max(CASE WHEN assay = 'caix' THEN level ELSE 0 END) AS caix
    FROM (SELECT s.specimen, CASE WHEN s.stain = 'he' THEN 'histology' ELSE 'caix' END AS assay,
                 CASE WHEN s.stain = 'he' THEN {Level.STAINED} ELSE {RUN_STATE.format("r")} END AS level
            FROM stainings s LEFT JOIN runs r ON r.run_id = s.run_id
          UNION ALL SELECT specimen, 'histology', {Level.STAINED} FROM came_stained
          UNION ALL
          SELECT k.specimen_id, k.assay, CASE
                 WHEN k.assay = 'caix' AND (r.bad IS NULL OR r.bad = 1 OR r.kinds < 2) THEN {RUN_STATE.format("r")}
                 WHEN d.case_id IS NOT NULL THEN {Level.DISCORDANT}
                 WHEN coalesce(v.filled, 0) >= k.readers_required THEN {Level.CONCLUDED}
                 WHEN v.filled >= 1 THEN {Level.AWAITING_SECOND} ELSE {Level.AWAITING_FIRST} END
            FROM cases k LEFT JOIN runs r ON r.run_id = k.run LEFT JOIN places v ON v.case_id = k.id
            LEFT JOIN disputes d ON d.case_id = k.id) each
   GROUP BY specimen),
specimens AS (
  SELECT x.patient_id, coalesce(c.came, a.came, 0) AS came, coalesce(l.he, 0) AS he, coalesce(l.caix, 0) AS caix,
         CASE WHEN l.he = {Level.CONCLUDED} THEN i.said %% {SLOT_WEIGHT} END AS bad
    FROM specimens_specimen x LEFT JOIN receipts c ON c.specimen = x.id LEFT JOIN announced a ON a.specimen = x.id
    LEFT JOIN levels l ON l.specimen = x.id
    LEFT JOIN inadequate i ON i.specimen = x.id
   WHERE x.kind IN ('primary', 'metastasis')),
tissues AS (
  SELECT patient_id, max(CASE
         WHEN bad IS NOT NULL THEN {INADEQUATE} + bad
         WHEN he + caix = 0 AND came < {Came.QUARANTINED} THEN came
         WHEN he + caix = 0 AND came = {Came.QUARANTINED} THEN {QUARANTINED}
         ELSE {IN_ORDER} * (CASE WHEN he < caix THEN he ELSE caix END + 1) + 10 * he + caix END) AS tissue
    FROM specimens GROUP BY patient_id),
shelves AS (
  SELECT x.patient_id, max(CASE
         WHEN s.newest >= CASE t.section_age_limit_days WHEN -1 THEN s.newest {{limits}} END THEN {Shelf.SECTIONS}
         WHEN b.id IS NOT NULL THEN {Shelf.BLOCK}
         WHEN s.newest IS NOT NULL THEN {Shelf.TOO_OLD} ELSE {Shelf.NOTHING} END) AS shelf
    FROM specimens_block k JOIN specimens_specimen x ON x.id = k.specimen_id
    JOIN specimens_patient p ON p.id = x.patient_id JOIN specimens_trial t ON t.id = p.trial_id
    LEFT JOIN sections s ON s.block_id = k.id LEFT JOIN blocks b ON b.id = k.id
   WHERE x.kind IN ('primary', 'metastasis') GROUP BY x.patient_id),
facts AS (
  SELECT p.id, p.trial_id, p.treating_site_id, coalesce(c.consent, 0) AS consent, coalesce(r.asked, 0) AS asked,
         coalesce(r.request, 0) AS request, coalesce(t.tissue, 0) AS tissue,
         CASE WHEN t.tissue / {IN_ORDER} = 1 THEN coalesce(s.shelf, 0) ELSE 0 END AS shelf
    FROM specimens_patient p LEFT JOIN consents c ON c.patient_id = p.id LEFT JOIN requests r ON r.patient_id = p.id
    LEFT JOIN tissues t ON t.patient_id = p.id LEFT JOIN shelves s ON s.patient_id = p.id
   WHERE NOT EXISTS (SELECT 1 FROM specimens_patientmerge m WHERE m.duplicate_id = p.id){{narrowed}}),
keyed AS (
  SELECT id, trial_id, treating_site_id,
         (((consent * 2 + asked) * 100 + request) * 1000 + tissue) * 4 + shelf AS kind
    FROM facts)
"""  # noqa: S608 - our own words


def kind_of(facts: Facts) -> int:
    """The facts in one number, as the statement has it."""
    return (((facts.consent * 2 + facts.asked) * 100 + facts.request) * 1000 + facts.tissue) * 4 + facts.shelf


def facts_of(kind: int) -> Facts:
    kind, shelf = divmod(kind, 4)
    kind, tissue = divmod(kind, 1000)
    kind, request = divmod(kind, 100)
    return Facts(kind // 2, kind % 2, request, tissue, shelf)


def asked_for(select: str, asked: Asked, params: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The rows of `select`, which reads `keyed` (id, trial_id, treating_site_id, kind)."""
    named = {name: part.query.sql_with_params() for name, part in parts(asked.today).items()}
    narrowed, own = conditions(asked)
    limits, days = limits_on(asked.today)
    written = {name: sql for name, (sql, _) in named.items()} | exceptions()
    ctes = ", ".join(f"{name} AS ({sql})" for name, sql in written.items())
    statement = f"WITH {ctes}, {JOINED.format(narrowed=narrowed, limits=limits)} {select}"
    given = [value for _, values in named.values() for value in values]
    with for_many_rows(), connection.cursor() as cursor:
        cursor.execute(statement, [*given, *days, *own, *params])
        return cursor.fetchall()


PLANNING = "SET LOCAL enable_nestloop = off; SET LOCAL jit = off; SET LOCAL work_mem = '64MB'"


@contextmanager
def for_many_rows() -> Iterator[None]:
    """PostgreSQL cannot guess how many rows such parts give and would join them one by one: forbid that here."""
    if connection.vendor != "postgresql":
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(PLANNING)
        yield


def limits_on(today: date) -> tuple[str, list[Any]]:
    """For each limit that a trial sets: sections cut on that day or later are within it."""
    limits = queries.age_limits()
    days = [connection.ops.adapt_datefield_value(today - timedelta(days=limit)) for limit in limits]
    return " ".join(f"WHEN {limit} THEN %s" for limit in limits), days


def conditions(asked: Asked) -> tuple[str, list[Any]]:
    """What narrows the patients, in SQL, and its parameters."""
    found, params = "", list[Any]()
    if not asked.scope.everything:
        ids = sorted(asked.scope.institutions or {0})
        found += f" AND p.treating_site_id IN ({', '.join(['%s'] * len(ids))})"
        params += ids
    if asked.trial:
        found += " AND p.trial_id IN (SELECT id FROM specimens_trial WHERE upper(code) = upper(%s))"
        params.append(asked.trial)
    if asked.site:
        found += " AND p.treating_site_id IN (SELECT id FROM specimens_institution WHERE upper(code) = upper(%s))"
        params.append(asked.site)
    return found, params
