"""Institutions in their roles: treating, holding, core."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone

from lims.web.forms import tried
from lims.web.gate import needs, person
from lims.web.places import Place
from specimens import queries
from specimens.enrolling import add_institution
from specimens.vocabulary import InstitutionRole

HINTS = {"treating": "treats patients", "holding": "holds tissue", "core": "cuts, stains and reads"}
ROLES = [(role.value, f"{role.value}: {HINTS[role]}") for role in InstitutionRole]


class InstitutionForm(forms.Form):
    code = forms.CharField(label="Code", max_length=15, help_text="such as MERCY")
    name = forms.CharField(label="Name", max_length=200)
    roles = forms.MultipleChoiceField(label="Roles", choices=ROLES, widget=forms.CheckboxSelectMultiple, required=False)
    time_zone = forms.CharField(label="Time zone", max_length=60, initial="UTC", help_text="such as Europe/London")

    def clean_roles(self) -> list[InstitutionRole]:
        return [InstitutionRole(word) for word in self.cleaned_data["roles"]]


@needs("lims.administer")
def institutions(request: HttpRequest) -> HttpResponse:
    form = InstitutionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        added = tried(form, lambda: add_institution(by=person(request), at=timezone.now(), **form.cleaned_data))
        if added:
            messages.success(request, f"{added.name} was added as {added.code}.")
            return redirect("institutions")
    return render(request, "house/institutions.html", {"form": form, "institutions": queries.institutions()})


urls: list[URLPattern] = [path("institutions/", institutions, name="institutions")]
places = [Place("institutions", "Institutions", "i", ("lims.administer",), 11)]
