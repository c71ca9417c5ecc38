namespace TaH.Kernels;

/// <summary>The CPU: one copy a row.</summary>
internal static unsafe class GatherRowsSimd
{
    public static void Run(CpuWorkers workers, Floats x, RowTable rows, Floats gathered, int hidden) =>
        workers.For(rows.HeadCount, grain: 16, new Job(Pointers.Of(x), Pointers.Of(rows.HeadRows), Pointers.Of(gathered), hidden));

    private readonly struct Job(float* x, int* headRows, float* gathered, int hidden) : ICpuJob
    {
        public void Run(int start, int end)
        {
            for (var head = start; head < end; head++)
                new ReadOnlySpan<float>(x + ((long)headRows[head] * hidden), hidden)
                    .CopyTo(new Span<float>(gathered + ((long)head * hidden), hidden));
        }
    }
}
