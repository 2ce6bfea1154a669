"""Who reads what: cases without readers, each reader's load, giving out by the rule, by hand, to another."""

from decimal import Decimal

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_POST

from lims.web.forms import aloud, reason_field, tried, typed
from lims.web.gate import needs, person
from lims.web.paging import pager
from lims.web.places import Place
from scoring import assignment_desk as desk
from scoring.assigning import assign, assign_by_rule, reassign, take_back
from scoring.cases import ASSAY_LABELS
from scoring.plans import plan_of, set_reading_plan
from scoring.readers import reader
from scoring.rules.vocabulary import Assay
from specimens import queries

ASSIGN = "scoring.assign"
MOST = 200


class ByHandForm(forms.Form):
    reader = forms.TypedChoiceField(label="Reader", coerce=int)
    reason = reason_field("Why this reader")

    def __init__(self, *args: object, able: list[tuple[int, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["reader"].choices = [("", "choose"), *able]  # type: ignore[attr-defined]


class AwayForm(forms.Form):
    reason = reason_field("Why it is taken back")


class PlanForm(forms.Form):
    assigns = forms.BooleanField(label="Give every case to its readers when it opens", required=False)
    share = forms.DecimalField(
        label="Repeats, % of a reader’s concluded reads", min_value=0, max_value=100, max_digits=4, decimal_places=1
    )
    wash_out_days = forms.IntegerField(label="Wash-out, days", min_value=1, max_value=3650)


@needs(ASSIGN)
def assignments(request: HttpRequest) -> HttpResponse:
    """Cases that are not read through, newest first, and how much each reader has."""
    only_free = request.GET.get("show") == "free"
    pages = pager(request)
    found = pages.of(desk.cases_to_give(person(request), pages.before_id, only_free=only_free))
    context = {
        "page": found,
        "rows": [(row, ASSAY_LABELS[row.assay]) for row in found.rows],
        "free": sum(bool(row.free) for row in found.rows),
        "only_free": only_free,
        "readers": [(row, [(ASSAY_LABELS[a], until) for a, until in row.until.items()])
                    for row in desk.readers_now(person(request), timezone.localdate())],
        "trials": queries.trials(),
    }  # fmt: skip
    return render(request, "assignments/list.html", context)


@needs(ASSIGN)
@require_POST
def give_out(request: HttpRequest) -> HttpResponse:
    """The chosen cases, by the rule."""
    codes, form = request.POST.getlist("case")[:MOST], forms.Form(request.POST)
    if not codes:
        messages.warning(request, "Choose the cases to give out.")
        return redirect("assignments")
    done = tried(form, lambda: assign_by_rule(
        by=person(request), at=timezone.now(), cases=desk.cases_named(person(request), codes)))  # fmt: skip
    form.is_valid()
    aloud(request, form)
    if done:
        given = {made.case_id for made in done.made}
        messages.success(request, f"{len(given)} given out to {len({made.reader_id for made in done.made})} readers.")
        if done.left:
            messages.warning(request, f"Too few qualified readers for {', '.join(done.left)}.")
    return redirect("assignments")


@needs(ASSIGN)
def one(request: HttpRequest, code: str) -> HttpResponse:
    """One case: who has it; a POST gives a free place to a reader."""
    user, row = person(request), desk.one_case(person(request), code)
    able = [(each.id, each.name) for each in desk.able(user, code, timezone.localdate())]
    form = ByHandForm(request.POST or None, able=able)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        case = desk.case_to_give(user, code)
        if tried(form, lambda: assign(
            by=user, at=timezone.now(), case=case, reader_id=said["reader"], reason=said["reason"])):  # fmt: skip
            messages.success(request, f"Case {row.code} is given to {reader(said['reader']).name}.")
            return redirect("assignment", row.code)
    return case_page(request, row, form, able)


def case_page(request: HttpRequest, row: desk.CaseRow, form: forms.Form, able: list[tuple[int, str]],
              refused: tuple[int, forms.Form] | None = None) -> HttpResponse:  # fmt: skip
    holders = []
    for each in row.holders:
        mine = refused[1] if refused and refused[0] == each.id else AwayForm(prefix=f"a{each.id}")
        holders.append((each, mine))
    context = {"row": row, "assay": ASSAY_LABELS[row.assay], "holders": holders, "form": form, "able": able,
               "refused": refused[0] if refused else None}  # fmt: skip
    return render(request, "assignments/case.html", context)


@needs(ASSIGN)
@require_POST
def away(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Take the case back from a reader; with a name chosen, give it to another in the same breath."""
    user, row = person(request), desk.one_case(person(request), code)
    held = desk.assignment(user, pk)
    form = AwayForm(request.POST, prefix=f"a{pk}")
    to = typed(request.POST, "to")
    if held.case_id == row.id and form.is_valid():
        said = {"by": user, "at": timezone.now(), "assignment": held, "reason": form.cleaned_data["reason"]}
        deed = (lambda: reassign(reader_id=int(to), **said)) if to.isdigit() else (lambda: take_back(**said))
        if tried(form, deed):
            messages.success(request, f"Case {row.code} was taken back{' and given to another' if to else ''}.")
            return redirect("assignment", row.code)
    able = [(each.id, each.name) for each in desk.able(user, code, timezone.localdate())]
    return case_page(request, row, ByHandForm(able=able), able, (pk, form))


@needs(ASSIGN)
def reading_plan(request: HttpRequest, code: str) -> HttpResponse:
    """Whether a trial's cases are given out by themselves, what share comes back, after how many days."""
    trial = queries.trial(code)
    now = plan_of(trial.pk)
    first = {"assigns": now.assigns, "share": f"{now.repeat_share * 100:.1f}", "wash_out_days": now.wash_out_days}
    form = PlanForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        if tried(form, lambda: set_reading_plan(
            by=person(request), at=timezone.now(), trial=trial, assigns=said["assigns"],
            repeat_share=Decimal(said["share"]) / 100, wash_out_days=said["wash_out_days"])):  # fmt: skip
            messages.success(request, f"How cases of {trial.code} are given out is set.")
            return redirect("reading_plan", trial.code)
    return render(request, "assignments/plan.html", {"form": form, "trial": trial, "assays": list(Assay)})


urls: list[URLPattern] = [
    path("assignments/", assignments, name="assignments"),
    path("assignments/give-out/", give_out, name="give_out"),
    path("assignments/<str:code>/", one, name="assignment"),
    path("assignments/<str:code>/<int:pk>/away/", away, name="assignment_away"),
    path("trials/<str:code>/reading-plan/", reading_plan, name="reading_plan"),
]
places = [Place("assignments", "Readers", "v", (ASSIGN,), 64, core_only=True)]
