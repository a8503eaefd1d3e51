// How a request is answered: the buttons and fields of each kind, and what they send. send(answer) rejects with what a
// person can be told.

const outcomes = [
  { name: "done", title: "It happened", description: "Give what it returned as result." },
  { name: "run_again", title: "Run it again", description: "Only if it is certain, or harmless, that it did not happen." },
  { name: "skip", title: "Leave it", description: "Do not run it; let the agent go on without a result." },
];

function asChoices(options) {
  return options.map((option) => ({ value: option.name, title: option.title ?? option.name, description: option.description }));
}

function optional(name, value) {
  return value === undefined ? {} : { [name]: value };
}

// One step of an answer in its place: what is asked, a line for what went wrong, and buttons that are dead while it is sent.
function step(place, nodes, buttons, send) {
  const wrong = el("div");
  const row = el("div", { class: "actions" }, buttons.map(([label, style, act]) => button(label, style, async () => {
    const answer = act();
    if (answer === undefined) {
      return;
    }

    wrong.replaceChildren();
    if (answer.problem !== undefined) {
      if (answer.problem !== "") {
        alertIn(wrong, answer.problem);
      }

      return;
    }

    place.setAttribute("aria-busy", "true");
    row.querySelectorAll("button").forEach((one) => { one.disabled = true; });
    say("Sending the answer.");
    try {
      await send(answer);
    } catch (e) {
      say("");
      alertIn(wrong, e.message);
    }

    place.removeAttribute("aria-busy");
    row.querySelectorAll("button").forEach((one) => { one.disabled = false; });
  })));
  place.replaceChildren(...nodes, wrong, row);
}

// A click that was meant for what stood here before must not decide what has just appeared.
function settleFirst(place) {
  const buttons = [...place.querySelectorAll("button")];
  buttons.forEach((one) => { one.disabled = true; });
  place.classList.add("new");
  setTimeout(() => {
    buttons.forEach((one) => { one.disabled = false; });
    place.classList.remove("new");
  }, 600);
}

function approvalForm(request, agent, send) {
  const place = el("div", { class: "answer" });
  const comment = textField("Comment", { help: `${agent} reads it.`, rows: 2 });

  function decide(focus) {
    step(place, [comment.node], [
      ["Approve", "yes", () => ({ approved: true, ...optional("comment", comment.read().value) })],
      ["Reject\u2026", "no", () => reject()],
      ...(request.action?.changes_schema ? [["Change\u2026", "", () => change()]] : []),
    ], send);
    if (focus) {
      place.querySelector("button").focus();
    }
  }

  function reject() {
    const reasons = (request.options ?? []).length === 0 ? null : choiceField("Reason", [...asChoices(request.options), { value: null, title: "Another reason" }]);
    const feedback = textField("Feedback", { help: `${agent} reads it and goes by it.`, rows: 3 });
    feedback.control.value = comment.control.value;
    step(place, [reasons?.node, feedback.node].filter(Boolean), [
      ["Reject", "no", () => ({ approved: false, ...optional("response", reasons?.read().value ?? undefined), ...optional("comment", feedback.read().value) })],
      ["Back", "", () => decide(true)],
    ], send);
    (reasons ?? feedback).focus();
  }

  function change() {
    const editor = changesEditor(request.action);
    step(place, editor.nodes, [
      ["Approve with these changes", "yes", () => {
        const said = editor.read();
        return said.problem === undefined ? { approved_with_changes: said.value, ...optional("comment", comment.read().value) } : said;
      }],
      ["Back", "", () => decide(true)],
    ], send);
    editor.focus();
  }

  place.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !place.contains(comment.node) && !place.hasAttribute("aria-busy")) {
      decide(true);
    }
  });
  decide(false);
  settleFirst(place);
  return place;
}

function budgetForm(agent, send) {
  const place = el("div", { class: "answer" });
  const guidance = textField("Guidance", { help: `${agent} reads it and goes on accordingly.`, rows: 2 });
  step(place, [guidance.node], [
    ["Let it go on", "yes", () => (guidance.read().value === undefined ? { approved: true } : { response: guidance.read().value })],
    ["Stop it", "no", () => ({ approved: false, ...optional("comment", guidance.read().value) })],
  ], send);
  settleFirst(place);
  return place;
}

function inDoubtForm(request, send) {
  const place = el("div", { class: "answer" });
  const result = textField("What it returned", { help: "Text or JSON.", rows: 3, mono: true });
  const outcome = choiceField("What became of it?", asChoices(request.options?.length > 0 ? request.options : outcomes), {
    required: true, change: (value) => { result.node.hidden = value !== "done"; },
  });
  result.node.hidden = true;
  step(place, [outcome.node, result.node], [["Send answer", "yes", () => {
    const said = outcome.read();
    return said.problem === undefined
      ? { response: { outcome: said.value, ...(said.value === "done" ? optional("result", loosely(result.read().value)) : {}) } }
      : said;
  }]], send);
  return place;
}

// A result is often pasted as JSON; what is none is text.
function loosely(text) {
  const parsed = text === undefined ? {} : parseJson(text);
  return parsed.problem === undefined ? parsed.value : text;
}

function questionFields(request) {
  const options = request.options ?? [];
  const namesFit = request.schema && Array.isArray(request.schema.enum) && options.every(({ name }) => request.schema.enum.includes(name));
  if (options.length > 0 && (!request.schema || namesFit)) {
    const choice = choiceField("Your answer", asChoices(options), { required: Boolean(request.schema) });
    const own = request.schema ? null : textField("Or in your own words", { rows: 2 });
    return {
      nodes: [choice.node, own?.node].filter(Boolean),
      read() {
        const said = own?.read().value === undefined ? choice.read() : own.read();
        return said.problem === undefined && said.value === undefined ? { problem: "Choose an answer, or write one." } : said;
      },
    };
  }

  if (request.schema) {
    return schemaFields(request.schema);
  }

  const text = textField("Your answer", { required: true, rows: 3, parse: (words) => ({ value: request.kind === "external_result" ? loosely(words) : words }) });
  return { nodes: [text.node], read: text.read };
}

function questionForm(request, send) {
  const place = el("div", { class: "answer" });
  const fields = questionFields(request);
  step(place, fields.nodes, [["Send answer", "yes", () => {
    const said = fields.read();
    return said.problem === undefined ? { response: said.value } : said;
  }]], send);
  return place;
}

function answerForm(request, agent, send) {
  switch (request.kind) {
    case "approval": return approvalForm(request, agent, send);
    case "budget": return budgetForm(agent, send);
    case "in_doubt": return inDoubtForm(request, send);
    default: return questionForm(request, send);
  }
}
