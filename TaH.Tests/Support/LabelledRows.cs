namespace TaH.Tests;

/// <summary>Rows of labelled tokens for the golden models, which have no tokenizer.</summary>
internal static class LabelledRows
{
    /// <summary>Writes a file of rows, in which something can be learnt: every token follows from the one before.</summary>
    public static string Write(string path, int rows = 24, int length = 20, int vocab = 300)
    {
        File.WriteAllLines(path, Enumerable.Range(0, rows).Select(row =>
        {
            var tokens = Enumerable.Range(0, length).Select(i => ((row * 17) + (i * 5)) % vocab);
            var mask = Enumerable.Range(0, length).Select(i => i < 4 ? 0 : 1);
            var mismatch = Enumerable.Range(0, length).Select(i => i % 6 == 5 ? 1 : 0);
            return $$"""{"real_token":[{{string.Join(',', tokens)}}],"mask":[{{string.Join(',', mask)}}],"mismatch":[{{string.Join(',', mismatch)}}]}""";
        }));
        return path;
    }
}
