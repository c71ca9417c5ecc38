using Spectre.Console.Rendering;

namespace TaH.Cli;

/// <summary>Styled text that is neither wrapped nor trimmed nor read as markup: what a stream of tokens needs.</summary>
internal sealed class Verbatim(string text, Style style) : Renderable
{
    /// <inheritdoc/>
    protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
    {
        var lines = text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            if (i > 0) yield return Segment.LineBreak;
            if (lines[i].Length > 0) yield return new Segment(lines[i], style);
        }
    }
}
