"""The bot itself: who it is, how it gets updates, its commands and names."""

import re
from urllib.parse import urlsplit

from sandbox import render
from sandbox.access import find_chat
from sandbox.errors import bad_request
from sandbox.methods.base import Described, Method
from sandbox.model import Bot, Json
from sandbox.params import Params
from sandbox.updates import LONGEST_POLL, allowed_updates
from sandbox.world import World

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_SCOPES = frozenset(
    {
        "default",
        "all_private_chats",
        "all_group_chats",
        "all_chat_administrators",
        "chat",
        "chat_administrators",
        "chat_member",
    }
)


async def get_me(_world: World, bot: Bot, _params: Params) -> Json:
    """``User`` of the bot with what only it is told."""
    return {
        **bot.short(),
        "first_name": bot.names.get("") or bot.first_name,
        "can_join_groups": True,
        "can_read_all_group_messages": not bot.privacy,
        "supports_inline_queries": bot.inline,
        "can_connect_to_business": False,
        "has_main_web_app": False,
        "has_topics_enabled": False,
        "allows_users_to_create_topics": False,
        "can_manage_bots": False,
    }


async def get_updates(world: World, bot: Bot, params: Params) -> list[Json]:
    """Give pending updates, waiting up to ``timeout`` seconds for the first."""
    given = params.structure("allowed_updates", "allowed_updates")
    if given is not None and (wanted := allowed_updates(given)) != bot.allowed_updates:
        bot.allowed_updates = wanted
        world.touch("bot", bot.id)
    limit = params.integer("limit") or 100
    timeout = min(max(params.number("timeout") or 0.0, 0.0), LONGEST_POLL)
    offset = params.integer("offset") or 0
    return await world.mailboxes[bot.id].poll(offset, min(max(limit, 1), 100), timeout)


async def set_webhook(world: World, bot: Bot, params: Params) -> Described:
    """Push updates to an address; an empty one removes the webhook."""
    url = params.text("url").strip()
    if not url:
        return await delete_webhook(world, bot, params)
    parts = urlsplit(url)
    local = parts.hostname in ("127.0.0.1", "::1", "localhost")
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    secret = params.text("secret_token")
    if secret and not _SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    given = params.structure("allowed_updates", "allowed_updates")
    if given is not None:
        bot.allowed_updates = allowed_updates(given)
    mailbox = world.mailboxes[bot.id]
    if params.flag("drop_pending_updates"):
        mailbox.drop_pending()
    hook: Json = {
        "url": url,
        "secret_token": secret,
        "max_connections": min(max(params.integer("max_connections") or 40, 1), 100),
    }
    changed = mailbox.set_webhook(hook)
    return Described(True, "Webhook was set" if changed else "Webhook is already set")


async def delete_webhook(world: World, bot: Bot, params: Params) -> Described:
    """Stop pushing."""
    mailbox = world.mailboxes[bot.id]
    if params.flag("drop_pending_updates"):
        mailbox.drop_pending()
    had = await mailbox.delete_webhook()
    return Described(True, "Webhook was deleted" if had else "Webhook is already deleted")


async def get_webhook_info(world: World, bot: Bot, _params: Params) -> Json:
    """``WebhookInfo``."""
    return world.mailboxes[bot.id].info()


async def log_out(_world: World, _bot: Bot, _params: Params) -> bool:
    """Leave the cloud server; this one has nothing to leave."""
    return True


def _scope_key(params: Params) -> str:
    scope = params.structure("scope", "BotCommandScope") or {"type": "default"}
    if not isinstance(scope, dict) or scope.get("type") not in _SCOPES:
        raise bad_request("can't parse BotCommandScope: Unsupported type specified")
    parts = [str(scope[name]) for name in ("chat_id", "user_id") if scope.get(name) is not None]
    if scope["type"].startswith("chat") and not parts:
        raise bad_request("chat_id is empty")
    return f"{':'.join([scope['type'], *parts])}|{_language(params)}"


def _language(params: Params) -> str:
    code = params.text("language_code")
    if code and not re.fullmatch(r"[a-z]{2}", code):
        raise bad_request("invalid language_code specified")
    return code


def _changed(world: World, bot: Bot) -> None:
    world.touch("bot", bot.id)
    world.events.emit("bot", bot=render.bot_view(bot))


async def set_my_commands(world: World, bot: Bot, params: Params) -> bool:
    """Set the command list of a scope and language."""
    given = params.structure("commands", "commands")
    if not isinstance(given, list):
        raise bad_request("can't parse commands: expected an Array of BotCommand")
    if len(given) > 100:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    commands: list[Json] = []
    for item in given:
        if not isinstance(item, dict):
            raise bad_request("can't parse BotCommand: expected an Object")
        name = str(item.get("command", "")).removeprefix("/")
        description = str(item.get("description", "")).strip()
        if not _COMMAND.fullmatch(name):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(description) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
        commands.append({"command": name, "description": description})
    bot.commands[_scope_key(params)] = commands
    _changed(world, bot)
    return True


async def get_my_commands(_world: World, bot: Bot, params: Params) -> list[Json]:
    """The command list of exactly this scope and language."""
    return bot.commands.get(_scope_key(params), [])


async def delete_my_commands(world: World, bot: Bot, params: Params) -> bool:
    """Remove a command list."""
    bot.commands.pop(_scope_key(params), None)
    _changed(world, bot)
    return True


def _text_setter(attribute: str, field: str, longest: int) -> Method:
    async def set_text(world: World, bot: Bot, params: Params) -> bool:
        value = params.text(field)
        if len(value) > longest:
            raise bad_request(f"{field.upper()}_TOO_LONG")
        held: dict[str, str] = getattr(bot, attribute)
        if value:
            held[_language(params)] = value
        else:
            held.pop(_language(params), None)
        _changed(world, bot)
        return True

    set_text.__doc__ = f"Set the bot's {field} for a language."
    return set_text


def _text_getter(attribute: str, field: str) -> Method:
    async def get_text(_world: World, bot: Bot, params: Params) -> Json:
        held: dict[str, str] = getattr(bot, attribute)
        default = bot.first_name if field == "name" else ""
        return {field: held.get(_language(params)) or held.get("") or default}

    get_text.__doc__ = f"The bot's {field} for a language."
    return get_text


async def set_chat_menu_button(world: World, bot: Bot, params: Params) -> bool:
    """Set what the button beside the input line does, for one person or all."""
    given = params.structure("menu_button", "MenuButton") or {"type": "default"}
    if not isinstance(given, dict) or given.get("type") not in ("default", "commands", "web_app"):
        raise bad_request("can't parse menu button: Unsupported type specified")
    button: Json = {name: given[name] for name in ("type", "text", "web_app") if name in given}
    if params.integer("chat_id") is None:
        bot.menu_button = {"type": "commands"} if button["type"] == "default" else button
        _changed(world, bot)
        return True
    chat = find_chat(world, bot, params)
    if chat.is_group:
        raise bad_request("chat not found")
    chat.menu_button = None if button["type"] == "default" else button
    world.touch_chat(chat)
    return True


async def get_chat_menu_button(world: World, bot: Bot, params: Params) -> Json:
    """The menu button of one person, or of all."""
    if params.integer("chat_id") is None:
        return bot.menu_button
    return find_chat(world, bot, params).menu_button or bot.menu_button


METHODS: dict[str, Method] = {
    "getMe": get_me,
    "getUpdates": get_updates,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
    "logOut": log_out,
    "close": log_out,
    "setMyCommands": set_my_commands,
    "getMyCommands": get_my_commands,
    "deleteMyCommands": delete_my_commands,
    "setMyName": _text_setter("names", "name", 64),
    "getMyName": _text_getter("names", "name"),
    "setMyDescription": _text_setter("descriptions", "description", 512),
    "getMyDescription": _text_getter("descriptions", "description"),
    "setMyShortDescription": _text_setter("short_descriptions", "short_description", 120),
    "getMyShortDescription": _text_getter("short_descriptions", "short_description"),
    "setChatMenuButton": set_chat_menu_button,
    "getChatMenuButton": get_chat_menu_button,
}
