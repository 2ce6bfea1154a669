"""A trial's schedule of reminders."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone

from lims.people import scope_of
from lims.web.forms import tried
from lims.web.gate import needs, person
from lims.web.worklist import local_today
from specimens import queries, reminding, request_desk
from specimens.chasing import DEFAULT_SCHEDULE, TELEPHONE_AFTER
from specimens.deeds import demand_core
from specimens.request_desk import Wish


class ScheduleForm(forms.Form):
    days = forms.CharField(
        label="Days after asking",
        max_length=60,
        required=False,
        help_text="such as 14, 28; blank: no reminders go out",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def clean_days(self) -> list[int]:
        words = self.cleaned_data["days"].replace(",", " ").replace(";", " ").split()
        if not all(word.isascii() and word.isdigit() and len(word) < 5 for word in words):
            raise forms.ValidationError("Write whole numbers of days, such as 14, 28.")
        return [int(word) for word in words]


@needs("specimens.request")
def reminders(request: HttpRequest, code: str) -> HttpResponse:
    demand_core(person(request), "Setting the reminders")
    trial = queries.trial(code)
    now = [str(step.after_days) for step in reminding.schedule_of(trial)]
    form = ScheduleForm(request.POST or None, initial={"days": ", ".join(now)})
    if request.method == "POST" and form.is_valid():
        said = {"by": person(request), "at": timezone.now(), "trial": trial, "days": form.cleaned_data["days"]}
        if tried(form, lambda: [reminding.set_reminder_schedule(**said)]):
            messages.success(request, f"The reminders of {trial.code} are set; open requests follow them too.")
            return redirect("reminders", trial.code)
    context = {
        "form": form,
        "trial": trial,
        "now": now,
        "usual": DEFAULT_SCHEDULE,
        "telephone_after": TELEPHONE_AFTER,
        "counts": request_desk.due_counts(scope_of(person(request)), Wish(trial=trial.code), local_today()),
    }
    return render(request, "requests/reminders.html", context)


urls: list[URLPattern] = [path("trials/<str:code>/reminders/", reminders, name="reminders")]
