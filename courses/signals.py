"""Facts that courses announce, inside the transaction that makes them; receivers only enqueue jobs."""

from django.dispatch import Signal

enrolled = Signal()
"""A person began to learn in a run. Sent by ``Enrolment`` with ``enrolment``."""

withdrawn = Signal()
"""A person left a class. Sent by ``Enrolment`` with ``enrolment`` and ``by``, the user who did it."""

lesson_met = Signal()
"""A lesson was met for the first time. Sent by ``LessonProgress`` with ``enrolment``, ``lesson`` (its id), ``evidence``."""

enrolment_completed = Signal()
"""Every rule of the release is met; happens once. Sent by ``Enrolment`` with ``enrolment``."""

pathway_completed = Signal()
"""Every rule of a pathway is met; happens once. Sent by ``PathwayCompletion`` with ``completion``."""

evidence_withdrawn = Signal()
"""Evidence under a completion was taken back or corrected. Sent by ``Enrolment`` with ``enrolment``."""

completion_reviewed = Signal()
"""A review of a completion was decided. Sent by ``CompletionReview`` with ``review``."""

attendance_settled = Signal()
"""Evidence of a session was weighed. Sent by ``Attendance`` with ``session``, ``person``, ``attendance``."""

session_role_changed = Signal()
"""A role in a settled session was named or ended, its session was settled, what its holder attended was corrected, or its
holder turned out to have two records. Sent by ``SessionRole`` with ``role``."""

release_issued = Signal()
"""A release came into force. Sent by ``Release`` with ``release``."""

enrolment_moved = Signal()
"""A learner went on in a class of a newer version. Sent by ``EnrolmentMove`` with ``move``."""
