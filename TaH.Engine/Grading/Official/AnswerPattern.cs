using System.Text.RegularExpressions;

namespace TaH.Engine;

/// <summary>A way in which an answer may stand in a text.</summary>
/// <param name="Regex">Finds it.</param>
/// <param name="Priority">Smaller ones are looked at first.</param>
/// <param name="Reader">Reads what was found.</param>
internal sealed record AnswerPattern(Regex Regex, int Priority, IAnswerReader Reader)
{
    // The priorities of the official patterns.
    public const int Hoped = 0;
    public const int FinalAnswer = 50;
    public const int AnswerColon = 100;
    public const int AnswerWord = 200;
    public const int TextStart = 250;
    public const int Anywhere = 300;

    /// <summary>Time for one match; the official grader gives up on a whole text after as long.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>A regular expression that reads like Python's: case and classes do not depend on the machine's language.</summary>
    public static Regex Compile(string pattern, RegexOptions options = RegexOptions.None) =>
        new(pattern, options | RegexOptions.CultureInvariant | RegexOptions.Compiled, Patience);
}
