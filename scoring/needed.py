"""What reading still needs: glass with an open case, and blocks whose glass has one. Said to the floor below, which
sends tissue back and cannot look up here."""

from collections.abc import Collection, Mapping

from scoring.cases import facts_of
from scoring.models import ReadingCase
from scoring.rules.vocabulary import Phase
from specimens.custody import Thing
from specimens.models import Slide


def still_needed(blocks: Collection[int], slides: Collection[int]) -> Mapping[Thing, str]:
    """By thing, which case is not concluded yet. A fixed number of queries."""
    glass = dict(Slide.objects.filter(block_id__in=blocks).values_list("pk", "block_id"))
    wanted, chosen = ReadingCase.objects.filter(slide_id__in={*glass, *slides}), set(slides)
    said: dict[Thing, str] = {}
    for case in facts_of(wanted):
        if case.withdrawn or not case.stands or case.phase is Phase.CONCLUDED:
            continue
        sentence = f"case {case.code} is not concluded"
        if case.slide_id in chosen:
            said["slide", case.slide_id] = sentence
        if case.slide_id in glass:
            said["block", glass[case.slide_id]] = sentence
    return said
