// One open chat: header, pinned bar, topics, messages and typing line.

import { act } from "./api.js";
import { cut, previewOf } from "./bubble.js";
import { Composer } from "./composer.js";
import { append, avatar, h, icon, iconButton, menuKeys, replace } from "./dom.js";
import { t } from "./i18n.js";
import { drawInlineKeyboard } from "./keyboards.js";
import { chatMenu, messageMenu } from "./menus.js";
import { MessageList } from "./messages.js";
import { recall, remember } from "./memory.js";
import { nameOf } from "./store.js";

const TYPING_WORDS = {
  upload_photo: "uploading_photo", upload_document: "uploading_document",
  record_voice: "recording", upload_voice: "recording",
};
const THREADED = new Set([
  "send", "photo", "document", "voice", "video", "audio", "animation", "sticker", "album",
]);
let made = 0;

export class ChatView {
  /** `phone` gives the person, toasts, dialogs and links; `key` names the chat. */
  constructor(phone, key) {
    made += 1;
    this.id = made;
    this.phone = phone;
    this.store = phone.store;
    this.key = key;
    this.start = null; // payload of a deep link that waits for the START button
    this.topic = recall(`topic.${this.memoryKey()}`);
    this.pinnedAt = 0;
    this.viewer = () => phone.viewer();
    this.chat = () => this.store.chat(this.key);
    this.now = () => this.store.now();
    this.actions = this.makeActions();
    this.rank = (id) => this.rankOf(id);
    this.onRead = () => this.read();
    this.list = new MessageList(this);
    this.composer = new Composer(this);
    this.header = h("header", { class: "chat-header" });
    this.pinnedBar = h("div", { class: "pinned-bar", hidden: true, testid: "pinned" });
    this.topicBar = h("div", { class: "topic-bar", role: "tablist", "aria-label": t("topic"), hidden: true });
    this.intro = h("div", { class: "intro", hidden: true });
    this.node = h(
      "section",
      { class: "chat", testid: "chat", dataset: { chat: key } },
      this.header,
      this.topicBar,
      this.pinnedBar,
      h("div", { class: "wall" }, this.list.node, this.intro, this.list.toEnd),
      this.composer.node,
    );
    this.acceptDrops();
    this.offs = this.listen();
    this.render();
    this.composer.restoreDraft();
  }

  destroy() {
    this.list.destroy();
    this.offs.forEach((off) => off());
  }

  /** After the view stands in the page: heights are known, so the place can be found again. */
  shown() {
    this.list.restorePlace();
    this.composer.grow();
    this.read();
  }

  memoryKey = () => `${this.phone.seat}.${this.key}`;
  isGroup = () => this.chat().type !== "private";
  person = () => this.store.users.get(this.viewer());
  payload = () => this.start;
  thread = () => (this.chat().is_forum ? this.topic : null);

  /** The bot that commands in this chat go to. */
  bot() {
    const chat = this.chat();
    if (chat.bot_id) return this.store.bots.get(chat.bot_id) ?? null;
    return [...this.store.bots.values()].find((b) => this.store.memberIn(chat, b.id)) ?? null;
  }

  rankOf(id) {
    const status = this.store.memberIn(this.chat(), id)?.status;
    return status === "creator" ? t("rank_owner") : status === "administrator" ? t("rank_admin") : "";
  }

  listen() {
    const { store } = this;
    const ours = (event) => (event.message?.chat ?? event.chat?.key ?? event.chat) === this.chat().key;
    const renew = (event) => ours(event) && this.render();
    return [
      store.on("message_new", (event) => {
        if (!ours(event)) return;
        this.list.arrived(event.message);
        this.renderAround();
      }),
      store.on("message_edited", (event) => {
        if (!ours(event)) return;
        this.list.render();
        this.renderPinned();
      }),
      store.on("message_deleted", renew),
      store.on("pinned", renew),
      store.on("chat", renew),
      store.on("bot", () => this.render()),
      store.on("keyboard", (event) => ours(event) && event.user_id === this.viewer() && this.composer.render()),
      store.on("unread", (event) => ours(event) && event.user_id === this.viewer() && this.read()),
      store.on("typing", renew),
      store.on("typing_end", renew),
    ];
  }

  // Drawing

  render() {
    this.renderAround();
    this.list.render();
  }

  renderAround() {
    this.renderHeader();
    this.renderTopics();
    this.renderPinned();
    this.renderIntro();
    this.composer.render();
  }

  relabel() {
    this.list.redraw();
    this.list.toEnd.setAttribute("aria-label", t("to_bottom"));
    this.composer.relabel();
    this.renderAround();
  }

  renderHeader() {
    const chat = this.chat();
    const typing = this.store.typing.get(chat.key);
    const words = typing ? t(TYPING_WORDS[typing.action] ?? "bot_typing") : "";
    this.list.showTyping(words);
    const members = (chat.members ?? []).filter((m) => m.status !== "left" && m.status !== "kicked");
    const rest = this.isGroup() ? t("members", { n: members.length }) : t("bot");
    const menu = iconButton("more", t("chat_menu"), () => this.openMenu(menu), {
      "aria-haspopup": "menu", testid: "chat-menu",
    });
    const focused = this.header.contains(document.activeElement)
      ? document.activeElement.dataset.testid
      : null;
    replace(
      this.header,
      this.phone.hasList() ? this.backButton() : null,
      avatar(chat.title, chat.bot_id ?? chat.id),
      h(
        "div",
        { class: "chat-title" },
        h("h3", {}, chat.title),
        h(
          "p",
          { class: typing ? "status active" : "status", "aria-live": "polite", testid: "chat-status" },
          typing ? (this.isGroup() ? `${nameOf(typing.from)} ${words}` : words) : rest,
          typing ? h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")) : null,
        ),
      ),
      menu,
    );
    if (focused) this.header.querySelector(`[data-testid="${focused}"]`)?.focus();
  }

  backButton() {
    const others = this.phone.unreadElsewhere(this.chat().key);
    return append(
      iconButton("back", t("back"), () => this.phone.showList(), { class: "back", testid: "back" }),
      [others ? h("span", { class: "badge" }, String(others)) : null],
    );
  }

  renderTopics() {
    const chat = this.chat();
    this.topicBar.hidden = !chat.is_forum;
    if (!chat.is_forum) return;
    const topics = [
      { id: null, name: t("all_topics") },
      { id: 1, name: t("topic_general") },
      ...(chat.topics ?? []).map((topic) => ({ id: topic.message_thread_id, name: topic.name })),
    ];
    replace(
      this.topicBar,
      topics.map(({ id, name }) =>
        h(
          "button",
          {
            type: "button", role: "tab", class: "topic", testid: "topic",
            "aria-selected": String(id === this.topic),
            onclick: () => this.chooseTopic(id),
          },
          name,
        )
      ),
    );
  }

  chooseTopic(id) {
    this.topic = id;
    remember(`topic.${this.memoryKey()}`, id);
    this.list.stuck = true;
    this.render();
  }

  renderPinned() {
    const chat = this.chat();
    const pinned = chat.pinned
      .map((id) => chat.messages.find((m) => m.message_id === id))
      .filter(Boolean);
    this.pinnedBar.hidden = !pinned.length;
    if (!pinned.length) return;
    this.pinnedAt %= pinned.length;
    const message = pinned[this.pinnedAt];
    const label = pinned.length > 1
      ? t("pinned_n", { n: this.pinnedAt + 1, total: pinned.length })
      : t("pinned");
    replace(
      this.pinnedBar,
      h(
        "button",
        {
          type: "button", class: "pinned", testid: "pinned-message",
          onclick: () => {
            this.list.jump(message.message_id);
            this.pinnedAt += 1;
            this.renderPinned();
          },
        },
        h(
          "span",
          { class: "pin-marks", "aria-hidden": "true" },
          pinned.map((_, i) => h("i", { class: i === this.pinnedAt ? "on" : "" })),
        ),
        message.media?.kind === "photo" ? h("img", { src: message.media.url, alt: "" }) : null,
        h("span", { class: "about-words" }, h("strong", {}, label), h("span", {}, cut(previewOf(message), 80))),
        icon("pin", 18),
      ),
    );
  }

  /** What an unopened chat with a bot shows: what the bot says that it can do. */
  renderIntro() {
    const chat = this.chat();
    const bot = this.bot();
    this.intro.hidden = this.isGroup() || chat.messages.length > 0 || !bot;
    if (this.intro.hidden) return;
    const language = (this.person()?.language_code ?? "").split("-")[0];
    replace(
      this.intro,
      h(
        "div",
        { class: "intro-card" },
        avatar(bot.first_name, bot.id, "large"),
        h("strong", {}, bot.first_name),
        h("p", {}, bot.descriptions?.[language] || bot.description || bot.short_description || `@${bot.username}`),
      ),
    );
  }

  // Doing

  makeActions() {
    const { phone } = this;
    return {
      keyboard: (message) =>
        drawInlineKeyboard(message, (...press) => phone.presser.press(...press)),
      command: (text) => this.run("send", { text }, { pending: text }),
      mention: (name) => phone.openMention(name),
      link: (url) => phone.openLink(url),
      copied: (text) => phone.copy(text),
      jump: (id) => this.list.jump(id),
      photo: (message) => this.list.openPhoto(message),
      unfold: (id) => this.list.unfold(id),
      menu: (id, node) => this.openMessageMenu(id, node),
    };
  }

  /** Does something as this phone's person in this chat; null after a failure that was shown. */
  async run(action, payload, { files = [], pending = null } = {}) {
    const chat = this.chat();
    const body = { chat: chat.key, ...payload };
    if (THREADED.has(action) && this.thread() > 1) body.message_thread_id = this.thread();
    const entry = pending === null ? null : { node: waiting(pending), done: false };
    if (entry) this.list.addPending(entry);
    try {
      const answer = await act(this.viewer(), action, body, files);
      for (const message of answer.messages ?? [answer]) {
        if (message.message_id && message.chat) this.store.putNow(message);
      }
      return answer;
    } catch (error) {
      this.failed(error);
      return null;
    } finally {
      if (entry) {
        entry.done = true;
        this.list.render();
      }
    }
  }

  /** Own files: pictures as photos (several as an album), everything else as documents. */
  async sendFiles(files, asDocuments = false) {
    if (!files.length) return;
    const pictures = asDocuments ? [] : files.filter((f) => /^image\/(jpe?g|png|webp|gif)$/.test(f.type));
    const rest = files.filter((f) => !pictures.includes(f));
    const options = { pending: t("sending") };
    const caption = this.composer.field.value.trim();
    const words = caption ? { caption } : {};
    if (caption) {
      this.composer.setText("", false);
      this.composer.keepDraft();
    }
    if (pictures.length > 1) await this.run("album", { kind: "photo", ...words }, { ...options, files: pictures });
    else if (pictures.length) await this.run("photo", words, { ...options, files: pictures });
    for (const [i, file] of rest.entries()) {
      const payload = !pictures.length && i === 0 ? words : {};
      await this.run("document", payload, { ...options, files: [file] });
    }
  }

  acceptDrops() {
    this.node.addEventListener("dragover", (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      this.node.classList.add("dropping");
    });
    this.node.addEventListener("dragleave", () => this.node.classList.remove("dropping"));
    this.node.addEventListener("drop", (event) => {
      event.preventDefault();
      this.node.classList.remove("dropping");
      this.sendFiles([...event.dataTransfer.files]);
    });
  }

  /** The START button: unblocks if need be and sends /start with the link's payload. */
  async begin(payload) {
    const bot = this.bot();
    try {
      if (this.chat().blocked) await act(this.viewer(), "unblock", { bot: bot.id });
    } catch (error) {
      this.failed(error);
      return;
    }
    this.start = null;
    await this.run("start", payload ? { bot: bot.id, payload } : { bot: bot.id });
    this.composer.render();
    // With a mouse the focus would be lost with the button; on a phone it would open the keyboard.
    if (matchMedia("(pointer: fine)").matches) this.composer.field.focus({ preventScroll: true });
  }

  setPayload(payload) {
    this.start = payload || null;
    this.composer.render();
  }

  async read() {
    const chat = this.chat();
    if (!this.list.stuck || !this.phone.isShown() || !this.store.unreadOf(chat, this.viewer())) return;
    chat.unread[this.viewer()] = 0;
    await act(this.viewer(), "read", { chat: chat.key }).catch(() => {});
  }

  failed(error) {
    const reason = error.status === 0 ? t("reason_network") : error.message;
    this.phone.toast(t("failed", { reason }));
  }

  openMenu(opener) {
    this.phone.popup(opener, chatMenu(this), menuKeys);
  }

  openMessageMenu(messageId, node) {
    const message = this.chat().messages.find((m) => m.message_id === messageId);
    if (message) this.phone.popup(node.querySelector(".bubble") ?? node, messageMenu(this, message), menuKeys);
  }

  toast = (text) => this.phone.toast(text);
  confirm = (text, yes) => this.phone.dialog(text, [], yes);
  dialog = (title, content, yes) => this.phone.dialog(title, content, yes);
  popup = (...args) => this.phone.popup(...args);
  closePopup = () => this.phone.closePopup();
  openBot = (bot, payload) => this.phone.openBot(bot, payload);
}

/** An own message on its way. */
function waiting(text) {
  return h(
    "div",
    { class: "row mine first last pending", "aria-busy": "true" },
    h(
      "div",
      { class: "bubble" },
      h(
        "div",
        { class: "bubble-body" },
        h("div", { class: "text" }, h("span", { class: "words" }, text), h("span", { class: "meta" }, icon("clock", 13))),
      ),
    ),
  );
}
