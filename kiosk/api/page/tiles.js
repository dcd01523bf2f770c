// The tiles, the chart, the alerts and the devices, drawn from one status.

import { _, clockTime, formatNumber } from "./language.js";
import { createElement, element, formatDuration, formatLeadCount, formatShare, setText } from "./words.js";

export function drawStatus(status) {
  setText("event", status.event);
  document.title = _("{count} waiting · {event}", { count: status.waiting, event: status.event });
  element("practice").hidden = !status.practice;
  const isSafe = status.safe_to_pack_up;
  element("verdict").dataset.safe = isSafe ? "yes" : "no";
  setText("pack", isSafe ? _("yes") : _("no"));
  setText("sentence", status.sentence);
  setText("crm", status.crm);
  const waitingHint = !status.waiting ? _("all sent") : status.paused ? _("sending is paused") : _("to be sent to the CRM");
  drawTile("waiting", String(status.waiting), status.waiting ? (status.paused ? "warn" : "") : "good", waitingHint);
  drawTile("needs-you", String(status.needs_you), status.needs_you ? "warn" : "", status.needs_you ? _("see the list below") : _("none"));
  const total = formatLeadCount(status.waiting + status.needs_you + status.delivered);
  const discarded = _("{count} discarded", { count: status.discarded });
  drawTile("delivered", String(status.delivered), "", status.discarded ? discarded : _("of {leads}", { leads: total }));
  drawTile("oldest", status.oldest_waiting === null ? "–" : formatDuration(status.oldest_waiting), status.oldest_waiting > 3600 ? "warn" : "");
  drawTile("success", formatShare(status.success_rate), status.success_rate === 1 ? "good" : "");
  drawTile("errors", formatShare(status.error_rate), status.error_rate > 0.5 ? "bad" : status.error_rate > 0.1 ? "warn" : "");
  const slowest = status.answer_p95 === null ? _("no calls within the last hour") : _("95% within {time}", { time: formatSeconds(status.answer_p95) });
  drawTile("answer", status.answer_median === null ? "–" : formatSeconds(status.answer_median), status.answer_median > 5 ? "warn" : "", slowest);
  drawTile("last-hour", String(status.leads_last_hour), "");
  drawChart(status.leads_by_hour);
  drawDevices(status.devices, status.now);
}

function formatSeconds(number) {
  return _("{count} s", { count: formatNumber(number, number < 1 ? 2 : 1) });
}

function drawTile(id, value, tone, hint = null) {
  const target = element(id);
  setText(target, value);
  target.parentElement.dataset.tone = tone;
  if (hint !== null) setText(target.parentElement.querySelector(".hint"), hint);
}

let drawnHours = "";

function drawChart(hours) {
  const key = JSON.stringify(hours);
  if (key === drawnHours) return;
  drawnHours = key;
  const most = Math.max(1, ...hours.map((hour) => hour.leads));
  const width = 600 / hours.length;
  const parts = [createSvg("line", { x1: 0, y1: 140.5, x2: 600, y2: 140.5 })];
  hours.forEach(({ since, leads }, place) => {
    const height = Math.round((leads / most) * 108);
    const middle = place * width + width / 2;
    const className = place === hours.length - 1 ? "now" : "past";
    parts.push(createSvg("rect", { x: place * width + width * 0.14, y: 140 - height, width: width * 0.72, height, rx: 3, class: className }));
    if (leads) parts.push(createSvg("text", { x: middle, y: 134 - height, class: "value" }, String(leads)));
    if ((hours.length - 1 - place) % 2 === 0) parts.push(createSvg("text", { x: middle, y: 163 }, clockTime(since)));
  });
  const description = hours.map(({ since, leads }) => `${clockTime(since)}: ${leads}`).join(", ");
  element("chart").setAttribute("aria-label", _("Leads per hour. {hours}", { hours: description }));
  element("chart").replaceChildren(...parts);
}

function createSvg(name, attributes, text = "") {
  const created = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) created.setAttribute(key, value);
  created.textContent = text;
  return created;
}

function drawDevices(devices, now) {
  const lines = [...devices].sort((one, other) => (other.seen_at ?? 0) - (one.seen_at ?? 0)).map((device) => {
    const line = createElement("li");
    const name = createElement("span", "name", `${device.name} `);
    name.append(createElement("span", "role", device.role));
    const seen = device.seen_at === null ? _("never seen") : _("seen {time} ago", { time: formatDuration(now - device.seen_at) });
    line.append(name, createElement("span", "heard", seen));
    return line;
  });
  element("devices").replaceChildren(...lines);
}

export function drawAlerts(alerts) {
  element("alerts").hidden = alerts.length === 0;
  const lines = alerts.map((alert) => {
    const line = createElement("li", "", alert.sentence);
    if (alert.advice) line.append(createElement("span", "todo", alert.advice));
    return line;
  });
  const text = lines.map((line) => line.textContent).join("\n");
  // Drawn again only when they change, or a screen reader would read them every second.
  if (text !== element("alert-list").dataset.text) {
    element("alert-list").dataset.text = text;
    element("alert-list").replaceChildren(...lines);
  }
}
