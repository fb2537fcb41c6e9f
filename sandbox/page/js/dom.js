// Small helpers to build the page's elements. Text always becomes a text node, never markup.

const SVG = "http://www.w3.org/2000/svg";

/**
 * Builds an element. Keys that begin with "on" become listeners, `class` and `dataset` are as
 * their names say, booleans become present or absent attributes; null children are skipped.
 */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key === "dataset") Object.assign(node.dataset, value);
    else if (key === "style") Object.assign(node.style, value);
    else if (key === "testid") node.dataset.testid = value;
    else if (value === true) node.setAttribute(key, "");
    else node.setAttribute(key, String(value));
  }
  append(node, children);
  return node;
}

export function append(node, children) {
  for (const child of [children].flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return node;
}

export function replace(node, ...children) {
  node.replaceChildren();
  return append(node, children);
}

// Stroke icons on a 24-unit grid: drawn by us so that the page needs no font and no network.
const ICONS = {
  back: "M15 5l-7 7 7 7",
  down: "M6 9l6 6 6-6",
  save: "M12 4v11M7.5 11l4.5 4.5 4.5-4.5M5 20h14",
  chevron: "M9 6l6 6-6 6",
  close: "M6 6l12 12M18 6L6 18",
  clip: "M20 11.5l-8.1 8.1a5 5 0 0 1-7.1-7.1l8.5-8.5a3.4 3.4 0 0 1 4.8 4.8l-8.4 8.4a1.7 1.7 0 0 1-2.4-2.4l7.6-7.6",
  menu: "M5 7h14M5 12h14M5 17h14",
  keys: "M4 6h16v12H4zM8 10h.01M12 10h.01M16 10h.01M8 14h8",
  send: "M4 12l16-7-6 15-3-6-7-2zM11 14l4-5",
  photo: "M4 6h16v13H4zM4 16l5-5 4 4 3-3 4 4M15.5 9.5h.01",
  file: "M7 3h7l5 5v13H7zM14 3v5h5",
  pin: "M9 4h6l-1 6 3 3H7l3-3zM12 13v7",
  place: "M12 21s7-6.2 7-11a7 7 0 0 0-14 0c0 4.8 7 11 7 11zM12 12.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z",
  voice: "M12 4a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0V7a3 3 0 0 1 3-3zM6 11.5a6 6 0 0 0 12 0M12 17.5V21",
  video: "M4 7h11v10H4zM15 11l5-3v8l-5-3",
  sticker: "M5 4h14v9l-6 7H5zM13 20v-7h6M9 9h.01M14.5 9h.01M9 12.5c1.5 1.5 3.5 1.5 5 0",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM5 20c.8-3.6 3.5-5 7-5s6.2 1.4 7 5",
  edit: "M5 19l1-4L16 5l3 3L9 18zM14 7l3 3",
  reply: "M10 7L5 12l5 5M5 12h9a5 5 0 0 1 5 5",
  forward: "M14 7l5 5-5 5M19 12h-9a5 5 0 0 0-5 5",
  copy: "M9 9h10v11H9zM15 9V5H5v11h4",
  check: "M5 12.5l4.5 4.5L19 7.5",
  ticks: "M2.5 12.5l4 4L15 8M11 15.5l1 1L20.5 8",
  play: "M8 5l11 7-11 7z",
  pause: "M8 5v14M16 5v14",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3 2",
  calendar: "M4 6h16v14H4zM4 10h16M8 3v4M16 3v4",
  flag: "M6 21V4h11l-2 4 2 4H6",
  log: "M5 6h14M5 10h9M5 14h14M5 18h7",
  link: "M14 5h5v5M19 5l-9 9M11 6H5v13h13v-6",
  group: "M9 11.5a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4zM3 19c.6-3.2 2.8-4.6 6-4.6s5.4 1.4 6 4.6M15.5 5.4a3 3 0 0 1 0 5.9M17 14.7c2.2.5 3.5 1.9 4 4.3",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l4.5 4.5",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  block: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM6 6l12 12",
  hash: "M9 4L7 20M17 4l-2 16M4.5 9h16M3.5 15h16",
  more: "M12 5.5h.01M12 12h.01M12 18.5h.01",
  swap: "M4 8h14l-3-3M20 16H6l3 3",
};

/** An icon for the eye only; the control around it carries the spoken name. */
export function icon(name, size = 20) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("width", size);
  svg.setAttribute("height", size);
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "icon");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name] ?? ICONS.file);
  svg.append(path);
  return svg;
}

/** A button that shows only an icon; `label` is what a screen reader says and the tooltip. */
export function iconButton(name, label, onclick, props = {}) {
  const { size = 20, class: extra = "", ...rest } = props;
  return h(
    "button",
    {
      type: "button",
      class: `icon-button ${extra}`,
      "aria-label": label,
      title: label,
      onclick,
      ...rest,
    },
    icon(name, size),
  );
}

const AVATAR_COLOURS = 7;

/** A round picture with the first character of a name, in a colour that follows from the id. */
export function avatar(name, id, size = "") {
  const letters = [...(name || "?").replace(/[@\s]/g, "")];
  return h(
    "span",
    {
      class: `avatar ${size}`,
      "aria-hidden": "true",
      dataset: { colour: String(Math.abs(Number(id) || 0) % AVATAR_COLOURS) },
    },
    (letters[0] ?? "?").toUpperCase(),
  );
}

/** Moves focus with the arrow keys inside a menu and gives it back to `opener` on Escape. */
export function menuKeys(menu, close) {
  menu.addEventListener("keydown", (event) => {
    const items = [...menu.querySelectorAll("button:not([disabled])")];
    const at = items.indexOf(document.activeElement);
    if (event.key === "Escape") {
      event.stopPropagation();
      close(true);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      items[(at + step + items.length) % items.length]?.focus();
    }
  });
}

/** Runs `work` at most once per `wait` milliseconds, always with the newest call's arguments. */
export function later(work, wait) {
  let timer = 0;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(...args), wait);
  };
}
