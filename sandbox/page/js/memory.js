// What this browser tab remembers about itself across a reload: drafts, scroll, open chats, tour.
// Nothing here is truth about the conversation; that is always the server's.

const PREFIX = "desk.";

function read(area, key, fallback) {
  try {
    const raw = area.getItem(PREFIX + key);
    return raw === null ? fallback : JSON.parse(raw);
  } catch {
    return fallback; // a full or forbidden storage only costs the memory
  }
}

function write(area, key, value) {
  try {
    if (value === null || value === undefined || value === "") area.removeItem(PREFIX + key);
    else area.setItem(PREFIX + key, JSON.stringify(value));
  } catch {
    // see read()
  }
}

/** For this tab only, so that two tabs can show different phones. */
export const recall = (key, fallback = null) => read(sessionStorage, key, fallback);
export const remember = (key, value) => write(sessionStorage, key, value);

/** For this browser: how far the tour is, whether the log is open. */
export const recallLong = (key, fallback = null) => read(localStorage, key, fallback);
export const rememberLong = (key, value) => write(localStorage, key, value);
