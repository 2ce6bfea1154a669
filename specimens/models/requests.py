"""The chase: requests for tissue, what became of them, and each trial's schedule of reminders."""

from django.db import models
from django.db.models import Q

from specimens.models.fields import one_of, owned, person, words
from specimens.vocabulary import NoTissueReason, RequestEventKind, Wanted

REASONED = (RequestEventKind.DECLINED, RequestEventKind.NO_TISSUE)


class TissueRequest(models.Model):
    """That a patient's tissue is wanted from one tissue-holding institution, which need not be a trial site.

    `round` counts the requests to that institution for that patient; a new one opens when the last has ended.
    """

    accession = models.CharField(max_length=24, unique=True)
    patient = owned("specimens.Patient", related_name="requests")
    holding_site = owned("specimens.Institution", related_name="+")
    round = models.PositiveSmallIntegerField(default=1)
    wanted = words(Wanted, default=Wanted.EITHER)
    sections = models.PositiveSmallIntegerField(null=True, blank=True, help_text="unstained slides asked for")
    note = models.CharField(max_length=500, blank=True)
    made_at = models.DateTimeField()
    made_by = person()
    synthetic = models.BooleanField(default=False)

    class Meta:
        constraints = [
            one_of(Wanted, "wanted", "request_wanted_known"),
            models.UniqueConstraint(
                fields=["patient", "holding_site", "round"],
                name="request_round_once",
                violation_error_message="Somebody opened this request a moment ago; look again before you repeat it.",
            ),
        ]
        indexes = [models.Index(fields=["holding_site", "-id"])]

    def __str__(self) -> str:
        return self.accession


class RequestEvent(models.Model):
    """What happened to a request: asked, reminded, promised, declined … What came is read off the parcels."""

    append_only = True

    request = owned("specimens.TissueRequest", related_name="events")
    kind = words(RequestEventKind)
    on = models.DateField(help_text="the day it happened, where it happened")
    step = models.PositiveSmallIntegerField(null=True, blank=True, help_text="which reminder of the schedule, from 1")
    promised_for = models.DateField(null=True, blank=True)
    reason = words(NoTissueReason, blank=True, default="")
    note = models.CharField(max_length=500, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = person(null=True, blank=True)

    class Meta:
        constraints = [
            one_of(RequestEventKind, "kind", "request_event_known"),
            one_of(NoTissueReason, "reason", "no_tissue_reason_known"),
            models.UniqueConstraint(
                fields=["request", "step"],
                condition=Q(step__isnull=False),
                name="reminder_step_once",
                violation_error_message="This reminder was recorded already.",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=REASONED) ^ Q(reason=""),
                name="no_tissue_needs_reason",
                violation_error_message="A decline and a “no tissue” carry a coded reason, and nothing else does.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request} {self.kind}"


class ReminderStep(models.Model):
    """One step of a trial's schedule: so many days after asking, unanswered, a reminder goes out."""

    trial = owned("specimens.Trial", related_name="reminder_steps")
    number = models.PositiveSmallIntegerField()
    after_days = models.PositiveSmallIntegerField(help_text="days after the request was sent")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["trial", "number"],
                name="reminder_number_once",
                violation_error_message="This trial's schedule has a step of that number already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.trial} reminder {self.number}"
