"""Adds the first administrator of an installation. Later people are added from the page."""

import getpass
import os

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from lims.people import add_person
from lims.vocabulary import Role
from specimens.actors import Automaton
from specimens.errors import Refused

INSTALLER = Automaton("installation", frozenset({"lims.administer"}))


class Command(BaseCommand):
    help = "Add an administrator; the password is asked for, or taken from PARAFFIN_ADMIN_PASSWORD."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("name", help="first and last name, as printed beside signatures")

    def handle(self, *args: object, **options: str) -> None:
        password = os.environ.get("PARAFFIN_ADMIN_PASSWORD") or getpass.getpass("Password: ")
        try:
            added = add_person(
                by=INSTALLER,
                at=timezone.now(),
                username=options["username"],
                name=options["name"],
                password=password,
                role=Role.ADMINISTRATOR,
            )
        except Refused as refused:
            raise CommandError(refused.sentence) from refused
        self.stdout.write(f"{added.printed_name} may sign in as {added.username}.")
