"""What the API shows of the chase: requests with what happened, letters without their text, contacts, couriers."""

from rest_framework import serializers as s

from lims.api.bodies import text, words
from lims.api.door import Body
from lims.api.shown import Shown
from specimens.letter_desk import LetterRow
from specimens.requesting import MOST_AT_ONCE, MOST_SECTIONS
from specimens.vocabulary import ContactDuty, NextStep, NoTissueReason, RequestEventKind, RequestState, Wanted


class EventShown(Shown):
    kind = s.ChoiceField(choices=[word.value for word in RequestEventKind])
    on = s.DateField()
    step = s.IntegerField(allow_null=True, help_text="Which reminder of the schedule")
    promised_for = s.DateField(allow_null=True)
    reason = s.CharField()
    note = s.CharField()
    recorded_at = s.DateTimeField()


class AnsweringShown(Shown):
    """One item of a parcel that answers the request."""

    shipment = s.CharField(source="shipment.accession")
    line = s.IntegerField()
    kind = s.CharField()
    block = s.CharField(source="block.accession", default="")
    slide = s.CharField(source="slide.accession", default="")
    received_at = s.DateTimeField(allow_null=True)


class RequestShown(Shown):
    accession = s.CharField()
    trial = s.CharField(source="patient.trial.code")
    study_id = s.CharField(source="patient.study_id")
    holding_site = s.CharField(source="holding_site.code")
    round = s.IntegerField()
    wanted = s.ChoiceField(choices=[word.value for word in Wanted])
    sections = s.IntegerField(allow_null=True)
    note = s.CharField()
    state = s.ChoiceField(choices=[word.value for word in RequestState])
    next = s.ChoiceField(choices=[word.value for word in NextStep], source="step")
    due_on = s.DateField(allow_null=True)
    asked_on = s.DateField(allow_null=True)
    promised_for = s.DateField(allow_null=True)
    reminders = s.IntegerField(source="done")
    made_at = s.DateTimeField()
    events = EventShown(many=True, source="events.all")
    items = AnsweringShown(many=True, source="items.all")
    synthetic = s.BooleanField()


class NewRequestBody(Body):
    trial = s.CharField(max_length=24)
    study_id = s.CharField(max_length=40)
    holding_site = s.CharField(max_length=24, help_text="Code of the institution that is asked")
    wanted = words(Wanted, default=Wanted.EITHER.value)
    sections = s.IntegerField(
        min_value=1,
        max_value=MOST_SECTIONS,
        required=False,
        allow_null=True,
        default=None,
        help_text="Unstained slides",
    )
    note = text(500)


class RequestsBody(Body):
    requests = NewRequestBody(many=True, min_length=1, max_length=MOST_AT_ONCE)  # type: ignore[call-arg]
    send = s.BooleanField(default=True, help_text="Send the letters at once")


class EventBody(Body):
    """Which fields go with which kind: promised_for with promised, reason with declined and no_tissue."""

    kind = words(RequestEventKind)
    promised_for = s.DateField(required=False, allow_null=True, default=None)
    reason = s.ChoiceField(choices=["", *(word.value for word in NoTissueReason if word.value)], default="")
    note = text(500)
    on = s.DateField(required=False, allow_null=True, default=None, help_text="Of a call; today unless told")


class LetterShown(Shown):
    """A letter without its text, which may name a hospital's own number."""

    id = s.IntegerField(source="letter.pk")
    purpose = s.CharField(source="letter.purpose")
    institution = s.CharField(source="letter.institution.code")
    request = s.CharField(source="letter.request.accession", default="", help_text="Blank when it is about several")
    requests = s.SerializerMethodField()
    to_address = s.CharField(source="letter.to_address")
    subject = s.CharField(source="letter.subject")
    written_at = s.DateTimeField(source="letter.written_at")
    state = s.CharField()
    attempts = s.SerializerMethodField()
    synthetic = s.BooleanField(source="letter.synthetic")

    def get_requests(self, row: LetterRow) -> list[str]:
        """Every request that the letter is about."""
        several = [each.request.accession for each in row.letter.subjects.all()]
        return several or ([row.letter.request.accession] if row.letter.request else [])

    def get_attempts(self, row: LetterRow) -> int:
        return len(row.attempts)


class ContactShown(Shown):
    id = s.IntegerField(source="pk")
    name = s.CharField()
    duty = s.ChoiceField(choices=[word.value for word in ContactDuty])
    email = s.CharField()
    telephone = s.CharField()
    postal_address = s.CharField()
    added_at = s.DateTimeField()
    ended_at = s.DateTimeField(allow_null=True)


class ContactBody(Body):
    name = s.CharField(max_length=200)
    duty = words(ContactDuty, default=ContactDuty.PATHOLOGY.value)
    email = text(254)
    telephone = text(40)
    postal_address = text(300)


class CourierShown(Shown):
    id = s.IntegerField(source="pk")
    courier = s.CharField()
    account = s.CharField()
    note = s.CharField()
    added_at = s.DateTimeField()
    ended_at = s.DateTimeField(allow_null=True)


class CourierBody(Body):
    courier = s.CharField(max_length=60)
    account = s.CharField(max_length=60)
    note = text(200)
