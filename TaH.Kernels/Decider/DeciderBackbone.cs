using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>
/// The decider's weights behind its first product: as bf16 where that loses nothing, as it does for a decider that was saved in bf16, else as they
/// are.
/// </summary>
internal sealed class DeciderBackbone : IDisposable
{
    private readonly List<WeightMatrix> _owned = [];
    private readonly Dictionary<WeightMatrix, WeightMatrix> _stored = [];

    /// <summary>Looks at every weight once.</summary>
    public DeciderBackbone(ComputeDevice device, DeciderModel model)
    {
        WeightMatrix[] all = [.. model.Blocks.SelectMany(WeightsOf), model.Output.Weight];
        var narrow = all.Select(weight => Narrow(device, weight)).ToArray();
        Type = Array.TrueForAll(narrow, halves => halves is not null) ? ElementType.Bf16 : ElementType.F32;
        for (var i = 0; i < all.Length; i++)
        {
            _stored[all[i]] = Type == ElementType.Bf16 ? Store(device, all[i], narrow[i]!) : all[i];
            WeightBytes += _stored[all[i]].ByteCount;
            WeightCount += all[i].Length;
        }
    }

    /// <summary>How they are stored.</summary>
    public ElementType Type { get; }

    /// <summary>Bytes in all.</summary>
    public long WeightBytes { get; }

    /// <summary>Elements in all.</summary>
    public long WeightCount { get; }

    /// <summary>Where a layer's weight starts.</summary>
    public ulong AddressOf(DeciderLinear layer) => _stored[layer.Weight].Address;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var weight in _owned) weight.Dispose();
    }

    private static IEnumerable<WeightMatrix> WeightsOf(DeciderBlock block) =>
        block.DimChange is { } change ? [block.Expand.Weight, change.Weight, block.Contract.Weight] : [block.Expand.Weight, block.Contract.Weight];

    /// <summary>The upper halves of a weight's elements; null if any lower half is not zero.</summary>
    public static ushort[]? Narrow(ComputeDevice device, WeightMatrix weight)
    {
        var values = new float[weight.Length];
        device.Download(weight.Singles, values);
        var halves = new ushort[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var bits = BitConverter.SingleToUInt32Bits(values[i]);
            if ((bits & 0xffffu) != 0) return null;
            halves[i] = (ushort)(bits >> 16);
        }
        return halves;
    }

    private WeightMatrix Store(ComputeDevice device, WeightMatrix weight, ushort[] halves)
    {
        var stored = WeightMatrix.Allocate(device, ElementType.Bf16, weight.Rows, weight.Columns);
        _owned.Add(stored);
        stored.Halves.CopyFromCPU(device.Accelerator.DefaultStream, halves);
        device.Synchronize();
        return stored;
    }
}
