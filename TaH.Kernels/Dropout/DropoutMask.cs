namespace TaH.Kernels;

/// <summary>What decides about every element: the element's place alone, not how work is shared.</summary>
/// <param name="Length">Elements.</param>
/// <param name="Threshold">An element whose random word is below it becomes 0.</param>
/// <param name="Scale">What the others are multiplied with.</param>
/// <param name="Key">Whose numbers they are.</param>
internal readonly record struct DropoutMask(long Length, uint Threshold, float Scale, DropoutKey Key)
{
    /// <summary>Lanes of a tile; a tile has as many elements for each of the four words of a lane, so that neighbours read neighbours.</summary>
    public const int Lanes = 32;

    /// <summary>Elements of a tile.</summary>
    public const int Tile = 4 * Lanes;

    /// <summary>Tiles, the last one perhaps not full.</summary>
    public long Tiles => (Length + Tile - 1) / Tile;

    /// <summary>The words of a lane; lanes are numbered through all tiles.</summary>
    public PhiloxWords Words(long lane) =>
        Philox.Of(new PhiloxWords((uint)lane, (uint)(lane >> 32), Key.Stream, Key.Step), (uint)Key.Seed, (uint)(Key.Seed >> 32));

    /// <summary>The lane's first element; the other three follow <see cref="Lanes"/> apart.</summary>
    public static long First(long lane) => (lane / Lanes * Tile) + (lane % Lanes);

    /// <summary>The element after its word has decided.</summary>
    public float Apply(float value, uint word) => word < Threshold ? 0f : value * Scale;
}
