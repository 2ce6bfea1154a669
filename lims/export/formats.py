"""Every format an export comes in, and how it is packed. Parquet streams; a SAS or Excel file is made whole first."""

import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pyreadstat
from openpyxl.cell import WriteOnlyCell

from lims.export import dictionary
from lims.export.dictionary import XPT_TEXT, Kind
from lims.export.rows import CHUNK, Sheet, Writer, as_csv, as_json, as_json_lines, plain_csv, values
from lims.export.spelling import FORMULA, Told
from specimens.errors import Invalid, Rejected, RowProblem

BLOCK = 1 << 24
MOST_XPT, MOST_EXCEL = 250_000, 1_048_575
MOST_NAMED = 50
ARROW = {
    Kind.FLAG: pa.int64(), Kind.INTEGER: pa.int64(), Kind.NUMBER: pa.float64(), Kind.DATE: pa.date32(),
    Kind.MOMENT: pa.timestamp("s", tz="UTC"),
}  # fmt: skip
NUMERIC = {Kind.FLAG, Kind.INTEGER, Kind.NUMBER}
XPT_STAMP = re.compile(rb"\d\d[A-Z]{3}\d\d:\d\d:\d\d:\d\d")
XPT_HEAD = 80 * 10


# ---- Parquet ----


class Sink(io.RawIOBase):
    """A file that is written once and given away piece by piece."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        kept = bytes(piece)
        self.pieces.append(kept)
        self.size += len(kept)
        return len(kept)

    def tell(self) -> int:
        return self.size

    def taken(self) -> bytes:
        given = b"".join(self.pieces)
        self.pieces.clear()
        return given


def as_parquet(sheet: Sheet) -> Iterator[bytes]:
    """Row groups as they come, zstd inside; labels, units and the wrapping's words in the metadata.

    The rows pass as CSV, which the database writes and Arrow reads quicker than Python takes rows apart. They are
    fetched here and nowhere else: another thread would see another moment of the database.
    """
    schema, sink = schema_of(sheet), Sink()
    read = pyarrow.csv.ReadOptions(column_names=sheet.names)
    parse = pyarrow.csv.ParseOptions(newlines_in_values=True)
    convert = pyarrow.csv.ConvertOptions(
        column_types={field.name: field.type for field in schema}, null_values=[""], strings_can_be_null=True
    )
    with pyarrow.parquet.ParquetWriter(pa.PythonFile(sink, mode="w"), schema, compression="zstd") as writer:
        for block in blocks(plain_csv(sheet)):
            table = pyarrow.csv.read_csv(pa.BufferReader(block), read, parse, convert)
            writer.write_table(table.cast(schema))
            yield sink.taken()
    yield sink.taken()


def blocks(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The rows below the heading in fewer, larger pieces; chunks end where rows end."""
    held = bytearray(next(chunks).partition(b"\n")[2])
    for chunk in chunks:
        if len(held) >= BLOCK:
            yield bytes(held)
            held.clear()
        held += chunk
    if held:
        yield bytes(held)


def schema_of(sheet: Sheet) -> pa.Schema:
    fields = [
        pa.field(each.name, ARROW.get(each.type, pa.string()), metadata={"label": each.label, "unit": each.unit})
        for each in sheet.columns
    ]
    return pa.schema(fields, metadata={name: str(value or "") for name, value in sheet.about().items()})


# ---- SAS and Excel ----


def as_xpt(sheet: Sheet) -> Iterator[bytes]:
    """SAS XPORT v5. Over-long and non-ASCII values are refused with the list: the library would cut them."""
    refuse_many(sheet.rows, MOST_XPT, "A SAS transport file")
    rows = list(values(sheet))
    problems = xpt_problems(sheet, rows)
    if problems:
        raise Rejected(problems, code="not_for_xpt")
    with TemporaryDirectory() as folder:
        file = Path(folder) / "export.xpt"
        pyreadstat.write_xport(
            frame(sheet, rows), str(file), table_name=sheet.table.name[:8].upper(), file_format_version=5,
            file_label=f"Paraffin {sheet.table.name}, dictionary {dictionary.VERSION}"[:40],
            column_labels=[each.label for each in sheet.columns],
        )  # fmt: skip
        content = file.read_bytes()
    stamp = (sheet.asked.as_of or sheet.at).strftime("%d%b%y:%H:%M:%S").upper().encode()
    yield XPT_STAMP.sub(stamp, content[:XPT_HEAD]) + content[XPT_HEAD:]


def frame(sheet: Sheet, rows: list[tuple[Told, ...]]) -> Any:
    """A pandas frame under the XPT names; dates and moments as ISO text."""
    columns = zip(*rows, strict=True) if rows else [() for _ in sheet.columns]
    arrays = {}
    for each, told in zip(sheet.columns, columns, strict=True):
        numeric = each.type in NUMERIC
        cells = (
            [None if value is None else float(value) for value in told] if numeric else [value or "" for value in told]
        )
        arrays[each.xpt] = pa.array(cells, pa.float64() if numeric else pa.string())
    return pa.table(arrays).to_pandas()


def xpt_problems(sheet: Sheet, rows: list[tuple[Told, ...]]) -> list[RowProblem]:
    """What does not fit a SAS transport file, cell by cell; rows count from 1."""
    found = []
    for number, row in enumerate(rows, start=1):
        for each, value in zip(sheet.columns, row, strict=True):
            if isinstance(value, str) and (sentence := unfit_for_xpt(value)):
                found.append(RowProblem(number, each.name, sentence, value[:80]))
    return found[:MOST_NAMED]


def unfit_for_xpt(value: str) -> str:
    if not value.isascii():
        return "A SAS transport file holds ASCII alone: take CSV or Parquet, or leave the column out."
    if len(value) > XPT_TEXT:
        return f"The text has {len(value)} characters, a SAS transport file {XPT_TEXT} at most: leave the column out."
    return ""


def as_excel(sheet: Sheet) -> Iterator[bytes]:
    """One sheet of rows, one with the columns explained, one with the wrapping's words. Text stays text."""
    refuse_many(sheet.rows, MOST_EXCEL, "An Excel sheet")
    book = openpyxl.Workbook(write_only=True)
    page = book.create_sheet(sheet.table.name[:31])
    page.append(sheet.names)
    for row in values(sheet):
        page.append([excel_cell(page, value) for value in row])
    explained = book.create_sheet("dictionary")
    explained.append(["name", "label", "type", "unit", "codes", "source", "derivation"])
    for each in sheet.columns:
        explained.append([each.name, each.label, each.type.value, each.unit, "|".join(each.codes), each.source,
                          each.derivation])  # fmt: skip
    about = book.create_sheet("about")
    for name, value in sheet.about().items():
        about.append([name, "" if value is None else str(value)])
    kept = io.BytesIO()
    book.save(kept)
    content = kept.getvalue()
    for start in range(0, len(content), CHUNK):
        yield content[start : start + CHUNK]


def excel_cell(page: Any, value: Told) -> Any:
    """Text that looks like a formula is written as text."""
    if not (isinstance(value, str) and value.startswith(FORMULA)):
        return value
    cell = WriteOnlyCell(page, value)
    cell.data_type = "s"
    cell.quotePrefix = True
    return cell


def refuse_many(rows: int, most: int, what: str) -> None:
    if rows > most:
        said = f"{what} holds at most {most:,} rows, and there are {rows:,}: take CSV or Parquet, or narrow it."
        raise Invalid("too_many_rows", said, field="format")


# ---- packed ----


@dataclass(frozen=True, slots=True)
class Format:
    name: str
    title: str
    content_type: str
    suffix: str
    writer: Writer
    packs: bool = True


FORMATS: dict[str, Format] = {
    each.name: each
    for each in (
        Format("csv", "CSV", "text/csv; charset=utf-8", "csv", as_csv),
        Format("json", "JSON", "application/json", "json", as_json),
        Format("jsonl", "JSON Lines", "application/x-ndjson", "jsonl", as_json_lines),
        Format("parquet", "Parquet", "application/vnd.apache.parquet", "parquet", as_parquet, packs=False),
        Format("xpt", "SAS XPORT", "application/octet-stream", "xpt", as_xpt),
        Format(
            "xlsx", "Excel", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx", as_excel,
            packs=False,
        ),
    )
}  # fmt: skip
PACKINGS = {"gzip": "gz", "zstd": "zst"}


def packed(chunks: Iterator[bytes], packing: str) -> Iterator[bytes]:
    """The same bytes, compressed as they pass; the same input gives the same output."""
    if packing == "gzip":
        squeeze = zlib.compressobj(wbits=31)
        for chunk in chunks:
            if piece := squeeze.compress(chunk):
                yield piece
        yield squeeze.flush()
        return
    sink = Sink()
    with pa.CompressedOutputStream(pa.PythonFile(sink, mode="w"), "zstd") as squeezed:
        for chunk in chunks:
            squeezed.write(chunk)
            if piece := sink.taken():
                yield piece
    yield sink.taken()
