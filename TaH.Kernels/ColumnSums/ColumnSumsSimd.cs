using System.Numerics.Tensors;

namespace TaH.Kernels;

/// <summary>The CPU: chunks of rows spread over threads, their sums added up in order.</summary>
internal static unsafe class ColumnSumsSimd
{
    public static void Run(CpuWorkers workers, Floats x, Floats sums, Floats partials, ColumnSumsShape shape)
    {
        var chunks = new RowChunks(shape.Rows);
        workers.For(chunks.Count, grain: 1, new Job(Pointers.Of(x), Pointers.Of(partials), shape, chunks));
        Add(partials, sums, shape with { Rows = chunks.Count });
    }

    /// <summary>sums[c] += the sum over r of x[r, c], row by row on the calling thread: for few rows.</summary>
    public static void Add(Floats x, Floats sums, ColumnSumsShape shape)
    {
        var target = new Span<float>(Pointers.Of(sums), shape.Columns);
        for (var row = 0; row < shape.Rows; row++)
            TensorPrimitives.Add(target, new ReadOnlySpan<float>(Pointers.Of(x) + ((long)row * shape.Columns), shape.Columns), target);
    }

    private readonly struct Job(float* x, float* partials, ColumnSumsShape shape, RowChunks chunks) : ICpuJob
    {
        public void Run(int start, int end)
        {
            for (var chunk = start; chunk < end; chunk++)
            {
                var partial = new Span<float>(partials + ((long)chunk * shape.Columns), shape.Columns);
                partial.Clear();
                for (var row = chunks.Start(chunk); row < chunks.End(chunk); row++)
                    TensorPrimitives.Add(partial, new ReadOnlySpan<float>(x + ((long)row * shape.Columns), shape.Columns), partial);
            }
        }
    }
}
