using System.Text.RegularExpressions;

namespace TaH.Engine;

/// <summary>Turns what a pattern found into an answer.</summary>
internal interface IAnswerReader
{
    /// <summary>The value and the text of a match; without a value where the text cannot be parsed.</summary>
    ExtractedAnswer Read(Match match);
}
