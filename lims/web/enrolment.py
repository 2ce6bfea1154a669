"""Patients: the list, enrolment one by one and by file, consent given and withdrawn."""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from lims.intake.enrolment_sheet import COLUMNS, read_enrolment
from lims.intake.sheets import MOST_BYTES
from lims.models import User
from lims.people import scope_of
from lims.web.forms import DayField, PickField, aloud, reason_field, tried, typed
from lims.web.gate import may, needs, person
from lims.web.paging import pager
from lims.web.places import Place
from lims.web.worklist import MOST_ROWS, Due
from specimens import desk, queries, request_desk
from specimens.consenting import give_consent, withdraw_consent
from specimens.enrolling import NewPatient, enrol_patients, faults_of
from specimens.errors import Rejected, RowProblem
from specimens.models import Consent, Patient, Trial
from specimens.vocabulary import ConsentScope, InstitutionRole

SCOPES = [(scope.value, scope.value.replace("_", " ")) for scope in ConsentScope]
TISSUE_EXPECTED = timedelta(days=14)
SHAPES = {"given": "done", "withdrawn": "stop", "none": "due"}


@needs("specimens.view")
def patients(request: HttpRequest) -> HttpResponse:
    scope = scope_of(person(request))
    trial, sought = typed(request.GET, "trial"), typed(request.GET, "q")
    page = desk.patient_list(scope, trial=trial, sought=sought, before_id=pager(request).before_id)
    context = {
        "page": pager(request).of(page),
        "rows": [(row, SHAPES[row.consent]) for row in page.rows],
        "trials": queries.trials(),
        "trial": trial,
        "sought": sought,
        "may_enrol": may(person(request), "specimens.enrol"),
    }
    return render(request, "patients/list.html", context)


# ---- enrol ----
class PatientForm(forms.Form):
    """One patient. The treating sites are those the coordinator acts for."""

    trial = PickField(label="Trial", queryset=None, empty_label=None, to_field_name="code")
    study_id = forms.CharField(
        label="Study id",
        max_length=39,
        help_text="Never a name or a hospital number; such as CWG-0187.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "id", "autofocus": True}),
    )
    treating_site = PickField(label="Treated at", queryset=None, to_field_name="code", empty_label="choose the site")
    enrolled_on = DayField(label="Enrolled on", required=False)
    consent_scopes = forms.MultipleChoiceField(
        label="Consents to",
        choices=SCOPES,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        initial=[ConsentScope.THIS_STUDY],
        help_text="None ticked: enrolled without consent, nothing may be done.",
    )
    consent_version = forms.CharField(label="Version of the consent form", max_length=40, initial="1")
    consent_on = DayField(label="Consented on", required=False)

    def __init__(self, user: User, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["trial"].queryset = queries.trials()  # type: ignore[attr-defined]
        sites = desk.sites(scope_of(user), InstitutionRole.TREATING)
        self.fields["treating_site"].queryset = sites  # type: ignore[attr-defined]

    def row(self) -> NewPatient:
        said = self.cleaned_data
        return NewPatient(
            study_id=said["study_id"],
            treating_site=said["treating_site"].code,
            enrolled_on=said["enrolled_on"],
            consent_scopes=tuple(ConsentScope(word) for word in said["consent_scopes"]),
            consent_version=said["consent_version"],
            consent_on=said["consent_on"],
        )


@needs("specimens.enrol")
def enrol(request: HttpRequest) -> HttpResponse:
    user = person(request)
    form = PatientForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        trial: Trial = form.cleaned_data["trial"]
        added = tried(form, lambda: enrol_patients(by=user, at=timezone.now(), trial=trial, rows=[form.row()]))
        if added:
            messages.success(request, f"{added[0].study_id} was enrolled in {trial.code}.")
            return redirect("patient", added[0].pk)
    return render(request, "patients/enrol.html", {"form": form})


class SheetForm(forms.Form):
    trial = PickField(label="Trial", queryset=None, empty_label=None, to_field_name="code")
    sheet = forms.FileField(
        label="Sheet of patients",
        required=False,
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
        help_text="CSV in UTF-8. Nothing is enrolled before you have seen every row.",
    )
    text = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["trial"].queryset = queries.trials()  # type: ignore[attr-defined]

    def content(self) -> bytes:
        """The sheet as uploaded, or as carried along from its dry run."""
        sheet = self.cleaned_data["sheet"]
        return sheet.read(MOST_BYTES + 1) if sheet else self.cleaned_data["text"].encode()


@needs("specimens.enrol")
def enrol_file(request: HttpRequest) -> HttpResponse:
    """First a dry run with a verdict for each row; then, of the same text, the deed."""
    form = SheetForm(request.POST or None, request.FILES or None)
    context: dict[str, object] = {"form": form, "columns": COLUMNS}
    if request.method == "POST" and form.is_valid():
        if not (form.cleaned_data["sheet"] or form.cleaned_data["text"]):
            form.add_error("sheet", "Choose a sheet first.")
            return render(request, "patients/enrol_file.html", context)
        done = tried(form, lambda: numbered(lambda: dry_run(request, form, context)))
        if done:
            count = "1 patient was" if len(done) == 1 else f"{len(done)} patients were"
            messages.success(request, f"{count} enrolled in {form.cleaned_data['trial'].code}.")
            return redirect("patients")
    return render(request, "patients/enrol_file.html", context)


def numbered(deed: Callable[[], list[Patient]]) -> list[Patient]:
    """A fault of a row that is no row says which it is, since the sheet is not on the page."""
    try:
        return deed()
    except Rejected as refused:
        said = [
            RowProblem(p.row, "sheet", f"Row {p.row}: {p.sentence}" if p.row else p.sentence) for p in refused.problems
        ]
        raise Rejected(said) from refused


def dry_run(request: HttpRequest, form: SheetForm, context: dict[str, object]) -> list[Patient]:
    """The verdicts into `context`; the enrolled patients when the person has confirmed them."""
    user, trial = person(request), form.cleaned_data["trial"]
    content = form.content()
    rows, problems = read_enrolment(content)
    sites = {site.code: site for site in desk.sites(scope_of(user), InstitutionRole.TREATING)}
    problems += faults_of(trial, rows, sites, timezone.localdate())
    said = verdicts(rows, problems)
    context |= {
        "verdicts": said,
        "faulty": sum(bool(v[2]) for v in said),
        "text": content.decode("utf-8-sig"),
    }
    if "commit" not in request.POST or problems:
        return []
    return enrol_patients(by=user, at=timezone.now(), trial=trial, rows=rows)


def verdicts(rows: list[NewPatient], problems: list[RowProblem]) -> list[tuple[int, NewPatient, list[RowProblem]]]:
    """Each row with what is wrong with it, each fault once."""
    by_row: dict[int, dict[tuple[str, str], RowProblem]] = defaultdict(dict)
    for problem in problems:
        by_row[problem.row].setdefault((problem.field, problem.sentence), problem)
    return [(number, row, list(by_row[number].values())) for number, row in enumerate(rows, start=1)]


# ---- consent ----
class ConsentForm(forms.Form):
    scope = forms.ChoiceField(label="Consents to", choices=SCOPES, widget=forms.RadioSelect)
    version = forms.CharField(label="Version of the consent form", max_length=40)
    given_on = DayField(label="Given on")


class WithdrawalForm(forms.Form):
    withdrawn_on = DayField(label="Withdrawn on")
    reason = reason_field(required=False)


@needs("specimens.consent")
def consent(request: HttpRequest, pk: int) -> HttpResponse:
    """What the patient agreed to, and the form for one more consent."""
    found = desk.patient(scope_of(person(request)), pk)
    form = ConsentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        given = tried(
            form,
            lambda: give_consent(
                by=person(request),
                at=timezone.now(),
                patient=found,
                scope=ConsentScope(said["scope"]),
                version=said["version"],
                given_on=said["given_on"],
            ),
        )
        if given:
            messages.success(request, f"Consent of {found} to {given.get_scope_display()} was recorded.")
            return redirect("consent", pk)
    return consent_page(request, found, form)


def consent_page(
    request: HttpRequest, found: Patient, form: ConsentForm, refused: tuple[int, WithdrawalForm] | None = None
) -> HttpResponse:
    consents = [
        (c, refused[1] if refused and refused[0] == c.pk else WithdrawalForm(prefix=f"w{c.pk}"))
        for c in desk.consents_of(found)
    ]
    context = {
        "patient": found,
        "form": form,
        "consents": consents,
        "refused": refused[0] if refused else None,
        "may_correct": may(person(request), "specimens.correct") and scope_of(person(request)).everything,
    }
    return render(request, "patients/consent.html", context)


@needs("specimens.consent")
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw one consent: all work on the tissue stops."""
    standing = desk.consent_in(scope_of(person(request)), pk)
    form = WithdrawalForm(request.POST, prefix=f"w{pk}")
    if form.is_valid():
        done = tried(
            form,
            lambda: withdraw_consent(by=person(request), at=timezone.now(), consent=standing, **form.cleaned_data),
        )
        if done:
            messages.warning(request, stopped(standing))
            return redirect("consent", standing.patient_id)
    if hasattr(standing, "withdrawal"):
        aloud(request, form)
    found = desk.patient(scope_of(person(request)), standing.patient_id)
    return consent_page(request, found, ConsentForm(), (pk, form))


def stopped(consent: Consent) -> str:
    """What the withdrawal of this consent stops."""
    if consent.scope == ConsentScope.THIS_STUDY:
        return f"{consent.patient} withdrew; all work on this tissue has stopped."
    return f"{consent.patient} withdrew from {consent.get_scope_display()}; work for this study goes on."


# ---- home ----
def due(user: User, now: datetime) -> list[Due]:
    """Patients without consent, and consenting ones without tissue."""
    if not may(user, "specimens.consent"):
        return []
    scope = scope_of(user)
    asking = [consent_due(p) for p in desk.without_consent(scope).order_by("enrolled_on", "id")[:MOST_ROWS]]
    asks = scope.everything and may(user, "specimens.request")
    waiting = request_desk.unasked(scope) if asks else desk.without_tissue(scope)
    return asking + [tissue_due(p, asks) for p in waiting.order_by("enrolled_on", "id")[:MOST_ROWS]]


def consent_due(p: Patient) -> Due:
    return Due(
        on=p.enrolled_on,
        kind="Consent",
        number="",
        what="Enrolled without consent: nothing may be done with tissue",
        state="no consent",
        shape="due",
        action="Record the consent",
        href=reverse("consent", args=[p.pk]),
        patient=p.study_id,
        where=p.treating_site.name,
        synthetic=p.synthetic,
    )


def tissue_due(p: Patient, asks: bool) -> Due:
    """A patient without tissue: the core asks for it, a hospital sends it."""
    announce = f"{reverse('announce')}?study_id={p.study_id}&trial={p.trial.code}"
    enrolled = f"Enrolled {p.enrolled_on}; " if p.enrolled_on else ""
    return Due(
        on=p.enrolled_on + TISSUE_EXPECTED if p.enrolled_on else None,
        kind="Tissue",
        number="",
        what=f"{enrolled}no tissue {'asked for' if asks else 'announced'} yet",
        state="no tissue",
        shape="open",
        action="Ask for tissue" if asks else "Announce a parcel",
        href=f"{reverse('ask')}?patient={p.pk}" if asks else announce,
        patient=p.study_id,
        where=p.treating_site.name,
        synthetic=p.synthetic,
    )


urls: list[URLPattern] = [
    path("patients/", patients, name="patients"),
    path("patients/enrol/", enrol, name="enrol"),
    path("patients/enrol/file/", enrol_file, name="enrol_file"),
    path("patients/<int:pk>/consent/", consent, name="consent"),
    path("consents/<int:pk>/withdraw/", withdraw, name="withdraw"),
]
places = [Place("patients", "Patients", "a", ("specimens.view",), 18)]
