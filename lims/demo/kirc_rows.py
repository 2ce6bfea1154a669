"""Turns one source row into one of the cohort's dataclasses, and nothing else."""

from itertools import groupby

from lims.demo.rows import (
    AliquotRow,
    Face,
    PatientRow,
    PortionRow,
    PortionShipmentRow,
    SampleRow,
    Site,
    SiteEstimate,
    SlideRow,
)
from lims.demo.tables import day, number, rows

Row = dict[str, str]

TISSUES = {
    "primary tumor": ("primary", "tumour"),
    "additional - new primary": ("primary", "tumour"),
    "solid tissue normal": ("normal", "solid normal"),
    "blood derived normal": ("normal", "blood"),
    "metastatic": ("metastasis", "tumour"),
}


def sites(used: set[str]) -> tuple[Site, ...]:
    return tuple(
        Site(r["TSS Code"], r["Source Site"], r["Study Name"], r["TSS Code"] in used)
        for r in rows("tissue_source_sites")
    )


def patient(row: Row) -> PatientRow:
    return PatientRow(
        barcode=row["bcr_patient_barcode"],
        site=row["tissue_source_site"].upper(),
        sex=row["gender"],
        age=number(row["age_at_initial_pathologic_diagnosis"]),
        diagnosis_year=number(row["year_of_initial_pathologic_diagnosis"]),
        local_type=row["histological_type"],
        icd_o_3=row["icd_o_3_histology"],
        topography=row["icd_o_3_site"].upper(),
        laterality=row["laterality"],
        grade=row["neoplasm_histologic_grade"],
        stage=row["stage_event.pathologic_stage"],
        pathologic_m=row["stage_event.tnm_categories.pathologic_categories.pathologic_m"],
        karnofsky=number(row["karnofsky_performance_score"]),
        ecog=number(row["eastern_cancer_oncology_group"]),
        ldh=row["lactate_dehydrogenase_result"],
        haemoglobin=row["hemoglobin_result"],
        calcium=row["serum_calcium_result"],
        platelets=row["platelet_qualitative_result"],
        white_cells=row["white_cell_count_result"],
        neoadjuvant=row["history_of_neoadjuvant_treatment"],
        consented=row["informed_consent_verified"] == "yes",
        withdrawn=row["admin.patient_withdrawal.withdrawn"] == "true",
        vital_status=row["vital_status"],
        days_to_death=number(row["days_to_death"]),
        days_to_last_contact=number(row["days_to_last_followup"]),
    )


def sample(row: Row) -> SampleRow:
    kind, tissue = TISSUES[row["sample_type"]]
    frozen = "oct" if row["oct_embedded"] == "true" else "frozen"
    kept = "ffpe" if row["is_ffpe"] == "yes" else frozen
    return SampleRow(
        barcode=row["bcr_sample_barcode"],
        patient=row["bcr_patient_barcode"],
        kind=kind,
        tissue=tissue,
        source_type=row["sample_type"],
        preservation=None if tissue == "blood" else kept,
        days_to_collection=number(row["days_to_collection"]),
    )


def portion(row: Row, samples: dict[tuple[str, str], str]) -> PortionRow:
    return PortionRow(
        barcode=row["bcr_portion_barcode"],
        sample=samples[row["bcr_patient_barcode"], row["ix1"]],
        patient=row["bcr_patient_barcode"],
        created=day(row, "*_of_creation"),
        ffpe=row["is_ffpe"] == "yes",
        weight=row["weight"],
    )


def slides() -> tuple[SlideRow, ...]:
    """One slide a barcode: a barcode that stands under two portions shows the faces of both."""
    portions = {_place(r): r["bcr_portion_barcode"] for r in rows("portions")}

    def barcode(row: Row) -> str:
        return row["bcr_slide_barcode"]

    found = sorted(rows("slides"), key=lambda row: (barcode(row), row["ix2"]))
    return tuple(_slide(list(same), portions) for _, same in groupby(found, key=barcode))


def _slide(same: list[Row], portions: dict[tuple[str, str, str], str]) -> SlideRow:
    row = same[0]
    return SlideRow(
        barcode=row["bcr_slide_barcode"],
        patient=row["bcr_patient_barcode"],
        faces=tuple(Face(portions[_place(r)], r["section_location"]) for r in same),
        tumour_nuclei=number(row["percent_tumor_nuclei"]),
        tumour_cells=number(row["percent_tumor_cells"]),
        normal=number(row["percent_normal_cells"]),
        stroma=number(row["percent_stromal_cells"]),
        necrosis=number(row["percent_necrosis"]),
        lymphocyte=number(row["percent_lymphocyte_infiltration"]),
        monocyte=number(row["percent_monocyte_infiltration"]),
        neutrophil=number(row["percent_neutrophil_infiltration"]),
    )


def _place(row: Row) -> tuple[str, str, str]:
    return row["bcr_patient_barcode"], row["ix1"], row["ix2"]


def aliquot(row: Row) -> AliquotRow:
    barcode = row["bcr_aliquot_barcode"]
    return AliquotRow(
        barcode=barcode,
        patient=barcode[:12],
        portion=_portion_of(barcode),
        shipped=day(row, "*_of_shipment"),
        centre=row["center_id"],
        plate=row["plate_id"],
        well=f"{row['plate_row']}{row['plate_column']}",
    )


def portion_shipment(row: Row) -> PortionShipmentRow:
    barcode = row["shipment_portion_bcr_aliquot_barcode"]
    return PortionShipmentRow(
        barcode=barcode,
        patient=row["bcr_patient_barcode"],
        portion=_portion_of(barcode),
        shipped=day(row, "shipment_portion_*_of_shipment"),
        centre=row["center_id"],
        plate=row["plate_id"],
    )


def _portion_of(barcode: str) -> str:
    """The first five parts of a barcode without the analyte's letter: …-01a-01d-0858-01 is of …-01a-01."""
    return "-".join(barcode.split("-")[:5])[:19]


def site_estimate(row: Row, samples: dict[str, str]) -> SiteEstimate:
    return SiteEstimate(
        patient=row["bcr_patient_barcode"],
        sample=samples[row["bcr_sample_uuid"]],
        tumour_nuclei=number(row["tumor_nuclei_percent"]),
        necrosis=number(row["tumor_necrosis_percent"]),
        procedure=row["method_of_sample_procurement"],
    )
