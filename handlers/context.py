"""What a handler or a view knows about the update at hand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from locales import Param, choose, text
from services.campaigns import CampaignStore
from services.people import Access, load_access
from storage.workspace import Card, Person, Workspace


@dataclass(frozen=True, slots=True)
class Bot:
    """The bot that speaks, as conversations need to know it."""

    id: int
    username: str
    admins: frozenset[int]
    """Telegram ids of the deployment's admins (BOT_ADMINS)."""


@dataclass(slots=True)
class Ctx:
    """One update of one chat; also made without an update when a card is drawn again."""

    ws: Workspace
    now: datetime
    bot: Bot
    campaigns: CampaignStore
    chat_id: int
    private: bool
    person: Person | None
    locale: str
    thread_id: int | None = None
    tapped: bool = False
    """A button was pressed: the card is edited in place. What was typed is answered below."""
    _access: Access | None = field(default=None, repr=False)

    def t(self, key: str, **params: Param) -> str:
        """An interface text in the language of this person (or group)."""
        return text(self.locale, key, **params)

    @property
    def me(self) -> Person:
        """The person who acts; there is one in every update that reaches a handler."""
        if self.person is None:
            raise LookupError("no person in this context")
        return self.person

    @property
    def is_admin(self) -> bool:
        """Whether the person is an admin of the deployment."""
        return self.person is not None and self.person.telegram_id in self.bot.admins

    async def access(self) -> Access:
        """The person's present memberships, read once per update."""
        if self._access is None:
            self._access = await load_access(self.ws.connection, self.me)
        return self._access

    async def show(
        self,
        view: str,
        params: Mapping[str, Any] | None = None,
        *,
        purpose: str = "main",
        below: bool = False,
    ) -> Card:
        """Say what the card of this chat shows from now on (drawn once, after the page)."""
        return await self.ws.show(
            self.bot.id, self.chat_id, view, params or {}, purpose=purpose, below=below
        )

    def use_language(self) -> None:
        """Take over the person's language after it was changed."""
        if self.person is not None:
            self.locale = choose(self.person.language, self.person.phone_language)
