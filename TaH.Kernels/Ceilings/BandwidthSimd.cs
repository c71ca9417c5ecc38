using System.Numerics;
using System.Runtime.CompilerServices;

namespace TaH.Kernels;

/// <summary>
/// The CPU: every thread reads runs of its own, four vectors on their way at a time; a copy is the platform's memcpy on every thread.
/// </summary>
internal static unsafe class BandwidthSimd
{
    private const int Piece = 1 << 20; // bytes

    public static void Read(CpuWorkers workers, Halves source) =>
        workers.For(Pieces(source), grain: 1, new ReadJob((byte*)Pointers.Of(source), Bytes(source)));

    public static void Copy(CpuWorkers workers, Halves source, Halves target) =>
        workers.For(Pieces(source), grain: 1, new CopyJob((byte*)Pointers.Of(source), (byte*)Pointers.Of(target), Bytes(source)));

    private static long Bytes(Halves view) => view.Length * sizeof(ushort);

    private static int Pieces(Halves view) => checked((int)((Bytes(view) + Piece - 1) / Piece));

    private readonly struct ReadJob(byte* source, long bytes) : ICpuJob
    {
        public void Run(int start, int end)
        {
            var last = Math.Min((long)end * Piece, bytes);
            var step = Vector<byte>.Count;
            Vector<byte> a = default, b = default, c = default, d = default;
            // What is left of the last piece is less than four vectors: nothing beside a piece.
            for (var i = (long)start * Piece; i <= last - (4 * step); i += 4 * step)
            {
                a ^= Vector.Load(source + i);
                b ^= Vector.Load(source + i + step);
                c ^= Vector.Load(source + i + (2 * step));
                d ^= Vector.Load(source + i + (3 * step));
            }
            Use(a ^ b ^ c ^ d);
        }

        /// <summary>Whoever reads must use what was read, or the compiler leaves the reading out.</summary>
        [MethodImpl(MethodImplOptions.NoInlining)]
        private static void Use(Vector<byte> value) => _ = value;
    }

    private readonly struct CopyJob(byte* source, byte* target, long bytes) : ICpuJob
    {
        public void Run(int start, int end)
        {
            var (first, last) = ((long)start * Piece, Math.Min((long)end * Piece, bytes));
            Buffer.MemoryCopy(source + first, target + first, last - first, last - first);
        }
    }
}
