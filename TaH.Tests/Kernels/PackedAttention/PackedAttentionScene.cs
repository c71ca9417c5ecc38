using ILGPU.Runtime;

namespace TaH.Tests;

/// <summary>A pass over packed sequences with random operands on a device, and what the reference makes of them.</summary>
internal sealed class PackedAttentionScene : IDisposable
{
    private readonly Lazy<PackedAttentionReference> _reference;
    private readonly float[] _dk;
    private readonly float[] _dv;

    /// <param name="device">Where it runs.</param>
    /// <param name="layout">Which rows there are and what they see.</param>
    /// <param name="heads">(heads, kvHeads, headDim).</param>
    public PackedAttentionScene(ComputeDevice device, PackedLayout layout, (int Heads, int KvHeads, int HeadDim) heads)
    {
        Ranges = new AttentionRanges(device, layout.Passes, layout.Visible);
        Shape = Ranges.ShapeOf(heads.Heads, heads.KvHeads, heads.HeadDim);
        _reference = new Lazy<PackedAttentionReference>(() => new PackedAttentionReference(layout.Mask(), Shape));
        Q = RandomData.Uniform(seed: 1, (int)Shape.QueryLength, scale: 2f);
        K = RandomData.Uniform(seed: 2, (int)Shape.EntryLength, scale: 2f);
        V = RandomData.Uniform(seed: 3, (int)Shape.EntryLength);
        DMixed = RandomData.Uniform(seed: 4, (int)Shape.QueryLength);
        _dk = RandomData.Uniform(seed: 5, (int)Shape.EntryLength);
        _dv = RandomData.Uniform(seed: 6, (int)Shape.EntryLength);
        (QueryView, KeyView, ValueView, GradientView) = (device.Copy(Q), device.Copy(K), device.Copy(V), device.Copy(DMixed));
        (DkView, DvView) = (device.Copy(_dk), device.Copy(_dv));
        Mixed = new Poisoned(device, Q.Length);
        LogSums = new Poisoned(device, Shape.Rows * Shape.Heads);
        Dq = new Poisoned(device, Q.Length);
    }

    public AttentionRanges Ranges { get; }

    public PackedAttentionShape Shape { get; }

    public PackedAttentionReference Reference => _reference.Value;

    public float[] Q { get; }

    public float[] K { get; }

    public float[] V { get; }

    public float[] DMixed { get; }

    public FloatBuffer QueryView { get; }

    public FloatBuffer KeyView { get; }

    public FloatBuffer ValueView { get; }

    public FloatBuffer GradientView { get; }

    public FloatBuffer DkView { get; }

    public FloatBuffer DvView { get; }

    public Poisoned Mixed { get; }

    public Poisoned LogSums { get; }

    public Poisoned Dq { get; }

    /// <summary>Runs the forward.</summary>
    public void Forward(PackedAttention attention) =>
        attention.Run(QueryView.View, KeyView.View, ValueView.View, Ranges, Mixed.View, LogSums.View, Shape);

    /// <summary>Runs the backward, on what the forward left.</summary>
    public void Backward(PackedAttentionBackward backward) => backward.Run(
        QueryView.View, KeyView.View, ValueView.View, Mixed.View, LogSums.View, GradientView.View, Ranges, Dq.View, DkView.View, DvView.View, Shape);

    /// <summary>The gradient that was added to dk.</summary>
    public float[] ReadDk() => Added(DkView, _dk);

    /// <summary>The gradient that was added to dv.</summary>
    public float[] ReadDv() => Added(DvView, _dv);

    /// <summary>Makes outputs as they were.</summary>
    public void Reset()
    {
        Mixed.Poison();
        LogSums.Poison();
        Dq.Poison();
        DkView.View.BaseView.SubView(0, _dk.Length).CopyFromCPU(_dk);
        DvView.View.BaseView.SubView(0, _dv.Length).CopyFromCPU(_dv);
    }

    public void Dispose()
    {
        foreach (var buffer in (FloatBuffer[])[QueryView, KeyView, ValueView, GradientView, DkView, DvView]) buffer.Dispose();
        foreach (var output in (Poisoned[])[Mixed, LogSums, Dq]) output.Dispose();
        Ranges.Dispose();
    }

    private static float[] Added(FloatBuffer buffer, float[] before)
    {
        var all = buffer.GetAsArray1D();
        return [.. before.Select((value, i) => all[i] - value)];
    }
}

/// <summary>Rows of all depths and which depths are seen.</summary>
internal sealed record PackedLayout(PackedPlace[][] Passes, bool[]? Visible = null)
{
    /// <summary>Sequences of some lengths; each deeper pass keeps a share of the rows of the one before.</summary>
    public static PackedLayout Of(int[] lengths, int depths, double share = 0.3, bool[]? visible = null)
    {
        var random = new Random(7);
        var passes = new PackedPlace[depths][];
        passes[0] = [.. lengths.SelectMany((length, sequence) => Enumerable.Range(0, length).Select(at => new PackedPlace(3 * sequence, at)))];
        for (var depth = 1; depth < depths; depth++) passes[depth] = [.. passes[depth - 1].Where(_ => random.NextDouble() < share)];
        return new PackedLayout(passes, visible);
    }

    /// <summary>[rows, entries]: of each row and entry whether one sees the other, by the definition.</summary>
    public bool[][] Mask()
    {
        var entries = Passes.SelectMany((pass, depth) => pass.Select(place => (Place: place, Depth: depth))).ToArray();
        return
        [
            .. Passes[^1].Select(row => entries.Select(entry =>
                (Visible is null || Visible[entry.Depth]) && entry.Place.Sequence == row.Sequence && entry.Place.Position <= row.Position).ToArray()),
        ];
    }
}
