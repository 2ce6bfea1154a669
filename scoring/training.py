"""Training sets: slides with a known answer. Passing one is the reader's qualification.

An item is read rightly when the trial's own rule would call the read and the answer concordant, and no percentage
that the answer gives is further off than the set allows. A try passes when enough of its items are right.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import orjson

from scoring.cases import ASSAY_LABELS, ASSAY_OF, facts_of
from scoring.models import Qualification, ReadingCase, TrainingAnswer, TrainingItem, TrainingSet
from scoring.opening import glass
from scoring.policies import READ
from scoring.qualifying import LEAD_ONLY, OVERSEE, STAIN_OF, WARN_DAYS
from scoring.rules.consensus import compare
from scoring.rules.editions import CURRENT
from scoring.rules.findings import CAIX_PERCENTS, HISTOLOGY_PERCENTS, Findings, to_mapping
from scoring.rules.vocabulary import Assay, Phase
from scoring.signing import examined
from scoring.verdicts import value_of
from scoring.vocabulary import QualifiedHow
from scoring.written import from_canonical
from specimens import ledger
from specimens.actors import Actor, name_of, person_id
from specimens.deeds import checked, deed, local_day, require
from specimens.errors import Forbidden, Invalid, Refused, Unknown
from specimens.models import AssayVersion, Slide
from specimens.vocabulary import Stain

MOST_VALID_DAYS = 3650
PERCENTS = {Assay.HISTOLOGY: HISTOLOGY_PERCENTS, Assay.CAIX: CAIX_PERCENTS}


# ---- the lead's ----
@deed
def make_training_set(*, by: Actor, at: datetime, name: str, assay: Assay, pass_share: Decimal,
                      within_points: Decimal = Decimal(10), valid_days: int = 365,
                      version: AssayVersion | None = None, synthetic: bool = False) -> TrainingSet:  # fmt: skip
    """Make an empty set. `version` None: whoever passes may read every version of the assay."""
    require(by, OVERSEE, LEAD_ONLY)
    if not name.strip():
        raise Invalid("no_name", "Give the set a name.", field="name")
    if not 0 < pass_share <= 1:
        raise Invalid("pass_share", "The share that passes lies above 0 and at most at 100 %.", field="pass_share")
    if not 0 <= within_points <= 100:
        raise Invalid("within_points", "A percentage may be 0 to 100 points off.", field="within_points")
    if not 1 <= valid_days <= MOST_VALID_DAYS:
        raise Invalid("valid_days", f"A qualification lasts 1 to {MOST_VALID_DAYS} days.", field="valid_days")
    if version and version.stain != STAIN_OF[assay]:
        raise Invalid("other_assay", f"{version} is no version of {ASSAY_LABELS[assay]}.", field="version")
    made = TrainingSet(
        name=name.strip(), assay=assay, assay_version=version, pass_share=pass_share, within_points=within_points,
        valid_days=valid_days, made_at=at, made_by_id=person_id(by), synthetic=synthetic,
    )  # fmt: skip
    checked(made)
    made.save()
    said = f"Training set {made} for {version or ASSAY_LABELS[assay]} was made."
    ledger.write([ledger.line("make training set", made, said)], by=by, at=at)
    return made


@deed
def add_training_item(*, by: Actor, at: datetime, training: TrainingSet, slide: Slide,
                      answer: Mapping[str, object]) -> TrainingItem:  # fmt: skip
    """Add a slide with its answer, findings as a signed read would say them. Not once somebody has begun."""
    require(by, OVERSEE, LEAD_ONLY)
    held = locked_set(training)
    check_grows(held)
    return kept_item(held, slide, examined(Assay(held.assay), answer), by, at)


@deed
def add_item_from_case(*, by: Actor, at: datetime, training: TrainingSet, case: ReadingCase) -> TrainingItem:
    """Add the slide of a concluded case; the case's final value is the answer."""
    require(by, OVERSEE, LEAD_ONLY)
    held = locked_set(training)
    check_grows(held)
    facts = facts_of(ReadingCase.objects.filter(pk=case.pk, repeats__isnull=True))
    if not facts or facts[0].phase is not Phase.CONCLUDED:
        raise Refused("not_concluded", "Only a concluded case has a known answer.", field="case")
    value = value_of(facts[0], CURRENT)
    if facts[0].assay != held.assay or value is None:
        told = f"Case {facts[0].code} has no final value for {ASSAY_LABELS[Assay(held.assay)]}."
        raise Refused("other_assay", told, field="case")
    return kept_item(held, Slide.objects.get(pk=facts[0].slide_id), value.findings, by, at)


@deed
def close_training_set(*, by: Actor, at: datetime, training: TrainingSet) -> TrainingSet:
    """Nobody begins it any more; who passed stays qualified."""
    require(by, OVERSEE, LEAD_ONLY)
    held = locked_set(training)
    if held.closed_at:
        raise Refused("closed_already", f"Training set {held} is closed already.")
    held.closed_at = at
    held.save(update_fields=["closed_at"])
    ledger.write([ledger.line("close training set", held, f"Training set {held} was closed.")], by=by, at=at)
    return held


def locked_set(training: TrainingSet) -> TrainingSet:
    """The set as it stands, locked until commit: additions and answers take turns."""
    held = TrainingSet.objects.select_for_update().filter(pk=training.pk).first()
    if held is None:
        raise Unknown("unknown_training", "There is no such training set.")
    return held


def check_grows(held: TrainingSet) -> None:
    if held.closed_at:
        raise Refused("closed_already", f"Training set {held} is closed.")
    if TrainingAnswer.objects.filter(item__training=held).exists():
        raise Refused("begun", f"Somebody has begun {held}: its slides stay as they are. Make a new set.")


def kept_item(held: TrainingSet, slide: Slide, findings: Findings, by: Actor, at: datetime) -> TrainingItem:
    check_slide(held, slide)
    number = held.items.count() + 1
    kept = TrainingItem.objects.create(training=held, number=number, slide=slide, answer=to_mapping(findings))
    said = f"Slide {slide.accession} is number {number} of training set {held}."
    ledger.write([ledger.line("add training item", kept, said)], by=by, at=at)
    return kept


def check_slide(held: TrainingSet, slide: Slide) -> None:
    """The set's stain, and no case on it that somebody is still to read blindly."""
    (facts,) = glass([slide.pk])
    if facts.withdrawn:
        raise Refused("consent_withdrawn", f"Slide {facts.slide} is not read: consent was withdrawn.", field="slide")
    if facts.stain is None or ASSAY_OF[Stain(facts.stain)] != held.assay:
        told = f"Slide {facts.slide} is not stained for {ASSAY_LABELS[Assay(held.assay)]}."
        raise Refused("other_assay", told, field="slide")
    for case in facts_of(ReadingCase.objects.filter(slide=slide)):
        if case.phase is not Phase.CONCLUDED and not (case.moved or case.outdated):
            told = f"Slide {facts.slide} is being read: it can be in a set once its cases are concluded."
            raise Refused("being_read", told, field="slide")


# ---- the reader's ----
@deed
def answer_item(*, by: Actor, at: datetime, item: TrainingItem, findings: Mapping[str, object],
                of_try: int | None = None) -> TrainingAnswer:  # fmt: skip
    """Sign what one sees on a slide of the set. The last of a try says how it went: who passes is qualified.

    `of_try`: the try that the form was shown in, so that one sent twice does not begin the next.
    """
    require(by, READ, "Only pathologists are trained.")
    held = locked_set(item.training)
    reader_id = person_id(by)
    check_may_try(held, reader_id, at)
    found = to_mapping(examined(Assay(held.assay), findings))
    attempt = attempt_now(held, reader_id)
    if of_try not in (None, attempt):
        raise Refused("other_try", f"Try {of_try} is finished: begin the next one from the set’s page.")
    kept = TrainingAnswer(
        item=item, reader_id=reader_id, attempt=attempt, findings=found, signed_name=name_of(by), answered_at=at
    )
    kept.digest = digest_of(kept)
    kept.save()
    lines = [ledger.line("answer training item", item, f"Number {item.number} of {held} was read, try {attempt}.")]
    if passed := passed_by(held, by, attempt, at):
        told = f"{name_of(by)} passed {held}, try {attempt}: qualified until {passed.valid_until}."
        lines.append(ledger.line("qualify reader", passed, told))
    ledger.write(lines, by=by, at=at)
    return kept


def check_may_try(held: TrainingSet, reader_id: int, at: datetime) -> None:
    if held.made_by_id == reader_id:
        raise Forbidden("not_oneself", "You made this set and know its answers: another set qualifies you.")
    if held.closed_at:
        raise Refused("closed_already", f"Training set {held} is closed.")
    late = local_day(at) + timedelta(days=WARN_DAYS)
    passed = Qualification.objects.filter(reader_id=reader_id, training=held, valid_until__gt=late, end__isnull=True)
    if until := passed.values_list("valid_until", flat=True).first():
        raise Refused("passed_already", f"You passed {held}: your qualification stands until {until}.")


def attempt_now(held: TrainingSet, reader_id: int) -> int:
    """The try that goes on, or the next one."""
    mine = TrainingAnswer.objects.filter(item__training=held, reader_id=reader_id)
    last = mine.order_by("-attempt").values_list("attempt", flat=True).first()
    if last is None:
        return 1
    return last if mine.filter(attempt=last).count() < held.items.count() else last + 1


def digest_of(answer: TrainingAnswer) -> str:
    """SHA-256 over what the answer's signature binds together."""
    bound = {
        "item": answer.item_id,
        "reader": answer.reader_id,
        "name": answer.signed_name,
        "attempt": answer.attempt,
        "findings": answer.findings,
        "answered_at": answer.answered_at.astimezone(UTC).isoformat(),
    }
    return hashlib.sha256(orjson.dumps(bound, option=orjson.OPT_SORT_KEYS)).hexdigest()


def passed_by(held: TrainingSet, by: Actor, attempt: int, at: datetime) -> Qualification | None:
    """The qualification that a finished try earned, None while it goes on and when it failed."""
    answers = list(
        TrainingAnswer.objects.filter(item__training=held, reader_id=by.pk, attempt=attempt).select_related("item")
    )
    if len(answers) < held.items.count():
        return None
    right = sum(not faults(held, each) for each in answers)
    share = (Decimal(right) / len(answers)).quantize(Decimal("0.001"))
    if Decimal(right) / len(answers) < held.pass_share:
        return None
    day = local_day(at)
    return Qualification.objects.create(
        reader_id=person_id(by), assay=held.assay, assay_version_id=held.assay_version_id,
        how=QualifiedHow.TRAINING, training=held, attempt=attempt, share=share, valid_from=day,
        valid_until=day + timedelta(days=held.valid_days), recorded_at=at,
    )  # fmt: skip


def faults(held: TrainingSet, answer: TrainingAnswer) -> tuple[str, ...]:
    """In what a reader's answer is not the known one: discordances by code, then fields too many points off."""
    assay = Assay(held.assay)
    known, said = from_canonical(assay, answer.item.answer), from_canonical(assay, answer.findings)
    return tuple(wrong(assay, known, said, held.within_points))


def wrong(assay: Assay, known: Findings, said: Findings, within: Decimal) -> list[str]:
    codes = [str(each) for each in compare(known, said, assay, CURRENT)]
    for name in PERCENTS[assay]:
        wanted, given = getattr(known, name), getattr(said, name)
        if wanted is not None and (given is None or abs(wanted - given) > within):
            codes.append(name)
    return codes
