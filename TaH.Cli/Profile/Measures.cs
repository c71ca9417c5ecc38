namespace TaH.Cli;

/// <summary>Times and rates for people, to three digits or so.</summary>
internal static class Measures
{
    /// <summary>A time in the unit that leaves at least 1.</summary>
    public static string Time(double seconds) => seconds switch
    {
        0 => "0",
        < 1e-3 => Number(seconds * 1e6) + " us",
        < 1 => Number(seconds * 1e3) + " ms",
        _ => Number(seconds) + " s",
    };

    /// <summary>Bytes a second.</summary>
    public static string Bytes(double perSecond) => perSecond switch
    {
        < 1e9 => Number(perSecond / 1e6) + " MB/s",
        < 1e12 => Number(perSecond / 1e9) + " GB/s",
        _ => Number(perSecond / 1e12) + " TB/s",
    };

    /// <summary>Operations a second.</summary>
    public static string Flops(double perSecond) => perSecond switch
    {
        < 1e9 => Number(perSecond / 1e6) + " MFLOP/s",
        < 1e12 => Number(perSecond / 1e9) + " GFLOP/s",
        _ => Number(perSecond / 1e12) + " TFLOP/s",
    };

    /// <summary>A large number in thousands, millions and so on.</summary>
    public static string Count(double value) => value switch
    {
        < 1e3 => Number(value),
        < 1e6 => Number(value / 1e3) + " K",
        < 1e9 => Number(value / 1e6) + " M",
        < 1e12 => Number(value / 1e9) + " G",
        _ => Number(value / 1e12) + " T",
    };

    /// <summary>A share of 1.</summary>
    public static string Percent(double share) => FormattableString.Invariant($"{100 * share:N1} %");

    /// <summary>Three digits, or all before the point.</summary>
    public static string Number(double value) => value switch
    {
        < 10 => FormattableString.Invariant($"{value:N2}"),
        < 100 => FormattableString.Invariant($"{value:N1}"),
        _ => FormattableString.Invariant($"{value:N0}"),
    };
}
