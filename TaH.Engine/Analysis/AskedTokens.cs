namespace TaH.Engine;

/// <summary>Which tokens an analysis is about.</summary>
internal static class AskedTokens
{
    /// <summary>
    /// [tokens]: those of an answer that are followed by another token of it, as the official labels count them. What a prompt's last token predicts,
    /// the answer's first, is left out.
    /// </summary>
    public static bool[] Of(PackedBatch batch)
    {
        var asked = new bool[batch.Tokens.Length];
        for (var token = 0; token < asked.Length; token++)
            asked[token] = batch.Labels[token] >= 0 && (batch.Positions[token] == 0 || batch.Labels[token - 1] >= 0);
        return asked;
    }
}
