namespace TaH.Kernels;

/// <summary>What becomes of the sums of a tile.</summary>
internal interface IBatchStore
{
    /// <summary>What is known of a token before its sums are there, for <see cref="Store"/>.</summary>
    int NoteOf(BatchProductTask task, int token);

    /// <summary>What a thread sends for before the sums are there.</summary>
    BatchAhead Ahead(BatchProductTask task, int place);

    /// <summary>Hands over the sums of the group's share of the tokens.</summary>
    /// <param name="task">The launch.</param>
    /// <param name="share">Where they are.</param>
    /// <param name="ahead">What the thread has sent for.</param>
    void Store(BatchProductTask task, BatchShare share, BatchAhead ahead);
}

/// <summary>What a thread of <see cref="IBatchStore.Store"/> needs besides sums.</summary>
/// <param name="Row">Of its weight rows: a gain or a bias.</param>
/// <param name="Before">What stands where the sums of its first token go.</param>
internal readonly record struct BatchAhead(Quad Row, Quad Before);

/// <summary>The tokens whose sums a group hands over.</summary>
/// <param name="Sums">Where the sums of the launch's first token would be.</param>
/// <param name="First">The group's first token.</param>
/// <param name="End">Behind its last.</param>
/// <param name="Pitch">Bytes from a token to the next.</param>
/// <param name="Parts">Groups of the cluster that have a part of each sum at that place; 1 if the group itself has all of it.</param>
/// <param name="Scales">[tokens] what sums are multiplied with.</param>
/// <param name="Notes">[tokens] what <see cref="IBatchStore.NoteOf"/> said.</param>
internal readonly record struct BatchShare(uint Sums, int First, int End, int Pitch, int Parts, Floats Scales, Ints Notes)
{
    /// <summary>The sums of four neighbouring weight rows of the tile.</summary>
    /// <param name="token">One of the group's tokens.</param>
    /// <param name="row">The first row: a multiple of 4.</param>
    public Quad Of(int token, int row)
    {
        var at = Sums + (uint)(token * Pitch) + (uint)(row * sizeof(float));
        return (Parts == 1 ? PtxInstructions.LoadSharedQuad(at) : BatchGathering.Sum(at, Parts)).Scaled(Scales[token]);
    }
}
