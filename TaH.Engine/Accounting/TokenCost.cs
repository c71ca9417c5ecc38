namespace TaH.Engine;

/// <summary>
/// What a pass costs at the least: every weight that it needs is read once for all its rows, every entry of the grid that a row sees is read once,
/// its own entries are written. Activations and logits are left out: they are small beside the weights, and a good kernel keeps them on the chip.
/// </summary>
internal sealed class TokenCost
{
    private readonly ModelShape _shape;
    private readonly long _entryBytes;
    private readonly int _softTopK;
    private readonly Cost _layers; // bytes once a pass, operations once a row
    private readonly Cost _head;
    private readonly Cost _lora;
    private readonly Cost _decider;
    private readonly long _embeddingRowBytes;

    /// <summary>Adds up a model's weights.</summary>
    /// <param name="weights">The model.</param>
    /// <param name="softTopK">Logits that the soft embedding mixes.</param>
    /// <param name="kv">How keys and values are stored.</param>
    public TokenCost(ModelWeights weights, int softTopK, KvShape kv)
    {
        (_shape, _softTopK, _entryBytes) = (weights.Shape, softTopK, kv.EntryBytes);
        foreach (var layer in weights.Layers)
        {
            foreach (var norm in new[] { layer.AttentionNorm, layer.QueryNorm, layer.KeyNorm, layer.FfnNorm }) _layers += Read(norm);
            foreach (var projection in new[] { layer.Query, layer.Key, layer.Value, layer.Output, layer.Gate, layer.Up, layer.Down })
            {
                _layers += Product(projection.Weight);
                if (projection.Lora is { } lora) _lora += Product(lora.A) + Product(lora.B);
            }
        }
        _layers += Read(weights.Head.Norm);
        _head = Product(weights.Head.Head);
        _embeddingRowBytes = weights.Embedding.ByteCount / weights.Embedding.Rows;
        if (weights.Decider is { } decider) _decider = Of(decider);
    }

    /// <summary>Bytes of weights that a pass of depth-0 rows reads, head included: what bounds decoding one stream.</summary>
    public long WeightBytes => _layers.Bytes + _head.Bytes;

    /// <summary>The cost of a pass.</summary>
    public Cost Of(PassRows rows)
    {
        if (rows.Count == 0) return default;
        var bytes = _layers.Bytes + Once(_head, rows.Heads) + Once(_lora, rows.Deep) + Once(_decider, rows.Decided)
            + (_embeddingRowBytes * (rows.Shallow + ((long)rows.Deep * _softTopK)))
            + (_entryBytes * (rows.Entries + rows.Count));
        // Each entry that a row attends to: a product with the query and one into the mix, in every head of every layer.
        var attention = 4L * _shape.Layers * _shape.Heads * _shape.HeadDim * rows.Attended;
        var flops = (_layers.Flops * rows.Count) + (_head.Flops * rows.Heads) + (_lora.Flops * rows.Deep) + (_decider.Flops * rows.Decided)
            + attention + (2L * _softTopK * _shape.Hidden * rows.Deep);
        return new Cost(bytes, flops);
    }

    private static long Once(Cost part, int rows) => rows > 0 ? part.Bytes : 0;

    private static Cost Product(WeightMatrix weight) => new(weight.ByteCount, 2 * weight.Length);

    private static Cost Read(FloatBuffer vector) => new(vector.LengthInBytes, 0);

    private static Cost Of(DeciderModel decider)
    {
        var cost = Norm(decider.OutputNorm)
            + Linear(decider.LogitsProjection) + Linear(decider.Combined) + Linear(decider.Input) + Linear(decider.Output);
        if (decider.HiddenNorm is { } norm) cost += Norm(norm);
        foreach (var block in decider.Blocks)
        {
            cost += Norm(block.Norm) + Linear(block.Expand) + Linear(block.Contract);
            if (block.DimChange is { } change) cost += Linear(change);
        }
        return cost;
    }

    private static Cost Linear(DeciderLinear linear) => Product(linear.Weight) + Read(linear.Bias);

    private static Cost Norm(DeciderNorm norm) => Read(norm.Weight) + Read(norm.Bias);
}
