"""What became of the classes, for evaluators: figures, no names."""

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.utils.translation import gettext_lazy

from courses.figures import SMALL, lines
from courses.models import Run
from courses.permissions import evaluates, runs_counted_for
from courses.views.workbench import PER_PAGE, Screen


class Figures(Screen):
    """One line a class, those that began last first."""

    template_name = "lms_courses/workbench/figures.html"
    page_title = gettext_lazy("Figures of the classes")
    header_icon = "table"

    def dispatch(self, request, *args, **kwargs):
        if not evaluates(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self):
        # Not below the workbench, which evaluators do not have.
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs):
        runs = runs_counted_for(self.request.user).order_by("-starts_on", "-pk")
        page = Paginator(runs.values_list("pk", flat=True), PER_PAGE).get_page(self.request.GET.get("p"))
        shown = lines(Run.objects.filter(pk__in=list(page)))
        return super().get_context_data(**kwargs) | {"page": page, "lines": shown, "small": SMALL}
