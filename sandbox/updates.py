"""What a bot is to be told: a queue per bot, given by long polling or pushed to a webhook."""

import asyncio
import json
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import aiohttp

from sandbox.errors import ApiError, bad_request
from sandbox.model import Bot, Json

if TYPE_CHECKING:
    from sandbox.world import World

logger = logging.getLogger(__name__)

UPDATE_TYPES = frozenset(
    {
        "message",
        "edited_message",
        "channel_post",
        "edited_channel_post",
        "business_connection",
        "business_message",
        "edited_business_message",
        "deleted_business_messages",
        "guest_message",
        "message_reaction",
        "message_reaction_count",
        "inline_query",
        "chosen_inline_result",
        "callback_query",
        "shipping_query",
        "pre_checkout_query",
        "purchased_paid_media",
        "poll",
        "poll_answer",
        "my_chat_member",
        "chat_member",
        "chat_join_request",
        "chat_boost",
        "removed_chat_boost",
        "managed_bot",
        "subscription",
        "stopped_message_generation",
    }
)
_ONLY_ON_REQUEST = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
LONGEST_POLL = 50
_OTHER_POLLER = (
    "terminated by other getUpdates request; make sure that only one bot instance is running"
)


class Mailbox:
    """One bot's updates: kept until confirmed.

    Args:
        world: Where everything is.
        bot: Whose updates.
    """

    def __init__(self, world: "World", bot: Bot) -> None:
        self._world = world
        self._bot = bot
        self.pending: dict[int, Json] = {}
        self.queues: dict[int, int] = {}
        self._poller: asyncio.Future[ApiError | None] | None = None
        self._webhook: asyncio.Task[None] | None = None
        self._news = asyncio.Event()
        self.last_error: tuple[int, str] | None = None

    # -- putting --------------------------------------------------------------------------

    def wants(self, kind: str) -> bool:
        """Whether the bot asked for this kind (by default all but three)."""
        allowed = self._bot.allowed_updates
        if not allowed:
            return kind not in _ONLY_ON_REQUEST
        return kind in allowed

    def put(self, kind: str, body: Json, *, queue: int) -> None:
        """Queue an update unless the bot does not want this kind.

        Args:
            kind: Field of ``Update``.
            body: Its value.
            queue: Chat or person; a webhook gets updates of one queue in order.
        """
        if not self.wants(kind):
            return
        number = self._bot.next_update_id
        self._bot.next_update_id += 1
        update = {"update_id": number, kind: body}
        self.pending[number] = update
        self.queues[number] = queue
        self._world.touch("update", f"{self._bot.id}/{number}")
        self._world.touch("bot", self._bot.id)
        self._wake()

    def restore(self, number: int, update: Json, queue: int) -> None:
        """Take up an update of an earlier run."""
        self.pending[number] = update
        self.queues[number] = queue

    def drop_pending(self) -> None:
        """Forget what was not confirmed."""
        self._confirm(list(self.pending))

    def _confirm(self, numbers: list[int]) -> None:
        for number in numbers:
            self.pending.pop(number, None)
            self.queues.pop(number, None)
            self._world.touch("update", f"{self._bot.id}/{number}")

    def _wake(self) -> None:
        self._news.set()
        if self._poller is not None and not self._poller.done():
            self._poller.set_result(None)

    # -- long polling ---------------------------------------------------------------------

    async def poll(self, offset: int, limit: int, timeout: float) -> list[Json]:
        """Serve getUpdates.

        Args:
            offset: Confirms everything below it; negative counts from the newest, 0 confirms
                nothing.
            limit: At most so many, 1..100.
            timeout: Seconds to wait for the first one, 0..50.

        Raises:
            ApiError: 409 when a webhook is set or another poller takes over.
        """
        if self._bot.webhook is not None:
            raise ApiError(
                409,
                "can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )
        self._stop_poller(_OTHER_POLLER)
        if offset < 0:
            self._confirm(list(self.pending)[:offset])
        elif offset > 0:
            self._confirm([number for number in self.pending if number < offset])
        if not self.pending and timeout > 0:
            poller: asyncio.Future[ApiError | None]
            poller = self._poller = asyncio.get_running_loop().create_future()
            try:
                async with asyncio.timeout(min(timeout, LONGEST_POLL)):
                    refusal = await poller
                if refusal is not None:
                    raise refusal
            except TimeoutError:
                return []
            finally:
                if self._poller is poller:
                    self._poller = None
        batch = [update for _, update in zip(range(limit), self.pending.values(), strict=False)]
        return self._troubled(batch)

    def _stop_poller(self, reason: str) -> None:
        poller, self._poller = self._poller, None
        if poller is not None and not poller.done():
            poller.set_result(ApiError(409, reason))

    def _troubled(self, batch: list[Json]) -> list[Json]:
        faults = self._world.faults
        if not faults or not batch:
            return batch
        doubled: list[Json] = []
        for update in batch:
            doubled.append(update)
            if faults.for_updates("duplicate_update", self._bot.id):
                doubled.append(update)
        if faults.for_updates("reorder_updates", self._bot.id):
            doubled.reverse()
        return doubled

    # -- webhook --------------------------------------------------------------------------

    def set_webhook(self, hook: Json) -> bool:
        """Set or change the webhook; False when it was the same already."""
        same = self._bot.webhook == hook
        self._bot.webhook = hook
        self.last_error = None
        self._world.touch("bot", self._bot.id)
        self._stop_poller("terminated by setWebhook request")
        self.start()
        return not same

    async def delete_webhook(self) -> bool:
        """Remove the webhook; False when there was none."""
        had = self._bot.webhook is not None
        self._bot.webhook = None
        self._world.touch("bot", self._bot.id)
        await self.stop()
        return had

    def start(self) -> None:
        """Begin to push, if a webhook is set."""
        if self._bot.webhook is not None and self._webhook is None:
            self._webhook = asyncio.create_task(self._push(), name=f"webhook {self._bot.id}")

    async def stop(self) -> None:
        """End pushing; whoever polls meets what Telegram says while it restarts."""
        if self._poller is not None and not self._poller.done():
            self._poller.set_result(ApiError(502, "Bad Gateway"))
        task, self._webhook = self._webhook, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _push(self) -> None:
        """Give each queue's updates in order, different queues side by side."""
        running: dict[int, asyncio.Task[None]] = {}
        timeout = aiohttp.ClientTimeout(total=60)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            try:
                while True:
                    hook = self._bot.webhook
                    if hook is None:
                        return
                    self._news.clear()
                    for queue, task in list(running.items()):
                        if task.done():
                            del running[queue]
                    taken: set[int] = set()
                    batch = list(self.pending)
                    if self._world.faults.for_updates("reorder_updates", self._bot.id):
                        batch.reverse()
                    for number in batch:
                        queue = self.queues[number]
                        if queue in running or queue in taken:
                            continue
                        if len(running) >= hook["max_connections"]:
                            break
                        taken.add(queue)
                        running[queue] = asyncio.create_task(self._give(session, number))
                    await self._news.wait()
            finally:
                for task in running.values():
                    task.cancel()
                await asyncio.gather(*running.values(), return_exceptions=True)

    async def _give(self, session: aiohttp.ClientSession, number: int) -> None:
        """Post one update until it is taken, with growing pauses."""
        pause = 0.5
        twice = self._world.faults.for_updates("duplicate_update", self._bot.id)
        try:
            while number in self.pending and self._bot.webhook is not None:
                if await self._post(session, number):
                    if not twice:
                        self._confirm([number])
                        return
                    twice = False
                    continue
                await asyncio.sleep(pause)
                pause = min(pause * 2, 30.0)
        finally:
            self._news.set()

    async def _post(self, session: aiohttp.ClientSession, number: int) -> bool:
        hook = self._bot.webhook or {}
        headers = {"Content-Type": "application/json"}
        if hook.get("secret_token"):
            headers["X-Telegram-Bot-Api-Secret-Token"] = hook["secret_token"]
        body = json.dumps(self.pending[number], ensure_ascii=False)
        try:
            async with session.post(hook["url"], data=body.encode(), headers=headers) as answer:
                if 200 <= answer.status < 300:
                    await self._reply(await answer.read())
                    return True
                problem = f"Wrong response from the webhook: {answer.status} {answer.reason}"
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            problem = f"Connection failed: {type(error).__name__}"
        self.last_error = (int(self._world.clock.now()), problem)
        return False

    async def _reply(self, body: bytes) -> None:
        """Do the method that a bot put into its answer to the webhook, if it did."""
        if not body.startswith(b"{"):
            return
        try:
            params: Any = json.loads(body)
        except ValueError:
            return
        if not isinstance(params, dict) or not isinstance(params.get("method"), str):
            return
        perform = self._world.perform
        if perform is None:
            return
        try:
            await perform(self._bot, params.pop("method"), params)
        except ApiError as error:
            logger.info("webhook reply refused: %s", error.code)

    def info(self) -> Json:
        """``WebhookInfo``."""
        hook = self._bot.webhook
        shown: Json = {
            "url": hook["url"] if hook else "",
            "has_custom_certificate": False,
            "pending_update_count": len(self.pending),
        }
        if hook:
            shown["max_connections"] = hook["max_connections"]
            shown["ip_address"] = "127.0.0.1"
        if self.last_error is not None:
            shown["last_error_date"], shown["last_error_message"] = self.last_error
        if self._bot.allowed_updates:
            shown["allowed_updates"] = self._bot.allowed_updates
        return shown


def allowed_updates(given: Any) -> list[str]:
    """Check a list of update kinds; unknown names are dropped as Telegram does.

    Raises:
        ApiError: 400 when it is no list of strings.
    """
    if not isinstance(given, list) or not all(isinstance(item, str) for item in given):
        raise bad_request("can't parse allowed_updates JSON object")
    return [item for item in given if item in UPDATE_TYPES]
