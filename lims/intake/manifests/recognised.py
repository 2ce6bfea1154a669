"""From bytes to a reading: opened, recognised, read."""

from collections.abc import Mapping, Sequence

from lims.intake.manifests.cimac import read_network
from lims.intake.manifests.findings import FileRefused
from lims.intake.manifests.grids import Grid
from lims.intake.manifests.kinds import network_sheets, refuse_legend
from lims.intake.manifests.opening import opened
from lims.intake.manifests.ours import heading_of, likely_heading, read_ours
from lims.intake.manifests.reading import Reading, Tick, no_tick
from lims.intake.parcel_sheet import REQUIRED

MOST_ROWS = 20_000


class Unrecognised(FileRefused):
    """A table whose columns are not ours. `columns` are its own, to be mapped by a person."""

    def __init__(self, columns: Sequence[str], sheet: str) -> None:
        named = ", ".join(f"“{name[:30]}”" for name in columns[:6]) or "none"
        said = (
            f"This is neither the trial network’s manifest nor this core’s template, which needs the columns "
            f"{', '.join(REQUIRED)}. Its own columns are {named}: say on the page which of them are which, or use "
            "the template."
        )
        super().__init__("unrecognised", said, sheet=sheet)
        self.columns = list(columns)


def read_manifest(
    content: bytes, *, name: str = "", mapping: Mapping[str, str] | None = None, tick: Tick = no_tick
) -> Reading:
    """The reading of a file. FileRefused when it cannot be judged at all.

    `mapping` takes its column names to ours; `tick(done, total)` is told every few hundred rows.
    """
    grids = opened(content, name)
    reading = recognised(grids, mapping or {}, tick)
    if len(reading.lines) > MOST_ROWS:
        said = f"The file has {len(reading.lines):,} rows; send at most {MOST_ROWS:,} at a time."
        raise FileRefused("too_many_rows", said, status=413)
    return reading


def recognised(grids: Sequence[Grid], mapping: Mapping[str, str], tick: Tick) -> Reading:
    if ours := heading_of(grids, mapping):
        return read_ours(*ours, mapping, tick)
    if network := network_sheets(grids):
        return read_network(network, tick)
    refuse_legend(grids)
    sheet, columns = likely_heading(grids)
    raise Unrecognised(columns, sheet)
