using System.Globalization;

namespace TaH.Kernels;

/// <summary>What the user asked to run on: <c>auto</c>, <c>cpu</c>, <c>opencl[:i]</c> or <c>cuda[:i]</c>.</summary>
/// <param name="Kind">The kind asked for, or null for <c>auto</c>: CUDA, then an OpenCL GPU, then the CPU.</param>
/// <param name="Index">Which device of that kind, from 0.</param>
public readonly record struct DeviceSelector(DeviceKind? Kind, int Index)
{
    /// <summary>CUDA where there is one, then an OpenCL GPU, then the CPU.</summary>
    public static DeviceSelector Auto => new(null, 0);

    /// <summary>Reads a selector as it is written on the command line.</summary>
    /// <param name="text">The text, in any case.</param>
    /// <param name="selector">The selector, when the answer is true.</param>
    /// <returns>False when the text is none of the forms above.</returns>
    public static bool TryParse(string text, out DeviceSelector selector)
    {
        var colon = text.IndexOf(':');
        var name = colon < 0 ? text : text[..colon];
        var index = 0;
        selector = default;
        if (colon >= 0 && !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out index)) return false;
        DeviceKind? kind = name.ToLowerInvariant() switch
        {
            "cpu" => DeviceKind.Cpu,
            "opencl" => DeviceKind.OpenCl,
            "cuda" => DeviceKind.Cuda,
            _ => null,
        };
        if (kind is null && (colon >= 0 || !name.Equals("auto", StringComparison.OrdinalIgnoreCase))) return false;
        if (kind == DeviceKind.Cpu && colon >= 0 && index != 0) return false;
        selector = new DeviceSelector(kind, index);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => Kind switch
    {
        null => "auto",
        DeviceKind.Cpu => "cpu",
        DeviceKind.OpenCl => string.Create(CultureInfo.InvariantCulture, $"opencl:{Index}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"cuda:{Index}"),
    };
}
