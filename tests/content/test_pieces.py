"""A form cut for streaming: what ffmpeg tells is read, what browsers ask is written."""

from hypothesis import given
from hypothesis import strategies as st

from content import pieces

LENGTHS = st.lists(
    st.tuples(st.floats(0.2, 30).map(lambda one: round(one, 3)), st.integers(1, 10**7)),
    min_size=1,
    max_size=60,
)


def told(lengths, header=1356):
    """As ffmpeg 5 and 9 write it."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-TARGETDURATION:10", "#EXT-X-PLAYLIST-TYPE:VOD"]
    lines.append(f'#EXT-X-MAP:URI="o.m4s",BYTERANGE="{header}@0"')
    start = header
    for seconds, size in lengths:
        lines += [f"#EXTINF:{seconds:.6f},", f"#EXT-X-BYTERANGE:{size}@{start}", "o.m4s"]
        start += size
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""])


@given(LENGTHS)
def test_pieces_lie_end_to_end_behind_their_header(lengths):
    found = pieces.parse(told(lengths))

    assert found[0] == (0, 0, 1356)
    assert [(seconds, size) for seconds, _start, size in found[1:]] == lengths
    ends = [start + size for _seconds, start, size in found]
    assert [start for _seconds, start, _size in found[1:]] == ends[:-1]


@given(LENGTHS)
def test_each_piece_has_an_address_and_none_lasts_longer_than_was_promised(lengths):
    text = pieces.render(pieces.parse(told(lengths)), mark="abcd")

    lines = text.splitlines()
    promised = int(next(line for line in lines if "TARGETDURATION" in line).partition(":")[2])
    shown = [float(line[8:-1]) for line in lines if line.startswith("#EXTINF")]
    assert [line for line in lines if line[:1] != "#"] == [
        f"{n}.m4s?abcd" for n in range(1, len(lengths) + 1)
    ]
    assert shown == [seconds for seconds, _size in lengths]
    assert max(shown) <= promised < max(1, max(shown)) + 1
    assert lines[-1] == "#EXT-X-ENDLIST"


def test_what_is_no_playlist_of_one_file_has_no_pieces():
    for text in ("", "#EXTM3U\n", told([]), "#EXTM3U\n#EXTINF:2,\nhttp://127.0.0.1/x.ts\n"):
        assert pieces.parse(text) == []


@given(st.floats(0.1, 4 * 3600), st.sampled_from([10, 900, 1000]))
def test_a_lecture_is_played_in_as_few_parts_as_the_limit_allows_none_longer(seconds, limit):
    starts = pieces.part_starts(seconds, limit=limit)

    ends = [*starts[1:], int(seconds)]
    lengths = [end - start for start, end in zip(starts, ends, strict=True)]
    assert starts[0] == 0
    assert max(lengths) <= limit
    assert len(set(lengths[:-1])) <= 1
    assert seconds < (limit + 1) * len(starts)
    assert (len(starts) == 1) is (int(seconds) <= limit)


def test_parts_are_alike_long_and_whole_minutes():
    # Not fifteen minutes and then five seconds; what a microphone rounds up does not count.
    assert pieces.part_starts(905, limit=900) == [0, 480]
    assert pieces.part_starts(900.4, limit=900) == [0]
    assert pieces.part_starts(3600, limit=900) == [0, 900, 1800, 2700]
    assert pieces.part_starts(47 * 60, limit=900) == [0, 720, 1440, 2160]
