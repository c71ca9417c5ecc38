using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace TaH.Engine;

/// <summary>A model on the hub, <c>owner/name</c>, at a branch, tag or commit. Every instance is safe as part of a path and of an address.</summary>
public sealed partial record HubModelName
{
    private const string DefaultRevision = "main";

    private HubModelName(string owner, string name, string revision) => (Owner, Name, Revision) = (owner, name, revision);

    /// <summary>The user or organisation.</summary>
    public string Owner { get; }

    /// <summary>The model's name at that owner.</summary>
    public string Name { get; }

    /// <summary>Branch, tag or commit; <c>main</c> where none was given.</summary>
    public string Revision { get; }

    /// <summary>The name as the hub writes it, <c>owner/name</c>.</summary>
    public string Id => $"{Owner}/{Name}";

    /// <summary>Reads <c>owner/name</c> or <c>owner/name@revision</c>.</summary>
    /// <param name="text">What the user gave.</param>
    /// <exception cref="UsageException">It is not of that form.</exception>
    public static HubModelName Parse(string text) => TryParse(text, out var name)
        ? name
        : throw new UsageException($"'{text}' is not the name of a model on the hub: give owner/name or owner/name@revision");

    /// <summary>Reads <c>owner/name</c> or <c>owner/name@revision</c>; false where it is not of that form.</summary>
    /// <param name="text">What the user gave.</param>
    /// <param name="name">The name read, where it is one.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out HubModelName? name)
    {
        var match = Form().Match(text);
        var revision = match.Groups["revision"] is { Success: true } given ? given.Value : DefaultRevision;
        name = match.Success && IsPart(match.Groups["owner"].Value) && IsPart(match.Groups["name"].Value) && IsRevision(revision)
            ? new HubModelName(match.Groups["owner"].Value, match.Groups["name"].Value, revision)
            : null;
        return name is not null;
    }

    /// <summary><c>owner/name</c>, with <c>@revision</c> where it is not <c>main</c>: what <see cref="Parse"/> reads back.</summary>
    public override string ToString() => Revision == DefaultRevision ? Id : $"{Id}@{Revision}";

    // The hub's own rules. "--" separates owner and name in the cache's folder names, so neither may hold it.
    private static bool IsPart(string part) =>
        !part.Contains("--") && !part.Contains("..") && part[0] is not ('-' or '.') && part[^1] is not ('-' or '.');

    private static bool IsRevision(string revision) =>
        revision.Split('/').All(segment => segment.Length > 0 && segment[0] != '.' && !segment.Contains(".."));

    [GeneratedRegex(@"\A(?<owner>[A-Za-z0-9._-]{1,96})/(?<name>[A-Za-z0-9._-]{1,96})(@(?<revision>[A-Za-z0-9._+/-]{1,200}))?\z")]
    private static partial Regex Form();
}
