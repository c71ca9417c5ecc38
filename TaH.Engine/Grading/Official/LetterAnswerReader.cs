using System.Text.RegularExpressions;

namespace TaH.Engine;

/// <summary>Reads the letter of a choice: one text, in small and in capital.</summary>
internal sealed class LetterAnswerReader : IAnswerReader
{
    /// <inheritdoc/>
    public ExtractedAnswer Read(Match match) => new(null, match.Groups["letter"].Value) { IsWhole = true };
}
