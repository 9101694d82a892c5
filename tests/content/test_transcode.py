"""ffmpeg at arm's length: what is let in, what comes out, what is refused and why."""

import http.server
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from PIL import Image

from content import cutting, transcode
from content.conf import conf
from content.transcode import RUNGS, EncoderStopped, FfmpegMissing, Unusable
from tests.factories import content as make

ELF = b"\x7fELF\x02\x01\x01" + bytes(200)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.fixture(scope="module")
def ffmpeg():
    return transcode.find_ffmpeg(conf.FFMPEG)


def stored(folder: Path, data: bytes, name="source.mp4") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def refusal(ffmpeg, path, max_seconds=14400):
    with pytest.raises(Unusable) as raised:
        transcode.probe(ffmpeg, path, max_seconds=max_seconds)
    return raised.value.code


def test_a_recording_tells_its_length_size_and_sound(ffmpeg, tmp_path):
    found = transcode.probe(ffmpeg, stored(tmp_path, make.clip()), max_seconds=60)

    assert found.seconds == pytest.approx(4, abs=0.1)
    assert (found.width, found.height, found.fps, found.has_sound) == (320, 240, 10, True)


def test_what_ffmpeg_5_and_9_print_is_understood():
    text = """Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'x':
  Duration: 01:02:03.50, start: 0.000000, bitrate: 12 kb/s
  Stream #0:0[0x1](und): Audio: aac (LC) (mp4a / 0x6134706D), 16000 Hz, mono, fltp, 27 kb/s (default)
  Stream #0:1: Video: png, rgba(pc), 600x600, 90k tbr, 90k tbn (attached pic)
  Stream #0:2[0x2](und): Video: h264 (High) (avc1 / 0x31637661), yuv420p(tv, bt709), 1280x720 [SAR 1:1 DAR 16:9], 25 kb/s, 29.97 fps, 30 tbr"""

    assert transcode.parse_probe(text) == transcode.Probe(3723.5, 1280, 720, 29.97, True)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (ELF, "not_video"),
        (SVG, "not_video"),
        (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "not_video"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", "not_video"),
        (b"%PDF-1.7", "not_video"),
        (bytes(range(256)) * 40, "not_video"),
        (b"\x00\x00\x00\x18ftypmp42" + bytes(3000), "unreadable"),
        (b"\x1a\x45\xdf\xa3" + bytes(3000), "unreadable"),
        (b"\x00\x00\x00\x18ftypmp42#EXTM3U\nhttp://127.0.0.1/", "unreadable"),
    ],
)
def test_what_is_no_recording_is_refused_with_its_reason(ffmpeg, tmp_path, data, code):
    assert refusal(ffmpeg, stored(tmp_path, data)) == code


def test_a_recording_without_its_index_is_unreadable(ffmpeg, tmp_path):
    # Without faststart the index is at the end: a broken upload loses it.
    assert (
        refusal(ffmpeg, stored(tmp_path, make.clip(suffix=".mov")[:20_000].replace(b"moov", b"xxxx")))
        == "unreadable"
    )


def test_sound_alone_is_refused_for_want_of_a_picture(ffmpeg, tmp_path):
    source = stored(tmp_path, make.clip())
    sound = tmp_path / "sound.mp4"
    transcode.encode(ffmpeg, RUNGS["audio"], source, sound, seconds=4, timeout=60)

    assert refusal(ffmpeg, sound) == "no_picture"


def test_too_long_and_too_fast_are_refused(ffmpeg, tmp_path):
    assert refusal(ffmpeg, stored(tmp_path, make.clip()), max_seconds=3) == "too_long"
    assert refusal(ffmpeg, stored(tmp_path, make.clip(1, size="64x64", rate=200))) == "too_fast"


def test_a_playlist_inside_reaches_no_server(ffmpeg, tmp_path):
    hits = []

    class Listener(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            hits.append(self.path)

    server = http.server.HTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/secret.ts"
    playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{url}\n#EXT-X-ENDLIST\n".encode()
    try:
        # Past our own look at the first bytes, straight to ffmpeg.
        said = transcode.run(
            [ffmpeg, "-hide_banner", "-nostdin", *transcode.reading(stored(tmp_path, playlist))],
            largest_file=10**6,
            seconds=20,
            deadline=20,
        )
    finally:
        server.shutdown()
        server.server_close()
    assert hits == []
    assert transcode.parse_probe(said).width == 0


@pytest.mark.parametrize("kind", ["audio", "240p", "360p"])
def test_each_form_is_light_plays_from_the_start_and_has_forgotten_the_phone(ffmpeg, tmp_path, kind):
    source = stored(tmp_path, make.clip())
    target = tmp_path / f"out{RUNGS[kind].suffix}"
    shares = []

    seconds = transcode.encode(
        ffmpeg, RUNGS[kind], source, target, seconds=4, timeout=60, progress=shares.append
    )

    made = target.read_bytes()
    assert seconds == pytest.approx(4, abs=0.5)
    assert made.index(b"moov") < made.index(b"mdat")
    assert b"22.3356" in make.clip()
    assert b"22.3356" not in made
    assert "riêng".encode() not in made
    assert shares
    assert shares == sorted(shares)
    assert shares[-1] <= 1
    if kind != "audio":
        found = transcode.probe(ffmpeg, target, max_seconds=60)
        assert found.height == min(240, RUNGS[kind].height)
        assert found.fps == 5


@pytest.mark.slow
def test_a_form_is_cut_at_key_frames_and_its_first_pieces_are_short(ffmpeg, tmp_path):
    source, sound = stored(tmp_path, make.clip(24)), tmp_path / "sound.m4a"
    how = {"seconds": 24, "timeout": 60}
    transcode.encode(ffmpeg, RUNGS["audio"], source, sound, **how)
    transcode.encode(ffmpeg, RUNGS["240p"], source, tmp_path / "o.mp4", sound=sound, **how)

    found = cutting.cut(ffmpeg, tmp_path / "o.mp4", tmp_path / "o.m4s", timeout=60)
    heard = cutting.cut(ffmpeg, sound, tmp_path / "s.m4s", timeout=60)

    assert [seconds for seconds, _start, _size in found[1:4]] == [2, 2, 2]
    assert max(seconds for seconds, _start, _size in found) <= 10
    for cut, file in ((found, "o.m4s"), (heard, "s.m4s")):
        assert sum(seconds for seconds, _start, _size in cut) == pytest.approx(24, abs=0.2)
        assert cut[-1][1] + cut[-1][2] == (tmp_path / file).stat().st_size
        assert b"22.3356" not in (tmp_path / file).read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["audio", "240p", "480p"])
def test_a_long_form_is_split_into_files_that_show_every_picture_once(ffmpeg, tmp_path, kind):
    source, whole = stored(tmp_path, make.clip(24)), tmp_path / f"o{RUNGS[kind].suffix}"
    how = {"seconds": 24, "timeout": 60}
    transcode.encode(ffmpeg, RUNGS[kind], source, whole, part=8, cuts=[10, 20], **how)

    made = cutting.split(ffmpeg, kind, whole, tmp_path, starts=[0, 10, 20], **how)

    assert [(start, seconds) for (start, seconds, _size), _path in made] == [(0, 10), (10, 10), (20, 4)]
    for (_start, seconds, size), path in made:
        data = path.read_bytes()
        assert (len(data), data.index(b"moov") < data.index(b"mdat")) == (size, True)
        assert transcode._length(ffmpeg, path) == pytest.approx(seconds, abs=0.2)
    if RUNGS[kind].height:
        shown = [pictures(ffmpeg, path) for _part, path in made]
        assert [len(one) for one in shown] == [seconds * RUNGS[kind].fps for (_s, seconds, _b), _p in made]
        assert sum(shown, []) == pictures(ffmpeg, whole)


def pictures(ffmpeg, path):
    """A hash of each picture that a player shows, in their order."""
    argv = [ffmpeg, "-loglevel", "error", "-i", str(path), "-map", "0:v", "-f", "framemd5", "-"]
    said = subprocess.run(argv, capture_output=True, check=True, text=True).stdout
    return [line.rpartition(" ")[2] for line in said.splitlines() if line[:1] != "#"]


@pytest.mark.slow
def test_a_recording_cut_short_is_refused_after_encoding(ffmpeg, tmp_path):
    whole = make.clip(20, rate=10)
    source = stored(tmp_path, whole[: len(whole) // 2])
    found = transcode.probe(ffmpeg, source, max_seconds=60)
    assert found.seconds == pytest.approx(20, abs=0.1)

    with pytest.raises(Unusable) as raised:
        transcode.encode(ffmpeg, RUNGS["240p"], source, tmp_path / "o.mp4", seconds=found.seconds, timeout=60)

    assert raised.value.code == "cut_short"
    assert raised.value.params["said"] == 20
    assert raised.value.params["got"] < 15


def test_a_poster_weighs_at_most_twelve_kilobytes(ffmpeg, tmp_path):
    source = stored(tmp_path, make.clip(2, size="1280x720"))
    target = tmp_path / "p.jpg"

    transcode.poster(ffmpeg, source, target, seconds=2)

    assert target.read_bytes().startswith(b"\xff\xd8\xff")
    assert target.stat().st_size <= transcode.POSTER_BYTES


def test_a_recording_that_holds_one_single_picture_has_a_poster(ffmpeg, tmp_path):
    source = tmp_path / "one.mkv"
    picture = ["-f", "lavfi", "-i", "color=red:size=320x180:rate=1:duration=1"]
    sound = ["-f", "lavfi", "-i", "sine=duration=8"]
    subprocess.run(
        [ffmpeg, "-loglevel", "error", *picture, *sound, "-c:v", "libx264", "-c:a", "aac", str(source)],
        check=True,
    )
    target = tmp_path / "p.jpg"

    transcode.poster(ffmpeg, source, target, seconds=8)

    with Image.open(target) as drawn:
        red, green, blue = drawn.getpixel((160, 90))
    assert red > 200 > 60 > max(green, blue)


@pytest.mark.slow
def test_an_encoder_that_takes_too_long_is_stopped(ffmpeg, tmp_path):
    source = stored(tmp_path, make.clip(20))

    with pytest.raises(EncoderStopped) as raised:
        transcode.encode(ffmpeg, RUNGS["480p"], source, tmp_path / "o.mp4", seconds=20, timeout=0)

    assert raised.value.code == "stopped"


def test_what_the_progress_raises_stops_ffmpeg(ffmpeg, tmp_path):
    def lost(share):
        raise KeyError("lease")

    source = stored(tmp_path, make.clip(20))
    with pytest.raises(KeyError):
        transcode.encode(
            ffmpeg, RUNGS["240p"], source, tmp_path / "o.mp4", seconds=20, timeout=60, progress=lost
        )


def test_a_name_that_is_no_program_is_missing_ffmpeg():
    with pytest.raises(FfmpegMissing):
        transcode.find_ffmpeg("/nowhere/ffmpeg")


def test_a_changed_recipe_has_another_name():
    recipes = [rung.recipe() for rung in RUNGS.values()]

    assert len(set(recipes)) == len(recipes)
    assert recipes == [rung.recipe() for rung in RUNGS.values()]


CHILD = """
import sys
from content import transcode
ffmpeg, mark = sys.argv[1:]
endless = ["-f", "lavfi", "-i", "testsrc", "-metadata", "comment=" + mark, "-progress", "pipe:1", "-f", "null", "-"]
transcode.run([ffmpeg, "-re", *endless], largest_file=10**6, seconds=60, deadline=60, wanted=60,
                    progress=lambda share: print("going", flush=True))
"""


def test_ffmpeg_dies_with_the_worker_that_is_killed(ffmpeg, tmp_path):
    argv = [sys.executable, "-c", CHILD, ffmpeg, str(tmp_path)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]) as worker:
        assert worker.stdout.readline() == b"going\n"
        assert alive(tmp_path)

        worker.kill()
        worker.wait()

    deadline = time.monotonic() + 10
    while alive(tmp_path):
        assert time.monotonic() < deadline


def alive(mark: Path) -> bool:
    """Whether any process names *mark*."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if str(mark).encode() in path.read_bytes():
                return True
        except OSError:
            continue
    return False
