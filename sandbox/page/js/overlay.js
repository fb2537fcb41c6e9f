// What pops up over one phone: toasts, dialogs, menus. Other phones stay usable meanwhile.

import { h } from "./dom.js";
import { t } from "./i18n.js";

const TOAST_MS = 3800;
const TOAST_MS_PER_CHARACTER = 30; // long words stay longer

/** A screen with things over it; `screen` is set by the class that builds on this one. */
export class Overlay {
  constructor() {
    this.screen = null;
    this.opened = null; // the open menu: {cover, opener}
    this.layer = h("div", { class: "layer" });
    this.toasts = h("div", { class: "toasts", role: "status", "aria-live": "polite" });
  }

  async copy(text) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      copyByHand(text); // no clipboard permission, or not a secure address
    }
    this.toast(t("copied"));
  }

  toast(text) {
    const node = h("div", { class: "toast", testid: "toast" }, text);
    this.toasts.replaceChildren(node);
    setTimeout(() => node.remove(), TOAST_MS + text.length * TOAST_MS_PER_CHARACTER);
  }

  /** Asks within this phone; true when agreed. Escape and the veil mean no. */
  dialog(title, content, yes, withCancel = true) {
    return new Promise((resolve) => {
      const before = document.activeElement;
      const finish = (agreed) => {
        veil.remove();
        before?.focus?.({ preventScroll: true });
        resolve(agreed);
      };
      const form = h(
        "form",
        {
          class: "dialog", role: "alertdialog", "aria-modal": "true", "aria-label": title, testid: "dialog",
          onsubmit: (event) => { event.preventDefault(); finish(true); },
        },
        h("p", { class: "dialog-title" }, title),
        content,
        h(
          "div",
          { class: "dialog-buttons" },
          withCancel
            ? h("button", { type: "button", class: "plain", testid: "dialog-cancel", onclick: () => finish(false) }, t("cancel"))
            : null,
          h("button", { type: "submit", class: "strong", testid: "dialog-ok" }, yes),
        ),
      );
      const veil = h("div", { class: "veil", onclick: (event) => event.target === veil && finish(false) }, form);
      keepInside(form, () => finish(false));
      this.layer.append(veil);
      (form.querySelector("input") ?? form.querySelector("[type=submit]")).focus({ preventScroll: true });
    });
  }

  sheet(title, rows) {
    const before = document.activeElement;
    const close = () => {
      veil.remove();
      before?.focus?.({ preventScroll: true });
    };
    const box = h("div", { class: "dialog sheet", role: "dialog", "aria-modal": "true", "aria-label": title }, h("p", { class: "dialog-title" }, title));
    box.append(...rows(close));
    const veil = h("div", { class: "veil", onclick: (event) => event.target === veil && close() }, box);
    keepInside(box, close);
    this.layer.append(veil);
    box.querySelector("button")?.focus({ preventScroll: true });
  }

  popup(opener, entries, keys) {
    this.closePopup();
    const menu = h("div", { class: "menu", role: "menu", testid: "menu" }, entries);
    const cover = h("div", { class: "cover", onpointerdown: (event) => event.target === cover && this.closePopup() }, menu);
    this.layer.append(cover);
    this.opened = { cover, opener };
    const area = this.screen.getBoundingClientRect();
    const at = opener.getBoundingClientRect();
    const size = menu.getBoundingClientRect();
    const below = at.bottom - area.top + 4;
    const above = at.top - area.top - size.height - 4;
    const fits = below + size.height < area.height - 8;
    const middle = Math.max(8, Math.min(below, area.height - size.height - 8));
    menu.style.top = `${fits ? below : above > 8 ? above : middle}px`;
    menu.style.left = `${Math.max(8, Math.min(at.left - area.left, area.width - size.width - 8))}px`;
    (keys ?? (() => {}))(menu, () => this.closePopup(true));
    menu.addEventListener("keydown", (event) => event.key === "Escape" && this.closePopup(true));
    menu.querySelector("button")?.focus({ preventScroll: true });
  }

  closePopup(giveBack = false) {
    if (!this.opened) return;
    const { cover, opener } = this.opened;
    this.opened = null;
    cover.remove();
    if (giveBack) opener.focus?.({ preventScroll: true });
  }
}

/** Keeps the Tab key inside a dialog, and closes it on Escape. */
function keepInside(box, close) {
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      close();
    }
    if (event.key !== "Tab") return;
    const stops = [...box.querySelectorAll("button, input, a[href]")];
    const edge = event.shiftKey ? stops[0] : stops.at(-1);
    if (document.activeElement !== edge) return;
    event.preventDefault();
    (event.shiftKey ? stops.at(-1) : stops[0]).focus();
  });
}

function copyByHand(text) {
  const area = h("textarea", { class: "off-screen", readonly: true });
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}
