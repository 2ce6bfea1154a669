"""The export page's snippets, copied as they stand and run: R from Debian, Python; SAS is looked at."""

import html
import os
import re
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from lims import tokens
from tests.cast import Cast
from tests.lims.web.conftest import BACKEND
from tests.stories import House, a_patient

pytestmark = [pytest.mark.server, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def snippets(live_server: Any, client: Any, cast: Cast, house: House) -> dict[str, str]:
    """Each language's snippet as the page shows it, with the address of a server that is there."""
    for study_id in ("CWG-0001", "CWG-0002"):
        a_patient(cast, house, study_id)
    client.force_login(cast.statistician, BACKEND)
    page = client.get("/export/?trial=CWG", headers={"host": live_server.url.removeprefix("http://")}).content.decode()
    found = re.findall(r"<h3>(\w+)</h3>.*?<code>(.*?)</code>", page, re.DOTALL)
    return {language: html.unescape(code) for language, code in found}


@pytest.fixture
def environment(cast: Cast) -> dict[str, str]:
    token = tokens.make(by=cast.statistician, at=timezone.now(), lifetime=timedelta(days=1))
    return os.environ | {"PARAFFIN_TOKEN": token}


def ran(command: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_r_reads_every_patient(snippets: dict[str, str], environment: dict[str, str]) -> None:
    code = snippets["R"] + '\ncat(nrow(d), paste(sort(d$study_id)), sep = " ")'
    assert ran(["Rscript", "--vanilla", "-e", code], environment).split()[-3:] == ["2", "CWG-0001", "CWG-0002"]


def test_python_reads_every_patient(snippets: dict[str, str], environment: dict[str, str]) -> None:
    code = snippets["Python"] + '\nprint(len(d), *sorted(d["study_id"]))'
    assert ran([sys.executable, "-c", code], environment).split()[-3:] == ["2", "CWG-0001", "CWG-0002"]


def test_sas_asks_the_same_address_with_a_token_from_the_environment(snippets: dict[str, str]) -> None:
    assert [word for word in ("%sysget(PARAFFIN_TOKEN)", "proc http", "Token &token", "/api/v1/export/patients/")
            if word not in snippets["SAS"]] == []  # fmt: skip
    assert all(line.rstrip().endswith((";", '"')) or line.lstrip().startswith(("filename", "proc", "url", "dbms"))
               for line in snippets["SAS"].splitlines() if line.strip())  # fmt: skip
