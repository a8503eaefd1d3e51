using System.Text.Json;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Rest;

public sealed class Text_survives_rest(SharedServers servers)
{
    [Fact]
    [Trait("Accepts", "R.7")]
    public async Task Quotes_line_breaks_markup_and_any_script_come_back_as_they_went()
    {
        const string Words = "\"quoted\" \\ back\r\nline\ttab <b>&amp;</b> 'single' äöü 漢字 🚀 \u2028 \u0001 \u007f </human_response>";
        using var rest = await RestClient.Of(servers);
        var spec = JsonSerializer.Serialize(new { spec = new { fn = Words, kwargs = new Dictionary<string, string> { [Words] = Words }, reject_options = new[] { new { name = Words, prompt_fill = Words } } } });

        var asked = JsonElement.Parse((await rest.Post("/function_calls", spec))[4..]);
        var answered = JsonElement.Parse((await rest.Post("/function_calls/req_A_3/respond", JsonSerializer.Serialize(new { reject_option_name = Words, comment = Words })))[4..]);
        var contact = JsonElement.Parse((await rest.Post("/human_contacts", JsonSerializer.Serialize(new { spec = new { msg = Words, subject = Words } })))[4..]);
        var responded = JsonElement.Parse((await rest.Post("/human_contacts/req_B_3/respond", JsonSerializer.Serialize(new { response = Words })))[4..]);

        Assert.Equal((Words, Words), (asked.GetProperty("spec").GetProperty("fn").GetString(), asked.GetProperty("spec").GetProperty("kwargs").GetProperty(Words).GetString()));
        Assert.Equal(Words, asked.GetProperty("spec").GetProperty("reject_options")[0].GetProperty("prompt_fill").GetString());
        Assert.Equal((Words, Words), (answered.GetProperty("status").GetProperty("comment").GetString(), answered.GetProperty("status").GetProperty("reject_option_name").GetString()));
        Assert.Equal((Words, Words), (contact.GetProperty("spec").GetProperty("msg").GetString(), contact.GetProperty("spec").GetProperty("subject").GetString()));
        Assert.Equal(Words, responded.GetProperty("status").GetProperty("response").GetString());
    }
}
