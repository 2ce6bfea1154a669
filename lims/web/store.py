"""The store: rooms, cabinets and drawers with how full they are, and the map of one drawer."""

from collections.abc import Iterator
from functools import wraps
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from lims.papers.drawer_labels import drawer_labels
from lims.web.forms import reason_field, tried, typed
from lims.web.gate import View, needs, person
from lims.web.places import Place
from specimens import store_desk
from specimens.deeds import demand_core
from specimens.errors import Refused
from specimens.identifiers import BLOCK, PLACE, SLIDE, parsed, prefix_of
from specimens.models import StoragePlace
from specimens.placing import (
    MOST_COLUMNS,
    MOST_DRAWERS,
    MOST_POSITIONS,
    NewPlace,
    add_places,
    rename_place,
    retire_place,
)
from specimens.store_desk import Holding
from specimens.vocabulary import PlaceKind

KEEPS = "specimens.store"
MOST_SHOWN = 60


def keepers(view: View) -> View:
    """For those of the core's own people who keep the store."""

    @needs(KEEPS)
    @wraps(view)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        demand_core(person(request), "The store")
        return view(request, *args, **kwargs)

    return opened


# ---- how full it is ----
def lines(holdings: list[Holding], depth: int = 0, *, drawers: bool = True) -> Iterator[tuple[Holding, int]]:
    """Places and how deep each lies; without its drawers a large store stays a page."""
    for holding in holdings:
        if drawers or holding.place.kind != PlaceKind.DRAWER:
            yield holding, depth
        yield from lines(holding.inside, depth + 1, drawers=drawers)


@keepers
def store(request: HttpRequest) -> HttpResponse:
    """The whole store. With ?q= it says where a thing stands, and leads there."""
    sought, said = typed(request.GET, "q"), ""
    if sought:
        try:
            return redirect(whereabouts(sought))
        except Refused as refused:
            said = refused.sentence
    rooms = store_desk.tree()
    few = sum(room.drawers for room in rooms) <= MOST_SHOWN
    context = {
        "lines": list(lines(rooms, drawers=few)),
        "few": few,
        "positions": sum(room.positions for room in rooms),
        "taken": sum(room.taken for room in rooms),
        "free": sum(room.free for room in rooms),
        "sought": sought,
        "said": said,
    }
    return render(request, "store/store.html", context)


def whereabouts(sought: str) -> str:
    """The address of what was scanned: a place, or the position where a thing stands."""
    accession = parsed(sought)
    if prefix_of(accession) == PLACE:
        return reverse("place", args=[store_desk.place(accession).accession])
    if prefix_of(accession) not in (BLOCK, SLIDE):
        raise Refused("not_stored", f"{accession} is no block, slide or place: only those stand here.")
    thing = store_desk.thing_named(accession)
    standing = store_desk.stands(thing)
    if standing is None:
        raise Refused("stands_nowhere", f"{accession} stands in no drawer.")
    return reverse("place", args=[standing.place.accession]) + f"#p-{standing.position}"


# ---- one place ----
class RenameForm(forms.Form):
    name = forms.CharField(label="Name", max_length=40)


class RetireForm(forms.Form):
    reason = reason_field("Why it is used no more")


@keepers
def place(request: HttpRequest, accession: str) -> HttpResponse:
    """The map of a drawer; of a room or cabinet what is in it."""
    return place_page(request, store_desk.place(parsed(accession)))


def place_page(request: HttpRequest, found: StoragePlace, **forms_: forms.Form) -> HttpResponse:
    context: dict[str, Any] = {
        "place": found,
        "rename": forms_.get("rename") or RenameForm(initial={"name": found.name}, prefix="rename"),
        "retire": forms_.get("retire") or RetireForm(prefix="retire"),
        "opened": next(iter(forms_), ""),
    }
    if found.kind == PlaceKind.DRAWER:
        return render(request, "store/drawer.html", context | {"map": store_desk.map_of(found)})
    holding = store_desk.within(store_desk.tree(), found)
    context |= {"lines": list(lines(holding.inside)), "holding": holding}
    return render(request, "store/place.html", context)


@keepers
def change_place(request: HttpRequest, accession: str) -> HttpResponse:
    """Rename a place or retire it, whichever form was sent."""
    found = store_desk.place(parsed(accession))
    if request.method != "POST":
        return redirect("place", found.accession)
    if "retire" in request.POST:
        return retired(request, found)
    form = RenameForm(request.POST, prefix="rename")
    name = typed(request.POST, "rename-name", 60)
    if form.is_valid() and tried(form, lambda: rename_place(by=person(request), at=timezone.now(), place=found,
                                                            name=name)) is not None:  # fmt: skip
        messages.success(request, f"{found} has its new name.")
        return redirect("place", found.accession)
    return place_page(request, found, rename=form)


def retired(request: HttpRequest, found: StoragePlace) -> HttpResponse:
    form = RetireForm(request.POST, prefix="retire")
    reason = typed(request.POST, "retire-reason", 600)
    if form.is_valid() and tried(form, lambda: retire_place(by=person(request), at=timezone.now(), place=found,
                                                            reason=reason)) is not None:  # fmt: skip
        messages.success(request, f"{found} is used no more.")
        return redirect("store")
    return place_page(request, found, retire=form)


# ---- adding ----
class PlaceForm(forms.Form):
    """One room, cabinet or drawer; a cabinet comes with its drawers."""

    kind = forms.ChoiceField(
        label="What", choices=[(k.value, k.value) for k in PlaceKind], widget=forms.RadioSelect, initial="cabinet"
    )
    inside = forms.CharField(label="Stands in", required=False, max_length=60)
    name = forms.CharField(label="Name", max_length=40)
    drawers = forms.IntegerField(label="Drawers", min_value=0, max_value=MOST_DRAWERS, required=False)
    positions = forms.IntegerField(label="Positions in each", min_value=1, max_value=MOST_POSITIONS, required=False)
    columns = forms.IntegerField(label="Side by side", min_value=1, max_value=MOST_COLUMNS, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = [room_or_cabinet for room_or_cabinet, _ in lines(store_desk.tree(), drawers=False)]
        choices = [("", "nothing: it is a room"), *((h.place.accession, str(h.place)) for h in found)]
        self.fields["inside"] = forms.ChoiceField(label="Stands in", choices=choices, required=False)

    def place(self) -> NewPlace:
        said = self.cleaned_data
        inside = store_desk.place(said["inside"]) if said["inside"] else None
        sizes = {name: said[name] for name in ("drawers", "positions", "columns") if said[name] is not None}
        return NewPlace(PlaceKind(said["kind"]), said["name"], inside, **sizes)


@keepers
def add_place(request: HttpRequest) -> HttpResponse:
    form = PlaceForm(request.POST or None, initial={"inside": typed(request.GET, "inside"), "columns": 10})
    if request.method == "POST" and form.is_valid():
        made = tried(form, lambda: add_places(by=person(request), at=timezone.now(), places=[form.place()]))
        if made:
            more = f" with {len(made) - 1} drawers" if len(made) > 1 else ""
            messages.success(request, f"{made[0]} was added{more}. Print the labels next.")
            return redirect("place", made[0].accession)
    return render(request, "store/add.html", {"form": form})


@keepers
def labels(request: HttpRequest) -> HttpResponse:
    """The labels of a place and of every drawer in it, or of the whole store, as a sheet."""
    named = typed(request.GET, "in")
    inside = store_desk.place(parsed(named)) if named else None
    chosen = store_desk.drawers(inside)
    if inside and inside.kind != PlaceKind.DRAWER:
        chosen = [inside, *chosen]
    answer = HttpResponse(drawer_labels(chosen, made_at=timezone.now()), content_type="application/pdf")
    answer["Content-Disposition"] = 'inline; filename="drawer-labels.pdf"'
    return answer


urls: list[URLPattern] = [
    path("store/", store, name="store"),
    path("store/add/", add_place, name="add_place"),
    path("store/labels/", labels, name="drawer_labels"),
    path("store/<str:accession>/change/", change_place, name="change_place"),
    path("store/<str:accession>/", place, name="place"),
]
finds = {PLACE: "place"}
places = [Place("store", "Store", "w", (KEEPS,), 23, core_only=True)]
