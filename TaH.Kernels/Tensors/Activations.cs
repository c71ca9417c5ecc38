namespace TaH.Kernels;

/// <summary>
/// What one operation hands to the next, [rows, width]. The operation that fills it chooses f32, or bf16 where the weight that reads it is bf16, too;
/// the one that reads it finds the choice in <see cref="Type"/>.
/// </summary>
public sealed class Activations : IDisposable
{
    private readonly FloatBuffer _buffer;

    /// <summary>Allocates room for either type; the values are undefined.</summary>
    /// <param name="device">Where it lives.</param>
    /// <param name="rows">Rows of the largest pass.</param>
    /// <param name="width">Elements of a row.</param>
    /// <param name="reader">How the weight that reads it is stored.</param>
    public Activations(ComputeDevice device, int rows, int width, ElementType reader)
    {
        (Rows, Width, Reader) = (rows, width, reader);
        _buffer = device.AllocateFloats((long)rows * width);
    }

    /// <summary>Rows of the largest pass.</summary>
    public int Rows { get; }

    /// <summary>Elements of a row.</summary>
    public int Width { get; }

    /// <summary>How the weight that reads it is stored: with <see cref="ElementType.Bf16"/> it may be filled as bf16.</summary>
    public ElementType Reader { get; }

    /// <summary>What it was filled as last: f32 or bf16.</summary>
    public ElementType Type { get; private set; } = ElementType.F32;

    /// <summary>[rows, width], to read.</summary>
    /// <exception cref="InvalidOperationException">It was filled as bf16.</exception>
    public Floats Singles => Type == ElementType.F32 ? _buffer.View.BaseView : throw Filled();

    /// <summary>[rows, width] of bf16, to read.</summary>
    /// <exception cref="InvalidOperationException">It was filled as f32.</exception>
    internal Halves Bfloat16 => Type == ElementType.Bf16 ? AsHalves : throw Filled();

    private Halves AsHalves => new(_buffer, 0, (long)Rows * Width);

    /// <summary>[rows, width], to be filled as f32 from now on.</summary>
    public Floats FillSingles()
    {
        Type = ElementType.F32;
        return Singles;
    }

    /// <summary>[rows, width], to be filled as bf16 from now on.</summary>
    /// <exception cref="InvalidOperationException">The weight that reads it is not bf16.</exception>
    internal Halves FillBfloat16()
    {
        if (Reader != ElementType.Bf16) throw new InvalidOperationException($"activations that weights of type {Reader} read are f32");
        Type = ElementType.Bf16;
        return AsHalves;
    }

    /// <summary>As <see cref="FillSingles"/>, or <see cref="FillBfloat16"/> where narrow, for a kernel that writes either type.</summary>
    /// <returns>The memory itself: where it begins and how much there is. Its values are floats only if not narrow.</returns>
    internal Floats MemoryToFill(bool narrow)
    {
        if (narrow) FillBfloat16();
        else FillSingles();
        return _buffer.View.BaseView;
    }

    /// <inheritdoc/>
    public void Dispose() => _buffer.Dispose();

    private InvalidOperationException Filled() => new($"these activations were filled as {Type}");
}
