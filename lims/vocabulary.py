"""Roles and the words of outcomes. No Django here."""

from enum import StrEnum


class Role(StrEnum):
    COORDINATOR = "coordinator"
    HISTOTECHNOLOGIST = "histotechnologist"
    PATHOLOGIST = "pathologist"
    ADJUDICATOR = "adjudicator"
    LEAD_PATHOLOGIST = "lead pathologist"
    STATISTICIAN = "statistician"
    ADMINISTRATOR = "administrator"


class Response(StrEnum):
    """RECIST best response; NE is not evaluable, blank is unknown."""

    CR = "CR"
    PR = "PR"
    SD = "SD"
    PD = "PD"
    NE = "NE"
    RESPONDER = "R"
    NON_RESPONDER = "NR"
    UNKNOWN = ""


class TimeOrigin(StrEnum):
    REGISTRATION = "registration"
    THERAPY_START = "therapy_start"
    DIAGNOSIS = "diagnosis"
    NEPHRECTOMY = "nephrectomy"
    NOT_GIVEN = ""


class TimeUnit(StrEnum):
    DAYS = "days"


class VariableKind(StrEnum):
    """What a declared outcome variable holds. A date may be known to the year or the month only."""

    NUMBER = "number"
    WHOLE = "whole"
    TEXT = "text"
    CODE = "code"
    DATE = "date"
    FLAG = "flag"
