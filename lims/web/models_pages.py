"""The models: a card of each, generated from its edition, and a desk to try typed findings. Nothing is stored."""

from dataclasses import dataclass

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path

from lims.web.forms import typed
from lims.web.places import Place
from scoring.rules.catalogue import CHOICE, DAY, Answer, Asked, Card, Faulty, card, names
from scoring.rules.editions import TWO_COMPARTMENT
from specimens.errors import Unknown

LONGEST = 60
OPEN_TO = ("specimens.view", "scoring.sign_read", "scoring.adjudicate", "scoring.oversee")


def models(request: HttpRequest) -> HttpResponse:
    """Every model there is, with the edition in force."""
    return render(request, "models/models.html", {"cards": [card(name) for name in names()]})


def one_model(request: HttpRequest, model: str) -> HttpResponse:
    """A model's card: inputs, rule, boundaries, sources, evidence, history, limits."""
    return render(request, "models/model.html", {"card": card_or_404(model, typed(request.GET, "edition"))})


def card_or_404(model: str, edition: str = "") -> Card:
    if model not in names():
        raise Http404
    try:
        return card(model, edition)
    except ValueError as why:
        raise Unknown("unknown_edition", str(why)) from why


class FindingsForm(forms.Form):
    """What one model asks for, as typed."""

    def __init__(self, of: Card, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        for each in of.inputs:
            self.fields[each.name] = field_of(each)


def field_of(each: Asked) -> forms.Field:
    hint = " · ".join(part for part in (each.unit, f"or {each.also}" if each.also else "") if part)
    if each.kind == CHOICE:
        choices = [("", "not known"), *((word, word.replace("_", " ")) for word in each.choices)]
        return forms.ChoiceField(label=each.label, choices=choices, required=False, help_text=hint)
    attrs = {"autocomplete": "off", "inputmode": "numeric" if each.kind == DAY else "decimal"}
    if each.kind == DAY:
        attrs["placeholder"] = "2026-11-23"
    if each.also:
        attrs.pop("inputmode")
    return forms.CharField(
        label=each.label, required=False, max_length=LONGEST, help_text=hint, widget=forms.TextInput(attrs=attrs)
    )


@dataclass(frozen=True, slots=True)
class Tab:
    name: str
    title: str
    here: bool


def what_if(request: HttpRequest) -> HttpResponse:
    """Typed findings under a model's rule. They stand in the address and nowhere else; no case fills them in."""
    name = typed(request.GET, "model") or TWO_COMPARTMENT
    of = card_or_404(name, typed(request.GET, "edition"))
    given = any(each.name in request.GET for each in of.inputs)
    form = FindingsForm(of, request.GET if given else None)
    answer = judged(of, form) if given and form.is_valid() else None
    tabs = [Tab(each, card(each).title, each == name) for each in names()]
    context = {"card": of, "form": form, "answer": answer, "tabs": tabs}
    return render(request, "models/what_if.html", context)


def judged(of: Card, form: FindingsForm) -> Answer | None:
    """The answer; None where a finding cannot be, its sentence then standing beside it."""
    try:
        return of.judge(form.cleaned_data)
    except Faulty as faulty:
        for name, sentence in faulty.faults:
            form.add_error(name, sentence)
        return None


urls: list[URLPattern] = [
    path("models/", models, name="models"),
    path("models/<slug:model>/", one_model, name="model"),
    path("what-if/", what_if, name="what_if"),
]
places = [Place("models", "Models", "z", OPEN_TO, 66)]
