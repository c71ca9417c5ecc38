using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>
/// A decider's blocks as <see cref="DeciderSpread"/> reads them. The share of a group in a block: the two rows of the layer into the block that each
/// warp makes, 16 bytes a thread; then, two outputs a thread, the sixteen columns of the layer out of it that meet the group's features.
/// </summary>
internal sealed class DeciderSpreadModel : IDisposable
{
    private readonly MemoryBuffer1D<ushort, Stride1D.Dense> _shares;
    private readonly FloatBuffer _singles;
    private readonly int _groups;
    private readonly int _width;
    private readonly int _blocks;
    private readonly int _shareLength;

    /// <summary>Packs the weights.</summary>
    /// <param name="device">Where they are.</param>
    /// <param name="model">Its blocks are all of the width of x.</param>
    /// <param name="weights">[blocks] the weights into and out of each block, bf16.</param>
    /// <param name="groups">Groups that share them.</param>
    public DeciderSpreadModel(ComputeDevice device, DeciderModel model, IReadOnlyList<(ushort[] Into, ushort[] OutOf)> weights, int groups)
    {
        (_groups, _width, _blocks) = (groups, checked((int)model.OutputNorm.Weight.Length), model.Blocks.Count);
        _shareLength = IntoLength + (2 * _width * MatVecTask.Octet);
        var shares = new ushort[(long)_blocks * groups * _shareLength];
        for (var block = 0; block < _blocks; block++)
        for (var group = 0; group < groups; group++)
        {
            var share = shares.AsSpan(((block * groups) + group) * _shareLength, _shareLength);
            PackInto(weights[block].Into, model.Blocks[block].Expand.Weight.Rows, group, share);
            PackOutOf(weights[block].OutOf, model.Blocks[block].Contract.Weight.Columns, group, share[IntoLength..]);
        }
        _shares = device.Accelerator.Allocate1D<ushort>(shares.Length);
        _shares.View.BaseView.CopyFromCPU(device.Accelerator.DefaultStream, shares);
        _singles = device.Upload(CollectionsMarshal.AsSpan(Singles(device, model)));
        WeightBytes = (sizeof(ushort) * (long)shares.Length) + (sizeof(float) * _singles.Length);
        WeightCount = model.Blocks.Sum(block => block.Expand.Weight.Length + block.Contract.Weight.Length) + _width;
    }

    /// <summary>Bytes of weights.</summary>
    public long WeightBytes { get; }

    /// <summary>Elements of weights.</summary>
    public long WeightCount { get; }

    private int IntoLength => 2 * Octets * DeciderSpread.GroupSize * MatVecTask.Octet;

    private int Octets => _width > DeciderSpread.MaxWidth / 2 ? 2 : 1;

    /// <summary>What a launch takes.</summary>
    /// <param name="fold">The first product.</param>
    /// <param name="inboxes">Cells that are zero at first: see <see cref="Cells"/>.</param>
    /// <param name="launches">[2]: at first 1, 0.</param>
    /// <param name="decision">[1], written.</param>
    public DeciderSpreadTask Task(DeciderFold fold, ulong inboxes, ulong launches, Floats decision)
    {
        ulong gain = (ulong)_singles.NativePtr, floats = sizeof(float);
        var expandEnds = gain + ((ulong)(_blocks * _width) * floats);
        var contractBias = expandEnds + ((ulong)(2 * _blocks * _groups * DeciderSpread.Features) * floats);
        return new DeciderSpreadTask(
            (ulong)fold.Weight.LoadEffectiveAddressAsPtr(), (ulong)fold.Bias.LoadEffectiveAddressAsPtr(), (ulong)fold.Inner * floats, fold.Features,
            (ulong)_shares.NativePtr, _shareLength * sizeof(ushort), gain, expandEnds, contractBias,
            contractBias + ((ulong)(_blocks * _width) * floats), _blocks, _width, 1f / _width, _groups, inboxes, launches, decision);
    }

    /// <summary>Cells of all inboxes.</summary>
    public long Cells => (long)_groups * ((_groups * DeciderSpread.Owned) + _width);

    /// <inheritdoc/>
    public void Dispose()
    {
        _shares.Dispose();
        _singles.Dispose();
    }

    private void PackInto(ushort[] weight, int features, int group, Span<ushort> words)
    {
        for (var row = 0; row < 2; row++)
        for (var octet = 0; octet < Octets; octet++)
        for (var thread = 0; thread < DeciderSpread.GroupSize; thread++)
        {
            var feature = (group * DeciderSpread.Features) + (thread / MatVec.WarpSize * 2) + row;
            var column = MatVecTask.Octet * ((thread % MatVec.WarpSize) + (octet * MatVec.WarpSize));
            if (feature >= features || column >= _width) continue;
            weight.AsSpan((feature * _width) + column, MatVecTask.Octet)
                .CopyTo(words[(MatVecTask.Octet * ((((row * Octets) + octet) * DeciderSpread.GroupSize) + thread))..]);
        }
    }

    private void PackOutOf(ushort[] weight, int features, int group, Span<ushort> words)
    {
        for (var word = 0; word < 4; word++)
        for (var thread = 0; thread < _width / 2; thread++)
        {
            int output = (2 * thread) + (word / 2), feature = (group * DeciderSpread.Features) + (word % 2 * MatVecTask.Octet);
            if (feature >= features) continue;
            weight.AsSpan((output * features) + feature, MatVecTask.Octet).CopyTo(words[(MatVecTask.Octet * ((word * _width / 2) + thread))..]);
        }
    }

    /// <summary>Scales, then the ends of rows into the blocks, then the biases out of them, then the output's weights and their end.</summary>
    private List<float> Singles(ComputeDevice device, DeciderModel model)
    {
        var singles = new List<float>();
        foreach (var block in model.Blocks) singles.AddRange(Download(device, block.Norm.Weight.View));
        foreach (var block in model.Blocks)
        {
            singles.AddRange(Ends(device, block.Expand, block.Norm));
            singles.AddRange(new float[2 * ((_groups * DeciderSpread.Features) - block.Expand.Weight.Rows)]);
        }
        foreach (var block in model.Blocks) singles.AddRange(Download(device, block.Contract.Bias.View));
        float[] scale = Download(device, model.OutputNorm.Weight.View), output = Download(device, model.Output.Weight.Singles);
        singles.AddRange(output.Zip(scale, (weight, gain) => weight * gain));
        singles.AddRange(Ends(device, model.Output, model.OutputNorm));
        return singles;
    }

    /// <summary>
    /// Of each row of a layer behind a LayerNorm, the bias plus what the norm's shift adds, and the sum of the weights times its scale; in double
    /// precision.
    /// </summary>
    private static IEnumerable<float> Ends(ComputeDevice device, DeciderLinear layer, DeciderNorm norm)
    {
        float[] weight = Download(device, layer.Weight.Singles), bias = Download(device, layer.Bias.View);
        float[] shift = Download(device, norm.Bias.View), scale = Download(device, norm.Weight.View);
        for (var row = 0; row < bias.Length; row++)
        {
            var (shifted, sum) = ((double)bias[row], 0.0);
            for (var i = 0; i < shift.Length; i++)
            {
                var element = (double)weight[(row * shift.Length) + i];
                shifted += element * shift[i];
                sum += element * scale[i];
            }
            yield return (float)shifted;
            yield return (float)sum;
        }
    }

    private static float[] Download(ComputeDevice device, Floats view)
    {
        var values = new float[view.Length];
        device.Download(view, values);
        return values;
    }
}
