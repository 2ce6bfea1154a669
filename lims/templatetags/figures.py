"""Statistics as pages print them. Apart from the other words, so that no reading page comes near."""

from django import template

from lims.analysis.contingency import printed_p

register = template.Library()


@register.filter
def p_value(p: float) -> str:
    """P to four decimals; a tiny one is < 0.0001, never 0."""
    return printed_p(p)
