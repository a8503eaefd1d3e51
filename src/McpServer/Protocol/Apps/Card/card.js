// The card: takes what the host and the server say of one thread, shows it, and sends what a person answers.

const longestWatch = 60;
const state = { thread: null, data: {}, sentence: "", refusal: null, tired: false };
const settled = new Map();
const mine = new Set();
let watching = false;
let stopped = false;

function textOf(result) {
  return (result.content ?? []).find((block) => block.type === "text")?.text ?? "";
}

// What the server says to a model goes on with schemas and tool names, which help no person.
function readable(text) {
  return text.replace(/^[a-z_]+: /, "").split(/ (?:It|They) must match this JSON Schema| The request stays open| What is awaited is/)[0];
}

function openRequest() {
  const requests = state.thread?.requests ?? [];
  return requests.find(({ id }) => state.data.requests?.[id]) ?? requests.find(({ kind }) => forPeople.includes(kind)) ?? requests[0];
}

function canAnswer(request) {
  return host.capabilities.serverTools !== undefined && typeof state.data.requests?.[request.id] === "string";
}

function stateView() {
  const { thread } = state;
  if (thread === null) {
    return state.refusal ? [el("h1", { class: "state failed" }, state.refusal)]
      : runningView(host.context.toolInfo?.tool?.title ?? host.context.toolInfo?.tool?.name ?? "The agent");
  }

  if (thread.status === "running") {
    return runningView(thread.agent, state.tired ? () => watch() : null);
  }

  const request = openRequest();
  if (thread.status !== "pending" || request === undefined) {
    return endView(thread, state.sentence);
  }

  return canAnswer(request) || forPeople.includes(request.kind)
    ? requestView(request, thread, canAnswer(request) ? answerForm(request, thread.agent, (answer) => send(request, answer)) : null, state.data.problem)
    : waitingView(request, thread.agent);
}

function render(focus = false) {
  show([...[...settled.values()].map(settledView), ...stateView()], focus);
}

// False when it says nothing of a thread. What is older than what is shown came late and changes nothing.
function take(result) {
  const thread = result.structuredContent;
  if (typeof thread?.thread_id !== "string") {
    return false;
  }

  const before = state.thread;
  if (before?.thread_id === thread.thread_id && thread.version < before.version) {
    return true;
  }

  const data = result._meta?.["agentmcp/card"] ?? {};
  const answered = data.answered;
  const isNew = answered !== undefined && !settled.has(answered.request_id);
  if (isNew) {
    const shown = before?.requests.find(({ id }) => id === answered.request_id);
    settled.set(answered.request_id, { ...answered, action: shown?.action, options: shown?.options, elsewhere: shown !== undefined && !mine.has(answered.request_id) });
  }

  Object.assign(state, { thread, data, sentence: textOf(result).split("\n{")[0], refusal: null });
  if (isNew || before?.thread_id !== thread.thread_id || before.version !== thread.version) {
    render(isNew && mine.has(answered.request_id));
    say(thread.status === "pending" ? openRequest()?.question ?? "" : state.sentence);
    if (mine.size > 0 && thread.status !== "running") {
      tellModel(result);
    }
  }

  return true;
}

// The model learns what followed when it is next asked; a host that takes no such word loses nothing.
function tellModel(result) {
  if (host.capabilities.updateModelContext) {
    ask("ui/update-model-context", { content: [{ type: "text", text: `Answered by the person in the card. ${textOf(result)}` }] }).catch((e) => say(e.message));
  }
}

async function look(seconds, request) {
  if (host.capabilities.serverTools === undefined || typeof state.data.token !== "string") {
    return false;
  }

  return take(await callTool("follow_thread", {
    thread_id: state.thread.thread_id, token: state.data.token, wait_seconds: seconds, ...(request ? { request_id: request.id } : {}),
  }));
}

// A card that is looked at for very long rests until it is asked to look again; the thread does not depend on it.
async function watch() {
  if (watching) {
    return;
  }

  watching = true;
  state.tired = false;
  render();
  try {
    for (let i = 0; i < longestWatch && !stopped && state.thread.status === "running"; i++) {
      if (!await look(20)) {
        break;
      }
    }
  } catch (e) {
    say(e.message);
  }

  watching = false;
  if (state.thread.status === "running" && !stopped) {
    state.tired = true;
    render();
  }
}

async function send(request, answer) {
  mine.add(request.id);
  const result = await callTool("answer_request", {
    thread_id: state.thread.thread_id, request_id: request.id, token: state.data.requests[request.id], wait_seconds: 0, ...answer,
  });
  if (!take(result)) {
    mine.delete(request.id);
    const text = textOf(result);
    if (!text.startsWith("already_answered:") || !await look(0, request)) {
      throw new Error(readable(text) || "The answer was not taken.");
    }
  }

  if (state.thread.status === "running") {
    watch();
  }
}

// Since the result came, somebody may have answered elsewhere: an old conversation shows old results.
async function refresh() {
  const request = openRequest();
  if (state.thread?.status === "pending" && request !== undefined) {
    await look(0, request).catch((e) => say(e.message));
    if (state.thread.status === "running") {
      await watch();
    }
  }
}

async function shown(result) {
  if (!take(result)) {
    state.refusal = readable(textOf(result)) || "The call gave no result.";
    render();
  } else if (state.thread.status === "running") {
    await watch();
  } else {
    await refresh();
  }
}

if (window.parent !== window) {
  heard.set("ui/notifications/tool-result", shown);
  heard.set("ui/notifications/tool-cancelled", () => {
    if (state.thread === null) {
      state.refusal = "The call was stopped.";
      render();
    }
  });
  heard.set("ui/resource-teardown", () => { stopped = true; });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && !stopped) {
      refresh();
    }
  });
  connect().then(() => render(), (e) => show([el("p", { class: "note" }, e.message)]));
}
