"""People and their roles: added, granted, revoked with a reason; never deleted."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from lims import roster, second_factor
from lims.models import User
from lims.people import add_person, grant_role, revoke_role
from lims.vocabulary import Role
from lims.web.forms import PickField, aloud, reason_field, tried
from lims.web.gate import needs, person
from lims.web.places import Place
from lims.web.second_factor import ResetForm
from specimens import queries

ROLES = [(role.value, role.value) for role in Role]


class RoleForm(forms.Form):
    role = forms.ChoiceField(label="Role", choices=ROLES, widget=forms.RadioSelect)
    institution = PickField(
        label="At",
        queryset=None,
        to_field_name="code",
        required=False,
        empty_label="the core, over every site",
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["institution"].queryset = queries.institutions()  # type: ignore[attr-defined]

    def clean_role(self) -> Role:
        return Role(self.cleaned_data["role"])


class PersonForm(RoleForm):
    """Somebody new, with a first role."""

    name = forms.CharField(label="Name as it stands beside a signature", max_length=150)
    username = forms.CharField(
        label="User name",
        max_length=150,
        help_text="Never given to anybody else again.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )
    password = forms.CharField(
        label="First password",
        help_text="At least 12 characters. Tell it in person; it can be changed after signing in.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=False),
    )
    field_order = ["name", "username", "password", "role", "institution"]


class RevocationForm(forms.Form):
    reason = reason_field("Why the role ends")


@needs("lims.administer")
def people(request: HttpRequest) -> HttpResponse:
    return render(request, "house/people.html", {"people": roster.people()})


@sensitive_post_parameters("password")
@needs("lims.administer")
def add(request: HttpRequest) -> HttpResponse:
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        added = tried(form, lambda: add_person(by=person(request), at=timezone.now(), **said))
        if added:
            messages.success(request, f"{added} was added as {added.username}, {said['role']}.")
            return redirect("person", added.pk)
    return render(request, "house/add_person.html", {"form": form})


@needs("lims.administer")
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One person's roles, standing and ended; a POST grants one more."""
    found = roster.one(pk)
    form = RoleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        granted = tried(
            form, lambda: grant_role(by=person(request), at=timezone.now(), user=found, **form.cleaned_data)
        )
        if granted:
            messages.success(request, f"{found} is {granted.role} from now on.")
            return redirect("person", pk)
    return person_page(request, found, form)


def person_page(
    request: HttpRequest, found: User, form: RoleForm, refused: tuple[int, RevocationForm] | None = None
) -> HttpResponse:
    grants = [
        (grant, refused[1] if refused and refused[0] == grant.pk else RevocationForm(prefix=f"g{grant.pk}"))
        for grant in roster.grants_of(found)
    ]
    context = {"found": found, "grants": grants, "form": form, "refused": refused[0] if refused else None}
    context |= {"enrolled": second_factor.is_enrolled(found), "reset": ResetForm()}
    return render(request, "house/person.html", context)


@needs("lims.administer")
@require_POST
def revoke(request: HttpRequest, pk: int, grant: int) -> HttpResponse:
    """End a role; the person's sessions and tokens end with it."""
    found = roster.one(pk)
    form = RevocationForm(request.POST, prefix=f"g{grant}")
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        done = tried(form, lambda: revoke_role(by=person(request), at=timezone.now(), grant_id=grant, reason=reason))
        if done:
            messages.success(
                request, f"{done.grant.user} is no longer {done.grant.role}, and is signed out everywhere."
            )
            return redirect("person", pk)
    if any(each.pk == grant and hasattr(each, "revocation") for each in roster.grants_of(found)):
        aloud(request, form)
    return person_page(request, found, RoleForm(), (grant, form))


urls: list[URLPattern] = [
    path("people/", people, name="people"),
    path("people/add/", add, name="add_person"),
    path("people/<int:pk>/", one, name="person"),
    path("people/<int:pk>/revoke/<int:grant>/", revoke, name="revoke_role"),
]
places = [Place("people", "People", "p", ("lims.administer",), 10)]
