using System.Runtime.InteropServices;
using ILGPU.Runtime;

namespace TaH.Tests;

/// <summary>
/// Device tests share their opened devices and run one after the other: they measure nothing, but a card has one queue and this machine few cores.
/// </summary>
[CollectionDefinition(Name)]
public sealed class DeviceCollection : ICollectionFixture<TestDevices>
{
    public const string Name = "devices";
}

/// <summary>Opens each device once for all tests.</summary>
public sealed class TestDevices : IDisposable
{
    private readonly Dictionary<DeviceKind, ComputeDevice?> _open = [];
    private readonly Dictionary<CudaGeneration, ComputeDevice> _generations = [];
    private readonly Dictionary<object, object> _operations = [];

    /// <summary>
    /// The kinds that <c>TAH_TEST_DEVICES</c> names, such as <c>cuda,cpu</c>; all if it names none. To run the tests of one device alone.
    /// </summary>
    private static readonly DeviceKind[] Wanted =
    [
        .. (Environment.GetEnvironmentVariable("TAH_TEST_DEVICES") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries)
            .Select(name => Enum.Parse<DeviceKind>(name, ignoreCase: true)),
    ];

    /// <summary>Skips the test if <c>TAH_TEST_DEVICES</c> leaves out its device.</summary>
    public static void SkipUnwanted(DeviceKind kind) =>
        Assert.SkipUnless(Wanted.Length == 0 || Wanted.Contains(kind), $"TAH_TEST_DEVICES leaves out {kind}");

    /// <summary>The device; a missing GPU or OpenCL runtime skips the test and says so, a missing CPU fails it.</summary>
    public ComputeDevice OpenOrSkip(DeviceKind kind)
    {
        SkipUnwanted(kind);
        if (!_open.TryGetValue(kind, out var device))
        {
            var found = DeviceCatalog.Of(kind).Count > 0;
            _open[kind] = device = found || kind == DeviceKind.Cpu ? DeviceCatalog.Open(new DeviceSelector(kind, 0)) : null;
        }
        if (device is null) Assert.Skip($"this machine has no {kind} device");
        return device;
    }

    /// <summary>A card that runs the kernels of a generation; where there is no card, or an older one, the test is skipped and says so.</summary>
    public ComputeDevice OpenOrSkip(CudaGeneration generation)
    {
        var card = OpenOrSkip(DeviceKind.Cuda);
        if (card.Generation < generation) Assert.Skip($"{card.Info.Name} is older than {generation}");
        if (_generations.TryGetValue(generation, out var device)) return device;
        device = DeviceCatalog.Open(new DeviceSelector(DeviceKind.Cuda, 0));
        device.Generation = generation;
        return _generations[generation] = device;
    }

    /// <summary>An operation, made once for all tests of a device and variant: OpenCL compiles each kernel for up to a second.</summary>
    public TOperation Once<TOperation, TVariant>(ComputeDevice device, TVariant variant, Func<ComputeDevice, TVariant, TOperation> make)
        where TOperation : notnull
        where TVariant : struct, Enum
    {
        var key = (typeof(TOperation), device.Kind, variant);
        if (!_operations.TryGetValue(key, out var operation)) _operations[key] = operation = make(device, variant);
        return (TOperation)operation;
    }

    public void Dispose()
    {
        foreach (var operation in _operations.Values.OfType<IDisposable>()) operation.Dispose();
        foreach (var device in _generations.Values) device.Dispose();
        foreach (var device in _open.Values) device?.Dispose();
    }
}

/// <summary>Moves test data to a device.</summary>
internal static class DeviceData
{
    public static FloatBuffer Copy(this ComputeDevice device, float[] values)
    {
        var buffer = device.AllocateFloats(values.Length);
        if (values.Length > 0) buffer.View.BaseView.SubView(0, values.Length).CopyFromCPU(values);
        return buffer;
    }

    public static IntBuffer Copy(this ComputeDevice device, int[] values)
    {
        var buffer = device.AllocateInts(values.Length);
        if (values.Length > 0) buffer.View.BaseView.SubView(0, values.Length).CopyFromCPU(values);
        return buffer;
    }

    /// <summary>The values as a weight matrix, rounded to the type; <see cref="StoredWeights.Values"/> is what the kernel really sees.</summary>
    public static StoredWeights Store(this ComputeDevice device, ElementType type, int rows, int columns, float[] values) =>
        new(device, type, rows, columns, values);
}

/// <summary>Weights in host memory that stay put, as a memory-mapped file does, and the matrix over them.</summary>
internal sealed unsafe class StoredWeights : IDisposable
{
    private readonly void* _memory;

    public StoredWeights(ComputeDevice device, ElementType type, int rows, int columns, float[] values)
    {
        var size = WeightMatrix.SizeOf(type);
        _memory = NativeMemory.AlignedAlloc((nuint)Math.Max(1, values.Length * size), 64);
        Values = new float[values.Length];
        for (var i = 0; i < values.Length; i++) Values[i] = Write(type, i, values[i]);
        Matrix = WeightMatrix.FromHost(device, type, rows, columns, _memory);
    }

    public WeightMatrix Matrix { get; }

    /// <summary>The stored values, widened again: what a reference has to compute with.</summary>
    public float[] Values { get; }

    public void Dispose()
    {
        Matrix.Dispose();
        NativeMemory.AlignedFree(_memory);
    }

    private float Write(ElementType type, int index, float value)
    {
        if (type == ElementType.F32) return ((float*)_memory)[index] = value;
        if (type == ElementType.F16)
        {
            ((Half*)_memory)[index] = (Half)value;
            return (float)(Half)value;
        }
        var stored = default(Bfloat16Format).Narrow(value);
        ((ushort*)_memory)[index] = stored;
        return BitConverter.UInt32BitsToSingle((uint)stored << 16);
    }
}
