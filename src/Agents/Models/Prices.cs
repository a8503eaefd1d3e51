using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace AgentMcp.Agents.Models;

/// <summary>
/// What models cost: the table that comes with the program (<c>prices.json</c> beside it), and over it the user's own.
/// A step is priced when it is recorded, so a later table changes no log. Immutable, thread-safe.
/// </summary>
public sealed partial class Prices
{
    private static readonly Lazy<Prices> Table = new(() => Read(Path.Combine(AppContext.BaseDirectory, "prices.json")));
    private readonly IReadOnlyDictionary<string, Price> _models;

    private Prices(IReadOnlyDictionary<string, Price> models) => _models = models;

    /// <summary>The table that comes with the program.</summary>
    public static Prices Shipped => Table.Value;

    /// <exception cref="InvalidDataException">The file cannot be used; the message says why and what one looks like.</exception>
    public static Prices Read(string path)
    {
        const string Shape = """It must look like {"models": {"openai:gpt-5-mini": {"input": 0.25, "cached_input": 0.025, "output": 2}}}, in dollars per million tokens.""";
        try
        {
            using var file = File.OpenRead(path);
            var models = JsonSerializer.Deserialize(file, PricesJson.Default.PriceFile)?.Models ?? throw new JsonException("the file says null");
            return models.Values.Any(price => price is null || price.Input < 0 || price.Output < 0 || price.CachedInput < 0) ? throw new JsonException("a price is missing or below zero") : new(models);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"The price table {path} cannot be used: {e.Message.Split(" Path: ")[0]} {Shape}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"The price table {path} cannot be read: {e.Message} {Shape}", e);
        }
    }

    /// <param name="model">As <c>--model</c> takes it. A dated snapshot costs what its model costs.</param>
    public Price? Of(string model) => _models.GetValueOrDefault(model) ?? _models.GetValueOrDefault(Date().Replace(model, ""));

    // claude-haiku-4-5-20251001, gpt-5-mini-2025-08-07
    [GeneratedRegex(@"-(\d{8}|\d{4}-\d{2}-\d{2})\z")]
    private static partial Regex Date();
}

internal sealed record PriceFile(IReadOnlyDictionary<string, Price> Models, string? AsOf = null);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(PriceFile))]
internal sealed partial class PricesJson : JsonSerializerContext;
