"""What an expression can see while it is evaluated."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, tzinfo

from campaigns.expressions.errors import TOO_MUCH_WORK, ExpressionError
from campaigns.expressions.values import Node

# A choice filter over 20,000 rows visits about 100,000 nodes; runaway expressions visit far more.
DEFAULT_WORK = 2_000_000


def no_label(_question: str, value: str) -> str:
    """Stand in for a choice's label where a form has none."""
    return value


class Scope:
    """The values, the place and the time that an expression is evaluated with.

    A form without repeats needs ``values`` only: a question's readable value by its name. A form
    with repeats, and a document, give ``root`` and ``node`` and are walked as a tree.

    Args:
        values: Readable values by question name; what is not in it reads as an empty text.
        now: The instant that ``now()`` and ``today()`` mean, aware.
        zone: The campaign's time zone, in which days begin.
        value: What ``.`` means where there is no tree: the answer under test.
        node: The current node of a tree.
        root: The top of the form's tree.
        instances: Look-up lists by name, for ``instance('name')``.
        language: Language code for names of months and days.
        label: Gives a choice's label from question name and value, for ``jr:choice-name``.
        seed: Makes ``random()`` and ``randomize()`` repeatable.
        work: How many nodes may be visited before the evaluation is stopped.
    """

    __slots__ = (
        "current",
        "instances",
        "label",
        "language",
        "node",
        "now",
        "position",
        "root",
        "seed",
        "size",
        "value",
        "values",
        "work",
        "zone",
    )

    def __init__(
        self,
        values: Mapping[str, str],
        now: datetime,
        zone: tzinfo = UTC,
        *,
        value: str = "",
        node: Node | None = None,
        root: Node | None = None,
        instances: Mapping[str, Node] | None = None,
        language: str = "en",
        label: Callable[[str, str], str] = no_label,
        seed: int = 0,
        work: int = DEFAULT_WORK,
    ) -> None:
        """Set the scene; nothing is copied."""
        self.values = values
        self.now = now
        self.zone = zone
        self.value = value
        self.node = node
        self.current = node
        self.position = 1
        self.size = 1
        self.root = root if root is not None or node is None else node.top()
        self.instances: Mapping[str, Node] = instances or {}
        self.language = language
        self.label = label
        self.seed = seed
        self.work = work

    def spend(self, amount: int) -> None:
        """Count work done.

        Raises:
            ExpressionError: When more was done than this evaluation may do.
        """
        self.work -= amount
        if self.work < 0:
            raise ExpressionError(TOO_MUCH_WORK)

    def local_now(self) -> datetime:
        """The instant of the evaluation on the campaign's clock."""
        return self.now.astimezone(self.zone)
