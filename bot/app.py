"""One place where the parts meet: settings, database, bot, loops."""

import asyncio
import gc
import logging
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import cast

from aiogram import Bot as TelegramBot
from aiogram import Dispatcher
from aiohttp import web
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy.ext.asyncio import AsyncEngine
from telegram.ext import ExtBot

from bot.api import LightSession
from bot.clock import Clock
from bot.database import prepare_database
from bot.delivery import Delivery, open_push_client
from bot.errors import StartError
from bot.nursery import Nursery
from bot.pacer import Limits, Pacer
from bot.page import PageHandler, is_database_away
from bot.pipeline import ALLOWED_UPDATES, Pipeline
from bot.sender import Sender
from bot.settings import Settings
from bot.work import Tools, Worker
from handlers import ROUTERS
from handlers.commands import set_commands
from handlers.context import Bot
from services.campaigns import CampaignStore
from services.planner import PlannerCache, due, plan
from storage import inbox
from storage.database import reading
from storage.vault import WrongKeyError
from storage.workspace import Workspace

logger = logging.getLogger(__name__)

STOP_SECONDS = 8.0
"""What running work gets after SIGTERM; the whole stop stays under ten seconds."""
WEBHOOK_STOP_SECONDS = 1.0
"""What requests being stored get; Telegram gives again what was not confirmed."""
TICK_SECONDS = 1
REPLAY_DAYS = timedelta(days=30)
"""How long the ids of handled updates are kept against replays."""
TIDY_EVERY = timedelta(hours=1)


@cache
def make_dispatcher() -> Dispatcher:
    """Aiogram's dispatcher with our routers; conversation state lives in cards, not in FSM.

    One serves a whole process (a router can have one parent only): it keeps no state itself.
    """
    dispatcher = Dispatcher(disable_fsm=True)
    dispatcher.include_routers(*ROUTERS)
    return dispatcher


@dataclass(slots=True)
class App:
    """The running parts of one bot in one process."""

    settings: Settings
    engine: AsyncEngine
    clock: Clock
    bot: Bot
    session: LightSession
    telegram: TelegramBot
    push_client: ExtBot[int]
    pipeline: Pipeline
    pages: PageHandler
    sender: Sender
    delivery: Delivery
    worker: Worker
    campaigns: CampaignStore
    nursery: Nursery
    loops: Nursery
    stopping: asyncio.Event
    planned: PlannerCache = field(default_factory=PlannerCache)
    tidied_at: datetime | None = None

    def now(self) -> datetime:
        """The present instant."""
        return self.clock.now()


async def build(settings: Settings, *, limits: Limits | None = None) -> App:
    """Connect to the Bot API and the database and wire the parts.

    Args:
        settings: The deployment.
        limits: Telegram's ceilings; by default those of the real service.

    Raises:
        StartError: With one line that says what to do.
    """
    token = settings.bot_token.get_secret_value()
    proxy = None if settings.proxy_url is None else settings.proxy_url.get_secret_value()
    session = LightSession(settings.bot_api_url, token, proxy)
    answer = await session.raw("getMe", {})
    if not answer.ok:
        await session.close()
        if answer.code in (401, 404):
            raise StartError("BOT_TOKEN was refused by the Bot API; copy it again from @BotFather")
        raise StartError(
            f"BOT_API_URL: no usable answer from {settings.bot_api_url} "
            f"({answer.description or answer.code}); check the address and the network"
        )
    bot = Bot(int(answer.result["id"]), str(answer.result["username"]), settings.bot_admins)
    try:
        engine, vault = await prepare_database(settings)
    except StartError:
        await session.close()
        raise
    clock = Clock(settings.clock_url)
    await clock.read_once()
    telegram = TelegramBot(token, session=session)
    pacer = Pacer(limits or Limits())
    nursery = Nursery()
    campaigns = CampaignStore()
    pages = PageHandler(engine, make_dispatcher(), telegram, bot, campaigns)
    sender = Sender(session, pacer, nursery, clock.now)
    push_client = open_push_client(token, settings.bot_api_url, pacer, proxy)
    await push_client.initialize()
    return App(
        settings=settings,
        engine=engine,
        clock=clock,
        bot=bot,
        session=session,
        telegram=telegram,
        push_client=push_client,
        pipeline=Pipeline(engine, vault, session, pages, sender, bot, nursery, clock.now),
        pages=pages,
        sender=sender,
        delivery=Delivery(
            engine, push_client, bot, campaigns, nursery, clock.now, settings.data_dir
        ),
        worker=Worker(Tools(engine, session, token, settings.data_dir, clock.now), bot, nursery),
        campaigns=campaigns,
        nursery=nursery,
        loops=Nursery(),
        stopping=asyncio.Event(),
    )


async def tick(app: App) -> None:
    """Plan what is due now; called by the scheduler, harmless when called twice."""
    now = app.now()
    try:
        # Looking takes no write lock; most seconds find nothing.
        async with reading(app.engine) as connection:
            if not await due(connection, app.campaigns, app.bot.id, now, app.planned):
                return
        async with app.engine.begin() as connection:
            ws = Workspace(connection, now)
            await plan(ws, app.campaigns, app.bot.id, now)
            await ws.flush()
    except Exception as error:
        if not is_database_away(error):
            raise
        logger.error("planning waits for the database: %s", type(error).__name__)


async def tidy(app: App) -> None:
    """Forget the ids of updates that are too old to be replayed; once an hour is plenty."""
    now = app.now()
    if app.tidied_at is not None and timedelta() <= now - app.tidied_at < TIDY_EVERY:
        return
    try:
        async with app.engine.begin() as connection:
            await inbox.forget(connection, now - REPLAY_DAYS)
    except Exception as error:
        if not is_database_away(error):
            raise
        logger.error("tidying waits for the database: %s", type(error).__name__)
    else:
        app.tidied_at = now


async def start_tick(app: App) -> None:
    """Let a tick run among the loops, which a stop waits for; never two at once."""
    if not any(task.get_name() == "tick" for task in app.loops.tasks):
        app.loops.start(beat(app), "tick")


async def beat(app: App) -> None:
    """What the scheduler does each second."""
    await tick(app)
    await tidy(app)


async def receive(app: App) -> web.AppRunner | None:
    """Start receiving: by webhook when one is configured, else by long polling.

    Raises:
        StartError: The port is taken, or Telegram refused the webhook.
    """
    settings = app.settings
    if settings.webhook_url is None or settings.webhook_secret is None:
        await app.session.raw("deleteWebhook", {"drop_pending_updates": False})
        app.loops.start(app.pipeline.poll(app.stopping), "poll")
        return None
    secret = settings.webhook_secret.get_secret_value()
    runner = web.AppRunner(
        app.pipeline.webhook(secret), access_log=None, shutdown_timeout=WEBHOOK_STOP_SECONDS
    )
    await runner.setup()
    host, _, port = settings.webhook_listen.rpartition(":")
    try:
        await web.TCPSite(runner, host or "127.0.0.1", int(port)).start()
    except OSError as error:
        await runner.cleanup()
        raise StartError(
            f"WEBHOOK_LISTEN: {settings.webhook_listen} cannot be used "
            f"({os.strerror(error.errno or 0)}); "
            "choose another port or stop the program that uses it"
        ) from error
    answer = await app.session.raw(
        "setWebhook",
        {
            "url": settings.webhook_url,
            "secret_token": secret,
            "allowed_updates": list(ALLOWED_UPDATES),
            "max_connections": 40,
        },
    )
    if not answer.ok:
        await runner.cleanup()
        raise StartError(f"WEBHOOK_URL was refused by the Bot API: {answer.description}")
    return runner


@asynccontextmanager
async def running(app: App) -> AsyncIterator[App]:
    """Run all parts until the block is left; then stop gracefully, within ten seconds."""
    try:
        await app.pipeline.load()
    except WrongKeyError as error:
        raise StartError(
            "SECRET_KEY does not open the stored updates; set the right key, then start again"
        ) from error
    await app.delivery.recover()
    scheduler = AsyncIOScheduler(timezone="UTC")
    scheduler.add_job(
        start_tick,
        "interval",
        args=(app,),
        seconds=TICK_SECONDS,
        max_instances=1,
        coalesce=True,
        misfire_grace_time=None,
    )
    runner = await receive(app)
    loops = app.loops
    loops.start(app.clock.follow(app.stopping), "clock")
    loops.start(app.pipeline.work(app.stopping), "handle")
    loops.start(app.delivery.work(app.stopping), "deliver")
    loops.start(app.worker.work(app.stopping), "jobs")
    loops.start(set_commands(app.session, app.bot), "commands")
    scheduler.start()
    gc.collect()
    gc.freeze()
    try:
        yield app
    finally:
        app.stopping.set()
        scheduler.shutdown(wait=False)
        if runner is not None:
            await runner.cleanup()
        await loops.drain(STOP_SECONDS / 2)
        await app.nursery.drain(STOP_SECONDS / 2)
        await app.pipeline.flush()


async def close(app: App) -> None:
    """Close connections."""
    await app.push_client.shutdown()
    await app.session.close()
    await app.engine.dispose()


async def run(settings: Settings) -> None:
    """Run the whole bot until SIGTERM or SIGINT.

    Raises:
        StartError: With one line that says what to do.
    """
    app = await build(settings)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, app.stopping.set)
    try:
        async with running(app):
            logger.info("@%s is running", app.bot.username)
            watch = loops_end(app)
            stop = asyncio.ensure_future(app.stopping.wait())
            watch.add_done_callback(lambda _: app.stopping.set())
            await stop
            failed = watch.done()
        if failed:
            raise StartError("a main loop ended unexpectedly; see the log above")
    finally:
        await close(app)


def loops_end(app: App) -> "asyncio.Future[None]":
    """Done when one of the main loops has ended, which none should before the stop."""
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def ended(task: asyncio.Task[object]) -> None:
        if task.get_name() in MAIN_LOOPS and not future.done():
            future.set_result(None)

    for task in app.loops.tasks:
        cast("asyncio.Task[object]", task).add_done_callback(ended)
    return future


MAIN_LOOPS = ("poll", "handle", "deliver", "jobs")
