// The sandbox clock on top of the page and the buttons that move it.

import { setClock } from "./api.js";
import { h, icon, replace } from "./dom.js";
import { civil, clockText, dayKey, instant, t } from "./i18n.js";

const FAST = 60; // times real speed: a minute passes every second
const OFFICE_OPENS = 9; // o'clock at which weekly tables go out
const DAY = 86400;

/** Next Monday 09:00 in Beijing, never the present moment itself. */
export function nextMonday(now) {
  const c = civil(now);
  const days = (8 - c.weekday) % 7;
  const monday = instant(c.year, c.month, c.day + days, OFFICE_OPENS);
  return monday > now ? monday : monday + 7 * DAY;
}

/** 3 December 09:00, of this year or, when that has passed, of the next. */
export function nextThirdOfDecember(now) {
  const { year } = civil(now);
  const here = instant(year, 12, 3, OFFICE_OPENS);
  return here > now ? here : instant(year + 1, 12, 3, OFFICE_OPENS);
}

export class ClockBar {
  constructor(store, node, say) {
    this.store = store;
    this.node = node;
    this.say = say;
    this.render();
    store.on("clock", () => this.renew());
    store.on("loaded", () => this.renew());
    setInterval(() => this.tick(), 250);
    node.addEventListener("keydown", (event) => event.key === "Escape" && this.fold());
    document.addEventListener("pointerdown", (event) => node.contains(event.target) || this.fold());
  }

  render() {
    this.date = h("span", { class: "clock-date" });
    this.day = h("span", { class: "clock-date short" });
    this.hour = h("span", { class: "clock-time", testid: "clock-time" });
    this.fast = h(
      "button",
      {
        type: "button", class: "chip fast", testid: "clock-fast", title: t("clock_fast"),
        "aria-label": t("clock_fast"), onclick: () => this.toggleSpeed(),
      },
      icon("play", 13),
      `${FAST}×`,
    );
    this.field = h("input", { type: "datetime-local", "aria-label": t("clock_pick"), testid: "clock-field", required: true });
    this.real = h(
      "button",
      { type: "button", class: "plain", testid: "clock-real", onclick: () => this.goReal() },
      t("clock_back"),
    );
    this.picker = h(
      "form",
      { class: "clock-picker", hidden: true, onsubmit: (event) => { event.preventDefault(); this.goPicked(); } },
      this.field,
      h("div", { class: "dialog-buttons" }, this.real, h("button", { type: "submit", class: "strong", testid: "clock-go" }, t("clock_go"))),
    );
    this.pick = h(
      "button",
      {
        type: "button", class: "chip", testid: "clock-pick", "aria-expanded": "false",
        title: t("clock_pick"), "aria-label": t("clock_pick"), onclick: () => this.togglePicker(),
      },
      icon("calendar", 15),
    );
    this.more = h(
      "button",
      {
        type: "button", class: "clock-face", testid: "clock", title: t("clock"), "aria-expanded": "false",
        onclick: () => this.toggleButtons(),
      },
      h("span", { class: "clock-sign" }, icon("clock", 16)),
      h("span", { class: "clock-words" }, this.hour, this.date, this.day),
    );
    this.buttons = h(
      "div",
      { class: "clock-buttons", role: "group", "aria-label": t("clock") },
      this.fast,
      this.jump("clock_monday", "clock-monday", () => nextMonday(this.store.now())),
      this.jump("clock_day", "clock-day", () => this.store.now() + DAY),
      this.jump("clock_dec3", "clock-dec3", () => nextThirdOfDecember(this.store.now())),
      this.pick,
      this.picker,
    );
    replace(this.node, this.more, this.buttons);
    this.renew();
  }

  jump(key, testid, when) {
    return h("button", { type: "button", class: "chip", testid, onclick: () => this.goTo(when()) }, t(key));
  }

  renew() {
    this.fast.setAttribute("aria-pressed", String(this.store.clock.speed !== 1));
    this.tick();
  }

  tick() {
    const { date, day, weekday, time, second } = clockText(this.store.now());
    const words = `${date} ${weekday}`;
    if (this.date.textContent !== words) {
      this.date.textContent = words;
      this.day.textContent = `${day} ${weekday}`;
    }
    const hour = this.store.clock.speed === 1 ? `${time}:${second}` : time;
    if (this.hour.textContent !== hour) this.hour.textContent = hour;
    this.more.setAttribute("aria-label", `${t("clock_now")} ${words} ${time}`);
  }

  async move(change) {
    try {
      this.store.apply({ type: "clock", clock: await setClock(change) });
      return true;
    } catch (error) {
      this.say(t("failed", { reason: error.status === 0 ? t("reason_network") : error.message }));
      return false;
    }
  }

  async goTo(seconds) {
    this.fold();
    if (!(await this.move({ to: new Date(seconds * 1000).toISOString() }))) return;
    const { date, weekday, time } = clockText(seconds);
    this.say(t("clock_moved", { time: `${date} ${weekday} ${time}` }));
  }

  async goReal() {
    this.fold();
    if (await this.move({ offset_seconds: 0, speed: 1 })) this.say(t("clock_back_hint"));
  }

  goPicked() {
    const [day, time] = this.field.value.split("T");
    const [year, month, date] = day.split("-").map(Number);
    const [hour, minute] = time.split(":").map(Number);
    this.goTo(instant(year, month, date, hour, minute));
  }

  toggleSpeed() {
    this.move({ speed: this.store.clock.speed === 1 ? FAST : 1 });
  }

  togglePicker() {
    this.picker.hidden = !this.picker.hidden;
    this.pick.setAttribute("aria-expanded", String(!this.picker.hidden));
    if (this.picker.hidden) return;
    const c = civil(this.store.now());
    this.field.value = `${dayKey(this.store.now())}T${String(c.hour).padStart(2, "0")}:${String(c.minute).padStart(2, "0")}`;
    this.field.focus();
  }

  /** On a narrow screen the buttons lie under the clock and come when it is pressed. */
  toggleButtons() {
    const open = this.node.classList.toggle("open");
    this.more.setAttribute("aria-expanded", String(open));
  }

  fold() {
    this.node.classList.remove("open");
    this.more.setAttribute("aria-expanded", "false");
    this.picker.hidden = true;
    this.pick.setAttribute("aria-expanded", "false");
  }
}
