namespace TaH.Kernels;

/// <summary>A matrix that products multiply with in both directions: as it lies for the forward pass, turned over for the backward pass.</summary>
public sealed class ProductWeight : IDisposable
{
    internal ProductWeight(WeightMatrix straight, WeightMatrix? turned) => (Straight, Turned) = (straight, turned);

    /// <summary>[outputs, inputs].</summary>
    public WeightMatrix Straight { get; }

    /// <summary>[inputs, outputs]; null where no gradient passes through.</summary>
    internal WeightMatrix? Turned { get; }

    /// <summary>Elements of a row of the product's input.</summary>
    public int Inputs => Straight.Columns;

    /// <summary>Elements of a row of the product.</summary>
    public int Outputs => Straight.Rows;

    /// <inheritdoc/>
    public void Dispose()
    {
        Straight.Dispose();
        Turned?.Dispose();
    }
}
