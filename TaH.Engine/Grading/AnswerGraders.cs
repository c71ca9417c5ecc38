namespace TaH.Engine;

/// <summary>The graders by name, and both verdicts at once.</summary>
public static class AnswerGraders
{
    internal const string OfficialName = "official";
    internal const string FairName = "fair";

    /// <summary>What the reference grader would say, oddities included: comparable with published scores.</summary>
    public static IAnswerGrader Official { get; } = new OfficialGrader();

    /// <summary>What a careful person would say.</summary>
    public static IAnswerGrader Fair { get; } = new FairGrader();

    /// <summary>Both.</summary>
    public static IReadOnlyList<IAnswerGrader> All { get; } = [Official, Fair];

    /// <summary>Both verdicts on one output.</summary>
    /// <param name="mode">How gold and output are read.</param>
    /// <param name="gold">The answer that counts as right.</param>
    /// <param name="output">All that a model wrote.</param>
    public static (GradeVerdict Official, GradeVerdict Fair) Grade(GradeMode mode, string gold, string output) =>
        (Official.Grade(mode, gold, output), Fair.Grade(mode, gold, output));

    /// <summary>The mode of a name, <c>expr</c>, <c>latex</c> or <c>string</c>; null for any other word.</summary>
    public static GradeMode? FindMode(string name) => name switch
    {
        "expr" => GradeMode.Expression,
        "latex" => GradeMode.Latex,
        "string" => GradeMode.Letter,
        _ => null,
    };
}
