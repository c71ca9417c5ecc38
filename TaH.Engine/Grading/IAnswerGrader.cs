namespace TaH.Engine;

/// <summary>Judges an output against the gold answer. Any text gives a verdict, within a time limit.</summary>
public interface IAnswerGrader
{
    /// <summary>The name that chooses it: <c>official</c> or <c>fair</c>.</summary>
    string Name { get; }

    /// <summary>The verdict on one output.</summary>
    /// <param name="mode">How gold and output are read.</param>
    /// <param name="gold">The answer that counts as right.</param>
    /// <param name="output">All that a model wrote.</param>
    GradeVerdict Grade(GradeMode mode, string gold, string output);
}
