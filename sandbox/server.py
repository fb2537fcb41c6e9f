"""The server: Bot API, control API and page on one port."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from aiohttp import web

from sandbox import control
from sandbox.dispatch import MAX_BODY, Dropped, answer, call
from sandbox.files import DOWNLOAD_LIMIT
from sandbox.model import Bot, Json
from sandbox.params import Params
from sandbox.persist import Keeper
from sandbox.world import World

logger = logging.getLogger(__name__)

PAGE = (Path(__file__).parent / "page").resolve()


async def _bot_api(request: web.Request) -> web.StreamResponse:
    try:
        return await answer(
            request.app[control.WORLD],
            request.match_info["token"],
            request.match_info["method"],
            request,
        )
    except Dropped:
        if request.transport is not None:
            request.transport.abort()
        raise ConnectionResetError("dropped on purpose") from None


async def _download(request: web.Request) -> web.StreamResponse:
    """``/file/bot<token>/<file_path>``: only with the token of the bot that asked."""
    world = request.app[control.WORLD]
    if request.match_info["token"] not in world.by_token:
        return web.json_response(
            {"ok": False, "error_code": 401, "description": "Unauthorized"}, status=401
        )
    stem = Path(request.match_info["path"]).stem
    name, _, size = stem.partition("_")
    file = world.stored_files.get(name)
    if file is None or file.size > DOWNLOAD_LIMIT:
        return web.json_response(
            {"ok": False, "error_code": 404, "description": "Not Found"}, status=404
        )
    return web.Response(
        body=await world.files.read(file, size), content_type="application/octet-stream"
    )


async def _index(_request: web.Request) -> web.StreamResponse:
    index = PAGE / "index.html"
    if not await asyncio.to_thread(index.exists):
        return web.Response(text="The sandbox is running; its page is not installed.\n")
    return web.FileResponse(index, headers={"Cache-Control": "no-cache"})


async def _page(request: web.Request) -> web.StreamResponse:
    path = (PAGE / request.match_info["path"]).resolve()
    if not path.is_relative_to(PAGE) or not await asyncio.to_thread(path.is_file):
        raise web.HTTPNotFound
    return web.FileResponse(path, headers={"Cache-Control": "no-cache"})


class Server:
    """A running sandbox.

    Attributes:
        url: Root address, without a slash at the end.
        world: The state, for tests that want to look inside.
    """

    def __init__(self, world: World, keeper: Keeper | None) -> None:
        self.world = world
        self.url = ""
        self._keeper = keeper
        self._keeping: asyncio.Task[None] | None = None
        self._runner: web.AppRunner | None = None
        self._stopping = asyncio.Event()

    async def listen(self, host: str, port: int) -> None:
        """Take the port.

        Raises:
            OSError: The port is taken.
        """
        world = self.world

        async def perform(bot: Bot, method: str, values: Json) -> object:
            return await call(world, bot, method, Params(values))

        world.perform = perform
        app = web.Application(client_max_size=MAX_BODY)
        app[control.WORLD] = world
        app[control.STOPPING] = self._stopping
        app.router.add_route("*", r"/bot{token:[^/]+}/{method}", _bot_api)
        app.router.add_get(r"/file/bot{token:[^/]+}/{path:.+}", _download)
        control.add_routes(app)
        app.router.add_get("/", _index)
        app.router.add_get("/page/{path:.+}", _page)
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=2.0
        )
        await self._runner.setup()
        try:
            site = web.TCPSite(self._runner, host, port)
            await site.start()
        except OSError:
            await self._runner.cleanup()
            raise
        bound = self._runner.addresses[0][1]
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http://{shown}:{bound}"
        for mailbox in world.mailboxes.values():
            mailbox.start()
        if self._keeper is not None:
            self._keeping = asyncio.create_task(self._keeper.run(), name="keeper")

    async def close(self) -> None:
        """Stop listening, write the last changes down."""
        self._stopping.set()
        self.world.events.emit("clock", clock=self.world.clock.as_json())  # wakes followers
        for mailbox in self.world.mailboxes.values():
            await mailbox.stop()
        if self._runner is not None:
            await self._runner.cleanup()
        if self._keeping is not None:
            self._keeping.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeping
        if self._keeper is not None:
            await self._keeper.close()
        self.world.files.close()


async def start(
    port: int = 0,
    tokens: Sequence[str] = ("123456:TEST",),
    state_dir: Path | str | None = None,
    *,
    limits: bool = False,
    host: str = "127.0.0.1",
) -> Server:
    """Start a sandbox.

    Args:
        port: 0 takes a free one.
        tokens: Bot tokens that are valid.
        state_dir: Where state is kept; None keeps nothing.
        limits: Whether flood limits are enforced.
        host: Address to listen on.

    Raises:
        OSError: The port is taken.
        ValueError: A token is not "<number>:<secret>".
    """
    folder = Path(state_dir) if state_dir is not None else None
    world = World(list(tokens), folder, limits=limits)
    keeper = Keeper(world, folder) if folder is not None else None
    if keeper is not None:
        keeper.load()
    server = Server(world, keeper)
    try:
        await server.listen(host, port)
    except OSError:
        await server.close()
        raise
    return server
