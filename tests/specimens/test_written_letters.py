"""Letters: rendered once for each key, addressed to whoever stands for the duty, one line of subject whatever comes."""

from typing import Any

import pytest
from django.db import transaction

from specimens.actors import acting
from specimens.letters import rendered, written
from specimens.models import Contact, Institution, Job, Letter
from specimens.vocabulary import ContactDuty, LetterPurpose
from tests.cast import AT, Cast
from tests.stories import House


def contact(cast: Cast, at: Institution, name: str, **said: Any) -> Contact:
    return Contact.objects.create(institution=at, name=name, added_at=AT, added_by=cast.coordinator, **said)


def write(cast: Cast, house: House, key: str = "k1", **said: Any) -> Letter:
    known: dict[str, Any] = {
        "purpose": LetterPurpose.QUERY,
        "institution": house.mercy,
        "template": "plain",
        "context": {"subject": "About line 3", "text": "It is “broken” & wet <sic>."},
    }
    with transaction.atomic(), acting(cast.coordinator):
        return written(key=key, by=cast.coordinator, at=AT, **(known | said))


def test_a_letter_is_written_once_and_asked_to_be_sent(cast: Cast, house: House) -> None:
    contact(cast, house.mercy, "Dr Ruth Okafor", email="ruth@example.org")
    first, second = write(cast, house), write(cast, house, context={"subject": "else", "text": "else"})
    assert first.pk == second.pk
    assert (first.to_name, first.to_address, first.subject) == ("Dr Ruth Okafor", "ruth@example.org", "About line 3")
    assert "Dear Dr Ruth Okafor," in first.body
    assert "It is “broken” & wet <sic>." in first.body
    assert first.body.endswith("Dana Whitfield\nCWG core\n")
    job = Job.objects.get()
    assert (job.kind, job.arguments) == ("send letter", {"letter_id": first.pk, "number": 1})


def test_without_an_address_it_is_paper(cast: Cast, house: House) -> None:
    assert write(cast, house).to_address == ""
    contact(cast, house.mercy, "Dr Ruth Okafor")
    letter = write(cast, house, key="k2")
    assert (letter.to_name, letter.to_address) == ("Dr Ruth Okafor", "")
    assert not Job.objects.exists()


def test_the_duty_that_fits_is_written_to(cast: Cast, house: House) -> None:
    contact(cast, house.mercy, "Gone", email="gone@example.org", ended_at=AT)
    contact(cast, house.mercy, "Goods", duty=ContactDuty.SHIPPING, email="goods@example.org")
    assert write(cast, house).to_name == "Goods"
    contact(cast, house.mercy, "Path on paper")
    contact(cast, house.mercy, "Path", email="path@example.org")
    assert write(cast, house, key="k2").to_name == "Path"
    assert write(cast, house, key="k3", purpose=LetterPurpose.RETURN).to_name == "Goods"


def test_no_name_can_add_a_header(cast: Cast, house: House) -> None:
    contact(cast, house.mercy, "Ruth\nBcc: all@example.org", email="ruth@example.org")
    said = {"subject": "A\r\nBcc: everyone@example.org\n\nB\x00", "text": "t"}
    letter = write(cast, house, context=said)
    assert letter.subject == "A Bcc: everyone@example.org B"
    assert letter.to_name == "Ruth Bcc: all@example.org"
    assert letter.body.startswith("Dear Ruth Bcc: all@example.org,\n")


def test_a_long_subject_is_cut_and_a_synthetic_one_says_so(cast: Cast, house: House) -> None:
    letter = write(cast, house, context={"subject": "x" * 300, "text": ""}, synthetic=True)
    assert len(letter.subject) == 200
    assert letter.subject.startswith("[synthetic] xxx")


def test_a_template_nobody_wrote(cast: Cast) -> None:
    with pytest.raises(FileNotFoundError):
        rendered("nothing of that name", {})
