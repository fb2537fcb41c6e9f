// The page's language, its texts, and times as an inspector in Guangxi reads them.

import { TEXTS } from "./texts.js";

const KEY = "desk.language";
const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
const BEIJING_OFFSET_MS = 8 * 3600 * 1000; // Asia/Shanghai has had no summer time since 1991.

const wanted = localStorage.getItem(KEY) ?? (navigator.language.startsWith("zh") ? "zh" : "en");
let language = wanted in TEXTS ? wanted : "zh";

export const currentLanguage = () => language;

export function setLanguage(next) {
  language = next;
  localStorage.setItem(KEY, next);
  document.documentElement.lang = next === "zh" ? "zh-CN" : "en";
}

/** The text for a key; a missing key shows itself so that nobody overlooks it. */
export function t(key, values = {}) {
  const text = TEXTS[language][key] ?? TEXTS.zh[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/** Civil date and time in Beijing of an instant in seconds since 1970. */
export function civil(seconds) {
  const shifted = new Date(seconds * 1000 + BEIJING_OFFSET_MS);
  return {
    year: shifted.getUTCFullYear(),
    month: shifted.getUTCMonth() + 1,
    day: shifted.getUTCDate(),
    weekday: shifted.getUTCDay(),
    hour: shifted.getUTCHours(),
    minute: shifted.getUTCMinutes(),
    second: shifted.getUTCSeconds(),
  };
}

/** The instant, in seconds since 1970, of a civil time in Beijing. */
export function instant(year, month, day, hour = 0, minute = 0, second = 0) {
  return (Date.UTC(year, month - 1, day, hour, minute, second) - BEIJING_OFFSET_MS) / 1000;
}

const two = (n) => String(n).padStart(2, "0");

export const timeText = (seconds) => {
  const c = civil(seconds);
  return `${two(c.hour)}:${two(c.minute)}`;
};

export const dayKey = (seconds) => {
  const c = civil(seconds);
  return `${c.year}-${two(c.month)}-${two(c.day)}`;
};

/** A day as a chat's separator says it: today, yesterday, or the date. */
export function dayText(seconds, now) {
  const key = dayKey(seconds);
  if (key === dayKey(now)) return t("today");
  if (key === dayKey(now - 86400)) return t("yesterday");
  const c = civil(seconds);
  const values = { y: c.year, m: c.month, d: c.day, mon: MONTHS[c.month - 1] };
  return t(c.year === civil(now).year ? "date" : "date_year", values);
}

export function weekdayText(weekday) {
  const names = t("weekdays");
  return language === "zh" ? `周${names[weekday]}` : names.split(",")[weekday];
}

/** The clock on top of the page: year, day, weekday and time with seconds. */
export function clockText(seconds) {
  const c = civil(seconds);
  const zh = language === "zh";
  const day = zh ? `${c.month} 月 ${c.day} 日` : `${c.day} ${MONTHS[c.month - 1]}`;
  const date = zh ? `${c.year} 年 ${day}` : `${day} ${c.year}`;
  const weekday = weekdayText(c.weekday);
  return { date, day, weekday, time: timeText(seconds), second: two(c.second) };
}

/** The time in a chat list: clock today, weekday this week, else the date. */
export function listTime(seconds, now) {
  if (dayKey(seconds) === dayKey(now)) return timeText(seconds);
  const c = civil(seconds);
  if (now - seconds < 6 * 86400 && seconds <= now) return weekdayText(c.weekday);
  return language === "zh" ? `${c.month}/${c.day}` : `${c.day} ${MONTHS[c.month - 1]}`;
}

export function sizeText(bytes) {
  if (bytes === undefined || bytes === null) return "";
  if (bytes < 1000) return t("bytes", { n: bytes });
  if (bytes < 1024 * 1000) return t("kb", { n: (bytes / 1024).toFixed(bytes < 10240 ? 1 : 0) });
  return t("mb", { n: (bytes / 1024 / 1024).toFixed(1) });
}
