"""The one definition of every export: portable SQL over the facts, one expression a column.

Every format, PostgreSQL and SQLite all run this statement; only how a value is spelled differs (`spelling`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from lims.export.columns import PATIENTS
from lims.export.table import Table, filled, quoted
from lims.export.tables import LONG
from lims.export.tables.shared import UNDISPUTED
from lims.outcomes import latest_releases
from scoring.rules.editions import CURRENT, Edition
from specimens.errors import Invalid
from specimens.models import Institution, Trial
from specimens.scope import Scope

SYNTHETIC = "p.synthetic OR coalesce(s.synthetic, FALSE) OR coalesce(o.synthetic, FALSE)"
EXPRESSIONS: dict[str, str] = {
    "trial": "t.code",
    "study_id": "p.study_id",
    "synthetic": SYNTHETIC,
    "synthetic_parts": "substr("
    "CASE WHEN p.synthetic THEN '|patient' ELSE '' END || CASE WHEN s.synthetic THEN '|score' ELSE '' END"
    " || CASE WHEN o.synthetic THEN '|outcome' ELSE '' END, 2)",
    "treating_site": "site.code",
    "enrolled_on": "p.enrolled_on",
    "basis": "ps.basis",
    "specimen": "sp.accession",
    "specimen_kind": "sp.kind",
    "histologic_type": "s.histologic_type",
    "clear_cell": "s.clear_cell",
    "alveolar_percent": "s.alveolar",
    "granular_percent": "s.granular",
    "papillary_percent": "s.papillary",
    "caix_percent": "s.caix",
    "caix_evaluable": "s.caix_evaluable",
    "h_score": "s.h_score",
    "histology_decided": "s.histology_how",
    "caix_decided": "s.caix_how",
    "risk": "s.risk",
    "possible_risks": "s.possible_risks",
    "caix_level": "s.caix_level",
    "compartment": "s.compartment",
    "il2_eligibility": "s.eligibility",
    "reasons": "s.reasons",
    "missing": "s.missing",
    "model": "ps.model",
    "edition": "ps.edition",
    "scored_at": "ps.computed_at",
    "release": "r.name",
    "data_cut": "r.cut_on",
    "arm": "o.arm",
    "regimen": "o.regimen",
    "response": "o.response",
    "response_days": "o.response_days",
    "pfs_time": "o.pfs_time",
    "pfs_event": "o.pfs_event",
    "os_time": "o.os_time",
    "os_event": "o.os_event",
    "time_origin": "o.time_origin",
    "time_unit": "o.time_unit",
    "reads_before_first_outcome": "reads.last_signed < arrived.first_import",
    "investigational": "{investigational}",
}
CURRENT_SCORE = (
    "(SELECT patient_id, score_id, basis, model, edition, computed_at,"
    " row_number() OVER (PARTITION BY patient_id ORDER BY id DESC) AS age"
    " FROM scoring_patientscore WHERE model = %s AND edition = %s {as_of})"
)
FROM = """
  FROM specimens_patient p
  JOIN specimens_trial t ON t.id = p.trial_id
  JOIN specimens_institution site ON site.id = p.treating_site_id
  LEFT JOIN {current} ps ON ps.patient_id = p.id AND ps.age = 1
  LEFT JOIN scoring_score s ON s.id = ps.score_id {undisputed}
  LEFT JOIN specimens_specimen sp ON sp.id = s.specimen_id
  LEFT JOIN lims_outcome o ON o.patient_id = p.id AND o.release_id IN ({releases})
  LEFT JOIN lims_outcomerelease r ON r.id = o.release_id
  LEFT JOIN (SELECT x.patient_id, min(y.imported_at) AS first_import
               FROM lims_outcome x JOIN lims_outcomerelease y ON y.id = x.release_id
              GROUP BY x.patient_id) arrived ON arrived.patient_id = p.id
  LEFT JOIN (SELECT z.patient_id, max(v.signed_at) AS last_signed
               FROM scoring_read v JOIN scoring_readingcase c ON c.id = v.case_id AND c.repeats_id IS NULL
               JOIN specimens_specimen z ON z.id = c.specimen_id
              GROUP BY z.patient_id) reads ON reads.patient_id = p.id
"""
WHERE = """
 WHERE NOT EXISTS (SELECT 1 FROM specimens_patientmerge m WHERE m.duplicate_id = p.id)
   AND NOT EXISTS (SELECT 1 FROM specimens_consent k JOIN specimens_consentwithdrawal w ON w.consent_id = k.id
                    WHERE k.patient_id = p.id AND k.scope = 'this_study')"""


NARROWS = {"risk": "s.risk", "release": "r.name", "assay": "c.assay"}
"""The filters of long tables and their columns; a table takes those it names."""
TIDY = Table(
    "patients", "One row a patient.", tuple((column, EXPRESSIONS[column.name]) for column in PATIENTS), FROM,
    "ps.computed_at", "p.id", ("trial", "study_id"), filters=frozenset({"risk", "release"}),
)  # fmt: skip
TABLES: dict[str, Table] = {TIDY.name: TIDY, **LONG}


@dataclass(frozen=True, slots=True)
class Asked:
    """What an export was asked for. Blank filters mean all; `edition` is the one whose scores are told."""

    scope: Scope
    trial: str = ""
    site: str = ""
    risk: str = ""
    release: str = ""
    assay: str = ""
    as_of: datetime | None = None
    edition: Edition = CURRENT
    safe: bool = False
    """De-identified, as `safe_harbour` says."""
    enrolled_by: datetime | None = None
    """Patients enrolled later are left out; `as_of` alone keeps them, without what is not known of them yet."""


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with %s placeholders, and what fills them."""

    sql: str
    params: tuple[Any, ...]


def patients(asked: Asked) -> Statement:
    """One row a patient, raw values under the dictionary's names, in the order of the patients' ids."""
    columns = ", ".join(f'{sql} AS "{name}"' for name, sql in EXPRESSIONS.items())
    return completed(f"SELECT {columns}", asked, " ORDER BY p.id")


def count(asked: Asked) -> Statement:
    """How many rows `patients` gives. Joins what the risk filter needs and nothing else."""
    source = FROM if asked.risk else "\n  FROM specimens_patient p"
    return completed("SELECT count(*)", asked, "", source)


def statement(table: Table, asked: Asked) -> Statement:
    """The rows of any table, raw values under the dictionary's names."""
    return patients(asked) if table is TIDY else long(table, asked)


def counting(table: Table, asked: Asked) -> Statement:
    """How many rows `statement` gives."""
    return count(asked) if table is TIDY else long(table, asked, counted=True)


def long(table: Table, asked: Asked, *, counted: bool = False) -> Statement:
    """The rows of a long table, in the order in which they came to be."""
    columns = ", ".join(f'{sql} AS "{name}"' for name, sql in table.expressions.items())
    conditions, params = conditions_of(asked, NARROWS)
    body = f"{table.source}{WHERE}{table.conditions}\n   AND KNOWN({table.moment})"
    sql = filled(
        f"SELECT {'count(*)' if counted else columns}{body}", connection.vendor, asked.as_of, asked.edition.statement
    )
    return Statement(sql + "".join(conditions) + ("" if counted else f" ORDER BY {table.order}"), tuple(params))


def completed(select: str, asked: Asked, order: str, source: str = FROM) -> Statement:
    conditions, wanted = conditions_of(asked, {"risk": "s.risk"})
    joined, given = joined_with(source, asked)
    statement = select.replace("{investigational}", quoted(asked.edition.statement).replace("%", "%%"))
    return Statement(statement + joined + WHERE + "".join(conditions) + order, (*given, *wanted))


def joined_with(source: str, asked: Asked) -> tuple[str, list[Any]]:
    """The tables with the current score and the release filled in, and their parameters in order."""
    if "{current}" not in source:
        return source, []
    params: list[Any] = [asked.edition.model, asked.edition.edition]
    as_of = ""
    if asked.as_of:
        as_of = "AND computed_at <= %s"
        params.append(asked.as_of)
    releases = release_ids(asked)
    params += releases
    current = CURRENT_SCORE.format(as_of=as_of)
    undisputed = filled(UNDISPUTED, connection.vendor, asked.as_of, "") if asked.as_of else ""
    marks = ", ".join(["%s"] * len(releases))
    return source.format(current=current, releases=marks, undisputed=undisputed), params


def release_ids(asked: Asked) -> list[int]:
    """The release that speaks for each trial; Invalid when one was named that no trial has."""
    found = latest_releases(name=asked.release, as_of=asked.as_of)
    if asked.release and not found:
        said = f"No outcome release is called “{asked.release[:60]}”; ask for one that was imported."
        raise Invalid("unknown_release", said, field="release")
    return sorted(found.values()) or [0]


def conditions_of(asked: Asked, narrows: dict[str, str]) -> tuple[list[str], list[Any]]:
    """SQL conditions of what was asked, and what fills them; `narrows` are the plain filters and their columns."""
    conditions: list[str] = []
    params: list[Any] = []
    if not asked.scope.everything:
        among = sorted(asked.scope.institutions or ()) or [0]
        conditions.append(f"\n   AND p.treating_site_id IN ({', '.join(['%s'] * len(among))})")
        params += among
    for column, found in (("trial_id", trial_id(asked.trial)), ("treating_site_id", site_id(asked))):
        if found is not None:
            conditions.append(f"\n   AND p.{column} = %s")
            params.append(found)
    if asked.enrolled_by:
        conditions.append("\n   AND p.enrolled_at <= %s")
        params.append(asked.enrolled_by)
    for name, column in narrows.items():
        if getattr(asked, name):
            conditions.append(f"\n   AND {column} = %s")
            params.append(getattr(asked, name))
    return conditions, params


def trial_id(code: str) -> int | None:
    return one_id(Trial.objects.filter(code__iexact=code), "trial", code) if code else None


def site_id(asked: Asked) -> int | None:
    """A site out of the viewer's reach does not exist for the viewer."""
    if not asked.site:
        return None
    found = Institution.objects.filter(code__iexact=asked.site)
    if not asked.scope.everything:
        found = found.filter(pk__in=asked.scope.institutions or ())
    return one_id(found, "site", asked.site)


def one_id(found: Iterable[Any], field: str, code: str) -> int:
    for each in found:
        return int(each.pk)
    raise Invalid(f"unknown_{field}", f"No {field} has the code “{code[:40]}”.", field=field)
