"""Faults of the web server, and of what it leans on: the broker and the database."""

import json
import os
import signal
import threading
import time
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any
from uuid import uuid4

import psycopg
from django.db import connection

from lims.bench.faults.stage import Stage, children
from lims.bench.processes import database_url
from specimens.models import Consent, Job, Patient

SLOW_SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class Post:
    """One consent, recorded by a program under a key of its own; sent again, it is the same request."""

    patient: Patient
    key: str
    version: str

    @property
    def body(self) -> str:
        said = {"trial": self.patient.trial.code, "study_id": self.patient.study_id, "scope": "future_research"}
        return json.dumps(said | {"version": self.version, "given_on": "2026-01-02"})

    def kept(self) -> int:
        return Consent.objects.filter(patient=self.patient, version=self.version).count()

    def asked(self) -> int:
        return Job.objects.filter(kind="consent changed", arguments={"patient_id": self.patient.pk}).count()


def a_post(stage: Stage) -> Post:
    return Post(stage.a_patient(), uuid4().hex, f"v{uuid4().hex[:12]}")


def send(stage: Stage, method: str, path: str, body: str = "", key: str = "") -> tuple[int, Any]:
    """Status and JSON; (0, None) when the server died over it."""
    headers = {"Authorization": f"Token {stage.token}", "Content-Type": "application/json"}
    if key:
        headers["Idempotency-Key"] = key
    caller = HTTPConnection("127.0.0.1", stage.port, timeout=30)
    try:
        caller.request(method, path, body or None, headers)
        answer = caller.getresponse()
        told = answer.read()
        return answer.status, json.loads(told) if told.startswith((b"{", b"[")) else None
    except (OSError, HTTPException):
        return 0, None
    finally:
        caller.close()


def sent(stage: Stage, post: Post) -> tuple[int, Any]:
    return send(stage, "POST", "/api/v1/consents/", post.body, post.key)


def in_background(stage: Stage, post: Post) -> threading.Thread:
    sending = threading.Thread(target=sent, args=(stage, post), daemon=True)
    sending.start()
    return sending


def kill_web(stage: Stage) -> None:
    """kill -9 of the process that answers; gunicorn starts another."""
    assert stage.server
    dead = children(stage.server)
    for pid in dead:
        os.kill(pid, signal.SIGKILL)
    stage.until(lambda: bool(set(children(stage.server)) - set(dead)) if stage.server else False)


def said_again(stage: Stage, post: Post) -> None:
    """The client, who had no answer, sends the same again: it is done, once, and so is its work."""
    answers: list[tuple[int, Any]] = []

    def answered() -> bool:
        answers.append(sent(stage, post))
        return answers[-1][0] == 201

    stage.until(answered, each=0.2)
    again = sent(stage, post)
    assert again == answers[-1], "the same key gave another answer"
    assert post.kept() == 1, f"{post.kept()} consents for one request"
    assert post.asked() == 1, f"{post.asked()} jobs for one request"
    stage.until(lambda: not Job.objects.filter(done_at=None, parked_at=None).exists(), sweeping=True)


def web_killed_after_commit(stage: Stage) -> None:
    """3. kill -9 of the web process between its commit and its nudge, which a frozen broker holds up."""
    post = a_post(stage)
    stage.broker.freeze()
    try:
        sending = in_background(stage, post)
        stage.until(lambda: post.kept() == 1, each=0.002)
        stage.soon(0.2)
        kill_web(stage)
    finally:
        stage.broker.thaw()
    sending.join()
    assert post.asked() == 1, "the job was not committed with what asks for it"
    said_again(stage, post)


def web_killed_before_commit(stage: Stage) -> None:
    """4. kill -9 of the web process before its commit, which waits for the ledger: nothing is there."""
    post = a_post(stage)
    with stage.ledger_held():
        sending = in_background(stage, post)
        stage.until(is_waiting, each=0.005)
        stage.soon(0.2)
        kill_web(stage)
        sending.join()
    stage.until(lambda: not is_waiting())
    assert (post.kept(), post.asked()) == (0, 0), "half a deed"
    said_again(stage, post)


def is_waiting() -> bool:
    """Does anybody in this database wait for a lock?"""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # it would be kept until the transaction ends
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])


def broker_away(stage: Stage) -> None:
    """7. Redis is down while somebody works: no page fails, the work is done when it is back."""
    stage.broker.stop()
    try:
        stage.soon(0.2)
        kept_without_broker(stage)
        status, said = send(stage, "GET", "/health/")
        assert (status, said["broker"]) == (200, "away"), f"health: {status} {said}"
    finally:
        stage.broker.start()
    all_done(stage)


def broker_full(stage: Stage) -> None:
    """9. Redis takes nothing more: the same as when it is down."""
    stage.broker.redis.config_set("maxmemory", 1)
    try:
        stage.soon(0.2)
        kept_without_broker(stage)
    finally:
        stage.broker.redis.config_set("maxmemory", 0)
    all_done(stage)


def kept_without_broker(stage: Stage) -> None:
    post, began = a_post(stage), time.monotonic()
    status, _ = sent(stage, post)
    assert status == 201, f"answered {status}"
    assert time.monotonic() - began < SLOW_SECONDS, "somebody waited for the broker"
    assert (post.kept(), post.asked()) == (1, 1)


def all_done(stage: Stage) -> None:
    stage.until(lambda: not Job.objects.filter(done_at=None, parked_at=None).exists(), sweeping=True)


# ---- the database ----
class Client:
    """Records consents and looks at patients until it is stopped; remembers what it was answered."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.posts = stage, [a_post(stage) for _ in range(6)]
        self.statuses: list[int] = []
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self) -> None:
        turn = 0
        while not self.stopped.is_set():
            post = self.posts[turn % len(self.posts)]
            self.statuses += [sent(self.stage, post)[0], send(self.stage, "GET", "/api/v1/patients/?page_size=5")[0]]
            turn += 1

    def __enter__(self) -> "Client":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        self.thread.join()

    def settled(self) -> None:
        """Nothing but answers and “come again”; what was answered is there, once."""
        strange = sorted({each for each in self.statuses if each not in (200, 201, 409, 503)})
        assert not strange, f"answered {strange}"
        for post in self.posts:
            said_again(self.stage, post)


def database_crashed(stage: Stage) -> None:
    """13. kill -9 of a process of PostgreSQL in mid-transaction: all of it recovers; nobody is started again."""
    lot = stage.lot()
    with Client(stage) as client:
        stage.begun(lot)
        stage.soon(0.3)
        os.kill(a_backend(), signal.SIGKILL)
        connection.close()
        stage.until(lambda: bool(Patient.objects.exists()))
        time.sleep(0.3)
    stage.settled(lot)
    client.settled()


def a_backend() -> int:
    """A process of the cluster's that serves somebody else in this database; the busy before the idle."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND backend_type = 'client backend' ORDER BY xact_start NULLS LAST, random() LIMIT 1"
        )
        return int(cursor.fetchone()[0])


def backends_terminated(stage: Stage) -> None:
    """14. Connections are cut at random, under load: only “come again”, no wrong row."""
    lot = stage.lot()
    with Client(stage) as client:
        for _ in range(6):
            stage.soon(0.3)
            cut_one_off()
    stage.settled(lot)
    client.settled()


def cut_one_off() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND backend_type = 'client backend' ORDER BY random() LIMIT 1"
        )


def connections_used_up(stage: Stage) -> None:
    """15. Every connection that the database has is taken: “come again” at once, and work as before afterwards."""
    lot, taken = stage.lot(), []
    kill_web(stage)  # a fresh process, whose pool is empty
    try:
        while True:
            taken.append(psycopg.connect(database_url()))
    except psycopg.OperationalError:
        stage.soon(0.3)
    try:
        began = time.monotonic()
        status, _ = send(stage, "GET", "/api/v1/patients/?page_size=5")
        took = time.monotonic() - began
        assert status == 503, f"answered {status}"
        assert took < SLOW_SECONDS, f"answered after {took:.1f} s"
    finally:
        for each in taken:
            each.close()
    stage.until(lambda: send(stage, "GET", "/api/v1/patients/?page_size=5")[0] == 200, each=0.2)
    stage.settled(lot)
