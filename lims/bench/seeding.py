"""Fills a throw-away database: whole patients, from consent to agreeing reads, many at a time and past the deeds.

Every row says synthetic where its table can. Never to be run on a database that anybody needs.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

from django.db import connection, transaction
from django.db.models import Model

from lims.bench.findings import Pair, pairs
from lims.bench.house import AT, BENCH, House
from scoring.models import Comparison, Read, ReadingCase
from scoring.rules.editions import CURRENT
from scoring.rules.findings import to_mapping
from scoring.rules.vocabulary import Assay
from specimens import identifiers
from specimens.accessions import take
from specimens.actors import acting
from specimens.models import Block, Consent, ControlResult, Patient, Slide, Specimen, Staining, StainRun
from specimens.shelving import add_rows
from specimens.vocabulary import ControlKind, Stain

CUT, STAINED = date(2025, 12, 1), date(2025, 12, 20)
PER_RUN = 24
BATCH = 5000
PATTERNS = 1000
Written = tuple[dict[str, object], dict[str, object]]
STAINS = ((Stain.HE, Assay.HISTOLOGY), (Stain.CAIX, Assay.CAIX))


class Seeder:
    """Adds patients to a house, the same ones for the same numbers."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.dice = Random(20261123)  # noqa: S311 - repeatable, not secret
        self.patients = 0

    def add(self, count: int, *, alike: bool = False) -> list[int]:
        """`count` more patients with one primary, one block, two slides; the ids of their specimens.

        Each was read for itself or, where only their number matters, some are alike.
        """
        added: list[int] = []
        while len(added) < count:
            with transaction.atomic(), acting(BENCH):
                added += self.batch(min(BATCH, count - len(added)), alike)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        return added

    def add_slides(self, specimen: int, count: int) -> None:
        """`count` more H&E slides of the specimen's first block, each read by both readers."""
        block = Block.objects.filter(specimen_id=specimen).order_by("id")[0]
        with transaction.atomic(), acting(BENCH):
            slides = self.stained([block.pk] * count, Stain.HE)
            found = [each[Assay.HISTOLOGY] for each in self.found(count, alike=True)]
            self.read([specimen] * count, slides, Assay.HISTOLOGY, found)

    def found(self, count: int, alike: bool) -> list[dict[Assay, Written]]:
        """What both readers wrote of `count` patients."""
        made = min(count, PATTERNS) if alike else count
        patterns = [{a: written(pair) for a, pair in pairs(self.dice).items()} for _ in range(made)]
        return [patterns[n % made] for n in range(count)]

    def batch(self, count: int, alike: bool) -> list[int]:
        patients = self.enrolled(count)
        specimens = self.accessioned(patients)
        blocks = rows(Block, "specimen_id", specimens, accession=take(identifiers.BLOCK, count), site_label="A1")
        found = self.found(count, alike)
        for stain, assay in STAINS:
            self.read(specimens, self.stained(blocks, stain), assay, [each[assay] for each in found])
        return specimens

    def enrolled(self, count: int) -> list[int]:
        first, self.patients = self.patients, self.patients + count
        numbers = range(first + 1, first + count + 1)
        sites = self.house.sites
        patients = rows(
            Patient, "study_id", [f"B-{n:06d}" for n in numbers], trial_id=self.house.trial.pk,
            treating_site_id=[sites[n % len(sites)] for n in numbers], enrolled_on=CUT,
        )  # fmt: skip
        rows(Consent, "patient_id", patients, scope="this_study", version="1", given_on=CUT, **self.recorded())
        return patients

    def accessioned(self, patients: Sequence[int]) -> list[int]:
        return rows(
            Specimen, "patient_id", patients, accession=take(identifiers.SPECIMEN, len(patients)), kind="primary",
            laterality="left", procedure="radical nephrectomy", procedure_on=CUT - timedelta(days=60),
            preservation="ffpe", holding_site_id=self.house.sites[0], site_label="S1",
        )  # fmt: skip

    def stained(self, blocks: Sequence[int], stain: Stain) -> list[int]:
        """One section of each block, stained in runs whose controls passed."""
        slides = rows(Slide, "block_id", blocks, accession=take(identifiers.SLIDE, len(blocks)), cut_on=CUT,
                      cut_at_core=True)  # fmt: skip
        self.in_runs(slides, stain)
        return slides

    def in_runs(self, slides: Sequence[int], stain: Stain) -> None:
        """These slides stained, in runs whose controls passed."""
        names = take(identifiers.RUN, -(-len(slides) // PER_RUN))
        runs = rows(StainRun, "accession", names, stain=str(stain), lot_id=self.house.lots[stain].pk,
                    stained_on=STAINED, **self.recorded())  # fmt: skip
        for kind in ControlKind:
            rows(ControlResult, "run_id", runs, kind=str(kind), passed=True, observed_on=STAINED, **self.recorded())
        mine = [runs[n // PER_RUN] for n in range(len(slides))]
        rows(Staining, "slide_id", slides, run_id=mine, section_age_days=(STAINED - CUT).days)

    def read(self, specimens: Sequence[int], slides: Sequence[int], assay: Assay, found: Sequence[Written]) -> None:
        """A case on each slide, two signed reads, and that they agree."""
        codes = [f"{slide:08d}" for slide in slides]
        cases = rows(ReadingCase, "code", codes, specimen_id=specimens, slide_id=slides, assay=str(assay))
        signed = [
            rows(
                Read, "case_id", cases, reader_id=reader.pk, role="reader", slot=slot + 1,
                findings=[both[slot] for both in found], signed_name=reader.printed_name,
                meaning="reading", method="synthetic, no password", digest=f"{slot}" * 64,
            )
            for slot, reader in enumerate(self.house.readers)
        ]  # fmt: skip
        rows(Comparison, "case_id", cases, first_id=signed[0], second_id=signed[1], edition=CURRENT.edition,
             discordant=False, discordances=[[]] * len(cases))  # fmt: skip

    def recorded(self) -> dict[str, Any]:
        return {"recorded_by_id": self.house.statistician.pk}


def written(pair: Pair) -> Written:
    return to_mapping(pair[0]), to_mapping(pair[1])


def rows(model: type[Model], column: str, values: Sequence[Any], **others: Any) -> list[int]:
    """A row for each of `values`; the other columns hold one value for all, a list of them, or their default.

    Moments that are not given are the bench's own. Returns the ids in order.
    """
    columns = {field.attname: constant(field) for field in model._meta.concrete_fields if not field.primary_key}
    columns |= {**others, column: values}
    lists = [each if isinstance(each, list) else [each] * len(values) for each in columns.values()]
    return add_rows(model, list(columns), list(zip(*lists, strict=True)))


def constant(field: Any) -> Any:
    if field.name == "synthetic":
        return True
    if field.get_internal_type() == "DateTimeField" and not field.null:
        return AT
    return field.get_default()
