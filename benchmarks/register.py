"""What councils do: one certificate by the page and by the API, a long list, the whole register on their own machine."""

import base64
import hashlib
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.measure import Request


def verification(server, tell, path: str, reference: Request) -> None:
    """Requests a second: the public page, and the API with its answer in JSON."""
    code = path.rpartition("/")[2]
    for name, request in (
        ("verify_page_rate", Request(path)),
        ("verify_api", Request(f"/api/v1/certificates/{code}")),
    ):
        own, other = server.rate_pair([request] * 300, reference)
        tell(name, own, "requests/s", other)


def bulk(tell, count=10_000) -> None:
    """Rows a second of a list of certificates and licences, against parting and cleaning its cells alone."""
    from certificates.actions.answering import answers_to, name_repetitions
    from certificates.actions.desk import lines_of, read_rows
    from certificates.models import Certificate
    from lms.models import Licence

    known = [(one.number, one.said["holder"]["name"]) for one in Certificate.objects.order_by("pk")[:400]]
    known += [(one.number.lower(), "") for one in Licence.objects.order_by("pk")[:200]]
    lines = [
        ";".join(known[number % len(known)]) if number % 3 else f"{number:06}/2026/GCN-X;Vừ A Dính;8"
        for number in range(count)
    ]
    text = "\n".join(lines)
    began = time.perf_counter()
    rows = read_rows(lines_of(text))
    read = time.perf_counter() - began
    began = time.perf_counter()
    results = []
    for start in range(0, count, 500):
        results += answers_to(rows[start : start + 500])
    name_repetitions(results)
    taken = time.perf_counter() - began
    assert len(results) == count
    assert any(result["answer"] == "match" for result in results)
    tell("desk_list", count / (read + taken), "rows/s", count / read)


def issue_many(tell, count=200) -> None:
    """Certificates a second that one approval enters – assessed, numbered, frozen, logged, promised – against bare rows.

    Bare: one transaction with a counter, the same facts and the same leaves, and nothing else.
    """
    from django.db import connection, transaction

    from certificates.actions import approve_batch, freeze_batch
    from certificates.models import Certificate, Issuer
    from courses.models import Enrolment, Run
    from lms import clock
    from lms.actions import grant_role
    from lms.models import Person

    issuer = Issuer.objects.get(facility__abbreviation="BVBM")
    run = Run.objects.filter(release__course__facility=issuer.facility).exclude(release__rule_code="").first()
    users = [one.user for one in Person.objects.filter(user__isnull=False).order_by("pk")[:2]]
    for user in users:
        grant_role(user, role="certificate_signer", facility=issuer.facility)
    now = clock.now()
    people = [
        Person.objects.create(full_name=f"Người Đo {chr(65 + number % 26)}", birth_year=1970 + number % 30)
        for number in range(count)
    ]
    enrolments = Enrolment.objects.bulk_create(
        Enrolment(
            run=run,
            person=person,
            state=Enrolment.State.COMPLETED,
            facility=issuer.facility,
            enrolled_at=now,
            completed_at=now,
            completion={},
        )
        for person in people
    )
    batch = freeze_batch(run, by=users[0], enrolments=[one.pk for one in enrolments])
    began = time.perf_counter()
    approve_batch(batch, by=users[1])
    taken = time.perf_counter() - began
    papers = list(Certificate.objects.filter(batch=batch).prefetch_related("log"))
    assert len(papers) == count
    rows = [(bytes(one.facts), bytes(one.log.all()[0].leaf)) for one in papers]
    kind = "bytea" if connection.vendor == "postgresql" else "blob"
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMP TABLE bench_bare (number integer PRIMARY KEY, facts {kind}, leaf {kind})"
        )
        cursor.execute("CREATE TEMP TABLE bench_counter (last integer)")
        cursor.execute("INSERT INTO bench_counter VALUES (0)")
        began = time.perf_counter()
        with transaction.atomic():
            for number, row in enumerate(rows):
                cursor.execute("UPDATE bench_counter SET last = last + 1")
                cursor.execute("INSERT INTO bench_bare VALUES (%s, %s, %s)", [number, *row])
        bare = time.perf_counter() - began
    tell("bulk_issue", count / taken, "certificates/s", count / bare)


def register_check(tell, count=100_000, every=1000) -> None:
    """Seconds in which the council's program checks an export, against hashing its leaves and nodes alone."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    from certificates.facts import canonical
    from certificates.offline import check_register
    from certificates.transparency import Head, Tree, export, note

    key, origin, start = Ed25519PrivateKey.generate(), "do.example/register", datetime(2026, 1, 1, tzinfo=UTC)
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    tree, leaves, notes = Tree(), [], []
    for number in range(count):
        paper, at = number // 2, start + timedelta(minutes=number)
        hashes = [
            hashlib.sha256(f"{word} {paper}".encode()).hexdigest() for word in ("code", "facts", "file")
        ]
        said = {
            "v": 2,
            "event": "sealed" if number % 2 else "issued",
            "at": at.isoformat(timespec="microseconds"),
            "number": f"{paper + 1:05d}/2026/GCN-X",
            "series": "1-CNKTYKLT-2026",
            "sequence": paper + 1,
            "sample": False,
            "code_sha256": hashes[0],
            "facts_sha256": hashes[1],
            "file_sha256": hashes[2] if number % 2 else "",
        }
        leaves.append(canonical(said))
        tree.append(hashlib.sha256(b"\x00" + leaves[-1]).digest())
        if tree.size % every == 0:
            head = Head(origin, tree.size, tree.root, at)
            notes.append((tree.size, note(head, public_key=public, signature=key.sign(head.text))))
    keys = [{"kid": 1, "ed25519": base64.b64encode(public).decode(), "compromised": None}]
    began = time.process_time()
    bare = [hashlib.sha256(b"\x00" + leaf).digest() for leaf in leaves]
    while len(bare) > 1:
        bare = [
            hashlib.sha256(b"\x01" + b"".join(bare[place : place + 2])).digest()
            for place in range(0, len(bare), 2)
        ]
    hashing = time.process_time() - began
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "register.jsonl")
        file.write_text("".join(export(origin, at=head.at, keys=keys, leaves=leaves, checkpoints=notes)))
        began = time.perf_counter()
        ended = subprocess.run(
            [sys.executable, "-I", check_register.__file__, str(file)], capture_output=True, text=True
        )
        taken = time.perf_counter() - began
    assert ended.returncode == 0, ended.stdout
    tell("register_check_100000", taken, "s (10 allowed)", hashing)
