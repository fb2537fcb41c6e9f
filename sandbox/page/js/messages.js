// The scrolling list of one chat: which bubbles stand where, and where the reader is.

import { drawBubble, drawService } from "./bubble.js";
import { h, icon, later } from "./dom.js";
import { dayKey, dayText, t } from "./i18n.js";
import { openViewer } from "./media.js";
import { recall, remember } from "./memory.js";

const JOIN_SECONDS = 300; // messages of one sender within this time stand together
const LONG_PRESS_MS = 480; // for phones whose browser sends no contextmenu event
const NEAR_BOTTOM = 60; // pixels from the end within which the reader follows new messages

export class MessageList {
  /**
   * `context` gives `viewer()`, `chat()`, `thread()` (topic id or null), `now()`, `memoryKey`,
   * `isGroup()`, `rank(userId)`, `actions` for the bubbles and `onRead()` when the end is seen.
   */
  constructor(context) {
    this.context = context;
    this.items = new Map(); // key -> {signature, node}
    this.unfolded = new Set();
    this.pending = []; // own messages that the server has not confirmed: {id, node}
    this.fresh = 0; // messages that came while the reader was further up
    this.stuck = true; // the reader is at the end and stays there
    this.inner = h("div", { class: "messages-inner" });
    this.typing = h("div", { class: "typing-row", hidden: true });
    this.node = h(
      "div",
      { class: "messages", tabindex: "0", role: "log", "aria-live": "off", testid: "messages" },
      this.inner,
      this.typing,
    );
    this.count = h("span", { class: "badge", hidden: true });
    this.toEnd = h(
      "button",
      {
        type: "button", class: "to-end", hidden: true, "aria-label": t("to_bottom"), title: t("to_bottom"),
        testid: "to-end", onclick: () => this.scrollToEnd(true),
      },
      icon("down", 22),
      this.count,
    );
    this.node.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.node.addEventListener("keydown", (event) => this.keys(event));
    this.node.addEventListener("contextmenu", (event) => {
      if (this.openMenu(event.target)) event.preventDefault();
    });
    this.node.addEventListener("touchstart", (event) => this.pressLong(event), { passive: true });
    for (const end of ["touchend", "touchmove", "touchcancel"]) {
      this.node.addEventListener(end, () => clearTimeout(this.press), { passive: true });
    }
    this.saveScroll = later(() => this.keepPlace(), 120);
    // Pictures, keyboards and a turned phone change the height: who was at the end stays there.
    this.watcher = new ResizeObserver(() => this.stuck && this.scrollToEnd());
    this.watcher.observe(this.node);
    this.watcher.observe(this.inner);
  }

  destroy() {
    this.keepPlace();
    this.watcher.disconnect();
  }

  /** The messages of the chat, or of its chosen topic. */
  visible() {
    const chat = this.context.chat();
    const thread = this.context.thread();
    if (!chat.is_forum || thread === null) return chat.messages;
    return chat.messages.filter((m) => (m.message_thread_id ?? 1) === thread);
  }

  render() {
    const wanted = this.arrange(this.visible());
    const nodes = [];
    const kept = new Map();
    for (const item of wanted) {
      const known = this.items.get(item.key);
      const entry = known?.signature === item.signature
        ? known
        : { signature: item.signature, node: item.draw() };
      if (known && known !== entry && known.node.contains(document.activeElement)) {
        this.refocus(known.node, entry.node);
      }
      kept.set(item.key, entry);
      nodes.push(entry.node);
    }
    this.items = kept;
    this.pending = this.pending.filter((p) => !p.done);
    place(this.inner, [...nodes, ...this.pending.map((p) => p.node)]);
    this.justRefocused?.();
    this.justRefocused = null;
    if (this.stuck) this.scrollToEnd();
    this.showEnd();
  }

  /** An edited card keeps the keyboard user's place: the button at the same position. */
  refocus(before, after) {
    const at = [...before.querySelectorAll("button")].indexOf(document.activeElement);
    this.justRefocused = () =>
      (after.querySelectorAll("button")[at] ?? after).focus({ preventScroll: true });
  }

  /** Rows in order: day lines, service lines, and bubbles grouped by sender and album. */
  arrange(messages) {
    const now = this.context.now();
    const rows = [];
    let day = "";
    for (let i = 0; i < messages.length; i += 1) {
      const message = messages[i];
      const key = dayKey(message.date);
      if (key !== day) {
        day = key;
        const words = dayText(message.date, now);
        rows.push({
          key: `day-${key}-${message.message_id}`, signature: words, breaks: true,
          draw: () => h("div", { class: "day" }, h("span", {}, words)),
        });
      }
      if (message.service) {
        rows.push({
          key: `m${message.message_id}`, signature: JSON.stringify(message.service), breaks: true,
          draw: () => drawService(message, this.context.actions.jump),
        });
        continue;
      }
      const group = [message];
      while (
        message.media_group_id && messages[i + 1]?.media_group_id === message.media_group_id
      ) {
        i += 1;
        group.push(messages[i]);
      }
      rows.push({ key: `m${message.message_id}`, group, message });
    }
    return rows.map((row, i) => (row.group ? this.bubble(row, rows[i - 1], rows[i + 1]) : row));
  }

  bubble(row, before, after) {
    const joins = (a, b) =>
      a?.group && b?.group && a.message.from?.id === b.message.from?.id &&
      Math.abs(a.group.at(-1).date - b.message.date) < JOIN_SECONDS;
    const view = {
      viewer: this.context.viewer(),
      isGroup: this.context.isGroup(),
      rank: this.context.rank,
      actions: this.context.actions,
      first: !joins(before, row),
      last: !joins(row, after),
      unfolded: this.unfolded.has(row.message.message_id),
    };
    const signature = JSON.stringify([row.group, view.viewer, view.first, view.last, view.unfolded]);
    return { key: row.key, signature, draw: () => drawBubble(row.group, view) };
  }

  /** Draws everything anew, for another language or another reader. */
  redraw() {
    this.items.clear();
    this.render();
  }

  unfold(messageId) {
    this.unfolded.add(messageId);
    this.stuck = false;
    this.render();
  }

  addPending(entry) {
    this.pending.push(entry);
    this.stuck = true;
    this.render();
  }

  arrived(message) {
    const mine = message.from?.id === this.context.viewer();
    if (mine) this.stuck = true;
    if (!this.stuck && !message.service) this.fresh += 1;
    this.render();
    if (this.stuck) this.context.onRead();
  }

  showTyping(words) {
    this.typing.hidden = !words;
    this.typing.replaceChildren();
    if (words) {
      this.typing.append(
        h("span", { class: "typing-bubble", "aria-label": words }, h("i"), h("i"), h("i")),
      );
    }
    if (this.stuck) this.scrollToEnd();
  }

  /** Opens the menu of the message under a press; false when there is none. */
  openMenu(target) {
    clearTimeout(this.press);
    const row = target.closest("[data-testid=message]");
    if (!row || target.closest(".text a, .inline-keyboard")) return false;
    this.context.actions.menu(Number(row.dataset.message), row);
    return true;
  }

  pressLong(event) {
    clearTimeout(this.press);
    if (event.touches.length !== 1) return;
    const { target } = event;
    this.press = setTimeout(() => this.openMenu(target), LONG_PRESS_MS);
  }

  // Reading place

  scrollToEnd(smoothly = false) {
    this.stuck = true;
    this.fresh = 0;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.node.scrollTo({
      top: this.node.scrollHeight,
      behavior: smoothly && !calm ? "smooth" : "instant",
    });
    this.measured = `${this.node.scrollHeight} ${this.node.clientHeight}`;
    this.showEnd();
    if (smoothly) this.context.onRead();
  }

  scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.node;
    const wasStuck = this.stuck;
    if (wasStuck && `${scrollHeight} ${clientHeight}` !== this.measured) {
      this.scrollToEnd(); // the content grew under a reader who was at its end
      return;
    }
    this.stuck = scrollHeight - scrollTop - clientHeight < NEAR_BOTTOM;
    if (this.stuck && !wasStuck) {
      this.fresh = 0;
      this.context.onRead();
    }
    this.showEnd();
    this.saveScroll();
  }

  showEnd() {
    this.toEnd.hidden = this.stuck;
    this.count.hidden = this.fresh === 0;
    this.count.textContent = String(this.fresh);
  }

  /** Remembers the first message in sight and how far it is from the upper edge. */
  keepPlace() {
    const key = `scroll.${this.context.memoryKey()}`;
    if (this.stuck || !this.node.isConnected) {
      if (this.node.isConnected) remember(key, null);
      return;
    }
    const top = this.node.getBoundingClientRect().top;
    for (const row of this.inner.children) {
      const box = row.getBoundingClientRect();
      if (row.dataset.message && box.bottom > top) {
        remember(key, { message: row.dataset.message, offset: Math.round(box.top - top) });
        return;
      }
    }
  }

  restorePlace() {
    const place_ = recall(`scroll.${this.context.memoryKey()}`);
    const row = place_ && this.row(place_.message);
    if (!row) {
      this.scrollToEnd();
      return;
    }
    this.stuck = false;
    const top = this.node.getBoundingClientRect().top;
    this.node.scrollTop += row.getBoundingClientRect().top - top - place_.offset;
    this.scrolled();
  }

  row(messageId) {
    const id = String(messageId);
    for (const row of this.inner.children) {
      if (row.dataset.message === id) return row;
    }
    const album = this.visible().find((m) => String(m.message_id) === id)?.media_group_id;
    const first = album && this.visible().find((m) => m.media_group_id === album);
    return first && String(first.message_id) !== id ? this.row(first.message_id) : null;
  }

  /** Brings a message into sight and lights it up for a moment. */
  jump(messageId) {
    const row = this.row(messageId);
    if (!row) return false;
    this.stuck = false;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    row.scrollIntoView({ block: "center", behavior: calm ? "instant" : "smooth" });
    row.classList.remove("lit");
    requestAnimationFrame(() => row.classList.add("lit"));
    setTimeout(() => row.classList.remove("lit"), 1600);
    return true;
  }

  openPhoto(message) {
    const photos = this.visible().filter((m) => m.media?.kind === "photo");
    openViewer(photos.map((m) => m.media), photos.findIndex((m) => m === message || m.message_id === message.message_id));
  }

  /** Arrow keys walk from message to message; Enter opens the message's menu. */
  keys(event) {
    const row = event.target.closest?.("[data-message]");
    if (event.target !== this.node && event.target !== row) return;
    const rows = [...this.inner.querySelectorAll("[data-testid=message]")];
    const at = rows.indexOf(row);
    if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      const next = at < 0 ? rows.length - 1 : at + (event.key === "ArrowUp" ? -1 : 1);
      if (!rows[next]) return;
      event.preventDefault();
      rows[next].focus({ preventScroll: true });
      rows[next].scrollIntoView({ block: "nearest" });
    } else if (row && (event.key === "Enter" || event.key === "ContextMenu")) {
      event.preventDefault();
      this.context.actions.menu(Number(row.dataset.message), row);
    }
  }
}

/** Makes `nodes` the children of `parent`, moving only what is not already in its place. */
function place(parent, nodes) {
  let cursor = parent.firstChild;
  for (const node of nodes) {
    if (node === cursor) cursor = cursor.nextSibling;
    else parent.insertBefore(node, cursor);
  }
  while (cursor) {
    const gone = cursor;
    cursor = cursor.nextSibling;
    gone.remove();
  }
}
