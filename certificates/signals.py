"""Facts of the register, announced inside the transaction that makes them true.

* ``certificate_issued(certificate)``: it has a number, a code and facts; no file yet.
* ``certificate_sealed(certificate)``: its file is stored and its hash known.
* ``certificate_ended(certificate)``: it was revoked, or replaced by ``certificate.replacement``.
"""

from django.dispatch import Signal

certificate_issued = Signal()
certificate_sealed = Signal()
certificate_ended = Signal()
