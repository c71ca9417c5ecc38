using System.Numerics.Tensors;

namespace TaH.Kernels;

/// <summary>The CPU: rows spread over threads.</summary>
internal static unsafe class SelectRowsSimd
{
    private const int Grain = 4;

    public static void Gather(CpuWorkers workers, Floats x, Ints rows, Floats y, SelectRowsShape shape) =>
        workers.For(shape.Count, Grain, new GatherJob(Pointers.Of(x), Pointers.Of(rows), Pointers.Of(y), shape.Width));

    public static void GatherAdd(CpuWorkers workers, Floats x, Ints rows, Floats z, Floats y, SelectRowsShape shape) =>
        workers.For(shape.Count, Grain, new GatherAddJob(Pointers.Of(x), Pointers.Of(rows), Pointers.Of(z), Pointers.Of(y), shape.Width));

    public static void Scatter(CpuWorkers workers, Floats x, Ints rows, Floats y, SelectRowsShape shape) =>
        workers.For(shape.Count, Grain, new ScatterJob(Pointers.Of(x), Pointers.Of(rows), Pointers.Of(y), shape.Width));

    private readonly struct GatherJob(float* x, int* rows, float* y, int width) : ICpuJob
    {
        public void Run(int start, int end)
        {
            for (var i = start; i < end; i++)
                new ReadOnlySpan<float>(x + ((long)rows[i] * width), width).CopyTo(new Span<float>(y + ((long)i * width), width));
        }
    }

    private readonly struct GatherAddJob(float* x, int* rows, float* z, float* y, int width) : ICpuJob
    {
        public void Run(int start, int end)
        {
            for (var i = start; i < end; i++)
            {
                var (from, at) = ((long)rows[i] * width, (long)i * width);
                TensorPrimitives.Add(
                    new ReadOnlySpan<float>(x + from, width), new ReadOnlySpan<float>(z + at, width), new Span<float>(y + at, width));
            }
        }
    }

    private readonly struct ScatterJob(float* x, int* rows, float* y, int width) : ICpuJob
    {
        public void Run(int start, int end)
        {
            for (var i = start; i < end; i++)
                new ReadOnlySpan<float>(x + ((long)i * width), width).CopyTo(new Span<float>(y + ((long)rows[i] * width), width));
        }
    }
}
