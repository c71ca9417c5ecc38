using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>
/// Descriptions of bf16 matrices for the tensor memory accelerator, in device memory. One is made when first asked for, which waits for the device,
/// and stays as long as the device: whatever lies at the address later has the same description if it has the same sizes.
/// </summary>
/// <remarks>
/// A multiprocessor remembers descriptions by their own addresses and does not see that they change. So one table serves all operations of a device,
/// and the memory of a description is never used for another one.
/// </remarks>
/// <param name="device">A Hopper card.</param>
internal sealed unsafe class TensorMaps(ComputeDevice device) : IDisposable
{
    private const int Words = 16; // of eight bytes: 128 bytes a map
    private const int MapsOfChunk = 256;
    private const int MapAlignment = 64;

    // Of the driver's interface: CU_TENSOR_MAP_DATA_TYPE_BFLOAT16, ..._INTERLEAVE_NONE, ..._SWIZZLE_128B, ..._L2_PROMOTION_L2_128B, ..._OOB_FILL_NONE.
    private const int Bfloat16 = 9, NoInterleave = 0, Swizzle128 = 3, Promotion128 = 2, ZerosOutside = 0;

    private readonly Dictionary<(ulong, long, int, int), ulong> _made = [];
    private readonly List<MemoryBuffer1D<ulong, Stride1D.Dense>> _chunks = [];

    /// <summary>The address of the map of a matrix whose tiles are some rows by <see cref="WgmmaProduct.Slice"/> elements.</summary>
    /// <param name="address">Where the matrix starts, a multiple of 16.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="columns">Its columns, a multiple of 8.</param>
    /// <param name="tileRows">Rows of a tile, at most 256.</param>
    public ulong Of(ulong address, long rows, int columns, int tileRows)
    {
        var key = (address, rows, columns, tileRows);
        if (!_made.TryGetValue(key, out var map)) _made[key] = map = Make(address, rows, columns, tileRows);
        return map;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var chunk in _chunks) chunk.Dispose();
    }

    private ulong Make(ulong address, long rows, int columns, int tileRows)
    {
        var slot = _made.Count % MapsOfChunk;
        if (slot == 0) _chunks.Add(device.Accelerator.Allocate1D<ulong>(MapsOfChunk * Words));
        var target = _chunks[^1].View.BaseView.SubView(slot * Words, Words);
        var map = NativeMemory.AlignedAlloc(Words * sizeof(ulong), MapAlignment);
        try
        {
            var sizes = stackalloc ulong[] { (ulong)columns, (ulong)rows };
            var stride = (ulong)columns * sizeof(ushort);
            var box = stackalloc uint[] { WgmmaProduct.Slice, (uint)tileRows };
            var steps = stackalloc uint[] { 1, 1 };
            CudaDriver.Check(CudaDriver.cuTensorMapEncodeTiled(
                map, Bfloat16, 2, address, sizes, &stride, box, steps, NoInterleave, Swizzle128, Promotion128, ZerosOutside));
            target.CopyFromCPU(device.Accelerator.DefaultStream, new ReadOnlySpan<ulong>(map, Words));
        }
        finally
        {
            NativeMemory.AlignedFree(map);
        }
        return (ulong)target.LoadEffectiveAddressAsPtr();
    }
}
