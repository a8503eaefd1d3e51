using System.Text;
using System.Text.Json;
using AgentMcp.Fuzz.Doors;
using AgentMcp.Fuzz.Inputs;
using CsCheck;

namespace AgentMcp.Fuzz.Targets;

/// <summary>What other software posts. It is signed: whoever holds a secret can still send what is not right.</summary>
internal static class FromOutside
{
    public static Target Webhooks(HttpDoor door, string thread, string request)
    {
        (string Path, string Body)[] samples =
        [
            ("/hooks/hook", """{"thread_id":"@0@","request_id":"@1@","user":"mia","response":"x","comment":"c"}""".With(thread, request)),
            ("/hooks/hook", """{"request_id":"@0@","user":"mia","approved_with_changes":{"a":1}}""".With(request)),
            ("/triggers/ci", """{"type":"conversation.created","is_test":false,"event":{"user_message":"add 1 and 2","user":"mia","conversation_id":"c1"}}"""),
            ("/triggers/ci", """{"type":"conversation.created","is_test":false,"event":{"spec":{"input":{"message":"x"},"agent_name":"calculator"}}}"""),
            ("/triggers/ci", """{"type":"agent_slack.received","is_test":false,"event":{"channel_id":"C1","thread_ts":"1.1","events":[{"from_user_id":"U1","content":"hi","message_ts":"1.1"}]}}"""),
            ("/triggers/ci", """{"type":"agent_email.received","is_test":false,"event":{"from_address":"a@example.com","to_address":"b@example.com","subject":"s","body":"b","message_id":"m1","previous_thread":[{"from_address":"c","to_address":"d","subject":"x","content":"y"}]}}"""),
            ("/triggers/ci", """{"type":"function_call.completed","is_test":false,"event":{"call_id":"@0@","spec":{"state":{"thread_id":"@1@"}},"status":{"approved":false,"comment":"c","user_info":{"name":"mia"}}}}""".With(request, thread)),
            ("/triggers/ci", """{"type":"human_contact.completed","is_test":false,"event":{"call_id":"@0@","spec":{"state":{"thread_id":"@1@"}},"status":{"response":"r","user_info":{"email":"mia@example.com"}}}}""".With(request, thread)),
        ];
        return new("webhook and trigger bodies", Gen.OneOf(samples).SelectMany(sample => Mutation.Bytes(Mutation.OfJson(sample.Body)).Select(body => (sample.Path, body)))
            .Select(input => new Attempt($"{input.Path} {Encoding.UTF8.GetString(input.body)}", async () => Kind(await door.SendSigned(input.Path, input.body)))), door.Process, ("200 accepted", 4), ("422 wrong_answer", 1));
    }

    public static Target Slack(HttpDoor door, string request)
    {
        const string Events = """{"type":"event_callback","event_id":"Ev1","authorizations":[{"user_id":"U0BOT"}],"event":{"type":"app_mention","user":"U1","text":"<@U0BOT> add 1 and 2 &lt;b&gt; <https://x|y>","channel":"C1","channel_type":"channel","ts":"1700000000.1","thread_ts":"1700000000.0"}}""";
        var pressed = """{"type":"block_actions","user":{"id":"U1","username":"mia"},"trigger_id":"t","container":{"channel_id":"C1","message_ts":"1.1"},"actions":[{"action_id":"reject","value":"@0@","selected_option":{"value":"choice_0|@0@"}}]}""".With(request);
        var form = """{"type":"view_submission","user":{"id":"U1","name":"mia"},"view":{"callback_id":"answer","private_metadata":"@0@|C1|1.1","state":{"values":{"words":{"words":{"value":"no"}}}}}}""".With(request);
        return new("Slack bodies", Gen.Frequency(
                (3, Mutation.OfJson(Events, """{"type":"url_verification","challenge":"abc"}""").Select(body => ("/triggers/chat", "application/json", body))),
                (3, Mutation.OfJson(pressed, form).Select(json => ("/slack/team/interactions", "application/x-www-form-urlencoded", "payload=" + Uri.EscapeDataString(json)))),
                (1, Mutation.OfText("payload=" + Uri.EscapeDataString(pressed)).Select(text => ("/slack/team/interactions", "application/x-www-form-urlencoded", text))))
            .SelectMany(input => Mutation.Bytes(Gen.Const(input.Item3)).Select(body => (Path: input.Item1, Media: input.Item2, Body: body)))
            .Select(input => new Attempt($"{input.Path} {Encoding.UTF8.GetString(input.Body)}", async () =>
            {
                var (status, _, _) = await door.SendAsSlack(input.Path, input.Body, input.Media);
                return $"{status}";
            })), door.Process, ("200", 10));
    }

    public static Target Mail(HttpDoor door, string request)
    {
        var mail = $"Received: from x by y; Thu, 1 Jan 2026 00:00:00 +0000\r\nFrom: Mia <mia@example.com>\r\nTo: agents@example.com, \"A, B\" <b@example.com>\r\nSubject: =?utf-8?Q?add_1_and_2?=\r\nMessage-ID: <1@example.com>\r\nIn-Reply-To: <{request}_1@example.com>\r\nReferences: <a@b> <c@d>\r\nAuthentication-Results: mx.example.com; dmarc=pass\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=\"b\"\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nadd 1 and 2=20\r\n\r\nOn Monday, X wrote:\r\n> before\r\n--b\r\nContent-Type: text/html; charset=iso-8859-1\r\nContent-Transfer-Encoding: base64\r\n\r\nPGI+YWRkPC9iPg==\r\n--b--\r\n";
        var plain = "From: mia@example.com\r\nTo: agents@example.com\r\nSubject: s\r\nContent-Type: text/html; charset=utf-7\r\n\r\n<p>add 1 <script>x</script> and 2</p><blockquote>" + new string('>', 50) + "</blockquote>\r\n";
        return new("e-mail bodies", Mutation.Bytes(Mutation.OfText(mail, plain)).Select(body => new Attempt(Encoding.Latin1.GetString(body),
            async () => Kind(await door.SendSigned("/triggers/post", body, "message/rfc822")))), door.Process, ("200 accepted", 15));
    }

    private static string Kind((int Status, string Body, HttpResponseMessage Answer) answer) =>
        $"{answer.Status} {(answer.Body.StartsWith('{') ? JsonElement.Parse(answer.Body).GetProperty("status") : "")}";
}
