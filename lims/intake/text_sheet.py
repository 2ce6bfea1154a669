"""A text sheet named on the command line, or standard input."""

import sys
from pathlib import Path


class WrongSheet(Exception):
    """The sheet cannot be used; each argument is one sentence with its line and field."""


def text_of(sheet: str) -> str:
    """The file's text. Raises WrongSheet when it is none, OSError when it cannot be read."""
    content = sys.stdin.buffer.read() if sheet == "-" else Path(sheet).read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise WrongSheet(f"line {line} is not UTF-8 text; save the sheet as “CSV UTF-8, comma separated”.") from error
