"""The demonstration's durable jobs: what is loaded while the site is open already."""

from lms.messages import untold
from lms.queue import Retry, Running, enqueue, job


@job("website.demo_course", lease=300)
@untold()
def course(key: str, running: Running) -> None:
    """Lectures, then pages, release and classes of one programme, then what happened in the classes."""
    from website.demo import classes, lectures, load

    numbers = lectures.numbers_of(key)
    for place, number in enumerate(numbers):
        running.progress(place * 80 / len(numbers), lectures.title_of(key, number))
        load.ready_lecture(key, number)
    if not load.is_ready(key):
        raise Retry("Another worker is still processing a lecture.", after=3)
    running.progress(80, key)
    if load.course(key):
        for plan in classes.PLANS[key]:
            enqueue("website.demo_class", plan.code)
        enqueue("website.demo_pathway", "bachmai")


@job("website.demo_class", lease=300)
@untold()
def class_(key: str, running: Running) -> None:
    """What the learners of one class did."""
    from website.demo import classes, joining, register, stories

    if classes.plan_of(key).mode != "self":
        joining.load(key)
    elif key.endswith(".K1"):
        stories.completed(key, running.progress)
        if key == register.WAITING:
            register.checked_list()
    else:
        stories.learning(key, running.progress)


@job("website.demo_desk", lease=120)
@untold()
def desk(key: str, running: Running) -> None:
    """A session that waits for its training office."""
    from website.demo import reconciling

    reconciling.wait()


@job("website.demo_pathway", lease=120)
@untold()
def pathway(key: str, running: Running) -> None:
    """Courses that belong together; does nothing before the last of them is there."""
    from website.demo import joining

    joining.pathway()


@job("website.demo_session", lease=120)
@untold()
def session(key: str, running: Running) -> None:
    """One past session of a line."""
    from website.demo import rooms

    rooms.hold_past(key)
