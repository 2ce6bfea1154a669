"""What is no manifest is refused with a reason before it is unpacked or parsed."""

import io
import zipfile

import pytest

from lims.intake.manifests.archives import MOST_ENTRIES
from lims.intake.manifests.findings import FileRefused
from lims.intake.manifests.opening import MOST_BYTES, opened
from lims.intake.manifests.recognised import Unrecognised, read_manifest
from tests.lims.intake.sheets_made import OURS, SHIPMENT, book, cimac, lying, with_parts

BOOK = book(["kind", "study_id", "specimen_label", "label"], ["block", "CWG-0187", "S1", "A1"])
SHEET = "xl/worksheets/sheet1.xml"
HEAD = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
TAIL = b"</sheetData></worksheet>"


def refused(content: bytes) -> FileRefused:
    with pytest.raises(FileRefused) as caught:
        read_manifest(content, name="x")
    assert caught.value.sentence.endswith(".")
    return caught.value


def zipped(**parts: bytes) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as made:
        for name, part in parts.items():
            made.writestr(name, part)
    return kept.getvalue()


HOSTILE: dict[str, tuple[bytes, str, int]] = {
    "nothing": (b"", "empty_file", 400),
    "blanks": (b" \r\n\t", "empty_file", 400),
    "one byte too many": (b"a" * (MOST_BYTES + 1), "file_too_large", 413),
    "truncated": (BOOK[: len(BOOK) // 2], "damaged_workbook", 400),
    "only its first bytes": (b"PK\x03\x04", "damaged_workbook", 400),
    "a web page": (b"\xef\xbb\xbf <!DOCTYPE html><table><tr><td>kind</td></tr></table>", "web_page", 415),
    "xml": (b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", "web_page", 415),
    "a pdf": (b"%PDF-1.7 kind,study_id", "pdf", 415),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old_workbook", 415),
    "a password": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "protected", 415,
    ),
    "another archive": (zipped(a=b"b"), "no_workbook", 415),
    "a nested archive": (with_parts(BOOK, {"xl/more.zip": b"PK"}), "unsafe_workbook", 400),
    "a nested archive by another name": (with_parts(BOOK, {"xl/more.bin": b"PK\x03\x04"}), "unsafe_workbook", 400),
    "a slip": (with_parts(BOOK, {"../../etc/passwd": b"x"}), "unsafe_workbook", 400),
    "an absolute path": (with_parts(BOOK, {"/etc/passwd": b"x"}), "unsafe_workbook", 400),
    "macros": (with_parts(BOOK, {"xl/vbaProject.bin": b"x"}), "macros", 415),
    "another workbook": (with_parts(BOOK, {"xl/externalLinks/externalLink1.xml": b"<a/>"}), "external_links", 400),
    "many parts": (
        with_parts(BOOK, {f"xl/{n}.xml": b"" for n in range(MOST_ENTRIES)}), "unsafe_workbook", 400,
    ),
    "a bomb": (with_parts(BOOK, {"xl/sharedStrings.xml": b"a" * 70 * 2**20}), "unpacks_too_large", 413),
    "a small bomb": (with_parts(BOOK, {"xl/sharedStrings.xml": b"a" * 2 * 2**20}), "unpacks_too_large", 413),
    "a lie about its size": (lying(BOOK, b"xl/worksheets/sheet1.xml"), "damaged_workbook", 400),
    "entities": (with_parts(BOOK, {"xl/sharedStrings.xml": b"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>"}),
                 "unsafe_workbook", 400),
    "a million rows": (
        with_parts(BOOK, {SHEET: HEAD + b'<row r="1048576"><c r="A1048576"><v>1</v></c></row>' + TAIL}),
        "sheet_too_large", 413,
    ),
    "all columns": (
        with_parts(BOOK, {SHEET: HEAD + b'<row r="1"><c r="XFD1"><v>1</v></c></row>' + TAIL}), "sheet_too_large", 413,
    ),
    "cells without a place": (
        with_parts(BOOK, {SHEET: HEAD + b"<row>" + b"<c><v>1</v></c>" * 300 + b"</row>" + TAIL}),
        "sheet_too_large", 413,
    ),
    "a formula nobody has computed": (
        with_parts(BOOK, {SHEET: HEAD + b'<row r="1"><c r="A1"><f>1+1</f></c></row>' + TAIL}),
        "formula_without_value", 400,
    ),
    "utf-16": (OURS.encode("utf-16"), "not_utf8", 400),
    "latin-1": (OURS.encode() + "block,Müller,S1,A1,,\n".encode("latin-1"), "not_utf8", 400),
    "nul": (OURS.encode() + b"block,C\0WG,S1,A1,,\n", "not_text", 415),
    "semicolons": (OURS.replace(",", ";").encode(), "wrong_delimiter", 400),
    "tabs": (OURS.replace(",", "\t").encode(), "wrong_delimiter", 400),
    "a quote left open": ((OURS + 'block,"CWG,S1,A1,,\n').encode(), "malformed_csv", 400),
    "10,000 columns": (b"a," * 10_000 + b"\n", "sheet_too_large", 413),
    "too many rows": (b"a,b\n" * 50_001, "sheet_too_large", 413),
    "more rows than are taken": ((OURS + "block,CWG-1,S1,A1,,\n" * 20_001).encode(), "too_many_rows", 413),
    "a heading twice": (b"kind,study_id,specimen_label,label,label\nblock,a,b,c,d\n", "heading_twice", 400),
}  # fmt: skip


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_is_refused_with_a_reason(what: str) -> None:
    content, code, status = HOSTILE[what]
    found = refused(content)
    assert (found.code, found.status) == (code, status)


def test_two_parts_of_one_name_are_refused() -> None:
    kept = io.BytesIO(BOOK)
    with zipfile.ZipFile(kept, "a") as made, pytest.warns(UserWarning, match="Duplicate"):
        made.writestr(SHEET, b"<worksheet/>")
    assert refused(kept.getvalue()).code == "unsafe_workbook"


def test_unknown_columns_are_named_so_that_they_can_be_mapped() -> None:
    found = refused(b"Art,Patient,Probe,Etikett\nBlock,CWG-0187,S1,A1\n")
    assert isinstance(found, Unrecognised)
    assert found.columns == ["Art", "Patient", "Probe", "Etikett"]
    mapping = {"Art": "kind", "Patient": "study_id", "Probe": "specimen_label", "Etikett": "label"}
    reading = read_manifest(b"Art,Patient,Probe,Etikett\nBlock,CWG-0187,S1,A1\n", mapping=mapping)
    assert [(line.row, line.item and line.item.label) for line in reading.lines] == [(2, "A1")]


def test_a_byte_order_mark_and_mixed_line_ends_are_no_fault() -> None:
    reading = read_manifest(b"\xef\xbb\xbf" + OURS.encode() + b"block,CWG-1,S1,A1,,\r\n\nblock,CWG-1,S1,A2,,\r\n")
    assert [line.row for line in reading.lines] == [2, 4]
    assert reading.findings == []


def test_single_sheets_and_workbooks_open_alike() -> None:
    assert [grid.name for grid in opened(cimac("tissue_slide_template.xlsx"))][:2] == ["Shipment", "Samples"]
    assert opened(SHIPMENT.encode(), "Shipment.csv")[0].name == "Shipment.csv"
