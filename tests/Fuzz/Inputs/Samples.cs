namespace AgentMcp.Fuzz.Inputs;

/// <summary>What a well-behaved client sends.</summary>
internal static class Samples
{
    public const string Meta =
        """{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"fuzz","version":"1"},"io.modelcontextprotocol/clientCapabilities":{"elicitation":{"form":{}},"extensions":{"io.modelcontextprotocol/tasks":{}}}}""";

    public static string[] Calls(string thread, string request) =>
    [
        """{"name":"calculator","arguments":{"message":"multiply 3 and 4","idempotency_key":"k","wait_seconds":0}}""",
        """{"name":"puppet","arguments":{"message":"go"}}""",
        """{"name":"invoke_agent","arguments":{"agent":"calculator","input":{"message":"add 1 and 2"},"wait_seconds":0.5}}""",
        """{"name":"get_thread","arguments":{"thread_id":"@0@","include_events":true}}""".With(thread),
        """{"name":"wait_thread","arguments":{"thread_id":"@0@","wait_seconds":0}}""".With(thread),
        """{"name":"resume_thread","arguments":{"thread_id":"@0@","request_id":"@1@","approved_with_changes":{"a":1,"b":2},"response":{"a":[1]},"comment":"why"}}""".With(thread, request),
        """{"name":"resume_thread","arguments":{"thread_id":"@0@","response":"x"}}""".With(thread),
        """{"name":"fork_thread","arguments":{"thread_id":"@0@","at_version":2}}""".With(thread),
        """{"name":"cancel_thread","arguments":{"thread_id":"thr_0198c0a1000070008000000000000000","reason":"no"}}""",
        """{"name":"list_threads","arguments":{"status":"pending","agent":"calculator","kind":"approval","limit":2,"cursor":"thr_0198c0a1000070008000000000000000"}}""",
        """{"name":"list_agents","arguments":{}}""",
        """{"name":"deploybot","arguments":{"message":"ship it"}}""",
    ];

    /// <summary>Methods beside tools/call, with their parameters.</summary>
    public static (string Method, string Parameters)[] Requests(string thread) =>
    [
        ("tools/list", "{}"), ("tools/list", """{"cursor":"1"}"""), ("resources/list", "{}"), ("resources/templates/list", "{}"), ("prompts/list", "{}"),
        ("resources/read", """{"uri":"thread://@0@"}""".With(thread)), ("resources/read", """{"uri":"thread://@0@/transcript"}""".With(thread)), ("resources/read", """{"uri":"agent://calculator"}"""),
        ("prompts/get", """{"name":"calculator","arguments":{"message":"x"}}"""), ("prompts/get", """{"name":"resume_thread","arguments":{"thread_id":"@0@","answer":"yes","request_id":""}}""".With(thread)),
        ("completion/complete", """{"ref":{"type":"ref/prompt","name":"calculator"},"argument":{"name":"message","value":"a"}}"""),
        ("completion/complete", """{"ref":{"type":"ref/prompt","name":"invoke_agent","title":"t"},"argument":{"name":"agent","value":"c"}}"""),
        ("completion/complete", """{"ref":{"type":"ref/prompt","name":"resume_thread"},"argument":{"name":"thread_id","value":"thr_0"}}"""),
        ("completion/complete", """{"ref":{"type":"ref/prompt","name":"resume_thread"},"argument":{"name":"request_id","value":"req_"},"context":{"arguments":{"thread_id":"@0@"}}}""".With(thread)),
        ("completion/complete", """{"ref":{"type":"ref/resource","uri":"thread://{id}/transcript"},"argument":{"name":"id","value":"@0@"},"context":{"arguments":{"id":"x"}}}""".With(thread)),
        ("tasks/get", """{"taskId":"@0@"}""".With(thread)), ("tasks/update", """{"taskId":"@0@","inputResponses":{"x":{"action":"accept","content":{"approved":true}}}}""".With(thread)), ("tasks/cancel", """{"taskId":"thr_0198c0a1000070008000000000000000"}"""),
        ("server/discover", "{}"), ("ping", "{}"), ("logging/setLevel", """{"level":"info"}"""), ("resources/subscribe", """{"uri":"thread://@0@"}""".With(thread)), ("resources/unsubscribe", """{"uri":"thread://@0@"}""".With(thread)),
    ];

    public static string Message(string method, string parameters) => """{"jsonrpc":"2.0","id":7,"method":"@0@","params":@1@}""".With(method, parameters);

    /// <summary>The parameters of a request of 2026-07-28, which says each time who asks.</summary>
    public static string WithMeta(string parameters) => parameters is "{}" ? """{"_meta":@0@}""".With(Meta) : """@0@,"_meta":@1@}""".With(parameters[..^1], Meta);
}
