// Photos, files, voice notes, videos, places and contacts inside a bubble.

import { h, icon, iconButton } from "./dom.js";
import { sizeText, t } from "./i18n.js";

const PHOTO_WIDTH = 240; // the widest a picture is drawn in a bubble, in CSS pixels
const TALLEST = 1.35; // height over width beyond which a picture is cropped
const OPENS_IN_BROWSER = /^(image\/(png|jpeg|webp|gif)|text\/plain|application\/pdf)\b/;

const KIND_COLOURS = {
  pdf: "red", xlsx: "green", xls: "green", csv: "green", docx: "blue", doc: "blue", zip: "amber",
};

export function drawMedia(message, open) {
  const { media } = message;
  switch (media.kind) {
    case "photo":
      return photo(media, () => open(message));
    case "sticker":
      return sticker(media);
    case "voice":
    case "audio":
      return sound(media);
    case "video":
    case "video_note":
    case "animation":
      return video(media);
    default:
      return document_(media);
  }
}

/** A row of pictures sent together: two beside each other, three with a large one on top. */
export function drawAlbum(messages, open) {
  if (messages.every((m) => m.media?.kind === "photo" || m.media?.kind === "video")) {
    return h(
      "div",
      { class: "album", dataset: { count: String(Math.min(messages.length, 4)) }, testid: "album" },
      messages.map((m) =>
        m.media.kind === "photo" ? photo(m.media, () => open(m), true) : video(m.media)
      ),
    );
  }
  return h("div", { class: "documents" }, messages.map((m) => drawMedia(m, open)));
}

function photo(media, onclick, inAlbum = false) {
  const width = media.width ?? 4;
  const height = media.height ?? 3;
  const ratio = Math.min(Math.max(height / width, 0.4), TALLEST);
  const image = h("img", {
    src: media.url,
    alt: media.name ?? t("photo"),
    loading: "lazy",
    decoding: "async",
    draggable: "false",
  });
  const node = h(
    "button",
    {
      type: "button",
      class: `photo ${media.spoiler ? "veiled" : ""}`,
      "aria-label": t("open_photo"),
      testid: "photo",
      style: inAlbum ? {} : { aspectRatio: `1 / ${ratio}`, width: `${PHOTO_WIDTH}px` },
      onclick: () => (node.classList.contains("veiled") ? node.classList.remove("veiled") : onclick()),
    },
    image,
  );
  image.addEventListener("error", () => node.classList.add("broken"));
  return node;
}

function document_(media) {
  const name = media.name ?? t("file");
  const ending = /\.([a-z0-9]{1,5})$/i.exec(name)?.[1].toLowerCase() ?? "";
  const opens = OPENS_IN_BROWSER.test(media.mime ?? "");
  const download = `${media.url}?download=1`;
  return h(
    "div",
    { class: "document", testid: "document" },
    h(
      "a",
      {
        class: "document-open",
        href: opens ? media.url : download,
        target: opens ? "_blank" : null,
        rel: "noopener",
        download: opens ? null : name,
        testid: "document-open",
      },
      h(
        "span",
        { class: "document-icon", dataset: { colour: KIND_COLOURS[ending] ?? "grey" } },
        ending ? h("span", { class: "document-kind" }, ending) : icon("file", 20),
      ),
      h(
        "span",
        { class: "document-words" },
        h("span", { class: "document-name" }, shorten(name)),
        h("span", { class: "document-size" }, sizeText(media.size)),
      ),
    ),
    h(
      "a",
      {
        class: "icon-button document-save",
        href: download,
        download: name,
        "aria-label": t("download", { name }),
        title: t("download", { name }),
        testid: "document-download",
      },
      icon("save", 18),
    ),
  );
}

/** Keeps the beginning and the ending of a long file name; both are needed to know it. */
function shorten(name, most = 40) {
  if (name.length <= most) return name;
  return `${name.slice(0, most - 13)}…${name.slice(-12)}`;
}

const secondsText = (seconds) =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

const WAVE_BARS = 28;

function sound(media) {
  const audio = h("audio", { src: media.url, preload: "none" });
  const bars = Array.from({ length: WAVE_BARS }, (_, i) =>
    h("i", { style: { height: `${22 + Math.abs(Math.sin(i * 1.7) * 50 + Math.cos(i * 0.6) * 26)}%` } }));
  const duration = h("span", { class: "sound-time" }, secondsText(media.duration ?? 0));
  const toggle = () => (audio.paused ? audio.play().catch(() => stop()) : audio.pause());
  const button = h(
    "button",
    { type: "button", class: "sound-play", "aria-label": t("play"), onclick: toggle },
    icon("play", 18),
  );
  const show = (playing) => {
    button.setAttribute("aria-label", t(playing ? "pause" : "play"));
    button.replaceChildren(icon(playing ? "pause" : "play", 18));
  };
  const stop = () => {
    show(false);
    bars.forEach((bar) => bar.classList.remove("on"));
    duration.textContent = secondsText(media.duration ?? 0);
  };
  audio.addEventListener("play", () => show(true));
  audio.addEventListener("pause", () => show(false));
  audio.addEventListener("ended", stop);
  audio.addEventListener("timeupdate", () => {
    const length = Number.isFinite(audio.duration) ? audio.duration : (media.duration ?? 1);
    bars.forEach((bar, i) => bar.classList.toggle("on", i / WAVE_BARS < audio.currentTime / length));
    duration.textContent = secondsText(audio.currentTime);
  });
  return h(
    "div",
    { class: "sound", testid: "sound" },
    button,
    h("span", { class: "sound-words" }, h("span", { class: "wave", "aria-hidden": "true" }, bars), duration),
    audio,
  );
}

/** A video plays when pressed; one of which only the size is declared says so instead. */
function video(media) {
  const frame = h("div", { class: "video", testid: "video" });
  const words = [media.duration ? secondsText(media.duration) : t("video"), sizeText(media.size)];
  const play = async () => {
    const head = await fetch(media.url, { method: "HEAD" }).catch(() => null);
    if (!head?.ok || head.headers.has("x-sandbox-declared-size")) {
      note.textContent = t("no_preview");
      return;
    }
    const player = h("video", { src: media.url, controls: true, playsinline: true });
    frame.replaceChildren(player);
    player.play().catch(() => {});
  };
  const note = h("span", { class: "video-words" }, words.join(" · "));
  frame.append(
    h("button", { type: "button", class: "video-play", "aria-label": t("play"), onclick: play }, icon("play", 26)),
    note,
  );
  return frame;
}

function sticker(media) {
  const words = media.emoji || t("sticker");
  const written = () => h("div", { class: "sticker-text", testid: "sticker" }, words);
  if (!/^image\//.test(media.mime ?? "")) return written();
  const image = h("img", { class: "sticker", src: media.url, alt: words, loading: "lazy", testid: "sticker" });
  image.addEventListener("error", () => image.replaceWith(written()));
  return image;
}

/** A place as a quiet drawing of a map: the page asks no map service. */
export function drawPlace(message) {
  const { location, venue } = message;
  return h(
    "div",
    { class: "place", testid: "location" },
    h("div", { class: "map", role: "img", "aria-label": t("location") }, icon("place", 30)),
    h(
      "div",
      { class: "place-words" },
      h("strong", {}, venue?.title ?? t("location")),
      h("span", {}, venue?.address ?? `${location.latitude.toFixed(5)}, ${location.longitude.toFixed(5)}`),
    ),
  );
}

export function drawContact(contact) {
  const name = [contact.first_name, contact.last_name].filter(Boolean).join(" ");
  return h(
    "div",
    { class: "contact", testid: "contact" },
    h("span", { class: "contact-icon" }, icon("person", 22)),
    h("span", { class: "document-words" }, h("strong", {}, name), h("span", {}, contact.phone_number)),
  );
}

/** Shows pictures over the whole page, with the arrow keys; gives the focus back when closed. */
export function openViewer(photos, start) {
  let at = start;
  const before = document.activeElement;
  const image = h("img", { class: "viewer-image", testid: "viewer-image" });
  const count = h("span", { class: "viewer-count", "aria-live": "polite" });
  const save = h("a", { class: "icon-button" }, icon("save", 22));
  const show = (step) => {
    at = (at + step + photos.length) % photos.length;
    const media = photos[at];
    image.src = media.url;
    image.alt = media.name ?? t("photo");
    count.textContent = photos.length > 1 ? t("photo_of", { n: at + 1, total: photos.length }) : t("photo");
    save.href = `${media.url}?download=1`;
    save.setAttribute("download", media.name ?? "photo.jpg");
    save.setAttribute("aria-label", t("download", { name: media.name ?? t("photo") }));
  };
  const dialog = h(
    "dialog",
    { class: "viewer", "aria-label": t("photo"), testid: "viewer" },
    h("div", { class: "viewer-bar" }, count, save, iconButton("close", t("close"), () => dialog.close(), { size: 22 })),
    image,
  );
  if (photos.length > 1) {
    dialog.append(
      iconButton("back", t("previous"), () => show(-1), { size: 28, class: "viewer-step before" }),
      iconButton("chevron", t("next"), () => show(1), { size: 28, class: "viewer-step after" }),
    );
  }
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("keydown", (event) => {
    if (photos.length < 2) return;
    if (event.key === "ArrowLeft") show(-1);
    if (event.key === "ArrowRight") show(1);
  });
  dialog.addEventListener("close", () => {
    dialog.remove();
    before?.focus?.();
  });
  document.body.append(dialog);
  show(0);
  dialog.showModal();
}
