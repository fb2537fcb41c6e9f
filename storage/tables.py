"""Every table of the deployment, one class each.

Instants (``_at``) are aware UTC, days (``_on``) are civil dates in the campaign's zone. Every key
that touches Telegram carries ``bot_id``: one deployment may run several bots, and a file or a
message belongs to one of them. Rows are not validated here (SQLModel does not, for tables);
values are checked in ``campaigns`` and ``services`` before they arrive.
"""

from datetime import date, datetime
from enum import IntEnum, StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlmodel import Field, SQLModel

from storage.types import UtcDateTime

BigId = BigInteger().with_variant(Integer, "sqlite")
"""SQLite gives automatic numbers to INTEGER keys only."""

Json = JSON(none_as_null=True)


def at(*, nullable: bool = False, index: bool = False) -> Any:
    return Field(default=None, sa_column=Column(UtcDateTime, nullable=nullable, index=index))


def identity() -> Any:
    return Field(default=None, sa_column=Column(BigId, primary_key=True, autoincrement=True))


def big(*, nullable: bool = False, primary_key: bool = False, index: bool = False) -> Any:
    return Field(
        default=None,
        sa_column=Column(
            BigInteger,
            nullable=nullable,
            primary_key=primary_key,
            index=index,
            autoincrement=False,
        ),
    )


def text_column(*, nullable: bool = False) -> Any:
    return Field(default=None, sa_column=Column(Text, nullable=nullable))


class InboxState(IntEnum):
    """What became of a stored update."""

    NEW = 0
    HANDLED = 1
    UNREADABLE = 2
    FAILED = 3
    DROPPED = 4


class OutboxState(IntEnum):
    """What became of a message to another chat."""

    WAITING = 0
    SENDING = 1
    SENT = 2
    OBSOLETE = 3
    FAILED = 4


class JobState(IntEnum):
    """What became of slow work."""

    WAITING = 0
    RUNNING = 1
    DONE = 2
    FAILED = 3


class Role(StrEnum):
    """What a person may be for a unit."""

    ORGANISER = "organiser"
    OFFICER = "officer"
    REVIEWER = "reviewer"
    INSPECTOR = "inspector"
    LIAISON = "liaison"
    CUSTODIAN = "custodian"


class SettingRow(SQLModel, table=True):
    """A fact about the deployment itself, such as the fingerprint of its secret key."""

    __tablename__ = "setting"
    key: str = Field(primary_key=True)
    value: str = text_column()


class InboxRow(SQLModel, table=True):
    """One update as Telegram delivered it; the payload is encrypted and erased when handled."""

    __tablename__ = "inbox"
    __table_args__ = (Index("ix_inbox_open", "bot_id", "state", "update_id"),)
    bot_id: int = big(primary_key=True)
    update_id: int = big(primary_key=True)
    chat_id: int | None = big(nullable=True)
    state: int = Field(default=InboxState.NEW)
    payload: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    received_at: datetime = at()
    handled_at: datetime | None = at(nullable=True)


class OutboxRow(SQLModel, table=True):
    """One message to a chat other than the one being answered, pushed once per ``key``."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_due", "bot_id", "state", "not_before"),)
    id: int | None = identity()
    bot_id: int = big()
    chat_id: int = big()
    thread_id: int | None = big(nullable=True)
    key: str = Field(sa_column=Column(String(200), nullable=False, unique=True))
    kind: str
    """A renderer registered in ``handlers.pushes``: the text is made when it is sent."""
    params: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Json, nullable=False))
    lane: int = 2
    """1 a person is waiting, 2 push, 3 broadcast (lanes begin at 1)."""
    state: int = Field(default=OutboxState.WAITING)
    attempts: int = 0
    silent: bool = False
    not_before: datetime = at()
    created_at: datetime = at()
    finished_at: datetime | None = at(nullable=True)
    message_id: int | None = big(nullable=True)
    error: str | None = None
    """Class of the last failure, never its text."""


class CardRow(SQLModel, table=True):
    """The one living message of an activity in a chat: what it shows and what it should show."""

    __tablename__ = "card"
    bot_id: int = big(primary_key=True)
    chat_id: int = big(primary_key=True)
    purpose: str = Field(primary_key=True)
    message_id: int | None = big(nullable=True)
    old_message_id: int | None = big(nullable=True)
    """A card that was left above and still has buttons to lose."""
    view: str
    params: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Json, nullable=False))
    wanted: int = 0
    shown: int = 0
    below: bool = False
    """Send anew below what the person just sent, instead of editing in place."""
    asked_wanted: int = 0
    """The state in which the present question came up first."""
    asked_at: datetime | None = at(nullable=True)
    """When the person could first see the present question; None while it is on its way."""


class JobRow(SQLModel, table=True):
    """Slow work (fetching a photo, making a document) done outside the page and retried."""

    __tablename__ = "job"
    __table_args__ = (Index("ix_job_due", "state", "not_before"),)
    id: int | None = identity()
    key: str = Field(sa_column=Column(String(200), nullable=False, unique=True))
    bot_id: int = big()
    kind: str
    params: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Json, nullable=False))
    state: int = Field(default=JobState.WAITING)
    attempts: int = 0
    not_before: datetime = at()
    created_at: datetime = at()
    finished_at: datetime | None = at(nullable=True)
    error: str | None = None


class AreaRow(SQLModel, table=True):
    """Region, city or county; ``path`` lists the codes from the region down, '/'-joined."""

    __tablename__ = "area"
    id: int | None = identity()
    code: str = Field(unique=True)
    name: str
    level: str
    """region | city | county"""
    parent_id: int | None = big(nullable=True, index=True)
    path: str = Field(index=True)


class UnitRow(SQLModel, table=True):
    """An authority or one of its departments."""

    __tablename__ = "unit"
    id: int | None = identity()
    code: str = Field(unique=True)
    name: str
    area_id: int = big(index=True)
    line: str
    """health | insurance | tcm | other"""
    parent_id: int | None = big(nullable=True, index=True)


class InstitutionRow(SQLModel, table=True):
    """A medical institution of the registry; it outlives every campaign."""

    __tablename__ = "institution"
    id: int | None = identity()
    code: str = Field(unique=True)
    name: str = Field(index=True)
    pinyin: str
    """Syllables of the name without tones, joined: what people type."""
    initials: str = Field(index=True)
    address: str = ""
    contact: str = ""
    phone: str = ""
    type: str
    level: int = 0
    """0 未定级, 1 to 3."""
    ownership: str
    """public | private"""
    area_id: int = big(index=True)
    unit_id: int = big(index=True)
    """The supervising unit: tables count by its area."""
    latitude: float | None = None
    longitude: float | None = None
    opened_on: date | None = None
    closed_on: date | None = None
    registered_by: int | None = big(nullable=True)
    """The person who registered it on the spot; None when imported."""


class PersonRow(SQLModel, table=True):
    """One human per bot and Telegram account."""

    __tablename__ = "person"
    __table_args__ = (UniqueConstraint("bot_id", "telegram_id"),)
    id: int | None = identity()
    bot_id: int = big()
    telegram_id: int = big()
    name: str = ""
    language: str | None = None
    """What the person chose with /language; None follows the phone."""
    phone_language: str | None = None
    acting_membership_id: int | None = big(nullable=True)
    unreachable_at: datetime | None = at(nullable=True)
    """Set when the bot was blocked, cleared by the next message."""
    created_at: datetime = at()


class MembershipRow(SQLModel, table=True):
    """What a person may do, for which unit and (if set) in which campaign or institution."""

    __tablename__ = "membership"
    id: int | None = identity()
    person_id: int = big(index=True)
    unit_id: int = big(index=True)
    role: str
    campaign_id: int | None = big(nullable=True)
    institution_id: int | None = big(nullable=True)
    granted_at: datetime = at()
    granted_by: int | None = big(nullable=True)
    ended_at: datetime | None = at(nullable=True)


class InviteRow(SQLModel, table=True):
    """A single-use way in: 128 random bits, stored hashed, valid for seven days."""

    __tablename__ = "invite"
    id: int | None = identity()
    token_hash: str = Field(unique=True)
    name: str
    unit_id: int = big()
    role: str
    campaign_id: int | None = big(nullable=True)
    institution_id: int | None = big(nullable=True)
    created_by: int | None = big(nullable=True)
    created_at: datetime = at()
    expires_at: datetime = at()
    used_at: datetime | None = at(nullable=True)
    used_by: int | None = big(nullable=True)


class GroupRow(SQLModel, table=True):
    """A Telegram group that the bot is or was in."""

    __tablename__ = "chat_group"
    bot_id: int = big(primary_key=True)
    chat_id: int = big(primary_key=True)
    title: str = ""
    type: str
    state: str
    """member | administrator | left | migrated"""
    can_pin: bool = False
    migrated_to: int | None = big(nullable=True)
    added_by: int | None = big(nullable=True)
    changed_at: datetime = at()


class GroupBindingRow(SQLModel, table=True):
    """A group (and topic) bound to a unit for a purpose."""

    __tablename__ = "group_binding"
    __table_args__ = (UniqueConstraint("bot_id", "chat_id", "purpose"),)
    id: int | None = identity()
    bot_id: int = big()
    chat_id: int = big()
    thread_id: int | None = big(nullable=True)
    purpose: str
    """tables | reminders | tips"""
    unit_id: int = big(index=True)
    bound_by: int | None = big(nullable=True)
    bound_at: datetime = at()


class CampaignRow(SQLModel, table=True):
    """An opened campaign: a pack with real dates."""

    __tablename__ = "campaign"
    id: int | None = identity()
    code: str = Field(unique=True)
    pack_id: str
    title: str
    starts_on: date
    timezone: str
    language: str
    state: str
    """open | closed"""
    current_version_id: int | None = big(nullable=True)
    seq: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    """Counter of the contributions: every submission or correction takes the next one."""
    opened_at: datetime = at()


class CampaignVersionRow(SQLModel, table=True):
    """A published workbook; it never changes, drafts stay on the one they began with."""

    __tablename__ = "campaign_version"
    __table_args__ = (UniqueConstraint("campaign_id", "number"),)
    id: int | None = identity()
    campaign_id: int = big()
    number: int
    workbook: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Json, nullable=False))
    sha256: str
    published_at: datetime = at()


class InspectionRow(SQLModel, table=True):
    """One visit: a draft until submitted, then a record with revisions."""

    __tablename__ = "inspection"
    __table_args__ = (
        Index("ix_inspection_institution", "institution_id", "campaign_id"),
        Index("ix_inspection_state", "campaign_id", "state"),
    )
    id: int | None = identity()
    campaign_id: int = big()
    version_id: int = big()
    institution_id: int = big()
    unit_id: int = big()
    area_id: int = big()
    kind: str
    """self | joint | spot | covert | cross | recheck"""
    mode: str
    """section (exceptions only) | each (item by item)"""
    state: str
    """draft | submitted | cancelled"""
    revision: int = 0
    """Raised by every change of an answer; cards and buttons name it."""
    corrections: int = 0
    inspected_on: date
    created_by: int = big()
    created_at: datetime = at()
    updated_at: datetime = at()
    submitted_at: datetime | None = at(nullable=True)
    submitted_by: int | None = big(nullable=True)


class InspectionMemberRow(SQLModel, table=True):
    """Who takes part in an inspection."""

    __tablename__ = "inspection_member"
    inspection_id: int = big(primary_key=True)
    person_id: int = big(primary_key=True)


class AnswerRow(SQLModel, table=True):
    """The present answer to one question; the answers are the state of a conversation."""

    __tablename__ = "answer"
    inspection_id: int = big(primary_key=True)
    name: str = Field(primary_key=True)
    value: str = text_column()
    source: str
    """tap | typed | entry | confirmed (the rest was checked) | preload | photo | correction"""
    author_id: int | None = big(nullable=True)
    revision: int
    answered_at: datetime = at()


class AnswerLogRow(SQLModel, table=True):
    """What an answer was before it was changed, by whom, when and (after submission) why."""

    __tablename__ = "answer_log"
    id: int | None = identity()
    inspection_id: int = big(index=True)
    name: str
    old_value: str | None = text_column(nullable=True)
    new_value: str | None = text_column(nullable=True)
    reason: str | None = text_column(nullable=True)
    author_id: int | None = big(nullable=True)
    revision: int
    changed_at: datetime = at()


class StrayTextRow(SQLModel, table=True):
    """A text without an item number that came too late for its card (未归项)."""

    __tablename__ = "stray_text"
    id: int | None = identity()
    bot_id: int = big()
    chat_id: int = big()
    inspection_id: int = big(index=True)
    message_id: int = big()
    text: str = text_column()
    name: str | None = None
    """The question that the card showed when it arrived, if any."""
    media_id: int | None = big(nullable=True)
    """Set when it was a photo or file."""
    placed_at: datetime | None = at(nullable=True)
    created_at: datetime = at()


class MediaRow(SQLModel, table=True):
    """A photo or file that belongs to an answer."""

    __tablename__ = "media"
    id: int | None = identity()
    inspection_id: int = big(index=True)
    name: str
    bot_id: int = big()
    file_id: str = text_column()
    file_unique_id: str
    kind: str
    mime: str | None = None
    size_bytes: int | None = big(nullable=True)
    state: str
    """waiting | stored | too_big | failed"""
    path: str | None = None
    """Relative to the media folder of DATA_DIR."""
    sha256: str | None = None
    author_id: int | None = big(nullable=True)
    created_at: datetime = at()


class ContributionRow(SQLModel, table=True):
    """What one record adds to one row of a table; corrections close rows and add new ones."""

    __tablename__ = "contribution"
    __table_args__ = (
        # One range per table row, read in order: grouping by row needs no sort, the areas are
        # filtered inside the index, and everything a figure needs is in it. Leading with the area
        # or the day is 3 to 5 times slower (benchmarks/tables.py).
        Index(
            "ix_contribution_scope",
            "campaign_id",
            "row_key",
            "counted_on",
            "area_id",
            "category",
            "amount_e4",
            "institution_id",
            "valid_from_seq",
            "valid_to_seq",
        ),
        Index("ix_contribution_record", "record_kind", "record_id"),
    )
    id: int | None = identity()
    campaign_id: int = big()
    row_key: str
    """``<table id>.<row id>``"""
    category: str
    """The table column; distinct rows count institutions per category."""
    amount_e4: int = big()
    """Ten-thousandths: sums stay exact on every database."""
    record_kind: str
    record_id: int = big()
    revision: int
    institution_id: int | None = big(nullable=True)
    unit_id: int = big()
    area_id: int = big()
    counted_on: date
    valid_from_seq: int = big()
    valid_to_seq: int | None = big(nullable=True)
