namespace TaH.Engine;

/// <summary>What a policy takes for each token of the text, prompts included: computed from the model's sizes and the passes that were run.</summary>
/// <param name="Flops">Multiplications and additions.</param>
/// <param name="Bytes">Bytes that answering one request reads and writes at the least, weights and entries in bf16.</param>
/// <param name="KvBytes">Memory that its keys and values take, in bf16.</param>
public sealed record PolicyCost(double Flops, double Bytes, double KvBytes);

/// <summary>Counts the rows of a policy's passes and what they attend to.</summary>
/// <param name="model">The model.</param>
/// <param name="scope">Which depths a row sees.</param>
internal sealed class PolicyCostCounter(ModelDescription model, AttentionScope scope)
{
    private const int Bf16Bytes = 2;

    private readonly ModelElements _elements = ModelElements.Of(model);
    private long _tokens, _shallow, _deep, _decided, _attended;

    /// <summary>The most passes of a token.</summary>
    public int Depths => model.Shape.Depths;

    /// <summary>Adds a batch.</summary>
    /// <param name="batch">The text.</param>
    /// <param name="iterations">[tokens]: passes of each.</param>
    public void Add(PackedBatch batch, int[] iterations)
    {
        _tokens += iterations.Length;
        foreach (var row in SeenRows.Of(batch.Positions, iterations, Depths, scope))
        {
            _attended += row.Attended;
            if (row.Depth == 0) _shallow++;
            else _deep++;
            if (row.Depth + 1 < Depths) _decided++;
        }
    }

    /// <summary>The cost of a token on average.</summary>
    public PolicyCost Result()
    {
        var config = model.Config;
        var entryBytes = (double)Bf16Bytes * 2 * config.LayerCount * config.KvHeadCount * config.HeadDim;
        var rows = _shallow + _deep;
        var products = ((_elements.Layers + _elements.Head) * (double)rows) + (_elements.Lora * (double)_deep) + (_elements.Decider * (double)_decided);
        var flops = (2 * products) + (4.0 * config.LayerCount * config.HeadCount * config.HeadDim * _attended);
        return new PolicyCost(flops / _tokens, ((Bf16Bytes * products) + (entryBytes * (_attended + rows))) / _tokens, entryBytes * rows / _tokens);
    }
}
