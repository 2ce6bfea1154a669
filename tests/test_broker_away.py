"""Who waits for a broker that is away, and who does not."""

from types import SimpleNamespace

from kombu import Connection

from config.celery import app, publish_impatiently, wait_for_the_broker


def waits(options: dict[str, object]) -> tuple[object, object]:
    """How often and how long a connection with these options tries again; None is for ever."""
    told = Connection("redis://", transport_options=options)._extract_failover_opts()
    return told["max_retries"], told["timeout"]


def test_a_worker_waits_for_ever_and_its_children_and_pages_not_at_all() -> None:
    of_a_page = dict(app.conf.broker_transport_options)
    assert waits(of_a_page)[0] == 0
    conf = SimpleNamespace(broker_transport_options=of_a_page)
    wait_for_the_broker(conf=conf)
    assert waits(conf.broker_transport_options) == (None, None)
    publish_impatiently()
    assert waits(app.conf.broker_transport_options)[0] == 0
