using System.Reflection;
using ILGPU.Runtime;

namespace TaH.Tests;

/// <summary>A kernel as <see cref="PtxLoader"/> is asked for it.</summary>
/// <param name="Name">What tests call it.</param>
/// <param name="Method">Generic arguments filled in.</param>
/// <param name="Specialization">Threads of a group, groups of a multiprocessor.</param>
/// <param name="Least">The first generation that it is loaded on. What needs Hopper runs on no later generation, either.</param>
/// <param name="ClusterSize">Groups that share memory: from Hopper on.</param>
internal sealed record CudaKernel(
    string Name, MethodInfo Method, KernelSpecialization Specialization, CudaGeneration Least, int ClusterSize = 1)
{
    private static readonly string[] Turing = ["sm_75"];
    private static readonly string[] Ampere = ["sm_80", "sm_86", "sm_89"];
    private static readonly string[] Hopper = ["sm_90a"];
    private static readonly string[] Blackwell = ["sm_100", "sm_120"];

    /// <summary>Every architecture that a kernel may be loaded on.</summary>
    public static string[] AllArchitectures { get; } = [.. Turing, .. Ampere, .. Hopper, .. Blackwell];

    /// <summary>The architectures that this one is loaded on.</summary>
    public string[] Architectures => this switch
    {
        { Least: CudaGeneration.Hopper } => Hopper,
        { ClusterSize: > 1 } => [.. Hopper, .. Blackwell],
        { Least: CudaGeneration.Ampere } => [.. Ampere, .. Hopper, .. Blackwell],
        _ => AllArchitectures,
    };

    /// <summary>
    /// Whether it is known to keep a little in local memory: two heads of f32 entries, two groups to a multiprocessor, are twice as wide as those of
    /// 16 bits.
    /// </summary>
    public bool Spills => Name.StartsWith("SplitDecode, F32", StringComparison.Ordinal) && Name.EndsWith("2 heads", StringComparison.Ordinal);

    /// <summary>The text as a driver gets it.</summary>
    public string Compile(string architecture) => PtxText.InClusters(PtxCompiler.Compile(Method, architecture, Specialization), ClusterSize);
}
