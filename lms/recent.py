"""Asking whoever is about to do something weighty to prove again who they are, where the host can ask."""

from functools import wraps

from django.utils.module_loading import import_string

from lms.conf import conf


def recent_login_required(view):
    """Let *view* run only for somebody who has proved who they are a short while ago.

    For granting and ending roles, changing how one signs in, approving, revoking, exporting and
    erasing. The host says how it asks (``LMS_RECENT_LOGIN``); without it the view just runs. On a
    class: ``@method_decorator(recent_login_required, name="post")``, or ``name="dispatch"`` where
    already looking is weighty. Set it inside the permission check, so that a stranger is refused first.
    """

    @wraps(view)
    def asked(request, *args, **kwargs):
        ask = conf.RECENT_LOGIN
        answer = import_string(ask)(request) if ask else None
        return view(request, *args, **kwargs) if answer is None else answer

    return asked
