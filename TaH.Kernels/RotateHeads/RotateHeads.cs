using ILGPU;

namespace TaH.Kernels;

/// <summary>
/// Norm and rotary embedding of query or key heads on rows of their own: what <see cref="RotateAndStore"/> does to a head, for training, where the
/// projection is kept and nothing goes to a cache.
/// </summary>
public sealed class RotateHeads
{
    // A head has few elements: one warp, so that a barrier waits for nobody.
    private const int MostThreads = 32;

    private readonly ComputeDevice _device;
    private readonly RotateHeadsVariant _variant;
    private readonly Action<KernelConfig, Floats, Floats, Ints, Floats, Floats, RotateHeadsShape>? _portable;

    /// <summary>Prepares one variant for a device.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="variant">How it is computed.</param>
    public RotateHeads(ComputeDevice device, RotateHeadsVariant variant)
    {
        (_device, _variant) = (device, variant);
        if (variant == RotateHeadsVariant.Portable)
            _portable = device.Load<Floats, Floats, Ints, Floats, Floats, RotateHeadsShape>(RotateHeadsPortable.Kernel);
        else
            device.RequireCpu(nameof(RotateHeadsVariant.Simd));
    }

    /// <summary>
    /// For every head h of x: n = h * weight / rms(h), then y[i] = n[i] cos - n[i + half] sin and y[i + half] = n[i + half] cos + n[i] sin, with the
    /// angle of the row's position.
    /// </summary>
    /// <param name="x">[rows, heads, headDim], a projection.</param>
    /// <param name="weight">[headDim], the learned weight of the heads' RMSNorm.</param>
    /// <param name="positions">[rows]; each below the positions that <paramref name="rope"/> was asked to reserve.</param>
    /// <param name="rope">The angles.</param>
    /// <param name="y">[rows, heads, headDim]; every element is written; may be <paramref name="x"/> itself.</param>
    /// <param name="shape">The sizes that all are checked against.</param>
    /// <exception cref="ShapeException">A view is shorter than the shape says; the message names it and both sizes.</exception>
    /// <remarks>Source: Qwen3Attention of transformers (q_norm, k_norm, apply_rotary_pos_emb with rotate_half); arXiv 2104.09864.</remarks>
    public void Run(Floats x, Floats weight, Ints positions, RopeTable rope, Floats y, RotateHeadsShape shape)
    {
        Check(x, weight, positions, rope, shape);
        ShapeException.ThrowIfShorter(y, shape.Length, nameof(y));
        if (shape.Length == 0) return;
        using var _ = _device.Profile(nameof(RotateHeads), _variant, shape.Work);
        if (_portable is null) RotateHeadsSimd.Run(_device.Workers!, x, weight, positions, rope.View, y, shape);
        else _portable((checked(shape.Rows * shape.Heads), GroupSize(_device)), x, weight, positions, rope.View, y, shape);
    }

    /// <summary>Threads of a group that takes a head.</summary>
    internal static int GroupSize(ComputeDevice device) => Math.Min(device.GroupSize, MostThreads);

    /// <summary>Compares what both directions read with their shape.</summary>
    internal static void Check(Floats x, Floats weight, Ints positions, RopeTable rope, RotateHeadsShape shape)
    {
        ShapeException.ThrowIfShorter(x, shape.Length, nameof(x));
        ShapeException.ThrowIfShorter(weight, shape.HeadDim, nameof(weight));
        ShapeException.ThrowIfShorter(positions, shape.Rows, nameof(positions));
        ShapeException.ThrowIfDifferent(rope.HeadDim, shape.HeadDim, "a line of the rope table");
    }
}
