using TaH.Kernels;

namespace TaH.Cli;

/// <summary>What a benchmark found, ready to be written.</summary>
/// <param name="Model">What the model is called.</param>
/// <param name="WeightType">The type of its weights.</param>
/// <param name="Device">What it ran on.</param>
/// <param name="Ceilings">What that device can do.</param>
/// <param name="Rows">The measurements.</param>
internal sealed record BenchReport(string Model, string WeightType, DeviceInfo Device, DeviceCeilings Ceilings, IReadOnlyList<BenchmarkRow> Rows);

/// <summary>How a report is written.</summary>
internal enum BenchFormat
{
    Markdown,
    Json,
    Csv,
}
