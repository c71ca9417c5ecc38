namespace TaH.Kernels;

/// <summary>The CPU: bands of rows of the target spread over threads, walked in tiles whose lines all stay in the first-level cache.</summary>
internal static unsafe class TransposeSimd
{
    private const int Tile = 16;

    public static void Run(CpuWorkers workers, Floats x, Floats y, TransposeShape shape) =>
        workers.For((shape.Columns + Tile - 1) / Tile, grain: 1, new Job(Pointers.Of(x), Pointers.Of(y), shape));

    private readonly struct Job(float* x, float* y, TransposeShape shape) : ICpuJob
    {
        public void Run(int start, int end)
        {
            for (var column = start * Tile; column < Math.Min(end * Tile, shape.Columns); column += Tile)
            {
                var width = Math.Min(Tile, shape.Columns - column);
                for (var row = 0; row < shape.Rows; row += Tile) Turn(row, Math.Min(Tile, shape.Rows - row), column, width);
            }
        }

        private void Turn(int row, int height, int column, int width)
        {
            for (var c = 0; c < width; c++)
            {
                var source = x + ((long)row * shape.Columns) + column + c;
                var target = y + ((long)(column + c) * shape.Rows) + row;
                for (var r = 0; r < height; r++) target[r] = source[(long)r * shape.Columns];
            }
        }
    }
}
