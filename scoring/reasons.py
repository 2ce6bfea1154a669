"""A reason that a deed keeps."""

from specimens.errors import Invalid

LONGEST = 500


def because(reason: str, sentence: str) -> str:
    """The reason as it is kept. Raises Invalid with `sentence` for none, and for one that is too long."""
    kept = reason.replace("\0", "").strip()
    if not kept:
        raise Invalid("reason_missing", sentence, field="reason")
    if len(kept) > LONGEST:
        raise Invalid("reason_long", f"A reason has at most {LONGEST} characters, not {len(kept)}.", field="reason")
    return kept
