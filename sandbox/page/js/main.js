// Starts the page: reads the state, lays the desk, follows the events.

import { changeUser, follow, getState, getTour } from "./api.js";
import { ClockBar } from "./clock.js";
import { Desk } from "./desk.js";
import { currentLanguage, setLanguage, t } from "./i18n.js";
import { LogBar } from "./log.js";
import { Store } from "./store.js";
import { Tour } from "./tour.js";

const RETRY_MS = 1200;
const CODES = { zh: "zh-hans", en: "en" }; // what Telegram's own apps send as language_code

const $ = (id) => document.getElementById(id);

const store = new Store();
const desk = new Desk(store, $("desk"), $("tabs"));
const clock = new ClockBar(store, $("clock"), (text) => desk.say(text));
const log = new LogBar(store, $("log"), $("log-opener"));
let tour = null;

function relabelPage() {
  document.title = t("title");
  for (const node of document.querySelectorAll("[data-text]")) node.textContent = t(node.dataset.text);
  for (const node of document.querySelectorAll("[data-label]")) node.setAttribute("aria-label", t(node.dataset.label));
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === currentLanguage()));
  }
}

function relabelAll() {
  relabelPage();
  clock.render();
  log.relabel();
  desk.relabel();
  tour?.relabel();
}

/** Changes the page's language and that of everybody's Telegram. */
async function switchLanguage(language) {
  setLanguage(language);
  relabelAll();
  try {
    await Promise.all(store.people().map((u) => changeUser(u.id, { language_code: CODES[language] })));
  } catch (error) {
    desk.say(t("failed", { reason: error.status === 0 ? t("reason_network") : error.message }));
  }
}

/** People who all use one language set the page's: the server's word counts, not the browser's. */
function adoptLanguage() {
  const languages = new Set(
    store.people().map((u) => u.language_code).filter(Boolean).map((code) => (code.startsWith("zh") ? "zh" : "en")),
  );
  if (languages.size === 1) setLanguage([...languages][0]);
}

async function load() {
  let state = null;
  while (!state) {
    state = await getState().catch(() => null);
    if (state) break;
    showLink(false);
    await new Promise((done) => setTimeout(done, RETRY_MS));
  }
  store.load(state);
}

let wasDown = false;

function showLink(up) {
  $("link").hidden = up;
  $("link").textContent = t(store.seq ? "offline" : "loading");
  if (up && wasDown) desk.say(t("online"));
  wasDown = !up;
}

async function start() {
  setLanguage(currentLanguage());
  relabelPage();
  for (const button of document.querySelectorAll("[data-language]")) {
    button.addEventListener("click", () => switchLanguage(button.dataset.language));
  }
  store.on("loaded", () => {
    adoptLanguage();
    relabelAll();
  });
  store.on("user", () => {
    const before = currentLanguage();
    adoptLanguage();
    if (currentLanguage() !== before) relabelAll();
  });
  const steps = await getTour().then((data) => data.steps, () => []);
  await load();
  tour = new Tour(store, desk, $("tour"), $("tour-opener"), steps);
  $("tour-opener").hidden = !steps.length;
  document.body.dataset.ready = "true";
  follow(
    () => store.seq,
    (event) => {
      store.apply(event);
      if (event.type === "resync" || event.type === "reset") load();
    },
    showLink,
  );
}

start();
