// How long, how many, how much: in the kiosk's own words (kiosk/words.py).

export function span(seconds) {
  if (seconds < 90) return `${Math.max(0, Math.round(seconds))} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  if (seconds < 36 * 3600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86400)} days`;
}

export function leadsCount(number) {
  return number === 1 ? "1 lead" : `${number} leads`;
}

export function share(ratio) {
  if (ratio === null) return "–";
  // Nearly all is not all: 99.7 % is not told as 100 %, nor 0.3 % as nothing.
  if (ratio > 0 && ratio < 0.01) return "< 1 %";
  if (ratio > 0.99 && ratio < 1) return "> 99 %";
  return `${Math.round(ratio * 100)} %`;
}

export function hour(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
}

export function element(id) {
  return document.getElementById(id);
}

// The one way in which text comes onto the page: as text. Nothing is touched that says it already.
export function say(id, text) {
  const place = typeof id === "string" ? element(id) : id;
  if (place.textContent !== text) place.textContent = text;
}

export function made(name, kind = "", text = "") {
  const found = document.createElement(name);
  if (kind) found.className = kind;
  if (text) found.textContent = text;
  return found;
}
