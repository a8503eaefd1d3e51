// Values, times and names as a person reads them.

// Text stands as it is unless it could be taken for something else: "4" is not 4.
function scalar(value) {
  if (typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value)) {
    return `${value} (rounded here; the thread holds the exact number)`;
  }

  return typeof value === "string" && !/^\s|\s$|^$|^"/.test(value) && !isJson(value) ? value : JSON.stringify(value);
}

function isJson(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function members(value) {
  return Array.isArray(value) ? value.map((item, i) => [String(i + 1), item]) : Object.entries(value);
}

function valueView(value) {
  if (value === null || typeof value !== "object") {
    const text = scalar(value);
    return el("span", { class: typeof value === "string" ? null : "mono", dir: "auto" }, text);
  }

  return members(value).length === 0
    ? el("span", { class: "quiet" }, Array.isArray(value) ? "(none)" : "(nothing)")
    : el("dl", { class: "values" }, members(value).map(([name, item]) => el("div", {}, el("dt", {}, name), el("dd", {}, valueView(item)))));
}

function moment(text) {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) {
    return "";
  }

  const options = { dateStyle: "medium", timeStyle: "short" };
  try {
    return new Intl.DateTimeFormat(host.context.locale, { ...options, timeZone: host.context.timeZone }).format(at);
  } catch {
    return new Intl.DateTimeFormat("en", options).format(at);
  }
}

function timeView(text) {
  return el("time", { datetime: text }, moment(text));
}

const kinds = {
  approval: "Approval", question: "Question", budget: "Limit reached", in_doubt: "In doubt",
  external_result: "Result awaited", next_step: "Next step", child: "Waits for a child", sleep: "Sleeping",
};

const channels = {
  app: "a card in the chat", inbox: "the inbox", elicitation: "a form in the chat", cli: "the terminal",
  stdio: "an MCP client", http: "an MCP client", email: "e-mail", slack: "Slack",
};

function through(channel) {
  return channels[channel] ?? String(channel).replaceAll("_", " ");
}

function verdict(answer) {
  if (answer.kind === "budget") {
    return answer.approved === false ? "Stopped" : "Extended";
  }

  return answer.approved === true ? (answer.arguments ? "Approved with changes" : "Approved") : answer.approved === false ? "Rejected" : "Answered";
}
