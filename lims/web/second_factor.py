"""One's own second factor: added with the device's code, taken off with password and code, reset by administrators."""

import base64

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import views
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY, generate_totp_secret
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from lims import roster, second_factor
from lims.web.forms import reason_field
from lims.web.gate import needs, person
from lims.web.signatures import proof_of
from specimens.errors import Refused


class ResetForm(forms.Form):
    reason = reason_field("Why it is taken off")


@never_cache
@sensitive_post_parameters("password", "code")
def own(request: HttpRequest) -> HttpResponse:
    """Where it stands; without one, a picture to scan and the code that shows it was scanned."""
    if second_factor.is_enrolled(person(request)):
        return render(
            request, "account/second_factor.html", {"left": len(second_factor.recovery_codes(person(request)))}
        )
    secret = request.session.setdefault(SECRET_SESSION_KEY, generate_totp_secret())
    fault, proof = "", None
    if request.method == "POST":
        proof, code = proof_of(request), request.POST.get("device", "").replace(" ", "")[:20]
        if proof.holds:
            try:
                codes = second_factor.add_second_factor(by=person(request), at=timezone.now(), secret=secret, code=code)
            except Refused as refused:
                fault = refused.sentence
            else:
                del request.session[SECRET_SESSION_KEY]
                return render(request, "account/recovery_codes.html", {"codes": codes})
    drawn = get_adapter().build_totp_svg(get_adapter().build_totp_url(person(request), secret))
    context = {"secret": secret, "proof": proof, "fault": fault, "picture": base64.b64encode(drawn.encode()).decode()}
    return render(request, "account/add_second_factor.html", context)


@require_POST
@sensitive_post_parameters("password", "code")
def remove(request: HttpRequest) -> HttpResponse:
    proof = proof_of(request)
    if not proof.holds:
        context = {"proof": proof, "left": len(second_factor.recovery_codes(person(request)))}
        return render(request, "account/second_factor.html", context)
    second_factor.remove_second_factor(by=person(request), at=timezone.now())
    messages.success(request, "Your second factor is off: your password alone signs.")
    return redirect("second_factor")


@needs("lims.administer")
@require_POST
def reset(request: HttpRequest, pk: int) -> HttpResponse:
    """Take off somebody's second factor; a refusal is said on the person's page."""
    found = roster.one(pk)
    try:
        reason = request.POST.get("reason", "").strip()[:2000]
        second_factor.reset_second_factor(by=person(request), at=timezone.now(), user=found, reason=reason)
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, f"The second factor of {found} is off; {found} is signed out everywhere.")
    return redirect("person", pk)


urls: list[URLPattern] = [
    path("sign-in/code/", views.authenticate, name="mfa_authenticate"),
    path("prove-it-is-you/code/", views.reauthenticate, name="mfa_reauthenticate"),
    path("second-factor/", own, name="second_factor"),
    path("second-factor/remove/", remove, name="remove_second_factor"),
    path("people/<int:pk>/second-factor/", reset, name="reset_second_factor"),
]
