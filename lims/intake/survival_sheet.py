"""A sheet of times, events and groups into subjects: what `survival` reads. Nothing is guessed or left out."""

import csv
import io
import math
import re

from lims.analysis.survival import Subject
from lims.intake.text_sheet import WrongSheet

COLUMNS = ("time", "event", "group")
EVENTS = {"1": True, "0": False}
TIME = re.compile(r"\d{1,9}(\.\d{1,9})?([eE][+-]?\d{1,2})?")
LONGEST_GROUP = 60
MOST_ROWS = 1_000_000


def subjects_of(text: str) -> list[Subject]:
    """The sheet's rows. Raises WrongSheet with every fault of every line; lines count from 1, the heading's."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    faults: list[str] = []
    found: list[Subject] = []
    try:
        place = heading(next(reader, []))
        for line in reader:
            if any(cell.strip() for cell in line):
                found += subject(line, place, reader.line_num, faults)
    except csv.Error as error:
        faults.append(f"line {reader.line_num}: the file is no well-formed CSV ({error}).")
    if not faults and not found:
        faults.append("the sheet has a heading and no rows.")
    if len(found) > MOST_ROWS:
        faults.append(f"the sheet has {len(found):,} rows; at most {MOST_ROWS:,} are compared.")
    if faults:
        raise WrongSheet(*faults)
    return found


def heading(cells: list[str]) -> dict[str, int]:
    """Where each column stands."""
    said = [cell.strip().lower() for cell in cells]
    if not any(said):
        raise WrongSheet(f"the file is empty; its first line names the columns {', '.join(COLUMNS)}.")
    missing = [name for name in COLUMNS if name not in said]
    twice = [name for name in COLUMNS if said.count(name) > 1]
    if missing:
        hint = " Separate the columns with commas." if len(said) == 1 else ""
        raise WrongSheet(f"line 1: the heading lacks {', '.join(missing)}.{hint}")
    if twice:
        raise WrongSheet(f"line 1: the heading names {', '.join(twice)} twice.")
    return {name: said.index(name) for name in COLUMNS}


def subject(line: list[str], place: dict[str, int], number: int, faults: list[str]) -> list[Subject]:
    """One row, or none after saying what is wrong with it."""
    if len(line) <= max(place.values()):
        faults.append(f"line {number}: the row has {len(line)} cells, the heading {max(place.values()) + 1} or more.")
        return []
    time, event, group = (line[place[name]].strip() for name in COLUMNS)
    before = len(faults)
    if not TIME.fullmatch(time) or not math.isfinite(float(time)):
        faults.append(f"line {number}, time: “{time[:40]}” is no time; give a number, 0 or more.")
    if event not in EVENTS:
        faults.append(f"line {number}, event: “{event[:40]}” is no event; give 1 for an event, 0 for none.")
    if not group or len(group) > LONGEST_GROUP:
        faults.append(f"line {number}, group: “{group[:40]}” is no group; give 1 to {LONGEST_GROUP} characters.")
    return [] if len(faults) > before else [Subject(float(time), EVENTS[event], group)]
