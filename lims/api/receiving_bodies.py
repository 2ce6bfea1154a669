"""Bodies and answers of the endpoints about receipt: second looks, questions to senders, downtime forms."""

from typing import Any

from rest_framework import serializers as s

from lims.api.bodies import AnnouncedBody, Receipt, text, words
from lims.api.door import Body
from lims.api.shown import Shown
from specimens.downtime import MOST_FORMS
from specimens.query_desk import owner_of, state_of
from specimens.vocabulary import Condition, DowntimeKind, QuarantineOutcome

LONGEST = 2000


class FormBody(Body):
    """That receipts were written by hand first, on a downtime form."""

    form = s.CharField(max_length=24, help_text="Number of the downtime form")
    happened_at = s.DateTimeField(help_text="When it happened, with its zone")
    written_by = s.CharField(max_length=120, help_text="Whose hand filled it in")


class ReceiptBody(Receipt):
    downtime = FormBody(required=False, allow_null=True, default=None)


class VoidBody(Body):
    reason = s.CharField(max_length=LONGEST)


class LookBody(Body):
    condition = words(Condition)
    identifiers_agree = s.IntegerField(min_value=0, max_value=2, default=2)
    apart = s.BooleanField(default=False, help_text="Keep it in quarantine whatever its label says")
    note = s.CharField(max_length=500, default="", allow_blank=True)
    reason = s.CharField(max_length=500, default="", allow_blank=True)


class SettlingBody(Body):
    outcome = words(QuarantineOutcome)
    reason = s.CharField(max_length=LONGEST)


class UnannouncedBody(AnnouncedBody):
    condition = words(Condition, default=Condition.INTACT.value)
    note = s.CharField(max_length=500, default="", allow_blank=True)
    question = s.CharField(max_length=LONGEST, default="", allow_blank=True, help_text="What to ask its sender at once")


class StrangerBody(Body):
    number = s.CharField(max_length=24, help_text="Accession number of a block or slide on record")
    condition = words(Condition, default=Condition.INTACT.value)
    identifiers_agree = s.IntegerField(min_value=0, max_value=2, default=2)
    accept = s.BooleanField(default=False, help_text="Accept it here; otherwise it is kept apart until it is settled")


class AskBody(Body):
    shipment = s.CharField(max_length=24)
    line = s.IntegerField(min_value=1, max_value=100_000)
    question = s.CharField(max_length=LONGEST)
    apart = s.BooleanField(default=False, help_text="Keep the item in quarantine until the answer comes")


class AnswerBody(Body):
    text = s.CharField(max_length=LONGEST)


class OutcomeBody(Body):
    outcome = s.CharField(max_length=LONGEST)


class HandoverBody(Body):
    to = s.CharField(max_length=150, help_text="User name of who looks after it from now on")
    reason = s.CharField(max_length=500)


class FormsBody(Body):
    kind = words(DowntimeKind)
    count = s.IntegerField(min_value=1, max_value=MOST_FORMS, default=1)
    shipment = text(24)


class PhotoShown(Shown):
    id = s.IntegerField(source="pk")
    sha256 = s.CharField()
    media_type = s.CharField()
    taken_at = s.DateTimeField()
    taken_by = s.CharField()


class AnswerShown(Shown):
    text = s.CharField()
    on_behalf = s.BooleanField()
    answered_at = s.DateTimeField()
    answered_by = s.CharField()


class QueryShown(Shown):
    """A question to a sender. `state` is open, answered or closed."""

    accession = s.CharField()
    state = s.SerializerMethodField()
    shipment = s.CharField(source="item.shipment.accession")
    line = s.IntegerField(source="item.line")
    label = s.CharField(source="item.label")  # type: ignore[assignment]
    sender = s.CharField(source="item.shipment.sender.code")
    question = s.CharField()
    asked_at = s.DateTimeField()
    asked_by = s.CharField()
    owner = s.SerializerMethodField()
    answers = AnswerShown(many=True, source="answers.all")
    outcome = s.CharField(source="closure.outcome", default="")
    closed_at = s.DateTimeField(source="closure.closed_at", default=None, allow_null=True)
    synthetic = s.BooleanField()

    def get_state(self, query: Any) -> str:
        return str(state_of(query.answered, hasattr(query, "closure")))

    def get_owner(self, query: Any) -> str:
        """Who looks after it: who asked, or to whom it was handed over last."""
        return str(owner_of(query))


class FormShown(Shown):
    accession = s.CharField()
    kind = s.CharField()
    shipment = s.CharField(source="shipment.accession", default="")
    printed_at = s.DateTimeField()
    printed_by = s.CharField()
    entered = s.IntegerField(help_text="Receipts entered from it")
