"""The commands of the guide write backups that only the half of the key which is elsewhere opens."""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

GUIDE = Path(__file__).parents[2] / "docs/operate.md"


def run(script: str, *, home: Path, at: Path) -> subprocess.CompletedProcess:
    """Run *script* with the keys of *home*, in the folder *at*."""
    environment = {**os.environ, "GNUPGHOME": str(home)}
    return subprocess.run(["bash", "-c", script], cwd=at, env=environment, capture_output=True, check=False)


def commands(*beginnings: str, **places: Path) -> str:
    """The lines of the guide that begin so, each once, with its places put elsewhere."""
    lines = GUIDE.read_text().splitlines()
    found = [next(line for line in lines if line.startswith(begins)) for begins in beginnings]
    places = {
        "/var/lib/vuonxa": places["var"],
        "/backup": places["backup"],
        "/etc/vuonxa-backup": places["half"],
    }
    # In one go: what was put in may hold the name of another place.
    return re.sub("|".join(places), lambda place: str(places[place[0]]), "\n".join(found))


@pytest.fixture
def homes():
    """Folders for keys, with short names: they hold sockets."""
    made = [Path(tempfile.mkdtemp(prefix="k")) for _ in range(2)]
    yield made
    for home in made:
        subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False)
        shutil.rmtree(home)


def test_a_stolen_backup_tells_nothing_and_the_half_that_lies_elsewhere_opens_it(tmp_path, homes):
    safe, server = homes
    places = {"var": tmp_path / "var", "backup": tmp_path / "backup", "half": tmp_path / "half"}
    for folder in ("private", "media"):
        (places["var"] / folder).mkdir(parents=True)
    places["backup"].mkdir()
    (places["var"] / "private/giay.pdf").write_bytes(b"Nguyen Thi Lan" * 400)
    (places["backup"] / "now.sqlite3").write_bytes(b"Giang Thi My" * 400)
    make = commands("gpg --quick-generate-key", "gpg --export", **places)
    # Nobody is there to type a password.
    make = make.replace("gpg --quick", "gpg --batch --passphrase '' --quick").replace(
        "> vuonxa-backup", "> half"
    )
    assert run(make, home=safe, at=tmp_path).returncode == 0

    write = commands("seal=", "$seal --output", "tar -C /var/lib/vuonxa -c ", **places)
    assert run(f"set -eo pipefail\n{write}", home=server, at=tmp_path).returncode == 0

    sealed = sorted(places["backup"].iterdir())
    assert [re.sub(r"[\d-]+", "-", file.name) for file in sealed] == [
        "vuonxa-.sqlite-.gpg",
        "vuonxa-files-.tar.gpg",
    ]
    assert not any(word in file.read_bytes() for file in sealed for word in (b"Giang", b"giay.pdf"))
    opens = " && ".join(f"gpg --batch --output {file.stem} --decrypt {file.name}" for file in sealed)
    assert run(opens, home=server, at=places["backup"]).returncode != 0, "the server's half opens nothing"
    assert not any(file.with_suffix("").exists() for file in sealed)
    assert run(opens, home=safe, at=places["backup"]).returncode == 0
    assert sealed[0].with_suffix("").read_bytes() == b"Giang Thi My" * 400
    back = f"mkdir again && tar -C again -xf backup/{sealed[1].stem}"
    assert run(back, home=safe, at=tmp_path).returncode == 0
    assert (tmp_path / "again/private/giay.pdf").read_bytes() == b"Nguyen Thi Lan" * 400
