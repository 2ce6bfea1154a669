"""A mail server of the test's own, that takes its time before and after it has taken a letter."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import AsyncMessage


class Mailbox(AsyncMessage):
    """What was accepted, by Message-ID. `slowness` is the longest wait on either side of it, in seconds."""

    def __init__(self, slowness: float = 0.0) -> None:
        super().__init__()
        self.accepted: Counter[str] = Counter()
        self.slowness = slowness
        self.dice = random.Random(42)
        self.url = ""

    async def handle_message(self, message: Message) -> None:
        await asyncio.sleep(self.dice.uniform(0, self.slowness))
        self.accepted[message["Message-ID"]] += 1
        await asyncio.sleep(self.dice.uniform(0, self.slowness))


class OnAnyPort(Controller):
    """aiosmtpd's own start looks for its server on the port it was told: told 0, it would look there."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def own_mailbox(slowness: float = 0.0) -> Iterator[Mailbox]:
    box = Mailbox(slowness)
    server = OnAnyPort(box, hostname="127.0.0.1", port=0)
    server.start()
    box.url = f"smtp://127.0.0.1:{server.port}"
    try:
        yield box
    finally:
        server.stop()
