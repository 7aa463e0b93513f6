// Writes static/shell/icons.svg from the icons named here: `npm run icons` after adding a name.
import { readFileSync, writeFileSync } from "node:fs";

const NAMES = `
adjustments-horizontal alarm alert-circle alert-triangle ambulance apps archive arrow-back-up arrow-forward-up
arrow-left arrow-merge arrow-right arrows-split-2 ballpen bell bolt book books briefcase building building-bank
building-community building-factory-2 building-skyscraper building-store bulb bus calendar calendar-event camera
car chart-bar chart-line check checkbox checklist chevron-down chevron-left chevron-right chevron-up circle
circle-check circle-x clipboard clipboard-check clipboard-list clock clock-pause cloud coffee copy current-location
dashboard device-floppy device-mobile device-tv dog dots dots-vertical download droplet edit engine
external-link eye eye-off file file-export file-import file-text filter fingerprint fire-extinguisher flag flame
folder gavel grid-dots hammer headset heart-handshake help-circle history home hourglass hourglass-off id
inbox info-circle key language leaf lifebuoy link list list-check list-details lock lock-open login logout mail
manual-gearbox map map-2 map-pin map-search menu-2 message message-2 message-report messages moon mood-happy
mood-sad network news note notebook notes paperclip parking pencil phone phone-call photo plant-2 player-pause
player-play plug plus point printer progress-check qrcode question-mark recycle refresh report reload road route
rotate scale school search send settings shield shield-check shield-lock sitemap sort-descending speakerphone
star star-filled stethoscope sun switch-horizontal table tag target test-pipe tool tools traffic-lights trash tree
trending-up truck upload user user-check user-circle user-plus users users-group volume wall wifi-off windmill
world x zoom-in
`.trim().split(/\s+/);

const folder = "node_modules/@tabler/icons/icons";
const symbol = (name) => {
  const isFilled = name.endsWith("-filled");
  const path = isFilled ? `${folder}/filled/${name.replace("-filled", "")}.svg` : `${folder}/outline/${name}.svg`;
  const inner = readFileSync(path, "utf8").replace(/<!--[\s\S]*?-->/g, "").replace(/^[\s\S]*?<svg[\s\S]*?>/, "").replace("</svg>", "");
  const paint = isFilled ? 'fill="currentColor"' : 'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"';
  return `<symbol id="${name}" viewBox="0 0 24 24" ${paint}>${inner.replace(/\s*\n\s*/g, "")}</symbol>`;
};
const sprite = `<svg xmlns="http://www.w3.org/2000/svg">\n<!-- Tabler Icons, MIT License, https://tabler.io/icons -->\n`;
writeFileSync("src/gridloop/base/shell/static/shell/icons.svg", `${sprite}${NAMES.map(symbol).join("\n")}\n</svg>\n`);
