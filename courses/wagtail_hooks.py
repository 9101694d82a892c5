"""How courses hang into Wagtail: the gate before every page, the workbench, the guard of taught lessons."""

from wagtail import hooks

from courses.views import pages


@hooks.register("before_serve_page")
def gate(page, request, serve_args, serve_kwargs):
    """Serve our pages by our views; editors' previews go round this by design."""
    return pages.serve(page, request)
