using System.Text;

namespace TaH.Cli;

/// <summary>Writes answers as they come: in colours by depth where a person looks at them, as plain text elsewhere.</summary>
internal sealed class AnswerWriter(Terminal terminal)
{
    private bool _atLineStart = true;

    /// <summary>The line that explains the colours; nothing where there are none.</summary>
    public void WriteLegend(int maxIter)
    {
        if (!terminal.HasColors) return;
        var separator = "";
        foreach (var (text, style) in DepthStyle.Legend(maxIter))
        {
            terminal.Write(separator);
            terminal.Write(text, style);
            separator = " | ";
        }
        terminal.WriteLine();
    }

    /// <summary>A token.</summary>
    public void Write(GeneratedToken token) => Write(token.Text, DepthStyle.Of(token.Iterations));

    /// <summary>What was held back, and the end of the line.</summary>
    public void End(Completion completion)
    {
        Write(completion.TrailingText, completion.Tokens.Count == 0 ? Style.Plain : DepthStyle.Of(completion.Tokens[^1].Iterations));
        // Without a tokenizer there is no text to show; the ids are the answer.
        if (completion.Text is null) terminal.Write(string.Join(',', completion.Tokens.Select(token => token.Id)));
        if (!_atLineStart || completion.Text is null or "") terminal.WriteLine();
        _atLineStart = true;
    }

    /// <summary>A finished answer under a title.</summary>
    public void WriteWhole(string title, Completion completion)
    {
        terminal.Write(title, Terminal.Faint);
        terminal.WriteLine();
        foreach (var token in completion.Tokens) Write(token);
        End(completion);
        terminal.WriteLine();
    }

    private void Write(string text, Style style)
    {
        if (text.Length == 0) return;
        terminal.Write(terminal.Out.Profile.Capabilities.Ansi ? Harmless(text) : text, style);
        _atLineStart = text.EndsWith('\n');
    }

    /// <summary>A model can write any bytes; control sequences among them are not for the reader's terminal.</summary>
    private static string Harmless(string text)
    {
        static bool IsControl(char letter) => char.IsControl(letter) && letter is not ('\n' or '\t');
        if (!text.Any(IsControl)) return text;
        var harmless = new StringBuilder(text.Length);
        foreach (var letter in text) harmless.Append(IsControl(letter) ? '\uFFFD' : letter);
        return harmless.ToString();
    }
}
