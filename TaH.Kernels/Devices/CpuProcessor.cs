using System.Globalization;
using System.Runtime.Intrinsics.X86;

namespace TaH.Kernels;

/// <summary>What this machine's processor is called and which vector instructions it has.</summary>
internal static class CpuProcessor
{
    public static DeviceInfo Describe() => new(
        DeviceKind.Cpu, 0, Name(), GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, IsGpu: false,
        string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessorCount} threads, {VectorWidth()}"));

    private static string Name()
    {
        const string Table = "/proc/cpuinfo";
        if (!File.Exists(Table)) return Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? "CPU";
        var line = File.ReadLines(Table).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal));
        return line is null ? "CPU" : line[(line.IndexOf(':') + 1)..].Trim();
    }

    private static string VectorWidth() => Avx512F.IsSupported ? "AVX-512" : Avx2.IsSupported ? "AVX2" : "128-bit vectors";
}
