// Building the page. Text only ever becomes text: nothing here reads markup.

let lastElement = 0;

function newId(prefix) {
  return `${prefix}-${++lastElement}`;
}

// What steers a screen, turns the direction of text or hides in it is shown by its number instead.
const unseen = /(?![\t\n\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0e\uffa0\u{e0000}-\u{e0fff}]/gu;

function plain(text) {
  return String(text).replace(/\r\n?/g, "\n").replace(unseen, (c) => `\u27e8U+${c.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}\u27e9`);
}

// Attributes are set as such; functions are listened with. Children are elements, texts, or nothing.
function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") {
      element.addEventListener(name, value);
    } else if (value !== undefined && value !== null && value !== false) {
      element.setAttribute(name, value === true ? "" : value);
    }
  }

  for (const child of children.flat()) {
    if (child !== undefined && child !== null && child !== "") {
      element.append(child instanceof Node ? child : plain(child));
    }
  }

  return element;
}

function button(label, style, click) {
  return el("button", { type: "button", class: style, click }, label);
}

// A message that is read out, beside the buttons it is about.
function alertIn(place, message) {
  place.replaceChildren(el("p", { class: "wrong", role: "alert" }, message));
}

function say(message) {
  document.getElementById("status").textContent = plain(message);
}

function show(content, focus) {
  const card = document.getElementById("card");
  const wasHere = focus || card.contains(document.activeElement);
  card.replaceChildren(...content.filter(Boolean));
  if (wasHere) {
    card.querySelector("[data-focus]")?.focus({ preventScroll: true });
  }
}
