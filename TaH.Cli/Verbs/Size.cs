namespace TaH.Cli;

/// <summary>Sizes for people.</summary>
internal static class Size
{
    /// <summary>Bytes in the largest binary unit that leaves at least 1, to three digits or so.</summary>
    public static string Of(long bytes) => bytes switch
    {
        < 1L << 10 => FormattableString.Invariant($"{bytes} B"),
        < 1L << 20 => FormattableString.Invariant($"{bytes / 1024.0:N1} KiB"),
        < 1L << 30 => FormattableString.Invariant($"{bytes / (1024.0 * 1024):N1} MiB"),
        _ => FormattableString.Invariant($"{bytes / (1024.0 * 1024 * 1024):N1} GiB"),
    };

    /// <summary>Parameters, in millions or billions.</summary>
    public static string Count(long parameters) => parameters switch
    {
        < 100_000 => FormattableString.Invariant($"{parameters:N0}"),
        < 1_000_000_000 => FormattableString.Invariant($"{parameters / 1e6:N2} M"),
        _ => FormattableString.Invariant($"{parameters / 1e9:N2} B"),
    };
}
