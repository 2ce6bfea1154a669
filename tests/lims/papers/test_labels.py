"""Labels: everything lies inside its label, an independent reader reads every code, and nothing is cut off unsaid."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations, pairwise
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image

from lims.papers.codes import LARGEST, dark_runs, matrix_code
from lims.papers.label_files import close_up, drawing, escaped, roll_zpl, sheet_pdf
from lims.papers.labels import Label, Said, Words, laid_out
from lims.papers.rulers import CELLS
from lims.papers.stock import ROLLS, SHEETS, STOCK, Roll, Sheet
from specimens.errors import Invalid
from specimens.identifiers import printed
from tests.refusals import outcome

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
DPI = 300
NAMES = [each.name for each in (*SHEETS, *ROLLS)]


def words(number: int = 4417, patient: str = "CWG-0187", *more: Said, mark: str = "CA-IX") -> Words:
    code = printed("SL", number)
    lines = (
        Said("accession number", (code,), required=True, mono=True),
        Said("patient", (f"TRIAL-X {patient}", patient), required=True),
        Said("block", ("B-000912-4 A1", "B-000912-4")),
    )
    return Words(code, (*lines, *more), mark)


def sheet_of(stock: Sheet) -> list[Label]:
    return [laid_out(words(number), stock) for number in range(1, stock.count + 1)]


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_every_place_of_a_sheet_lies_on_the_paper_and_on_no_other(sheet: Sheet) -> None:
    places = [sheet.corner(place) for place in range(sheet.count)]
    for x, y in places:
        assert x >= 0
        assert y >= 0
        assert x + sheet.width <= sheet.page[0]
        assert y + sheet.height <= sheet.page[1]
    for (ax, ay), (bx, by) in combinations(places[: 2 * sheet.columns], 2):
        apart = abs(ax - bx) >= sheet.width - 1e-6 or abs(ay - by) >= sheet.height - 1e-6
        assert apart
    right = sheet.page[0] - places[-1][0] - sheet.width
    assert abs(right - sheet.left) < 1.0, "the same margin on both sides"


@pytest.mark.parametrize("name", NAMES)
def test_everything_lies_inside_its_label(name: str) -> None:
    stock = STOCK[name]
    for patient in ("1", "CWG-0187", "NCC-026-0187"):
        label = laid_out(words(4417, patient, Said("day", ("cut 2026-11-10",))), stock)
        assert label.x >= 0
        assert label.x + label.side <= stock.width
        assert label.y >= -0.01
        assert label.y + label.side <= stock.height + 0.01
        for line in label.lines:
            assert line.x >= 0
            assert line.x + line.width <= stock.width
            assert line.y >= 0
            assert line.y + line.size.line <= stock.height + 0.01
            over_code = line.x < label.x + label.side and line.y < label.y + label.side
            assert not over_code
        assert label.lines


def test_one_line_never_lies_on_another() -> None:
    for stock in STOCK.values():
        lines = sorted(laid_out(words(), stock).lines, key=lambda line: (line.x, line.y))
        below = [line for line in lines if line.x == lines[0].x]
        assert all(a.y + a.size.line <= b.y + 1e-6 for a, b in pairwise(below))


@dataclass
class Printed:
    """A page drawn at 300 dots to the inch, as a printer would."""

    picture: Image.Image

    def cut_out(self, x: float, y: float, width: float, height: float) -> Image.Image:
        """This rectangle (millimetres) and nothing beside it, on a white ground."""
        dots = DPI / 25.4
        label = self.picture.crop((int(x * dots), int(y * dots), int((x + width) * dots), int((y + height) * dots)))
        ground = Image.new("L", (label.width + 40, label.height + 40), 255)
        ground.paste(label, (20, 20))
        return ground


def pages(pdf: bytes) -> Iterator[Printed]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        for number in range(len(document)):
            page = document[number]
            yield Printed(page.render(scale=DPI / 72).to_pil().convert("L"))
            page.close()
    finally:
        document.close()


def read(pictures: list[Image.Image], folder: Path) -> list[str]:
    """What libdmtx, which shares no line with what drew them, reads in each."""
    names = [folder / f"{number:04d}.png" for number in range(len(pictures))]
    for name, picture in zip(names, pictures, strict=True):
        picture.save(name)
    command = ["dmtxread", "--newline", "--stop-after=1", *map(str, names)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    return done.stdout.split()


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_every_code_of_a_full_sheet_is_read_by_another_reader(sheet: Sheet, tmp_path: Path) -> None:
    pdf = sheet_pdf(sheet_of(sheet), sheet, start=1, made_at=AT, title="labels")
    (page,) = pages(pdf)
    cut = [page.cut_out(*sheet.corner(place), sheet.width, sheet.height) for place in range(sheet.count)]
    assert read(cut, tmp_path) == [printed("SL", number) for number in range(1, sheet.count + 1)]


def test_a_used_sheet_begins_at_its_first_free_place(tmp_path: Path) -> None:
    sheet = SHEETS[0]
    pdf = sheet_pdf(sheet_of(sheet)[:10], sheet, start=60, made_at=AT, title="labels")
    first, second = pages(pdf)
    used = [first.cut_out(*sheet.corner(place), sheet.width, sheet.height).getextrema()[0] for place in range(59)]
    assert set(used) == {255}, "nothing is printed on what is used up"
    fresh = [first.cut_out(*sheet.corner(place), sheet.width, sheet.height) for place in range(59, 65)]
    more = [second.cut_out(*sheet.corner(place), sheet.width, sheet.height) for place in range(4)]
    assert read(fresh + more, tmp_path) == [printed("SL", number) for number in range(1, 11)]


def test_nothing_is_drawn_outside_the_labels() -> None:
    sheet = SHEETS[2]
    (page,) = pages(sheet_pdf(sheet_of(sheet), sheet, start=1, made_at=AT, title="labels"))
    blank = page.picture.copy()
    dots = DPI / 25.4
    for place in range(sheet.count):
        x, y = sheet.corner(place)
        blank.paste(
            255, (int(x * dots), int(y * dots), int((x + sheet.width) * dots) + 1, int((y + sheet.height) * dots) + 1)
        )
    assert blank.getextrema() == (255, 255)


# ---- what does not fit ----
def test_what_fits_is_printed_in_full_without_a_word() -> None:
    label = laid_out(words(), STOCK["avery-l7651"])
    assert [line.text for line in label.lines][:2] == [printed("SL", 4417), "TRIAL-X CWG-0187"]
    assert label.warnings == ()


def test_what_does_not_fit_is_worded_shorter_and_said() -> None:
    label = laid_out(words(4417, "CWG-00187"), STOCK["avery-l4730"])
    assert "CWG-00187" in [line.text for line in label.lines]
    assert any("is shortened to “CWG-00187”" in warning for warning in label.warnings)


def test_what_may_be_left_out_is_left_out_and_said() -> None:
    extra = [Said(f"remark {n}", (f"remark number {n}",)) for n in range(6)]
    label = laid_out(words(4417, "CWG-0187", *extra), STOCK["cassette-27-203"])
    assert any("has no room and is left out" in warning for warning in label.warnings)


@pytest.mark.parametrize("name", NAMES)
def test_what_must_stand_there_is_never_cut_off(name: str) -> None:
    refusal = outcome(lambda: laid_out(words(4417, "W" * 40), STOCK[name]))
    assert isinstance(refusal, Invalid)
    assert (refusal.code, refusal.field) == ("label_too_small", "stock")
    assert "Choose a larger stock." in refusal.sentence


@pytest.mark.parametrize(
    ("name", "patient"), [("avery-l7651", "CWG-\u4e00"), ("slide-22-203", "CWG-\u4e00"), ("slide-22-203", "CWG-Ω")]
)
def test_a_character_without_a_likeness_is_refused(name: str, patient: str) -> None:
    refusal = outcome(lambda: laid_out(words(4417, patient), STOCK[name]))
    assert isinstance(refusal, Invalid)
    assert refusal.code == "unprintable"


def test_an_accent_is_dropped_by_a_thermal_printer_and_said() -> None:
    label = laid_out(words(4417, "CWG-é1"), STOCK["slide-22-203"])
    assert any("CWG-e1" in warning for warning in label.warnings)


# ---- thermal printers ----
FIELD = re.compile(r"\^FO(\d+),(\d+)(\^B|\^A)([^^]*)\^FH\^FD(.*?)\^FS", re.DOTALL)


def unescaped(field: str) -> str:
    """What ^FH makes of a field: _XX is a byte."""
    raw = re.sub(rb"_([0-9A-F]{2})", lambda found: bytes([int(found.group(1), 16)]), field.encode())
    return raw.decode("utf-8")


@pytest.mark.parametrize("roll", ROLLS, ids=lambda roll: roll.name)
def test_what_a_thermal_printer_makes_of_it(roll: Roll, tmp_path: Path) -> None:
    """A small interpreter of our own: each label's size, its code's payload and place, each text's place."""
    made = roll_zpl([laid_out(words(number), roll) for number in range(1, 6)], roll).decode("ascii")
    formats = re.findall(r"\^XA(.*?)\^XZ", made, re.DOTALL)
    assert len(formats) == 5
    codes = []
    for number, told in enumerate(formats, start=1):
        width, height = (int(re.search(rf"\^{name}(\d+)", told).group(1)) for name in ("PW", "LL"))  # type: ignore[union-attr]
        assert (width, height) == (roll.dots(roll.width), roll.dots(roll.height))
        fields = FIELD.findall(told)
        (code,) = [each for each in fields if each[2] == "^B"]
        orientation, module, quality = re.fullmatch(r"X(N),(\d+),(\d+)", code[3]).groups()  # type: ignore[union-attr]
        assert (orientation, quality) == ("N", "200")
        assert int(module) / roll.dots(1) * 1.0 >= 0.25, "modules of a quarter of a millimetre at least"
        payload = unescaped(code[4])
        assert payload == printed("SL", number)
        side = (LARGEST - 1) * int(module)
        assert int(code[0]) + side <= width
        assert int(code[1]) + side <= height
        codes.append(as_printed(payload, int(code[0]), int(code[1]), int(module), width, height))
        for x, y, _, font, text in (each for each in fields if each[2] == "^A"):
            cell_height, cell_width, gap = CELLS[font[0]]
            times = int(font.split(",")[1]) // cell_height
            assert int(x) + (cell_width + gap) * times * len(unescaped(text)) <= width
            assert int(y) + cell_height * times <= height
        said = [unescaped(each[4]) for each in fields if each[2] == "^A"]
        assert printed("SL", number) in said
    assert read(codes, tmp_path) == [printed("SL", number) for number in range(1, 6)]


def as_printed(payload: str, x: int, y: int, module: int, width: int, height: int) -> Image.Image:
    """The label in the printer's dots, the code where ^BX puts it (the quiet zone is not part of it)."""
    label = Image.new("L", (width + 40, height + 40), 255)
    bare = matrix_code(payload).convert("L")
    bare = bare.crop((1, 1, bare.width - 1, bare.height - 1))
    label.paste(bare.resize((bare.width * module, bare.height * module), Image.Resampling.NEAREST), (20 + x, 20 + y))
    return label


@pytest.mark.parametrize("text", ["^XA^XZ", "a~b_c\\d", "é ≥ 5 µm", "^FD_41", "plain 123"])
def test_nothing_of_a_text_is_taken_for_a_command(text: str) -> None:
    assert unescaped(escaped(text)) == text
    assert not set("^~\\") & set(escaped(text))


# ---- on the screen ----
def test_the_drawing_is_safe_and_shows_what_is_used_up() -> None:
    label = laid_out(words(4417, "<b>&1"), STOCK["avery-l7651"])
    shown = drawing([label], STOCK["avery-l7651"], start=3)
    assert "<b>" not in shown
    assert "&lt;b&gt;&amp;1" in shown
    assert "style=" not in shown
    assert shown.count('fill="#d9d6de"') == 2
    assert "&lt;b&gt;" in close_up(label, STOCK["avery-l7651"])
    assert drawing([label], STOCK["slide-22-203"], start=1).startswith("<svg")


def test_a_code_is_square_and_small_enough() -> None:
    for number in (1, 999_999, 1_000_000, 99_999_999):
        for prefix in ("B", "SL"):
            side, runs = dark_runs(printed(prefix, number))
            assert side <= LARGEST
            assert runs
