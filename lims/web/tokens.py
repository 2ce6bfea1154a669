"""One's own API tokens: shown once when made, listed by their first letters, revoked one by one."""

from datetime import timedelta

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from lims import tokens as own
from lims.web.gate import person

LIFETIMES = [("30", "30 days"), ("180", "180 days"), (str(own.LONGEST_DAYS), "a year")]


class TokenForm(forms.Form):
    days = forms.ChoiceField(label="It works for", choices=LIFETIMES, widget=forms.RadioSelect, initial="180")


@never_cache
def tokens(request: HttpRequest) -> HttpResponse:
    form = TokenForm(request.POST or None)
    fresh = ""
    if request.method == "POST" and form.is_valid():
        fresh = own.make(by=person(request), at=timezone.now(), lifetime=timedelta(days=int(form.cleaned_data["days"])))
    context = {"form": form, "fresh": fresh, "tokens": own.of(person(request))}
    return render(request, "tokens.html", context)


@require_POST
def revoke(request: HttpRequest, key: str) -> HttpResponse:
    own.revoke(by=person(request), at=timezone.now(), key=key)
    messages.success(request, f"The token {key}… no longer works.")
    return redirect("tokens")


urls: list[URLPattern] = [
    path("tokens/", tokens, name="tokens"),
    path("tokens/<slug:key>/revoke/", revoke, name="token_revoke"),
]
