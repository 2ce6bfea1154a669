"""Specimens, slides, and every change of who holds them."""

from lims.export.dictionary import Column, Kind
from lims.export.table import Table
from lims.export.tables.shared import SINCE, STUDY_ID, TRIAL, YES_NO, synthetic, words
from specimens.vocabulary import CustodyKind, RunControls, SpecimenKind, Stain

CORE = "the core's bench"
ACCESSION = "accession"


def one(name: str, xpt: str, label: str, kind: Kind, source: str, derivation: str, sql: str, *,
        unit: str = "", codes: tuple[str, ...] = ()) -> tuple[Column, str]:  # fmt: skip
    return Column(name, xpt, label, kind, source, derivation, unit=unit, codes=codes, since=SINCE), sql


SPECIMEN = one("specimen", "SPECID", "Specimen", Kind.TEXT, ACCESSION,
               "Accession number of this core, not a hospital's.", "sp.accession")  # fmt: skip
SPECIMENS = Table(
    "specimens",
    "One row a specimen, whatever became of it.",
    (
        TRIAL,
        STUDY_ID,
        SPECIMEN,
        one("specimen_kind", "SPECKIND", "Kind of specimen", Kind.CODE, ACCESSION, "As accessioned.", "sp.kind",
            codes=words(SpecimenKind)),
        one("topography", "TOPOGR", "Topography", Kind.TEXT, ACCESSION, "ICD-O-3 topography code.", "sp.topography"),
        one("laterality", "LATERAL", "Laterality", Kind.TEXT, ACCESSION, "As accessioned.", "sp.laterality"),
        one("procedure", "PROCED", "Procedure", Kind.TEXT, ACCESSION, "That took the tissue.", "sp.procedure"),
        one("procedure_on", "PROCDT", "Date of the procedure", Kind.DATE, ACCESSION, "Collection of the specimen.",
            "sp.procedure_on"),
        one("preservation", "PRESERV", "Preservation", Kind.TEXT, ACCESSION, "As accessioned.", "sp.preservation"),
        one("holding_site", "HOLDSITE", "Institution that keeps the tissue", Kind.TEXT, ACCESSION, "Code.", "hs.code"),
        one("blocks", "NBLOCKS", "Blocks accessioned", Kind.INTEGER, ACCESSION, "By now, or by the moment asked for.",
            "(SELECT count(*) FROM specimens_block b WHERE b.specimen_id = sp.id AND KNOWN(b.accessioned_at))",
            unit="blocks"),
        one("slides", "NSLIDES", "Slides accessioned", Kind.INTEGER, ACCESSION, "Of all its blocks.",
            "(SELECT count(*) FROM specimens_slide sl JOIN specimens_block b ON b.id = sl.block_id"
            " WHERE b.specimen_id = sp.id AND KNOWN(sl.accessioned_at))", unit="slides"),
        one("accessioned_at", "ACCESSTM", "When it was accessioned", Kind.MOMENT, ACCESSION, "The server's clock.",
            "sp.accessioned_at", unit="UTC"),
        synthetic("sp.synthetic"),
    ),
    """
  FROM specimens_specimen sp
  JOIN specimens_patient p ON p.id = sp.patient_id
  JOIN specimens_trial t ON t.id = p.trial_id
  LEFT JOIN specimens_institution hs ON hs.id = sp.holding_site_id""",
    "sp.accessioned_at",
    "sp.id",
    ("specimen",),
)  # fmt: skip


def control(kind: str) -> str:
    """The latest result of one kind of external control of the run."""
    return (
        f"coalesce((SELECT CASE WHEN k.passed THEN 'passed' ELSE 'failed' END FROM specimens_controlresult k"  # noqa: S608
        f" WHERE k.run_id = run.id AND k.kind = '{kind}' AND KNOWN(k.recorded_at) ORDER BY k.id DESC LIMIT 1),"
        f" CASE WHEN run.id IS NOT NULL THEN 'pending' END)"
    )


SLIDE = one("slide", "SLIDEID", "Slide", Kind.TEXT, ACCESSION, "Accession number of this core.", "sl.accession")
SLIDES = Table(
    "slides",
    "One row a slide, with the run that stained it and what the run's controls showed.",
    (
        TRIAL,
        STUDY_ID,
        SPECIMEN,
        one("block", "BLOCKID", "Block", Kind.TEXT, ACCESSION, "Accession number of this core.", "b.accession"),
        SLIDE,
        one("position", "POSITION", "Position of the section", Kind.TEXT, ACCESSION, "Top, bottom or level.",
            "sl.position"),
        one("cut_on", "CUTDT", "Date of cutting", Kind.DATE, ACCESSION, "Empty when unknown.", "sl.cut_on"),
        one("thickness_um", "THICKUM", "Thickness of the section", Kind.NUMBER, ACCESSION, "As cut.",
            "sl.thickness_um", unit="um"),
        one("cut_at_core", "CUTCORE", "Cut at the core", Kind.YES_NO, ACCESSION, "no: it came as a section.",
            "sl.cut_at_core", codes=YES_NO),
        one("stain", "STAIN", "Stain", Kind.CODE, CORE, "Of the run; empty while unstained here.", "run.stain",
            codes=words(Stain)),
        one("run", "RUNID", "Stain run", Kind.TEXT, CORE, "Accession number of the run.", "run.accession"),
        one("stained_on", "STAINDT", "Date of staining", Kind.DATE, CORE, "Of the run.", "run.stained_on"),
        one("section_age_days", "SECTAGE", "Age of the section when stained", Kind.INTEGER, CORE,
            "stained_on less cut_on.", "g.section_age_days", unit="days"),
        one("assay_version", "ASSAYVER", "Assay version", Kind.TEXT, CORE, "Name of the run's assay version.",
            "av.name"),
        one("clone", "CLONE", "Antibody clone", Kind.TEXT, CORE, "Of the reagent lot.", "lot.clone"),
        one("lot", "LOT", "Reagent lot", Kind.TEXT, CORE, "Of the run.", "lot.lot"),
        one("dilution", "DILUTION", "Dilution", Kind.TEXT, CORE, "Of the run.", "run.dilution"),
        one("retrieval", "RETRIEVE", "Antigen retrieval", Kind.TEXT, CORE, "Of the run.", "run.retrieval"),
        one("platform", "PLATFORM", "Staining platform", Kind.TEXT, CORE, "Of the run.", "run.platform"),
        one("positive_control", "POSCTRL", "External positive control", Kind.CODE, CORE, "The latest result.",
            control("positive"), codes=words(RunControls)),
        one("negative_control", "NEGCTRL", "External negative control", Kind.CODE, CORE, "The latest result.",
            control("negative"), codes=words(RunControls)),
        one("accessioned_at", "ACCESSTM", "When it was accessioned", Kind.MOMENT, ACCESSION, "The server's clock.",
            "sl.accessioned_at", unit="UTC"),
        synthetic("sl.synthetic", "run.synthetic"),
    ),
    """
  FROM specimens_slide sl
  JOIN specimens_block b ON b.id = sl.block_id
  JOIN specimens_specimen sp ON sp.id = b.specimen_id
  JOIN specimens_patient p ON p.id = sp.patient_id
  JOIN specimens_trial t ON t.id = p.trial_id
  LEFT JOIN specimens_staining g ON g.slide_id = sl.id
  LEFT JOIN specimens_stainrun run ON run.id = g.run_id AND KNOWN(run.recorded_at)
  LEFT JOIN specimens_reagentlot lot ON lot.id = run.lot_id
  LEFT JOIN specimens_assayversion av ON av.id = run.assay_id""",
    "sl.accessioned_at",
    "sl.id",
    ("slide",),
)  # fmt: skip

CUSTODY = Table(
    "custody",
    "One row a change of custody of a block or slide.",
    (
        TRIAL,
        STUDY_ID,
        SPECIMEN,
        one("item_kind", "ITEMKIND", "Block or slide", Kind.CODE, "custody", "What changed hands.",
            "CASE WHEN e.slide_id IS NULL THEN 'block' ELSE 'slide' END", codes=("block", "slide")),
        one("item", "ITEMID", "Block or slide, its number", Kind.TEXT, ACCESSION, "Accession number of this core.",
            "coalesce(sl.accession, b.accession)"),
        one("event", "EVENTNO", "Number of the event", Kind.INTEGER, "custody", "Unique; in order of recording.",
            "e.id", unit="count"),
        one("event_kind", "EVENT", "What happened", Kind.CODE, "custody", "As recorded.", "e.kind",
            codes=words(CustodyKind)),
        one("holder", "HOLDER", "Who holds it after the event", Kind.TEXT, "custody", "Code of the institution.",
            "holder.code"),
        one("shipment", "SHIPID", "Shipment", Kind.TEXT, "custody", "Accession number of the parcel.", "sh.accession"),
        one("occurred_at", "EVENTTM", "When it happened", Kind.MOMENT, "custody", "As recorded.", "e.occurred_at",
            unit="UTC"),
        synthetic("e.synthetic"),
    ),
    """
  FROM specimens_custodyevent e
  LEFT JOIN specimens_slide sl ON sl.id = e.slide_id
  JOIN specimens_block b ON b.id = coalesce(sl.block_id, e.block_id)
  JOIN specimens_specimen sp ON sp.id = b.specimen_id
  JOIN specimens_patient p ON p.id = sp.patient_id
  JOIN specimens_trial t ON t.id = p.trial_id
  LEFT JOIN specimens_institution holder ON holder.id = e.holder_id
  LEFT JOIN specimens_shipment sh ON sh.id = e.shipment_id""",
    "e.occurred_at",
    "e.id",
    ("event",),
)  # fmt: skip
