"""Accession numbers: prefix, six or more digits, one ISO 7064 mod 37,36 check character: SL-004417-W."""

import re
import unicodedata

from stdnum.iso7064 import mod_37_36

from specimens.errors import Invalid

SPECIMEN, BLOCK, SLIDE, PARCEL, RUN = "SP", "B", "SL", "PX", "RUN"
REQUEST, LOAN, QUERY, CUTTING, PLACE, DOWNTIME = "RQ", "L", "Q", "CO", "ST", "DF"
PREFIXES = (SPECIMEN, BLOCK, SLIDE, PARCEL, RUN, REQUEST, LOAN, QUERY, CUTTING, PLACE, DOWNTIME)
SHAPE = re.compile(rf"({'|'.join(PREFIXES)})-?([0-9]{{6,12}})-?([0-9A-Z])")


def printed(prefix: str, number: int) -> str:
    """The accession number of `number` as it stands on the label: printed("SL", 4417) == "SL-004417-W"."""
    digits = f"{number:06d}"
    return f"{prefix}-{digits}-{mod_37_36.calc_check_digit(prefix + digits)}"


def parsed(scanned: str) -> str:
    """The normal form of a scanned or typed accession number; Invalid when it cannot be one."""
    normal = unicodedata.normalize("NFKC", scanned).strip().upper()
    match = SHAPE.fullmatch(normal)
    if not match:
        raise Invalid("not_an_accession", f"“{scanned[:40]}” is not an accession number such as SL-004417-W.")
    prefix, digits, check = match.groups()
    if mod_37_36.calc_check_digit(prefix + digits) != check:
        raise Invalid(
            "check_character", f"The check character of {normal} is wrong: scan the label again, or type it anew."
        )
    return f"{prefix}-{digits}-{check}"


def prefix_of(accession: str) -> str:
    return accession.split("-", 1)[0]
