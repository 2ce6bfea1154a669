"""The kidney cohort's rows as the source records them, one frozen dataclass a table.

None is "the source is blank", never 0. Days are counted from the pathologic diagnosis, whose
year alone is known: the source gives no calendar date of surgery, so none stands here.
Barcodes are lower case, as in the source tables; a site's code is upper case.
"""

from dataclasses import dataclass
from datetime import date

SLIDE_SUM = ("tumour_cells", "normal", "stroma", "necrosis")


@dataclass(frozen=True, slots=True)
class Site:
    """A tissue source site; `used` when a patient of the cohort comes from it. "NA" is a code."""

    code: str
    name: str
    study: str
    used: bool


@dataclass(frozen=True, slots=True)
class PatientRow:
    """One patient; laboratory values are the source's words (low, normal, elevated, ...)."""

    barcode: str
    site: str
    sex: str
    age: int | None
    diagnosis_year: int | None
    local_type: str
    icd_o_3: str
    topography: str
    laterality: str
    grade: str
    stage: str
    pathologic_m: str
    karnofsky: int | None
    ecog: int | None
    ldh: str
    haemoglobin: str
    calcium: str
    platelets: str
    white_cells: str
    neoadjuvant: str
    consented: bool
    withdrawn: bool
    vital_status: str
    days_to_death: int | None
    days_to_last_contact: int | None


@dataclass(frozen=True, slots=True)
class SampleRow:
    """One sample. kind: primary, metastasis or normal; tissue: tumour, solid normal or blood.

    preservation: ffpe, oct or frozen; None for blood, where it is no question.
    """

    barcode: str
    patient: str
    kind: str
    tissue: str
    source_type: str
    preservation: str | None
    days_to_collection: int | None


@dataclass(frozen=True, slots=True)
class PortionRow:
    """One portion (block) of a sample; weight in milligrams."""

    barcode: str
    sample: str
    patient: str
    created: date
    ffpe: bool
    weight: str


@dataclass(frozen=True, slots=True)
class Face:
    """One source row of a slide: the face of one portion, cut at its top or bottom."""

    portion: str
    section_location: str


@dataclass(frozen=True, slots=True)
class SlideRow:
    """One slide with the one or two faces it shows, and the core reader's percentages (0 to 100)."""

    barcode: str
    patient: str
    faces: tuple[Face, ...]
    tumour_nuclei: int | None
    tumour_cells: int | None
    normal: int | None
    stroma: int | None
    necrosis: int | None
    lymphocyte: int | None
    monocyte: int | None
    neutrophil: int | None

    @property
    def portions(self) -> tuple[str, ...]:
        """The portion barcodes this slide shows, one or two."""
        return tuple(face.portion for face in self.faces)

    @property
    def section_location(self) -> str:
        """Where the first face was cut: top or bottom."""
        return self.faces[0].section_location

    @property
    def of_four(self) -> tuple[int | None, ...]:
        """Tumour, normal, stroma and necrosis: the four that should sum to 100."""
        return (self.tumour_cells, self.normal, self.stroma, self.necrosis)


@dataclass(frozen=True, slots=True)
class AliquotRow:
    """An extract shipped by the core to a centre; `portion` may name a portion the cohort lacks."""

    barcode: str
    patient: str
    portion: str
    shipped: date
    centre: str
    plate: str
    well: str


@dataclass(frozen=True, slots=True)
class PortionShipmentRow:
    """A portion shipped by the core to a centre, under the barcode of the shipment."""

    barcode: str
    patient: str
    portion: str
    shipped: date
    centre: str
    plate: str


@dataclass(frozen=True, slots=True)
class DiagnosticSlideRow:
    """An FFPE diagnostic slide of the tissue source site: an identifier, no percentages."""

    uuid: str
    patient: str


@dataclass(frozen=True, slots=True)
class SiteEstimate:
    """The source site's own percentages of a sample, to set beside the core's."""

    patient: str
    sample: str
    tumour_nuclei: int | None
    necrosis: int | None
    procedure: str


@dataclass(frozen=True, slots=True)
class Ca9Row:
    """CA9 messenger RNA of a tumour, log2. This is not staining."""

    sample: str
    patient: str
    ca9_log2: float
