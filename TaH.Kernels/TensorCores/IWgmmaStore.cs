namespace TaH.Kernels;

/// <summary>What becomes of a tile's sums.</summary>
internal interface IWgmmaStore
{
    /// <summary>Whether the tile holds two weights side by side, of which the first gates the second.</summary>
    bool Gated { get; }

    /// <summary>Bytes of shared memory that it needs for itself.</summary>
    int SharedBytes { get; }

    /// <summary>Columns of y that a tile of so many sums a row makes.</summary>
    int ColumnsOfY(int columns);

    /// <summary>Writes the tile; rows and columns outside y are dropped.</summary>
    /// <param name="task">The launch.</param>
    /// <param name="place">Where in y.</param>
    /// <param name="scratch">Its own shared memory, at a multiple of 16.</param>
    void Store<TTile>(TensorProductTask task, WgmmaPlace place, uint scratch) where TTile : struct, IWgmmaTile;
}
