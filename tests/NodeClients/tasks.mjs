// Calls one tool through the official client of the Tasks extension and follows the task to its end.
// The job comes as JSON in the first argument:
//   url: the server; tool, arguments: the call; cancel: whether to cancel the task once it is there
//   answer: what the person does with a form, { action, content }; null when the program gives the client nobody to ask
// Prints, as one line of JSON: the methods it sent, what it asked, and how the task ended.
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { createTaskSessionFromClient } from "@modelcontextprotocol/ext-tasks/client";

const job = JSON.parse(process.argv[2]);
const info = { name: "tasks-client", version: "1.0.0" };
const protocol = "2026-07-28";
let last = 100;
const seen = { sent: [], asked: [], outcome: null };
const client = new Client(info, { capabilities: {}, versionNegotiation: { mode: { pin: protocol } } });
await client.connect(new StreamableHTTPClientTransport(new URL(job.url)));

const session = createTaskSessionFromClient(client, {
  endpointId: "agentmcp",
  rawDispatch: send,
  v2RequestFraming: { protocolVersion: protocol, clientInfo: info, clientCapabilities: { elicitation: { form: {} } } },
  onInputRequest: job.answer === null ? undefined : async (request, context) => {
    seen.asked.push({ delivery: context.delivery, message: request.params.message });
    return job.answer;
  },
});
const execution = await session.callTool(job.tool, job.arguments);
if (job.cancel) {
  await execution.cancel();
}

try {
  seen.outcome = (await execution.settle()).outcome;
} catch (error) {
  seen.outcome = { status: "thrown", message: error.message };
}

await session.close();
await client.close();
console.log(JSON.stringify(seen));

async function send(request) {
  const message = { jsonrpc: "2.0", id: ++last, ...request };
  // Polling is not worth telling.
  if (seen.sent.at(-1) !== message.method) {
    seen.sent.push(message.method);
  }

  const answer = await fetch(job.url, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
      "MCP-Protocol-Version": protocol,
      "Mcp-Method": message.method,
      "Mcp-Name": message.params.taskId ?? message.params.name,
    },
    body: JSON.stringify(message),
  });
  const events = (await answer.text()).split("\n").filter((line) => line.startsWith("data: "));
  return JSON.parse(events.at(-1).slice("data: ".length));
}
