"""Turns one source row about a patient's course into one of the outcome dataclasses."""

from lims.demo.rows_outcome import DrugRow, FollowUpRow, OutcomeRow
from lims.demo.tables import day, number, registry_rows

Row = dict[str, str]


def follow_up(row: Row) -> FollowUpRow:
    return FollowUpRow(
        barcode=row["bcr_followup_barcode"],
        patient=row["bcr_patient_barcode"],
        completed=day(row, "*_of_form_completion"),
        vital_status=row["vital_status"],
        days_to_death=number(row["days_to_death"]),
        days_to_last_contact=number(row["days_to_last_followup"]),
        days_to_new_tumour=number(row["days_to_new_tumor_event_after_initial_treatment"]),
        tumour_status=row["person_neoplasm_cancer_status"],
        lost=row["lost_follow_up"],
    )


def drug(row: Row) -> DrugRow:
    return DrugRow(
        barcode=row["bcr_drug_barcode"],
        patient=row["bcr_patient_barcode"],
        name=row["drug_name"],
        therapy=row["therapy_types.therapy_type"],
        start_day=number(row["days_to_drug_therapy_start"]),
        end_day=number(row["days_to_drug_therapy_end"]),
        best_response=row["measure_of_response"],
    )


def outcomes(release: str) -> tuple[OutcomeRow, ...]:
    return tuple(_outcome(row, release) for row in registry_rows(f"release_{release}_clinical_patient"))


def _outcome(row: Row, release: str) -> OutcomeRow:
    therapy = "targeted_molecular_therapy" if release == "a" else "postoperative_rx_tx"
    return OutcomeRow(
        patient=row["bcr_patient_barcode"].lower(),
        release=release,
        form_completed=row["form_completion_date"],
        vital_status=row["vital_status"],
        days_to_death_text=row["days_to_death"],
        days_to_last_contact_text=row["days_to_last_followup"],
        stage=row["pathologic_stage"],
        treatment=row[therapy],
    )
