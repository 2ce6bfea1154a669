"""Putting away by scan: a drawer, then one thing after another; and the list of what stands nowhere."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from lims.web.forms import typed
from lims.web.gate import person
from lims.web.paging import pager
from lims.web.store import keepers
from specimens import store_desk
from specimens.errors import Refused
from specimens.identifiers import BLOCK, PLACE, SLIDE, cleaned, parsed, prefix_of
from specimens.models import StoragePlace
from specimens.storing import Put, put_things, take_out, undo_move
from specimens.vocabulary import PlaceKind

OUT, IN, UNDO = "*OUT*", "*IN*", "*UNDO*"
REMEMBERED = timedelta(hours=12)
TO_THE_BENCH = "to the bench"


@dataclass(frozen=True, slots=True)
class Desk:
    """What the next scan will do: into which drawer, or out, and to which position if one was chosen."""

    drawer: StoragePlace | None = None
    out: bool = False
    position: int | None = None
    why: str = TO_THE_BENCH

    @property
    def query(self) -> str:
        said = {
            "drawer": self.drawer.accession if self.drawer else "",
            "out": "1" if self.out else "",
            "position": str(self.position or ""),
            "why": self.why if self.why != TO_THE_BENCH else "",
        }
        return urlencode({name: value for name, value in said.items() if value})


def desk_said(said: QueryDict) -> Desk:
    """The desk as the address or the form describes it."""
    number, named = typed(said, "position", 6), typed(said, "drawer")
    return Desk(
        drawer=drawer_of(named) if named else None,
        out=bool(typed(said, "out")),
        position=int(number) if number.isascii() and number.isdigit() else None,
        why=typed(said, "why", 200) or TO_THE_BENCH,
    )


def drawer_of(scanned: str) -> StoragePlace:
    found = store_desk.place(parsed(scanned))
    if found.kind != PlaceKind.DRAWER:
        raise Refused("no_drawer", f"{found} is a {found.kind}: scan one of its drawers.")
    if found.retired_at:
        raise Refused("retired", f"{found} is used no more: scan another drawer.")
    return found


@keepers
def desk(request: HttpRequest) -> HttpResponse:
    """The desk at the cabinet. A POST is one scan; the box is empty afterwards, or says why not."""
    now, said, scanned = Desk(), "", ""
    try:
        now = desk_said(request.POST if request.method == "POST" else request.GET)
        if request.method == "POST":
            scanned = typed(request.POST, "scan")
            now = scan(request, now, scanned)
    except Refused as refused:
        said = getattr(refused, "problems", [refused])[0].sentence
    if request.method == "POST" and not said and not request.htmx:  # type: ignore[attr-defined]
        return redirect(f"{reverse('put_away')}?{now.query}")
    return desk_page(request, now, said, scanned if said else "")


def scan(request: HttpRequest, now: Desk, scanned: str) -> Desk:
    """Do what the scanned code means; gives the desk as it is for the next one."""
    if not scanned:
        raise Refused("nothing_scanned", "Scan a drawer, a block or a slide, or type its number.")
    code = cleaned(scanned)
    if code in (OUT, IN):
        return replace(now, out=code == OUT, position=None)
    if code == UNDO:
        return undone(request, now)
    accession = parsed(scanned)
    if prefix_of(accession) == PLACE:
        return replace(now, drawer=drawer_of(accession), out=False, position=None)
    if prefix_of(accession) not in (BLOCK, SLIDE):
        raise Refused("not_stored", f"{accession} is no block, slide or drawer: scan one of those.")
    thing, who, at = store_desk.thing_named(accession), person(request), timezone.now()
    if now.out:
        take_out(by=who, at=at, things=[thing], why=now.why)
        return now
    if now.drawer is None:
        raise Refused("no_drawer", f"Scan the drawer first, then {accession}.")
    put_things(by=who, at=at, puts=[Put(thing, now.drawer, now.position)])
    return replace(now, position=None)


def undone(request: HttpRequest, now: Desk) -> Desk:
    move = store_desk.last_move_by(person(request).pk)
    if move is None or move.moved_at < timezone.now() - REMEMBERED:
        raise Refused("nothing_to_undo", "You have moved nothing here today that could be undone.")
    undo_move(by=person(request), at=timezone.now(), move=move)
    return now


def desk_page(request: HttpRequest, now: Desk, said: str, scanned: str) -> HttpResponse:
    taken, free = store_desk.room_in(now.drawer) if now.drawer else (0, None)
    moves = store_desk.last_moves(person(request).pk, timezone.now() - REMEMBERED)
    context: dict[str, Any] = {
        "desk": now,
        "taken": taken,
        "next_free": free,
        "moves": moves,
        "last": moves[0] if moves else None,
        "said": said,
        "scanned": scanned,
        "other_way": replace(now, out=not now.out, position=None).query,
    }
    htmx = request.htmx  # type: ignore[attr-defined]
    answer = render(request, "store/desk_part.html" if htmx else "store/desk.html", context)
    if htmx:
        answer["HX-Replace-Url"] = f"{reverse('put_away')}?{now.query}"
    return answer


@keepers
@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back one move of one's own; the desk stays as it was."""
    try:
        move = store_desk.move_by(person(request).pk, pk)
        undo_move(by=person(request), at=timezone.now(), move=move)
        messages.success(request, f"{move.block or move.slide}: the move was undone.")
    except Refused as refused:
        messages.warning(request, getattr(refused, "problems", [refused])[0].sentence)
    query = urlencode({k: v for k in ("drawer", "out", "why") if (v := typed(request.POST, k, 200))})
    return redirect(f"{reverse('put_away')}?{query}")


# ---- what stands nowhere ----
@keepers
def waiting(request: HttpRequest) -> HttpResponse:
    """Blocks or slides at the core without a place; a POST puts those chosen into one drawer."""
    kind = "block" if typed(request.GET, "kind") == "block" else "slide"
    chosen, problems, scanned = request.POST.getlist("thing")[:200], [], typed(request.POST, "drawer")
    if request.method == "POST":
        try:
            moved = put_chosen(request, chosen, scanned)
            messages.success(request, f"{moved} were put away: look at the map.")
            return redirect("place", parsed(scanned))
        except Refused as refused:
            problems = [p.sentence for p in getattr(refused, "problems", [])] or [refused.sentence]
    page = store_desk.not_put_away(kind, pager(request).before_id)
    context = {
        "page": pager(request).of(page),
        "kind": kind,
        "rows": [(row, store_desk.what_is(row)) for row in page.rows],
        "chosen": set(chosen),
        "problems": problems,
        "scanned": scanned,
    }
    return render(request, "store/waiting.html", context)


def put_chosen(request: HttpRequest, chosen: list[str], scanned: str) -> str:
    """Put the chosen things into the drawer's next free positions, in the order of the list."""
    if not scanned:
        raise Refused("no_drawer", "Scan the drawer they go into.")
    drawer, found = drawer_of(scanned), store_desk.things_named([parsed(each) for each in chosen])
    moves = put_things(by=person(request), at=timezone.now(), puts=[Put(thing, drawer) for thing in found.values()])
    return "1 thing" if len(moves) == 1 else f"{len(moves)} things"


urls: list[URLPattern] = [
    path("store/desk/", desk, name="put_away"),
    path("moves/<int:pk>/undo/", undo, name="undo_move"),
    path("store/waiting/", waiting, name="not_put_away"),
]
