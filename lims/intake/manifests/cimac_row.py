"""One row of the trial network's sample sheet as it can be understood, and what in it cannot."""

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationInfo
from pydantic_core import PydanticCustomError

from lims.intake.manifests.cimac_words import (
    FLUIDS,
    ITEMS,
    NO_WORD_HERE,
    NOT_TISSUE,
    PRESERVED,
    TISSUES,
    TUMOURS,
    UNKNOWN,
)
from specimens.vocabulary import ItemKind, Preservation, SpecimenKind

CIMAC_ID = re.compile(r"C[A-Z0-9]{3}[A-Z0-9]{3}[A-Z0-9]{2}\.[0-9]{2}")
NUMBER = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,6})?")
Warn = Callable[[str, str], None]


def wrong(sentence: str) -> PydanticCustomError:
    return PydanticCustomError("manifest", "{sentence}", {"sentence": sentence})


def warn(info: ValidationInfo, sentence: str) -> None:
    """Say something of this field that does not refuse its row."""
    assert info.context, "rows are read with somebody to tell"
    info.context["warn"](info.field_name, sentence)


def number(text: Any, info: ValidationInfo) -> Decimal | None:
    """A plain number; None when blank or not reported, which is never 0."""
    if not text:
        return None
    if text.lower() in UNKNOWN:
        warn(info, f"“{text}” stands where a number belongs: taken as not known, never as 0.")
        return None
    if not NUMBER.fullmatch(text):
        raise wrong(f"“{text[:40]}” is no plain number such as 12.5, and nothing is guessed.")
    try:
        return Decimal(text)
    except InvalidOperation as error:  # pragma: no cover - the shape says otherwise
        raise wrong(f"“{text[:40]}” is no number.") from error


def amount(text: Any, info: ValidationInfo) -> Decimal | None:
    value = number(text, info)
    if value is not None and value < 0:
        raise wrong(f"{text} is less than nothing.")
    return value


def percent(text: Any, info: ValidationInfo) -> Decimal | None:
    value = number(text, info)
    if value is not None and not 0 <= value <= 100:
        raise wrong(f"{text} is no percentage: it lies between 0 and 100.")
    return value


def ordinal(text: Any, info: ValidationInfo) -> int | None:
    """A whole number from 1."""
    value = number(text, info)
    if value is None:
        return None
    if value != value.to_integral_value() or value < 1:
        raise wrong(f"{text} numbers nothing: give a whole number from 1.")
    return int(value)


def named(what: str) -> Callable[[Any], str]:
    def checked(text: Any) -> str:
        if not text or text.lower() in UNKNOWN:
            raise wrong(f"Give {what}: the row cannot be told apart without it.")
        return str(text)

    return checked


def slide_id(text: Any, info: ValidationInfo) -> str:
    label = named("the CIMAC id that stands on the slide")(text)
    if not CIMAC_ID.fullmatch(label):
        warn(info, f"“{label[:40]}” is not formed as the network’s identifiers are, such as CTTTP01A1.00.")
    return label


def sample(text: Any) -> str:
    low = str(text).lower()
    if low in NOT_TISSUE:
        raise wrong(f"{text} is no tissue: this core takes blocks and slides.")
    if low not in TISSUES:
        raise wrong(one_of(text, "type of sample", "Tumor Tissue or Normal Tissue"))
    return low


def tumour(text: Any) -> SpecimenKind | None:
    low = str(text).lower()
    if low in TUMOURS:
        return TUMOURS[low]
    if not low or low in UNKNOWN or low == "other":
        return None
    raise wrong(one_of(text, "type of tumor sample", "Primary Tumor or Metastatic Tumor"))


def item(text: Any, info: ValidationInfo) -> ItemKind:
    low = str(text).lower()
    if low in FLUIDS:
        raise wrong(f"{text} is no tissue: this core takes blocks and slides.")
    if low not in ITEMS:
        known = "Fixed Slide or H&E-Stained Fixed Tissue Slide Specimen"
        raise wrong(one_of(text, "processed sample type", known))
    if ITEMS[low] is ItemKind.ALIQUOT:
        warn(info, f"{text} is announced as an aliquot: it belongs to the parcel and becomes no block or slide.")
    return ITEMS[low]


def preserved(text: Any, info: ValidationInfo) -> Preservation:
    low = str(text).lower()
    if low in PRESERVED:
        return PRESERVED[low]
    if not low:
        warn(info, "Blank: how the tissue was preserved is kept as not recorded.")
    elif low in NO_WORD_HERE:
        warn(info, f"“{text}” says not how the tissue was preserved: kept as not recorded.")
    else:
        raise wrong(one_of(text, "fixation", "Archival FFPE, Frozen Specimen or Not Reported"))
    return Preservation.NOT_RECORDED


def one_of(text: Any, what: str, known: str) -> str:
    given = f"“{str(text)[:40]}” is no {what} known here" if text else f"The {what} is blank"
    return f"{given}; write {known}."


Text = Annotated[str, BeforeValidator(lambda text: str(text))]


class SampleRow(BaseModel):
    """Fields by our names; see `cimac.COLUMNS` for the sheet's. Blank numbers are None, never 0."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    participant: Annotated[str, BeforeValidator(named("the participant’s id"))]
    parent: Annotated[str, BeforeValidator(named("the parent sample’s id, the sender’s label of the specimen"))]
    cimac: Annotated[str, BeforeValidator(slide_id)]
    sample_type: Annotated[str, BeforeValidator(sample)]
    tumour_type: Annotated[SpecimenKind | None, BeforeValidator(tumour)]
    processed_type: Annotated[ItemKind, BeforeValidator(item)]
    fixation: Annotated[Preservation, BeforeValidator(preserved)]
    procedure: Text = ""
    box: Text = ""
    location: Text = ""
    entry: Annotated[int | None, BeforeValidator(ordinal)] = None
    core: Annotated[int | None, BeforeValidator(ordinal)] = None
    quantity: Annotated[Decimal | None, BeforeValidator(amount)] = None
    tumour_area: Annotated[Decimal | None, BeforeValidator(percent)] = None
    viable: Annotated[Decimal | None, BeforeValidator(percent)] = None
    stroma: Annotated[Decimal | None, BeforeValidator(percent)] = None
    necrosis: Annotated[Decimal | None, BeforeValidator(percent)] = None
    fibrosis: Annotated[Decimal | None, BeforeValidator(percent)] = None
    used: Annotated[Decimal | None, BeforeValidator(amount)] = None
    remaining: Annotated[Decimal | None, BeforeValidator(amount)] = None
    used_units: Text = ""
    remaining_units: Text = ""

    @property
    def tissue(self) -> SpecimenKind | None:
        """Primary, metastasis or normal; None when the sheet does not say."""
        return SpecimenKind.NORMAL if self.sample_type == "normal tissue" else self.tumour_type
