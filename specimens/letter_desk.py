"""Letters as the desk sees them: the outbox, what a person must decide about, whom to write to."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BooleanField, Case, Exists, OuterRef, Q, QuerySet, Subquery, TextField, Value, When

from specimens.desk import Page, paged
from specimens.errors import Unknown
from specimens.models import Contact, CourierAccount, Institution, Job, Letter, LetterAttempt
from specimens.posting import UNDER_WAY, letter_state
from specimens.scope import Scope
from specimens.vocabulary import LetterState


def within(scope: Scope) -> QuerySet[Letter]:
    """Letters to institutions the viewer acts for; the core sees all."""
    found = Letter.objects.select_related("institution", "request", "shipment", "loan", "query", "written_by")
    found = found.prefetch_related("subjects__request")
    return found if scope.everything else found.filter(institution_id__in=scope.institutions or ())


def with_letter_state(letters: QuerySet[Letter]) -> QuerySet[Any]:
    """Each letter with `state`, as `letter_state` says it, and `began_at` of its last attempt."""
    last = LetterAttempt.objects.filter(letter=OuterRef("pk")).order_by("-number")
    letters = letters.annotate(
        attempted=Exists(last),
        began_at=Subquery(last.values("began_at")[:1]),
        last_sent=Subquery(last.values("result__sent")[:1], output_field=BooleanField()),
    )
    return letters.annotate(
        state=Case(
            When(last_sent=True, then=Value(LetterState.SENT.value)),
            When(last_sent=False, then=Value(LetterState.REFUSED.value)),
            When(attempted=True, then=Value(LetterState.NOT_KNOWN.value)),
            When(to_address="", then=Value(LetterState.BY_POST.value)),
            default=Value(LetterState.WAITING.value),
            output_field=TextField(),
        )
    )


@dataclass(frozen=True, slots=True)
class LetterRow:
    """One letter with its attempts, oldest first. `again` says that it will be tried again by itself."""

    letter: Letter
    state: LetterState
    attempts: list[LetterAttempt]
    again: bool

    @property
    def last(self) -> LetterAttempt | None:
        return self.attempts[-1] if self.attempts else None


def letter_rows(letters: Any) -> list[LetterRow]:
    """The rows of these letters, in order. Two queries."""
    listed = list(letters)
    attempts: dict[int, list[LetterAttempt]] = {letter.pk: [] for letter in listed}
    found = LetterAttempt.objects.filter(letter_id__among=list(attempts)).select_related("result")
    for attempt in found.order_by("letter_id", "number"):
        attempts[attempt.letter_id].append(attempt)
    wanted = [f"send letter:{pk}:{len(made) + 1}" for pk, made in attempts.items()]
    waiting = set(
        Job.objects.filter(key__in=wanted, done_at__isnull=True, parked_at__isnull=True).values_list("key", flat=True)
    )
    return [
        LetterRow(letter, state_of(letter, made), made, key in waiting)
        for (letter, made), key in zip(((each, attempts[each.pk]) for each in listed), wanted, strict=True)
    ]


def state_of(letter: Letter, attempts: list[LetterAttempt]) -> LetterState:
    last = attempts[-1] if attempts else None
    result = getattr(last, "result", None)
    return letter_state(letter.to_address, result.sent if result else None, last is not None)


def letter_list(
    scope: Scope, *, state: str = "", purpose: str = "", sought: str = "", before_id: int | None = None
) -> Page[LetterRow]:
    """Letters within reach, the last written first. Three queries."""
    found = with_letter_state(within(scope))
    if state:
        found = found.filter(state=state)
    if purpose:
        found = found.filter(purpose=purpose)
    if sought:
        found = found.filter(
            Q(subject__icontains=sought) | Q(to_address__icontains=sought) | Q(institution__name__icontains=sought)
        )
    page = paged(found, before_id)
    return Page(letter_rows(page.rows), page.after)


def letters_to_decide(scope: Scope, now: datetime, limit: int) -> list[LetterRow]:
    """Letters that go no further by themselves: not known whether sent, refused for good, to be posted."""
    stuck = Q(state=LetterState.NOT_KNOWN, began_at__lt=now - UNDER_WAY)
    found = with_letter_state(within(scope)).filter(stuck | Q(state__in=[LetterState.REFUSED, LetterState.BY_POST]))
    rows = letter_rows(found.order_by("id")[: 2 * limit])
    return [row for row in rows if not row.again][:limit]


def letter(scope: Scope, pk: int) -> Letter:
    found = within(scope).filter(pk=pk).first()
    if found is None:
        raise Unknown("unknown_letter", "There is no such letter within your reach.")
    return found


def postal_address(letter: Letter) -> str:
    """Where a printed letter goes: of the contact it was written to, as they stand now."""
    found = Contact.objects.filter(institution_id=letter.institution_id, name=letter.to_name).order_by("-id").first()
    return found.postal_address if found else ""


def contacts_of(institution: Institution) -> list[Contact]:
    """Everybody, those who stand first."""
    found = Contact.objects.filter(institution=institution).select_related("added_by")
    return sorted(found, key=lambda contact: (contact.ended_at is not None, contact.pk))


def couriers_of(institution: Institution) -> list[CourierAccount]:
    found = CourierAccount.objects.filter(institution=institution).select_related("added_by")
    return sorted(found, key=lambda account: (account.ended_at is not None, account.pk))


def contact(scope: Scope, pk: int) -> Contact:
    found = Contact.objects.select_related("institution").filter(pk=pk).first()
    if found is None or not scope.holds(found.institution_id):
        raise Unknown("unknown_contact", "There is no such contact within your reach.")
    return found


def courier_account(scope: Scope, pk: int) -> CourierAccount:
    found = CourierAccount.objects.select_related("institution").filter(pk=pk).first()
    if found is None or not scope.holds(found.institution_id):
        raise Unknown("unknown_account", "There is no such courier account within your reach.")
    return found
