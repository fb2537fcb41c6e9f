// Which links stay on this desk: t.me and tg:// addresses of the sandbox's own bots.

/** Reads a link; null when it leads outside. The result names the bot, if it is one of ours. */
export function deepLink(text, store) {
  const join = /^(?:\/start\s+)?([A-Za-z0-9_-]{1,64})$/.exec(text);
  if (join && store.firstBot()) return { bot: store.firstBot(), start: join[1] };
  let url;
  try {
    url = new URL(text.includes("://") ? text : `https://${text}`);
  } catch {
    return null;
  }
  const query = url.searchParams;
  let name = null;
  if (url.protocol === "tg:" && url.host === "resolve") name = query.get("domain");
  else if (/^(t|telegram)\.me$/i.test(url.host)) name = url.pathname.split("/")[1];
  const bot = name && store.botNamed(name);
  if (!bot) return null;
  return { bot, start: query.get("start"), startGroup: query.get("startgroup") };
}
