"""The cutting list: what is ordered, what nobody has ordered yet, and cutting by scan: block, Ctrl+Enter, block."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from lims.models import User
from lims.papers.cutting_list import cutting_list_pdf
from lims.people import scope_of
from lims.web.forms import DayField, PickField, ScanField, onward, reason_field, tried, typed
from lims.web.gate import may, needs, person
from lims.web.labelled import labels_address
from lims.web.places import Place
from lims.web.worklist import MOST_ROWS, Due, local_today
from specimens import bench_desk, cutting_desk, queries
from specimens.cutting_desk import MOST_PRINTED
from specimens.deeds import demand_core
from specimens.desk import PAGE
from specimens.errors import Refused
from specimens.identifiers import BLOCK, CUTTING, parsed, prefix_of
from specimens.models import Block, CuttingOrder, Slide
from specimens.ordering import MOST_SECTIONS, USUAL, NewOrder, cancel_order, exhaust_block, order_sections, order_usual
from specimens.ordering import state_of as state_of_end
from specimens.scope import EVERYTHING
from specimens.sectioning import Cut, cut_sections
from specimens.vocabulary import STAIN_LABELS, OrderState, Stain

STAINS = [("", "not said"), *((stain.value, label) for stain, label in STAIN_LABELS.items())]
SHAPES = {OrderState.OPEN: "open", OrderState.CUT: "done", OrderState.CANCELLED: "none"}
USUAL_WORDS = " + ".join(f"{number} {STAIN_LABELS[stain]}" for stain, number in USUAL)
ORDERS = "specimens.order_cutting"


def state_words(order: CuttingOrder) -> tuple[str, str]:
    """(word, shape) of an order's state."""
    state = state_of(order)
    return state.value, SHAPES[state]


def here(request: HttpRequest, what: str) -> None:
    """The list shows every site's tissue: it is for the core's own people."""
    demand_core(person(request), what)


def state_of(order: CuttingOrder) -> OrderState:
    return state_of_end(getattr(order, "end", None))


# ---- the list ----
@needs("specimens.cut", ORDERS)
def cutting(request: HttpRequest) -> HttpResponse:
    """Open orders, most urgent first; below them blocks of which nobody has ordered anything."""
    here(request, "The cutting list")
    return list_page(request)


def list_page(request: HttpRequest, *, said: str = "", scanned: str = "", ticked: list[str] | None = None,
              wrong: str = "") -> HttpResponse:  # fmt: skip
    found = cutting_desk.cutting_list(typed(request.GET, "after", 40))
    today = local_today()
    context = {
        "rows": [(row, days_late(row.order, today)) for row in found.rows],
        "after": found.after,
        "today": today,
        "unordered": list(cutting_desk.unordered_blocks()[:PAGE]) if may_order(request) else [],
        "usual": USUAL_WORDS,
        "ticked": ticked,
        "wrong": wrong,
        "said": said,
        "scanned": scanned,
        "last_cut": last_cut(request),
        "may_cut": may(person(request), "specimens.cut"),
        "may_order": may_order(request),
    }
    return render(request, "bench/cutting.html", context)


def may_order(request: HttpRequest) -> bool:
    return may(person(request), ORDERS) and scope_of(person(request)).everything


def days_late(order: CuttingOrder, today: Any) -> int:
    return max((today - order.wanted_by).days, 0) if order.wanted_by else 0


def last_cut(request: HttpRequest) -> dict[str, Any] | None:
    """The sections cut a moment ago, and where their labels are printed."""
    numbers = [each for each in typed(request.GET, "cut", 1500).split(",") if each]
    slides = bench_desk.slides_by_accession(numbers[:MOST_SECTIONS])
    if not slides:
        return None
    return {"slides": slides, "block": slides[0].block, "labels": labels_address(person(request), slides)}


@needs("specimens.cut", ORDERS)
def scan(request: HttpRequest) -> HttpResponse:
    """A scanned block leads to its most urgent order, a scanned order to itself; both ready to be cut."""
    here(request, "The cutting list")
    scanned = typed(request.GET, "thing")
    try:
        return redirect(address_of(scanned))
    except Refused as refused:
        return list_page(request, said=refused.sentence, scanned=scanned)


def address_of(scanned: str) -> str:
    number = parsed(scanned)
    if prefix_of(number) == CUTTING:
        order = cutting_desk.order(EVERYTHING, number)
        if state_of(order) is not OrderState.OPEN:
            raise Refused("order_ended", f"Order {order} was {state_of(order)} already.")
        return cut_address(order.block, order)
    if prefix_of(number) != BLOCK:
        raise Refused("no_block", f"{number} is no block: scan a block, or an order of the list.")
    block = queries.block(EVERYTHING, number)
    return cut_address(block, cutting_desk.next_order_of(block))


def cut_address(block: Block, order: CuttingOrder | None) -> str:
    return reverse("cut", args=[block.accession]) + (f"?order={order}" if order else "")


@needs("specimens.cut", ORDERS)
def print_list(request: HttpRequest) -> HttpResponse:
    """The open orders on paper, with codes to scan from it."""
    here(request, "The cutting list")
    found = cutting_desk.cutting_list(most=MOST_PRINTED)
    paper = cutting_list_pdf(found.rows, at=timezone.localtime(), more=bool(found.after))
    answer = HttpResponse(paper, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="cutting-list-{local_today()}.pdf"'
    return answer


@needs(ORDERS)
@require_POST
def usual(request: HttpRequest) -> HttpResponse:
    """Order the usual of every ticked block, or of none."""
    here(request, "The cutting list")
    numbers = [number.replace("\x00", "")[:24] for number in request.POST.getlist("block")][:PAGE]
    found = cutting_desk.blocks_named(scope_of(person(request)), numbers)
    blocks = [found[number] for number in numbers if number in found]
    try:
        if not blocks:
            raise Refused("none_ticked", "Tick the blocks to order from.")
        made = order_usual(by=person(request), at=timezone.now(), blocks=blocks)
    except Refused as refused:
        said = getattr(refused, "problems", [refused])[0].sentence
        return list_page(request, ticked=numbers, wrong=said)
    count = "1 block" if len(blocks) == 1 else f"{len(blocks)} blocks"
    messages.success(request, f"{len(made)} orders for {count}: {USUAL_WORDS} of each.")
    return redirect("cutting")


# ---- one order ----
class OrderForm(forms.Form):
    block = onward(ScanField(label="Block", help_text="Scan it, or type its number."))
    sections = onward(forms.IntegerField(label="Sections", min_value=1, max_value=MOST_SECTIONS, initial=1))
    stain = forms.ChoiceField(label="For which stain", choices=STAINS, required=False, widget=forms.RadioSelect)
    thickness_um = forms.DecimalField(
        label="Thickness in µm", min_value=1, max_value=100, max_digits=4, decimal_places=1, required=False, initial=4
    )
    levels = forms.CharField(
        label="Levels", max_length=60, required=False, help_text="as “3 levels, 50 µm apart”; blank: as it comes"
    )
    wanted_by = DayField(label="Wanted by", required=False)
    replaces = onward(
        ScanField(
            label="In place of slide", required=False, help_text="A recut or restain: scan the slide it stands in for."
        )
    )
    reason = reason_field("Why it is cut again", required=False)

    def order(self) -> NewOrder:
        """What is asked for; a number nobody knows is said beside its field."""
        said = dict(self.cleaned_data)
        said["stain"] = Stain(said["stain"]) if said["stain"] else None
        said["block"] = self.found("block", lambda number: queries.block(EVERYTHING, number))
        instead = said["replaces"]
        said["replaces"] = self.found("replaces", lambda number: queries.slide(EVERYTHING, number)) if instead else None
        return NewOrder(**said)

    def found(self, field: str, look_up: Any) -> Any:
        try:
            return look_up(parsed(self.cleaned_data[field]))
        except Refused as refused:
            raise Refused(refused.code, refused.sentence, field=field) from refused


@needs(ORDERS)
def add_order(request: HttpRequest) -> HttpResponse:
    here(request, "Ordering sections")
    names = ("block", "sections", "stain", "levels", "replaces", "reason")
    first = {name: said for name in names if (said := typed(request.GET, name, 500))}
    form = OrderForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        made = tried(form, lambda: order_sections(by=person(request), at=timezone.now(), orders=[form.order()]))
        if made:
            messages.success(request, f"Order {made[0]} stands on the cutting list.")
            return redirect("cutting")
    return render(request, "bench/order.html", {"form": form})


class CancelForm(forms.Form):
    reason = reason_field("Why it is cancelled")


@needs("specimens.view")
def cutting_order(request: HttpRequest, accession: str) -> HttpResponse:
    """One order: what it asks, what became of it; a POST cancels it."""
    order = cutting_desk.order(scope_of(person(request)), parsed(accession))
    state = state_of(order)
    form = CancelForm(request.POST or None) if may_order(request) and state is OrderState.OPEN else None
    if request.method == "POST" and form and form.is_valid():
        reason = form.cleaned_data["reason"]
        if tried(form, lambda: cancel_order(by=person(request), at=timezone.now(), order=order, reason=reason)):
            messages.success(request, f"Order {order} was cancelled.")
            return redirect("cutting")
    context = {
        "order": order,
        "state": state,
        "shape": SHAPES[state],
        "slides": bench_desk.slides_of_order(order),
        "form": form,
        "may_cut": may(person(request), "specimens.cut") and state is OrderState.OPEN,
    }
    return render(request, "bench/cutting_order.html", context)


# ---- cutting ----
class CutForm(forms.Form):
    sections = forms.IntegerField(label="Sections", min_value=1, max_value=MOST_SECTIONS, initial=5)
    cut_on = DayField(label="Cut on", initial=timezone.localdate)
    thickness_um = forms.DecimalField(
        label="Thickness in µm", min_value=1, max_value=50, max_digits=4, decimal_places=1, initial=4
    )
    position = forms.CharField(label="Level", max_length=20, required=False, help_text="top, bottom or a level")
    further_block = PickField(
        label="Shows the face of a further block too",
        queryset=None,
        to_field_name="accession",
        required=False,
    )
    shortfall = forms.CharField(
        label="Why fewer than ordered", max_length=500, required=False, help_text="Only when fewer were cut."
    )
    reorder_rest = forms.BooleanField(label="Order the rest anew", required=False)
    used_up = forms.BooleanField(label="The block is used up: nothing more can be cut", required=False)

    def __init__(self, block: Block, order: CuttingOrder | None, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        beside_it = bench_desk.blocks_beside(block)
        if beside_it.exists():
            self.fields["further_block"].queryset = beside_it  # type: ignore[attr-defined]
        else:
            del self.fields["further_block"]
        if order is None:
            del self.fields["shortfall"], self.fields["reorder_rest"]


@needs("specimens.cut")
def cut(request: HttpRequest, accession: str) -> HttpResponse:
    """Cut a block. `?order=` fills the form from that order, and cutting ends it."""
    block = queries.block(EVERYTHING, parsed(accession))
    waiting = [order for order in cutting_desk.orders_of(block) if state_of(order) is OrderState.OPEN]
    asked = typed(request.POST, "order") if request.method == "POST" else typed(request.GET, "order")
    order = next((each for each in waiting if each.accession == asked.upper()), None)
    gone = asked and order is None
    first = {"sections": order.sections, "thickness_um": order.thickness_um or 4} if order else {}
    form = CutForm(block, order, request.POST or None, initial=first)
    if request.method == "POST" and gone:
        form.add_error(None, f"Order {asked[:24]} is no longer open: look at the cutting list again.")
    elif request.method == "POST" and form.is_valid():
        cuts = [Cut(block=block, order=order, **form.cleaned_data)]
        slides = tried(form, lambda: cut_sections(by=person(request), at=timezone.now(), cuts=cuts))
        if slides:
            numbers = f"{slides[0]}" if len(slides) == 1 else f"{slides[0]} to {slides[-1]}"
            messages.success(request, f"{counted(slides)} cut from block {block}: {numbers}.")
            return redirect(f"{reverse('cutting')}?cut={','.join(map(str, slides))}")
    context = {
        "the_block": block,
        "order": order,
        "waiting": [each for each in waiting if each != order],
        "exhaustion": cutting_desk.exhaustion_of(block),
        "form": form,
        "slides": bench_desk.slides_of(block),
    }
    return render(request, "bench/cut.html", context)


def counted(slides: list[Slide]) -> str:
    return "1 section was" if len(slides) == 1 else f"{len(slides)} sections were"


class ExhaustForm(forms.Form):
    note = forms.CharField(label="What is seen", max_length=200, required=False)


@needs("specimens.cut")
def exhaust(request: HttpRequest, accession: str) -> HttpResponse:
    """Say that nothing more can be cut from a block."""
    block = queries.block(EVERYTHING, parsed(accession))
    form = ExhaustForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        note = form.cleaned_data["note"]
        if tried(form, lambda: exhaust_block(by=person(request), at=timezone.now(), block=block, note=note)):
            messages.success(request, f"Block {block} is recorded as used up; what was ordered of it is cancelled.")
            return redirect("block", block.accession)
    context = {
        "the_block": block,
        "form": form,
        "waiting": [order for order in cutting_desk.orders_of(block) if state_of(order) is OrderState.OPEN],
    }
    return render(request, "bench/exhaust.html", context)


# ---- home ----
def due(user: User, now: datetime) -> list[Due]:
    """Orders to cut, and blocks nobody has ordered from."""
    if not may(user, "specimens.cut"):
        return []
    orders = [order_due(order) for order in cutting_desk.open_orders()[:MOST_ROWS]]
    return orders + [unordered_due(block) for block in cutting_desk.unordered_blocks()[:MOST_ROWS]]


def order_due(order: CuttingOrder) -> Due:
    specimen = order.block.specimen
    stain = f" for {STAIN_LABELS[Stain(order.stain)]}" if order.stain else ""
    again = f", in place of {order.replaces}" if order.replaces else ""
    return Due(
        on=order.wanted_by,
        kind="Order",
        number=order.accession,
        what=f"{order.sections} of block {order.block}{stain}{again}",
        state="to cut",
        shape="part",
        action="Cut sections",
        href=cut_address(order.block, order),
        patient=specimen.patient.study_id,
        where=specimen.holding_site.name,
        synthetic=order.synthetic,
        since=order.ordered_at,
    )


def unordered_due(block: Block) -> Due:
    specimen = block.specimen
    here = timezone.localtime(block.here_since).date()  # type: ignore[attr-defined]
    return Due(
        on=here + bench_desk.CUT_WITHIN,
        kind="Block",
        number=block.accession,
        what=f"{specimen.get_kind_display().capitalize()}, label {block.site_label}, here since {here}",
        state="nothing ordered",
        shape="open",
        action="Cut sections",
        href=reverse("cut", args=[block.accession]),
        patient=specimen.patient.study_id,
        where=specimen.holding_site.name,
        synthetic=block.synthetic,
    )


urls: list[URLPattern] = [
    path("cutting/", cutting, name="cutting"),
    path("cutting/scan/", scan, name="cutting_scan"),
    path("cutting/list.pdf", print_list, name="cutting_print"),
    path("cutting/usual/", usual, name="order_usual"),
    path("cutting/order/", add_order, name="add_order"),
    path("cutting/<str:accession>/", cutting_order, name="cutting_order"),
    path("blocks/<str:accession>/cut/", cut, name="cut"),
    path("blocks/<str:accession>/exhaust/", exhaust, name="exhaust"),
]
places = [Place("cutting", "Cutting", "c", ("specimens.cut",), 21)]
finds = {CUTTING: "cutting_order"}
