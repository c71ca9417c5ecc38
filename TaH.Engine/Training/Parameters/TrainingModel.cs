namespace TaH.Engine;

/// <summary>
/// A model's parameters in the form that training takes: f32 masters in groups, their gradients, and what products read of them.
/// </summary>
internal sealed class TrainingModel : IDisposable
{
    private readonly TrainingProducts _products;
    private readonly TrainingProducts _singleProducts;
    private readonly List<ProductWeight> _weights = [];
    private readonly List<(TrainingProducts Products, ProductWeight Weight)> _deciderWeights = [];
    private int _updates;

    /// <summary>Allocates the parameters of a model; see <see cref="ParameterInitialiser"/> for their values.</summary>
    /// <param name="operations">The device's operations.</param>
    /// <param name="model">What the model is.</param>
    /// <param name="trained">What has gradients.</param>
    public TrainingModel(TrainingOperations operations, ModelDescription model, TrainedParts trained)
    {
        (_products, _singleProducts, Description, Shape, Trained) = (operations.Products, operations.SingleProducts, model, model.Shape, trained);
        var precision = operations.Precision;
        ParameterGroup Group(IEnumerable<ParameterSpec> specs, TrainedParts part) => new(operations.Device, specs, trained.HasFlag(part), precision);
        Backbone = Group(TrainingTensors.OfBackbone(model.Config), TrainedParts.Backbone);
        Lora = Group(model.Lora is { } lora ? TrainingTensors.OfLora(model.Config, lora) : [], TrainedParts.Lora);
        Decider = Group(model.Decider is { } decider ? TrainingTensors.OfDecider(decider) : [], TrainedParts.Decider);
        Embedding = Matrix(Backbone, Qwen3Tensors.Embedding);
        Layers = [.. Enumerable.Range(0, model.Config.LayerCount).Select(Layer)];
        FinalNorm = Vector(Backbone, Qwen3Tensors.FinalNorm);
        Head = model.Config.TieWordEmbeddings ? Embedding : Matrix(Backbone, Qwen3Tensors.Head);
        if (model.Decider is { } config) DeciderNet = new TrainedDecider(this, config);
    }

    /// <summary>What the model is.</summary>
    public ModelDescription Description { get; }

    /// <summary>Its sizes.</summary>
    public ModelShape Shape { get; }

    /// <summary>What has gradients.</summary>
    public TrainedParts Trained { get; }

    /// <summary>Embedding, layers, norms and head.</summary>
    public ParameterGroup Backbone { get; }

    /// <summary>The updates of deeper passes; empty for a plain model.</summary>
    public ParameterGroup Lora { get; }

    /// <summary>The decider; empty for a model without one.</summary>
    public ParameterGroup Decider { get; }

    /// <summary>The groups that have gradients.</summary>
    public IEnumerable<ParameterGroup> TrainedGroups => new[] { Backbone, Lora, Decider }.Where(group => group is { IsTrained: true, Length: > 0 });

    /// <summary>[vocab, hidden].</summary>
    public TrainedMatrix Embedding { get; }

    /// <summary>The decoder layers.</summary>
    public IReadOnlyList<TrainedLayer> Layers { get; }

    /// <summary>[hidden], before the head.</summary>
    public TrainedVector FinalNorm { get; }

    /// <summary>[vocab, hidden]: the embedding itself where it is tied.</summary>
    public TrainedMatrix Head { get; }

    /// <summary>The decider's network; null for a model without one.</summary>
    public TrainedDecider? DeciderNet { get; }

    /// <summary>Elements of all parameters.</summary>
    public long ParameterCount =>
        new[] { Backbone, Lora, Decider }.Sum(group => group.Parameters.Sum(parameter => parameter.Length));

    /// <summary>After parameters have changed: what products read of them follows.</summary>
    /// <param name="parts">Those that have changed.</param>
    /// <param name="isNarrowed">Whether who changed them rounded them for products, too.</param>
    public void Refresh(TrainedParts parts, bool isNarrowed = false)
    {
        foreach (var (group, part) in new[] { (Backbone, TrainedParts.Backbone), (Lora, TrainedParts.Lora), (Decider, TrainedParts.Decider) })
            if (parts.HasFlag(part) && group.Length > 0 && !isNarrowed) _products.NarrowAll(group.Values, group.Narrowed);
        if ((parts & (TrainedParts.Backbone | TrainedParts.Lora)) != 0)
            foreach (var weight in _weights) _products.Refresh(weight);
        if (parts.HasFlag(TrainedParts.Decider))
            foreach (var (products, weight) in _deciderWeights) products.Refresh(weight);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var owned in _weights.Concat(_deciderWeights.Select(decider => decider.Weight))) owned.Dispose();
        foreach (var owned in new[] { Backbone, Lora, Decider }) owned.Dispose();
    }

    private TrainedLayer Layer(int layer)
    {
        var prefix = Qwen3Tensors.Layer(layer);
        TrainedProjection Project(string name)
        {
            var (block, _) = Qwen3Tensors.Projections.First(known => known.Name == name);
            return new TrainedProjection(Matrix(Backbone, $"{prefix}.{block}.{name}.weight"), Update($"{prefix}.{block}.{name}"));
        }
        TrainedVector Norm(string name) => Vector(Backbone, $"{prefix}.{name}.weight");
        return new TrainedLayer(
            Norm("input_layernorm"), Project("q_proj"), Project("k_proj"), Project("v_proj"), Norm("self_attn.q_norm"), Norm("self_attn.k_norm"),
            Project("o_proj"), Norm("post_attention_layernorm"), Project("gate_proj"), Project("up_proj"), Project("down_proj"));
    }

    private TrainedUpdate? Update(string module)
    {
        var (a, b) = (LoraAdapter.Key(module, "A"), LoraAdapter.Key(module, "B"));
        if (!Lora.Contains(a)) return null;
        return new TrainedUpdate(Matrix(Lora, a), Matrix(Lora, b), (float)Description.Lora!.Scale, _updates++);
    }

    /// <summary>A matrix of the decider, whose sizes need not suit tensor cores: those that do not are multiplied in f32.</summary>
    internal TrainedMatrix DeciderMatrix(string name)
    {
        var products = _products.Takes(Decider[name].Shape[0], Decider[name].Shape[1]) ? _products : _singleProducts;
        var matrix = products.CopiesOperands ? Decider.Matrix(name) : Decider.Masters(name);
        var weight = products.Weight(matrix, Trained.HasFlag(TrainedParts.Decider));
        _deciderWeights.Add((products, weight));
        return new TrainedMatrix(weight, Decider.GradientOf(name));
    }

    private TrainedMatrix Matrix(ParameterGroup group, string name)
    {
        var weight = _products.Weight(group.Matrix(name), Trained.HasFlag(TrainedParts.Backbone) || Trained.HasFlag(TrainedParts.Lora));
        _weights.Add(weight);
        return new TrainedMatrix(weight, group.GradientOf(name));
    }

    /// <summary>A vector of a group.</summary>
    internal TrainedVector Vector(ParameterGroup group, string name) => new(group.ValuesOf(name), group.GradientOf(name));
}
