// One phone (or the group's place): a person's chat list, an open chat, and what pops up over it.

import { previewOf } from "./bubble.js";
import { ChatView } from "./chat.js";
import { avatar, h, replace } from "./dom.js";
import { listTime, t, timeText } from "./i18n.js";
import { Presser } from "./keyboards.js";
import { deepLink } from "./links.js";
import { recall, remember } from "./memory.js";
import { Overlay } from "./overlay.js";
import { captionOf, nameOf } from "./store.js";

export class Phone extends Overlay {
  /** `seat` is "u:<user id>" for a phone, "g:<chat id>" for a group seen by one of its members. */
  constructor(desk, seat) {
    super();
    this.desk = desk;
    this.store = desk.store;
    this.seat = seat;
    this.view = null;
    this.presser = new Presser(this.pressHost());
    this.statusTime = h("span", { class: "status-time" });
    this.body = h("div", { class: "screen-body" });
    this.screen = h(
      "div",
      { class: "screen" },
      h("div", { class: "status-bar", "aria-hidden": "true" }, this.statusTime, signs()),
      this.body,
      this.toasts,
      this.layer,
    );
    this.caption = h("div", { class: "caption" });
    this.node = h(
      "article",
      { class: `phone ${this.isGroupSeat() ? "group-seat" : ""}`, testid: "phone", dataset: { seat } },
      this.caption,
      h("div", { class: "case" }, this.screen),
    );
    const renewList = () => this.view === null && this.showListSoon();
    const renewBack = () => this.view?.renderHeader();
    this.offs = [
      this.store.on("message_new", renewList),
      this.store.on("message_edited", renewList),
      this.store.on("unread", () => (this.view ? renewBack() : this.showListSoon())),
      this.store.on("chat", (event) => { renewList(); this.followMigration(event.chat); }),
      this.store.on("user", () => this.renderCaption()),
      this.store.on("typing", renewList),
      this.store.on("typing_end", renewList),
    ];
    this.renderCaption();
    this.tick();
    this.openRemembered();
  }

  destroy() {
    this.view?.destroy();
    this.presser.stop();
    this.offs.forEach((off) => off());
  }

  isGroupSeat = () => this.seat.startsWith("g:");
  seatId = () => Number(this.seat.slice(2));
  isShown = () => this.node.isConnected && document.visibilityState === "visible";
  hasList = () => !this.isGroupSeat();

  groupChat() {
    return this.isGroupSeat() ? this.store.chat(String(this.seatId())) : null;
  }

  /** People who can speak in this group: its members that have a phone; leaders first. */
  speakers() {
    const group = this.groupChat();
    const rank = (u) => (this.store.memberIn(group, u.id).status === "member" ? 1 : 0);
    return this.store.people()
      .filter((user) => this.store.memberIn(group, user.id))
      .sort((a, b) => rank(a) - rank(b));
  }

  viewer() {
    if (!this.isGroupSeat()) return this.seatId();
    const speakers = this.speakers();
    const chosen = recall(`speaker.${this.seat}`);
    return (speakers.find((u) => u.id === chosen) ?? speakers[0])?.id ?? 0;
  }

  // The screen

  openRemembered() {
    if (this.isGroupSeat()) {
      this.open(this.groupChat().key);
      return;
    }
    const bot = this.store.firstBot();
    const key = recall(`open.${this.seat}`, bot ? `${this.seatId()}:${bot.id}` : "list");
    if (key !== "list" && this.store.chat(key)) this.open(key);
    else this.showList();
  }

  open(key) {
    const chat = this.store.chat(key);
    if (!chat) return;
    this.closePopup();
    this.view?.destroy();
    this.view = new ChatView(this, chat.key);
    remember(`open.${this.seat}`, chat.key);
    replace(this.body, this.view.node);
    this.renderSpeaker();
    if (this.node.isConnected) this.view.shown();
  }

  shown() {
    this.view?.shown();
  }

  showList() {
    this.view?.destroy();
    this.view = null;
    remember(`open.${this.seat}`, "list");
    this.renderList();
  }

  showListSoon() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.view === null && this.renderList());
  }

  renderList() {
    const now = this.store.now();
    const viewer = this.viewer();
    const had = document.activeElement?.closest?.(".chat-entry")?.dataset.chat;
    replace(
      this.body,
      h(
        "section",
        { class: "chat-list", testid: "chat-list" },
        h("header", { class: "list-header" }, h("h3", {}, t("chats"))),
        h("div", { class: "entries" }, this.store.chatsOf(viewer).map((chat) => this.entry(chat, viewer, now))),
      ),
    );
    if (had) this.body.querySelector(`[data-chat="${had}"]`)?.focus();
  }

  entry(chat, viewer, now) {
    const last = chat.messages.at(-1);
    const unread = this.store.unreadOf(chat, viewer);
    const typing = this.store.typing.get(chat.key);
    const draft = recall(`draft.${this.seat}.${chat.key}`, "");
    const who = chat.type !== "private" && last && !last.service
      ? `${last.from?.id === viewer ? t("you") : nameOf(last.from)}: `
      : "";
    const words = typing
      ? h("span", { class: "active" }, `${t("bot_typing")}…`)
      : draft
      ? [h("span", { class: "draft" }, `${t("draft")} `), draft]
      : last
      ? [h("span", { class: "who" }, who), previewOf(last)]
      : t("find_bot");
    return h(
      "button",
      { type: "button", class: "chat-entry", testid: "chat-entry", dataset: { chat: chat.key }, onclick: () => this.openFromList(chat.key) },
      avatar(chat.title, chat.bot_id ?? chat.id, "medium"),
      h(
        "span",
        { class: "entry-words" },
        h("span", { class: "entry-top" }, h("strong", {}, chat.title), last ? h("time", {}, listTime(last.date, now)) : null),
        h("span", { class: "entry-bottom" }, h("span", { class: "entry-text" }, words), unread ? h("span", { class: "badge", testid: "unread" }, String(unread)) : null),
      ),
    );
  }

  openFromList(key) {
    this.open(key);
    this.body.querySelector(".back")?.focus();
  }

  unreadElsewhere(key) {
    const viewer = this.viewer();
    return this.store.chatsOf(viewer)
      .filter((chat) => chat.key !== key)
      .reduce((sum, chat) => sum + this.store.unreadOf(chat, viewer), 0);
  }

  followMigration(chat) {
    if (!chat?.migrated_to || this.view?.key !== chat.key || this.isGroupSeat()) return;
    this.open(chat.migrated_to);
  }

  relabel() {
    this.renderCaption();
    if (this.view) this.view.relabel();
    else this.renderList();
  }

  tick() {
    this.statusTime.textContent = timeText(this.store.now());
  }

  /** The line above the phone: role, name, and a way to lay another phone in this place. */
  renderCaption() {
    const user = this.store.users.get(this.seatId());
    const role = this.isGroupSeat() ? t("group_seat") : captionOf(user ?? {});
    const name = this.isGroupSeat() ? this.groupChat().title : nameOf(user);
    const others = this.desk.hiddenSeats();
    const words = [h("strong", {}, role), name && name !== role ? h("span", {}, name) : null];
    replace(
      this.caption,
      others.length
        ? h(
          "button",
          {
            type: "button", class: "caption-button", "aria-haspopup": "menu", testid: "seat-change", title: t("seat_change"),
            onclick: (event) => this.desk.openSeatMenu(this, event.currentTarget),
          },
          words,
          h("span", { class: "caret", "aria-hidden": "true" }),
        )
        : h("span", { class: "caption-words" }, words),
    );
    const label = this.isGroupSeat() ? `${role} ${name}` : t("phone_of", { name: role });
    this.node.setAttribute("aria-label", label);
  }

  /** In the group's place the typing line begins with who speaks. */
  renderSpeaker() {
    if (!this.isGroupSeat() || !this.view) return;
    const user = this.store.users.get(this.viewer());
    if (!user) return;
    const button = h(
      "button",
      {
        type: "button", class: "speaker", testid: "speaker", "aria-haspopup": "menu",
        "aria-label": t("speaker_as", { name: captionOf(user) }), title: t("speaker_as", { name: captionOf(user) }),
        onclick: () => this.popup(button, [
          h("p", { class: "menu-note" }, t("speaker")),
          ...this.speakers().map((u) =>
            h(
              "button",
              {
                type: "button", role: "menuitemradio", "aria-checked": String(u.id === user.id), testid: "speaker-option",
                onclick: () => this.speakAs(u.id),
              },
              avatar(nameOf(u), u.id, "small"),
              captionOf(u) === nameOf(u) ? nameOf(u) : `${captionOf(u)} · ${nameOf(u)}`,
            )
          ),
        ]),
      },
      avatar(nameOf(user), user.id, "small"),
    );
    replace(this.view.composer.speakerSlot, button);
  }

  speakAs(userId) {
    remember(`speaker.${this.seat}`, userId);
    this.open(this.groupChat().key);
    this.view.composer.field.focus({ preventScroll: true });
  }

  // Links

  openLink(url) {
    const deep = deepLink(url, this.store);
    if (!deep) {
      this.openOutside(url);
    } else this.openBot(deep.bot, deep.start ?? "");
  }

  async openOutside(url) {
    const words = [h("p", { class: "address" }, url), h("p", {}, t("only_local"))];
    if (await this.dialog(t("open_address"), words, t("open"))) {
      globalThis.open(url, "_blank", "noopener");
    }
  }

  openMention(name) {
    const bot = this.store.botNamed(name);
    if (bot) this.openBot(bot, "");
  }

  openBot(bot, payload) {
    const home = this.isGroupSeat() ? this.desk.showSeat(`u:${this.viewer()}`) : this;
    home?.openOwnBot(bot, payload);
  }

  openOwnBot(bot, payload) {
    const key = `${this.seatId()}:${bot.id}`;
    if (this.view?.key !== key) this.open(key);
    this.view.setPayload(payload);
    this.node.scrollIntoView({ block: "nearest", inline: "nearest" });
    this.body.querySelector(".start-button")?.focus();
  }

  /** Lets the person choose one of the own chats. */
  chooseChat(title, then) {
    const chats = this.store.chatsOf(this.viewer());
    this.sheet(title, (close) =>
      chats.map((chat) =>
        h(
          "button",
          { type: "button", class: "option", testid: "choose-chat", onclick: async () => {
            close();
            try {
              await then(chat);
            } catch (error) {
              this.toast(t("failed", { reason: error.message }));
            }
          } },
          avatar(chat.title, chat.bot_id ?? chat.id, "small"),
          h("span", {}, chat.title),
        )
      ));
  }

  pressHost() {
    const botOf = (message) => (message.via_bot ?? message.from)?.username ?? this.store.firstBot().username;
    const fill = (message, query) => this.view?.composer.setText(`@${botOf(message)} ${query}`);
    return {
      store: this.store,
      viewer: () => this.viewer(),
      failed: (error) => this.toast(t("failed", { reason: error.status === 0 ? t("reason_network") : error.message })),
      openLink: (url) => this.openLink(url),
      copy: (text) => this.copy(text),
      inline: fill,
      chooseChat: (message, query) => this.chooseChat(t("forward_to"), (chat) => {
        if (this.view?.key !== chat.key) this.open(chat.key);
        fill(message, query);
      }),
    };
  }

  /** The bot's answer to a press: a passing toast, an alert to confirm, or a link to open. */
  answer(event) {
    if (event.url) this.openLink(event.url);
    if (!event.text) return;
    if (event.show_alert) this.dialog(event.text, [], t("ok"), false);
    else this.toast(event.text);
  }
}

/** Signal and battery: a phone without them looks like a picture of a phone. */
function signs() {
  return h("span", { class: "signs" }, h("i", { class: "signal" }), h("i", { class: "battery" }));
}
