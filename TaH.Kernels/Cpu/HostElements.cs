using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.Intrinsics.X86;

namespace TaH.Kernels;

/// <summary>Stored elements of any type in host memory, which SIMD kernels read and write as runs of f32.</summary>
/// <param name="type">How an element is stored.</param>
/// <param name="first">The first element.</param>
internal readonly unsafe struct HostElements(ElementType type, void* first)
{
    private const int CacheLine = 64;

    public static HostElements Keys(KvLayer cache) =>
        cache.Shape.Type == ElementType.F32
            ? new HostElements(ElementType.F32, Pointers.Of(cache.SingleKeys))
            : new HostElements(cache.Shape.Type, Pointers.Of(cache.HalfKeys));

    public static HostElements Values(KvLayer cache) =>
        cache.Shape.Type == ElementType.F32
            ? new HostElements(ElementType.F32, Pointers.Of(cache.SingleValues))
            : new HostElements(cache.Shape.Type, Pointers.Of(cache.HalfValues));

    public static HostElements Of(WeightMatrix matrix) =>
        matrix.Type == ElementType.F32
            ? new HostElements(ElementType.F32, Pointers.Of(matrix.Singles))
            : new HostElements(matrix.Type, Pointers.Of(matrix.Halves));

    /// <summary>Reads a run.</summary>
    public void Widen(long start, Span<float> target)
    {
        if (type == ElementType.F32) new ReadOnlySpan<float>((float*)first + start, target.Length).CopyTo(target);
        else if (type == ElementType.F16) TensorPrimitives.ConvertToSingle(new ReadOnlySpan<Half>((Half*)first + start, target.Length), target);
        else WidenBfloat16((ushort*)first + start, target);
    }

    /// <summary>A run as singles: where it lies, or, if it is stored otherwise, widened into memory of the caller.</summary>
    public float* Singles(long start, float* memory, int length)
    {
        if (type == ElementType.F32) return (float*)first + start;
        Widen(start, new Span<float>(memory, length));
        return memory;
    }

    /// <summary>Asks for a run that is read soon. Short runs far apart are no stream that the processor would foresee by itself.</summary>
    public void Prefetch(long start, int length)
    {
        if (!Sse.IsSupported) return;
        var size = WeightMatrix.SizeOf(type);
        var run = (byte*)first + (start * size);
        for (var at = 0; at < length * size; at += CacheLine) Sse.Prefetch1(run + at);
    }

    /// <summary>Writes a run, each value rounded to the nearest element, ties to even.</summary>
    public void Narrow(ReadOnlySpan<float> source, long start)
    {
        if (type == ElementType.F32) source.CopyTo(new Span<float>((float*)first + start, source.Length));
        else if (type == ElementType.F16) TensorPrimitives.ConvertToHalf(source, new Span<Half>((Half*)first + start, source.Length));
        else NarrowBfloat16(source, (ushort*)first + start);
    }

    private static void WidenBfloat16(ushort* source, Span<float> target)
    {
        fixed (float* destination = target)
        {
            var i = 0;
            for (; i <= target.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
            {
                Vector.Widen(Vector.Load(source + i), out var low, out var high);
                Vector.AsVectorSingle(low << 16).Store(destination + i);
                Vector.AsVectorSingle(high << 16).Store(destination + i + Vector<float>.Count);
            }
            for (; i < target.Length; i++) destination[i] = BitConverter.UInt32BitsToSingle((uint)source[i] << 16);
        }
    }

    private static void NarrowBfloat16(ReadOnlySpan<float> source, ushort* target)
    {
        for (var i = 0; i < source.Length; i++) target[i] = default(Bfloat16Format).Narrow(source[i]);
    }
}
