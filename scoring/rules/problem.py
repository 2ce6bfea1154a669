"""One thing wrong with a read, said in a sentence."""

from dataclasses import dataclass

from scoring.rules.vocabulary import Severity


@dataclass(frozen=True, slots=True)
class Problem:
    """`field` is where to look first; `other_fields` are the others the sentence speaks of."""

    field: str
    code: str
    severity: Severity
    sentence: str
    other_fields: tuple[str, ...] = ()


def refusal(field: str, code: str, sentence: str, *others: str) -> Problem:
    """A problem that keeps a read from being signed."""
    return Problem(field, code, Severity.REFUSE, sentence, others)


def warning(field: str, code: str, sentence: str, *others: str) -> Problem:
    """A problem the reader may sign over, having seen it."""
    return Problem(field, code, Severity.WARN, sentence, others)
