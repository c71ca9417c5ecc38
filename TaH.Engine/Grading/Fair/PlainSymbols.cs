using System.Text.RegularExpressions;

namespace TaH.Engine;

/// <summary>Mathematics typed without LaTeX, or with signs of Unicode, as LaTeX.</summary>
internal static class PlainSymbols
{
    private static readonly (string Sign, string Latex)[] Signs =
    [
        ("−", "-"), ("–", "-"), ("×", @" \times "), ("·", @" \cdot "), ("⋅", @" \cdot "), ("÷", @" \div "), ("∞", @"\infty "), ("π", @"\pi "),
        ("θ", @"\theta "), ("≤", @" \le "), ("≥", @" \ge "), ("≠", @" \ne "), ("∪", @" \cup "), ("∩", @" \cap "), ("∈", @" \in "), ("∅", @"\emptyset "),
        ("≈", @"\approx "), ("½", @"\frac{1}{2}"), ("⅓", @"\frac{1}{3}"), ("⅔", @"\frac{2}{3}"), ("¼", @"\frac{1}{4}"), ("¾", @"\frac{3}{4}"),
        ("²", "^2"), ("³", "^3"), ("<=", @" \le "), (">=", @" \ge "), ("~=", @"\approx "), ("**", "^"), ("\u00a0", " "), ("\u202f", " "), ("\u2009", " "),
    ];

    private static readonly (Regex Written, string Latex)[] Words =
    [
        (AnswerPattern.Compile(@"(?<![\\a-zA-Z])sqrt\s*\(([^()]*)\)"), @"\sqrt{$1}"),
        (AnswerPattern.Compile(@"√\s*\(([^()]*)\)"), @"\sqrt{$1}"),
        (AnswerPattern.Compile(@"√\s*(\d+|[a-zA-Z])"), @"\sqrt{$1}"),
        (AnswerPattern.Compile(@"(?<![\\a-zA-Z])(pi|theta|infty|infinity)(?![a-zA-Z])"), @"\$1 "),
        (AnswerPattern.Compile(@"(?<![\\a-zA-Z])(sin|cos|tan|ln|log)(?=[\s(])"), @"\$1"),
        (AnswerPattern.Compile(@"\^\s*\(([^()]*)\)"), "^{$1}"),
        (AnswerPattern.Compile(@"(?<![\w.}])(\d+)\s+(\d+)\s*/\s*(\d+)(?![\w.])"), "($1+$2/$3)"),
        (AnswerPattern.Compile(@"(?<=\d)[eE]([+-]?\d+)(?![\w.])"), @" \times 10^{$1}"),
        (AnswerPattern.Compile(@"\\infinity"), @"\infty"),
    ];

    private static readonly string[] NumberNames =
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];

    /// <summary>The number that a word names, zero to twelve, or -1.</summary>
    public static int NumberOf(string word) => Array.IndexOf(NumberNames, word.ToLowerInvariant());

    /// <summary>The same in LaTeX.</summary>
    public static string ToLatex(string text)
    {
        foreach (var (sign, latex) in Signs) text = text.Replace(sign, latex, StringComparison.Ordinal);
        foreach (var (written, latex) in Words) text = written.Replace(text, latex);
        return text;
    }
}
