"""A lesson that is nothing but text: the learner says when it is read."""


def panel(request, enrolment, lesson, item) -> dict:
    """Nothing is needed beyond what every lesson page has."""
    return {}
