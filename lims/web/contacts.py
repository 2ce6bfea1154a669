"""One institution: whom to write to there, and whose courier carries its parcels."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_POST

from lims.people import scope_of
from lims.web.forms import aloud, tried
from lims.web.gate import may, needs, person
from specimens import letter_desk, queries
from specimens.contacting import add_contact, add_courier_account, end_contact, end_courier_account
from specimens.errors import Unknown
from specimens.models import Institution
from specimens.vocabulary import ContactDuty

DUTIES = [
    (ContactDuty.PATHOLOGY.value, "pathology: blocks and slides"),
    (ContactDuty.TRIAL_OFFICE.value, "trial office"),
    (ContactDuty.SHIPPING.value, "shipping: parcels"),
]


class ContactForm(forms.Form):
    name = forms.CharField(label="Name or office", max_length=200)
    duty = forms.ChoiceField(label="For", choices=DUTIES)
    email = forms.EmailField(label="E-mail", required=False, max_length=254, help_text="blank: letters are printed")
    telephone = forms.CharField(label="Telephone", required=False, max_length=40)
    postal_address = forms.CharField(label="Postal address", required=False, max_length=300)


class CourierForm(forms.Form):
    courier = forms.CharField(label="Courier", max_length=60)
    account = forms.CharField(label="Account number", max_length=60)
    note = forms.CharField(label="Note", required=False, max_length=200)


KEEP = ("specimens.keep_contacts",)


def institution_of(request: HttpRequest, code: str) -> Institution:
    """The institution, if the viewer acts for it; another's contacts are not there."""
    found = queries.institution(code)
    if not scope_of(person(request)).holds(found.pk):
        raise Unknown("unknown_institution", f"No institution of yours has the code “{code[:24]}”.")
    return found


@needs(*KEEP)
def institution(request: HttpRequest, code: str) -> HttpResponse:
    return page(request, institution_of(request, code))


def page(
    request: HttpRequest, found: Institution, contact: forms.Form | None = None, courier: forms.Form | None = None
) -> HttpResponse:
    context = {
        "institution": found,
        "contacts": letter_desk.contacts_of(found),
        "couriers": letter_desk.couriers_of(found),
        "contact_form": contact or ContactForm(prefix="contact"),
        "courier_form": courier or CourierForm(prefix="courier"),
        "all": may(person(request), "lims.administer"),
    }
    return render(request, "house/institution.html", context)


@require_POST
@needs(*KEEP)
def new_contact(request: HttpRequest, code: str) -> HttpResponse:
    found, form = institution_of(request, code), ContactForm(request.POST, prefix="contact")
    if form.is_valid() and (kept := tried(form, lambda: add_contact(**added(request, found, form)))):
        messages.success(request, f"{kept.name} is a contact of {found.name}.")
        return redirect("institution", found.code)
    return page(request, found, contact=form)


@require_POST
@needs(*KEEP)
def new_courier(request: HttpRequest, code: str) -> HttpResponse:
    found, form = institution_of(request, code), CourierForm(request.POST, prefix="courier")
    if form.is_valid() and (kept := tried(form, lambda: add_courier_account(**added(request, found, form)))):
        messages.success(request, f"{kept.courier} carries for {found.name}.")
        return redirect("institution", found.code)
    return page(request, found, courier=form)


def added(request: HttpRequest, found: Institution, form: forms.Form) -> dict[str, Any]:
    return {"by": person(request), "at": timezone.now(), "institution": found, **form.cleaned_data}


class NothingForm(forms.Form):
    """Carries a refusal and asks nothing."""


def ended(request: HttpRequest, what: Any, said: str, deed: Callable[[], Any]) -> HttpResponse:
    form = NothingForm(request.POST)
    form.full_clean()
    if tried(form, deed):
        messages.success(request, said)
    aloud(request, form)
    return redirect("institution", what.institution.code)


@require_POST
@needs(*KEEP)
def contact_left(request: HttpRequest, pk: int) -> HttpResponse:
    found = letter_desk.contact(scope_of(person(request)), pk)
    who: dict[str, Any] = {"by": person(request), "at": timezone.now(), "contact": found}
    return ended(request, found, f"{found.name} is no longer written to.", lambda: end_contact(**who))


@require_POST
@needs(*KEEP)
def courier_ended(request: HttpRequest, pk: int) -> HttpResponse:
    found = letter_desk.courier_account(scope_of(person(request)), pk)
    who: dict[str, Any] = {"by": person(request), "at": timezone.now(), "account": found}
    said = f"Account {found.account} is no longer used."
    return ended(request, found, said, lambda: end_courier_account(**who))


urls: list[URLPattern] = [
    path("institutions/<str:code>/", institution, name="institution"),
    path("institutions/<str:code>/contacts/", new_contact, name="new_contact"),
    path("institutions/<str:code>/couriers/", new_courier, name="new_courier"),
    path("contacts/<int:pk>/end/", contact_left, name="contact_left"),
    path("couriers/<int:pk>/end/", courier_ended, name="courier_ended"),
]
