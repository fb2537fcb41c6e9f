// The menus of a chat and of a message.

import { act, changeGroup } from "./api.js";
import { previewOf } from "./bubble.js";
import { h, icon } from "./dom.js";
import { t, timeText } from "./i18n.js";
import { nameOf } from "./store.js";

function item(view, sign, words, run, testid, danger = false) {
  return h(
    "button",
    {
      type: "button", role: "menuitem", testid, class: danger ? "danger" : "",
      onclick: async () => {
        view.closePopup();
        try {
          await run();
        } catch (error) {
          view.failed(error);
        }
      },
    },
    icon(sign, 18),
    words,
  );
}

export function chatMenu(view) {
  const entries = [
    item(view, "copy", t("copy_chat"), () => view.phone.copy(transcript(view)), "copy-chat"),
    item(view, "link", t("open_link"), () => askLink(view), "open-link"),
  ];
  if (view.isGroup()) return [...entries, ...groupEntries(view)];
  const { started, blocked } = view.chat();
  return started || blocked ? [...entries, blockEntry(view)] : entries;
}

function blockEntry(view) {
  const { blocked, bot_id: bot } = view.chat();
  const action = blocked ? "unblock" : "block";
  return item(
    view, "block", t(blocked ? "unblock_bot" : "block_bot"),
    () => act(view.viewer(), action, { bot }), action, !blocked,
  );
}

/** What a group's owner can do with the bot: both privacy modes can be seen at work. */
function groupEntries(view) {
  const chat = view.chat();
  const bot = view.store.firstBot();
  if (!bot) return [];
  const member = view.store.memberIn(chat, bot.id);
  const by = view.viewer();
  const change = (action, body) => () => changeGroup(chat.id, action, { by, ...body });
  const hears = member?.status === "administrator" || !bot.privacy;
  const entries = [h("p", { class: "menu-note" }, t(hears ? "privacy_off" : "privacy_on"))];
  if (!member) {
    entries.push(item(view, "person", t("bot_add"), change("add_bot", { bot_id: bot.id }), "bot-add"));
  } else {
    const admin = member.status === "administrator";
    entries.push(
      item(
        view, "flag", t(admin ? "bot_demote" : "bot_promote"),
        change(admin ? "demote" : "promote", { user_id: bot.id }), admin ? "bot-demote" : "bot-promote",
      ),
      item(view, "trash", t("bot_remove"), change("remove_bot", { bot_id: bot.id }), "bot-remove", true),
    );
  }
  if (chat.type === "group") {
    entries.push(item(view, "group", t("group_migrate"), change("migrate", {}), "group-migrate"));
  }
  return entries;
}

async function askLink(view) {
  const field = h("input", { type: "text", placeholder: t("link_hint"), testid: "link-field", required: true });
  if (await view.dialog(t("link_prompt"), [field], t("open"))) view.phone.openLink(field.value.trim());
}

function transcript(view) {
  return view.list.visible()
    .map((m) => `[${timeText(m.date)}] ${nameOf(m.from)}: ${m.text ?? m.caption ?? previewOf(m)}`)
    .join("\n");
}

export function messageMenu(view, message) {
  const mine = message.from?.id === view.viewer();
  const text = message.text ?? message.caption;
  const chat = view.chat();
  const pinned = chat.pinned.includes(message.message_id);
  const rank = view.store.memberIn(chat, view.viewer())?.status;
  const mayPin = !view.isGroup() || rank === "creator" || rank === "administrator";
  const run = (action, payload) => () => act(view.viewer(), action, { chat: chat.key, ...payload });
  const own = [
    item(view, "reply", t("reply"), () => view.composer.setAbout("reply", message), "menu-reply"),
  ];
  if (text) own.push(item(view, "copy", t("copy"), () => view.phone.copy(text), "menu-copy"));
  if (mine && text && !message.via_bot && !message.forward) {
    own.push(item(view, "edit", t("edit"), () => view.composer.setAbout("edit", message), "menu-edit"));
  }
  if (mayPin) {
    own.push(
      item(
        view, "pin", t(pinned ? "unpin" : "pin"),
        run(pinned ? "unpin" : "pin", { message_id: message.message_id }), "menu-pin",
      ),
    );
  }
  own.push(
    item(view, "forward", t("forward"), () => view.phone.chooseChat(t("forward_to"), (target) =>
      act(view.viewer(), "forward", { from_chat: chat.key, message_id: message.message_id, chat: target.key })), "menu-forward"),
  );
  if (mine) {
    own.push(item(view, "trash", t("delete"), run("delete", { message_ids: [message.message_id] }), "menu-delete", true));
  }
  return own;
}
