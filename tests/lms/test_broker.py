"""What a forged message in the broker can make a worker do."""

import pickle
from pathlib import Path

from celery import Celery
from kombu import Exchange, Queue

from lms.broker import celery_settings


class Bomb:
    """Touches a file as soon as it is unpickled."""

    def __init__(self, path: Path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def consume(path, **changed) -> list[str]:
    """Send a pickled message to the queue of a worker with our settings; return what its consumer did with it."""
    app = Celery("worker", set_as_current=False)
    app.conf.update(
        {key[len("CELERY_") :].lower(): value for key, value in celery_settings("memory://").items()}
        | changed
    )
    done: list[str] = []
    name = f"forged-{path.name}"
    queue = Queue(name, Exchange(name), routing_key=name)
    with app.connection_for_read() as connection, connection.channel() as channel:
        consumer = app.amqp.TaskConsumer(
            channel, queues=[queue], on_decode_error=lambda message, error: done.append(str(error))
        )
        consumer.register_callback(lambda body, message: done.append("taken"))
        with consumer:
            app.amqp.Producer(channel).publish(
                pickle.dumps(Bomb(path)),
                exchange=queue.exchange,
                routing_key=name,
                declare=[queue],
                content_type="application/x-python-serialize",
                content_encoding="binary",
            )
            connection.drain_events(timeout=2)
    return done


def test_a_pickled_message_is_refused_unread_by_a_worker_with_our_settings(tmp_path):
    done = consume(tmp_path / "bomb")

    assert len(done) == 1
    assert "untrusted content of type pickle" in done[0]
    assert not (tmp_path / "bomb").exists()


def test_the_same_message_goes_off_in_a_worker_that_takes_pickles(tmp_path):
    # Proves that the message above is live.
    assert consume(tmp_path / "live", accept_content=["json", "pickle"]) == ["taken"]
    assert (tmp_path / "live").exists()
