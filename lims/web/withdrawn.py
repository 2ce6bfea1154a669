"""A patient who withdrew: every block and slide that is still here, to be sent back or destroyed; and what is kept."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse

from lims.models import User
from lims.people import scope_of
from lims.web.gate import may, needs, person
from lims.web.worklist import MOST_ROWS, Due
from specimens import desk, queries, withdrawals


@needs("specimens.consent")
def tissue_left(request: HttpRequest, pk: int) -> HttpResponse:
    """What of this patient's tissue is at the core or on its way there, and where the rest went."""
    scope = scope_of(person(request))
    found = desk.patient(scope, pk)
    rows = withdrawals.left_of(found, queries.core().pk)
    task = withdrawals.tasks(scope).filter(pk=pk).first()
    here = [row for row in rows if row.here]
    context = {
        "patient": found,
        "consents": desk.consents_of(found),
        "task": task,
        "here": here,
        "coming": [row for row in rows if row.coming],
        "gone": [row for row in rows if not row.to_do],
        "may_return": may(person(request), "specimens.lend") and scope.everything,
        "disposals": disposals(request, here),
    }
    return render(request, "patients/tissue_left.html", context)


def disposals(request: HttpRequest, here: list[withdrawals.Left]) -> str:
    """Where destruction is proposed, with these things filled in; blank where that cannot be done."""
    if not here or not may(person(request), "specimens.dispose"):
        return ""
    return reverse("propose_disposal") + "?things=" + ",".join(str(row.thing) for row in here if not row.proposed)


def due(user: User, now: datetime) -> list[Due]:
    """One row a patient who withdrew and whose tissue is not gone yet."""
    if not may(user, "specimens.consent") or not scope_of(user).everything:
        return []
    return [row_of(patient) for patient in withdrawals.tasks(scope_of(user))[:MOST_ROWS]]


def row_of(patient: Any) -> Due:
    study = patient.study_gone is not None
    counts = [(patient.blocks_left, "block"), (patient.slides_left, "slide")]
    left = " and ".join(f"{n} {word}{'' if n == 1 else 's'}" for n, word in counts if n)
    said = "Consent withdrawn" if study else "Future research withdrawn, trial closed"
    return Due(
        on=patient.withdrawn_on,
        kind="Consent",
        number="",
        what=f"{said}: {left} to return or destroy",
        where=patient.treating_site.name,
        state="all work stopped" if study else "left over",
        shape="stop",
        action="Plan the return",
        href=reverse("tissue_left", args=[patient.pk]),
        patient=patient.study_id,
        synthetic=patient.synthetic,
    )


urls: list[URLPattern] = [path("patients/<int:pk>/tissue/", tissue_left, name="tissue_left")]
