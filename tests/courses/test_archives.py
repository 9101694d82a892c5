"""A course moves: out of one hospital as an archive and into another, the same in all but its ids."""


from courses.actions.unpacking import import_course
from tests.factories import archives as make


def test_a_course_is_the_same_after_moving_to_another_hospital(cast):
    first = make.opened(make.packed(make.rich_course(cast)))
    make.english_home(cast.viet_duc)

    course, report = import_course(cast.viet_duc, archive=first, by=cast.trong.user)
    second = make.opened(make.packed(course))

    for kind in (
        "course",
        "videos",
        "quizzes",
        "questions",
        "checklists",
        "surveys",
        "guidelines",
        "pictures",
        "documents",
    ):
        assert second.document(kind) == first.document(kind), kind
    assert second.digest == first.digest
    assert report.notes == []
