using System.Runtime.InteropServices;
using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>Any other device: ordinary memory, and a copy that is over when it returns.</summary>
internal sealed unsafe class PlainStaging : Staging
{
    private readonly AcceleratorStream _stream;
    private readonly byte* _memory;

    public PlainStaging(ComputeDevice device, int capacity)
    {
        device.Accelerator.Bind();
        _stream = device.Accelerator.CreateStream();
        _memory = (byte*)NativeMemory.Alloc((nuint)capacity);
    }

    public override Span<byte> Reserve(int length) => new(_memory, length);

    public override void Send(WeightMatrix matrix, long offset, int length)
    {
        matrix.Bytes.SubView(offset, length).CopyFromCPU(_stream, new ReadOnlySpan<byte>(_memory, length));
        Flush();
    }

    public override void Flush() => _stream.Synchronize();

    public override void Dispose()
    {
        _stream.Dispose();
        NativeMemory.Free(_memory);
    }
}
