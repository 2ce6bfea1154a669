"""Keyset pages in order of id: as quick at the end of a long table as at its beginning."""

from typing import Any

from django.db.models import QuerySet
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request

DIGITS = 18  # of the largest id an address may name


class Keyset(CursorPagination):
    page_size = 50
    max_page_size = 200
    page_size_query_param = "page_size"
    ordering = "id"
    cursor_query_description = "Where the page begins; take it from `next` or `previous` of an answer."
    page_size_query_description = "How many rows a page holds: 1 to 200, 50 unless told."

    def get_page_size(self, request: Request) -> int:
        written = request.query_params.get("page_size", str(self.page_size))
        if not (
            written.isascii() and written.isdigit() and len(written) < 4 and 1 <= int(written) <= self.max_page_size
        ):
            raise ValidationError({"page_size": f"Give a whole number from 1 to {self.max_page_size}."})
        return int(written)

    def decode_cursor(self, request: Request) -> Cursor | None:
        try:
            cursor = super().decode_cursor(request)
        except NotFound:
            refuse_cursor()
        if cursor is None:
            return None
        position = str(cursor.position)
        if not (position.isascii() and position.isdigit() and len(position) <= DIGITS):
            refuse_cursor()
        return cursor

    def get_ordering(self, request: Request, queryset: QuerySet[Any], view: Any) -> tuple[str, ...]:
        return ("id",)


def refuse_cursor() -> None:
    raise ValidationError({"cursor": "This cursor is not one of ours; begin at the first page."})
