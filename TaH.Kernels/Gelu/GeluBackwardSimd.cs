namespace TaH.Kernels;

/// <summary>The CPU: pieces spread over threads. A decider has too few elements for vectors to matter.</summary>
internal static unsafe class GeluBackwardSimd
{
    private const int Piece = 1024;

    public static void Run(CpuWorkers workers, Floats x, Floats dy, Floats dx, long length) =>
        workers.For(
            checked((int)((length + Piece - 1) / Piece)), grain: 2, new Job(Pointers.Of(x), Pointers.Of(dy), Pointers.Of(dx), length));

    private readonly struct Job(float* x, float* dy, float* dx, long length) : ICpuJob
    {
        public void Run(int start, int end)
        {
            var last = Math.Min((long)end * Piece, length);
            for (var i = (long)start * Piece; i < last; i++) dx[i] = dy[i] * GeluBackwardPortable.Slope(x[i]);
        }
    }
}
