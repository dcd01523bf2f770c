// The language of the page: the kiosk's own catalogue of sentences, fetched once before anything is drawn.

let catalogue = { language: "en", messages: {}, plural_forms: [] };

export async function loadCatalogue() {
  try {
    const response = await fetch("/static/messages.json", { credentials: "omit" });
    if (response.ok) catalogue = await response.json();
  } catch {
    // Without a catalogue the page is in English.
  }
  document.documentElement.lang = catalogue.language;
}

// A sentence; `{name}` in it is replaced by the value of that name.
export function _(message, values = {}) {
  const found = catalogue.messages[message] ?? message;
  // A sentence that has a plural elsewhere in the kiosk comes with all its forms.
  return fill(Array.isArray(found) ? found[catalogue.plural_forms[1]] : found, values);
}

// The form of a sentence that goes with a number, which replaces `{count}`.
export function ngettext(singular, plural, count) {
  const forms = catalogue.messages[singular];
  const known = catalogue.plural_forms;
  // Plural rules depend on the last two digits of large numbers, so a short table is enough.
  const form = known[count < known.length ? count : 100 + (count % 100)];
  const message = Array.isArray(forms) ? forms[form] : count === 1 ? singular : plural;
  return fill(message, { count });
}

// Marks a sentence for the catalogue that is looked up later.
export function N_(message) {
  return message;
}

function fill(message, values) {
  return message.replace(/\{(\w+)\}/g, (braces, name) => (name in values ? String(values[name]) : braces));
}

export function clockTime(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString(timeLocale(), { hour: "2-digit", minute: "2-digit" });
}

export function formatNumber(number, decimals = 0) {
  return number.toLocaleString(timeLocale(), { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

// "en" alone would mean 12-hour clocks.
function timeLocale() {
  return catalogue.language === "en" ? "en-GB" : catalogue.language.replace("_", "-");
}

const ATTRIBUTES = ["aria-label", "placeholder", "value"];

// Translates what dashboard.html says in English, and turns `code` in backquotes into elements.
export function translatePage() {
  document.title = _(document.title);
  for (const element of document.body.querySelectorAll("*")) {
    for (const name of ATTRIBUTES) {
      if (element.hasAttribute(name)) element.setAttribute(name, _(element.getAttribute(name)));
    }
    for (const node of [...element.childNodes]) {
      const text = node.nodeType === Node.TEXT_NODE ? node.textContent.trim() : "";
      if (text) node.replaceWith(...markCode(_(text)));
    }
  }
}

function markCode(text) {
  return text.split("`").map((piece, place) => {
    if (place % 2 === 0) return document.createTextNode(piece);
    const code = document.createElement("code");
    code.textContent = piece;
    return code;
  });
}
