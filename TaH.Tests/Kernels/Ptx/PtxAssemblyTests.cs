using System.Collections.Concurrent;
using System.Reflection;

namespace TaH.Tests;

/// <summary>
/// Every kernel becomes a program for every architecture that it is loaded on, as far as the assembler at hand knows it; kernels with instructions of
/// our own keep everything in registers, but for those that <see cref="CudaKernel.Spills"/> names.
/// </summary>
public class PtxAssemblyTests
{
    // What the oldest card takes, newer ones take, too: portable kernels have no instruction of a generation. Every_instance_assembles_everywhere
    // does all.
    private static readonly string[] Oldest = ["sm_75"];

    public static TheoryData<string> Names() => [.. CudaKernels.Some().Select(kernel => kernel.Name)];

    public static TheoryData<string> PortableNames() => [.. PortableKernels.All().Select(PortableKernels.NameOf)];

    [Fact]
    public void No_kernel_is_forgotten()
    {
        var listed = CudaKernels.All().Select(kernel => kernel.Method).Concat(PortableKernels.All()).Select(KernelScan.Definition);
        Assert.Equal(Sorted(KernelScan.Definitions()), Sorted(listed.ToHashSet()));
        var some = CudaKernels.Some().Select(kernel => KernelScan.Definition(kernel.Method)).ToHashSet();
        Assert.Equal(Sorted(CudaKernels.All().Select(kernel => KernelScan.Definition(kernel.Method)).ToHashSet()), Sorted(some));
    }

    [Theory, MemberData(nameof(Names))]
    public void Assembles_for_every_architecture_in_registers(string name) =>
        AssertAssembles(CudaKernels.Some().Where(kernel => kernel.Name == name));

    [Theory, MemberData(nameof(PortableNames))]
    public void Portable_kernels_assemble(string name) =>
        AssertPortableAssembles(PortableKernels.All().Where(method => PortableKernels.NameOf(method) == name), Oldest);

    /// <summary>Minutes: all element types, counts of rows and tiles, on all architectures. Asked for by <c>-explicit on</c>.</summary>
    [Fact(Explicit = true)]
    public void Every_instance_assembles_everywhere()
    {
        AssertAssembles(CudaKernels.All());
        AssertPortableAssembles(PortableKernels.All(), CudaKernel.AllArchitectures);
    }

    private static void AssertAssembles(IEnumerable<CudaKernel> kernels) => AssertAll(
        from kernel in kernels
        from architecture in kernel.Architectures
        select (kernel.Name, architecture, (Func<string>)(() => Check(kernel, architecture))));

    private static string Check(CudaKernel kernel, string architecture)
    {
        var text = kernel.Compile(architecture);
        var said = PtxAssembler.Assemble(text, architecture);
        return kernel.Spills || said.Contains("0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads", StringComparison.Ordinal) ? "" : said;
    }

    private static void AssertPortableAssembles(IEnumerable<MethodInfo> methods, string[] architectures) => AssertAll(
        from method in methods
        from architecture in architectures
        select (PortableKernels.NameOf(method), architecture, (Func<string>)(() =>
        {
            PtxAssembler.Assemble(PtxCompiler.CompilePortable(method, architecture), architecture);
            return "";
        })));

    /// <summary>Does all of the work, as much at a time as there are cores, and lists what went wrong.</summary>
    private static void AssertAll(IEnumerable<(string Name, string Architecture, Func<string> Check)> work)
    {
        PtxAssembler.Require();
        var faults = new ConcurrentBag<string>();
        Parallel.ForEach(work.Where(one => PtxAssembler.Knows(one.Architecture)), one =>
        {
            try
            {
                if (one.Check() is { Length: > 0 } fault) faults.Add($"{one.Name} for {one.Architecture}: {fault}");
            }
            catch (Exception exception)
            {
                faults.Add($"{one.Name} for {one.Architecture}: {exception.Message}");
            }
        });
        Assert.True(faults.IsEmpty, string.Join('\n', faults.Order(StringComparer.Ordinal)));
    }

    private static string[] Sorted(IReadOnlySet<MethodInfo> methods) =>
        [.. methods.Select(method => $"{method.DeclaringType!.Name}.{method.Name}").Order(StringComparer.Ordinal)];
}
