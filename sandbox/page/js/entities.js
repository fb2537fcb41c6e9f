// Draws a message's text with its entities (offsets in UTF-16 units, as JavaScript counts).

import { h, icon } from "./dom.js";
import { t } from "./i18n.js";

const PLAIN = {
  bold: ["strong"],
  italic: ["em"],
  underline: ["u"],
  strikethrough: ["s"],
  custom_emoji: ["span"],
  cashtag: ["span", { class: "hashtag" }],
  hashtag: ["span", { class: "hashtag" }],
};

/**
 * Turns text and entities into nodes.
 *
 * `actions` says what happens on a tap: `command(text)`, `link(url)`, `mention(name)`,
 * `copied(text)`. Entities nest but never cross, so each one is drawn inside the one that holds it.
 */
export function richText(text, entities = [], actions = {}) {
  const sorted = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  let next = 0;
  const build = (from, to) => {
    const nodes = [];
    let at = from;
    while (next < sorted.length && sorted[next].offset < to) {
      const entity = sorted[next];
      next += 1;
      const start = Math.max(entity.offset, at);
      const end = Math.min(entity.offset + entity.length, to);
      if (end <= start) continue;
      if (start > at) nodes.push(document.createTextNode(text.slice(at, start)));
      const inner = build(start, end);
      nodes.push(drawEntity(entity, text.slice(start, end), inner, actions));
      at = end;
    }
    if (at < to) nodes.push(document.createTextNode(text.slice(at, to)));
    return nodes;
  };
  return build(0, text.length);
}

function drawEntity(entity, text, inner, actions) {
  const plain = PLAIN[entity.type];
  if (plain) return h(plain[0], plain[1] ?? {}, inner);
  switch (entity.type) {
    case "spoiler":
      return spoiler(inner);
    case "code":
      return h(
        "button",
        {
          type: "button",
          class: "code",
          title: t("copy"),
          testid: "copy-code",
          onclick: () => actions.copied?.(text),
        },
        inner,
      );
    case "pre":
      return h(
        "span",
        { class: "pre" },
        h(
          "span",
          { class: "pre-head" },
          h("span", {}, entity.language ?? ""),
          h(
            "button",
            {
              type: "button",
              class: "pre-copy",
              "aria-label": t("copy"),
              title: t("copy"),
              onclick: () => actions.copied?.(text),
            },
            icon("copy", 14),
          ),
        ),
        h("code", {}, inner),
      );
    case "blockquote":
      return h("blockquote", {}, inner);
    case "expandable_blockquote":
      return expandable(inner);
    case "bot_command":
      return tap("command", inner, () => actions.command?.(text));
    case "mention":
      return tap("mention", inner, () => actions.mention?.(text));
    case "text_mention":
      return h("span", { class: "mention" }, inner);
    case "text_link":
      return link(entity.url, inner, actions);
    case "url":
      return link(/^[a-z][a-z0-9+.-]*:/i.test(text) ? text : `https://${text}`, inner, actions);
    case "email":
      return link(`mailto:${text}`, inner, actions);
    default:
      return h("span", {}, inner);
  }
}

function tap(kind, inner, onclick) {
  return h("button", { type: "button", class: `text-button ${kind}`, onclick }, inner);
}

/** Only web, mail and Telegram addresses become links; anything else stays text. */
function link(url, inner, actions) {
  if (!/^(https?|mailto|tg):/i.test(url ?? "")) return h("span", {}, inner);
  return h(
    "a",
    {
      href: url,
      rel: "noopener noreferrer nofollow",
      target: "_blank",
      title: url,
      onclick: (event) => {
        event.preventDefault();
        actions.link?.(url);
      },
    },
    inner,
  );
}

function spoiler(inner) {
  const node = h(
    "span",
    { class: "spoiler", role: "button", tabindex: "0", "aria-label": t("spoiler") },
    h("span", { class: "spoiler-text", "aria-hidden": "true" }, inner),
  );
  const reveal = (event) => {
    if (node.classList.contains("open")) return;
    event.preventDefault();
    event.stopPropagation();
    node.classList.add("open");
    node.removeAttribute("role");
    node.removeAttribute("tabindex");
    node.removeAttribute("aria-label");
    node.firstChild.removeAttribute("aria-hidden");
  };
  node.addEventListener("click", reveal, true);
  node.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") reveal(event);
  });
  return node;
}

function expandable(inner) {
  const body = h("span", { class: "quote-body" }, inner);
  const more = h("button", { type: "button", class: "quote-more" }, t("expand"));
  const node = h("blockquote", { class: "folded" }, body, more);
  more.addEventListener("click", () => {
    const folded = node.classList.toggle("folded");
    more.textContent = folded ? t("expand") : t("collapse");
  });
  return node;
}
