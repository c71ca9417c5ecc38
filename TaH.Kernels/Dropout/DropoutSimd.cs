namespace TaH.Kernels;

/// <summary>The CPU: tiles spread over threads, the words of a tile made first, then applied along it.</summary>
internal static unsafe class DropoutSimd
{
    public static void Run(CpuWorkers workers, Floats x, Floats y, DropoutMask mask) =>
        workers.For(checked((int)mask.Tiles), grain: 16, new Job(Pointers.Of(x), Pointers.Of(y), mask));

    private readonly struct Job(float* x, float* y, DropoutMask mask) : ICpuJob
    {
        public void Run(int start, int end)
        {
            var words = stackalloc uint[DropoutMask.Tile];
            for (var tile = start; tile < end; tile++)
            {
                for (var lane = 0; lane < DropoutMask.Lanes; lane++)
                {
                    var made = mask.Words(((long)tile * DropoutMask.Lanes) + lane);
                    words[lane] = made.A;
                    words[DropoutMask.Lanes + lane] = made.B;
                    words[(2 * DropoutMask.Lanes) + lane] = made.C;
                    words[(3 * DropoutMask.Lanes) + lane] = made.D;
                }
                var first = (long)tile * DropoutMask.Tile;
                var count = (int)Math.Min(DropoutMask.Tile, mask.Length - first);
                for (var i = 0; i < count; i++) y[first + i] = mask.Apply(x[first + i], words[i]);
            }
        }
    }
}
