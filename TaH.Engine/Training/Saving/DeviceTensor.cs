using System.Runtime.InteropServices;
using ILGPU.Runtime;

namespace TaH.Engine;

/// <summary>Moves tensors between device and files piece by piece, so that no second copy of a model is ever in memory.</summary>
internal static class DeviceTensor
{
    private const int Piece = 1 << 22; // 16 MiB of f32

    /// <summary>Writes a tensor's elements.</summary>
    /// <param name="device">Where it lies.</param>
    /// <param name="values">The elements.</param>
    /// <param name="type">F32 or bf16, which rounds.</param>
    /// <param name="target">Where to.</param>
    public static void Write(ComputeDevice device, Floats values, TensorType type, Stream target)
    {
        var (floats, halves) = (new float[Math.Min(Piece, values.Length)], new ushort[type == TensorType.F32 ? 0 : Math.Min(Piece, values.Length)]);
        for (var start = 0L; start < values.Length; start += Piece)
        {
            var piece = floats.AsSpan(0, (int)Math.Min(Piece, values.Length - start));
            device.Download(values.SubView(start, piece.Length), piece);
            if (type != TensorType.F32)
            {
                for (var i = 0; i < piece.Length; i++) halves[i] = BFloat16.FromSingle(piece[i]);
                target.Write(MemoryMarshal.AsBytes(halves.AsSpan(0, piece.Length)));
            }
            else
            {
                target.Write(MemoryMarshal.AsBytes(piece));
            }
        }
    }

    /// <summary>Reads a tensor's elements.</summary>
    /// <param name="device">Where it shall lie.</param>
    /// <param name="source">In f32, of the same length.</param>
    /// <param name="values">Every element is set.</param>
    /// <exception cref="CheckpointException">The file cannot be read.</exception>
    public static void Read(ComputeDevice device, MappedTensor source, Floats values)
    {
        var floats = new float[Math.Min(Piece, values.Length)];
        for (var start = 0L; start < values.Length; start += Piece)
        {
            var piece = floats.AsSpan(0, (int)Math.Min(Piece, values.Length - start));
            source.Read(start * sizeof(float), MemoryMarshal.AsBytes(piece));
            values.SubView(start, piece.Length).CopyFromCPU(device.Accelerator.DefaultStream, (ReadOnlySpan<float>)piece);
            device.Synchronize();
        }
    }
}
