namespace TaH.Engine;

/// <summary>
/// Operands that products read for a moment, one for each width and use, all with room for the most rows so far. Two of one width that are needed at a
/// time have different uses.
/// </summary>
/// <param name="products">What reads them.</param>
internal sealed class OperandRoom(TrainingProducts products) : IDisposable
{
    private readonly Dictionary<(int Columns, int Use), ProductOperand> _operands = [];
    private int _capacity;

    /// <summary>Rows as an operand, until the same width and use are asked for again.</summary>
    /// <param name="source">[rows, columns].</param>
    /// <param name="columns">Elements of a row.</param>
    /// <param name="rows">How many.</param>
    /// <param name="use">Tells operands of one width apart.</param>
    public ProductOperand Read(Floats source, int columns, int rows, int use = 0)
    {
        if (rows > _capacity)
        {
            products.Device.Synchronize(); // launched products may still read the old operands
            Dispose();
            _capacity = rows;
        }
        if (!_operands.TryGetValue((columns, use), out var operand)) _operands[(columns, use)] = operand = products.Allocate(_capacity, columns);
        products.Read(operand, source, rows);
        return operand;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var operand in _operands.Values) operand.Dispose();
        _operands.Clear();
    }
}
