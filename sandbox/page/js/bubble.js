// One message as a bubble with its name, reply, text, media, time and buttons.

import { h, icon } from "./dom.js";
import { richText } from "./entities.js";
import { t, timeText } from "./i18n.js";
import { drawAlbum, drawContact, drawMedia, drawPlace } from "./media.js";
import { nameOf } from "./store.js";

const LONG_TEXT = 2500; // beyond this many characters a bubble is folded until asked

/**
 * Draws a message, or several that were sent together as one album.
 *
 * `view` tells who looks on: `viewer` (user id), `isGroup`, `first` and `last` in a row of messages
 * by one sender, `unfolded` and the `actions` on taps.
 */
export function drawBubble(messages, view) {
  const message = messages[0];
  const mine = message.from?.id === view.viewer;
  const bare = isBare(messages);
  const inner = [];
  const author = authorLine(message, mine, view);
  if (author && !bare) inner.push(author);
  if (message.forward) {
    inner.push(h("div", { class: "forwarded" }, t("forwarded", { name: nameOf(message.forward.from) })));
  }
  if (message.reply_to) inner.push(replyLine(message, view));
  const media = mediaPart(messages, view);
  const captioned = messages.find((m) => m.caption) ?? message;
  const text = textPart(captioned, view);
  if (media && !captioned.show_caption_above_media) inner.push(media);
  if (text) inner.push(text);
  if (media && captioned.show_caption_above_media) inner.push(media);
  const meta = metaPart(messages.at(-1), mine, captioned);
  if (text) text.append(meta);
  else inner.push(meta);
  if (!media && !text) inner.unshift(h("div", { class: "text muted" }, t("unsupported")));

  const keyboard = message.inline_keyboard?.length
    ? view.actions.keyboard(message)
    : null;
  const body = h("div", { class: "bubble-body" }, inner);
  return h(
    "div",
    {
      class: [
        "row", mine ? "mine" : "theirs", view.first ? "first" : "", view.last ? "last" : "",
        keyboard ? "with-keys" : "", bare ? "bare" : "", !text && media && !bare ? "only-media" : "",
        media ? "has-media" : "",
      ].filter(Boolean).join(" "),
      role: "article",
      "aria-label": `${mine ? t("you") : nameOf(message.from)} ${timeText(message.date)}`,
      tabindex: "-1",
      dataset: { message: String(message.message_id), testid: "message" },
    },
    h("div", { class: "bubble" }, body, reactions(message)),
    keyboard,
  );
}

const isBare = (messages) => messages.length === 1 && messages[0].media?.kind === "sticker";

function authorLine(message, mine, view) {
  const parts = [];
  if (view.isGroup && !mine && view.first && message.from) {
    parts.push(
      h(
        "span",
        { class: "author", dataset: { colour: String(Math.abs(message.from.id) % 7) } },
        nameOf(message.from),
      ),
    );
    const rank = view.rank(message.from.id);
    if (rank) parts.push(h("span", { class: "rank" }, rank));
  }
  if (message.via_bot) {
    parts.push(h("span", { class: "via" }, t("via", { name: message.via_bot.username ?? nameOf(message.via_bot) })));
  }
  return parts.length ? h("div", { class: "author-line" }, parts) : null;
}

function replyLine(message, view) {
  const { reply_to: origin } = message;
  return h(
    "button",
    { type: "button", class: "reply-line", onclick: () => view.actions.jump(origin.message_id) },
    h("span", { class: "reply-name" }, nameOf(origin.from)),
    h("span", { class: "reply-text" }, origin.text || t("photo")),
  );
}

function mediaPart(messages, view) {
  const [message] = messages;
  const open = (m) => view.actions.photo(m);
  if (messages.length > 1) return drawAlbum(messages, open);
  if (message.media) return h("div", { class: `media ${message.media.kind}-media` }, drawMedia(message, open));
  if (message.location) return drawPlace(message);
  if (message.contact) return drawContact(message.contact);
  return null;
}

function textPart(message, view) {
  const text = message.text ?? message.caption;
  if (!text) return null;
  const entities = message.entities ?? message.caption_entities ?? [];
  const node = h("div", { class: "text", testid: "message-text" });
  const folded = text.length > LONG_TEXT && !view.unfolded;
  const words = h("span", { class: folded ? "words folded" : "words" }, richText(text, entities, view.actions));
  node.append(words);
  if (folded) {
    node.append(
      h(
        "button",
        { type: "button", class: "text-button show-all", onclick: () => view.actions.unfold(message.message_id) },
        t("show_all"),
      ),
    );
  }
  return node;
}

function metaPart(message, mine, captioned) {
  const seen = message.edit_date ?? captioned.edit_date;
  return h(
    "span",
    { class: "meta" },
    seen ? h("span", { class: "edited", testid: "edited" }, t("edited")) : null,
    h("time", { datetime: new Date(message.date * 1000).toISOString() }, timeText(message.date)),
    mine ? icon("ticks", 15) : null,
  );
}

function reactions(message) {
  if (!message.reactions?.length) return null;
  const counts = new Map();
  for (const { emoji } of message.reactions) counts.set(emoji, (counts.get(emoji) ?? 0) + 1);
  return h(
    "div",
    { class: "reactions" },
    [...counts].map(([emoji, n]) => h("span", { class: "reaction" }, n > 1 ? `${emoji} ${n}` : emoji)),
  );
}

/** The line in the middle that tells what happened to the chat. */
export function drawService(message, jump) {
  const { service } = message;
  const name = nameOf(message.from);
  const words = serviceText(service, name, message.from);
  const content = service.kind === "pinned_message"
    ? h("button", { type: "button", onclick: () => jump(service.message_id) }, words)
    : h("span", {}, words);
  return h(
    "div",
    { class: "service", role: "note", dataset: { message: String(message.message_id), testid: "service" } },
    content,
  );
}

export function serviceText(service, name, from) {
  switch (service.kind) {
    case "new_chat_members": {
      const who = service.users.map(nameOf).join("、");
      const alone = service.users.length === 1 && service.users[0].id === from?.id;
      return alone ? t("service_joined", { name }) : t("service_added", { name, who });
    }
    case "left_chat_member":
      return service.user.id === from?.id
        ? t("service_left", { name })
        : t("service_removed", { name, who: nameOf(service.user) });
    case "group_chat_created":
    case "supergroup_chat_created":
      return t("service_created", { name, text: service.title ?? "" }).replace("“”", "");
    case "new_chat_title":
      return t("service_title", { name, text: service.title });
    case "pinned_message":
      return service.text
        ? t("service_pinned", { name, text: cut(service.text, 30) })
        : t("service_pinned_media", { name });
    case "migrate_to":
    case "migrate_from":
      return t("service_migrated");
    case "forum_topic_created":
      return t("service_topic", { name, text: service.name ?? "" });
    default:
      return t("service_topic_edited", { name });
  }
}

export const cut = (text, most) => (text.length > most ? `${text.slice(0, most)}…` : text);

/** One line that stands for a message: in the chat list, in the pinned bar, beside a reply. */
export function previewOf(message) {
  if (!message) return t("chat_empty");
  if (message.service) return serviceText(message.service, nameOf(message.from), message.from);
  const text = (message.text ?? message.caption ?? "").replace(/\s+/g, " ").trim();
  if (text) return cut(text, 120);
  if (message.media) {
    const { kind, name } = message.media;
    return kind === "document" ? (name ?? t("file")) : t(kind in NAMES ? NAMES[kind] : "file");
  }
  if (message.location) return t("location");
  if (message.contact) return t("contact");
  return t("message");
}

const NAMES = {
  photo: "photo", video: "video", voice: "voice", audio: "audio", sticker: "sticker",
  animation: "video", video_note: "video",
};
