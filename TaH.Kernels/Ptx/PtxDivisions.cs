using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace TaH.Kernels;

/// <summary>
/// Divisions by powers of two in a text of PTX. ILGPU writes some of them as divisions, and the assembler, which leaves such things to those who
/// generate its input, makes a reciprocal and some thirty instructions of each.
/// </summary>
internal static partial class PtxDivisions
{
    /// <summary>
    /// The text with remainders and unsigned quotients by constant powers of two made of shifts and masks; the results are the same.
    /// </summary>
    public static string Simplify(string text) => Division().Replace(text, division =>
    {
        var divisor = uint.Parse(division.Groups["by"].ValueSpan, CultureInfo.InvariantCulture);
        if (!BitOperations.IsPow2(divisor)) return division.Value;
        string to = division.Groups["to"].Value, of = division.Groups["of"].Value;
        var mask = (divisor - 1).ToString(CultureInfo.InvariantCulture);
        return division.Groups["what"].Value switch
        {
            "rem.u" => $"\tand.b32 {to}, {of}, {mask};",
            "div.u" => $"\tshr.u32 {to}, {of}, {BitOperations.Log2(divisor).ToString(CultureInfo.InvariantCulture)};",
            // A remainder has the sign of what is divided: below zero it is taken of what is larger by the mask, and that is taken off again.
            _ => $"\t{{ .reg .b32 more; shr.s32 more, {of}, 31; and.b32 more, more, {mask}; add.s32 {to}, {of}, more; "
                + $"and.b32 {to}, {to}, {mask}; sub.s32 {to}, {to}, more; }}",
        };
    });

    [GeneratedRegex(@"^\t(?<what>rem\.[us]|div\.u)32\s+(?<to>%r\d+), (?<of>%r\d+), (?<by>\d+);", RegexOptions.Multiline)]
    private static partial Regex Division();
}
