using System.Buffers;
using ILGPU;

namespace TaH.Kernels;

/// <summary>The largest logits of plain rows, in the order of <see cref="TopK"/>, whose kernels it runs: for training.</summary>
public sealed class LargestLogits : IDisposable
{
    private readonly ComputeDevice _device;
    private readonly IdentityRows _rows;
    private readonly Action<KernelConfig, Ints, Ints, Floats, Floats, Ints, TopKShape>? _portable;

    /// <summary>Prepares the selection on a device.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="variant">How it is computed; Portable or Simd.</param>
    public LargestLogits(ComputeDevice device, TopKVariant variant)
    {
        (_device, _rows) = (device, new IdentityRows(device));
        if (variant == TopKVariant.Simd) device.RequireCpu(nameof(TopKVariant.Simd));
        else _portable = device.Load<Ints, Ints, Floats, Floats, Ints, TopKShape>(TopKPortable.Kernel);
    }

    /// <summary>The k largest logits of every row in descending order, the lower token first among equals.</summary>
    /// <param name="logits">[rows, vocab].</param>
    /// <param name="values">[rows, k], written.</param>
    /// <param name="tokens">[rows, k], written.</param>
    /// <param name="shape">The sizes that all are checked against.</param>
    /// <exception cref="ShapeException">A view is shorter than the shape says.</exception>
    /// <exception cref="NotSupportedException">More are asked for than a device other than the CPU keeps.</exception>
    public void Run(Floats logits, Floats values, Ints tokens, TopKShape shape)
    {
        ShapeException.ThrowIfShorter(logits, (long)shape.HeadRows * shape.Vocab, nameof(logits));
        ShapeException.ThrowIfShorter(values, (long)shape.HeadRows * shape.K, nameof(values));
        ShapeException.ThrowIfShorter(tokens, (long)shape.HeadRows * shape.K, nameof(tokens));
        if (shape.HeadRows == 0) return;
        using var _ = _device.Profile(nameof(LargestLogits), _portable is null ? "Simd" : "Portable", shape.Work);
        if (_portable is null)
        {
            RunOnCpu(logits, values, tokens, shape);
            return;
        }
        if (shape.K > TopK.MaxPortableK) throw new NotSupportedException($"top-k of {shape.K}: {_device.Info.Name} keeps at most {TopK.MaxPortableK}");
        var rows = _rows.Of(shape.HeadRows);
        _portable((shape.HeadRows, _device.GroupSize), rows, rows, logits, values, tokens, shape);
    }

    /// <inheritdoc/>
    public void Dispose() => _rows.Dispose();

    private unsafe void RunOnCpu(Floats logits, Floats values, Ints tokens, TopKShape shape) =>
        _device.Workers!.For(shape.HeadRows, grain: 1, new Job(Pointers.Of(logits), Pointers.Of(values), Pointers.Of(tokens), shape));

    private readonly unsafe struct Job(float* logits, float* values, int* tokens, TopKShape shape) : ICpuJob
    {
        public void Run(int start, int end)
        {
            var memory = ArrayPool<ulong>.Shared.Rent(LargestSelector.RoomFor(shape.Vocab, shape.K));
            for (var row = start; row < end; row++)
            {
                var all = new ReadOnlySpan<float>(logits + ((long)row * shape.Vocab), shape.Vocab);
                var selected = LargestSelector.Select(all, shape.K, memory);
                for (var rank = 0; rank < shape.K; rank++)
                {
                    var token = LargestSelector.IndexOf(selected[rank]);
                    values[((long)row * shape.K) + rank] = all[token];
                    tokens[((long)row * shape.K) + rank] = token;
                }
            }
            ArrayPool<ulong>.Shared.Return(memory);
        }
    }
}
