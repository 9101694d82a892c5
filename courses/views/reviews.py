"""Completions under review: the list, one of them rule by rule, and the decision."""

from functools import cached_property

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Case, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from django.views.decorators.http import require_POST

from courses.actions import reviews
from courses.completion import Result
from courses.models import CompletionReview
from courses.permissions import get_review_for, reviews_for
from courses.views.workbench import PER_PAGE, Screen
from lms import scope
from lms.actions import log_access, log_accesses
from lms.languages import pick


class Reviews(Screen):
    """The reviews of one's own hospital, the open ones first."""

    template_name = "lms_courses/workbench/reviews.html"
    page_title = gettext_lazy("Completions under review")
    header_icon = "warning"

    def dispatch(self, request, *args, **kwargs):
        if not scope.can(request.user, "view", CompletionReview):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def crumbs(self):
        return [{"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs):
        is_decided = Case(When(state=CompletionReview.State.OPEN, then=Value(0)), default=Value(1))
        rows = reviews_for(self.request.user).order_by(is_decided, "-opened_at", "-pk")
        page = Paginator(rows, PER_PAGE).get_page(self.request.GET.get("p"))
        shown = [row.enrolment.person_id for row in page]
        log_accesses(self.request.user, shown, what=gettext_noop("completions under review"))
        return super().get_context_data(**kwargs) | {"page": page}


class Review(Screen):
    """One review: what the evidence comes to now, lesson by lesson, and the form that decides."""

    template_name = "lms_courses/workbench/review.html"
    header_icon = "warning"

    @cached_property
    def review(self) -> CompletionReview:
        return get_review_for(self.request.user, self.kwargs["pk"])

    def get_page_title(self):
        return self.review.enrolment.person.full_name

    def crumbs(self):
        return [
            {"url": reverse("lms_courses_admin:reviews"), "label": Reviews.page_title},
            {"url": "", "label": self.review.enrolment.person.full_name},
        ]

    def get_context_data(self, **kwargs):
        review, user = self.review, self.request.user
        enrolment = review.enrolment
        log_access(
            user, enrolment.person, what=gettext_noop("review of a completion"), purpose=enrolment.run.code
        )
        then = Result.from_json(enrolment.completion) if enrolment.completion else None
        lessons = [
            (
                pick(item["title"].get("vi", ""), item["title"].get("en", "")),
                then.lesson(item["lesson"]) if then else None,
                review.result.lesson(item["lesson"]),
            )
            for item in enrolment.run.release.outline
        ]
        context = {
            "review": review,
            "enrolment": enrolment,
            "result": review.result,
            "lessons": lessons,
            "may_decide": review.is_open and scope.can(user, "decide", review),
        }
        return super().get_context_data(**kwargs) | context


@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Uphold the completion, or not."""
    review = get_review_for(request.user, pk, "decide")
    verdict = request.POST.get("decision")
    if verdict not in {"uphold", "revoke"}:
        messages.error(request, _("Choose whether the completion stands."))
        return redirect("lms_courses_admin:review", pk)
    try:
        reviews.decide(
            review, uphold=verdict == "uphold", reason=request.POST.get("reason", ""), by=request.user
        )
    except reviews.ReviewRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("lms_courses_admin:review", pk)
    messages.success(request, _("Your decision is on record."))
    return redirect("lms_courses_admin:reviews")
