"""Doing a deed from a form: a refusal becomes the sentence beside its field, and what was typed stays."""

from collections.abc import Callable
from datetime import date
from typing import TypeVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest, QueryDict

from lims.moments import not_yet
from specimens.errors import Refused, Rejected

T = TypeVar("T")


def tried(form: forms.BaseForm, deed: Callable[[], T]) -> T | None:
    """Do `deed`; None when it was refused, the refusal then standing in the form."""
    try:
        return deed()
    except Rejected as refused:
        for problem in refused.problems:
            beside(form, problem.field, problem.sentence)
    except Refused as refused:
        beside(form, refused.field, refused.sentence)
    return None


def beside(form: forms.BaseForm, field: str, sentence: str) -> None:
    """Put `sentence` beside `field`, or on top when the form has no such field."""
    form.add_error(field if field in form.fields else None, sentence)


def aloud(request: HttpRequest, form: forms.BaseForm) -> None:
    """Say above the page why `form` was refused, when what it asked about has gone from the page meanwhile."""
    for sentences in form.errors.values():
        for sentence in sentences:
            messages.warning(request, str(sentence))


def typed(said: QueryDict, name: str, longest: int = 60) -> str:
    """What the address or the form says under `name`: trimmed, cut to `longest`, without NUL characters."""
    return said.get(name, "").replace("\x00", "").strip()[:longest]


class PickField(forms.ModelChoiceField):
    """One row of a list, chosen by its code. A NUL character is no code and never reaches the database."""

    def to_python(self, value: object) -> object:
        return super().to_python(None if "\x00" in str(value) else value)


class DayField(forms.DateField):
    """An ISO date, typed: no browser turns its parts round."""

    widget = forms.DateInput(
        attrs={"placeholder": "2026-11-23", "inputmode": "numeric", "maxlength": 10, "autocomplete": "off"},
        format="%Y-%m-%d",
    )

    def __init__(self, **kwargs: object) -> None:
        kwargs.setdefault("input_formats", ["%Y-%m-%d"])
        kwargs.setdefault("error_messages", {"invalid": "Write the date as 2026-11-23."})
        super().__init__(**kwargs)  # type: ignore[arg-type]


class PastDayField(DayField):
    """A day of which something can be known: today or one before it, UTC."""

    def validate(self, value: date | None) -> None:
        super().validate(value)
        if value and (refusal := not_yet(value)):
            raise forms.ValidationError(refusal)


class ScanField(forms.CharField):
    """An accession number, scanned or typed."""

    def __init__(self, **kwargs: object) -> None:
        kwargs.setdefault("max_length", 60)
        attrs = {"autocomplete": "off", "spellcheck": "false", "class": "id"}
        kwargs.setdefault("widget", forms.TextInput(attrs=attrs))
        super().__init__(**kwargs)  # type: ignore[arg-type]


def onward(field: forms.Field) -> forms.Field:
    """The same field, in which Enter (a scanner's last key) moves on and sends nothing."""
    field.widget.attrs["data-next-field"] = ""
    return field


def reason_field(label: str = "Reason", **kwargs: object) -> forms.CharField:
    """Why something is done; the ledger keeps it."""
    kwargs.setdefault("help_text", "The ledger keeps it.")
    return forms.CharField(
        label=label,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        **kwargs,  # type: ignore[arg-type]
    )
