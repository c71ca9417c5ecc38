using System.Text.RegularExpressions;

namespace TaH.Cli;

/// <summary>Pages that need no network: JSON, and what draws it, in one file.</summary>
internal static partial class HtmlPage
{
    private const string Data = "data";

    /// <summary>Puts a page together.</summary>
    /// <param name="name">Of its template, an embedded file; that names the other files and the place of the data.</param>
    /// <param name="json">What the page shows.</param>
    public static string Of(string name, string json)
    {
        // Inside a script element, only "<" could end it or begin a comment.
        var data = json.Replace("<", "\\u003c", StringComparison.Ordinal);
        return Place().Replace(Resource(name + ".html"), place => place.Groups[1].Value == Data ? data : Resource(place.Groups[1].Value));
    }

    private static string Resource(string name)
    {
        using var stream = typeof(HtmlPage).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    [GeneratedRegex(@"/\*\{\{([a-z.]+)\}\}\*/")]
    private static partial Regex Place();
}
