namespace TaH.Engine;

/// <summary>What the backward pass of a layer reads of its forward pass.</summary>
internal sealed class LayerActivations : IDisposable
{
    private readonly List<IDisposable> _owned = [];

    /// <summary>Allocates room.</summary>
    /// <param name="products">What reads the operands.</param>
    /// <param name="shape">The model's sizes.</param>
    /// <param name="rows">The most rows.</param>
    /// <param name="shared">
    /// Where the f32 form of operands goes if nobody reads it again; null if they have it for themselves, because products read it in place or dropout
    /// starts from it.
    /// </param>
    public LayerActivations(TrainingProducts products, ModelShape shape, int rows, SharedSources? shared)
    {
        Floats Floats(long width) => Own(products.Device.AllocateFloats(rows * width)).View.BaseView;
        ProductOperand Operand(int width) => Own(products.Allocate(rows, width));
        int queries = shape.Heads * shape.HeadDim, keys = shape.KvHeads * shape.HeadDim;
        X = Floats(shape.Hidden);
        Normed = shared?.Normed ?? Floats(shape.Hidden);
        NormedOperand = Operand(shape.Hidden);
        RawQuery = Floats(queries);
        RawKey = Floats(keys);
        Query = Floats(queries);
        Mixed = Floats(queries);
        MixedOperand = Operand(queries);
        LogSums = Floats(shape.Heads);
        Middle = Floats(shape.Hidden);
        MiddleNormed = shared?.MiddleNormed ?? Floats(shape.Hidden);
        MiddleNormedOperand = Operand(shape.Hidden);
        Gate = Floats(shape.Ffn);
        Up = Floats(shape.Ffn);
        Activated = shared?.Activated ?? Floats(shape.Ffn);
        ActivatedOperand = Operand(shape.Ffn);
    }

    /// <summary>[rows, hidden], the layer's input.</summary>
    public Floats X { get; }

    /// <summary>[rows, hidden] behind the first norm.</summary>
    public Floats Normed { get; }

    /// <summary>The same, for products.</summary>
    public ProductOperand NormedOperand { get; }

    /// <summary>[rows, heads, headDim] before norm and rotation.</summary>
    public Floats RawQuery { get; }

    /// <summary>[rows, kvHeads, headDim] before norm and rotation.</summary>
    public Floats RawKey { get; }

    /// <summary>[rows, heads, headDim].</summary>
    public Floats Query { get; }

    /// <summary>[rows, heads, headDim] that attention made.</summary>
    public Floats Mixed { get; }

    /// <summary>The same, for products.</summary>
    public ProductOperand MixedOperand { get; }

    /// <summary>[rows, heads], the logarithms of attention's sums.</summary>
    public Floats LogSums { get; }

    /// <summary>[rows, hidden] between attention and the feed-forward part.</summary>
    public Floats Middle { get; }

    /// <summary>[rows, hidden] behind the second norm.</summary>
    public Floats MiddleNormed { get; }

    /// <summary>The same, for products.</summary>
    public ProductOperand MiddleNormedOperand { get; }

    /// <summary>[rows, ffn].</summary>
    public Floats Gate { get; }

    /// <summary>[rows, ffn].</summary>
    public Floats Up { get; }

    /// <summary>[rows, ffn], silu(gate) * up.</summary>
    public Floats Activated { get; }

    /// <summary>The same, for products.</summary>
    public ProductOperand ActivatedOperand { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var owned in _owned) owned.Dispose();
    }

    private T Own<T>(T resource) where T : IDisposable
    {
        _owned.Add(resource);
        return resource;
    }
}

/// <summary>The f32 form of operands that products copy at once: one for all layers.</summary>
/// <param name="Normed">[rows, hidden].</param>
/// <param name="MiddleNormed">[rows, hidden].</param>
/// <param name="Activated">[rows, ffn].</param>
internal sealed record SharedSources(Floats Normed, Floats MiddleNormed, Floats Activated);
