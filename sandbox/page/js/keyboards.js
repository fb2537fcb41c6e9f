// Buttons below a message and the reply keyboard below the typing line.

import { act } from "./api.js";
import { h, icon } from "./dom.js";
import { t } from "./i18n.js";

const LONGEST_WAIT_MS = 15000; // Telegram's own apps stop waiting for an answer about then

const MARKS = { url: "link", switch_inline_query: "forward", copy_text: "copy", web_app: "link", login_url: "link" };

/** Draws a message's inline keyboard; `press(message, button, row, col, node)` does the rest. */
export function drawInlineKeyboard(message, press) {
  return h(
    "div",
    { class: "inline-keyboard", role: "group", testid: "inline-keyboard" },
    message.inline_keyboard.map((buttons, row) =>
      h(
        "div",
        { class: "key-row" },
        buttons.map((button, col) => {
          const mark = Object.keys(MARKS).find((kind) => kind in button);
          const node = h(
            "button",
            {
              type: "button",
              class: "key",
              title: button.text,
              testid: "inline-button",
              dataset: button.style ? { style: button.style } : {},
              onclick: () => press(message, button, row, col, node),
            },
            h("span", { class: "key-text" }, button.text),
            mark ? icon(MARKS[mark], 11) : null,
            h("span", { class: "spinner", "aria-hidden": "true" }),
          );
          return node;
        }),
      )
    ),
  );
}

/**
 * Presses inline buttons for one phone: sends the tap and turns the wheel until the bot answers.
 *
 * `host` gives `store`, `viewer()`, `toast(text)`, `openLink(url)`, `inline(chat, query)`,
 * `chooseChat(query)` and `copy(text)`.
 */
export class Presser {
  constructor(host) {
    this.host = host;
    this.waiting = new Map(); // callback query id -> button node
    this.stop = host.store.on("callback_answer", (event) => this.done(event.callback_query_id));
  }

  async press(message, button, row, col, node) {
    if (node.classList.contains("busy")) return;
    if (!("callback_data" in button)) {
      this.local(message, button);
      return;
    }
    node.classList.add("busy");
    node.setAttribute("aria-busy", "true");
    try {
      const answer = await act(this.host.viewer(), "tap", {
        chat: message.chat, message_id: message.message_id, row, col,
      });
      const id = answer.callback_query_id;
      if (!id || this.host.store.answered.has(id)) {
        this.calm(node);
        return;
      }
      this.waiting.set(id, node);
      setTimeout(() => this.done(id), LONGEST_WAIT_MS);
    } catch (error) {
      this.calm(node);
      this.host.failed(error);
    }
  }

  /** Buttons that ask the bot nothing. */
  local(message, button) {
    const { host } = this;
    if ("url" in button) host.openLink(button.url);
    else if ("copy_text" in button) host.copy(button.copy_text.text);
    else if ("switch_inline_query_current_chat" in button) {
      host.inline(message, button.switch_inline_query_current_chat);
    } else if ("switch_inline_query" in button) host.chooseChat(message, button.switch_inline_query);
    else if ("switch_inline_query_chosen_chat" in button) {
      host.chooseChat(message, button.switch_inline_query_chosen_chat?.query ?? "");
    } else if ("web_app" in button || "login_url" in button) {
      host.openLink((button.web_app ?? button.login_url).url);
    }
  }

  done(id) {
    const node = this.waiting.get(id);
    if (!node) return;
    this.waiting.delete(id);
    this.calm(node);
  }

  calm(node) {
    node.classList.remove("busy");
    node.removeAttribute("aria-busy");
  }
}

/** The keyboard that takes the place of the phone's own; `press(button)` sends its text. */
export function drawReplyKeyboard(keyboard, press) {
  return h(
    "div",
    {
      class: `reply-keyboard ${keyboard.resize ? "" : "tall"}`,
      role: "group",
      "aria-label": t("keyboard_show"),
      testid: "reply-keyboard",
    },
    keyboard.rows.map((buttons) =>
      h(
        "div",
        { class: "key-row" },
        buttons.map((button) =>
          h(
            "button",
            { type: "button", class: "reply-key", testid: "reply-button", onclick: () => press(button) },
            button.request_location ? icon("place", 15) : null,
            button.request_contact ? icon("person", 15) : null,
            h("span", {}, button.text),
          )
        ),
      )
    ),
  );
}
