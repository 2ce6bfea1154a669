"""Celery's clock, of which several may run: one keeps the watch and sends, the others wait until it is gone."""

import logging
from typing import Any

from celery.beat import PersistentScheduler
from django.db import DatabaseError, close_old_connections

from specimens.leases import CLOCK, keep_watch, leave_watch, who

log = logging.getLogger(__name__)
LOOK_AGAIN_SECONDS = 5.0


class Leading(PersistentScheduler):
    """Sends what is due only while this process keeps the watch."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.me = who()
        super().__init__(*args, **kwargs)
        self.max_interval = LOOK_AGAIN_SECONDS

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Seconds until the next look. A database that is away is asked again then: nobody could work anyway."""
        if not self.leads():
            return LOOK_AGAIN_SECONDS
        return float(super().tick(*args, **kwargs))

    def leads(self) -> bool:
        try:
            return keep_watch(CLOCK, self.me)
        except DatabaseError as error:
            log.warning("nobody can say who keeps the watch: %s", error)
            return False
        finally:
            close_old_connections()

    def close(self) -> None:
        try:
            leave_watch(CLOCK, self.me)
        except DatabaseError as error:
            log.warning("the watch ends by itself: %s", error)
        finally:
            close_old_connections()
        super().close()
