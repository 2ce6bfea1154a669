"""Pages of a list, by id: the address carries the id to go on from and keeps the filters."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.http import urlencode

from specimens.desk import Page

LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Leaf:
    """What `parts/pager.html` needs: query strings of the first and the next page, and the rows."""

    before: str
    after: str
    size: int
    rows: list[Any]


@dataclass(frozen=True, slots=True)
class Pager:
    before_id: int | None
    filters: dict[str, str]

    def of(self, page: Page[Any]) -> Leaf:
        onward = urlencode(self.filters | {"before": str(page.after)}) if page.after is not None else ""
        back = (urlencode(self.filters) or "start=1") if self.before_id is not None else ""
        return Leaf(back, onward, page.size, page.rows)


def pager(request: HttpRequest) -> Pager:
    """The place in the list that the address asks for; anything that is no id is the start."""
    text = request.GET.get("before", "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None
    filters = {k: str(v) for k, v in request.GET.items() if k not in ("before", "start") and v}
    return Pager(number if number is not None and number <= LARGEST else None, filters)
