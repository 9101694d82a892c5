"""Prints the demonstration's mail on the terminal as its reader would see it."""

from django.core.mail.backends import console

from lms import messages


class EmailBackend(console.EmailBackend):
    """Receiver, subject and text in plain letters, without what only mail programs read.

    Wagtail writes to those who appraise also while history is loaded; what was long ago is no news.
    """

    def send_messages(self, email_messages):
        return 0 if messages.is_untold() else super().send_messages(email_messages)

    def write_message(self, message):
        line = "-" * 79
        self.stream.write(
            f"{line}\n{', '.join(message.recipients())}\n{message.subject}\n\n{message.body}\n{line}\n"
        )
