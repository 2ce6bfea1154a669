"""Makes the compact copy of the kidney cohort that ships with the project.

    python -m lims.demo.compact SOURCE_DIR

reads the un-pivoted tables in SOURCE_DIR and writes one gzip file a table into
`lims/demo/cohort/`, with the columns named here, in this order. No value is changed and the
files are the same byte for byte each time (no time stamp inside).
"""

import csv
import gzip
import hashlib
import io
import sys
from pathlib import Path

COHORT = Path(__file__).parent / "cohort"
SUMS = "SHA256SUMS"

COLUMNS: dict[str, tuple[str, ...]] = {
    "patients.tsv": (
        "bcr_patient_barcode",
        "tissue_source_site",
        "gender",
        "age_at_initial_pathologic_diagnosis",
        "year_of_initial_pathologic_diagnosis",
        "histological_type",
        "icd_o_3_histology",
        "icd_o_3_site",
        "laterality",
        "neoplasm_histologic_grade",
        "stage_event.pathologic_stage",
        "stage_event.tnm_categories.pathologic_categories.pathologic_m",
        "karnofsky_performance_score",
        "eastern_cancer_oncology_group",
        "lactate_dehydrogenase_result",
        "hemoglobin_result",
        "serum_calcium_result",
        "platelet_qualitative_result",
        "white_cell_count_result",
        "history_of_neoadjuvant_treatment",
        "informed_consent_verified",
        "admin.patient_withdrawal.withdrawn",
        "vital_status",
        "days_to_death",
        "days_to_last_followup",
    ),
    "samples.tsv": (
        "bcr_patient_barcode",
        "ix1",
        "bcr_sample_barcode",
        "bcr_sample_uuid",
        "sample_type",
        "is_ffpe",
        "oct_embedded",
        "days_to_collection",
        "initial_weight",
    ),
    "portions.tsv": (
        "bcr_patient_barcode",
        "ix1",
        "ix2",
        "bcr_portion_barcode",
        "is_ffpe",
        "weight",
        "year_of_creation",
        "month_of_creation",
        "day_of_creation",
    ),
    "slides.tsv": (
        "bcr_patient_barcode",
        "ix1",
        "ix2",
        "ix3",
        "bcr_slide_barcode",
        "section_location",
        "is_derived_from_ffpe",
        "percent_tumor_nuclei",
        "percent_tumor_cells",
        "percent_normal_cells",
        "percent_stromal_cells",
        "percent_necrosis",
        "percent_lymphocyte_infiltration",
        "percent_monocyte_infiltration",
        "percent_neutrophil_infiltration",
    ),
    "shipment_portions.tsv": (
        "bcr_patient_barcode",
        "shipment_portion_bcr_aliquot_barcode",
        "center_id",
        "plate_id",
        "is_ffpe",
        "shipment_portion_year_of_shipment",
        "shipment_portion_month_of_shipment",
        "shipment_portion_day_of_shipment",
    ),
    "aliquots.tsv": (
        "bcr_aliquot_barcode",
        "center_id",
        "plate_id",
        "plate_row",
        "plate_column",
        "is_derived_from_ffpe",
        "year_of_shipment",
        "month_of_shipment",
        "day_of_shipment",
    ),
    "follow_ups.tsv": (
        "bcr_patient_barcode",
        "bcr_followup_barcode",
        "year_of_form_completion",
        "month_of_form_completion",
        "day_of_form_completion",
        "vital_status",
        "days_to_death",
        "days_to_last_followup",
        "days_to_new_tumor_event_after_initial_treatment",
        "person_neoplasm_cancer_status",
        "lost_follow_up",
    ),
    "diagnostic_slides.tsv": ("bcr_patient_barcode", "ix1", "ix2", "ffpe_slide_uuid"),
    "tumor_samples_ssf.tsv": (
        "bcr_patient_barcode",
        "bcr_sample_uuid",
        "tumor_nuclei_percent",
        "tumor_necrosis_percent",
        "method_of_sample_procurement",
        "days_to_sample_procurement",
    ),
    "tissue_source_sites.tsv": ("TSS Code", "Source Site", "Study Name", "BCR"),
    "drugs.tsv": (
        "bcr_patient_barcode",
        "bcr_drug_barcode",
        "drug_name",
        "therapy_types.therapy_type",
        "days_to_drug_therapy_start",
        "days_to_drug_therapy_end",
        "measure_of_response",
        "regimen_indication",
    ),
    "ca9_mrna.csv": ("sample_id", "patient_id", "CA9"),
}

# The two releases are matched by their second heading line: the first one swaps two columns.
RELEASES = ("release_a_clinical_patient.txt", "release_b_clinical_patient.txt")
RELEASE_COLUMNS = (
    "bcr_patient_barcode",
    "form_completion_date",
    "histological_type",
    "neoplasm_histologic_grade",
    "year_of_initial_pathologic_diagnosis",
    "pathologic_stage",
    "vital_status",
    "days_to_last_followup",
    "days_to_death",
    "karnofsky_performance_score",
    "lactate_dehydrogenase_result",
    "primary_lymph_node_presentation_assessment",
    "lymph_node_examined_count",
    "targeted_molecular_therapy",
    "postoperative_rx_tx",
    "tissue_source_site",
)


def main(source: Path) -> None:
    """Write every table of `source` compactly, and the list of checksums."""
    for name, columns in COLUMNS.items():
        _write(name, _table(source / name, columns, keep=_used_sites(source) if "sites" in name else None))
    for name in RELEASES:
        _write(name, _release(source / name))
    sums = [f"{_sha256(path)}  {path.name}" for path in sorted(COHORT.glob("*.csv.gz"))]
    (COHORT / SUMS).write_text("\n".join(sums) + "\n", encoding="utf-8")


def _table(path: Path, columns: tuple[str, ...], keep: set[str] | None) -> list[list[str]]:
    lines = _read(path)
    places = [lines[0].index(column) for column in columns]
    rows = [[line[place] for place in places] for line in lines[1:]]
    return [list(columns), *(row for row in rows if keep is None or row[0] in keep)]


def _release(path: Path) -> list[list[str]]:
    lines = _read(path)
    places = [lines[1].index(column) for column in RELEASE_COLUMNS if column in lines[1]]
    return [[line[place] for place in places] for line in lines]


def _used_sites(source: Path) -> set[str]:
    lines = _read(source / "patients.tsv")
    place = lines[0].index("tissue_source_site")
    return {line[place].upper() for line in lines[1:]} | {"NA"}


def _read(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, delimiter="," if path.suffix == ".csv" else "\t"))


def _write(name: str, lines: list[list[str]]) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    packed = gzip.compress(text.getvalue().encode("utf-8"), compresslevel=9, mtime=0)
    (COHORT / (Path(name).stem + ".csv.gz")).write_bytes(packed)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Name the folder that holds the source tables: python -m lims.demo.compact SOURCE_DIR")
    main(Path(sys.argv[1]))
