"""The parts of an address. Only what could name something of ours reaches the database."""

from django.urls import register_converter


class Part:
    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class Code(Part):
    """A code of a trial or an institution."""

    regex = r"[A-Za-z0-9_.-]{1,24}"


class StudyId(Part):
    """A study id; some trials' hold a slash."""

    regex = r"[A-Za-z0-9_./-]{1,40}"


class Accession(Part):
    """An accession number: upper case, with its check character."""

    regex = r"[A-Z0-9-]{1,24}"


class Key(Part):
    """The first letters of a token."""

    regex = r"[A-Za-z0-9]{1,25}"


class ModelName(Part):
    """A model's name, as in its edition's file."""

    regex = r"[a-z0-9-]{1,60}"


class Id:
    """A row's number, as far as the database counts."""

    regex = r"[0-9]{1,18}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


PARTS: dict[str, type[Part] | type[Id]] = {
    "code": Code,
    "study": StudyId,
    "accession": Accession,
    "key": Key,
    "id": Id,
    "model": ModelName,
}


def register() -> None:
    for name, part in PARTS.items():
        register_converter(part, name)  # type: ignore[arg-type]
