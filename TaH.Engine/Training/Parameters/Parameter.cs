namespace TaH.Engine;

/// <summary>A tensor that training changes, or reads: its name and where it lies in its <see cref="ParameterGroup"/>.</summary>
/// <param name="Name">In the layout that it is saved in.</param>
/// <param name="Shape">[rows, columns], [width], or none for a scalar.</param>
/// <param name="Decays">Whether weight decay applies: to matrices, not to norms and biases, as in the official trainer.</param>
/// <param name="Start">Elements of the group in front of its first one.</param>
internal sealed record Parameter(string Name, int[] Shape, bool Decays, long Start)
{
    /// <summary>Elements.</summary>
    public long Length => Shape.Aggregate(1L, (product, size) => product * size);
}

/// <summary>A tensor that a <see cref="ParameterGroup"/> shall hold.</summary>
/// <param name="Name">In the layout that it is saved in.</param>
/// <param name="Shape">Its sizes.</param>
internal sealed record ParameterSpec(string Name, int[] Shape)
{
    /// <summary>Matrices decay; norms and biases, which have one size, do not.</summary>
    public bool Decays => Shape.Length > 1;
}
