"""Files as people and programs send them, well made and badly made."""

import io
import struct
import zipfile
from pathlib import Path
from typing import Any

from openpyxl import Workbook

CIMAC = Path(__file__).parent / "cimac"
OURS = "kind,study_id,specimen_label,label,block_label,cut_on\n"


def cimac(name: str) -> bytes:
    return (CIMAC / name).read_bytes()


def book(*rows: list[Any], title: str = "Items") -> bytes:
    made = Workbook()
    sheet = made.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    kept = io.BytesIO()
    made.save(kept)
    return kept.getvalue()


def with_parts(content: bytes, parts: dict[str, bytes | None]) -> bytes:
    """The same workbook with parts changed, added, or left out (None)."""
    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            if entry.filename not in parts:
                new.writestr(entry.filename, old.read(entry))
        for name, part in parts.items():
            if part is not None:
                new.writestr(name, part)
    return kept.getvalue()


def lying(content: bytes, name: bytes) -> bytes:
    """The same zip, whose directory says that the part `name` is 10 bytes long."""
    changed = bytearray(content)
    at = content.rindex(b"PK\x01\x02", 0, content.rindex(name))
    changed[at + 24 : at + 28] = struct.pack("<I", 10)
    return bytes(changed)


SAMPLES = cimac("tissue_slide_template__Samples.csv").decode().splitlines(keepends=True)
SHIPMENT = cimac("tissue_slide_template__Shipment.csv").decode()


def samples(*rows: dict[str, str]) -> bytes:
    """A sample sheet with the network's first row changed for each of `rows`, by heading."""
    heading = [cell.strip('"\r\n') for cell in SAMPLES[1].split(",")]
    first = [cell.strip('"\r\n') for cell in SAMPLES[2].split(",")]
    lines = [SAMPLES[0], SAMPLES[1]]
    for number, row in enumerate(rows):
        said = dict(zip(heading, [*first, *[""] * (len(heading) - len(first))], strict=True))
        said |= {"Cimac id": f"CTTTP08T{number}.00", "Sample location": f"A{number}"} | row
        lines.append(",".join(f'"{said[name]}"' for name in heading) + "\r\n")
    return "".join(lines).encode()
