"""Opened campaigns and their published definitions."""

from collections import OrderedDict
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from campaigns.campaign import CampaignDefinition, read_campaign
from campaigns.engine import State
from campaigns.errors import CampaignError
from campaigns.workbook import from_json
from storage.tables import CampaignVersionRow

VERSIONS = CampaignVersionRow.__table__  # type: ignore[attr-defined]  # SQLModel hides it


STATES_KEPT = 2_048
"""Most recent engine states in memory, so that it does not grow with open conversations."""


@dataclass(slots=True)
class CampaignStore:
    """Definitions by version id; a published version never changes, so they are kept.

    Beside them the engine states of the inspections in use, by (inspection, revision): they
    follow from the stored answers and only save working them out again.
    """

    _loaded: dict[int, CampaignDefinition] = field(default_factory=dict)
    _states: OrderedDict[int, tuple[int, State]] = field(default_factory=OrderedDict)

    def state(self, inspection_id: int, revision: int) -> State | None:
        """The engine state of an inspection at a revision, if it is still in memory."""
        kept = self._states.get(inspection_id)
        return kept[1] if kept is not None and kept[0] == revision else None

    def keep_state(self, inspection_id: int, revision: int, state: State) -> None:
        """Remember a state that was worked out."""
        self._states[inspection_id] = (revision, state)
        self._states.move_to_end(inspection_id)
        if len(self._states) > STATES_KEPT:
            self._states.popitem(last=False)

    def forget_states(self) -> None:
        """Forget all states: a page was undone, its revisions will mean something else."""
        self._states.clear()

    async def definition(self, connection: AsyncConnection, version_id: int) -> CampaignDefinition:
        """The definition of one published version.

        Raises:
            CampaignError: ``campaign-version-missing`` when there is none, or
                ``campaign-version-broken`` when this program can no longer run it.
        """
        found = self._loaded.get(version_id)
        if found is not None:
            return found
        rows = await connection.execute(
            select(VERSIONS.c.workbook).where(VERSIONS.c.id == version_id)
        )
        stored = rows.scalar_one_or_none()
        if stored is None:
            raise CampaignError("campaign-version-missing", version=version_id)
        definition, issues = read_campaign(from_json(stored))
        if definition is None:
            raise CampaignError("campaign-version-broken", version=version_id, count=len(issues))
        self._loaded[version_id] = definition
        return definition
