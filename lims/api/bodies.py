"""Request bodies as the API takes them. Unknown fields are refused; checks of meaning are the deeds'."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers as s

from lims import tokens
from lims.api.door import Body
from specimens.vocabulary import (
    Condition,
    ConsentScope,
    ItemKind,
    Laterality,
    Preservation,
    SpecimenKind,
    Terms,
)

MOST_ROWS = 2000


def words(enum: type, **kwargs: object) -> s.ChoiceField:
    return s.ChoiceField(choices=[word.value for word in enum], **kwargs)  # type: ignore[attr-defined, arg-type]


def text(most: int, *, blank: bool = True) -> s.CharField:
    if blank:
        return s.CharField(max_length=most, allow_blank=True, default="")
    return s.CharField(max_length=most)


def day() -> s.DateField:
    return s.DateField(required=False, allow_null=True, default=None)


def one_time_code() -> s.CharField:
    return s.CharField(
        max_length=20,
        allow_blank=True,
        default="",
        help_text="Of your device, or a recovery code: asked of who has a second factor; each works once",
    )


class SignIn(Body):
    username = s.CharField(max_length=150)
    password = s.CharField(max_length=200, trim_whitespace=False)
    code = one_time_code()
    days = s.IntegerField(min_value=1, max_value=tokens.LONGEST_DAYS, default=30, help_text="How long the token works")


class NewPatientBody(Body):
    study_id = text(40, blank=False)
    treating_site = s.CharField(max_length=24, help_text="Code of the site that enrols")
    enrolled_on = day()
    consent_scopes = s.ListField(
        child=words(ConsentScope), min_length=1, max_length=2, default=[ConsentScope.THIS_STUDY.value]
    )
    consent_version = s.CharField(max_length=40, default="1")
    consent_on = day()


class Enrolment(Body):
    trial = s.CharField(max_length=24, help_text="Code of the trial")
    patients = NewPatientBody(many=True, min_length=1, max_length=MOST_ROWS)  # type: ignore[call-arg]


class AnnouncedBody(Body):
    kind = words(ItemKind)
    label = text(60, blank=False)  # type: ignore[assignment]
    trial = text(24)
    study_id = text(40)
    specimen_label = text(60)
    specimen_kind = words(SpecimenKind, default=SpecimenKind.PRIMARY.value)
    topography = s.CharField(max_length=8, default="C64.9")
    laterality = words(Laterality, default="")
    procedure = text(80)
    procedure_on = day()
    preservation = words(Preservation, default=Preservation.FFPE.value)
    hospital_number = text(60)
    block_label = text(60)
    cut_on = day()
    terms = s.ChoiceField(choices=["", *(word.value for word in Terms)], default="")
    due_back_on = day()


class ParcelBody(Body):
    sender = s.CharField(max_length=24, help_text="Code of the institution that sends")
    receiver = s.CharField(max_length=24, help_text="Code of the institution that receives")
    holding_site = text(24)
    sent_on = day()
    courier = text(60)
    tracking = text(60)
    sender_reference = text(60)
    items = AnnouncedBody(many=True, min_length=1, max_length=MOST_ROWS)  # type: ignore[call-arg]


class ReceivedBody(Body):
    line = s.IntegerField(min_value=1, max_value=100_000)
    condition = words(Condition, default=Condition.INTACT.value)
    identifiers_agree = s.IntegerField(min_value=0, max_value=2, default=2)
    note = s.CharField(max_length=500, default="", allow_blank=True)


class Receipt(Body):
    items = ReceivedBody(many=True, min_length=1, max_length=MOST_ROWS)  # type: ignore[call-arg]


@extend_schema_field(OpenApiTypes.ANY)
class Finding(s.Field):
    """What was found, exactly as sent; the rules say what may stand there."""

    def to_internal_value(self, told: object) -> object:
        return told


class SignedRead(Body):
    findings = s.DictField(
        child=Finding(allow_null=True),
        help_text="The assay's fields by name; percentages as numbers or text, blank as null",
    )
    password = s.CharField(max_length=200, trim_whitespace=False, help_text="Yours, typed again: it is your signature")
    code = one_time_code()


class ValueBody(Body):
    """One value of a declared variable, as text."""

    variable = text(32, blank=False)
    time_point = text(40)
    value = text(200, blank=False)


class OutcomeBody(Body):
    """Names as the data dictionary's, and the source's own spelling of four more."""

    study_id = text(40, blank=False)
    arm = text(60)
    regimen = text(200)
    response = text(32)
    response_days = s.IntegerField(allow_null=True, default=None, min_value=-(2**31), max_value=2**31 - 1)
    pfs_time = s.IntegerField(allow_null=True, default=None, min_value=-(2**31), max_value=2**31 - 1)
    pfs_event = s.BooleanField(allow_null=True, default=None)
    os_time = s.IntegerField(allow_null=True, default=None, min_value=-(2**31), max_value=2**31 - 1)
    os_event = s.BooleanField(allow_null=True, default=None)
    time_origin = text(32)
    time_unit = s.CharField(max_length=32, default="days")
    vital_status = text(40)
    days_to_death = text(40)
    days_to_last_contact = text(40)
    stage = text(40)
    values = ValueBody(many=True, default=list, max_length=2_000)  # type: ignore[call-arg]


class NewVariable(Body):
    trial = s.CharField(max_length=24, help_text="Code of the trial")
    name = text(40, blank=False)
    label = text(80, blank=False)  # type: ignore[assignment]
    kind = s.CharField(max_length=32, help_text="number, whole, text, code, date or flag")
    source = text(300, blank=False)  # type: ignore[assignment]
    unit = text(40)
    codes = s.DictField(child=s.CharField(max_length=200), default=dict, help_text="What each code means")
    by_time_point = s.BooleanField(default=False)


class ChoiceBody(Body):
    study_id = text(40, blank=False)
    field = text(80, blank=False)
    right = s.ChoiceField(choices=["a", "b"], help_text="Which of the two releases is right")


class Decisions(Body):
    reason = text(500, blank=False)
    choices = ChoiceBody(many=True, min_length=1, max_length=100_000)  # type: ignore[call-arg]


class Settled(Body):
    name = text(60, blank=False)


class NewRelease(Body):
    trial = s.CharField(max_length=24, help_text="Code of the trial")
    name = text(60, blank=False)
    source = text(300, blank=False)  # type: ignore[assignment]
    cut_on = day()
    sha256 = s.CharField(max_length=64, help_text="SHA-256 of the file the rows come from, in hexadecimal")
    rows = OutcomeBody(many=True, min_length=1, max_length=100_000)  # type: ignore[call-arg]
