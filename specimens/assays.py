"""Assay versions: how a stain is done, as validated. A version is never edited; a new one takes its place."""

from datetime import datetime

from specimens import ledger
from specimens.actors import Actor, person_id
from specimens.deeds import checked, deed, demand_reach, require
from specimens.errors import Invalid, Refused
from specimens.models import AssayVersion
from specimens.queries import core
from specimens.vocabulary import STAIN_LABELS, Stain

BENCH_ONLY = "Only histotechnologists keep assay versions."


@deed
def record_assay_version(*, by: Actor, at: datetime, stain: Stain, name: str, clone: str = "", dilution: str = "",
                         retrieval: str = "", platform: str = "", synthetic: bool = False) -> AssayVersion:  # fmt: skip
    """Record a version under a name of its own. CA-IX needs the antibody's clone."""
    require(by, "specimens.stain", BENCH_ONLY)
    demand_reach(by, [core()], "Recording an assay version")
    if not name.strip():
        raise Invalid("no_name", "Give the version a name, as “CA-IX 3”.", field="name")
    if stain == Stain.CAIX and not clone.strip():
        raise Invalid("no_clone", "A CA-IX assay names the antibody's clone.", field="clone")
    recorded = AssayVersion(
        stain=stain, name=name.strip(), clone=clone.strip(), dilution=dilution.strip(), retrieval=retrieval.strip(),
        platform=platform.strip(), recorded_at=at, recorded_by_id=person_id(by), synthetic=synthetic,
    )  # fmt: skip
    checked(recorded)
    recorded.save()
    said = f"Assay version {recorded} ({STAIN_LABELS[stain]}) was recorded."
    became = {part: getattr(recorded, part) for part in ("clone", "dilution", "retrieval", "platform")}
    ledger.write([ledger.line("record assay version", recorded, said, became=became)], by=by, at=at)
    return recorded


@deed
def retire_assay_version(*, by: Actor, at: datetime, assay: AssayVersion, reason: str) -> AssayVersion:
    """No later run is stained by this version; those it was used in stand."""
    require(by, "specimens.stain", BENCH_ONLY)
    demand_reach(by, [core()], "Retiring an assay version")
    if not reason.strip():
        raise Invalid("reason_missing", "Say why the version is retired.", field="reason")
    held = AssayVersion.objects.select_for_update().get(pk=assay.pk)
    if held.retired_at:
        raise Refused("retired_already", f"Assay version {held} was retired already.")
    held.retired_at = at
    held.save(update_fields=["retired_at"])
    said = f"Assay version {held} was retired."
    ledger.write([ledger.line("retire assay version", held, said, reason=reason.strip())], by=by, at=at)
    return held
