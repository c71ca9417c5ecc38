namespace TaH.Kernels;

/// <summary>What a profiler recorded.</summary>
/// <param name="Runs">The launches, in order.</param>
/// <param name="Passes">The passes that they belong to; <see cref="KernelPlace.Pass"/> is an index into them.</param>
public sealed record KernelLog(IReadOnlyList<KernelRun> Runs, IReadOnlyList<ProfiledPass> Passes);
