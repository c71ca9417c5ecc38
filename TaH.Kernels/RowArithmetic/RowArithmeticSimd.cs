using System.Numerics.Tensors;

namespace TaH.Kernels;

/// <summary>The CPU: pieces and rows spread over threads, vectors within.</summary>
internal static unsafe class RowArithmeticSimd
{
    private const int Piece = 2048;
    private const int Grain = 4;

    public static void Add(CpuWorkers workers, Floats x, Floats y, long length) =>
        workers.For(checked((int)((length + Piece - 1) / Piece)), Grain, new AddJob(Pointers.Of(x), Pointers.Of(y), length));

    public static void AddBias(CpuWorkers workers, Floats bias, Floats y, RowsShape shape) =>
        workers.For(shape.Rows, Grain, new BiasJob(Pointers.Of(bias), Pointers.Of(y), shape.Columns));

    public static void CopyColumns(CpuWorkers workers, Floats source, Floats target, ColumnsShape shape) =>
        workers.For(shape.Rows, Grain, new ColumnsJob(Pointers.Of(source), Pointers.Of(target), shape));

    public static void Softmax(CpuWorkers workers, Floats x, Floats y, RowsShape shape) =>
        workers.For(shape.Rows, Grain, new SoftmaxJob(Pointers.Of(x), Pointers.Of(y), shape.Columns));

    private readonly struct AddJob(float* x, float* y, long length) : ICpuJob
    {
        public void Run(int start, int end)
        {
            for (var piece = start; piece < end; piece++)
            {
                var at = (long)piece * Piece;
                var count = (int)Math.Min(Piece, length - at);
                var target = new Span<float>(y + at, count);
                TensorPrimitives.Add(target, new ReadOnlySpan<float>(x + at, count), target);
            }
        }
    }

    private readonly struct BiasJob(float* bias, float* y, int columns) : ICpuJob
    {
        public void Run(int start, int end)
        {
            for (var row = start; row < end; row++)
            {
                var target = new Span<float>(y + ((long)row * columns), columns);
                TensorPrimitives.Add(target, new ReadOnlySpan<float>(bias, columns), target);
            }
        }
    }

    private readonly struct ColumnsJob(float* source, float* target, ColumnsShape shape) : ICpuJob
    {
        public void Run(int start, int end)
        {
            for (var row = start; row < end; row++)
            {
                var from = new ReadOnlySpan<float>(source + ((long)row * shape.FromWidth) + shape.FromColumn, shape.Columns);
                from.CopyTo(new Span<float>(target + ((long)row * shape.ToWidth) + shape.ToColumn, shape.Columns));
            }
        }
    }

    private readonly struct SoftmaxJob(float* x, float* y, int columns) : ICpuJob
    {
        public void Run(int start, int end)
        {
            for (var row = start; row < end; row++)
            {
                var target = new Span<float>(y + ((long)row * columns), columns);
                var source = new ReadOnlySpan<float>(x + ((long)row * columns), columns);
                TensorPrimitives.Subtract(source, TensorPrimitives.Max(source), target);
                TensorPrimitives.Exp(target, target);
                TensorPrimitives.Divide(target, TensorPrimitives.Sum(target), target);
            }
        }
    }
}
