"""URLs of live sessions, tests, skills and surveys."""

urlpatterns = []
