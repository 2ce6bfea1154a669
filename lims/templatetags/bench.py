"""Small words and shapes for templates. No thinking here: a page's presenter has thought already."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from specimens.vocabulary import STAIN_LABELS

register = template.Library()


@register.filter
def day(value: date | datetime | None) -> SafeString | str:
    """A date as 2026-11-23, in the reader's zone when it is a moment; blank when there is none."""
    if value is None:
        return ""
    local = timezone.localtime(value).date() if isinstance(value, datetime) else value
    return format_html("<time>{}</time>", local.isoformat())


@register.filter
def moment(value: datetime | None) -> SafeString | str:
    """A moment as 2026-11-23 14:02, in the reader's zone."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    return format_html('<time datetime="{}">{}</time>', local.isoformat(), f"{local:%Y-%m-%d %H:%M}")


@register.filter
def clock(value: datetime | None) -> SafeString | str:
    """The time of day with seconds and zone: 14:02:31 EST."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    return format_html('<time datetime="{}">{}</time>', local.isoformat(), f"{local:%H:%M:%S} {local.tzname()}")


@register.filter
def when(value: datetime | None) -> SafeString | str:
    """14:02:31 today, 2026-11-20 on any other day, in the reader's zone; the whole moment is in its markup."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    said = f"{local:%H:%M:%S}" if local.date() == timezone.localdate() else local.date().isoformat()
    return format_html('<time datetime="{}">{}</time>', local.isoformat(), said)


@register.simple_tag
def zoned_now() -> SafeString:
    """Monday 2026-11-23 09:12 EST (UTC−05:00)."""
    now = timezone.localtime()
    offset = now.utcoffset() or timedelta()
    minutes = int(offset.total_seconds() // 60)
    sign = "−" if minutes < 0 else "+"
    ahead = f"UTC{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
    zone = f"{now.tzname()} ({ahead})" if now.tzname() != "UTC" else "UTC"
    return format_html("{} <time>{}</time> {}", f"{now:%A}", f"{now:%Y-%m-%d %H:%M}", zone)


@register.filter
def percent(value: Decimal | float | None) -> str:
    """A percentage with the decimals it was given, “37.5 %”; “not known” for a blank, which is never 0."""
    if value is None or value == "":
        return "not known"
    text = f"{Decimal(str(value)):f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text} %"


@register.filter
def plain(value: Any) -> str:
    """A word of a vocabulary as people say it: this_study is “this study”."""
    return str(value).replace("_", " ")


@register.filter
def counted(count: int, noun: str) -> str:
    """“1 item”, “3 items”; give both forms for an odd plural: `counted:"entry,entries"`."""
    one, _, many = noun.partition(",")
    return f"{count:,} {one if count == 1 else many or one + 's'}"


@register.filter
def thousands(count: int) -> str:
    """2,500."""
    return f"{count:,}"


@register.filter
def refused(form: Any) -> list[Any]:
    """The form's fields that need another look, in its order."""
    return [field for field in form if field.errors]


@register.simple_tag
def status(word: str, shape: str = "open") -> SafeString:
    """A word and its shape."""
    return format_html('<span class="status is-{}">{}</span>', shape, word)


@register.simple_tag
def ident(text: Any) -> SafeString | str:
    """An identifier, in the type that tells 0 from O."""
    return format_html('<span class="id">{}</span>', text) if text else ""


@register.simple_tag
def late(days: int) -> SafeString | str:
    return format_html('<span class="late">{} d late</span>', days) if days else ""


@register.filter
def stain(word: str) -> str:
    """A stain as the bench prints it: H&E, CA-IX."""
    return STAIN_LABELS.get(word, word)  # type: ignore[call-overload]
