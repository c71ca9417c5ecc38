using System.Text.Json;
using System.Text.Json.Serialization;

namespace TaH.Engine;

/// <summary>The held-out loss of a model without one of its layers.</summary>
/// <param name="Layer">By its number in the model that was given.</param>
/// <param name="Loss">Mean cross-entropy of labelled tokens, in nats.</param>
public sealed record LayerLoss(int Layer, double Loss);

/// <summary>Every layer that was left, judged, and the one that went; all that went where all are judged at once.</summary>
/// <param name="Removed">The layers that went, by their numbers in the model that was given.</param>
/// <param name="Loss">The loss without them and those of earlier rounds.</param>
/// <param name="Losses">The loss without each layer.</param>
public sealed record PruneRound(IReadOnlyList<int> Removed, double Loss, IReadOnlyList<LayerLoss> Losses);

/// <summary>What pruning came to; pruning.json of the smaller model.</summary>
/// <param name="Model">The name of the model that was given.</param>
/// <param name="Layers">Its layers.</param>
/// <param name="Rows">Held-out rows that were looked at.</param>
/// <param name="LabelledTokens">Their tokens that carry loss.</param>
/// <param name="Loss">The loss of the model that was given.</param>
/// <param name="Rounds">How layers were chosen.</param>
public sealed record PruneResult(string Model, int Layers, int Rows, long LabelledTokens, double Loss, IReadOnlyList<PruneRound> Rounds)
{
    private static readonly JsonSerializerOptions Line = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    private static readonly JsonSerializerOptions Page = new(Line) { WriteIndented = true };

    /// <summary>The layers that went, by their numbers in the model that was given, in that order.</summary>
    public IReadOnlyList<int> Removed => [.. Rounds.SelectMany(round => round.Removed).Order()];

    /// <summary>The layers that stay, likewise; their places are their new numbers.</summary>
    public IReadOnlyList<int> Kept => [.. Enumerable.Range(0, Layers).Except(Removed)];

    /// <summary>The loss of the smaller model.</summary>
    public double PrunedLoss => Rounds[^1].Loss;

    /// <summary>As a JSON object with snake_case names.</summary>
    /// <param name="indented">Whether over many lines.</param>
    public string ToJson(bool indented = false) => JsonSerializer.Serialize(this, indented ? Page : Line);
}
