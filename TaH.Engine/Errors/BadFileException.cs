namespace TaH.Engine;

/// <summary>A file or directory that the user gave cannot be used. The message is one sentence: file, field, fact, likely cause.</summary>
public class BadFileException : Exception
{
    // Fields and facts quote files, which may be hostile: no control character and no page of text may reach a terminal.
    private const int LongestField = 200;
    private const int LongestFact = 1000;

    /// <summary>
    /// Words the message as <c>file: field: fact</c>, or <c>file: fact</c> where no field is to blame. Control characters become escapes, and
    /// what is too long for a sentence is cut.
    /// </summary>
    /// <param name="file">The file or directory at fault.</param>
    /// <param name="field">The entry inside it (a JSON path, a tensor name, a line number), or null.</param>
    /// <param name="fact">What is wrong, with the numbers that show it.</param>
    /// <param name="inner">The exception that led here, if one did.</param>
    public BadFileException(string file, string? field, string fact, Exception? inner = null)
        : base(Sentence(VisibleText.Of(file), field, VisibleText.Of(fact, LongestFact)), inner)
    {
        File = file;
        Field = field;
    }

    /// <summary>The file or directory at fault.</summary>
    public string File { get; }

    /// <summary>The entry inside it, or null.</summary>
    public string? Field { get; }

    private static string Sentence(string file, string? field, string fact) =>
        field is null ? $"{file}: {fact}" : $"{file}: {VisibleText.Of(field, LongestField)}: {fact}";
}
