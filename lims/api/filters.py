"""What each list can be narrowed by. Nothing here reaches a read, an arm, an outcome or a local diagnosis."""

from collections.abc import Callable, Iterable
from typing import Any

from django.utils.timezone import localdate
from django_filters import rest_framework as by

from lims.vocabulary import Response
from scoring.rules.vocabulary import CaixLevel, Eligibility, Risk
from specimens import cutting_desk, inventory
from specimens.vocabulary import (
    AgeBand,
    DisposalKind,
    InstitutionRole,
    OrderState,
    PlaceKind,
    Presence,
    Preservation,
    SpecimenKind,
    Stain,
)
from specimens.whereabouts import found_at


class Filters(by.FilterSet):
    """What every list's filters are."""


def code(path: str, says: str) -> by.CharFilter:
    return by.CharFilter(field_name=path, lookup_expr="iexact", max_length=40, label=says)


def exactly(path: str, says: str) -> by.CharFilter:
    return by.CharFilter(field_name=path, max_length=40, label=says)


def one_of(path: str, enum: Any, says: str) -> by.ChoiceFilter:
    return by.ChoiceFilter(
        field_name=path, choices=[(word.value, word.value) for word in enum if word.value], label=says
    )


def day(path: str, lookup: str, says: str) -> by.DateFilter:
    """A calendar day as ISO 8601 writes it: no guessing between day and month."""
    return by.DateFilter(field_name=path, lookup_expr=lookup, input_formats=["%Y-%m-%d"], label=says)


class YesNo(by.ChoiceFilter):
    """yes or no, and nothing that merely looks like it."""

    def __init__(self, path: str, says: str) -> None:
        super().__init__(field_name=path, choices=[("yes", "yes"), ("no", "no")], label=says)

    def filter(self, qs: Any, value: str) -> Any:
        return super().filter(qs, value == "yes") if value else qs


class Absent(YesNo):
    """yes when the related row is there."""

    def filter(self, qs: Any, value: str) -> Any:
        return qs.filter(**{f"{self.field_name}__isnull": value == "no"}) if value else qs


TRIAL, SITE, STUDY_ID = "Code of the trial", "Code of the treating site", "Study id of the patient"


class InstitutionFilters(Filters):
    role = one_of("duties__role", InstitutionRole, "Institutions with this role")


class TrialFilters(Filters):
    synthetic = YesNo("synthetic", "Trials that are synthetic, or not")


class PatientFilters(Filters):
    trial = code("trial__code", TRIAL)
    site = code("treating_site__code", SITE)
    study_id = code("study_id", STUDY_ID)
    synthetic = YesNo("synthetic", "Patients that are synthetic, or not")


class SpecimenFilters(Filters):
    trial = code("patient__trial__code", TRIAL)
    study_id = code("patient__study_id", STUDY_ID)
    holding_site = code("holding_site__code", "Code of the site that holds the tissue")
    kind = one_of("kind", SpecimenKind, "Kind of specimen")
    preservation = one_of("preservation", Preservation, "How it is preserved")


class BlockFilters(Filters):
    trial = code("specimen__patient__trial__code", TRIAL)
    study_id = code("specimen__patient__study_id", STUDY_ID)
    specimen = exactly("specimen__accession", "Accession number of the specimen")


class SlideFilters(Filters):
    trial = code("block__specimen__patient__trial__code", TRIAL)
    study_id = code("block__specimen__patient__study_id", STUDY_ID)
    specimen = exactly("block__specimen__accession", "Accession number of the specimen")
    block = exactly("block__accession", "Accession number of the block")
    stain = one_of("staining__run__stain", Stain, "Stain of the slide")
    stained = Absent("staining", "Slides that have been stained, or not")


class Asked(by.ChoiceFilter):
    """Narrows by a function of the floor below: `ask(rows, word)`."""

    def __init__(self, words: Iterable[str], says: str, ask: Callable[[Any, str], Any]) -> None:
        self.ask = ask
        super().__init__(choices=[(word, word) for word in words], label=says)

    def filter(self, qs: Any, value: str) -> Any:
        return self.ask(qs, value) if value else qs


class SlideInventoryFilters(SlideFilters):
    age = Asked(
        [band.value for band in AgeBand],
        "Unstained slides whose age stands so to their trial's limits",
        lambda rows, word: inventory.of_age(rows, AgeBand(word), localdate()),
    )
    consent = Asked(inventory.CONSENTS, "Consent to this study", inventory.consenting)
    where = Asked(
        [each.value for each in Presence],
        "Where the slide is, seen from the core",
        lambda rows, word: found_at(rows, Presence(word)),
    )


class OrderFilters(Filters):
    trial = code("block__specimen__patient__trial__code", TRIAL)
    study_id = code("block__specimen__patient__study_id", STUDY_ID)
    block = exactly("block__accession", "Accession number of the block")
    stain = one_of("stain", Stain, "Stain the sections are for")
    state = Asked(
        [state.value for state in OrderState],
        "Orders that are open, cut or cancelled",
        lambda rows, word: cutting_desk.in_state(rows, OrderState(word)),
    )


class LotFilters(Filters):
    stain = one_of("stain", Stain, "Stain the lot is for")
    lot = exactly("lot", "Lot number")


class AssayFilters(Filters):
    stain = one_of("stain", Stain, "Stain the version is for")
    retired = Absent("retired_at", "Versions that are retired, or not")


class RunFilters(Filters):
    stain = one_of("stain", Stain, "Stain of the run")
    stained_from = day("stained_on", "gte", "Stained on this day or later")
    stained_to = day("stained_on", "lte", "Stained on this day or earlier")


class ShipmentFilters(Filters):
    sender = code("sender__code", "Code of the sender")
    receiver = code("receiver__code", "Code of the receiver")
    sent_from = day("sent_on", "gte", "Sent on this day or later")
    sent_to = day("sent_on", "lte", "Sent on this day or earlier")
    closed = Absent("closure", "Parcels that are done with, or not")


class PlaceFilters(Filters):
    kind = one_of("kind", PlaceKind, "Rooms, cabinets or drawers")
    inside = exactly("parent__accession", "Number of the place it stands in")
    retired = Absent("retired_at", "Places used no more, or those in use")


class DisposalFilters(Filters):
    kind = one_of("kind", DisposalKind, "Destroyed or consumed")
    answered = Absent("answer", "Proposals that were answered, or not")


class ScoreFilters(Filters):
    trial = code("patient__trial__code", TRIAL)
    site = code("patient__treating_site__code", SITE)
    study_id = code("patient__study_id", STUDY_ID)
    risk = one_of("score__risk", Risk, "Pathology risk")
    caix_level = one_of("score__caix_level", CaixLevel, "CA-IX level")
    il2_eligibility = one_of("score__eligibility", Eligibility, "IL-2 eligibility by the model")


class ReleaseFilters(Filters):
    trial = code("trial__code", TRIAL)


class OutcomeFilters(Filters):
    trial = code("patient__trial__code", TRIAL)
    site = code("patient__treating_site__code", SITE)
    study_id = code("patient__study_id", STUDY_ID)
    release = by.CharFilter(field_name="release__name", max_length=60, label="Name of the release")
    response = one_of("response", Response, "Best response")


class LocalDiagnosisFilters(Filters):
    trial = code("patient__trial__code", TRIAL)
    study_id = code("patient__study_id", STUDY_ID)
