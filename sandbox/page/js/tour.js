// The step-by-step tour: its texts and conditions are data (/page/tour.json).

import { h, icon, iconButton, replace } from "./dom.js";
import { civil, currentLanguage, t } from "./i18n.js";
import { recallLong, rememberLong } from "./memory.js";

const LOOK_MS = 350; // how often the place to point at is looked up again

export class Tour {
  /** `steps`: see "The tour" in the sandbox's README for their shape. */
  constructor(store, desk, node, opener, steps) {
    this.store = store;
    this.desk = desk;
    this.node = node;
    this.opener = opener;
    this.steps = steps;
    this.at = Math.min(recallLong("tour.step", 0), steps.length - 1);
    this.open = recallLong("tour.open", true) && steps.length > 0;
    for (const type of ["message_new", "message_edited", "callback_answer", "clock"]) {
      store.on(type, (event) => this.heard(event));
    }
    store.on("reset", () => this.go(0));
    store.on("loaded", () => this.skipDone());
    opener.addEventListener("click", () => this.toggle());
    setInterval(() => this.point(), LOOK_MS);
    this.skipDone();
    this.render();
  }

  get step() {
    return this.steps[this.at];
  }

  seat() {
    return this.step?.seat ? this.desk.seatCalled(this.step.seat) : null;
  }

  toggle() {
    this.open = !this.open && this.steps.length > 0;
    rememberLong("tour.open", this.open);
    this.render();
    if (this.open) this.node.querySelector("button")?.focus();
  }

  go(step) {
    this.at = Math.max(0, Math.min(step, this.steps.length - 1));
    rememberLong("tour.step", this.at);
    this.render();
  }

  /** Goes on when what the step waits for has happened. */
  heard(event) {
    if (!this.open || !this.step?.done) return;
    if ([this.step.done].flat().some((condition) => this.meets(condition, event))) this.advance();
  }

  advance() {
    if (this.at >= this.steps.length - 1) return;
    this.go(this.at + 1);
    this.node.classList.remove("moved");
    requestAnimationFrame(() => this.node.classList.add("moved"));
    this.skipDone();
  }

  /** Steps marked `already` count as done when the chat shows that they have been. */
  skipDone() {
    while (this.step?.already && this.at < this.steps.length - 1) {
      const conditions = [this.step.done].flat();
      const seen = [...this.store.chats.values()].some((chat) =>
        chat.messages.some((message) =>
          conditions.some((c) => this.meets({ ...c, event: "message_new" }, { type: "message_new", message }))));
      if (!seen) break;
      this.go(this.at + 1);
    }
  }

  meets(condition, event) {
    if (condition.event !== event.type) return false;
    if (event.type === "clock") {
      return condition.weekday === undefined || civil(this.store.now()).weekday === condition.weekday;
    }
    const seat = this.seat();
    if (event.type === "callback_answer") return seat === null || seat === `u:${event.user_id}`;
    const { message } = event;
    if (seat) {
      const chat = this.store.chat(message.chat);
      const there = seat.startsWith("g:")
        ? `g:${chat?.id}` === seat
        : `u:${chat?.user_id ?? message.from?.id}` === seat;
      if (!there) return false;
    }
    if (condition.from === "person" && message.from?.is_bot) return false;
    if (condition.from === "bot" && !message.from?.is_bot) return false;
    if (condition.media && message.media?.kind !== condition.media) return false;
    if (condition.via && !message.via_bot) return false;
    const words = [message.text, message.caption, ...(message.inline_keyboard ?? []).flat().map((b) => b.text)]
      .filter(Boolean).join("\n");
    return condition.text ? new RegExp(condition.text, "i").test(words) : true;
  }

  relabel() {
    this.render();
  }

  render() {
    this.opener.setAttribute("aria-expanded", String(this.open));
    this.opener.title = t(this.open ? "tour_close" : "tour_start");
    this.node.hidden = !this.open;
    this.unpoint();
    if (!this.open) return;
    const { step, steps, at } = this;
    const total = steps.length;
    const last = at === total - 1;
    replace(
      this.node,
      h(
        "div",
        { class: "tour-words" },
        h("span", { class: "tour-count" }, icon("flag", 14), t("tour_step", { n: at + 1, total })),
        h("p", { class: "tour-text", "aria-live": "polite", testid: "tour-text" }, this.text(step.text)),
        step.hint ? h("p", { class: "tour-hint" }, this.text(step.hint)) : null,
      ),
      h(
        "div",
        { class: "tour-buttons" },
        this.seat()
          ? h("button", { type: "button", class: "chip show-me", testid: "tour-show", onclick: () => this.show() }, t("tour_show"))
          : null,
        at > 0 ? h("button", { type: "button", class: "plain", testid: "tour-back", onclick: () => this.go(at - 1) }, t("tour_back")) : null,
        last
          ? h("button", { type: "button", class: "plain", testid: "tour-again", onclick: () => this.go(0) }, t("tour_again"))
          : h("button", { type: "button", class: "plain", testid: "tour-skip", onclick: () => this.go(at + 1) }, t("tour_skip")),
        iconButton("close", t("tour_close"), () => this.toggle(), { size: 18, testid: "tour-close" }),
      ),
      h("div", { class: "tour-line", "aria-hidden": "true" }, h("i", { style: { width: `${((at + 1) / total) * 100}%` } })),
    );
    this.point();
  }

  text(words) {
    return typeof words === "string" ? words : (words[currentLanguage()] ?? words.zh);
  }

  show() {
    const seat = this.seat();
    if (!seat) return;
    this.desk.showSeat(seat);
    this.point();
    const target = document.querySelector(".tour-target");
    (target ?? this.desk.phones.get(seat)?.node)?.scrollIntoView({ block: "nearest", inline: "nearest" });
    target?.focus({ preventScroll: true });
  }

  unpoint() {
    document.querySelectorAll(".tour-target, .tour-seat, .tour-tab")
      .forEach((node) => node.classList.remove("tour-target", "tour-seat", "tour-tab"));
  }

  /** Marks the phone and, in it, the last element that the step points at. */
  point() {
    if (!this.open || !this.step) return;
    const seat = this.seat();
    const phone = seat ? this.desk.phones.get(seat) : null;
    mark("tour-seat", phone?.node ?? null);
    mark("tour-tab", phone || !seat ? null : document.querySelector(`.tab[data-seat="${seat}"]`));
    const { point } = this.step;
    const root = seat ? phone?.node : document;
    const found = point && root
      ? [...root.querySelectorAll(`[data-testid="${point.testid}"]`)].filter((node) => matches(node, point.text))
      : [];
    mark("tour-target", found.at(-1) ?? null);
  }
}

function mark(name, node) {
  for (const old of document.querySelectorAll(`.${name}`)) {
    if (old !== node) old.classList.remove(name);
  }
  node?.classList.add(name);
}

function matches(node, texts) {
  if (!texts) return node.offsetParent !== null;
  return [texts].flat().some((text) => node.textContent.includes(text));
}
