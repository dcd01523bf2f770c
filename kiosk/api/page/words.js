// Durations, counts and shares in words (the same as kiosk/status/wording.py), and small helpers for the page.

import { _, ngettext } from "./language.js";

export function formatDuration(seconds) {
  if (seconds < 90) return _("{count} s", { count: Math.max(0, Math.round(seconds)) });
  if (seconds < 90 * 60) return _("{count} min", { count: Math.round(seconds / 60) });
  if (seconds < 36 * 3600) return _("{count} h", { count: Math.round(seconds / 3600) });
  return ngettext("{count} day", "{count} days", Math.round(seconds / 86400));
}

export function formatLeadCount(count) {
  return ngettext("{count} lead", "{count} leads", count);
}

export function formatShare(ratio) {
  if (ratio === null) return "–";
  // 99.7 % must not be shown as 100 %, nor 0.3 % as 0 %.
  if (ratio > 0 && ratio < 0.01) return "< 1 %";
  if (ratio > 0.99 && ratio < 1) return "> 99 %";
  return `${Math.round(ratio * 100)} %`;
}

export function element(id) {
  return document.getElementById(id);
}

// The only way in which text gets onto the page: as text, never as markup. Text that is there already is not touched,
// so that screen readers do not read it again.
export function setText(id, text) {
  const target = typeof id === "string" ? element(id) : id;
  if (target.textContent !== text) target.textContent = text;
}

export function createElement(name, className = "", text = "") {
  const created = document.createElement(name);
  if (className) created.className = className;
  if (text) created.textContent = text;
  return created;
}
