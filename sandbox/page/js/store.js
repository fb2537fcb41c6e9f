// A mirror of the server's state, kept fresh by its events. Nobody else changes it.

import { currentLanguage } from "./i18n.js";

const KEPT_MESSAGES = 400; // what the server keeps per chat
const KEPT_LOG = 300;

export class Store {
  constructor() {
    this.seq = 0;
    this.clock = { offset_seconds: 0, speed: 1, now: new Date().toISOString() };
    this.clockReadAt = performance.now();
    this.users = new Map();
    this.bots = new Map();
    this.chats = new Map();
    this.log = [];
    this.typing = new Map();
    this.answered = new Map();
    this.listeners = new Map();
  }

  /** Calls `listener(event)` for each event of a type; the answer stops that. */
  on(type, listener) {
    if (!this.listeners.has(type)) this.listeners.set(type, new Set());
    this.listeners.get(type).add(listener);
    return () => this.listeners.get(type).delete(listener);
  }

  emit(type, event = {}) {
    for (const listener of [...(this.listeners.get(type) ?? [])]) listener(event);
  }

  /** Takes a whole state as `/sandbox/state` gives it. */
  load(state) {
    this.seq = state.seq;
    this.setClock(state.clock);
    this.users = new Map(state.users.map((user) => [user.id, user]));
    this.bots = new Map(state.bots.map((bot) => [bot.id, bot]));
    this.chats = new Map(state.chats.map((chat) => [chat.key, withMessages(chat)]));
    this.log = state.log.slice(-KEPT_LOG);
    this.typing.clear();
    this.emit("loaded");
  }

  setClock(clock) {
    this.clock = clock;
    this.clockReadAt = performance.now();
  }

  /** The sandbox's time in seconds since 1970, running on between the server's words. */
  now() {
    const passed = (performance.now() - this.clockReadAt) / 1000;
    return Date.parse(this.clock.now) / 1000 + passed * this.clock.speed;
  }

  apply(event) {
    if (event.seq !== undefined) {
      if (event.seq <= this.seq && event.type !== "reset" && event.type !== "resync") return;
      this.seq = Math.max(this.seq, event.seq);
    }
    const chat = this.chats.get(event.chat?.key ?? event.chat ?? event.message?.chat);
    switch (event.type) {
      case "message_new":
        this.put(event.message);
        break;
      case "message_edited":
        // An edit of a message that has already left the kept history stays unseen.
        if (chat?.messages.some((m) => m.message_id === event.message.message_id)) {
          this.put(event.message);
        }
        break;
      case "message_deleted":
        if (chat) drop(chat, event.message_ids);
        break;
      case "pinned":
        if (chat) chat.pinned = event.pinned;
        break;
      case "keyboard":
        if (!chat) break;
        if (event.keyboard) chat.keyboards[event.user_id] = event.keyboard;
        else delete chat.keyboards[event.user_id];
        break;
      case "unread":
        if (chat) chat.unread[event.user_id] = event.count;
        break;
      case "chat":
        this.putChat(event.chat);
        break;
      case "user":
        this.users.set(event.user.id, event.user);
        break;
      case "user_deleted":
        this.users.delete(event.user_id);
        break;
      case "bot":
        this.bots.set(event.bot.id, event.bot);
        break;
      case "typing":
        this.startTyping(event);
        break;
      case "callback_answer":
        this.answered.set(event.callback_query_id, event);
        if (this.answered.size > 100) this.answered.delete(this.answered.keys().next().value);
        break;
      case "log":
        this.log.push(event.entry);
        if (this.log.length > KEPT_LOG) this.log.shift();
        break;
      case "clock":
        this.setClock(event.clock);
        break;
    }
    this.emit(event.type, event);
  }

  putChat(fresh) {
    const known = this.chats.get(fresh.key);
    if (!known) this.chats.set(fresh.key, withMessages(fresh));
    else {
      for (const gone of ["migrated_to", "topics", "menu_button", "members"]) {
        if (!(gone in fresh)) delete known[gone];
      }
      const { messages: _, ...rest } = fresh;
      Object.assign(known, rest);
    }
    for (const user of this.users.values()) {
      const isIn = fresh.user_id === user.id ||
        (fresh.members ?? []).some((m) => m.user_id === user.id && isInside(m));
      user.chats ??= [];
      if (isIn && !user.chats.includes(fresh.key)) user.chats.push(fresh.key);
    }
  }

  /** Adds or renews a message, also one that came as the answer to an own request. */
  put(message) {
    const chat = this.chats.get(message.chat);
    if (!chat) return;
    const at = chat.messages.findIndex((m) => m.message_id === message.message_id);
    if (at >= 0) chat.messages[at] = message;
    else {
      let place = chat.messages.length;
      while (place > 0 && chat.messages[place - 1].message_id > message.message_id) place -= 1;
      chat.messages.splice(place, 0, message);
      if (chat.messages.length > KEPT_MESSAGES) chat.messages.shift();
    }
    const typing = this.typing.get(message.chat);
    if (typing && typing.from.id === message.from?.id) this.stopTyping(message.chat);
  }

  /** Shows an own message at once instead of waiting for the event that will say the same. */
  putNow(message) {
    const chat = this.chats.get(message.chat);
    if (!chat || chat.messages.some((m) => m.message_id === message.message_id)) return;
    this.put(message);
    this.emit("message_new", { type: "message_new", message });
  }

  startTyping(event) {
    this.stopTyping(event.chat);
    const timer = setTimeout(() => {
      this.typing.delete(event.chat);
      this.emit("typing_end", { chat: event.chat });
    }, (event.seconds ?? 5) * 1000);
    this.typing.set(event.chat, { from: event.from, action: event.action, timer });
  }

  stopTyping(key) {
    clearTimeout(this.typing.get(key)?.timer);
    if (this.typing.delete(key)) this.emit("typing_end", { chat: key });
  }

  firstBot() {
    return this.bots.values().next().value ?? null;
  }

  botNamed(username) {
    const wanted = String(username).replace(/^@/, "").toLowerCase();
    return [...this.bots.values()].find((b) => b.username.toLowerCase() === wanted) ?? null;
  }

  /** People in the order in which the server wants their phones to lie on the desk. */
  people() {
    return [...this.users.values()].sort(
      (a, b) => (a.order ?? 1e9) - (b.order ?? 1e9) || a.id - b.id,
    );
  }

  groups() {
    return [...this.chats.values()].filter((c) => c.type !== "private" && !c.migrated_to);
  }

  /** A chat by key; a person's chat with a bot that was never opened exists as an empty one. */
  chat(key) {
    const known = this.chats.get(key);
    if (known) return known.migrated_to ? (this.chats.get(known.migrated_to) ?? known) : known;
    const [userId, botId] = String(key).split(":").map(Number);
    const bot = this.bots.get(botId);
    if (!bot || !this.users.has(userId)) return null;
    return withMessages({
      key, id: userId, type: "private", title: bot.first_name, user_id: userId, bot_id: botId,
      started: false, blocked: false, pinned: [], keyboards: {}, unread: {},
    });
  }

  /** Everything that lies in one person's chat list, newest message first. */
  chatsOf(userId) {
    const keys = new Set(this.users.get(userId)?.chats ?? []);
    for (const bot of this.bots.values()) keys.add(`${userId}:${bot.id}`);
    const chats = [...keys].map((key) => this.chat(key)).filter((chat) => chat !== null);
    const seen = new Set();
    return chats
      .filter((chat) => {
        if (seen.has(chat.key)) return false;
        seen.add(chat.key);
        return chat.type === "private" || this.memberIn(chat, userId);
      })
      .sort((a, b) => lastDate(b) - lastDate(a));
  }

  memberIn(chat, id) {
    const member = (chat.members ?? []).find((m) => m.user_id === id);
    return member && isInside(member) ? member : null;
  }

  unreadOf(chat, userId) {
    return chat.unread?.[userId] ?? 0;
  }
}

function withMessages(chat) {
  return {
    ...chat,
    messages: [...(chat.messages ?? [])],
    keyboards: { ...chat.keyboards },
    unread: { ...chat.unread },
    pinned: chat.pinned ?? [],
  };
}

function drop(chat, ids) {
  const gone = new Set(ids);
  chat.messages = chat.messages.filter((message) => !gone.has(message.message_id));
}

const isInside = (member) => member.status !== "left" && member.status !== "kicked";
const lastDate = (chat) => chat.messages.at(-1)?.date ?? 0;

/** A person's, bot's or chat's name as a chat shows it. */
export function nameOf(person) {
  if (!person) return "";
  return [person.first_name, person.last_name].filter(Boolean).join(" ") || person.title || "";
}

/** The caption of a phone: the role if the server gave one, else the name. */
export function captionOf(user) {
  const { label } = user;
  if (!label) return nameOf(user);
  if (typeof label === "string") return label;
  return label[currentLanguage()] ?? label.zh ?? Object.values(label)[0] ?? nameOf(user);
}
