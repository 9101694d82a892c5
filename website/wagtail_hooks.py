"""What the reference site adds to the Wagtail admin."""

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
