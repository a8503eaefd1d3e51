using AgentMcp.Browser.Tests.Driving;
using AgentMcp.Server.Tests.Running;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Browser.Tests.Apps;

/// <summary>Requests no agent of the tests would make, shown in a chat.</summary>
public static class Asking
{
    public static async Task<Reply> For(Chat chat, RequestOpened request)
    {
        await Planted.Request(chat.Database, request, key: "planted");
        return await chat.Call("calculator", new { message = "please", idempotency_key = "planted" });
    }

    public static Task<Reply> Form(Chat chat) => For(chat, new(DateTimeOffset.UtcNow.AddMinutes(-42), RequestKind.Question, "How should the invoice for the workshop be sent?",
        "The customer asked for one invoice for both days.\nThe last one went out by post.", JsonText.Parse("""
        {"type":"object","properties":{
          "recipient":{"type":"string","maxLength":100,"description":"As it stands in the contract."},
          "way":{"type":"string","title":"Sent by","enum":["e-mail","post"]},
          "due":{"type":"string","format":"date","title":"Payable until"},
          "copies":{"type":"integer","minimum":1,"maximum":5},
          "note":{"type":"string"}},"required":["recipient","way","due"]}
        """)));

    public static Task<Reply> Deploy(Chat chat) => For(chat, new(DateTimeOffset.UtcNow.AddMinutes(-3), RequestKind.Approval, "Push the tag v1.4.0 to production?",
        "Three commits since v1.3.2:\n- 8c1f2aa Show invoices by quarter\n- 51b7e09 Round totals once\n- 0d9e6b3 Update dependencies",
        Options: [new("not_now", "Not now", "Production is frozen until Monday."), new("wrong_version", "Wrong version")],
        Action: ActionDigest.Bind("tag_push_prod", JsonText.Parse("""{"tag":"v1.4.0","commit":"8c1f2aa","message":"Release v1.4.0\n\nInvoices by quarter.","checks":{"tests":"passed","required":true}}""")),
        DueAt: DateTimeOffset.UtcNow.AddDays(2), Changes: JsonText.Parse("""{"type":"object"}""")));
}
