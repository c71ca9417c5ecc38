namespace TaH.Kernels;

/// <summary>Rows of bf16 that products read: some of those in a buffer.</summary>
/// <param name="Buffer">[all rows, width].</param>
/// <param name="Width">Elements of a row.</param>
/// <param name="From">The first row.</param>
/// <param name="Count">How many.</param>
internal readonly record struct Bfloat16Rows(Halves Buffer, int Width, int From, int Count);

/// <summary>What a launch does with its sums.</summary>
internal enum TensorStore
{
    /// <summary>y is f32 and replaced.</summary>
    Replace,

    /// <summary>y is f32 and added to.</summary>
    Add,

    /// <summary>y is bf16 and replaced.</summary>
    Bfloat16,

    /// <summary>y is bf16 and becomes silu(first weight's product) * second weight's product.</summary>
    Gated,
}

/// <summary>One weight of a launch, and where its product goes.</summary>
/// <param name="Weight">[outer, inner] of bf16.</param>
/// <param name="Y">Address of [rows, outer].</param>
/// <param name="Bias">Address of [outer] f32, or 0.</param>
internal readonly record struct TensorTarget(WeightMatrix Weight, ulong Y, ulong Bias = 0);

/// <summary>Products of many rows on tensor cores: bf16 operands, sums in f32.</summary>
/// <param name="device">Where they run.</param>
/// <param name="variant">What the kernels are made of, for profiles.</param>
internal abstract class TensorProducts(ComputeDevice device, MatMulVariant variant)
{
    /// <summary>Elements that 16 bytes hold: rows of every operand start at multiples of 16 bytes.</summary>
    private const int Word = 8;

    /// <summary>Whether <see cref="TensorStore.Gated"/> is served.</summary>
    public abstract bool Gates { get; }

    /// <summary>The kernels that are best on a device.</summary>
    /// <param name="device">A device that <see cref="MatMul.ForTensorCores"/> knows the variant of.</param>
    /// <param name="variant">CudaWgmma or CudaMma.</param>
    public static TensorProducts Create(ComputeDevice device, MatMulVariant variant) =>
        variant == MatMulVariant.CudaWgmma ? new WgmmaProducts(device) : new MmaProducts(device);

    /// <summary>Whether a weight can be multiplied: bf16, and both sizes multiples of 8.</summary>
    public static bool Takes(WeightMatrix weight) =>
        weight.Type == ElementType.Bf16 && weight.Columns % Word == 0 && weight.Rows % Word == 0 && weight is { Columns: > 0, Rows: > 0 };

    /// <summary>One launch: alpha times the product of x with each weight.</summary>
    /// <param name="x">The rows; their width is that of every weight.</param>
    /// <param name="store">What becomes of the sums.</param>
    /// <param name="alpha">What they are multiplied with; 1 for <see cref="TensorStore.Gated"/>.</param>
    /// <param name="targets">One to three weights that <see cref="Takes"/> says yes to; for <see cref="TensorStore.Gated"/> two of one size.</param>
    public void Run(Bfloat16Rows x, TensorStore store, float alpha, params ReadOnlySpan<TensorTarget> targets)
    {
        foreach (var target in targets)
        {
            if (!Takes(target.Weight)) throw new NotSupportedException($"tensor cores multiply bf16 weights whose sizes are multiples of {Word}");
            ShapeException.ThrowIfDifferent(target.Weight.Columns, x.Width, "weight columns");
        }
        ShapeException.ThrowIfShorter(x.Buffer, ((long)x.From + x.Count) * x.Width, nameof(x));
        if (store == TensorStore.Gated) ShapeException.ThrowIfDifferent(targets[1].Weight.Rows, targets[0].Weight.Rows, "up rows");
        if (x.Count == 0) return;
        using var _ = device.Profile(store == TensorStore.Gated ? "TensorProductGated" : "TensorProduct", variant, Work(x, store, targets));
        Launch(x, store, alpha, targets);
    }

    /// <summary>As <see cref="Run"/>, checked.</summary>
    protected abstract void Launch(Bfloat16Rows x, TensorStore store, float alpha, ReadOnlySpan<TensorTarget> targets);

    private static KernelWork Work(Bfloat16Rows x, TensorStore store, ReadOnlySpan<TensorTarget> targets)
    {
        var outer = 0;
        foreach (var target in targets) outer += target.Weight.Rows;
        // Bytes of y for each sum: read and written, or written, or half a bf16.
        var bytes = store switch { TensorStore.Add => 8, TensorStore.Replace => 4, TensorStore.Bfloat16 => 2, _ => 1 };
        var operands = sizeof(ushort) * (long)x.Width * (x.Count + outer);
        return new KernelWork(operands + ((long)bytes * x.Count * outer), new MatMulShape(x.Count, x.Width, outer).Flops, x.Count, x.Width, outer);
    }

    /// <summary>The launch of a tile size.</summary>
    protected static TensorProductTask Task(
        ulong x, int fromRow, int rows, int inner, float alpha, int tileRows, int tileColumns, ReadOnlySpan<TensorTarget> targets,
        Func<WeightMatrix, ulong> operand)
    {
        Span<TensorColumns> columns = [default, default, default];
        var tiles = 0;
        for (var i = 0; i < columns.Length; i++)
        {
            columns[i] = new TensorColumns(0, 0, 0, 0, TensorProductTask.NoTile);
            if (i >= targets.Length) continue;
            columns[i] = new TensorColumns(operand(targets[i].Weight), targets[i].Bias, targets[i].Y, targets[i].Weight.Rows, tiles);
            tiles += Pieces(targets[i].Weight.Rows, tileColumns);
        }
        return new TensorProductTask(x, fromRow, rows, inner, alpha, Pieces(rows, tileRows), tiles, columns[0], columns[1], columns[2]);
    }

    /// <summary>Pieces of a length, the last one perhaps shorter.</summary>
    protected static int Pieces(int length, int piece) => (length + piece - 1) / piece;
}
