"""One rule that spans rows, held by the database: who decides a case is neither of its readers.

A decision names a comparison, and a comparison names two signed reads, so the readers are there to be
looked at before the decision can be: no race slips between.
"""

MESSAGE = "paraffin: read_adjudicator_apart"

FOUND = """
SELECT 1 FROM scoring_read r
WHERE r.case_id = NEW.case_id AND r.reader_id = NEW.reader_id AND (r.slot = 3) <> (NEW.slot = 3)
"""
ELSEWHERE = """
SELECT 1 FROM scoring_comparison c WHERE c.id = NEW.comparison_id AND c.case_id <> NEW.case_id
"""

POSTGRES = (
    f"""
CREATE OR REPLACE FUNCTION paraffin_adjudicator_apart() RETURNS trigger AS $$
BEGIN
  IF EXISTS ({FOUND}) OR EXISTS ({ELSEWHERE}) THEN
    RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$ LANGUAGE plpgsql;
""",
    "CREATE OR REPLACE TRIGGER paraffin_apart BEFORE INSERT ON scoring_read "
    "FOR EACH ROW EXECUTE FUNCTION paraffin_adjudicator_apart();",
)

SQLITE = (
    "CREATE TRIGGER IF NOT EXISTS scoring_read_apart BEFORE INSERT ON scoring_read "
    f"WHEN EXISTS ({FOUND}) OR EXISTS ({ELSEWHERE}) BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END",
)

EXTRA = {"scoring_read": {"postgresql": POSTGRES, "sqlite": SQLITE}}
