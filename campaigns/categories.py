"""Which category an institution belongs to, and which coverage targets are about it.

The rules are rows of the workbook, tested from top to bottom; the first that holds decides.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from campaigns.expressions import Scope
from campaigns.plan import CampaignDefinition, Category, Target
from campaigns.tables import TableDefinition

# Rules are about an institution as it is, never about the time of asking.
_NO_TIME = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class InstitutionFacts:
    """What the registry knows of an institution that categories depend on.

    Args:
        type: ``general``, ``specialty``, ``tcm``, ``mch``, ``primary``, ``clinic``, ``checkup``,
            ``independent`` or a further type of the registry.
        level: ``1`` to ``3``, ``0`` for 未定级, which is below two.
        ownership: ``public`` or ``private`` (社会办).
    """

    type: str
    level: str
    ownership: str

    def scope(self) -> Scope:
        """Let the workbook's rules read them."""
        values = {"type": self.type, "level": self.level, "ownership": self.ownership}
        return Scope(values, _NO_TIME)


def categorise(definition: CampaignDefinition, facts: InstitutionFacts) -> str | None:
    """Find an institution's category: the row of Guangxi's table one that it is counted in.

    Returns:
        The category's key, or None when no rule holds; such institutions have to be listed.
    """
    scope = facts.scope()
    for category in definition.categories:
        if category.filter is not None and category.filter.as_boolean(scope):
            return category.category_id
    return None


def in_table(
    table: TableDefinition, categories: Mapping[str, Category], category: str | None
) -> str:
    """Find the category that a table shows for an institution: its own or the one above it.

    Args:
        table: The table.
        categories: The campaign's categories by key.
        category: The institution's own category.

    Returns:
        The key, or an empty text when the table has no place for it or knows no categories.
    """
    shown = table.categories
    while category:
        if category in shown:
            return category
        found = categories.get(category)
        category = found.parent if found else None
    return ""


def is_aimed_at(target: Target, facts: InstitutionFacts) -> bool:
    """Tell whether a coverage target is about an institution."""
    return target.filter is None or target.filter.as_boolean(facts.scope())
