"""What stands on a printed paper: its words, and what its codes say to a reader."""

import pypdfium2
import zxingcpp


def words_of(paper: bytes) -> str:
    """The words of a PDF, all its pages together."""
    return "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(paper))


def read_paper(paper: bytes) -> tuple[str, set[str]]:
    """(words, codes) of a PDF, all its pages together."""
    document = pypdfium2.PdfDocument(paper)
    codes = set()
    for page in document:
        picture = page.render(scale=300 / 72).to_pil().convert("L")
        codes |= {found.text for found in zxingcpp.read_barcodes(picture, zxingcpp.BarcodeFormat.DataMatrix)}
    return words_of(paper), codes
