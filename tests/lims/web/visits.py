"""What a test says of a page: what stands on it, and how many questions it asked the database."""

from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

MOST_QUERIES = 10
MOST_OF_ONE = 15  # on the page of one thing, which tells of its custody, store, labels, pictures and ledger
UPKEEP = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT", "PRAGMA")


def text(answer: HttpResponse) -> str:
    return answer.content.decode()


def questions(browser: Client, address: str) -> int:
    """How many queries the page asks, the session's and the person's own included."""
    with CaptureQueriesContext(connection) as asked:
        answer = browser.get(address)
    assert answer.status_code == 200, text(answer)[:500]
    return sum(not query["sql"].startswith(UPKEEP) for query in asked.captured_queries)


def shows(browser: Client, address: str, *words: str) -> str:
    """The page's text, on which all of `words` stand."""
    answer = browser.get(address)
    assert answer.status_code == 200, f"{address}: {answer.status_code}"
    page = text(answer)
    assert [word for word in words if word not in page] == []
    return page


def status(browser: Client, address: str) -> int:
    return browser.get(address, follow=True).status_code


def take_away(table: str) -> None:
    """The database loses a table until the test is over: a fault that no code of ours pretends."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} RENAME TO {table}_away")
