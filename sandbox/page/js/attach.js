// The paper clip: what can be sent besides text, own files or ready samples.

import { h, icon, menuKeys } from "./dom.js";
import { civil, t, timeText } from "./i18n.js";
import { recall, remember } from "./memory.js";

const SAMPLE_PLACE = { latitude: 24.32605, longitude: 109.42848 }; // the middle of Liuzhou
const LARGE_VIDEO_BYTES = 25 * 1024 * 1024; // above the 20 MB that a bot may fetch

/** Opens the menu above `opener`; `send(action, payload, files)` sends what was chosen. */
export function attachMenu(opener, context, send) {
  const items = [
    ["photo", "attach_photo", "photo", () => pick("image/*", true, (files) => context.sendFiles(files))],
    ["photo", "attach_photo_sample", "photo-sample", async () => send("photo", {}, [await samplePhoto(context.now(), 1)])],
    ["photo", "attach_album_sample", "album-sample", async () =>
      send("album", { kind: "photo" }, await Promise.all([1, 2, 3].map((n) => samplePhoto(context.now(), n))))],
    ["file", "attach_file", "file", () => pick("", true, (files) => context.sendFiles(files, true))],
    ["place", "attach_place", "location", () => placeDialog(context, send)],
    ["voice", "attach_voice", "voice", () => send("voice", { generate: { duration: 7 } }, [])],
    ["video", "attach_video", "video", () =>
      send("video", { generate: { bytes: LARGE_VIDEO_BYTES, name: "video.mp4", mime: "video/mp4", duration: 95, width: 1280, height: 720 } }, [])],
    ["sticker", "attach_sticker", "sticker", () => send("sticker", { emoji: "👍" }, [])],
    ["person", "attach_contact", "contact", () => send("contact", {}, [])],
  ];
  context.popup(
    opener,
    items.map(([sign, key, id, run]) =>
      h(
        "button",
        { type: "button", role: "menuitem", testid: `attach-${id}`, onclick: () => { context.closePopup(); run(); } },
        icon(sign, 18),
        t(key),
      )
    ),
    menuKeys,
  );
}

function pick(accept, multiple, then) {
  const input = h("input", { type: "file", accept, multiple, hidden: true, testid: "file-input" });
  input.addEventListener("change", () => {
    then([...input.files]);
    input.remove();
  });
  input.addEventListener("cancel", () => input.remove());
  document.body.append(input);
  input.click();
}

/** A made-up picture of a notice on a clinic's wall, dated by the sandbox's clock. */
async function samplePhoto(now, number) {
  const canvas = h("canvas", { width: "1080", height: "810" });
  const draw = canvas.getContext("2d");
  const hue = [198, 152, 34][(number - 1) % 3];
  const wall = draw.createLinearGradient(0, 0, 0, 810);
  wall.addColorStop(0, `hsl(${hue} 28% 88%)`);
  wall.addColorStop(0.72, `hsl(${hue} 24% 79%)`);
  wall.addColorStop(0.72, `hsl(${hue} 16% 60%)`);
  wall.addColorStop(1, `hsl(${hue} 18% 48%)`);
  draw.fillStyle = wall;
  draw.fillRect(0, 0, 1080, 810);
  draw.shadowColor = "rgb(0 0 0 / .28)";
  draw.shadowBlur = 26;
  draw.shadowOffsetY = 10;
  draw.fillStyle = "#fffdf6";
  draw.fillRect(250, 110, 580, 440);
  draw.shadowColor = "transparent";
  draw.fillStyle = `hsl(${hue} 48% 36%)`;
  draw.fillRect(250, 110, 580, 84);
  draw.fillStyle = "#ffffff";
  draw.textAlign = "center";
  draw.font = "600 40px 'PingFang SC','Microsoft YaHei','Noto Sans SC',sans-serif";
  draw.fillText(["收费公示栏", "医师公示栏", "执业许可公示"][(number - 1) % 3], 540, 166);
  draw.fillStyle = "#b8b4a8";
  for (let line = 0; line < 6; line += 1) {
    draw.fillRect(300, 240 + line * 46, 260 + ((line * 67 + number * 31) % 90), 14);
    draw.fillRect(690, 240 + line * 46, 90, 14);
  }
  const c = civil(now);
  draw.textAlign = "right";
  draw.fillStyle = "#ffffff";
  draw.font = "500 30px ui-monospace,'Noto Sans Mono',monospace";
  draw.fillText(`${c.year}-${c.month}-${c.day} ${timeText(now)}  #${number}`, 1044, 774);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.86));
  return new File([blob], `sample-${number}.jpg`, { type: "image/jpeg" });
}

async function placeDialog(context, send) {
  const last = recall("place", SAMPLE_PLACE);
  const field = (key) =>
    h("input", { type: "number", step: "any", required: true, value: String(last[key]), testid: key });
  const latitude = field("latitude");
  const longitude = field("longitude");
  const agreed = await context.dialog(
    t("attach_here"),
    [
      h("label", {}, h("span", {}, t("latitude")), latitude),
      h("label", {}, h("span", {}, t("longitude")), longitude),
    ],
    t("share"),
  );
  if (!agreed) return;
  const place = { latitude: Number(latitude.value), longitude: Number(longitude.value) };
  remember("place", place);
  send("location", place, []);
}
