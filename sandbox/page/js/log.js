// A small log of what Telegram would have said: method and result, never content.

import { h, icon, replace } from "./dom.js";
import { civil, t, timeText } from "./i18n.js";
import { recallLong, rememberLong } from "./memory.js";

const SHOWN = 200;

/** A bot asks for updates all day; only a refusal of that is worth a line. */
const isWorthALine = (line) => line.method !== "getUpdates" || !line.ok;

export class LogBar {
  /** `node` is the drawer at the bottom, `opener` the button for it on a narrow screen. */
  constructor(store, node, opener) {
    this.store = store;
    this.node = node;
    this.opener = opener;
    this.open = recallLong("log.open", false);
    this.errorsOnly = false;
    this.hiddenBefore = 0;
    store.on("log", () => this.renderSoon());
    store.on("loaded", () => this.renderSoon());
    opener.addEventListener("click", () => this.toggle());
    node.addEventListener("keydown", (event) => event.key === "Escape" && this.open && this.toggle());
    this.build();
  }

  build() {
    this.latest = h("span", { class: "log-latest" });
    this.errors = h("span", { class: "log-errors", hidden: true });
    this.bar = h(
      "button",
      { type: "button", class: "log-bar", testid: "log-toggle", onclick: () => this.toggle() },
      icon("log", 15),
      h("strong", {}, t("log")),
      this.latest,
      this.errors,
      h("span", { class: "caret", "aria-hidden": "true" }),
    );
    this.filter = h("input", {
      type: "checkbox", testid: "log-errors-only",
      onchange: () => { this.errorsOnly = this.filter.checked; this.render(); },
    });
    this.list = h("ol", { class: "log-list", tabindex: "0", "aria-label": t("log"), testid: "log-list" });
    this.drawer = h(
      "div",
      { class: "log-drawer" },
      h(
        "div",
        { class: "log-tools" },
        h("label", {}, this.filter, t("log_errors")),
        h("button", { type: "button", class: "plain", onclick: () => this.clear() }, t("log_clear")),
      ),
      this.list,
    );
    replace(this.node, this.bar, this.drawer);
    this.render();
  }

  relabel() {
    this.build();
  }

  toggle() {
    this.open = !this.open;
    rememberLong("log.open", this.open);
    this.render();
  }

  clear() {
    this.hiddenBefore = this.store.log.at(-1)?.at ?? 0;
    this.render();
  }

  renderSoon() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.render());
  }

  render() {
    const lines = this.store.log.filter((line) => isWorthALine(line) && line.at > this.hiddenBefore);
    const errors = lines.filter((line) => !line.ok).length;
    this.node.classList.toggle("open", this.open);
    const label = t(this.open ? "log_open" : "log_closed");
    for (const button of [this.bar, this.opener]) {
      button.setAttribute("aria-expanded", String(this.open));
      button.title = label;
    }
    this.opener.setAttribute("aria-label", label);
    this.opener.classList.toggle("alarm", errors > 0);
    this.errors.hidden = errors === 0;
    this.errors.textContent = t("log_error_count", { n: errors });
    const last = lines.at(-1);
    this.latest.textContent = last ? `${last.method} ${last.ok ? "ok" : last.description ?? last.code}` : t("log_empty");
    this.latest.classList.toggle("bad", Boolean(last && !last.ok));
    if (!this.open) {
      this.list.replaceChildren();
      return;
    }
    const shown = (this.errorsOnly ? lines.filter((line) => !line.ok) : lines).slice(-SHOWN);
    const atEnd = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < 30;
    replace(this.list, shown.length ? shown.map(row) : h("li", { class: "muted" }, t("log_empty")));
    if (atEnd) this.list.scrollTop = this.list.scrollHeight;
  }
}

function row(line) {
  const c = civil(line.at);
  const result = line.ok ? "ok" : `${line.code} ${line.description ?? ""}`;
  return h(
    "li",
    { class: line.ok ? "" : "bad", testid: line.ok ? "log-line" : "log-error" },
    h("time", {}, `${timeText(line.at)}:${String(c.second).padStart(2, "0")}`),
    h("code", {}, line.method),
    h("span", { class: "log-chat" }, line.chat_id ?? ""),
    h("span", { class: "log-result" }, result),
    line.fault ? h("span", { class: "log-fault" }, line.fault) : null,
    h("span", { class: "log-ms" }, `${Math.round(line.ms ?? 0)} ms`),
  );
}
