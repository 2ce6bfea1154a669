"""What became of the patients, as the source records it: follow-up forms, drugs, two releases.

Days are counted from the pathologic diagnosis. None is "the source is blank or says a word".
"""

from dataclasses import dataclass
from datetime import date

from lims.demo.tables import number


@dataclass(frozen=True, slots=True)
class FollowUpRow:
    """A later follow-up form; vital_status is blank on two of them."""

    barcode: str
    patient: str
    completed: date
    vital_status: str
    days_to_death: int | None
    days_to_last_contact: int | None
    days_to_new_tumour: int | None
    tumour_status: str
    lost: str


@dataclass(frozen=True, slots=True)
class DrugRow:
    """One drug given, with its days from diagnosis."""

    barcode: str
    patient: str
    name: str
    therapy: str
    start_day: int | None
    end_day: int | None
    best_response: str


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """A patient's outcome in one release, in the source's own words, bracketed words included.

    The numbers are None where the release says a word.
    """

    patient: str
    release: str
    form_completed: str
    vital_status: str
    days_to_death_text: str
    days_to_last_contact_text: str
    stage: str
    treatment: str

    @property
    def days_to_death(self) -> int | None:
        """Days from diagnosis to death, None when the release says a word instead."""
        return number(self.days_to_death_text)

    @property
    def days_to_last_contact(self) -> int | None:
        """Days from diagnosis to last contact, None when the release says a word instead."""
        return number(self.days_to_last_contact_text)
