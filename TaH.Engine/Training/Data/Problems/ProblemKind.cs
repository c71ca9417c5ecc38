using System.Globalization;

namespace TaH.Engine;

/// <summary>Makes problems of one kind.</summary>
/// <param name="name">How the kind is called.</param>
/// <param name="share">Its share of a mixed set.</param>
internal abstract class ProblemKind(string name, double share)
{
    /// <summary>Every kind, in the order in which they are drawn from.</summary>
    public static IReadOnlyList<ProblemKind> All { get; } =
        [new ChainProblems(), new ProductProblems(), new ModularProblems(), new VariableProblems(), new DigitProblems(), new ListProblems()];

    /// <summary>How the kind is called.</summary>
    public string Name => name;

    /// <summary>Its share of a mixed set; the shares of all kinds add up to 1.</summary>
    public double Share => share;

    /// <summary>Makes a problem.</summary>
    public abstract Problem Make(Xoshiro256 random);

    /// <summary>Puts a problem together.</summary>
    /// <param name="question">What is asked.</param>
    /// <param name="steps">The lines of the reasoning.</param>
    /// <param name="answer">The answer.</param>
    protected Problem Ask(string question, IEnumerable<string> steps, string answer) => new(name, question, string.Join('\n', steps), answer);

    /// <inheritdoc cref="Ask(string, IEnumerable{string}, string)"/>
    protected Problem Ask(string question, IEnumerable<string> steps, int answer) =>
        Ask(question, steps, answer.ToString(CultureInfo.InvariantCulture));
}
