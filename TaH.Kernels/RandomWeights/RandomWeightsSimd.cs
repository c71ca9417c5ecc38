using System.Numerics;

namespace TaH.Kernels;

/// <summary>
/// The CPU: the arithmetic of <see cref="RandomWeightsPortable"/> on whole vectors; no value is NaN, so rounding needs no care for it.
/// </summary>
internal static unsafe class RandomWeightsSimd
{
    private const int Piece = 1 << 14;

    public static void Run(CpuWorkers workers, Halves weights, RandomWeightsShape shape) =>
        workers.For(checked((int)((shape.Length + Piece - 1) / Piece)), grain: 1, new Job(Pointers.Of(weights), shape));

    private readonly struct Job(ushort* weights, RandomWeightsShape shape) : ICpuJob
    {
        public void Run(int start, int end)
        {
            var last = Math.Min((long)end * Piece, shape.Length);
            var i = (long)start * Piece;
            for (; i <= last - Vector<ushort>.Count; i += Vector<ushort>.Count)
                Vector.Narrow(Bits(i), Bits(i + Vector<uint>.Count)).Store(weights + i);
            for (; i < last; i++) weights[i] = RandomWeightsPortable.Element(i, shape);
        }

        /// <summary>The elements from a place on, each in the low half.</summary>
        private Vector<uint> Bits(long index)
        {
            var hash = ((new Vector<uint>((uint)index) + Vector.CreateSequence(0u, 1u)) * 0x9e3779b1u) ^ new Vector<uint>(shape.Seed);
            hash = (hash ^ (hash >>> 16)) * 0x85ebca6bu;
            hash = (hash ^ (hash >>> 13)) * 0xc2b2ae35u;
            hash ^= hash >>> 16;
            var signed = Vector.AsVectorInt32(hash & new Vector<uint>(0xffffff00u));
            var bits = Vector.AsVectorUInt32(Vector.ConvertToSingle(signed) * RandomWeightsPortable.Unit * shape.Bound);
            return (bits + new Vector<uint>(0x7fffu) + ((bits >>> 16) & Vector<uint>.One)) >>> 16;
        }
    }
}
