"""Calendar distances: the same day of a later month or year."""

from datetime import date


def months_after(day: date, months: int) -> date:
    """The same calendar day `months` later; where that month is too short, the first of the next.

    So the anniversary of 29 February in a common year is 1 March.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    try:
        return date(year, month + 1, day.day)
    except ValueError:
        return date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)


def within_years(start: date, end: date, years: int) -> bool:
    """Does `end` lie before the calendar day of `start`, `years` later? The day itself does not."""
    return end < months_after(start, 12 * years)
