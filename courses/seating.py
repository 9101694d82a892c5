"""Who of a waiting list gets the seats that are free; pure."""

from collections.abc import Hashable, Iterable, Mapping


def called_up(
    free: int | None, left: Mapping[Hashable, int], line: Iterable[tuple[int, Hashable]]
) -> list[int]:
    """Return the keys of those who get a seat now, in their order.

    *free* seats there are in all, None without a limit; *left* says how many each province that has a
    quota may still take. *line* is (key, province) of those who wait, the first first. Whoever a quota
    holds back is passed by nobody of the same province, and keeps nobody of another one waiting.
    """
    left = dict(left)
    found: list[int] = []
    for key, province in line:
        if free is not None and len(found) >= free:
            break
        if province in left:
            if left[province] < 1:
                continue
            left[province] -= 1
        found.append(key)
    return found
