using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using static TaH.Kernels.CudaDriver;

namespace TaH.Kernels;

/// <summary>CUDA: memory that the card fetches from by itself, on a stream of its own beside all others.</summary>
internal sealed unsafe class PinnedStaging : Staging
{
    private readonly AcceleratorStream _stream;
    private readonly IntPtr _memory;

    public PinnedStaging(ComputeDevice device, int capacity)
    {
        device.Accelerator.Bind();
        Check(cuMemHostAlloc(out _memory, (nuint)capacity, 0));
        _stream = device.Accelerator.CreateStream();
    }

    public override Span<byte> Reserve(int length)
    {
        Flush();
        return new Span<byte>((void*)_memory, length);
    }

    public override void Send(WeightMatrix matrix, long offset, int length) =>
        Check(cuMemcpyHtoDAsync_v2(matrix.Address + (ulong)offset, (void*)_memory, (nuint)length, ((CudaStream)_stream).StreamPtr));

    public override void Flush() => _stream.Synchronize();

    public override void Dispose()
    {
        Flush();
        _stream.Dispose();
        Check(cuMemFreeHost(_memory));
    }
}
