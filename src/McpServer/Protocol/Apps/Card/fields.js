// A form from a flat JSON Schema. What has no control of its own is asked for as JSON, so that every schema can be answered.
// A field is its node and read(), which gives { value }, or {} when nothing is said, or a { problem } that the field itself shows.

const combined = ["allOf", "anyOf", "oneOf", "not", "$ref"];
const needed = "This is needed.";

function typeOf(schema) {
  return Array.isArray(schema.type) ? schema.type.find((type) => type !== "null") : schema.type;
}

function words(name) {
  const text = name.replace(/[_-]+/g, " ").trim();
  return text === "" ? name : text[0].toUpperCase() + text.slice(1);
}

function kindOf(schema) {
  if (Array.isArray(schema?.enum)) {
    return "choice";
  }

  if (schema === null || typeof schema !== "object" || combined.some((word) => word in schema)) {
    return "json";
  }

  switch (typeOf(schema)) {
    case "boolean": return "choice";
    case "integer": case "number": return "number";
    case "array": return Array.isArray(schema.items?.enum) ? "several" : "json";
    case "string": return schema.format === "date" ? "date" : schema.format === "date-time" ? "moment"
      : schema.format !== undefined || schema.maxLength <= 200 ? "line" : "text";
    default: return "json";
  }
}

function choicesOf(schema) {
  return typeOf(schema) === "boolean" && !schema.enum
    ? [{ value: true, title: "Yes" }, { value: false, title: "No" }]
    : (schema.enum ?? schema.items.enum).map((value) => ({ value, title: scalar(value) }));
}

// A label, what helps, and the control, tied together for those who hear the page.
function labelled(label, help, required, control, wrong) {
  const [id, helpId, wrongId] = [newId("field"), newId("help"), newId("wrong")];
  control.id = id;
  control.setAttribute("aria-describedby", help ? `${helpId} ${wrongId}` : wrongId);
  if (required) {
    control.setAttribute("aria-required", "true");
  }

  wrong.id = wrongId;
  return el("div", { class: "field" },
    el("label", { for: id }, label, required ? null : el("span", { class: "optional" }, " optional")),
    help ? el("span", { class: "help", id: helpId }, help) : null, control, wrong);
}

function field(node, control, wrong, read) {
  return {
    node,
    read() {
      const said = read();
      wrong.textContent = said.problem ?? "";
      control.setAttribute("aria-invalid", said.problem === undefined ? "false" : "true");
      if (said.problem === undefined) {
        return said;
      }

      control.focus();
      return { problem: "" };
    },
    focus: () => control.focus(),
  };
}

function textField(label, { help, required = false, rows = 3, mono = false, type, parse = (text) => ({ value: text }) } = {}) {
  const control = type ? el("input", { type, class: mono ? "mono" : null }) : el("textarea", { rows: String(rows), class: mono ? "mono" : null, spellcheck: mono ? "false" : null });
  const wrong = el("p", { class: "wrong" });
  return {
    ...field(labelled(label, help, required, control, wrong), control, wrong, () => {
      const text = control.value.trim();
      return text === "" ? (required ? { problem: needed } : {}) : parse(text);
    }),
    control,
  };
}

function choiceField(label, choices, { help, required = false, several = false, change } = {}) {
  const name = newId("choice");
  const wrong = el("p", { class: "wrong", id: newId("wrong") });
  const boxes = choices.map((choice) => ({ choice, box: el("input", { type: several ? "checkbox" : "radio", name, change: change && (() => change(choice.value)) }) }));
  const group = el("fieldset", { class: "field", "aria-describedby": wrong.id },
    el("legend", {}, label, required ? null : el("span", { class: "optional" }, " optional")), help ? el("span", { class: "help" }, help) : null,
    boxes.map(({ choice, box }) => el("label", { class: "option" }, box,
      el("span", {}, el("b", {}, choice.title), choice.description ? el("span", { class: "help" }, choice.description) : null))), wrong);
  return {
    ...field(group, boxes[0]?.box ?? group, wrong, () => {
      const chosen = boxes.filter(({ box }) => box.checked).map(({ choice }) => choice.value);
      return chosen.length > 0 ? { value: several ? chosen : chosen[0] } : !required ? {} : several ? { value: [] } : { problem: "Choose one." };
    }),
  };
}

function parseJson(text) {
  try {
    return { value: JSON.parse(text) };
  } catch (e) {
    return { problem: `This is not JSON: ${e.message}` };
  }
}

function parseNumber(text, whole) {
  const number = Number(text);
  return Number.isNaN(number) || (whole && !Number.isInteger(number)) ? { problem: whole ? "This must be a whole number." : "This must be a number, such as 4 or 0.5." } : { value: number };
}

function schemaField(schema, label, required) {
  const options = { help: schema?.description, required };
  switch (kindOf(schema)) {
    case "choice": return choiceField(label, choicesOf(schema), options);
    case "several": return choiceField(label, choicesOf(schema), { ...options, several: true });
    case "number": return textField(label, { ...options, type: "text", parse: (text) => parseNumber(text, typeOf(schema) === "integer") });
    case "date": return textField(label, { ...options, type: "date" });
    case "moment": return textField(label, { ...options, type: "datetime-local", parse: (text) => ({ value: new Date(text).toISOString() }) });
    case "line": return textField(label, { ...options, type: "text" });
    case "text": return textField(label, options);
    default: return textField(label, { ...options, help: options.help ?? `JSON that fits: ${JSON.stringify(schema)}`, mono: true, rows: 4, parse: parseJson });
  }
}

// All fields of a schema as one: an object has one for each property, anything else is a single one.
function schemaFields(schema) {
  if (typeOf(schema) !== "object" || typeof schema.properties !== "object" || combined.some((word) => word in schema)) {
    const single = schemaField(schema, schema.title ?? "Your answer", true);
    return { nodes: [single.node], read: single.read, focus: single.focus };
  }

  const fields = Object.entries(schema.properties).map(([name, property]) => ({ name, ...schemaField(property, property.title ?? words(name), (schema.required ?? []).includes(name)) }));
  return {
    nodes: fields.map(({ node }) => node),
    read() {
      const said = fields.map((one) => ({ one, ...one.read() }));
      const wrong = said.find(({ problem }) => problem !== undefined);
      wrong?.one.focus();
      return wrong ? { problem: wrong.problem } : { value: Object.fromEntries(said.filter(({ value }) => value !== undefined).map(({ one, value }) => [one.name, value])) };
    },
    focus: () => fields[0]?.focus(),
  };
}
