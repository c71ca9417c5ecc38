namespace TaH.Engine;

/// <summary>Where a row stands, for messages.</summary>
/// <param name="File">The file.</param>
/// <param name="Number">Its line (JSON lines) or its row (Parquet), from 1.</param>
/// <param name="IsLine">Which of both.</param>
internal readonly record struct RowPlace(string File, long Number, bool IsLine)
{
    /// <summary>The error that something is wrong with the row.</summary>
    /// <param name="field">The field at fault; null for the row as a whole.</param>
    /// <param name="fact">What is wrong.</param>
    /// <param name="inner">What led here.</param>
    public BadFileException Error(string? field, string fact, Exception? inner = null)
    {
        var place = FormattableString.Invariant($"{(IsLine ? "line" : "row")} {Number:N0}");
        return new BadFileException(File, field is null ? place : $"{place}, {field}", fact, inner);
    }
}
