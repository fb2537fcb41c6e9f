// `@bot words` in the typing line: asks the bot and lists what it offers; picking sends it.

import { act } from "./api.js";
import { h } from "./dom.js";
import { t } from "./i18n.js";

const PAUSE_MS = 250; // typing pause after which the bot is asked

/** The bot and the query in a text like "@some_bot 人民", or null. */
export function inlineQueryIn(text, store) {
  const match = /^@(\w{3,32})\s([\s\S]*)$/.exec(text);
  const bot = match && store.botNamed(match[1]);
  return bot?.inline ? { bot, query: match[2] } : null;
}

export class InlinePanel {
  constructor(composer) {
    this.composer = composer;
    this.round = 0; // answers of older questions are ignored
    this.timer = 0;
  }

  ask({ bot, query }) {
    clearTimeout(this.timer);
    this.round += 1;
    const round = this.round;
    if (this.composer.panel.hidden) this.note(t("inline_loading"));
    this.timer = setTimeout(async () => {
      try {
        const { viewer, chat } = this.composer.context;
        const answer = await act(viewer(), "inline", { chat: chat().key, bot: bot.id, query, wait: 5 });
        if (round === this.round) this.show(bot, answer);
      } catch (error) {
        if (round === this.round) this.composer.context.failed(error);
      }
    }, PAUSE_MS);
  }

  forget() {
    clearTimeout(this.timer);
    this.round += 1;
  }

  note(words) {
    this.composer.openPanel("inline", t("inline_results"), h("p", { class: "panel-note", role: "status" }, words));
  }

  show(bot, answer) {
    const { composer } = this;
    const rows = answer.results.map((result, i) =>
      composer.option(i, () => this.choose(answer.inline_query_id, result.id), [
        tile(result),
        h(
          "span",
          { class: "result-words" },
          h("strong", {}, result.title ?? result.text ?? result.id),
          result.description ? h("span", {}, result.description) : null,
        ),
      ], "inline-result")
    );
    if (answer.button) {
      rows.unshift(
        h(
          "button",
          {
            type: "button", class: "panel-switch", testid: "inline-switch",
            onmousedown: (event) => event.preventDefault(),
            onclick: () => {
              composer.setText("", false);
              composer.context.openBot(bot, answer.button.start_parameter ?? "");
            },
          },
          answer.button.text,
        ),
      );
    }
    if (!rows.length) this.note(t("inline_none"));
    else composer.openPanel("inline", t("inline_results"), rows);
  }

  choose(queryId, resultId) {
    const { composer } = this;
    composer.setText("", false);
    composer.keepDraft();
    composer.context.run("choose", { inline_query_id: queryId, result_id: resultId });
  }
}

/** A small picture for a result; pictures from outside this machine are not fetched. */
function tile(result) {
  const url = result.thumbnail_url ?? "";
  if (url.startsWith("/") && !url.startsWith("//")) {
    return h("img", { class: "tile", src: url, alt: "" });
  }
  const first = [...(result.title ?? result.text ?? "?")][0];
  return h("span", { class: "tile", "aria-hidden": "true" }, first);
}
