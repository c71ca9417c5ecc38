using System.Numerics.Tensors;

namespace TaH.Kernels;

/// <summary>The CPU: one vector operation a row.</summary>
internal static unsafe class SelectRowsSimd
{
    private const int Grain = 4;

    public static void Gather(CpuWorkers workers, Floats x, Ints indices, Floats y, SelectRowsShape shape) =>
        workers.For(shape.Count, Grain, new GatherJob(Pointers.Of(x), Pointers.Of(indices), null, Pointers.Of(y), shape.Width));

    public static void GatherAdd(CpuWorkers workers, Floats x, Ints indices, Floats addend, Floats y, SelectRowsShape shape) =>
        workers.For(shape.Count, Grain, new GatherJob(Pointers.Of(x), Pointers.Of(indices), Pointers.Of(addend), Pointers.Of(y), shape.Width));

    public static void Scatter(CpuWorkers workers, Floats x, Ints indices, Floats y, SelectRowsShape shape, bool add) =>
        workers.For(shape.Count, Grain, new ScatterJob(Pointers.Of(x), Pointers.Of(indices), Pointers.Of(y), shape.Width, add));

    private static Span<float> Row(float* x, long row, int width) => new(x + (row * width), width);

    private readonly struct GatherJob(float* x, int* indices, float* addend, float* y, int width) : ICpuJob
    {
        public void Run(int start, int end)
        {
            for (var i = start; i < end; i++)
            {
                ReadOnlySpan<float> source = Row(x, indices[i], width);
                if (addend is null) source.CopyTo(Row(y, i, width));
                else TensorPrimitives.Add(source, Row(addend, i, width), Row(y, i, width));
            }
        }
    }

    private readonly struct ScatterJob(float* x, int* indices, float* y, int width, bool add) : ICpuJob
    {
        public void Run(int start, int end)
        {
            for (var i = start; i < end; i++)
            {
                var target = Row(y, indices[i], width);
                if (add) TensorPrimitives.Add(target, Row(x, i, width), target);
                else Row(x, i, width).CopyTo(target);
            }
        }
    }
}
