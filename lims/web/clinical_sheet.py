"""Clinical factors from a sheet: a dry run with a verdict for each row, then, of the same text, the deed."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone

from lims.factor_import import Verdict, import_sheet, read_and_judge
from lims.intake.factor_sheet import COLUMNS, REQUIRED
from lims.intake.sheets import MOST_BYTES
from lims.web.forms import tried
from lims.web.gate import needs, person
from lims.web.places import Place
from scoring.charting import RECORD
from scoring.clinical_words import FACTORS
from scoring.units import LABS
from specimens.errors import Refused

SHAPES = {"new": "done", "correction": "due", "recorded": "none", "refused": "stop"}
WORDS = {"new": "will be recorded", "correction": "corrects what stands", "recorded": "recorded already"}


class FactorSheetForm(forms.Form):
    sheet = forms.FileField(label="Sheet of factors", required=False, help_text="CSV in UTF-8, one factor a row.")
    text = forms.CharField(widget=forms.HiddenInput, required=False, strip=False)

    def content(self) -> bytes:
        """The sheet as uploaded, or as carried along from its dry run."""
        sheet = self.cleaned_data["sheet"]
        return sheet.read(MOST_BYTES + 1) if sheet else self.cleaned_data["text"].encode()


@needs(RECORD)
def clinical_sheet(request: HttpRequest) -> HttpResponse:
    """All rows are recorded, or none; what is recorded already is passed over."""
    form = FactorSheetForm(request.POST or None, request.FILES or None)
    context: dict[str, object] = {
        "form": form, "columns": COLUMNS, "required": REQUIRED, "factors": FACTORS, "labs": LABS.items(),
    }  # fmt: skip
    if request.method == "POST" and form.is_valid():
        if not (form.cleaned_data["sheet"] or form.cleaned_data["text"]):
            form.add_error("sheet", "Choose a sheet first.")
        elif verdict := tried(form, lambda: looked_at(request, form, context)):
            messages.success(request, f"{verdict.kept} facts were recorded of {len(verdict.rows)} rows.")
            return redirect("patients")
    return render(request, "patients/clinical_sheet.html", context)


def looked_at(request: HttpRequest, form: FactorSheetForm, context: dict[str, object]) -> Verdict | None:
    """The verdicts into `context`; what was recorded once the person has confirmed them."""
    content, user, now = form.content(), person(request), timezone.now()
    try:
        said = read_and_judge(by=user, at=now, content=content)
    except Refused as refused:
        form.add_error("sheet", refused.sentence)
        return None
    rows = [(each, WORDS.get(each.verdict, ""), SHAPES[each.verdict]) for each in said.rows]
    context |= {"verdicts": rows, "faulty": said.refused, "text": content.decode("utf-8-sig")}
    context["fresh"] = said.count("new") + said.count("correction")
    if "commit" not in request.POST or said.refused:
        return None
    return import_sheet(by=user, at=now, content=content)


urls: list[URLPattern] = [path("patients/clinical/sheet/", clinical_sheet, name="clinical_sheet")]
places: list[Place] = []
