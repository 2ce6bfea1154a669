"""A reading held against what is on record. The dry run and the import judge here, by the same rules as the deed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from lims.intake.manifests.findings import ERROR, FileRefused, Finding
from lims.intake.manifests.reading import Line, Place, Reading, Tick, no_tick
from lims.intake.manifests.recognised import Unrecognised
from specimens import queries
from specimens.announced import Known, fact_faults, key_of, known_items, line_faults, patients_named
from specimens.announcing import AnnouncedItem, Parcel
from specimens.errors import Refused, Rejected, RowProblem
from specimens.models import Institution, Shipment, Trial

PARCEL_FACTS = ("courier", "tracking", "sender_reference")
CHUNK = 250


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person says beside the file. Without a sender nobody asks whether the tissue is with them."""

    sender: Institution | None = None
    receiver: Institution | None = None
    trial: str = ""
    synthetic: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """`lines` are (row, study id, label) of each row; `parcel` is what an import would announce, when it may."""

    rows: int
    accepted: int
    refused: int
    findings: list[Finding]
    kind: str = ""
    sheet: str = ""
    lines: list[tuple[int, str, str]] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    parcel: Parcel | None = None


def file_refused(error: FileRefused) -> Verdict:
    """The verdict over a file that is no manifest: whatever rows it has are refused with it."""
    finding = Finding(0, "file", "", ERROR, error.sentence, error.sheet)
    columns = error.columns if isinstance(error, Unrecognised) else []
    return Verdict(error.rows, 0, error.rows, [finding], columns=columns)


def judge(reading: Reading, wanted: Wanted, today: date, tick: Tick = no_tick) -> Verdict:
    """Every row with what is wrong with it by itself and beside what is on record. Nothing is written."""
    judging = Judging(reading, wanted)
    judging.check_parcel(today)
    judging.check_patients()
    judging.check_lines(tick)
    return judging.verdict()


class Judging:
    def __init__(self, reading: Reading, wanted: Wanted) -> None:
        self.reading, self.wanted = reading, wanted
        self.findings = list(reading.findings)
        self.trial = reading.facts.trial or wanted.trial.strip()
        synthetic = wanted.synthetic
        self.lines = [
            replace(line, item=placed(line.item, self.trial, synthetic)) if line.item else line
            for line in reading.lines
        ]

    # ---- the parcel ----
    def check_parcel(self, today: date) -> None:
        facts, wanted = self.reading.facts, self.wanted
        for fault in fact_faults(facts.sent_on, {name: getattr(facts, name) for name in PARCEL_FACTS}, today):
            self.at_fact(fault.field, fault.sentence)
        if wanted.sender and wanted.receiver and wanted.sender.pk == wanted.receiver.pk:
            self.at_file("receiver", "A parcel goes from one institution to another.", wanted.receiver.code)
        if facts.trial and wanted.trial and facts.trial.upper() != wanted.trial.strip().upper():
            self.at_fact("trial", f"The file is of trial {facts.trial}, and {wanted.trial} was chosen: which is it?")
        if facts.trial and not self.lines and not known_trials({facts.trial.upper()}):
            self.at_fact("trial", f"No trial has the code “{facts.trial[:40]}”: an administrator opens it first.")
        if wanted.sender and facts.sender_reference:
            self.check_reference(wanted.sender, facts.sender_reference)

    def check_reference(self, sender: Institution, reference: str) -> None:
        if "\0" in reference:
            return
        before = Shipment.objects.filter(sender=sender, sender_reference=reference).first()
        if before:
            said = f"{sender.name} announced {reference} already, as parcel {before}: one reference is one parcel."
            self.at_fact("sender_reference", said)

    def at_fact(self, name: str, sentence: str) -> None:
        place = self.reading.facts.places.get(name) or Place(0, name, "", self.reading.sheet)
        self.findings.append(Finding(place.row, place.field, place.value[:200], ERROR, sentence, place.sheet))

    def at_file(self, name: str, sentence: str, value: str = "") -> None:
        self.findings.append(Finding(0, name, value[:200], ERROR, sentence, self.reading.sheet))

    # ---- the rows ----
    def at_row(self, row: int, name: str, value: str, sentence: str) -> None:
        heading = self.reading.fields.get(name, name)
        self.findings.append(Finding(row, heading, value[:200], ERROR, sentence, self.reading.sheet))

    def check_patients(self) -> None:
        """An unknown trial or patient refuses its row, whatever else is wrong with it."""
        keys = {line.row: key_of_line(line, self.trial) for line in self.lines}
        trials = known_trials({trial for trial, _ in keys.values()})
        patients = patients_named(key for key in keys.values() if key[0] in trials)
        withdrawn = queries.withdrawn_patients({patient.pk for patient in patients.values()})
        for line in self.lines:
            trial, study_id = keys[line.row]
            written = line.item.trial if line.item else self.trial
            if not trial:
                self.at_row(line.row, "trial", "", "Of which trial this is, neither the file nor the person says.")
            elif trial not in trials:
                said = f"No trial has the code “{written[:40]}”: an administrator opens it first."
                self.at_row(line.row, "trial", written, said)
            elif study_id and (trial, study_id) not in patients:
                said = f"No patient {line.study_id[:40]} is enrolled in trial {trial}."
                self.at_row(line.row, "study_id", line.study_id, said)
            elif study_id and patients[trial, study_id].pk in withdrawn:
                said = f"{line.study_id} withdrew consent to this study: nothing is shipped any more."
                self.at_row(line.row, "study_id", line.study_id, said)

    def check_lines(self, tick: Tick) -> None:
        """The deed's own rules, line by line; what was said of the patient already is not said again."""
        sound = [line for line in self.lines if line.item]
        items = [line.item for line in sound if line.item]
        known: Known = known_items(items)
        faults = line_faults(ticking(items, tick), known, self.wanted.sender, self.reading.facts.sent_on)
        for fault in faults:
            line = sound[fault.row - 1]
            if fault.field == "study_id" and line.item and key_of(line.item) not in known.patients:
                continue
            self.at_row(line.row, fault.field, fault.value, in_rows(fault, sound))

    def verdict(self) -> Verdict:
        self.refuse_all_for_the_parcel()
        bad = self.bad_rows()
        lines = [(line.row, line.study_id[:60], line.label[:60]) for line in self.lines]
        rows, refused = len(lines), sum(row in bad for row, _, _ in lines)
        return Verdict(
            rows=rows,
            accepted=rows - refused,
            refused=refused,
            findings=sorted(self.findings, key=lambda f: (f.sheet == self.reading.sheet and f.row > 0, f.row)),
            kind=self.reading.kind,
            sheet=self.reading.sheet,
            lines=lines,
            parcel=None if refused or not rows or self.of_the_parcel() else self.parcel(),
        )

    def bad_rows(self) -> set[int]:
        sheet = self.reading.sheet
        return {f.row for f in self.findings if f.severity == ERROR and f.sheet == sheet and f.row}

    def of_the_parcel(self) -> list[Finding]:
        """Errors that are of no row with an item: they refuse every row."""
        rows, sheet = {line.row for line in self.lines}, self.reading.sheet
        return [f for f in self.findings if f.severity == ERROR and (f.sheet != sheet or f.row not in rows)]

    def refuse_all_for_the_parcel(self) -> None:
        for fault in self.of_the_parcel()[:1]:
            bad = self.bad_rows()
            for line in self.lines:
                if line.row not in bad:
                    said = f"Refused with its parcel: {fault.sentence}"
                    self.findings.append(Finding(line.row, fault.field, fault.value, ERROR, said, self.reading.sheet))

    def parcel(self) -> Parcel | None:
        wanted, facts = self.wanted, self.reading.facts
        if not wanted.sender or not wanted.receiver:
            return None
        return Parcel(
            sender=wanted.sender,
            receiver=wanted.receiver,
            items=tuple(line.item for line in self.lines if line.item),
            sent_on=facts.sent_on,
            courier=facts.courier,
            tracking=facts.tracking,
            sender_reference=facts.sender_reference,
            synthetic=wanted.synthetic,
        )


def placed(item: AnnouncedItem, trial: str, synthetic: bool) -> AnnouncedItem:
    """The item with the parcel's trial where its row names none."""
    if item.trial and item.synthetic == synthetic:
        return item
    return replace(item, trial=item.trial or trial, synthetic=synthetic)


def key_of_line(line: Line, trial: str) -> tuple[str, str]:
    return key_of(line.item) if line.item else (trial.strip().upper(), line.study_id.strip().upper())


def known_trials(codes: set[str]) -> set[str]:
    asked = {code for code in codes if code and code.isprintable()}
    return set(Trial.objects.filter(code__in=asked).values_list("code", flat=True)) if asked else set()


def ticking(items: Sequence[AnnouncedItem], tick: Tick) -> Iterable[AnnouncedItem]:
    for done, item in enumerate(items):
        if done % CHUNK == 0:
            tick(done, len(items))
        yield item


def in_rows(fault: RowProblem, sound: Sequence[Line]) -> str:
    """The deed counts lines of the parcel; the person sees rows of the sheet."""
    if fault.code != "duplicate":
        return fault.sentence
    first = int("".join(c for c in fault.sentence if c.isdigit()))
    return f"This row repeats row {sound[first - 1].row}."


def refused_by_deed(refusal: Refused, verdict: Verdict) -> Verdict:
    """What the deed refused after all, since the record changed between verdict and deed. Nothing came in."""
    problems = refusal.problems if isinstance(refusal, Rejected) else [RowProblem(0, "file", refusal.sentence)]
    findings = [
        Finding(verdict.lines[p.row - 1][0] if p.row else 0, p.field, p.value, ERROR, p.sentence, verdict.sheet)
        for p in problems
    ]
    return replace(verdict, accepted=0, refused=verdict.rows, findings=[*findings, *verdict.findings], parcel=None)
