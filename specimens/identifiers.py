"""Accession numbers: prefix, six or more digits, one ISO 7064 mod 37,36 check character: SL-004417-W."""

import re
import unicodedata
from collections.abc import Iterator

from stdnum.iso7064 import mod_37_36

from specimens.errors import Invalid

SPECIMEN, BLOCK, SLIDE, PARCEL, RUN = "SP", "B", "SL", "PX", "RUN"
REQUEST, LOAN, QUERY, CUTTING, PLACE, DOWNTIME = "RQ", "L", "Q", "CO", "ST", "DF"
PREFIXES = (SPECIMEN, BLOCK, SLIDE, PARCEL, RUN, REQUEST, LOAN, QUERY, CUTTING, PLACE, DOWNTIME)
SHAPE = re.compile(rf"({'|'.join(PREFIXES)})[- ]?([0-9]{{6,12}})[- ]?([0-9A-Z])")
NEARLY = re.compile(rf"({'|'.join(sorted(PREFIXES, key=len, reverse=True))})[- ]?([0-9OQILZSB]{{6,12}})[- ]?([0-9A-Z])")
SYMBOLOGY = re.compile(r"\][A-Z][0-9A-Z]")
"""What a scanner set to it sends before the code: ISO/IEC 15424, as ]d1 before a Data Matrix."""
UNSEEN = "\x02\x03\x04\ufeff\u200b\u200c\u200d\u2060"
DASHES = dict.fromkeys(map(ord, "‐‑‒–—−"), "-")
READ_AS_DIGITS = str.maketrans("OQILZSB", "0011258")


def printed(prefix: str, number: int) -> str:
    """The accession number of `number` as it stands on the label: printed("SL", 4417) == "SL-004417-W"."""
    digits = f"{number:06d}"
    return joined(prefix, digits)


def joined(prefix: str, digits: str) -> str:
    return f"{prefix}-{digits}-{mod_37_36.calc_check_digit(prefix + digits)}"


def cleaned(scanned: str) -> str:
    """What was scanned or typed, in capitals, without what a scanner or a clipboard adds around it."""
    normal = unicodedata.normalize("NFKC", scanned).translate(DASHES)
    before = ""
    while normal != before:
        before, normal = normal, normal.strip().strip(UNSEEN)
    upper = normal.upper()
    return SYMBOLOGY.sub("", upper, count=1).strip() if SYMBOLOGY.match(upper) else upper


def parsed(scanned: str) -> str:
    """The normal form of a scanned or typed accession number; Invalid when it cannot be one."""
    normal = cleaned(scanned)
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


def likely(scanned: str) -> list[str]:
    """Accession numbers that a mistyped one may have meant, likeliest first; none when it is far from any.

    A letter read for a digit, a wrong check character, two neighbours swapped, one wrong digit.
    """
    match = NEARLY.fullmatch(cleaned(scanned))
    if not match:
        return []
    prefix, typed, check = match.groups()
    digits = typed.translate(READ_AS_DIGITS)
    fitting = [joined(prefix, each) for each in slips(digits) if joined(prefix, each).endswith(check)]
    return list(dict.fromkeys([joined(prefix, digits), *fitting]))


def slips(digits: str) -> Iterator[str]:
    """What comes of putting two neighbours right, then of changing one digit."""
    for i in range(len(digits) - 1):
        yield digits[:i] + digits[i + 1] + digits[i] + digits[i + 2 :]
    for i, old in enumerate(digits):
        yield from (digits[:i] + new + digits[i + 1 :] for new in "0123456789" if new != old)
