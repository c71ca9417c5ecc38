using System.Reflection;
using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>A kernel that a device shall have.</summary>
/// <param name="Method">The kernel, its index explicit, generic arguments filled in.</param>
/// <param name="Specialization">Threads of a group, and groups that a multiprocessor shall hold, if that is known.</param>
/// <param name="PtxTarget">The architecture that <see cref="PtxText"/> prepares it for; null if the driver gets what ILGPU writes.</param>
/// <param name="ClusterSize">Neighbouring groups that share memory: more than one on Hopper and newer only.</param>
/// <param name="Registers">The most of a thread, in place of what follows from the groups that a multiprocessor shall hold; 0 for that.</param>
internal sealed record KernelRequest(
    MethodInfo Method, KernelSpecialization Specialization = default, string? PtxTarget = null, int ClusterSize = 1, int Registers = 0);
