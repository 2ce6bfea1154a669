"""The file once more with a verdict beside every row, and the empty template. Text never becomes a formula."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font

from lims.intake.manifests.findings import ERROR, Finding
from lims.intake.manifests.grids import Grid, is_blank, padded, text_of
from lims.intake.manifests.opening import opened
from lims.intake.manifests.ours import COLUMNS, MEANINGS, SHEET
from lims.intake.parcel_sheet import REQUIRED
from lims.models import ManifestCheck

VERDICT = ("verdict", "field", "reason")
REFUSED, WARNED, CLEAN = "refused", "accepted with a warning", "accepted"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
LONGEST_TITLE = 31
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"


def annotated_workbook(content: bytes, name: str, check: ManifestCheck) -> bytes:
    """Every sheet as it came, each row with its verdict behind the last column; what is of the file, in front."""
    findings, book = [Finding(**told) for told in check.findings], Workbook(write_only=True)
    first = book.create_sheet("Verdict")
    for line in summary(check, findings):
        first.append([plain(first, cell) for cell in line])
    for number, grid in enumerate(opened(content, name), start=1):
        sheet = book.create_sheet(title_of(grid.name, number))
        for line in annotated(grid, check, findings):
            sheet.append([plain(sheet, cell) for cell in line])
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def annotated_csv(content: bytes, name: str, check: ManifestCheck) -> bytes:
    """The sheet with the rows, or the first one, as CSV that no spreadsheet takes for formulas."""
    findings, grids = [Finding(**told) for told in check.findings], opened(content, name)
    grid = next((each for each in grids if each.name == check.sheet), grids[0])
    kept = io.StringIO()
    csv.writer(kept).writerows([neutral(text_of(cell)) for cell in line] for line in annotated(grid, check, findings))
    return kept.getvalue().encode("utf-8-sig")


def summary(check: ManifestCheck, findings: Sequence[Finding]) -> Iterable[list[Any]]:
    yield ["rows", "accepted", "refused"]
    yield [check.rows, check.accepted, check.refused]
    yield []
    yield ["sheet", "row", "field", "value", "severity", "reason"]
    for each in findings:
        yield [each.sheet, each.row or "file", each.field, each.value, each.severity, each.sentence]


def annotated(grid: Grid, check: ManifestCheck, findings: Sequence[Finding]) -> Iterable[list[Any]]:
    by_row: dict[int, list[Finding]] = defaultdict(list)
    for each in findings:
        if each.sheet == grid.name:
            by_row[each.row].append(each)
    numbers = {line[0] for line in check.lines} if grid.name == check.sheet else set()
    last = max([n for n, row in enumerate(grid.rows, 1) if not is_blank(row[1:] or row)], default=0)
    last = max(last, *by_row, 0) if by_row else last
    width = max((len(row) for row in grid.rows[:last]), default=0)
    heading = min(numbers, default=2) - 1
    for number, row in enumerate(grid.rows[:last], start=1):
        said = verdict_cells(by_row.get(number, ()), number in numbers)
        yield [*padded(row, width), *(VERDICT if number == heading and numbers and not any(said) else said)]


def verdict_cells(found: Sequence[Finding], of_an_item: bool) -> list[str]:
    if not found:
        return [CLEAN if of_an_item else "", "", ""]
    bad = any(each.severity == ERROR for each in found)
    fields, reasons = dict.fromkeys(each.field for each in found), [each.sentence for each in found]
    return [REFUSED if bad else WARNED, ", ".join(fields), " ".join(reasons)]


def plain(sheet: Any, cell: Any) -> Any:
    """A cell whose text stays text, whatever it begins with; numbers and days stay what they are."""
    if isinstance(cell, bool | int | float | date | datetime | time) or cell is None or cell == "":
        return cell
    made = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", text_of(cell))[:32_000])
    made.data_type = "s"
    return made


def neutral(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) and not is_number(text) else text


def is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def title_of(name: str, number: int) -> str:
    """A sheet's title as Excel allows it; “Verdict” is ours."""
    said = "".join(" " if c in "[]:*?/\\'" or not c.isprintable() else c for c in name).strip()[:LONGEST_TITLE]
    return said if said and said.lower() != "verdict" else f"Sheet {number}"


# ---- the empty template ----
def template_workbook() -> bytes:
    book = Workbook(write_only=True)
    sheet, explained = book.create_sheet(SHEET), book.create_sheet("Explained")
    sheet.freeze_panes = "A2"
    sheet.append([bold(sheet, name, name in REQUIRED) for name in COLUMNS])
    explained.append([bold(explained, word, True) for word in ("column", "needed", "what it holds")])
    for name in COLUMNS:
        explained.append([name, "yes" if name in REQUIRED else "", MEANINGS[name]])
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def template_csv() -> bytes:
    return (",".join(COLUMNS) + "\r\n").encode("utf-8-sig")


def bold(sheet: Any, text: str, strong: bool) -> Any:
    cell = WriteOnlyCell(sheet, value=text)
    cell.font = Font(bold=strong)
    return cell
