"""Every table that can be exported, by name. `patients` is the tidy one; the others are long."""

from lims.export.table import Table
from lims.export.tables.outcome import OUTCOMES, VALUES
from lims.export.tables.reading import AGREEMENT, READS
from lims.export.tables.scores import SCORES
from lims.export.tables.tissue import CUSTODY, SLIDES, SPECIMENS

LONG: dict[str, Table] = {
    table.name: table for table in (SPECIMENS, SLIDES, CUSTODY, READS, SCORES, OUTCOMES, VALUES, AGREEMENT)
}
