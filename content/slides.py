"""Pure: when the slides of a lecture change, told from small grey pictures of it, one for each second."""

from collections.abc import Iterator, Sequence

from PIL import Image, ImageChops, ImageFilter

WIDTH, HEIGHT = 64, 36
"""Cells of a picture: one line of text is about one of them high."""
BLOCK = 30
"""Seconds for which it is judged what moves all the time."""
RESTLESS = 5
"""Seconds of a block that end three seconds of movement, from which on a cell is not looked at in that block."""
STIRRED = 6
"""Levels of grey by which a cell differs from the second before when something moved there."""
OTHER = 12
"""Levels by which it differs when it shows something else."""
STILL = 0.01
"""Share of the calm cells that may stir while a slide stands: a pointer, noise."""
CHANGED = 0.015
"""Share of them that shows something else when the slide is another, or has a line more."""
CALM = 0.35
"""Share of the picture that must be calm for the rest to be left out of sight."""
STANDING = 0.6
"""Share of the time in which the picture must stand still; less is ordinary moving video."""
SHORTEST = 6
"""Seconds that slides stand on the average, at least."""
FADE = 5
"""Seconds that one slide may take to become another; a longer movement is a film within the lecture."""
FILM = 20
"""Seconds after which a film within the lecture gives one picture more."""

Found = tuple[int, int]
"""From which second on a slide is shown, and the second at which it is best seen."""

_STIRRED = [1 if level > STIRRED else 0 for level in range(256)]
_OTHER = [1 if level > OTHER else 0 for level in range(256)]


def find(frames: Sequence[bytes]) -> list[Found]:
    """The slides of a lecture of which *frames* are a picture a second; empty where it has none.

    What moves all the time is not looked at: a speaker in a corner, wherever it is put. A slide is taken
    once it stands still, and begins where the picture ceased to be the one before.
    """
    pictures = [Image.frombytes("L", (WIDTH, HEIGHT), frame) for frame in frames]
    if len(pictures) < 2:
        return []
    stirred = [_apart(one, after, _STIRRED) for one, after in zip(pictures, pictures[1:], strict=False)]
    found: list[Found] = []
    shown: Image.Image | None = None
    standing = 0
    # The first second whose picture is not the one shown.
    since = 0
    for second, calm in enumerate(_calm(stirred)):
        is_still = _count(stirred[second], calm) <= STILL * calm.bit_count()
        standing += is_still
        picture = pictures[second]
        if shown is not None and _is_like(picture, shown, calm):
            since = second + 1
            continue
        if not is_still and second - since < FILM:
            continue
        found.append((since if second - since <= FADE else second, second))
        shown, since = picture, second + 1
    if len(found) < 2 or len(found) * SHORTEST > len(pictures) or standing < STANDING * len(stirred):
        return []
    return found


def _calm(stirred: list[Image.Image]) -> Iterator[int]:
    """For each step the cells in which nothing moves all the time, a byte of 1 each.

    Movement is that of a cell or its neighbours for three seconds on end: a slide that changes, even by a
    fade, does not take so long. The blocks before and after have a say where they leave enough to see.
    """
    restless = [_restless(stirred[at : at + BLOCK]) for at in range(0, len(stirred), BLOCK)]
    everything = Image.new("L", (WIDTH, HEIGHT), 1)
    for number, here in enumerate(restless):
        around = here
        for other in restless[max(0, number - 1) : number + 2]:
            around = ImageChops.lighter(around, other)
        calm, wide = (_bits(ImageChops.subtract(everything, one)) for one in (here, around))
        # Where nearly all moves there is a film: it is over when all stands still.
        enough = (each for each in (wide, calm) if each.bit_count() >= CALM * WIDTH * HEIGHT)
        chosen = next(enough, _bits(everything))
        for _step in range(min(BLOCK, len(stirred) - number * BLOCK)):
            yield chosen


def _restless(steps: list[Image.Image]) -> Image.Image:
    """1 for each cell that moves all the time during *steps*."""
    count = Image.new("L", (WIDTH, HEIGHT), 0)
    near = [step.filter(ImageFilter.MaxFilter(3)) for step in steps]
    for one, two, three in zip(near, near[1:], near[2:], strict=False):
        count = ImageChops.add(count, ImageChops.darker(ImageChops.darker(one, two), three))
    need = max(3, RESTLESS * len(steps) // BLOCK)
    return count.point([1 if times >= need else 0 for times in range(256)])


def _is_like(one: Image.Image, two: Image.Image, calm: int) -> bool:
    return _count(_apart(one, two, _OTHER), calm) <= CHANGED * calm.bit_count()


def _apart(one: Image.Image, two: Image.Image, table: list[int]) -> Image.Image:
    return ImageChops.difference(one, two).point(table)


def _count(cells: Image.Image, calm: int) -> int:
    return (_bits(cells) & calm).bit_count()


def _bits(cells: Image.Image) -> int:
    return int.from_bytes(cells.tobytes(), "big")
