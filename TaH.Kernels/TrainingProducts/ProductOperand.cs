using ILGPU;
using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>Rows of activations or gradients in the form that <see cref="TrainingProducts"/> reads: as they lie, or rounded to bf16.</summary>
public sealed class ProductOperand : IDisposable
{
    private readonly MemoryBuffer1D<ushort, Stride1D.Dense>? _narrowed;

    internal ProductOperand(ComputeDevice device, int capacity, int columns, bool narrows)
    {
        (Capacity, Columns) = (capacity, columns);
        if (narrows) _narrowed = device.Accelerator.Allocate1D<ushort>(Math.Max(1, (long)capacity * columns));
    }

    /// <summary>The most rows.</summary>
    public int Capacity { get; }

    /// <summary>Elements of a row.</summary>
    public int Columns { get; }

    /// <summary>Rows that it holds now.</summary>
    public int Rows { get; private set; }

    /// <summary>[rows, columns] in f32; where rows are rounded, their source may have changed since.</summary>
    internal Floats Source { get; private set; }

    /// <summary>[capacity, columns] in bf16; empty where rows are read as they lie.</summary>
    internal Halves Narrowed => _narrowed is null ? default : _narrowed.View.BaseView;

    /// <inheritdoc/>
    public void Dispose() => _narrowed?.Dispose();

    internal void Hold(Floats source, int rows) => (Source, Rows) = (source, rows);
}
