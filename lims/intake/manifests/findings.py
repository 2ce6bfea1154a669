"""What is said of a manifest: of one cell, of one row, of the file."""

from dataclasses import asdict, dataclass
from typing import Any

from specimens.errors import Invalid

ERROR, WARNING = "error", "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """`row` is the row as the sheet numbers it, from 1; 0 is the file. An error refuses its row."""

    row: int
    field: str
    value: str
    severity: str
    sentence: str
    sheet: str = ""

    def told(self) -> dict[str, Any]:
        return asdict(self)


class FileRefused(Invalid):
    """The file as a whole cannot be judged: it is no manifest, or not one that may be opened."""

    def __init__(self, code: str, sentence: str, *, status: int = 400, rows: int = 0, sheet: str = "") -> None:
        super().__init__(code, sentence, field="file")
        self.status, self.rows, self.sheet = status, rows, sheet
