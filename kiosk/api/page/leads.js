// The pending list, and what people decide about it. Lines stay where they are, so that a focused button stays focused.

import { N_, _ } from "./language.js";
import { createElement, element, formatDuration, setText } from "./words.js";

const GROUPS = [
  { state: "needs you", title: N_("Needs you"), key: "needs_you" },
  { state: "waiting", title: N_("Waiting"), key: "waiting" },
  { state: "discarded", title: N_("Discarded"), key: "discarded" },
];
const ACTIONS = { "needs you": ["retry", "discard"], waiting: ["retry", "discard"], discarded: ["restore"] };
const ACTION_NAMES = { retry: N_("Retry"), discard: N_("Discard"), restore: N_("Restore") };
const ACTION_LABELS = { retry: N_("Retry {name}"), discard: N_("Discard {name}"), restore: N_("Restore {name}") };

const lines = new Map();

export function drawLeads(leads, act) {
  const kept = new Set();
  for (const { state, title } of GROUPS) {
    const group = getGroup(state, title);
    const inState = leads.filter((lead) => lead.state === state);
    group.hidden = inState.length === 0;
    const list = group.querySelector("ul");
    inState.forEach((lead, place) => {
      const line = getLine(lead, act);
      kept.add(line);
      // Moving a line would take the focus from it, so it is moved only where it must be.
      if (list.children[place] !== line) list.insertBefore(line, list.children[place] ?? null);
    });
  }
  for (const [key, line] of lines) {
    if (!kept.has(line)) {
      const hadFocus = line.contains(document.activeElement);
      line.remove();
      lines.delete(key);
      if (hadFocus) element("pending-title").focus();
    }
  }
}

export function drawAges(status) {
  for (const line of lines.values()) {
    setText(line.querySelector(".age"), _("scanned {time} ago", { time: formatDuration(status.now - line.scannedAt) }));
  }
  for (const { state, title, key } of GROUPS) {
    const heading = element("leads").querySelector(`h3[data-state="${state}"]`);
    if (!heading) continue;
    const shown = heading.parentElement.querySelectorAll("li").length;
    const values = { title: _(title), count: status[key], shown };
    setText(heading, shown < status[key] ? _("{title}: {count} (the newest {shown} are shown)", values) : _("{title}: {count}", values));
  }
  element("all-well").hidden = status.waiting + status.needs_you > 0;
}

function getGroup(state, title) {
  const existing = element("leads").querySelector(`section[data-state="${state}"]`);
  if (existing) return existing;
  const group = createElement("section");
  group.dataset.state = state;
  const heading = createElement("h3", "", _(title));
  heading.dataset.state = state;
  group.append(heading, createElement("ul"));
  element("leads").append(group);
  return group;
}

function getLine(lead, act) {
  // What decides about its buttons is part of the key, so that a line with other buttons is a new line.
  const key = `${lead.id} ${lead.state} ${lead.cause === "needs details"}`;
  let line = lines.get(key);
  if (!line) {
    line = createLine(lead, act);
    lines.set(key, line);
  }
  line.lead = lead;
  line.scannedAt = Date.parse(lead.scanned_at) / 1000;
  const name = formatName(lead);
  setText(line.querySelector(".who"), name);
  const operator = lead.operator && _("by {operator}", { operator: lead.operator });
  setText(line.querySelector(".from"), [lead.company, operator].filter(Boolean).join(" · "));
  setText(line.querySelector(".why"), lead.why);
  for (const button of line.querySelectorAll("button")) {
    button.setAttribute("aria-label", _(ACTION_LABELS[button.dataset.action], { name }));
  }
  return line;
}

function createLine(lead, act) {
  const line = createElement("li", "lead");
  const who = createElement("div");
  who.append(createElement("p", "who"), createElement("p", "from"));
  const what = createElement("div");
  what.append(createElement("p", "why"), createElement("p", "age"));
  const buttons = createElement("div", "buttons manage");
  for (const action of ACTIONS[lead.state]) {
    if (action === "retry" && lead.cause === "needs details") continue; // there is nothing to send yet
    const button = createElement("button", action === "discard" ? "quiet" : "", _(ACTION_NAMES[action]));
    button.type = "button";
    button.dataset.action = action;
    button.addEventListener("click", () => act(action, line.lead, button));
    buttons.append(button);
  }
  line.append(who, what, buttons);
  return line;
}

export function formatName(lead) {
  const badgeText = lead.badge_text.split(/\s+/).join(" ").trim();
  const badge = lead.badge_id ? _("badge {badge}", { badge: lead.badge_id }) : badgeText;
  return lead.name || lead.email || lead.phone || badge || _("unknown visitor");
}
