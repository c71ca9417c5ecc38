using System.Text;

namespace TaH.Engine;

/// <summary>Text with {field} where a field of the row goes; {{ and }} are braces.</summary>
public sealed class PromptTemplate
{
    private readonly List<(string Text, bool IsField)> _parts = [];

    /// <summary>Parts a text into words and fields.</summary>
    /// <exception cref="FormatException">A brace has no partner, or stands around nothing.</exception>
    public PromptTemplate(string text)
    {
        Text = text;
        var words = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is not ('{' or '}')) words.Append(text[i]);
            else if (i + 1 < text.Length && text[i + 1] == text[i]) words.Append(text[i++]);
            else if (text[i] == '{' && text.IndexOf('}', i) is var end && end > i + 1)
            {
                if (words.Length > 0) _parts.Add((words.ToString(), false));
                words.Clear();
                _parts.Add((text[(i + 1)..end].Trim(), true));
                i = end;
            }
            else throw new FormatException($"has a brace at character {i + 1} that begins or ends no field; {{{{ and }}}} are braces");
        }
        if (words.Length > 0) _parts.Add((words.ToString(), false));
    }

    /// <summary>The template as it was written.</summary>
    public string Text { get; }

    /// <summary>The fields that it asks for, each once.</summary>
    public IEnumerable<string> Fields => _parts.Where(part => part.IsField).Select(part => part.Text).Distinct();

    /// <summary>The prompt with the fields in their places.</summary>
    /// <param name="valueOf">The value of a field.</param>
    public string Fill(Func<string, string> valueOf) => string.Concat(_parts.Select(part => part.IsField ? valueOf(part.Text) : part.Text));
}
