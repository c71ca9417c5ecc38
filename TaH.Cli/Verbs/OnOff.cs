namespace TaH.Cli;

/// <summary>A switch in words.</summary>
internal static class OnOff
{
    public static bool Parse(string name, string given) => Choice.Of(name, given, ("on", true), ("off", false));

    public static string Format(bool value) => value ? "on" : "off";
}
