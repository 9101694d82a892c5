"""The site's addresses and the bare view."""

import time

from django.http import HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from lms.models import Job
from website.urls import urlpatterns as site


@csrf_exempt
def bare(request):
    """One SELECT and one UPDATE, and nothing else."""
    job = Job.objects.get(kind="bench.bare", key=request.GET.get("key", "0"))
    # Another value each time: SQLite would write nothing at all for the same one.
    Job.objects.filter(pk=job.pk).update(note=str(time.perf_counter_ns()))
    return HttpResponse("ok")


urlpatterns = [path("bench-view/", bare), *site]
