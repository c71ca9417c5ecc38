using System.Text.RegularExpressions;
using ILGPU.Runtime;

namespace TaH.Tests;

/// <summary>A device that is opened anew stands for a later run of the program.</summary>
[Collection(DeviceCollection.Name)]
public sealed partial class KernelCacheTests : IDisposable
{
    private static readonly KernelRequest Request = new(((Action<Floats, Floats, Floats, SwiGluShape>)SwiGluPortable.Kernel).Method);

    private readonly TemporaryDirectory _cache = new();

    public static TheoryData<DeviceKind> Kinds => [DeviceKind.OpenCl, DeviceKind.Cuda];

    public void Dispose() => _cache.Dispose();

    [Theory, MemberData(nameof(Kinds))]
    public void A_second_run_takes_the_kernel_that_the_first_compiled_and_computes_the_same(DeviceKind kind)
    {
        var (first, compiled) = Run(kind, _cache.Path);
        var (second, kept) = Run(kind, _cache.Path);
        Assert.Equal((0, 1), (compiled.Kept, compiled.Compiled));
        Assert.Equal((1, 0), (kept.Kept, kept.Compiled));
        Assert.Empty(compiled.Faults.Concat(kept.Faults));
        Assert.Equal(first, second);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void The_kept_text_is_what_would_be_compiled(DeviceKind kind)
    {
        Run(kind, _cache.Path);
        using var device = Open(kind, null);
        var fresh = KernelText.Compile(device.Accelerator, Request);
        Assert.True(new KernelFiles(_cache.Path, Assert.Fail).TryRead(KernelKey.Of(device.Accelerator, Request), out var kept));
        Assert.Equal(Unnumbered(fresh), Unnumbered(kept));
    }

    // A byte of the mark, of the key, of the text, of the hash; and a file that ends too early, or at once.
    [Theory, InlineData(3, false), InlineData(60, false), InlineData(900, false), InlineData(-1, false), InlineData(900, true), InlineData(0, true)]
    public void A_damaged_file_is_compiled_anew_and_reported(int at, bool cut)
    {
        var (expected, _) = Run(DeviceKind.OpenCl, _cache.Path);
        var file = Assert.Single(Files());
        var bytes = File.ReadAllBytes(file);
        if (cut) bytes = bytes[..at];
        else bytes[at < 0 ? ^1 : at] ^= 0x20;
        File.WriteAllBytes(file, bytes);
        var (values, report) = Run(DeviceKind.OpenCl, _cache.Path);
        Assert.Equal((0, 1), (report.Kept, report.Compiled));
        Assert.StartsWith(file + " is ", Assert.Single(report.Faults));
        Assert.Equal(expected, values);
        Assert.Equal(1, Run(DeviceKind.OpenCl, _cache.Path).Report.Kept);
    }

    [Fact]
    public void Another_kernels_file_is_not_taken()
    {
        Run(DeviceKind.OpenCl, _cache.Path);
        using var device = Open(DeviceKind.OpenCl, null);
        var files = new KernelFiles(_cache.Path, _ => { });
        var (key, other) = (KernelKey.Of(device.Accelerator, Request), KernelKey.Of(device.Accelerator, Request with { PtxTarget = "sm_75" }));
        File.Copy(files.PathOf(key), files.PathOf(other));
        Assert.False(files.TryRead(other, out _));
    }

    [Fact]
    public void A_text_that_the_driver_refuses_is_compiled_anew_and_reported()
    {
        using (var device = Open(DeviceKind.OpenCl, null))
            new KernelFiles(_cache.Path, Assert.Fail).Write(KernelKey.Of(device.Accelerator, Request), new KernelText("no OpenCL C", 0, false));
        var (_, report) = Run(DeviceKind.OpenCl, _cache.Path);
        Assert.Equal((0, 1), (report.Kept, report.Compiled));
        Assert.Contains("is refused by the driver", Assert.Single(report.Faults));
    }

    [Fact]
    public void A_place_that_cannot_be_written_to_costs_the_keeping_only_and_is_reported_once()
    {
        File.WriteAllText(_cache.At("file"), "");
        using var device = Open(DeviceKind.OpenCl, _cache.At("file"));
        SwiGluOf(device);
        new Gelu(device, GeluVariant.Portable).Run(device.Upload([1f]).View, device.Upload([1f]).View, 1);
        Assert.Equal((0, 2), (device.KernelReport.Kept, device.KernelReport.Compiled));
        Assert.Contains("cannot be written to", Assert.Single(device.KernelReport.Faults));
    }

    [Fact]
    public void Without_a_directory_nothing_is_kept_and_nothing_is_wrong()
    {
        var (_, report) = Run(DeviceKind.OpenCl, null);
        Assert.Equal((null, 0, 1, 0), (report.Directory, report.Kept, report.Compiled, report.Faults.Count));
    }

    [Fact]
    public void A_kernel_is_loaded_once_however_many_operations_have_it()
    {
        using var device = Open(DeviceKind.OpenCl, null);
        SwiGluOf(device);
        SwiGluOf(device);
        Assert.Equal(1, device.KernelReport.Compiled);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Kernels_of_earlier_runs_are_loaded_ahead(DeviceKind kind)
    {
        Run(kind, _cache.Path);
        using var device = Open(kind, _cache.Path);
        device.LoadKernelsAhead();
        Assert.True(SpinWait.SpinUntil(() => device.KernelReport.Kept == 1, TimeSpan.FromSeconds(60)));
        SwiGluOf(device);
        Assert.Equal((1, 0, 0), (device.KernelReport.Kept, device.KernelReport.Compiled, device.KernelReport.Faults.Count));
    }

    [Fact]
    public void A_key_names_its_kernel_for_this_build_and_device_only()
    {
        using var device = Open(DeviceKind.OpenCl, null);
        var generic = ((Action<Floats, DuoCausalGrid, Floats, Floats, Floats, DuoCausalAttentionShape>)
            DuoCausalAttentionPortable.Whole<float, SingleFormat>).Method;
        foreach (var request in new[] { Request, new KernelRequest(generic, new KernelSpecialization(256, 2), "sm_90a") })
        {
            var text = KernelKey.Of(device.Accelerator, request).Text;
            Assert.Equal(request, KernelKey.RequestOf(text, device.Accelerator));
            Assert.Null(KernelKey.RequestOf("another " + text, device.Accelerator));
            Assert.Null(KernelKey.RequestOf(text.Replace("Portable,", "Gone,"), device.Accelerator));
            Assert.Null(KernelKey.RequestOf(text + "another.dll\n", device.Accelerator));
        }
        Assert.Null(KernelKey.RequestOf("", device.Accelerator));
    }

    private static (float[] Values, KernelReport Report) Run(DeviceKind kind, string? directory)
    {
        using var device = Open(kind, directory);
        return (SwiGluOf(device), device.KernelReport);
    }

    private static float[] SwiGluOf(ComputeDevice device)
    {
        float[] gate = RandomData.Uniform(seed: 1, 100, scale: 3), up = RandomData.Uniform(seed: 2, 100);
        using FloatBuffer gates = device.Copy(gate), ups = device.Copy(up);
        using var h = new Poisoned(device, gate.Length);
        new SwiGlu(device, SwiGluVariant.Portable).Run(gates.View, ups.View, h.View, new SwiGluShape(Rows: 1, gate.Length));
        device.Synchronize();
        return h.Read();
    }

    /// <summary>ILGPU numbers labels and types from wherever it stopped last; here each has the number of its first appearance.</summary>
    private static KernelText Unnumbered(KernelText text)
    {
        Dictionary<string, int> numbers = [];
        return text with
        {
            Source = Number().Replace(text.Source, found =>
            {
                numbers.TryAdd(found.Value, numbers.Count);
                return FormattableString.Invariant($"{numbers[found.Value]}");
            }),
        };
    }

    // Labels and types anywhere, and parameters in PTX, whose numbers are long.
    [GeneratedRegex(@"(?<=(L|type)_)\d+|(?<=_\w+_)\d{4,}")]
    private static partial Regex Number();

    private static ComputeDevice Open(DeviceKind kind, string? directory)
    {
        TestDevices.SkipUnwanted(kind);
        Assert.SkipWhen(DeviceCatalog.Of(kind).Count == 0, $"this machine has no {kind} device");
        return DeviceCatalog.Open(new DeviceSelector(kind, 0), directory);
    }

    private IEnumerable<string> Files() => Directory.EnumerateFiles(_cache.Path, "*", SearchOption.AllDirectories);
}
