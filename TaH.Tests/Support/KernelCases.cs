namespace TaH.Tests;

/// <summary>Which variant runs where: a portable one on every kind of device, one written for a device only there.</summary>
internal static class KernelCases
{
    public static IEnumerable<(TVariant Variant, DeviceKind Kind)> Of<TVariant>() where TVariant : struct, Enum =>
        from variant in Enum.GetValues<TVariant>()
        from kind in variant.ToString() switch
        {
            var name when name.StartsWith("Simd", StringComparison.Ordinal) => [DeviceKind.Cpu],
            var name when name.StartsWith("Cuda", StringComparison.Ordinal) => [DeviceKind.Cuda],
            _ => Enum.GetValues<DeviceKind>(),
        }
        select (variant, kind);
}
