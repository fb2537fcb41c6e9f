"""Functions on places: length and area of what was paced off, and whether a point lies inside.

A place is ``latitude longitude altitude accuracy`` in degrees and metres; several are separated
by semicolons, or given as nodes.
"""

import math
from itertools import pairwise

from campaigns.expressions.functions.registry import Function
from campaigns.expressions.scope import Scope
from campaigns.expressions.values import Value, each_text

# Metres. Source: equatorial radius rounded to 100 m, as the XLSForm engines use it.
EARTH_RADIUS = 6_378_100
Point = tuple[float, float]


def points(value: Value) -> list[Point] | None:
    """Read places as (latitude, longitude) in degrees; None when any of them is not a place."""
    found: list[Point] = []
    for text in each_text(value):
        for part in text.strip().rstrip(";").split(";"):
            try:
                latitude, longitude = (float(number) for number in part.split()[:2])
            except ValueError:
                return None
            if not (abs(latitude) <= 90 and abs(longitude) <= 180):
                return None
            found.append((latitude, longitude))
    return found


def metres_between(start: Point, end: Point) -> float:
    """The distance between two places along the earth's surface, in metres."""
    latitude = math.radians(end[0] - start[0])
    longitude = math.radians(end[1] - start[1])
    share = (
        math.sin(latitude / 2) ** 2
        + math.cos(math.radians(start[0]))
        * math.cos(math.radians(end[0]))
        * math.sin(longitude / 2) ** 2
    )
    return 2 * EARTH_RADIUS * math.asin(min(1.0, math.sqrt(share)))


def _distance(_scope: Scope, *values: Value) -> float:
    found: list[Point] = []
    for value in values:
        some = points(value)
        if some is None:
            return math.nan
        found.extend(some)
    if len(found) < 2:
        return math.nan if not found else 0.0
    return sum(metres_between(a, b) for a, b in pairwise(found))


def _area(_scope: Scope, value: Value) -> float:
    """The area inside a closed line in square metres."""
    found = points(value)
    if found is None:
        return math.nan
    if len(found) < 3:
        return 0.0
    total = 0.0
    for (lat1, lon1), (lat2, lon2) in zip(found, [*found[1:], found[0]], strict=True):
        turn = math.radians(lon2 - lon1)
        total += turn * (2 + math.sin(math.radians(lat1)) + math.sin(math.radians(lat2)))
    return abs(total * EARTH_RADIUS**2 / 2)


def _geofence(_scope: Scope, point: Value, fence: Value) -> bool:
    """Tell whether a place lies within a closed line."""
    where, line = points(point), points(fence)
    if where is None or line is None or len(where) != 1 or len(line) < 4 or line[0] != line[-1]:
        return False
    y, x = where[0]
    inside = False
    for (lat1, lon1), (lat2, lon2) in pairwise(line):
        if (lat1 > y) != (lat2 > y) and x < (lon2 - lon1) * (y - lat1) / (lat2 - lat1) + lon1:
            inside = not inside
    return inside


FUNCTIONS = (
    Function("distance", _distance, 1, None, takes_nodes=True),
    Function("area", _area, 1, 1, takes_nodes=True),
    Function("geofence", _geofence, 2, 2, takes_nodes=True),
)
