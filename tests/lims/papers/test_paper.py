"""Letters, packing lists and forms: what was said stands there, pages are numbered, the code at the head is read."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pypdfium2

from lims.papers.paper import Paper
from specimens.identifiers import printed

CODE = printed("PX", 231)


def a_paper() -> bytes:
    paper = Paper("Packing list ≥ 1", foot="CWG core", made_at=datetime(2026, 11, 23, tzinfo=UTC), code=CODE)
    paper.facts([("From", "Mercy General\n12 High Street"), ("Received by", "")])
    paper.words("Contents", bold=True)
    paper.rows(["Line", "Item"], [[str(n), f"block {n} “łódź”"] for n in range(1, 81)], [1, 4])
    paper.tick_boxes(["intact", "broken", "label does not match"] * 4)
    paper.signatures("Handed over by", "Received by")
    return paper.done()


def test_everything_stands_there_on_every_page(tmp_path: Path) -> None:
    document = pypdfium2.PdfDocument(a_paper())
    said, pictures = [], []
    for number in range(len(document)):
        page = document[number]
        text = page.get_textpage()
        said.append(text.get_text_range())
        text.close()
        pictures.append(tmp_path / f"{number}.png")
        page.render(scale=150 / 72).to_pil().save(pictures[-1])
        page.close()
    document.close()
    assert len(said) >= 2
    assert all("Packing list ≥ 1" in page and CODE in page and "Item" in page for page in said[:2])
    whole = "\n".join(said)
    for words in (
        "12 High Street",
        "block 80 “łódź”",
        "label does not match",
        "Handed over by",
        f"page 1 of {len(said)}",
    ):
        assert words in whole
    read = subprocess.run(
        ["dmtxread", "--newline", "--stop-after=1", *map(str, pictures)], capture_output=True, text=True, check=False
    )
    assert read.stdout.split() == [CODE] * len(said)


def test_the_same_paper_twice_is_the_same_file() -> None:
    assert a_paper() == a_paper()
