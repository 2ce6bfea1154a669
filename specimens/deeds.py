"""What makes a function a deed: keyword-only, by= and at=, one transaction, a known actor, refusals for races."""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, OperationalError, connection, transaction
from django.db.models import Model
from django.utils import timezone

from specimens.actors import Actor, acting
from specimens.errors import Forbidden, Invalid, Refused
from specimens.models import Institution

P = ParamSpec("P")
R = TypeVar("R")
TRIES = 4
DOES_NOT_FIT = "A text is too long, a number too large, or a character cannot be stored: shorten or retype it."


def deed(function: Callable[P, R]) -> Callable[P, R]:
    """Run `function` in one transaction in the name of `by`.

    A constraint that a race has broken becomes the refusal it stands for; a deadlock is tried again when
    the deed is the outermost transaction.
    """

    @wraps(function)
    def done(*args: P.args, **kwargs: P.kwargs) -> R:
        assert not args, "deeds take keywords only"
        by, at = kwargs["by"], kwargs["at"]
        assert isinstance(at, datetime), "at= is a moment"
        assert at.tzinfo is not None, "at= has its zone"
        outermost = not connection.in_atomic_block
        for attempt in range(TRIES):
            try:
                with transaction.atomic(), acting(by):  # type: ignore[arg-type]
                    return function(*args, **kwargs)
            except IntegrityError as error:
                raise refusal_of(error) from error
            except (DataError, UnicodeEncodeError, OverflowError) as error:
                raise Invalid("does_not_fit", DOES_NOT_FIT) from error
            except OperationalError:
                if not outermost or attempt == TRIES - 1:
                    raise
        assert False, "every try returns or raises"

    return done


def local_day(at: datetime) -> date:
    """The calendar day of `at` where the deed is done: in the zone of the person's site, else the installation's."""
    return timezone.localtime(at).date()


def require(by: Actor, permission: str, sentence: str) -> None:
    """Refuse with `sentence` unless `by` holds `permission`."""
    if not by.has_perm(permission):
        raise Forbidden("not_your_role", sentence)


def demand_reach(by: Actor, institutions: Iterable[Institution], what: str) -> None:
    """Refuse `what` (as “Announcing a parcel”) at institutions that are not the actor's own."""
    for each in institutions:
        if not by.scope.holds(each.pk):
            raise Forbidden("other_site", f"{what} at {each.name} is for its own people and the core's.")


def demand_core(by: Actor, what: str) -> None:
    """Refuse `what` to anybody but the core's own people."""
    if not by.scope.everything:
        raise Forbidden("core_only", f"{what} is for the core's own people.")


def refusal_of(error: IntegrityError) -> Refused:
    """The refusal that a broken database constraint stands for."""
    said = str(error)
    if "append-only" in said:
        return Refused("append_only", "What is signed or recorded cannot be altered; record a correction instead.")
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or ""
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            if constraint.name in (name, *re.findall(r"\w+", said)) or names_columns(said, model, constraint):
                return Refused(constraint.name, str(constraint.get_violation_error_message()))
    return Refused("already_recorded", "Somebody recorded this a moment ago; look again before you repeat it.")


def names_columns(said: str, model: type[Model], constraint: Any) -> bool:
    """Does SQLite's message, which lists columns and no name, mean this unique constraint?"""
    fields: Sequence[str] = getattr(constraint, "fields", ())
    names = [getattr(model._meta.get_field(field), "column", "") for field in fields]
    columns = ", ".join(f"{model._meta.db_table}.{name}" for name in names)
    return bool(columns) and said.endswith(f"UNIQUE constraint failed: {columns}")


def unfit(text: str, most: int) -> str:
    """Why `text` cannot be kept in a column of `most` characters; blank when it can."""
    if len(text.strip()) > most:
        return f"At most {most} characters fit here, not {len(text.strip())}."
    if "\0" in text or not text.isprintable():
        return "Only printable characters can be kept here: type it anew."
    return ""


def checked(thing: Model) -> Model:
    """`thing`, whose fields have been held to their columns' limits; Invalid with the field's name otherwise."""
    try:
        thing.clean_fields()
    except ValidationError as error:
        field, sentences = next(iter(error.message_dict.items()))
        raise Invalid("invalid", f"{field.replace('_', ' ')}: {sentences[0]}", field=field) from error
    for column in thing._meta.concrete_fields:
        text = getattr(thing, column.attname)
        if isinstance(text, str) and ("\0" in text or text.encode(errors="ignore").decode() != text):
            said = f"{column.name.replace('_', ' ')}: a character in it cannot be kept: type it anew."
            raise Invalid("invalid", said, field=column.name)
    return thing
