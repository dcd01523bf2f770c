// The pending list and what people decide about it. Lines stay where they are: whoever is on a button stays on it.

import { element, made, say, span } from "./words.js";

const GROUPS = [["needs you", "Needs you", "needs_you"], ["waiting", "Waiting", "waiting"], ["discarded", "Discarded", "discarded"]];
const VERBS = { "needs you": ["retry", "discard"], waiting: ["retry", "discard"], discarded: ["restore"] };
const NAMES = { retry: "Retry", discard: "Discard", restore: "Restore" };

const lines = new Map();

export function drawLeads(leads, act) {
  const place = element("leads");
  const kept = new Set();
  for (const [state, title] of GROUPS) {
    const group = groupOf(place, state, title);
    const found = leads.filter((lead) => lead.state === state);
    group.hidden = found.length === 0;
    const list = group.querySelector("ul");
    found.forEach((lead, number) => {
      const line = lineOf(lead, act);
      kept.add(line);
      // Moving a line would take the focus from it, so it is moved only where it must be.
      if (list.children[number] !== line) list.insertBefore(line, list.children[number] ?? null);
    });
  }
  for (const [key, line] of lines) {
    if (!kept.has(line)) {
      const had = line.contains(document.activeElement);
      line.remove();
      lines.delete(key);
      if (had) element("pending-title").focus();
    }
  }
}

export function drawAges(now) {
  for (const line of lines.values()) {
    say(line.querySelector(".age"), `scanned ${span(now.now - line.scanned)} ago`);
  }
  for (const [state, title, key] of GROUPS) {
    const heading = element("leads").querySelector(`h3[data-state="${state}"]`);
    if (!heading) continue;
    const shown = heading.parentElement.querySelectorAll("li").length;
    say(heading, shown < now[key] ? `${title}: ${now[key]}, of which the newest ${shown}` : `${title}: ${now[key]}`);
  }
  element("all-well").hidden = now.waiting + now.needs_you > 0;
}

function groupOf(place, state, title) {
  const found = place.querySelector(`section[data-state="${state}"]`);
  if (found) return found;
  const group = made("section");
  group.dataset.state = state;
  const heading = made("h3", "", title);
  heading.dataset.state = state;
  group.append(heading, made("ul"));
  place.append(group);
  return group;
}

function lineOf(lead, act) {
  const key = `${lead.id} ${lead.state} ${lead.cause === "needs details"}`;
  let line = lines.get(key);
  if (!line) {
    line = made("li", "lead");
    const who = made("div");
    who.append(made("p", "who"), made("p", "from"));
    const what = made("div");
    what.append(made("p", "why"), made("p", "age"));
    const buttons = made("div", "buttons manage");
    for (const verb of VERBS[lead.state]) {
      if (verb === "retry" && lead.cause === "needs details") continue; // there is nothing to send yet
      const button = made("button", verb === "discard" ? "quiet" : "", NAMES[verb]);
      button.type = "button";
      button.dataset.verb = verb;
      button.addEventListener("click", () => act(verb, line.lead, button));
      buttons.append(button);
    }
    line.append(who, what, buttons);
    lines.set(key, line);
  }
  line.lead = lead;
  line.scanned = Date.parse(lead.scanned_at) / 1000;
  const name = nameOf(lead);
  say(line.querySelector(".who"), name);
  say(line.querySelector(".from"), [lead.company, lead.operator && `by ${lead.operator}`].filter(Boolean).join(" · "));
  say(line.querySelector(".why"), lead.why);
  for (const button of line.querySelectorAll("button")) {
    button.setAttribute("aria-label", `${NAMES[button.dataset.verb]} ${name}`);
  }
  return line;
}

export function nameOf(lead) {
  const said = lead.badge_text.split(/\s+/).join(" ").trim();
  return lead.name || lead.email || lead.phone || (lead.badge_id ? `badge ${lead.badge_id}` : said || "somebody unknown");
}
