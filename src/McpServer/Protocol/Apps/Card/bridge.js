// The host that shows this page: JSON-RPC 2.0 through postMessage, as the MCP Apps extension of 2026-01-26 has it.

const host = { capabilities: {}, context: {} };
const unanswered = new Map();
const heard = new Map();
let lastId = 0;
let lastSize = "";

function tell(method, params = {}) {
  window.parent.postMessage({ jsonrpc: "2.0", method, params }, "*");
}

// A host that never replies must not leave a person before dead buttons.
function ask(method, params, patience = 90_000) {
  const id = ++lastId;
  window.parent.postMessage({ jsonrpc: "2.0", id, method, params }, "*");
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      unanswered.delete(id);
      reject(new Error("The host of this chat does not reply."));
    }, patience);
    unanswered.set(id, { resolve, reject, timer });
  });
}

function callTool(name, args) {
  return ask("tools/call", { name, arguments: args });
}

function reply(id, method) {
  const known = method === "ping" || method === "ui/resource-teardown";
  if (method === "ui/resource-teardown") {
    heard.get(method)?.();
  }

  window.parent.postMessage(known
    ? { jsonrpc: "2.0", id, result: {} }
    : { jsonrpc: "2.0", id, error: { code: -32601, message: `The card knows no ${method}.` } }, "*");
}

function settle({ id, result, error }) {
  const call = unanswered.get(id);
  if (call === undefined) {
    return;
  }

  unanswered.delete(id);
  clearTimeout(call.timer);
  if (error === undefined) {
    call.resolve(result ?? {});
  } else {
    call.reject(new Error(typeof error?.message === "string" ? error.message : "The host of this chat refused."));
  }
}

// Only the host is listened to: a frame beside this one could post messages too.
function listen(event) {
  const message = event.data;
  if (event.source !== window.parent || message?.jsonrpc !== "2.0") {
    return;
  }

  if (message.method === undefined) {
    settle(message);
  } else if (message.id === undefined) {
    heard.get(message.method)?.(message.params ?? {});
  } else {
    reply(message.id, message.method);
  }
}

function fit(context) {
  const root = document.documentElement;
  if (context.theme === "light" || context.theme === "dark") {
    root.style.colorScheme = context.theme;
  }

  for (const [name, value] of Object.entries(context.styles?.variables ?? {})) {
    if (name.startsWith("--") && typeof value === "string") {
      root.style.setProperty(name, value);
    }
  }

  for (const side of ["top", "right", "bottom", "left"]) {
    if (typeof context.safeAreaInsets?.[side] === "number") {
      root.style.setProperty(`--safe-${side}`, `${context.safeAreaInsets[side]}px`);
    }
  }
}

function sendSize() {
  const size = { width: window.innerWidth, height: Math.ceil(document.documentElement.getBoundingClientRect().height) };
  const text = `${size.width} ${size.height}`;
  if (text !== lastSize) {
    lastSize = text;
    tell("ui/notifications/size-changed", size);
  }
}

async function connect() {
  window.addEventListener("message", listen);
  heard.set("ui/notifications/host-context-changed", (changed) => {
    Object.assign(host.context, changed);
    fit(changed);
  });
  const told = await ask("ui/initialize", {
    protocolVersion: "2026-01-26",
    appInfo: { name: "agentmcp-request", version: "1.0.0" },
    appCapabilities: { availableDisplayModes: ["inline"] },
  });
  host.capabilities = told.hostCapabilities ?? {};
  host.context = told.hostContext ?? {};
  fit(host.context);
  tell("ui/notifications/initialized");
  new ResizeObserver(() => requestAnimationFrame(sendSize)).observe(document.documentElement);
}
