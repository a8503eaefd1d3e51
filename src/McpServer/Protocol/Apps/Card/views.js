// What the card shows of a thread: where it stands, what it asks, and what was answered.

const forPeople = ["approval", "question", "budget", "in_doubt"];

function head(request, agent) {
  return el("p", { class: "head" }, el("span", { class: `badge ${request.kind}` }, kinds[request.kind] ?? request.kind), el("span", { class: "who" }, agent),
    el("span", { class: "when" }, timeView(request.requested_at)));
}

function actionView(request) {
  return !request.action ? null : el("section", { class: "panel", "aria-label": "What runs if approved" },
    el("h2", {}, "If approved, this runs: ", el("code", {}, request.action.tool)), valueView(request.action.arguments));
}

function dueView(request) {
  return !request.expires_at ? null : el("p", { class: "quiet" }, "Open until ", timeView(request.expires_at), request.kind === "approval" ? "; after that it counts as rejected." : ".");
}

// Where the host passes no answers on, or the server vouches for none, the card still shows what is asked.
function closedView(request, thread, problem) {
  return el("p", { class: "note" }, problem ?? (request.answerable_by === "human"
    ? `It cannot be answered here. On this machine: agentmcp answer ${thread.thread_id}`
    : "It cannot be answered here. Tell the assistant what you decide."));
}

function inboxView(request) {
  return typeof request.inbox_url === "string" && host.capabilities.openLinks
    ? el("p", {}, button("Open in the inbox", "link", () => { ask("ui/open-link", { url: request.inbox_url }).catch((e) => say(e.message)); }))
    : null;
}

function detailsView(request, thread) {
  const rows = { Thread: thread.thread_id, Request: request.id, ...(request.action ? { Digest: request.action.digest } : {}), ...(request.responders ? { "Answered only by": request.responders } : {}) };
  return el("details", {}, el("summary", {}, "Details"), valueView(rows));
}

function requestView(request, thread, form, problem) {
  return [
    head(request, thread.agent),
    el("h1", { tabindex: "-1", "data-focus": true, dir: "auto" }, request.question),
    request.context ? el("p", { class: "context", dir: "auto" }, request.context) : null,
    actionView(request),
    dueView(request),
    form ?? closedView(request, thread, problem),
    inboxView(request),
    detailsView(request, thread),
  ];
}

// Nothing in these is for a person to answer.
function waitingView(request, agent) {
  const text = {
    next_step: `${agent} waits for the assistant to choose its next step.`,
    child: `${agent} waits for a thread it started.`,
    external_result: `${agent} waits for a result from outside: ${request.question}`,
  };
  return [el("h1", { class: "state pending" }, request.kind === "sleep" ? [`${agent} sleeps until `, timeView(request.expires_at), " and goes on by itself."] : text[request.kind] ?? request.question)];
}

function runningView(agent, lookAgain) {
  return [
    el("h1", { class: "state running" }, lookAgain ? `${agent} is still at work.` : `${agent} is working\u2026`),
    lookAgain ? el("div", { class: "actions" }, button("Look again", "", lookAgain)) : null,
  ];
}

function outputView(output) {
  return output && typeof output === "object" && typeof output.message === "string" && Object.keys(output).length === 1
    ? el("p", { class: "context", dir: "auto" }, output.message)
    : output && typeof output.resource === "string" ? el("p", { class: "quiet" }, "The output is long; the assistant can read it.") : valueView(output);
}

function endView(thread, sentence) {
  switch (thread.status) {
    case "completed": return [el("h1", { class: "state completed" }, `${thread.agent} is done.`), outputView(thread.output)];
    case "failed": return [el("h1", { class: "state failed" }, `${thread.agent} failed.`), el("p", { class: "context", dir: "auto" }, thread.error)];
    default: return [el("h1", { class: "state cancelled" }, sentence || `${thread.agent} was cancelled.`)];
  }
}

function settledView(answer) {
  const style = answer.approved === true ? "approved" : answer.approved === false ? "rejected" : "answered";
  return el("section", { class: `settled ${style}`, "aria-label": "What was answered" },
    answer.elsewhere ? el("p", { class: "first" }, "Somebody else has answered in the meantime; that answer stands.") : null,
    el("h2", { tabindex: "-1", "data-focus": true }, verdict(answer)),
    el("p", { class: "asked", dir: "auto" }, answer.question),
    answer.arguments ? (answer.action ? differenceView(answer.action.arguments, answer.arguments) : valueView(answer.arguments)) : null,
    answer.response === null || answer.response === undefined ? null
      : el("p", { dir: "auto" }, valueView(answer.options?.find(({ name }) => name === answer.response)?.title ?? answer.response)),
    answer.comment ? el("blockquote", { dir: "auto" }, `\u201c${answer.comment}\u201d`) : null,
    el("p", { class: "quiet" }, "by ", el("b", {}, answer.by), ` through ${through(answer.channel)}, `, timeView(answer.at)));
}
