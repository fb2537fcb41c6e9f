// The only file that knows the sandbox's control API by address.

/** A refusal by the server (its own words) or "network" when there was no answer at all. */
export class ApiError extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

async function call(method, path, body) {
  const options = { method, headers: { accept: "application/json" } };
  if (body instanceof FormData) options.body = body;
  else if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers["content-type"] = "application/json";
  }
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new ApiError("network", 0);
  }
  const data = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new ApiError(data.error ?? `HTTP ${answer.status}`, answer.status);
  return data;
}

export const getState = () => call("GET", "/sandbox/state");
export const getTour = () => call("GET", "/page/tour.json");
export const setClock = (change) => call("POST", "/sandbox/clock", change);
export const changeUser = (id, fields) => call("PATCH", `/sandbox/users/${id}`, fields);
export const changeGroup = (id, action, body = {}) =>
  call("POST", `/sandbox/groups/${id}/${action}`, body);

/** One thing that a person does; `files` turns the request into an upload. */
export function act(userId, action, payload, files = []) {
  const path = `/sandbox/people/${userId}/${action}`;
  if (!files.length) return call("POST", path, payload);
  const form = new FormData();
  form.append("payload", JSON.stringify(payload));
  for (const file of files) form.append("file", file, file.name);
  return call("POST", path, form);
}

const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 5000;

/**
 * Follows the server's events for ever, reconnecting from the last one seen.
 *
 * `since()` gives the last sequence number, `onEvent(event)` gets each event, `onLink(up)` hears
 * when the connection is lost or back.
 */
export function follow(since, onEvent, onLink) {
  let wait = FIRST_WAIT_MS;
  let source = null;
  const open = () => {
    source = new EventSource(`/sandbox/events?since=${since()}`);
    source.onopen = () => {
      wait = FIRST_WAIT_MS;
      onLink(true);
    };
    source.onmessage = (message) => onEvent(JSON.parse(message.data));
    source.onerror = () => {
      source.close();
      onLink(false);
      setTimeout(open, wait);
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    };
  };
  open();
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (event) => {
    if (event.persisted) open();
  });
}
