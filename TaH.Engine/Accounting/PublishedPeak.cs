namespace TaH.Engine;

/// <summary>What the makers of cards promise: dense products a second, bf16 on tensor cores and f32 without.</summary>
/// <remarks>Source: the data sheets of the cards. Where a name is not listed, nothing is claimed.</remarks>
internal static class PublishedPeak
{
    // The longest name that is part of the card's own counts: "NVIDIA H100 PCIe" before "NVIDIA H100".
    private static readonly (string Name, double Bf16, double F32)[] Cards =
    [
        ("B200", 2250, 75), ("H200", 989, 67), ("H100 PCIe", 756, 51), ("H100 NVL", 835, 60), ("H100", 989, 67), ("A100", 312, 19.5),
        ("L40S", 362, 91.6), ("L4", 121, 30.3), ("RTX 4090", 165, 82.6), ("RTX 3090", 71, 35.6),
    ];

    /// <summary>Operations a second; null where nobody knows them.</summary>
    /// <param name="device">The name that the driver gives.</param>
    /// <param name="precision">What products multiply.</param>
    public static double? Of(string device, TrainingPrecision precision)
    {
        var words = $" {device.Replace('-', ' ')} ";
        foreach (var (name, bf16, f32) in Cards)
            if (words.Contains($" {name} ", StringComparison.OrdinalIgnoreCase)) return 1e12 * (precision == TrainingPrecision.Bf16 ? bf16 : f32);
        return null;
    }
}
