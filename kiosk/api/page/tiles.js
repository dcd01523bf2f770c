// The numbers, the chart and the devices, drawn from one reading.

import { element, hour, leadsCount, made, say, share, span } from "./words.js";

export function drawNumbers(now) {
  say("event", now.event);
  document.title = `${now.waiting} waiting · ${now.event}`;
  element("practice").hidden = !now.practice;
  const safe = now.safe_to_pack_up;
  element("verdict").dataset.safe = safe ? "yes" : "no";
  say("pack", safe ? "yes" : "no");
  say("sentence", now.sentence);
  const paused = now.paused ? "Sending paused · " : "";
  say("crm", paused + (now.cause ? `Gate closed: ${now.cause}` : paused ? "Gate open" : `Gate open · ${now.crm}`));
  tile("waiting", String(now.waiting), now.waiting ? (paused ? "warn" : "") : "good", !now.waiting ? "all sent" : paused ? "sending is paused" : "for the CRM");
  tile("needs-you", String(now.needs_you), now.needs_you ? "warn" : "", now.needs_you ? "a person must look" : "nobody");
  tile("delivered", String(now.delivered), "", now.discarded ? `${now.discarded} discarded` : `of ${leadsCount(now.waiting + now.needs_you + now.delivered)}`);
  tile("oldest", now.oldest_waiting === null ? "–" : span(now.oldest_waiting), now.oldest_waiting > 3600 ? "warn" : "");
  tile("success", share(now.success_rate), now.success_rate === 1 ? "good" : "");
  tile("errors", share(now.error_rate), now.error_rate > 0.5 ? "bad" : now.error_rate > 0.1 ? "warn" : "");
  const slowest = now.answer_p95 === null ? "nobody asked within the hour" : `95 % within ${seconds(now.answer_p95)}`;
  tile("answer", now.answer_median === null ? "–" : seconds(now.answer_median), now.answer_median > 5 ? "warn" : "", slowest);
  tile("last-hour", String(now.leads_last_hour), "");
  drawChart(now.leads_by_hour);
  drawDevices(now.devices, now.now);
}

function seconds(number) {
  return `${number.toFixed(number < 1 ? 2 : 1)} s`;
}

function tile(id, value, tone, hint = null) {
  const place = element(id);
  say(place, value);
  place.parentElement.dataset.tone = tone;
  if (hint !== null) say(place.parentElement.querySelector(".hint"), hint);
}

let drawn = "";

function drawChart(hours) {
  const key = JSON.stringify(hours);
  if (key === drawn) return;
  drawn = key;
  const most = Math.max(1, ...hours.map((one) => one.leads));
  const wide = 600 / hours.length;
  const parts = [drawing("line", { x1: 0, y1: 140.5, x2: 600, y2: 140.5 })];
  hours.forEach(({ since, leads }, place) => {
    const tall = Math.round((leads / most) * 108);
    const middle = place * wide + wide / 2;
    const kind = place === hours.length - 1 ? "now" : "past";
    parts.push(drawing("rect", { x: place * wide + wide * 0.14, y: 140 - tall, width: wide * 0.72, height: tall, rx: 3, class: kind }));
    if (leads) parts.push(drawing("text", { x: middle, y: 134 - tall, class: "value" }, String(leads)));
    if ((hours.length - 1 - place) % 2 === 0) parts.push(drawing("text", { x: middle, y: 163 }, hour(since)));
  });
  const said = hours.map(({ since, leads }) => `${hour(since)}: ${leads}`).join(", ");
  element("chart").setAttribute("aria-label", `Leads an hour. ${said}`);
  element("chart").replaceChildren(...parts);
}

function drawing(name, attributes, text = "") {
  const found = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) found.setAttribute(key, value);
  found.textContent = text;
  return found;
}

function drawDevices(devices, now) {
  const lines = [...devices].sort((one, other) => (other.seen_at ?? 0) - (one.seen_at ?? 0)).map((device) => {
    const line = made("li");
    const name = made("span", "name", `${device.name} `);
    name.append(made("span", "role", device.role));
    const heard = device.seen_at === null ? "never heard" : `heard ${span(now - device.seen_at)} ago`;
    line.append(name, made("span", "heard", heard));
    return line;
  });
  element("devices").replaceChildren(...lines);
}

export function drawAlerts(alerts) {
  element("alerts").hidden = alerts.length === 0;
  const lines = alerts.map((alert) => {
    const line = made("li", "", alert.sentence);
    if (alert.advice) line.append(made("span", "todo", alert.advice));
    return line;
  });
  if (lines.map((line) => line.textContent).join("\n") !== element("alert-list").dataset.said) {
    element("alert-list").dataset.said = lines.map((line) => line.textContent).join("\n");
    element("alert-list").replaceChildren(...lines);
  }
}
