"""The reads a score came from, finding by finding, without names. Pure."""

from dataclasses import dataclass

from lims.web.compared import shown
from scoring.rules.vocabulary import Assay
from scoring.views import CaseView

USED = {
    Assay.HISTOLOGY: (
        ("adequate", "adequacy"), ("histologic_type", "type"), ("arch_alveolar", "alveolar"),
        ("cyto_granular", "granular"), ("arch_papillary", "papillary"),
    ),
    Assay.CAIX: (("evaluable", "CA-IX evaluable"), ("positive", "CA-IX positive")),
}  # fmt: skip
HOWS = {"single": "the one read", "adjudicated": "adjudicated", "consensus_meeting": "consensus meeting"}


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One finding in the reads and in the value used; blanks are blank, never 0."""

    finding: str
    one: str
    two: str
    used: str
    how: str
    case: str


def findings_used(cases: list[CaseView], specimen: str) -> list[FindingRow]:
    """The rows for the specimen that speaks, histology first; nothing of a case whose reads are not shown."""
    standing = [case for case in cases if case.specimen == specimen and case.consensus and not case.closed_because]
    return [
        row_of(case, name, label)
        for assay in Assay
        for case in standing
        if case.assay is assay
        for name, label in USED[assay]
    ]


def row_of(case: CaseView, name: str, label: str) -> FindingRow:
    assert case.consensus is not None, "only concluded cases come here"
    said = [read.positive if name == "positive" else read.findings.get(name) for read in case.reads]
    used = case.consensus.positive if name == "positive" else case.consensus.findings.get(name)
    one, two = [*(shown(name, value) for value in said), "", ""][:2]
    return FindingRow(label, one, two, shown(name, used), how_of(case.consensus.how, said), case.code)


def how_of(how: str, said: list[object]) -> str:
    if how == "concordant_mean":
        return "both agree" if len(set(map(str, said))) == 1 else "mean"
    return HOWS.get(how, "")
