using ILGPU;

namespace TaH.Kernels;

/// <summary>The sum of squares of many values, in an order that the length alone decides: of gradients, the square of their norm.</summary>
public sealed class SumOfSquares : IDisposable
{
    private readonly ComputeDevice _device;
    private readonly OptimizerVariant _variant;
    private readonly Scratch _partials;
    private readonly Action<KernelConfig, Floats, Floats, long>? _squares;
    private readonly Action<KernelConfig, Floats, Floats, long>? _sums;

    /// <summary>Prepares one variant for a device.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="variant">How it is computed.</param>
    public SumOfSquares(ComputeDevice device, OptimizerVariant variant)
    {
        (_device, _variant, _partials) = (device, variant, new Scratch(device));
        if (variant == OptimizerVariant.Portable)
        {
            _squares = device.Load<Floats, Floats, long>(SumOfSquaresPortable.Squares);
            _sums = device.Load<Floats, Floats, long>(SumOfSquaresPortable.Sums);
        }
        else
        {
            device.RequireCpu(nameof(OptimizerVariant.Simd));
        }
    }

    /// <summary>result[0] = the sum of values[i]^2, as a tree of f32 sums, or on the CPU of f32 sums added up in double.</summary>
    /// <param name="values">Any number.</param>
    /// <param name="result">[1]; written.</param>
    /// <exception cref="ShapeException">The result has no room.</exception>
    public void Run(Floats values, Floats result)
    {
        ShapeException.ThrowIfShorter(result, 1, nameof(result));
        var length = values.Length;
        using var _ = _device.Profile(
            nameof(SumOfSquares), _variant,
            new KernelWork(length * sizeof(float), 2 * length, Rows: 1, Inner: (int)Math.Min(length, int.MaxValue)));
        if (_squares is null) SumOfSquaresSimd.Run(_device.Workers!, values, result, _partials);
        else RunPortable(_squares, length == 0 ? result : values, length, result); // a kernel takes no view of nothing
    }

    /// <inheritdoc/>
    public void Dispose() => _partials.Dispose();

    private void RunPortable(Action<KernelConfig, Floats, Floats, long> launch, Floats values, long length, Floats result)
    {
        // The first launch leaves the most, so twice that holds all that come after.
        var used = 0L;
        var room = length > Share ? _partials.Reserve(2 * Groups(length)) : default;
        while (length > Share)
        {
            var left = Groups(length);
            var partials = room.SubView(used, left);
            launch((checked((int)left), _device.GroupSize), values, partials, length);
            (launch, values, length, used) = (_sums!, partials, left, used + left);
        }
        launch((1, _device.GroupSize), values, result, length);
    }

    /// <summary>Values that a group adds up.</summary>
    private long Share => SumOfSquaresPortable.ValuesOfThread * _device.GroupSize;

    private long Groups(long length) => (length + Share - 1) / Share;
}
