"""A sheet of the items in one parcel."""

from lims.intake.sheets import Faults, cells_of
from specimens.announcing import AnnouncedItem
from specimens.errors import RowProblem
from specimens.vocabulary import ItemKind, Laterality, Preservation, SpecimenKind, Terms

REQUIRED = ("kind", "study_id", "specimen_label", "label")
COLUMNS = (
    *REQUIRED,
    "block_label",
    "cut_on",
    "terms",
    "due_back_on",
    "specimen_kind",
    "topography",
    "laterality",
    "procedure",
    "procedure_on",
    "preservation",
    "hospital_number",
)


def read_items(content: bytes, trial: str) -> tuple[list[AnnouncedItem], list[RowProblem]]:
    """The items of the sheet, all of `trial`, and what is wrong with them by themselves."""
    problems: list[RowProblem] = []
    items = [
        item_of(Faults(number, cells), trial, problems)
        for number, cells in enumerate(cells_of(content, required=REQUIRED, allowed=COLUMNS), start=1)
    ]
    return items, problems


def item_of(row: Faults, trial: str, problems: list[RowProblem]) -> AnnouncedItem:
    cells = row.cells
    if not cells["kind"]:
        row.say("kind", "Say what it is: block, unstained_slide, he_slide or aliquot.")
    item = AnnouncedItem(
        kind=row.word("kind", ItemKind, ItemKind.BLOCK),
        label=cells["label"],
        trial=trial,
        study_id=cells["study_id"],
        specimen_label=cells["specimen_label"],
        specimen_kind=row.word("specimen_kind", SpecimenKind, SpecimenKind.PRIMARY),
        topography=cells["topography"].upper() or "C64.9",
        laterality=row.word("laterality", Laterality, Laterality.NOT_RECORDED),
        procedure=cells["procedure"],
        procedure_on=row.day("procedure_on"),
        preservation=row.word("preservation", Preservation, Preservation.FFPE),
        hospital_number=cells["hospital_number"],
        block_label=cells["block_label"],
        cut_on=row.day("cut_on"),
        terms=cells["terms"] and row.word("terms", Terms, Terms.DONATED),
        due_back_on=row.day("due_back_on"),
    )
    problems.extend(row.problems)
    return item
