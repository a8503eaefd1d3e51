// Drives one of the TypeScript SDKs through a list of calls and prints what it saw, as one line of JSON.
// The job comes as JSON in the first argument:
//   sdk: "client" (v2) or "sdk" (v1); protocol: a version, or null to let the client choose
//   server: { url } or { command, args, env }
//   elicitation: what the person does with a form, in turn: { action, content }; null when the client declares none
//   calls: [{ tool, arguments }]; "$thread_id" and "$request_id" stand for those of the last result
const job = JSON.parse(process.argv[2]);
const seen = { forms: [], results: [] };
const answers = [...(job.elicitation ?? [])];

const answer = (request) => {
  seen.forms.push({ message: request.params.message, schema: request.params.requestedSchema });
  return answers.shift() ?? { action: "cancel" };
};

const connect = job.sdk === "client" ? connectV2 : connectV1;
const client = await connect();
seen.protocol = job.sdk === "client" ? client.getNegotiatedProtocolVersion() : client.transport.protocolVersion ?? client._negotiatedProtocolVersion;
for (const call of job.calls) {
  try {
    const result = await client.callTool({ name: call.tool, arguments: filled(call.arguments) });
    seen.results.push({ isError: result.isError ?? false, ...result.structuredContent, text: result.structuredContent ? undefined : result.content });
  } catch (error) {
    seen.results.push({ thrown: error.message, code: error.code });
  }
}

console.log(JSON.stringify(seen));
await client.close();

function filled(args) {
  const last = seen.results.at(-1);
  return JSON.parse(JSON.stringify(args).replaceAll("$thread_id", last?.thread_id).replaceAll("$request_id", last?.requests?.[0]?.id));
}

async function connectV2() {
  const { Client, StreamableHTTPClientTransport } = await import("@modelcontextprotocol/client");
  const { StdioClientTransport } = await import("@modelcontextprotocol/client/stdio");
  const modern = job.protocol === null || job.protocol >= "2026-07-28";
  const client = new Client({ name: "node-client", version: "1.0.0" }, {
    capabilities: job.elicitation ? { elicitation: { form: {} } } : {},
    versionNegotiation: { mode: job.protocol === null ? "auto" : modern ? { pin: job.protocol } : "legacy" },
    ...(modern ? {} : { supportedProtocolVersions: [job.protocol] }),
  });
  if (job.elicitation) {
    client.setRequestHandler("elicitation/create", async (request) => answer(request));
  }

  await client.connect(job.server.url
    ? new StreamableHTTPClientTransport(new URL(job.server.url))
    : new StdioClientTransport({ ...job.server, env: { ...process.env, ...job.server.env } }));
  return client;
}

async function connectV1() {
  const { Client } = await import("@modelcontextprotocol/sdk/client/index.js");
  const { StdioClientTransport } = await import("@modelcontextprotocol/sdk/client/stdio.js");
  const { StreamableHTTPClientTransport } = await import("@modelcontextprotocol/sdk/client/streamableHttp.js");
  const { ElicitRequestSchema } = await import("@modelcontextprotocol/sdk/types.js");
  const client = new Client({ name: "node-sdk", version: "1.0.0" }, { capabilities: job.elicitation ? { elicitation: {} } : {} });
  if (job.elicitation) {
    client.setRequestHandler(ElicitRequestSchema, async (request) => answer(request));
  }

  await client.connect(job.server.url
    ? new StreamableHTTPClientTransport(new URL(job.server.url))
    : new StdioClientTransport({ ...job.server, env: { ...process.env, ...job.server.env } }));
  return client;
}
