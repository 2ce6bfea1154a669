"""The shapes of the synthetic part of the demo: what happens to each patient's tumour block."""

from dataclasses import dataclass, field
from datetime import date

from lims.demo.parcels import Parcel
from lims.demo.sections import Section, StainRun
from lims.demo.truth import Truth


@dataclass(frozen=True, slots=True)
class Read:
    """One reader's two reads of a patient's sections. reader: A or B; findings as in `Opinion`."""

    reader: str
    on: date
    histology: dict[str, str]
    caix: dict[str, str]
    synthetic: bool = True


@dataclass(frozen=True, slots=True)
class Adjudication:
    """What the adjudicator decides alone; take the assays named in `PatientPlan.discordant_assays`."""

    on: date
    histology: dict[str, str]
    caix: dict[str, str]
    synthetic: bool = True


@dataclass(frozen=True, slots=True)
class PatientPlan:
    """What happens to one patient's tumour block, as far as its stage goes.

    stage: one of OPEN_STAGES or "concluded". sections: those cut, the failed run's included; the
    last of each stain is the one read. discordant: reasons over both assays, as generated.
    """

    patient: str
    portion: str
    stage: str
    sections: tuple[Section, ...]
    reads: tuple[Read, ...]
    discordant: tuple[str, ...]
    adjudication: Adjudication | None
    truth: Truth = field(repr=False)
    synthetic: bool = True

    @property
    def discordant_assays(self) -> tuple[str, ...]:
        """Which of histology and caix the two readers differ on."""
        stained = {"caix_straddles", "caix_points", "evaluability"}
        assays = {"caix" if reason in stained else "histology" for reason in self.discordant}
        return tuple(assay for assay in ("histology", "caix") if assay in assays)

    def read_section(self, stain: str) -> Section | None:
        """The section of this stain (he, caix) that is read: the last one cut."""
        cut = [section for section in self.sections if section.stain == stain]
        return cut[-1] if cut else None


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything synthetic: runs in stain order, one plan a patient in the blocks' order, parcels by day."""

    runs: tuple[StainRun, ...]
    patients: tuple[PatientPlan, ...]
    parcels: tuple[Parcel, ...]
    synthetic: bool = True
