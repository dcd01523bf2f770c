// The page with the numbers: asks for a token, listens, and says the truth about whether it still hears anything.

import { drawAges, drawLeads, nameOf } from "./leads.js";
import { Stream } from "./stream.js";
import { drawAlerts, drawNumbers } from "./tiles.js";
import { element, say, span } from "./words.js";

const KEPT = "booth-kiosk-token"; // in sessionStorage: this tab alone, and no longer than it

let stream = null;
let numbers = null;

function ask(wrong = "") {
  sessionStorage.removeItem(KEPT);
  element("door").hidden = false;
  element("board").hidden = true;
  element("leave").hidden = true;
  delete document.body.dataset.role;
  say("token-error", wrong);
  element("token").focus();
}

async function open(token) {
  stream?.end();
  const mine = new Stream(token, heard);
  stream = mine;
  const refusal = await mine.run();
  mine.end();
  if (stream !== mine) return;
  stream = null;
  if (refusal) ask(refusal.message);
}

function heard(name, document_) {
  if (name === "hello") {
    sessionStorage.setItem(KEPT, stream.token);
    document.body.dataset.role = document_.role;
    element("door").hidden = true;
    element("board").hidden = false;
    element("leave").hidden = false;
    element("token").value = "";
    element("reader").hidden = document_.role === "manage";
  } else if (name === "numbers") {
    numbers = document_;
    drawNumbers(numbers);
    drawAlerts(numbers.alerts ?? []);
    drawAges(numbers);
    trouble("");
  } else if (name === "leads") {
    drawLeads(document_, act);
    if (numbers) drawAges(numbers);
  } else if (name === "trouble") {
    trouble(`The kiosk answers, but cannot read its numbers: ${document_.detail}`);
  }
  link();
}

let troubled = "";

function trouble(sentence) {
  troubled = sentence;
}

// Once a second: what is shown is as old as what was heard last, and that is said.
function link() {
  const place = element("link");
  const isLost = stream !== null && !stream.isLive && (stream.heard !== null || stream.next !== null);
  const state = stream === null ? "connecting" : stream.isLive ? "live" : isLost ? "lost" : "connecting";
  place.dataset.link = state;
  place.hidden = stream === null;
  const ago = stream?.heard ? span((Date.now() - stream.heard) / 1000) : "";
  const said = { live: "live", connecting: stream ? "connecting" : "not connected", lost: ago ? `last heard ${ago} ago` : "not connected" };
  say("link-says", said[state]);
  element("board").dataset.stale = String(state !== "live");
  const wait = stream?.next ? Math.max(0, Math.round((stream.next - Date.now()) / 1000)) : 0;
  const again = wait ? ` Trying again in ${wait} s.` : " Trying again.";
  const lost = state === "lost" ? `No connection to the kiosk. ${ago ? `These are the numbers of ${ago} ago.` : ""}` : "";
  banner(lost ? lost : troubled, lost ? again : "");
}

// Screen readers hear the banner when it comes and not again each second: only what is new is an alert.
function banner(sentence, more) {
  const place = element("banner");
  place.hidden = !sentence;
  place.setAttribute("role", place.dataset.told === "yes" && sentence ? "none" : "alert");
  say(place, sentence ? sentence + more : "");
  place.dataset.told = sentence ? "yes" : "no";
}

async function call(path, body) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { Authorization: `Bearer ${stream.token}`, "Content-Type": "application/json" },
    body: body ? JSON.stringify(body) : null,
    credentials: "omit",
  });
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.detail);
  return said;
}

let saidUntil = 0;

function tell(sentence) {
  say("said", sentence);
  saidUntil = Date.now() + 6000;
}

async function decide(button, work) {
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  try {
    tell(await work());
  } catch (error) {
    tell(error instanceof TypeError ? "No connection to the kiosk: nothing was changed. Try again." : error.message);
  } finally {
    button.removeAttribute("aria-disabled");
  }
}

function act(verb, lead, button) {
  if (verb === "discard") return askWhy(lead, button);
  return decide(button, async () => {
    const after = await call(`/api/v1/contacts/${encodeURIComponent(lead.id)}/${verb}`);
    if (verb === "restore") return `${nameOf(lead)} is back.`;
    return after.state === "waiting" && !numbers?.paused ? `${nameOf(lead)} goes out now.` : after.why;
  });
}

let discarding = null;

function askWhy(lead, button) {
  discarding = { lead, button };
  say("discard-who", nameOf(lead));
  element("reason").value = "";
  element("discard").showModal();
  element("reason").focus();
}

element("discard-form").addEventListener("submit", () => {
  const { lead, button } = discarding;
  const reason = element("reason").value;
  decide(button, async () => {
    await call(`/api/v1/contacts/${encodeURIComponent(lead.id)}/discard`, { reason });
    return `${nameOf(lead)} is kept from the CRM.`;
  });
});
element("discard-not").addEventListener("click", () => element("discard").close());
element("sync").addEventListener("click", () =>
  decide(element("sync"), async () => {
    if (numbers?.paused) return `Not tried. ${numbers.sentence}`;
    await call("/api/v1/sync");
    return "Trying now.";
  }),
);
element("leave").addEventListener("click", () => {
  stream?.end();
  stream = null;
  ask();
});
element("token-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const token = element("token").value.trim();
  say("token-error", "");
  if (!/^[!-~]+$/.test(token)) return say("token-error", "That is no token: it has letters, digits, - and _ only.");
  open(token);
});

setInterval(() => {
  link();
  if (Date.now() > saidUntil) say("said", "");
}, 1000);
const kept = sessionStorage.getItem(KEPT);
if (kept) open(kept);
else ask();
