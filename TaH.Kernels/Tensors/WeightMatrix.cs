using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;

namespace TaH.Kernels;

/// <summary>A matrix of weights in device memory, in the type that the checkpoint stores: [rows, columns], row after row.</summary>
/// <remarks>A linear layer computes y = x W^T, so a row of the matrix makes one output and a column meets one input.</remarks>
public sealed class WeightMatrix : IDisposable
{
    private readonly MemoryBuffer _buffer;
    private readonly HostMemory? _memory;
    private readonly long _start; // elements of the buffer in front of the first one
    private readonly bool _isView;

    private WeightMatrix(
        ElementType type, int rows, int columns, MemoryBuffer buffer, HostMemory? memory = null, long start = 0, bool isView = false)
    {
        (_buffer, _memory, _start, _isView) = (buffer, memory, start, isView);
        Type = type;
        Rows = rows;
        Columns = columns;
    }

    /// <summary>How an element is stored.</summary>
    public ElementType Type { get; }

    /// <summary>Outputs of the layer.</summary>
    public int Rows { get; }

    /// <summary>Inputs of the layer.</summary>
    public int Columns { get; }

    /// <summary>Elements in all.</summary>
    public long Length => (long)Rows * Columns;

    /// <summary>Bytes in device memory.</summary>
    public long ByteCount => Length * SizeOf(Type);

    /// <summary>The elements of an f32 matrix, [rows, columns].</summary>
    internal Floats Singles => new(_buffer, _start, Length);

    /// <summary>The elements of a bf16 or f16 matrix, [rows, columns].</summary>
    internal Halves Halves => new(_buffer, _start, Length);

    /// <summary>All elements as they are stored.</summary>
    internal ArrayView<byte> Bytes => _buffer.AsRawArrayView().SubView(_start * SizeOf(Type), ByteCount);

    /// <summary>Where the first element lies in the device's memory.</summary>
    internal ulong Address => (ulong)_buffer.NativePtr + ((ulong)_start * (ulong)SizeOf(Type));

    /// <summary>Bytes of an element of a type.</summary>
    public static int SizeOf(ElementType type) => type == ElementType.F32 ? sizeof(float) : sizeof(ushort);

    /// <summary>Room for weights that are yet to be made; their values are undefined.</summary>
    /// <param name="device">Where they live. On the CPU the matrix owns memory that suits any vector.</param>
    /// <param name="type">How an element is stored.</param>
    /// <param name="rows">Outputs.</param>
    /// <param name="columns">Inputs.</param>
    public static WeightMatrix Allocate(ComputeDevice device, ElementType type, int rows, int columns)
    {
        var length = (long)rows * columns;
        if (device.Kind != DeviceKind.Cpu) return new WeightMatrix(type, rows, columns, AllocateBuffer(device, type, length));
        var memory = new HostMemory(length * SizeOf(type));
        return new WeightMatrix(type, rows, columns, Wrap(device, type, memory.Address, length), memory);
    }

    /// <summary>A matrix in a part of a buffer that somebody else owns, and that must stay as long as the matrix is used.</summary>
    /// <param name="type">How an element is stored.</param>
    /// <param name="rows">Outputs.</param>
    /// <param name="columns">Inputs.</param>
    /// <param name="buffer">Where it lies.</param>
    /// <param name="start">Elements in front of its first one.</param>
    /// <exception cref="ShapeException">The buffer ends before the matrix does.</exception>
    public static WeightMatrix Over(ElementType type, int rows, int columns, MemoryBuffer buffer, long start)
    {
        if (buffer.LengthInBytes < (start + ((long)rows * columns)) * SizeOf(type))
            throw new ShapeException(nameof(buffer), buffer.LengthInBytes / SizeOf(type), start + ((long)rows * columns));
        return new WeightMatrix(type, rows, columns, buffer, start: start, isView: true);
    }

    /// <summary>Puts weights that lie in host memory on a device.</summary>
    /// <param name="device">
    /// Where they go. The CPU reads them where they are, without a copy, so they must stay until the matrix is disposed of.
    /// </param>
    /// <param name="type">How an element is stored.</param>
    /// <param name="rows">Outputs.</param>
    /// <param name="columns">Inputs.</param>
    /// <param name="source">The first element, [rows, columns]; on the CPU any alignment serves.</param>
    public static unsafe WeightMatrix FromHost(ComputeDevice device, ElementType type, int rows, int columns, void* source)
    {
        var length = (long)rows * columns;
        if (device.Kind == DeviceKind.Cpu) return new WeightMatrix(type, rows, columns, Wrap(device, type, (IntPtr)source, length));
        var matrix = new WeightMatrix(type, rows, columns, AllocateBuffer(device, type, length));
        if (type == ElementType.F32) Upload(device, matrix.Singles, (float*)source);
        else Upload(device, matrix.Halves, (ushort*)source);
        return matrix;
    }

    /// <summary>Puts f32 weights that lie in managed memory on a device; they are copied.</summary>
    public static WeightMatrix FromFloats(ComputeDevice device, int rows, int columns, ReadOnlySpan<float> values)
    {
        if (values.Length != (long)rows * columns) throw new ShapeException(nameof(values), values.Length, (long)rows * columns);
        var buffer = device.AllocateFloats(values.Length);
        buffer.View.BaseView.CopyFromCPU(device.Accelerator.DefaultStream, values);
        device.Synchronize();
        return new WeightMatrix(ElementType.F32, rows, columns, buffer);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isView) return;
        _buffer.Dispose();
        _memory?.Dispose();
    }

    private static MemoryBuffer AllocateBuffer(ComputeDevice device, ElementType type, long length) =>
        type == ElementType.F32 ? device.Accelerator.Allocate1D<float>(length) : device.Accelerator.Allocate1D<ushort>(length);

    private static CPUMemoryBuffer Wrap(ComputeDevice device, ElementType type, IntPtr address, long length) =>
        CPUMemoryBuffer.Create((CPUAccelerator)device.Accelerator, address, length, SizeOf(type));

    private static unsafe void Upload<T>(ComputeDevice device, ArrayView<T> target, T* source) where T : unmanaged
    {
        // In pieces, because a span counts in ints.
        const int Piece = 1 << 26;
        for (long start = 0; start < target.Length; start += Piece)
        {
            var count = (int)Math.Min(Piece, target.Length - start);
            target.SubView(start, count).CopyFromCPU(device.Accelerator.DefaultStream, new ReadOnlySpan<T>(source + start, count));
        }
        device.Synchronize();
    }
}
