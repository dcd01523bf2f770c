// The dashboard: asks for a token, listens to the live numbers, and shows how old they are.

import { _, loadCatalogue, translatePage } from "./language.js";
import { drawAges, drawLeads, formatName } from "./leads.js";
import { Stream } from "./stream.js";
import { drawAlerts, drawStatus } from "./tiles.js";
import { element, formatDuration, setText } from "./words.js";

const TOKEN_KEY = "booth-kiosk-token"; // in sessionStorage: only this tab has it, and no longer than it is open
const MESSAGE_MS = 6000;

let stream = null;
let status = null;
let troubleSentence = "";
let messageUntil = 0;
let discarding = null;

function askForToken(error = "") {
  sessionStorage.removeItem(TOKEN_KEY);
  element("sign-in").hidden = false;
  element("board").hidden = true;
  element("leave").hidden = true;
  delete document.body.dataset.role;
  setText("token-error", error);
  element("token").focus();
}

async function openStream(token) {
  stream?.end();
  const mine = new Stream(token, handleEvent);
  stream = mine;
  const refusal = await mine.run();
  mine.end();
  if (stream !== mine) return;
  stream = null;
  if (refusal) askForToken(refusal.message);
}

function handleEvent(name, content) {
  if (name === "hello") {
    sessionStorage.setItem(TOKEN_KEY, stream.token);
    document.body.dataset.role = content.role;
    element("sign-in").hidden = true;
    element("board").hidden = false;
    element("leave").hidden = false;
    element("token").value = "";
    element("reader").hidden = content.role === "manage";
  } else if (name === "numbers") {
    status = content;
    drawStatus(status);
    drawAlerts(status.alerts ?? []);
    drawAges(status);
    troubleSentence = "";
  } else if (name === "leads") {
    drawLeads(content, act);
    if (status) drawAges(status);
  } else if (name === "trouble") {
    troubleSentence = _("The kiosk is running, but cannot read its numbers: {reason}", { reason: content.detail });
  }
  drawConnection();
}

// Called every second, because what is shown gets older every second.
function drawConnection() {
  const isLost = stream !== null && !stream.isLive && (stream.lastReceived !== null || stream.nextTry !== null);
  const state = stream?.isLive ? "live" : isLost ? "lost" : "connecting";
  element("link").dataset.link = state;
  element("link").hidden = stream === null;
  setText("link-says", describeConnection(state));
  element("board").dataset.stale = String(state !== "live");
  drawBanner(state === "lost" ? describeLoss() : troubleSentence);
}

function formatAge() {
  return stream?.lastReceived ? formatDuration((Date.now() - stream.lastReceived) / 1000) : "";
}

function describeConnection(state) {
  if (state === "live") return _("live");
  if (state === "connecting") return stream ? _("connecting") : _("not connected");
  return formatAge() ? _("last update {time} ago", { time: formatAge() }) : _("not connected");
}

function describeLoss() {
  const seconds = stream?.nextTry ? Math.max(0, Math.round((stream.nextTry - Date.now()) / 1000)) : 0;
  const retry = seconds ? _("Trying again in {seconds} s.", { seconds }) : _("Trying again.");
  const age = formatAge();
  if (!age) return _("No connection to the kiosk. {retry}", { retry });
  return _("No connection to the kiosk. These numbers are {time} old. {retry}", { time: age, retry });
}

// Screen readers read the banner when it appears, and not every second when its seconds change.
function drawBanner(sentence) {
  const banner = element("banner");
  banner.hidden = !sentence;
  banner.setAttribute("role", banner.dataset.shown === "yes" && sentence ? "none" : "alert");
  setText(banner, sentence);
  banner.dataset.shown = sentence ? "yes" : "no";
}

async function post(path, body) {
  const response = await fetch(path, {
    method: "POST",
    headers: { Authorization: `Bearer ${stream.token}`, "Content-Type": "application/json" },
    body: body ? JSON.stringify(body) : null,
    credentials: "omit",
  });
  const content = await response.json();
  if (!response.ok) throw new Error(content.detail);
  return content;
}

function showMessage(sentence) {
  setText("said", sentence);
  messageUntil = Date.now() + MESSAGE_MS;
}

async function decide(button, work) {
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  try {
    showMessage(await work());
  } catch (error) {
    // fetch fails with a TypeError where there is no connection.
    const isLost = error instanceof TypeError;
    showMessage(isLost ? _("No connection to the kiosk: nothing was changed. Try again.") : error.message);
  } finally {
    button.removeAttribute("aria-disabled");
  }
}

function act(action, lead, button) {
  if (action === "discard") return askForReason(lead, button);
  return decide(button, async () => {
    const after = await post(`/api/v1/contacts/${encodeURIComponent(lead.id)}/${action}`);
    const name = formatName(lead);
    if (action === "restore") return _("{name} is restored.", { name });
    return after.state === "waiting" && !status?.paused ? _("{name} is being sent.", { name }) : after.why;
  });
}

function askForReason(lead, button) {
  discarding = { lead, button };
  setText("discard-who", formatName(lead));
  element("reason").value = "";
  element("discard").showModal();
  element("reason").focus();
}

function discardLead() {
  const { lead, button } = discarding;
  const reason = element("reason").value;
  decide(button, async () => {
    await post(`/api/v1/contacts/${encodeURIComponent(lead.id)}/discard`, { reason });
    return _("{name} is discarded.", { name: formatName(lead) });
  });
}

function syncNow() {
  decide(element("sync"), async () => {
    if (status?.paused) return _("Not tried. {reason}", { reason: status.sentence });
    await post("/api/v1/sync");
    return _("Trying now.");
  });
}

function forgetToken() {
  stream?.end();
  stream = null;
  askForToken();
}

function submitToken(event) {
  event.preventDefault();
  const token = element("token").value.trim();
  setText("token-error", "");
  if (/^[!-~]+$/.test(token)) openStream(token);
  else setText("token-error", _("This is not a token: tokens consist of letters, digits, - and _."));
}

await loadCatalogue();
translatePage();
element("discard-form").addEventListener("submit", discardLead);
element("discard-not").addEventListener("click", () => element("discard").close());
element("sync").addEventListener("click", syncNow);
element("leave").addEventListener("click", forgetToken);
element("token-form").addEventListener("submit", submitToken);
setInterval(() => {
  drawConnection();
  if (Date.now() > messageUntil) setText("said", "");
}, 1000);
const token = sessionStorage.getItem(TOKEN_KEY);
if (token) openStream(token);
else askForToken();
