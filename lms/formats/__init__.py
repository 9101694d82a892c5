"""How days are written and read: day first in every language, because both are read by the same people."""

DATE_INPUT_FORMATS = ["%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y-%m-%d"]
"""Without Django's own list, in which 05/06/1990 is the sixth of May. ISO is what browsers send."""
TIME_INPUT_FORMATS = ["%H:%M", "%H:%M:%S"]
DATETIME_INPUT_FORMATS = [
    *[f"{day} {hour}" for day in DATE_INPUT_FORMATS for hour in TIME_INPUT_FORMATS],
    *[f"%Y-%m-%dT{hour}" for hour in TIME_INPUT_FORMATS],
    *DATE_INPUT_FORMATS,
]
DATE_FORMAT = SHORT_DATE_FORMAT = "d/m/Y"
DATETIME_FORMAT = SHORT_DATETIME_FORMAT = "H:i d/m/Y"
"""The long form of Vietnamese ("17:45 Ngày 29 tháng 11 năm 2026") breaks the columns of lists."""
FIRST_DAY_OF_WEEK = 1
