"""What the reference site adds to the Wagtail admin."""

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.db.models.deletion import Collector, ProtectedError, RestrictedError
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.staticfiles import versioned_static
from wagtail.admin.views.account import NameEmailSettingsPanel

from website.accounts.desk import LoginViewSet


@hooks.register("register_admin_viewset")
def register_viewsets():
    """The logins of an office's own people."""
    return LoginViewSet()


@hooks.register("insert_global_admin_css")
def styles():
    """Lists that stay legible on a phone."""
    return format_html('<link rel="stylesheet" href="{}">', versioned_static("website/admin.css"))


def nothing_about_signing_in(panel) -> bool:
    """Whether Wagtail's panel of names and e-mail is shown: never.

    An address changed there would take codes for a new password, without a fresh proof of identity
    and unproved itself; and nobody's name is kept there. Both have their places under My account.
    """
    return False


NameEmailSettingsPanel.is_active = nothing_about_signing_in


@hooks.register("construct_help_menu")
def no_foreign_help(request, menu_items):
    """What leads to other sites, in English, helps nobody here."""
    menu_items[:] = [item for item in menu_items if not str(item.url).startswith("http")]


@hooks.register("register_log_actions")
def register_log_actions(actions):
    """What an office did with a login, in words."""
    actions.register_action("website.login_closed", _("Close login"), _("Login closed"))
    actions.register_action("website.login_reopened", _("Open login again"), _("Login opened again"))
    actions.register_action("website.login_signed_out", _("Sign out everywhere"), _("Signed out everywhere"))
    actions.register_action(
        "website.second_step_reset", _("Remove second step"), _("Lost second step removed")
    )


def _stands_in_records(user) -> bool:
    """Whether rows that must stay name *user* as the one who acted."""
    try:
        Collector(using=user._state.db, origin=user).collect([user])
    except (ProtectedError, RestrictedError):
        return True
    return False


@hooks.register("before_delete_user")
def keep_who_acted(request, user):
    """A login that acted in records is closed, never deleted: they would no longer say by whom."""
    if not _stands_in_records(user):
        return None
    messages.error(request, _("This login stands in records that are kept. Close it under “Logins” instead."))
    return redirect("wagtailusers_users:edit", user.pk)


@hooks.register("before_bulk_action")
def keep_all_who_acted(request, action, objects, _action_class):
    """The same for several logins at once."""
    users = [one for one in objects if isinstance(one, get_user_model())]
    if action != "delete" or not any(map(_stands_in_records, users)):
        return None
    messages.error(
        request, _("A login of these stands in records that are kept. Close it under “Logins” instead.")
    )
    return redirect("wagtailusers_users:index")
