using System.Runtime.Intrinsics;

namespace TaH.Kernels;

/// <summary>The CPU: a job is a band of rows, cut into blocks whose lines stay in the nearest cache on both sides; four by four in vectors.</summary>
internal static unsafe class TransposeSimd
{
    private const int Block = 32;

    public static void Run(CpuWorkers workers, Floats x, Floats y, TransposeShape shape) =>
        workers.For((shape.Columns + Block - 1) / Block, grain: 1, new Job(Pointers.Of(x), Pointers.Of(y), shape));

    private readonly struct Job(float* x, float* y, TransposeShape shape) : ICpuJob
    {
        /// <summary>Bands of columns: a thread then writes memory of its own.</summary>
        public void Run(int start, int end)
        {
            for (var band = start; band < end; band++)
            for (var row = 0; row < shape.Rows; row += Block)
                RunBlock(row, Math.Min(row + Block, shape.Rows), band * Block, Math.Min((band + 1) * Block, shape.Columns));
        }

        private void RunBlock(int firstRow, int endRow, int firstColumn, int endColumn)
        {
            var (wholeRows, wholeColumns) = (endRow - ((endRow - firstRow) % 4), endColumn - ((endColumn - firstColumn) % 4));
            for (var row = firstRow; row < wholeRows; row += 4)
            for (var column = firstColumn; column < wholeColumns; column += 4)
                RunFour(x + ((long)row * shape.Columns) + column, y + ((long)column * shape.Rows) + row);
            for (var row = firstRow; row < endRow; row++)
            for (var column = row < wholeRows ? wholeColumns : firstColumn; column < endColumn; column++)
                y[((long)column * shape.Rows) + row] = x[((long)row * shape.Columns) + column];
        }

        private void RunFour(float* source, float* target)
        {
            long columns = shape.Columns, rows = shape.Rows;
            var (a, b) = (Vector128.Load(source), Vector128.Load(source + columns));
            var (c, d) = (Vector128.Load(source + (2 * columns)), Vector128.Load(source + (3 * columns)));
            var (evenLow, oddLow) = (Interleave.Low(a, c), Interleave.Low(b, d)); // a0 c0 a1 c1, b0 d0 b1 d1
            var (evenHigh, oddHigh) = (Interleave.High(a, c), Interleave.High(b, d));
            Interleave.Low(evenLow, oddLow).Store(target);
            Interleave.High(evenLow, oddLow).Store(target + rows);
            Interleave.Low(evenHigh, oddHigh).Store(target + (2 * rows));
            Interleave.High(evenHigh, oddHigh).Store(target + (3 * rows));
        }
    }
}
