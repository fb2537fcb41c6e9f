// The typing line: draft, reply or edit above it, commands, inline results, reply keyboard.

import { act } from "./api.js";
import { attachMenu } from "./attach.js";
import { cut, previewOf } from "./bubble.js";
import { h, icon, iconButton, later, replace } from "./dom.js";
import { t } from "./i18n.js";
import { InlinePanel, inlineQueryIn } from "./inline.js";
import { drawReplyKeyboard } from "./keyboards.js";
import { recall, remember } from "./memory.js";
import { nameOf } from "./store.js";

const LONGEST_TEXT = 4096; // UTF-16 units in one message (Bot API, sendMessage)
const TALLEST = 132; // pixels the typing line grows to

export class Composer {
  /** `context`: see ChatView, which owns this. */
  constructor(context) {
    this.context = context;
    this.about = null; // {kind: "reply" | "edit", message}
    this.keyboardOpen = true;
    this.field = h("textarea", {
      rows: "1", enterkeyhint: "send", autocomplete: "off", autocapitalize: "sentences",
      spellcheck: "false", testid: "composer",
      oninput: () => this.typed(),
      onkeydown: (event) => this.key(event),
      onpaste: (event) => this.pasted(event),
    });
    this.panel = h("div", { class: "panel", hidden: true });
    this.aboutBar = h("div", { class: "about-bar", hidden: true });
    this.commandsButton = iconButton("menu", t("commands"), () => this.toggleCommands(), {
      testid: "commands-button", class: "commands-button", "aria-expanded": "false",
    });
    this.keysButton = iconButton("keys", t("keyboard_hide"), () => this.toggleKeyboard(), {
      testid: "keyboard-toggle", class: "in-field",
    });
    this.attachButton = iconButton("clip", t("attach"), () => this.openAttach(), {
      testid: "attach", "aria-haspopup": "menu",
    });
    this.sendButton = iconButton("send", t("send"), () => this.send(), {
      testid: "send", class: "send-button",
    });
    this.line = h(
      "form",
      { class: "composer", onsubmit: (event) => { event.preventDefault(); this.send(); } },
      h("div", { class: "speaker-slot" }),
      this.commandsButton,
      h("div", { class: "field" }, this.field, this.keysButton),
      this.attachButton,
      this.sendButton,
    );
    this.startBar = h("div", { class: "start-bar", hidden: true });
    this.replyKeys = h("div", { class: "reply-slot", hidden: true });
    this.node = h(
      "div",
      { class: "composer-area" },
      this.panel, this.aboutBar, this.line, this.startBar, this.replyKeys,
    );
    this.inline = new InlinePanel(this);
    this.saveDraft = later(() => this.keepDraft(), 150);
  }

  get speakerSlot() {
    return this.line.querySelector(".speaker-slot");
  }

  /** Draws everything that depends on the chat's state. */
  render() {
    const { chat, viewer } = this.context;
    const now = chat();
    const keyboard = now.keyboards?.[viewer()];
    const locked = now.type === "private" && (now.blocked || !now.started || this.context.payload());
    this.line.hidden = Boolean(locked);
    this.startBar.hidden = !locked;
    if (locked) this.drawStart(now);
    this.commandsButton.hidden = !this.context.bot() || !this.commands().length;
    this.field.placeholder = keyboard?.placeholder || t("message");
    this.field.setAttribute("aria-label", t("message_to", { name: now.title }));
    if (keyboard?.kind === "force_reply" && this.forced !== keyboard.message_id) {
      this.forced = keyboard.message_id;
      const message = now.messages.find((m) => m.message_id === keyboard.message_id);
      if (message && message.from?.id !== viewer()) this.setAbout("reply", message);
    }
    this.drawKeyboard(locked ? null : keyboard);
    this.drawAbout();
    this.showSend();
    this.grow();
  }

  relabel() {
    for (const [button, key] of [
      [this.commandsButton, "commands"], [this.attachButton, "attach"], [this.sendButton, "send"],
    ]) {
      button.setAttribute("aria-label", t(key));
      button.title = t(key);
    }
    this.closePanel();
    this.render();
  }

  drawStart(chat) {
    const payload = this.context.payload();
    const words = chat.blocked ? t("restart_bot") : t("start_button");
    replace(
      this.startBar,
      chat.blocked ? h("p", {}, t("blocked_note")) : null,
      h(
        "button",
        {
          type: "button", class: "start-button", testid: "start-button",
          onclick: () => this.context.begin(payload),
        },
        words,
      ),
      payload && chat.started
        ? h("button", { type: "button", class: "plain", onclick: () => this.context.setPayload(null) }, t("cancel"))
        : null,
    );
  }

  drawKeyboard(keyboard) {
    const usable = keyboard?.kind === "keyboard" ? keyboard : null;
    if (usable && this.keyboardOf !== usable.message_id) {
      this.keyboardOf = usable.message_id;
      this.keyboardOpen = true;
    }
    const shown = usable && (this.keyboardOpen || usable.persistent);
    this.keysButton.hidden = !usable || usable.persistent;
    const label = t(shown ? "keyboard_hide" : "keyboard_show");
    this.keysButton.setAttribute("aria-label", label);
    this.keysButton.title = label;
    this.keysButton.setAttribute("aria-pressed", String(Boolean(shown)));
    this.replyKeys.hidden = !shown;
    this.replyKeys.replaceChildren();
    if (shown) this.replyKeys.append(drawReplyKeyboard(usable, (button) => this.pressKey(usable, button)));
  }

  async pressKey(keyboard, button) {
    const asks = button.request_location ? "share_place" : button.request_contact ? "share_phone" : null;
    if (asks && !(await this.context.confirm(t(asks), t("share")))) return;
    if (keyboard.one_time) {
      this.keyboardOpen = false;
      this.render();
    }
    this.context.run("press", { text: button.text });
  }

  toggleKeyboard() {
    this.keyboardOpen = !this.keyboardOpen;
    this.render();
  }

  // Typing

  typed() {
    this.grow();
    this.showSend();
    this.saveDraft();
    const text = this.field.value;
    const query = inlineQueryIn(text, this.context.store);
    if (query) this.inline.ask(query);
    else if (/^\/\w*$/.test(text) && this.context.bot()) this.showCommands(text.slice(1));
    else this.closePanel();
  }

  grow() {
    this.field.style.height = "auto";
    if (this.field.value === "") return; // a long placeholder does not make the line taller
    this.field.style.height = `${Math.min(this.field.scrollHeight, TALLEST)}px`;
  }

  showSend() {
    const ready = this.field.value.trim() !== "";
    this.sendButton.classList.toggle("ready", ready);
    this.sendButton.disabled = !ready;
  }

  key(event) {
    if (event.isComposing || event.keyCode === 229) return; // an input method is choosing characters
    if (!this.panel.hidden && this.panelKey(event)) return;
    if (event.key === "Escape" && this.about) {
      this.setAbout(null);
    } else if (event.key === "Enter" && !event.shiftKey && !matchMedia("(pointer: coarse)").matches) {
      event.preventDefault();
      this.send();
    } else if (event.key === "ArrowUp" && this.field.value === "") {
      const { chat, viewer } = this.context;
      const last = chat().messages.findLast((m) => m.from?.id === viewer() && m.text && !m.via_bot);
      if (last) {
        event.preventDefault();
        this.setAbout("edit", last);
      }
    }
  }

  /** Arrow keys choose in the open list, Enter or Tab takes, Escape closes. */
  panelKey(event) {
    const options = [...this.panel.querySelectorAll("[role=option]")];
    const at = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
    if (event.key === "Escape") {
      this.closePanel();
      return true;
    }
    if (!options.length) return false;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const next = (at + (event.key === "ArrowDown" ? 1 : -1) + options.length) % options.length;
      options.forEach((option, i) => option.setAttribute("aria-selected", String(i === next)));
      options[next].scrollIntoView({ block: "nearest" });
      this.field.setAttribute("aria-activedescendant", options[next].id);
      return true;
    }
    if ((event.key === "Enter" || event.key === "Tab") && at >= 0 && !event.shiftKey) {
      event.preventDefault();
      options[at].click();
      return true;
    }
    return false;
  }

  pasted(event) {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    this.context.sendFiles(files);
  }

  setText(text, focus = true) {
    this.field.value = text;
    this.typed();
    if (!focus) return;
    this.field.focus();
    this.field.setSelectionRange(text.length, text.length);
  }

  // Sending

  async send() {
    const text = this.field.value.trim();
    if (!text) return;
    const { about } = this;
    this.field.value = "";
    this.setAbout(null);
    this.closePanel();
    this.typed();
    this.keepDraft();
    if (about?.kind === "edit") {
      await this.context.run("edit", { message_id: about.message.message_id, text });
      return;
    }
    const parts = split(text);
    if (parts.length > 1) this.context.toast(t("too_long", { n: parts.length }));
    for (const [i, part] of parts.entries()) {
      const payload = { text: part };
      if (about && i === 0) payload.reply_to = about.message.message_id;
      const sent = await this.context.run("send", payload, { pending: part });
      if (!sent && this.field.value === "") {
        this.setText(parts.slice(i).join("\n"), false); // what was not sent comes back
        return;
      }
    }
  }

  // Reply and edit

  setAbout(kind, message = null) {
    const left = this.about?.kind === "edit" && kind !== "edit";
    this.about = kind ? { kind, message } : null;
    if (left) this.setText("", false);
    if (kind === "edit") this.setText(message.text ?? message.caption ?? "");
    this.drawAbout();
    if (kind) this.field.focus({ preventScroll: true });
  }

  drawAbout() {
    this.aboutBar.hidden = !this.about;
    if (!this.about) return;
    const { kind, message } = this.about;
    replace(
      this.aboutBar,
      icon(kind, 18),
      h(
        "span",
        { class: "about-words" },
        h("strong", {}, kind === "edit" ? t("editing") : t("replying", { name: nameOf(message.from) })),
        h("span", {}, cut(previewOf(message), 80)),
      ),
      iconButton("close", t("cancel"), () => this.setAbout(null), { size: 18 }),
    );
  }

  // Lists above the typing line

  /** The narrowest scope that has commands, in the person's language or in any. */
  commands() {
    const scopes = this.context.bot()?.commands_by_scope ?? {};
    const language = (this.context.person()?.language_code ?? "").split("-")[0];
    const chat = this.context.chat();
    const scope = chat.type === "private" ? `chat:${chat.user_id}` : `chat:${chat.id}`;
    const kind = chat.type === "private" ? "all_private_chats" : "all_group_chats";
    for (const name of [scope, kind, "default"]) {
      const found = scopes[name]?.[language] ?? scopes[name]?.[""];
      if (found) return found;
    }
    return [];
  }

  toggleCommands() {
    if (!this.panel.hidden && this.panel.dataset.kind === "commands") this.closePanel();
    else this.showCommands("");
  }

  showCommands(start) {
    const found = this.commands().filter((c) => c.command.startsWith(start));
    if (!found.length) {
      this.closePanel();
      return;
    }
    const suffix = this.context.chat().type === "private" ? "" : `@${this.context.bot().username}`;
    this.openPanel(
      "commands",
      t("commands"),
      found.map((command, i) =>
        this.option(i, () => this.setTextAndSend(`/${command.command}${suffix}`), [
          h("span", { class: "command-name" }, `/${command.command}`),
          h("span", { class: "command-words" }, command.description),
        ], "command-option")
      ),
    );
  }

  setTextAndSend(text) {
    this.closePanel();
    this.field.value = "";
    this.typed();
    this.context.run("send", { text }, { pending: text });
  }

  option(index, onclick, children, testid) {
    return h(
      "button",
      {
        type: "button", role: "option", class: "option", tabindex: "-1", testid,
        id: `option-${this.context.id}-${index}`, "aria-selected": String(index === 0),
        onmousedown: (event) => event.preventDefault(), onclick,
      },
      children,
    );
  }

  openPanel(kind, label, content) {
    this.panel.hidden = false;
    this.panel.dataset.kind = kind;
    this.panel.dataset.testid = `${kind}-panel`;
    this.commandsButton.setAttribute("aria-expanded", String(kind === "commands"));
    replace(this.panel, h("div", { role: "listbox", "aria-label": label, class: "option-list" }, content));
  }

  closePanel() {
    this.panel.hidden = true;
    this.panel.replaceChildren();
    this.inline.forget();
    this.field.removeAttribute("aria-activedescendant");
    this.commandsButton.setAttribute("aria-expanded", "false");
  }

  // Attachments

  openAttach() {
    attachMenu(this.attachButton, this.context, (action, payload, files) =>
      this.context.run(action, payload, { files, pending: t("sending") }));
  }

  // Draft

  keepDraft() {
    remember(`draft.${this.context.memoryKey()}`, this.field.value);
  }

  restoreDraft() {
    this.field.value = recall(`draft.${this.context.memoryKey()}`, "");
    this.grow();
    this.showSend();
  }

  async act(action, payload) {
    return act(this.context.viewer(), action, { chat: this.context.chat().key, ...payload });
  }
}

/** Cuts a text into messages, at line ends where possible. */
function split(text) {
  const parts = [];
  let rest = text;
  while (rest.length > LONGEST_TEXT) {
    const line = rest.lastIndexOf("\n", LONGEST_TEXT);
    let at = line > LONGEST_TEXT / 2 ? line : LONGEST_TEXT;
    if (/[\uD800-\uDBFF]/.test(rest[at - 1])) at -= 1; // never through a surrogate pair
    parts.push(rest.slice(0, at));
    rest = rest.slice(at).replace(/^\n/, "");
  }
  parts.push(rest);
  return parts;
}
