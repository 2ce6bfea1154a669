"""The signing rules of a CA-IX read."""

from collections.abc import Iterator

from scoring.rules.editions import Edition
from scoring.rules.findings import CAIX_PERCENTS, INTENSITIES, CaixFindings
from scoring.rules.percent import plain
from scoring.rules.problem import Problem, refusal
from scoring.rules.sums import ranges, whole_sum
from scoring.rules.vocabulary import CaixMode, ControlState, Pattern, YesNo


def problems(read: CaixFindings, edition: Edition) -> list[Problem]:
    """Everything wrong with this read, by rule."""
    found = list(ranges(read, CAIX_PERCENTS))
    # A stain that cannot be evaluated need not carry numbers, but numbers that stand must make sense.
    if read.evaluable is not YesNo.NO or any(getattr(read, name) is not None for name in CAIX_PERCENTS):
        found.extend(_numbers(read))
    for rule in (_pattern, _evaluable):
        found.extend(rule(read))
    found.extend(_grounds(read, edition))
    return found


def _numbers(read: CaixFindings) -> Iterator[Problem]:
    if read.mode is None:
        yield refusal("mode", "blank", "Say how the stain is recorded: intensities or positive_only.")
    elif read.mode is CaixMode.INTENSITIES:
        yield from whole_sum(read, INTENSITIES, "0, 1+, 2+ and 3+")
        yield from _computed(read)
    else:
        yield from _positive_only(read)


def _computed(read: CaixFindings) -> Iterator[Problem]:
    if read.pct_positive is not None and read.positive is not None and read.pct_positive != read.positive:
        sentence = (
            f"% positive is computed as {plain(read.positive)} from the intensities, "
            f"not {plain(read.pct_positive)}: clear it or correct the intensities."
        )
        yield refusal("pct_positive", "positive_mismatch", sentence, *INTENSITIES)


def _positive_only(read: CaixFindings) -> Iterator[Problem]:
    for name in INTENSITIES:
        if getattr(read, name) is not None:
            sentence = "Where only % positive is recorded, intensities stay blank: clear them or change mode."
            yield refusal(name, "intensity_in_positive_only", sentence, "mode")
    if read.pct_positive is None:
        yield refusal("pct_positive", "blank_part", "Give the % positive tumour cells; blank is not 0.")
    elif (read.pct_positive == 0) is not (read.predominant_intensity in (0, None)):
        sentence = (
            "With 0 % positive the predominant intensity is 0."
            if read.pct_positive == 0
            else f"With {plain(read.pct_positive)} % positive give the predominant intensity: 1, 2 or 3."
        )
        yield refusal("predominant_intensity", "intensity_mismatch", sentence, "pct_positive")


def _pattern(read: CaixFindings) -> Iterator[Problem]:
    positive = read.positive
    if read.pattern is Pattern.CYTOPLASMIC and positive is not None and positive > 0:
        sentence = f"Only membranous staining counts: cytoplasmic is 0 % positive, not {plain(positive)} %."
        yield refusal("pattern", "cytoplasmic_but_positive", sentence, "pct_positive", *INTENSITIES)
    # With no positive cell there is no pattern to name.
    if read.evaluable is YesNo.YES and read.pattern is None and positive != 0:
        yield refusal("pattern", "blank", "Give the pattern of the staining.")


def _evaluable(read: CaixFindings) -> Iterator[Problem]:
    reason = read.not_evaluable_reason
    if read.evaluable is None:
        yield refusal("evaluable", "blank", "Say whether the stain is evaluable: yes or no.")
    elif read.evaluable is YesNo.NO and reason is None:
        sentence = "A stain that is not evaluable needs a reason: choose one."
        yield refusal("not_evaluable_reason", "reason_needed", sentence, "evaluable")
    elif read.evaluable is YesNo.YES and reason is not None:
        sentence = "An evaluable stain has no reason against it: clear the reason, or call it not evaluable."
        yield refusal("not_evaluable_reason", "reason_on_evaluable", sentence, "evaluable")


def _grounds(read: CaixFindings, edition: Edition) -> Iterator[Problem]:
    if read.evaluable is not YesNo.YES:
        return
    fewest = edition.min_viable_cells
    if read.at_least_100_cells is None:
        sentence = f"Say whether there are at least {fewest} viable tumour cells: yes or no."
        yield refusal("at_least_100_cells", "blank", sentence)
    if read.at_least_100_cells is YesNo.NO:
        sentence = f"With fewer than {fewest} viable tumour cells the stain is not evaluable: call it so."
        yield refusal("evaluable", "too_few_cells", sentence, "at_least_100_cells")
    if read.internal_control is None:
        yield refusal("internal_control", "blank", "Give the internal control: passed, failed or absent.")
    if read.internal_control is ControlState.FAILED:
        sentence = "With a failed internal control the stain is not evaluable: call it so."
        yield refusal("evaluable", "internal_control_failed", sentence, "internal_control")
