"""What the host does when something happened in our apps."""

from django.dispatch import receiver

from certificates.models import Certificate
from certificates.signals import certificate_issued
from lms import messages
from lms.queue import Running, enqueue, job


@job("hospital.lend_a_book")
def lend_a_book(key: str, running: Running) -> None:
    """Whoever holds a certificate may borrow the book of the course; told once for each certificate."""
    holder = Certificate.objects.get(pk=key).holder
    about = {"book": "Netter", "day": "31/03/2027"}
    messages.tell(holder, "library-due", key=f"library:{key}", about=about)


@receiver(certificate_issued)
def on_issued(sender, certificate, **kwargs):
    """Promise the job inside the transaction of the fact."""
    enqueue("hospital.lend_a_book", certificate.pk)
