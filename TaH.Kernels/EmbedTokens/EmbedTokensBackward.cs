using System.Numerics.Tensors;
using ILGPU;

namespace TaH.Kernels;

/// <summary>The gradient of <see cref="EmbedTokens"/>: each token's rows added up in order, without atomics.</summary>
public sealed class EmbedTokensBackward
{
    private readonly ComputeDevice _device;
    private readonly Action<KernelConfig, Floats, Ints, Ints, Ints, Floats, EmbedTokensShape>? _portable;

    /// <summary>Prepares one variant for a device.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="variant">How it is computed; Portable or Simd.</param>
    public EmbedTokensBackward(ComputeDevice device, EmbeddingVariant variant)
    {
        _device = device;
        if (variant == EmbeddingVariant.Simd) device.RequireCpu(nameof(EmbeddingVariant.Simd));
        else _portable = device.Load<Floats, Ints, Ints, Ints, Floats, EmbedTokensShape>(Kernel);
    }

    /// <summary>dEmbedding[t] += sum over the rows r of token t of dy[r].</summary>
    /// <param name="dy">[rows, hidden].</param>
    /// <param name="tokens">[distinct]; see <see cref="TokenGroups"/>.</param>
    /// <param name="starts">[distinct + 1].</param>
    /// <param name="rows">[rows].</param>
    /// <param name="dEmbedding">[vocab, hidden], added to.</param>
    /// <param name="shape">The sizes that all are checked against.</param>
    /// <exception cref="ShapeException">A view is shorter than the shape says.</exception>
    public unsafe void Run(Floats dy, Ints tokens, Ints starts, Ints rows, Floats dEmbedding, EmbedTokensShape shape)
    {
        ShapeException.ThrowIfShorter(dy, shape.Length, nameof(dy));
        ShapeException.ThrowIfShorter(starts, tokens.Length + 1, nameof(starts));
        ShapeException.ThrowIfShorter(rows, shape.Rows, nameof(rows));
        ShapeException.ThrowIfShorter(dEmbedding, (long)shape.Vocab * shape.Hidden, nameof(dEmbedding));
        if (shape.Length == 0) return;
        var distinct = (int)tokens.Length;
        var moved = (shape.Length + (2L * distinct * shape.Hidden)) * sizeof(float);
        using var _ = _device.Profile(
            nameof(EmbedTokensBackward), _portable is null ? "Simd" : "Portable", new KernelWork(moved, shape.Length, shape.Rows, shape.Hidden));
        if (_portable is not null)
        {
            _portable((distinct, _device.GroupSize), dy, tokens, starts, rows, dEmbedding, shape);
            return;
        }
        _device.Workers!.For(
            distinct, grain: 1,
            new Job(Pointers.Of(dy), Pointers.Of(tokens), Pointers.Of(starts), Pointers.Of(rows), Pointers.Of(dEmbedding), shape.Hidden));
    }

    /// <summary>Every accelerator: one group a token, its threads side by side along the embedding.</summary>
    internal static void Kernel(Floats dy, Ints tokens, Ints starts, Ints rows, Floats dEmbedding, EmbedTokensShape shape)
    {
        var target = (long)tokens[Grid.IdxX] * shape.Hidden;
        int first = starts[Grid.IdxX], end = starts[Grid.IdxX + 1];
        for (var i = Group.IdxX; i < shape.Hidden; i += Group.DimX)
        {
            var sum = 0f;
            for (var row = first; row < end; row++) sum += dy[((long)rows[row] * shape.Hidden) + i];
            dEmbedding[target + i] += sum;
        }
    }

    private readonly unsafe struct Job(float* dy, int* tokens, int* starts, int* rows, float* dEmbedding, int hidden) : ICpuJob
    {
        public void Run(int start, int end)
        {
            for (var group = start; group < end; group++)
            {
                var target = new Span<float>(dEmbedding + ((long)tokens[group] * hidden), hidden);
                for (var row = starts[group]; row < starts[group + 1]; row++)
                    TensorPrimitives.Add(target, new ReadOnlySpan<float>(dy + ((long)rows[row] * hidden), hidden), target);
            }
        }
    }
}
