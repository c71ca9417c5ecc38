namespace TaH.Engine;

/// <summary>How a task's answers are judged.</summary>
public enum TaskGrader
{
    /// <summary>By text: what the answer comes to is what the reference says.</summary>
    Exact,

    /// <summary>As an expression; the reference is a plain number.</summary>
    Expr,

    /// <summary>As an expression; the reference is LaTeX.</summary>
    Latex,

    /// <summary>As the letter of a choice.</summary>
    String,

    /// <summary>As Python, by HumanEval's tests.</summary>
    HumanEval,

    /// <summary>As Python, by HumanEval's tests and those that evalplus added.</summary>
    HumanEvalPlus,

    /// <summary>As Python, by MBPP's tests.</summary>
    Mbpp,

    /// <summary>As Python, by MBPP's tests and those that evalplus added.</summary>
    MbppPlus,
}

/// <summary>The words for graders.</summary>
public static class TaskGraders
{
    private static readonly (string Word, TaskGrader Mode)[] All =
    [
        ("exact", TaskGrader.Exact), ("expr", TaskGrader.Expr), ("latex", TaskGrader.Latex), ("string", TaskGrader.String),
        ("humaneval", TaskGrader.HumanEval), ("humaneval_plus", TaskGrader.HumanEvalPlus), ("mbpp", TaskGrader.Mbpp),
        ("mbpp_plus", TaskGrader.MbppPlus),
    ];

    /// <summary>What task files call them.</summary>
    public static IEnumerable<string> Words => All.Select(pair => pair.Word);

    /// <summary>The word for a grader.</summary>
    public static string Word(this TaskGrader mode) => Array.Find(All, pair => pair.Mode == mode).Word;

    /// <summary>Whether answers are programs that have to be run.</summary>
    public static bool RunsCode(this TaskGrader mode) => mode >= TaskGrader.HumanEval;

    /// <summary>The grader of a word; null where there is none.</summary>
    public static TaskGrader? Find(string word) => Array.FindIndex(All, pair => pair.Word == word) is var at and >= 0 ? All[at].Mode : null;
}
