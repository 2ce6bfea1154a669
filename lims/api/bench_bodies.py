"""Request bodies of the bench. Unknown fields are refused; checks of meaning are the deeds'."""

from rest_framework import serializers as s

from lims.api.bodies import MOST_ROWS, day, text, words
from lims.api.door import Body
from specimens.vocabulary import ControlKind, Stain


def micrometres() -> s.DecimalField:
    return s.DecimalField(max_digits=5, decimal_places=1, required=False, allow_null=True, default=None)


def number_of_a_thing(says: str, **kwargs: object) -> s.CharField:
    return s.CharField(max_length=40, help_text=says, **kwargs)  # type: ignore[arg-type]


class OrderBody(Body):
    block = number_of_a_thing("Accession number of the block")
    sections = s.IntegerField(min_value=-(2**15), max_value=2**15)
    stain = s.ChoiceField(choices=["", *(stain.value for stain in Stain)], default="")
    thickness_um = micrometres()
    levels = text(60)
    wanted_by = day()
    replaces = number_of_a_thing("Slide that the new sections stand in for", default="", allow_blank=True)
    reason = text(500)


class Orders(Body):
    orders = OrderBody(many=True, min_length=1, max_length=200)  # type: ignore[call-arg]


class UsualOrders(Body):
    blocks = s.ListField(child=number_of_a_thing("Accession number"), min_length=1, max_length=60)
    wanted_by = day()


class Reason(Body):
    reason = s.CharField(max_length=500)


class Note(Body):
    note = text(200)


class CutBody(Body):
    block = number_of_a_thing("Accession number of the block")
    order = number_of_a_thing("Cutting order that this cut ends", default="", allow_blank=True)
    sections = s.IntegerField(min_value=-(2**15), max_value=2**15)
    cut_on = s.DateField()
    thickness_um = micrometres()
    position = text(20)
    labels = s.ListField(child=s.CharField(max_length=60), default=list, max_length=60)
    further_block = number_of_a_thing("Adjacent block whose face shows too", default="", allow_blank=True)
    shortfall = text(500)
    reorder_rest = s.BooleanField(default=False)
    used_up = s.BooleanField(default=False)


class Cuts(Body):
    cuts = CutBody(many=True, min_length=1, max_length=200)  # type: ignore[call-arg]


class LotBody(Body):
    stain = words(Stain)
    lot = text(60, blank=False)
    clone = text(60)
    supplier = text(120)
    expires_on = day()


class AssayBody(Body):
    stain = words(Stain)
    name = text(60, blank=False)
    clone = text(60)
    dilution = text(20)
    retrieval = text(120)
    platform = text(80)


class ControlSlideBody(Body):
    kind = words(ControlKind)
    label = text(60, blank=False)  # type: ignore[assignment]


class RunBody(Body):
    slides = s.ListField(
        child=number_of_a_thing("Accession number"), min_length=1, max_length=MOST_ROWS, help_text="In their order"
    )
    lot = s.IntegerField(help_text="Id of the reagent lot", min_value=1, max_value=2**63 - 1)
    assay = text(60)
    stained_on = s.DateField()
    dilution = text(20)
    retrieval = text(120)
    platform = text(80)
    control_slides = ControlSlideBody(many=True, default=list, max_length=20)  # type: ignore[call-arg]
    override_reason = s.CharField(
        max_length=500, default="", allow_blank=True, help_text="Kept with each section past the limit"
    )


class ControlsBody(Body):
    positive = s.BooleanField(required=False, help_text="True passed")
    negative = s.BooleanField(required=False, help_text="True passed")
    observed_on = s.DateField()
    reason = text(500)
