using ILGPU;

namespace TaH.Kernels;

/// <summary>Turns rows into columns and rounds to bf16 in one reading: what tensor cores need for products over rows.</summary>
/// <param name="device">Where it runs.</param>
public sealed class Bfloat16Transpose(ComputeDevice device)
{
    private readonly Action<KernelConfig, Floats, Keys, Halves, Bfloat16TransposeTask> _singles =
        device.Load<Floats, Keys, Halves, Bfloat16TransposeTask>(Bfloat16TransposePortable.Kernel<float, SingleFormat>);

    private readonly Action<KernelConfig, Halves, Keys, Halves, Bfloat16TransposeTask> _bfloat16 =
        device.Load<Halves, Keys, Halves, Bfloat16TransposeTask>(Bfloat16TransposePortable.Kernel<ushort, Bfloat16Format>);

    /// <summary>transposed[c, r] = the bf16 nearest to x[r, c], ties to even; 0 for r from rows on.</summary>
    /// <param name="x">[rows, columns].</param>
    /// <param name="transposed">[columns, rowsPadded] of bf16, starting at a multiple of 4 bytes; every element is written.</param>
    /// <param name="shape">The sizes that all are checked against.</param>
    /// <exception cref="ShapeException">A view is shorter than the shape says; the message names it and both sizes.</exception>
    public void Run(Floats x, Halves transposed, TransposeShape shape) => Launch(_singles, x, transposed, null, shape, sizeof(float));

    /// <summary>The same, and straight[r, c] = the bf16 nearest to x[r, c].</summary>
    /// <param name="x">[rows, columns].</param>
    /// <param name="transposed">[columns, rowsPadded] of bf16, starting at a multiple of 4 bytes; every element is written.</param>
    /// <param name="straight">[rows, columns] of bf16, starting at a multiple of 4 bytes; every element is written.</param>
    /// <param name="shape">The sizes that all are checked against.</param>
    /// <exception cref="ShapeException">A view is shorter than the shape says; the message names it and both sizes.</exception>
    public void Run(Floats x, Halves transposed, Halves straight, TransposeShape shape) =>
        Launch(_singles, x, transposed, straight, shape, sizeof(float));

    /// <summary>transposed[c, r] = x[r, c], both of bf16; 0 for r from rows on.</summary>
    /// <param name="x">[rows, columns] of bf16.</param>
    /// <param name="transposed">[columns, rowsPadded] of bf16, starting at a multiple of 4 bytes; every element is written.</param>
    /// <param name="shape">The sizes that both are checked against.</param>
    /// <exception cref="ShapeException">A view is shorter than the shape says; the message names it and both sizes.</exception>
    public void Run(Halves x, Halves transposed, TransposeShape shape) => Launch(_bfloat16, x, transposed, null, shape, sizeof(ushort));

    private void Launch<T>(
        Action<KernelConfig, ArrayView<T>, Keys, Halves, Bfloat16TransposeTask> kernel, ArrayView<T> x, Halves transposed, Halves? straight,
        TransposeShape shape, int size)
        where T : unmanaged
    {
        var length = (long)shape.Rows * shape.Columns;
        ShapeException.ThrowIfShorter(x, length, nameof(x));
        ShapeException.ThrowIfShorter(transposed, (long)shape.RowsPadded * shape.Columns, nameof(transposed));
        if (straight is { } view) ShapeException.ThrowIfShorter(view, length, nameof(straight));
        if (length == 0) return;
        using var _ = device.Profile(nameof(Bfloat16Transpose), "Portable", shape.Work(size + ((straight is null ? 1 : 2) * sizeof(ushort))));
        // What is not written needs a view all the same.
        var task = new Bfloat16TransposeTask(shape, straight is null ? 0 : 1);
        kernel(
            TransposeTiles.Config(device, shape, Bfloat16TransposePortable.Side), x, transposed.SubView(0, transposed.Length / 2 * 2).Cast<uint>(),
            straight ?? transposed, task);
    }
}
