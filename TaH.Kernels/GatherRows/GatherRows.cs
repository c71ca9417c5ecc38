using ILGPU;

namespace TaH.Kernels;

/// <summary>Puts the rows whose logits are wanted next to each other, for the product with the head.</summary>
public sealed class GatherRows
{
    private readonly ComputeDevice _device;
    private readonly GatherRowsVariant _variant;
    private readonly Action<KernelConfig, Floats, Ints, Floats, int>? _portable;

    /// <summary>Prepares one variant for a device.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="variant">How it is computed.</param>
    public GatherRows(ComputeDevice device, GatherRowsVariant variant)
    {
        (_device, _variant) = (device, variant);
        if (variant == GatherRowsVariant.Simd) device.RequireCpu(nameof(GatherRowsVariant.Simd));
        else _portable = device.Load<Floats, Ints, Floats, int>(GatherRowsPortable.Kernel);
    }

    /// <summary>gathered[h] = x[the h-th head row].</summary>
    /// <param name="x">[rows, hidden].</param>
    /// <param name="rows">Which rows want logits.</param>
    /// <param name="gathered">[head rows, hidden]; every element is written. Not <paramref name="x"/> itself.</param>
    /// <param name="hidden">Width of a row.</param>
    /// <exception cref="ShapeException">A view is shorter than the rows ask for; the message names it and both sizes.</exception>
    public void Run(Floats x, RowTable rows, Floats gathered, int hidden)
    {
        ShapeException.ThrowIfShorter(x, (long)rows.Count * hidden, nameof(x));
        ShapeException.ThrowIfShorter(gathered, (long)rows.HeadCount * hidden, nameof(gathered));
        if (rows.HeadCount == 0) return;
        var work = new KernelWork(2L * rows.HeadCount * hidden * sizeof(float), 0, rows.HeadCount, hidden);
        using var _ = _device.Profile(nameof(GatherRows), _variant, work);
        if (_portable is null) GatherRowsSimd.Run(_device.Workers!, x, rows, gathered, hidden);
        else _portable((rows.HeadCount, _device.GroupSize), x, rows.HeadRows, gathered, hidden);
    }
}
