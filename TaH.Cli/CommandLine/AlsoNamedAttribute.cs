namespace TaH.Cli;

/// <summary>Another long name of an option, as other programs call it.</summary>
/// <param name="names">Without dashes.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class AlsoNamedAttribute(params string[] names) : Attribute
{
    public IReadOnlyList<string> Names => names;
}
