// The desk: which phones lie side by side, and the tabs where only one fits.

import { avatar, h, later, menuKeys, replace } from "./dom.js";
import { t } from "./i18n.js";
import { recall, remember } from "./memory.js";
import { Phone } from "./phone.js";
import { captionOf, nameOf } from "./store.js";

const NARROWEST = 288; // pixels a phone needs to be readable beside others
const GAP = 16;
const MOST = 6;
const WIDEST = 420; // a phone is not a tablet

export class Desk {
  constructor(store, node, tabs) {
    this.store = store;
    this.node = node;
    this.tabs = tabs;
    this.phones = new Map();
    this.count = 0;
    this.pageToast = later(() => this.notice.replaceChildren(), 4500);
    this.notice = h("div", { class: "notice", role: "status", "aria-live": "polite" });
    document.body.append(this.notice);
    new ResizeObserver(() => this.fit()).observe(node);
    store.on("loaded", () => this.rebuild());
    store.on("user", (event) => !this.knows(`u:${event.user.id}`) && this.rebuild());
    store.on("user_deleted", () => this.rebuild());
    store.on("chat", (event) => this.groupChanged(event.chat));
    store.on("callback_answer", (event) => this.answer(event));
    store.on("unread", () => this.renderTabs());
    store.on("message_new", () => this.renderTabs());
    setInterval(() => this.phones.forEach((phone) => phone.tick()), 1000);
    document.addEventListener("visibilitychange", () =>
      this.phones.forEach((phone) => phone.view?.read()));
  }

  /** All places: people in the server's order, then the groups. */
  seats() {
    return [
      ...this.store.people().map((user) => `u:${user.id}`),
      ...this.store.groups()
        .filter((group) => this.store.people().some((u) => this.store.memberIn(group, u.id)))
        .map((group) => `g:${group.id}`),
    ];
  }

  knows = (seat) => (this.known ?? []).includes(seat);

  groupChanged(chat) {
    if (chat.type === "private") return;
    const fresh = this.seats();
    if (fresh.join() !== (this.known ?? []).join()) this.rebuild();
  }

  fit() {
    const count = Math.max(1, Math.min(MOST, Math.floor((this.node.clientWidth - GAP) / (NARROWEST + GAP))));
    if (count === this.count) return;
    this.count = count;
    this.layOut();
  }

  rebuild() {
    this.known = this.seats();
    this.phones.forEach((phone) => phone.destroy());
    this.phones.clear();
    this.node.replaceChildren();
    this.layOut();
  }

  /** The places in sight now: the remembered ones as far as they exist, else the first ones. */
  visible() {
    const seats = this.seats();
    const remembered = recall(this.count === 1 ? "tab" : "places", []);
    const chosen = remembered.filter((seat) => seats.includes(seat));
    const people = seats.filter((seat) => seat.startsWith("u:"));
    const groups = seats.filter((seat) => seat.startsWith("g:"));
    // The office group belongs to the picture from the beginning, beside the first people.
    const usual = this.count > 1 && groups.length
      ? [...people.slice(0, this.count - 1), groups[0], ...people.slice(this.count - 1), ...groups.slice(1)]
      : seats;
    const rest = usual.filter((seat) => !chosen.includes(seat));
    const shown = [...chosen, ...rest].slice(0, this.count);
    return shown.sort((a, b) => seats.indexOf(a) - seats.indexOf(b));
  }

  layOut() {
    if (!this.count) return;
    const wanted = this.visible();
    for (const [seat, phone] of this.phones) {
      if (wanted.includes(seat)) continue;
      phone.destroy();
      phone.node.remove();
      this.phones.delete(seat);
    }
    this.node.classList.toggle("single", this.count === 1);
    this.node.style.setProperty("--widest", `${WIDEST}px`);
    if (!wanted.length) {
      replace(this.node, h("p", { class: "nobody" }, t("no_people")));
      this.renderTabs();
      return;
    }
    this.node.querySelector(".nobody")?.remove();
    const made = [];
    for (const [i, seat] of wanted.entries()) {
      let phone = this.phones.get(seat);
      if (!phone) {
        phone = new Phone(this, seat);
        this.phones.set(seat, phone);
        made.push(phone);
      }
      if (this.node.children[i] !== phone.node) this.node.insertBefore(phone.node, this.node.children[i] ?? null);
    }
    made.forEach((phone) => phone.shown());
    this.phones.forEach((phone) => phone.renderCaption());
    this.renderTabs();
  }

  hiddenSeats() {
    if (this.count <= 1) return [];
    return this.seats().filter((seat) => !this.phones.has(seat));
  }

  seatTitle(seat) {
    const id = Number(seat.slice(2));
    if (seat.startsWith("g:")) return this.store.chat(String(id))?.title ?? "";
    return captionOf(this.store.users.get(id) ?? {});
  }

  /** Brings a place into sight, in the stead of `instead` or of the last other one. */
  showSeat(seat, instead = null) {
    if (!this.phones.has(seat)) {
      if (this.count === 1) remember("tab", [seat]);
      else {
        const places = this.visible();
        const at = instead ? places.indexOf(instead) : places.findLastIndex((s) => s.startsWith("u:"));
        places[Math.max(at, 0)] = seat;
        remember("places", places);
      }
      this.layOut();
    }
    return this.phones.get(seat) ?? null;
  }

  openSeatMenu(phone, opener) {
    phone.popup(
      opener,
      this.hiddenSeats().map((seat) =>
        h(
          "button",
          {
            type: "button", role: "menuitem", testid: "seat-option",
            onclick: () => { phone.closePopup(); this.showSeat(seat, phone.seat); },
          },
          avatar(this.seatTitle(seat), Number(seat.slice(2)), "small"),
          this.seatWords(seat),
        )
      ),
      menuKeys,
    );
  }

  /** The only group needs no name on its tab; there is little room. */
  tabTitle(seat) {
    return seat.startsWith("g:") && this.store.groups().length === 1 ? t("group_seat") : this.seatTitle(seat);
  }

  seatWords(seat) {
    const title = this.seatTitle(seat);
    const name = seat.startsWith("u:") ? nameOf(this.store.users.get(Number(seat.slice(2)))) : "";
    return name && name !== title ? `${title} · ${name}` : title;
  }

  unreadOf(seat) {
    const id = Number(seat.slice(2));
    if (seat.startsWith("u:")) {
      return this.store.chatsOf(id).reduce((sum, chat) => sum + this.store.unreadOf(chat, id), 0);
    }
    const group = this.store.chat(String(id));
    const speaker = recall(`speaker.${seat}`) ??
      this.store.people().find((u) => this.store.memberIn(group, u.id))?.id;
    return this.store.unreadOf(group, speaker);
  }

  renderTabs() {
    cancelAnimationFrame(this.tabFrame);
    this.tabFrame = requestAnimationFrame(() => this.drawTabs());
  }

  drawTabs() {
    this.tabs.hidden = this.count !== 1 || this.seats().length < 2;
    if (this.tabs.hidden) {
      this.tabs.replaceChildren();
      return;
    }
    const had = this.tabs.contains(document.activeElement) ? document.activeElement.dataset.seat : null;
    const scroll = this.tabs.scrollLeft;
    replace(
      this.tabs,
      this.seats().map((seat) => {
        const shown = this.phones.has(seat);
        const unread = shown ? 0 : this.unreadOf(seat);
        return h(
          "button",
          {
            type: "button", role: "tab", class: "tab", testid: "seat-tab", dataset: { seat },
            "aria-selected": String(shown), tabindex: shown ? "0" : "-1",
            onclick: () => this.chooseTab(seat), onkeydown: (event) => this.tabKey(event, seat),
          },
          this.tabTitle(seat),
          unread ? h("span", { class: "badge" }, String(unread)) : null,
        );
      }),
    );
    this.tabs.scrollLeft = scroll;
    if (had) this.tabs.querySelector(`[data-seat="${had}"]`)?.focus();
  }

  chooseTab(seat) {
    this.showSeat(seat);
    this.drawTabs();
    this.tabs.querySelector("[aria-selected=true]")?.scrollIntoView({ inline: "nearest", block: "nearest" });
  }

  tabKey(event, seat) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const seats = this.seats();
    const next = seats[(seats.indexOf(seat) + step + seats.length) % seats.length];
    this.chooseTab(next);
    this.tabs.querySelector(`[data-seat="${next}"]`)?.focus();
  }

  /** A bot's answer to a press goes to the phone on which that person looks at that chat. */
  answer(event) {
    const own = [...this.phones.values()].filter((phone) => phone.viewer() === event.user_id);
    const phone = own.find((p) => p.view?.chat().key === event.chat) ?? own[0];
    if (phone) phone.answer(event);
    else if (event.text) this.say(`${this.seatTitle(`u:${event.user_id}`)}: ${event.text}`);
  }

  say(text) {
    replace(this.notice, h("div", { class: "toast", testid: "notice" }, text));
    this.pageToast();
  }

  relabel() {
    this.phones.forEach((phone) => phone.relabel());
    this.renderTabs();
    const nobody = this.node.querySelector(".nobody");
    if (nobody) nobody.textContent = t("no_people");
  }

  /** The place that a tour step means: "group", or the English label of a person. */
  seatCalled(name) {
    if (name === "group") return this.seats().find((seat) => seat.startsWith("g:")) ?? null;
    const user = this.store.people().find((u) => {
      const label = typeof u.label === "string" ? u.label : u.label?.en;
      return (label ?? "").toLowerCase() === name || u.username === name;
    });
    return user ? `u:${user.id}` : null;
  }
}
