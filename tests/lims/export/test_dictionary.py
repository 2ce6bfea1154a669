"""The dictionary is a contract: names, XPT limits, vocabulary."""

import re

from lims.export.columns import PATIENTS
from lims.export.dictionary import XPT_LABEL, XPT_NAME, XPT_TEXT, Kind, entries
from lims.export.query import EXPRESSIONS
from scoring.rules.vocabulary import INVESTIGATIONAL


def test_every_column_has_one_expression_in_the_same_order() -> None:
    assert [column.name for column in PATIENTS] == list(EXPRESSIONS)


def test_names_are_snake_case_and_unique() -> None:
    names = [column.name for column in PATIENTS]
    assert len(set(names)) == len(names)
    assert [name for name in names if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name)] == []


def test_xpt_names_and_labels_fit_sas_xport_5() -> None:
    short = [column.xpt for column in PATIENTS]
    assert len(set(short)) == len(short)
    assert [n for n in short if not re.fullmatch(r"[A-Z][A-Z0-9]*", n) or len(n) > XPT_NAME] == []
    assert [c.label for c in PATIENTS if not c.label.isascii() or len(c.label) > XPT_LABEL] == []


def test_whatever_may_stand_in_a_coded_column_fits_too() -> None:
    for column in PATIENTS:
        longest = "|".join(column.codes) if column.type is Kind.CODES else max(column.codes, key=len, default="")
        assert longest.isascii()
        assert len(longest) <= XPT_TEXT
    assert len(INVESTIGATIONAL) <= XPT_TEXT


def test_coded_columns_list_their_words_and_measures_their_unit() -> None:
    coded = {Kind.CODE, Kind.CODES, Kind.YES_NO, Kind.FLAG}
    assert [c.name for c in PATIENTS if bool(c.codes) is not (c.type in coded)] == []
    assert [c.name for c in PATIENTS if c.type in {Kind.NUMBER, Kind.INTEGER} and not c.unit] == []


def test_every_entry_says_all_there_is_to_say() -> None:
    for number, entry in enumerate(entries(PATIENTS), start=1):
        assert (entry["table"], entry["position"]) == ("patients", number)
        assert all(entry[key] for key in ("name", "xpt", "label", "type", "source", "derivation", "since"))
